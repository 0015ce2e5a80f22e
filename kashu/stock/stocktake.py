"""Stocktake: compare a counted list with the system, then post the differences or drop them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, update

from kashu.core.db import Tx, plan_for_any_tenant
from kashu.core.errors import Conflict, Invalid, NotFound
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.sql import Statement
from kashu.stock.hold import hold
from kashu.stock.leave import Left
from kashu.stock.tables import CardState, StocktakeState, cards, lots, stocktakes
from kashu.stock.void import void

COUNTED_MAX: Final = 100_000
LISTED_MAX: Final = 10_000  # of each class; the counts are whole

CLASSES: Final = (
    "missing",
    "unknown",
    "elsewhere",
    "not_available",
    "duplicate",
    "unreadable",
)


class CountedWrong(Invalid):
    """A counted list is too long."""

    code = "counted_wrong"
    zh = "清点名单最多 {most} 张。请分批清点。"
    en = "A counted list has at most {most} cards. Count in parts."


class NothingCounted(Invalid):
    """A counted list names no card."""

    code = "nothing_counted"
    zh = "名单里没有认出卡密（{unreadable} 行认不出）。请一行只写一张：卡号，或卡号、空格、密码。"
    en = "No card was recognised in {unreadable} rows. Write one a row: number, then password."


class UnknownStocktake(NotFound):
    """No such stocktake."""

    code = "unknown_stocktake"
    zh = "没有盘点 {stocktake}，或者您无权查看。请核对编号。"
    en = "There is no stocktake {stocktake}, or it isn't yours. Check the number."


class StocktakeEnded(Conflict):
    """It was posted or dropped before."""

    code = "stocktake_ended"
    zh = "盘点 {stocktake} 已处理（{state}），不能重复处理。需要时请重新清点。"
    en = "The stocktake {stocktake} has ended ({state}). Count again if you need to."


class StocktakeTooFar(Conflict):
    """So much is missing that the list is likelier to be wrong than the stock."""

    code = "stocktake_too_far"
    zh = "缺少 {missing} 张，超过一次可过账的 {most} 张。请先核对名单和仓库是否选对，或分批处理。"
    en = "{missing} are missing, over the {most} that can be posted at once. Check the list first."


@dataclass(frozen=True, slots=True)
class Counted:
    """A card somebody counted: where in their list, by what it is recognised, what may be shown."""

    row: int
    blind_index: bytes
    tail: str


@dataclass(frozen=True, slots=True)
class Stocktake:
    """What a count found. `differences`: class → count, and its first 10 000 cards, masked."""

    id: UUID
    sku_id: UUID
    warehouse_id: UUID
    actor: str
    state: str
    counted_at: datetime
    posted_at: datetime | None
    matched_count: int
    differences: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StocktakeRow:
    """A count in a list. `counts`: class → how many differ so; which: stocktake()."""

    id: UUID
    sku_id: UUID
    warehouse_id: UUID
    actor: str
    state: str
    counted_at: datetime
    posted_at: datetime | None
    matched_count: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Posted:
    """What posting did: cards voided, and missing ones left alone as they moved on meanwhile."""

    voided_count: int
    left_alone_count: int


@dataclass(frozen=True, slots=True)
class _Compared:
    kind: str
    card_id: UUID | None
    tail: str
    state: str | None
    lot_id: UUID | None
    warehouse_id: UUID | None
    row: int | None


_compare = Statement(__file__, "stocktake_compare.sql", _Compared)


async def count(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    sku_id: UUID,
    warehouse_id: UUID,
    counted: Sequence[Counted],
    unreadable: Sequence[tuple[int, str]] = (),
) -> Stocktake:
    """Compare what was counted of a SKU in a warehouse with what should be there; change nothing.

    Missing: available or reserved, and not counted. Unknown: not a card of the SKU. Elsewhere: in
    another warehouse. Not available: sold, void … with its state. Duplicate: in the list twice.
    `unreadable`: rows of the list that read as no card, and why.
    Raises: NothingCounted, CountedWrong.
    """
    if not counted:
        raise NothingCounted(unreadable=len(unreadable))
    if len(counted) > COUNTED_MAX:
        raise CountedWrong(most=COUNTED_MAX)
    first: dict[bytes, Counted] = {}
    twice = [each for each in counted if first.setdefault(each.blind_index, each) is not each]
    await plan_for_any_tenant(tx)
    compared = await _compare(
        tx,
        tenant=tenant_id,
        sku=sku_id,
        warehouse=warehouse_id,
        blinds=list(first),
        rows=[each.row for each in first.values()],
        tails=[each.tail for each in first.values()],
    )
    matched = sum(row.kind == "matched" for row in compared)
    differences = _differences(compared, ((each, first[each.blind_index]) for each in twice))
    differences["unreadable"] = {
        "count": len(unreadable),
        "cards": [{"row": row, "reason": reason} for row, reason in unreadable[:LISTED_MAX]],
    }
    stocktake_id = new_id()
    counts = {kind: differences[kind]["count"] for kind in CLASSES}
    await tx.execute(
        insert(stocktakes).values(
            tenant_id=tenant_id,
            id=stocktake_id,
            sku_id=sku_id,
            warehouse_id=warehouse_id,
            actor=actor,
            matched_count=matched,
            counts=counts,
            differences=differences,
        )
    )
    await record(tx, tenant_id, actor, [Event("stock.counted", stocktake_id, counts)])
    return await stocktake(tx, tenant_id, stocktake_id)


def _differences(
    compared: Sequence[_Compared], twice: Iterable[tuple[Counted, Counted]]
) -> dict[str, Any]:
    """Sort what differs by class, without any secret."""
    counts: Counter[str] = Counter()
    listed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in compared:
        if row.kind == "matched":
            continue
        counts[row.kind] += 1
        if counts[row.kind] <= LISTED_MAX:
            shown = {
                "row": row.row,
                "card_id": row.card_id and str(row.card_id),
                "tail": row.tail,
                "state": row.state,
                "lot_id": row.lot_id and str(row.lot_id),
                "warehouse_id": row.warehouse_id and str(row.warehouse_id),
            }
            listed[row.kind].append({name: it for name, it in shown.items() if it is not None})
    for again, earlier in twice:
        counts["duplicate"] += 1
        if counts["duplicate"] <= LISTED_MAX:
            found = {"row": again.row, "first_row": earlier.row, "tail": again.tail}
            listed["duplicate"].append(found)
    return {kind: {"count": counts[kind], "cards": listed[kind]} for kind in CLASSES}


async def stocktake(tx: Tx, tenant_id: int, stocktake_id: UUID) -> Stocktake:
    """Read a stocktake. Raises: UnknownStocktake."""
    found = await tx.execute(
        select(*(stocktakes.c[name] for name in Stocktake.__dataclass_fields__)).where(
            stocktakes.c.tenant_id == tenant_id, stocktakes.c.id == stocktake_id
        )
    )
    row = found.one_or_none()
    if row is None:
        raise UnknownStocktake(stocktake=stocktake_id)
    return Stocktake(*row)


_ROW: Final = tuple(stocktakes.c[name] for name in StocktakeRow.__dataclass_fields__)


async def list_stocktakes(
    tx: Tx,
    tenant_id: int,
    *,
    sku_id: UUID | None = None,
    warehouse_id: UUID | None = None,
    state: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[StocktakeRow]:
    """The latest stocktakes first; `before` is the last id of the page that came before."""
    found = select(*_ROW).where(stocktakes.c.tenant_id == tenant_id)
    wanted = {"sku_id": sku_id, "warehouse_id": warehouse_id, "state": state}
    for name, value in wanted.items():
        if value is not None:
            found = found.where(stocktakes.c[name] == value)
    if before is not None:
        found = found.where(stocktakes.c.id < before)
    page = found.order_by(stocktakes.c.id.desc()).limit(limit)
    return [StocktakeRow(*row) for row in await tx.execute(page)]


async def post_stocktake(
    tx: Tx, tenant_id: int, actor: str, stocktake_id: UUID, *, reason: str, today: date
) -> Posted:
    """Void the cards that a count missed and that are still where they were; their cost is a loss.

    What was reserved, sold or moved since is left alone: count again.
    Locks: the SKU's level, until `tx` ends.
    Raises: UnknownStocktake, StocktakeEnded, StocktakeTooFar.
    """
    taken = await stocktake(tx, tenant_id, stocktake_id)
    missing = taken.differences["missing"]
    if missing["count"] > LISTED_MAX:
        raise StocktakeTooFar(missing=missing["count"], most=LISTED_MAX)
    await hold(tx, tenant_id, [taken.sku_id])
    await _end(tx, tenant_id, stocktake_id, StocktakeState.POSTED)
    still_there = await _still_there(
        tx, tenant_id, taken, [UUID(card["card_id"]) for card in missing["cards"]]
    )
    voided: list[Left] = []
    if still_there:
        voided = await void(tx, tenant_id, actor, card_ids=still_there, reason=reason, today=today)
    posted = Posted(len(still_there), missing["count"] - len(still_there))
    facts = {
        "voided": posted.voided_count,
        "left_alone": posted.left_alone_count,
        "reason": reason,
    }
    await record(tx, tenant_id, actor, [Event("stocktake.posted", stocktake_id, facts)])
    assert sum(left.cards for left in voided) == posted.voided_count, "held since we looked"
    return posted


async def drop_stocktake(tx: Tx, tenant_id: int, actor: str, stocktake_id: UUID) -> None:
    """Set a count aside; nothing is adjusted. Raises: UnknownStocktake, StocktakeEnded."""
    await _end(tx, tenant_id, stocktake_id, StocktakeState.DROPPED)
    await record(tx, tenant_id, actor, [Event("stocktake.dropped", stocktake_id)])


async def _end(tx: Tx, tenant_id: int, stocktake_id: UUID, state: StocktakeState) -> None:
    """Move a count on, if nobody has."""
    ended: dict[str, object] = {"state": state}
    if state is StocktakeState.POSTED:
        ended["posted_at"] = func.now()
    moved = await tx.execute(
        update(stocktakes)
        .where(stocktakes.c.tenant_id == tenant_id, stocktakes.c.id == stocktake_id)
        .where(stocktakes.c.state == StocktakeState.COUNTED)
        .values(ended)
    )
    if not moved.rowcount:
        taken = await stocktake(tx, tenant_id, stocktake_id)
        raise StocktakeEnded(stocktake=stocktake_id, state=taken.state)


async def _still_there(
    tx: Tx, tenant_id: int, taken: Stocktake, card_ids: Sequence[UUID]
) -> list[UUID]:
    """Say which of some cards are available in the warehouse that was counted. Under hold()."""
    found = await tx.execute(
        select(cards.c.id)
        .join(lots, (lots.c.tenant_id == tenant_id) & (lots.c.id == cards.c.lot_id))
        .where(cards.c.tenant_id == tenant_id, cards.c.id.in_(card_ids))
        .where(cards.c.state == CardState.AVAILABLE)
        .where(lots.c.warehouse_id == taken.warehouse_id)
    )
    return list(found.scalars())
