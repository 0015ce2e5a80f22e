"""Leave: cards go out of what can be given: quarantined, void, or returned to their supplier.

Where the cost of a quarantined card is: a card comes to be quarantined once, and that move says
from where. From `available` (somebody doubted or checked it): its cost is still `inventory`, until
it is void or returned. From `allocated`, `revealed` or `redeemed` (a line gave it back): its cost
went to `after_sales_loss` with the refund, and it has none left. A shared card is quarantined from
`available` only; the uses of it that are free are inventory, those that were seen are not.
So the inventory of a warehouse is, over its lots, unit_cost x (available + reserved + quarantined
units that came from `available`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select

from kashu.core.db import Tx
from kashu.core.errors import Conflict
from kashu.core.events import Event, record
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post_each
from kashu.stock.card_moves import CARD_MOVES
from kashu.stock.errors import UnknownCards
from kashu.stock.freeze import UnknownLots
from kashu.stock.hold import hold
from kashu.stock.tables import CardState, cards, lots


class CardsElsewhere(Conflict):
    """Some cards are not in a state from which they may go there."""

    code = "cards_elsewhere"
    zh = "有 {count} 张卡当前状态不能执行此操作（只有可售或待处理的卡可以）。请刷新后重新选择。"
    en = "{count} of the cards can't go there from where they are. Refresh and choose again."


@dataclass(frozen=True, slots=True)
class Left:
    """What left one lot. `units` are cards, or free uses of shared cards.

    `in_inventory`: their cost was still inventory; else it was a loss of after-sales already.
    """

    lot_id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    unit_cost_e4: int
    currency: str
    expires_on: date | None
    in_inventory: bool
    cards: int
    units: int


_leave = Statement(__file__, "leave.sql", Left)


async def leave(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    card_ids: Sequence[UUID] = (),
    lot_ids: Sequence[UUID] = (),
    to: CardState,
    reason: str,
) -> list[Left]:
    """Move named cards, or all of named lots that may go there, out of stock; by lot.

    Named cards go all or none. The caller puts the cost where it belongs.
    Locks: the cards' SKUs, until `tx` ends.
    Raises: UnknownCards, UnknownLots, CardsElsewhere.
    """
    assert bool(card_ids) != bool(lot_ids), "either cards or lots"
    named = set(card_ids)
    from_states = sorted(state for state, to_states in CARD_MOVES.items() if to in to_states)
    from_states = [s for s in from_states if s in {CardState.AVAILABLE, CardState.QUARANTINED}]
    skus, count = await _what_to_hold(tx, tenant_id, named, set(lot_ids))
    await hold(tx, tenant_id, skus)
    if named:
        await _check_states(tx, tenant_id, named, from_states)
    left = await _leave(
        tx,
        tenant=tenant_id,
        actor=actor,
        reason=reason,
        cards=list(named),
        lots=list(lot_ids),
        skus=skus,
        from_states=from_states,
        to_state=to,
        ids=new_ids(count),
    )
    await record(tx, tenant_id, actor, _events(left, to, reason))
    return left


async def leave_for_supplier(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    card_ids: Sequence[UUID],
    lot_ids: Sequence[UUID],
    reason: str,
) -> list[Left]:
    """Move cards out of stock that go back to their supplier. As leave()."""
    return await leave(
        tx,
        tenant_id,
        actor,
        card_ids=card_ids,
        lot_ids=lot_ids,
        to=CardState.RETURNED,
        reason=reason,
    )


async def _what_to_hold(
    tx: Tx, tenant_id: int, card_ids: set[UUID], lot_ids: set[UUID]
) -> tuple[list[UUID], int]:
    """Say which SKUs the cards are of, and how many ids of moves to make beforehand."""
    if lot_ids:
        # A shared lot counts uses, up to a million of each of its cards.
        held = select(func.count()).where(
            cards.c.tenant_id == tenant_id, cards.c.lot_id == lots.c.id
        )
        count = case(
            (lots.c.shared, held.scalar_subquery()),
            else_=lots.c.available + lots.c.quarantined,
        )
        found = await tx.execute(
            select(lots.c.sku_id, count.label("cards")).where(
                lots.c.tenant_id == tenant_id, lots.c.id.in_(lot_ids)
            )
        )
        of_lots = found.all()
        if len(of_lots) < len(lot_ids):
            raise UnknownLots
        return sorted({row.sku_id for row in of_lots}), sum(row.cards for row in of_lots)
    found = await tx.execute(
        select(cards.c.sku_id, func.count().label("cards"))
        .where(cards.c.tenant_id == tenant_id, cards.c.id.in_(card_ids))
        .group_by(cards.c.sku_id)
    )
    of_cards = found.all()
    count_found = sum(row.cards for row in of_cards)
    if count_found < len(card_ids):
        raise UnknownCards(count=len(card_ids) - count_found)
    return sorted(row.sku_id for row in of_cards), count_found


async def _check_states(
    tx: Tx, tenant_id: int, card_ids: set[UUID], from_states: Sequence[CardState]
) -> None:
    elsewhere = await tx.execute(
        select(func.count())
        .select_from(cards)
        .where(cards.c.tenant_id == tenant_id, cards.c.id.in_(card_ids))
        .where(cards.c.state.not_in(from_states))
    )
    if count := elsewhere.scalar_one():
        raise CardsElsewhere(count=count)


def _events(left: Iterable[Left], to: CardState, reason: str) -> list[Event]:
    counts: dict[UUID, int] = defaultdict(int)
    for each in left:
        counts[each.lot_id] += each.cards
    facts = {"to": to.value, "reason": reason}
    return [
        Event("cards.left", lot_id, {**facts, "count": count}) for lot_id, count in counts.items()
    ]


def cost_of(left: Left, debit: Account, credit: Account, *, reason: str) -> Transfer:
    """Say what moves the cost of what left, in the currency that it is in stock at."""
    return Transfer(
        debit,
        credit,
        left.units * left.unit_cost_e4,
        left.units,
        reason,
        left.lot_id,
        sku_id=left.sku_id,
        supplier_id=left.supplier_id,
    )


async def post_cost(
    tx: Tx, tenant_id: int, moves: Iterable[tuple[str, Transfer]], *, posted_on: date
) -> None:
    """Put the cost of what left where it belongs: transfers, each with its currency."""
    by_currency: dict[str, list[Transfer]] = defaultdict(list)
    for currency, transfer in moves:
        if transfer.amount_e4:
            by_currency[currency].append(transfer)
    await post_each(tx, tenant_id, by_currency, posted_on=posted_on)


def inventory_of(left: Left) -> Account:
    """Name the account that the cost of a lot is in."""
    return Account(AccountKind.INVENTORY, left.warehouse_id)
