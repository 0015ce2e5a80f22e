"""Orders of platforms: see what is told, and keep how far each has come with us."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from kashu.channels.asking import Failure, Ticket
from kashu.channels.channel import ShopLine, ShopOrder, ShopRefundState, ShopState
from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.count_shop_orders import those
from kashu.channels.errors import UnknownShopOrder
from kashu.channels.kinds import GrantState, Mode, RefundStep, Step
from kashu.channels.tables import connections, shop_orders, shop_refunds
from kashu.core.db import Tx
from kashu.core.ids import new_id, new_ids
from kashu.core.jobs import wake
from kashu.core.sql import Statement

TOLD_OF: Final = "channels.told_of"  # called out when an order is to be read
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

REFUND_ASKED: Final = "refund_asked"  # why an order is held
PLATFORM_HOLDS: Final = "platform_holds"
NUMBERS_WRONG: Final = "shop_order_wrong"
SHIPPED_ELSEWHERE: Final = "shipped_elsewhere"  # why one ended that we never took in


@dataclass(frozen=True, slots=True)
class Seen:
    """An order of which something new was told."""

    number: str
    step: str


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order of a platform as we know it."""

    id: UUID
    store_id: UUID
    number: str
    step: Step
    state: ShopState
    paid_at: datetime | None
    ship_by: datetime | None
    paid_e4: int
    lines: tuple[ShopLine, ...]
    order_id: UUID | None
    attempts: int
    doubt: bool
    said: str
    next_at: datetime  # when it is looked at again; of one that was leased, the lease's end
    complete: bool
    sent: bool = False  # the buyer has the cards
    released_at: datetime | None = None  # when a person let it go on
    places: tuple[int, ...] | None = None  # see place_of()
    ticket: Ticket | None = None  # its platform asks for the cards, and is answered by this
    failed: Failure | None = None  # what the platform is told, or was: nothing is given any more
    sealed_account: bytes | None = field(default=None, repr=False)
    masked_accounts: Mapping[str, str] = field(default_factory=dict)  # by the platform's line
    sealed_token: bytes | None = field(default=None, repr=False)

    def place_of(self, number: int) -> int:
        """Say where in `lines` our line of this number is from: several of ours are of a bundle."""
        return number - 1 if self.places is None else self.places[number - 1]


@dataclass(frozen=True, slots=True)
class _Number:
    number: str


_see = Statement(__file__, "shop_orders_see.sql", Seen)
_news = Statement(__file__, "shop_orders_news.sql", _Number)


def step_of(order: ShopOrder) -> tuple[Step, str]:
    """Say what there is to do for an order we haven't taken in, and why it must wait."""
    if not order.complete or order.state is ShopState.UNPAID:
        return Step.SEEN, ""
    if order.state is ShopState.HELD:
        return Step.HELD, PLATFORM_HOLDS
    if order.state is ShopState.PAID:
        if not _can_be(order):
            return Step.HELD, NUMBERS_WRONG
        asked = any(line.refund is ShopRefundState.ASKED for line in order.lines)
        return (Step.HELD, REFUND_ASKED) if asked else (Step.DUE, "")
    return Step.ENDED, "" if order.state is ShopState.CLOSED else SHIPPED_ELSEWHERE


def _can_be(order: ShopOrder) -> bool:
    """Whether a paid order's numbers make sense; one that doesn't mustn't hold up its batch."""
    sane = all(line.quantity > 0 and line.paid_e4 >= 0 for line in order.lines)
    adds_up = sum(line.paid_e4 for line in order.lines) == order.paid_e4
    return bool(order.lines) and sane and adds_up and order.paid_at is not None


async def see(
    tx: Tx, tenant_id: int, store_id: UUID, told: Sequence[ShopOrder], *, apart: bool = False
) -> list[Seen]:
    """Note what a platform tells; return those that it changed. Who takes orders in is woken.

    `apart`: refunds are told of elsewhere, so that an order which is over needn't be read again.

    The same thing told again changes nothing. What we have taken in keeps its lines: a platform
    that changes them afterwards is met when the order is delivered. Nothing a buyer typed is kept.
    Locks: the orders of which there may be news.
    """
    latest: dict[str, ShopOrder] = {}
    for order in told:
        before = latest.get(order.order_id)
        if before is None or order.changed_at >= before.changed_at:
            latest[order.order_id] = order
    news = await _news(
        tx,
        tenant=tenant_id,
        store=store_id,
        numbers=list(latest),
        changed=[order.changed_at for order in latest.values()],
        states=[order.state.value for order in latest.values()],
        complete=[order.complete for order in latest.values()],
    )
    numbers = sorted(each.number for each in news)
    orders = [latest[number] for number in numbers]
    if not orders:
        return []
    await orders_by_number(tx, tenant_id, store_id, numbers)  # in the order that all lock them
    steps = [step_of(order) for order in orders]
    changed = await _see(
        tx,
        tenant=tenant_id,
        store=store_id,
        ids=new_ids(len(orders)),
        numbers=numbers,
        steps=[step.value for step, _ in steps],
        said=[why for _, why in steps],
        states=[order.state.value for order in orders],
        changed=[order.changed_at for order in orders],
        paid=[order.paid_at for order in orders],
        ship_by=[order.ship_by for order in orders],
        amounts=[order.paid_e4 for order in orders],
        buyers=[storable(order.buyer) for order in orders],
        lines=[_kept(order.lines) for order in orders],
        complete=[order.complete for order in orders],
        apart=apart,
    )
    if any(each.step == Step.DUE for each in changed):
        await wake(tx, tenant_id, SHOP_ORDERS_DUE)
    return changed


def storable(told: str) -> str:
    """Leave out what no text of ours can hold."""
    return told.replace("\0", "").encode("utf-8", "replace").decode()


def _kept(lines: Sequence[ShopLine]) -> str:
    """Write down what was bought; a variant's words may hold what the buyer typed, and aren't."""
    kept = [
        replace(
            line,
            title=storable(line.title),
            merchant_code=storable(line.merchant_code),
            properties="",
        )
        for line in lines
    ]
    return msgspec.json.encode(kept).decode()


async def told_of(tx: Tx, tenant_id: int, store_id: UUID, numbers: Sequence[str]) -> None:
    """Note that something happened to some orders: they are read as soon as may be.

    One that is being delivered is read when that is over: whoever delivers reads it anyway.
    """
    if not numbers:
        return
    under_way = shop_orders.c.step.in_([Step.TAKEN, Step.SENT]) & (shop_orders.c.said == "")
    soon = case((under_way, shop_orders.c.next_at), else_=func.now())
    await orders_by_number(tx, tenant_id, store_id, numbers)  # in the order that all lock them
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "store_id": store_id,
            "number": number,
            "shop_state": ShopState.UNPAID,
            "changed_at": NEVER,
            "paid_e4": 0,
            "lines": [],
            "complete": False,
        }
        for number in sorted(set(numbers))
    ]
    await tx.execute(
        insert(shop_orders)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[
                shop_orders.c.tenant_id,
                shop_orders.c.store_id,
                shop_orders.c.number,
            ],
            set_={"complete": False, "next_at": soon},
        )
    )
    await wake(tx, tenant_id, TOLD_OF)


async def due_orders(
    tx: Tx, tenant_id: int, *, most: int, only: Collection[UUID] | None = None
) -> list[KnownOrder]:
    """Orders to be taken in or decided on, of stores that aren't stopped; locked, in order of id.

    The most urgent first where there are more than `most`. `only`: of these. None that was given
    up: its platform is told that it failed. None whose refund is to be booked first: it would keep
    others from their turn.
    """
    waits_for_refund = (
        select(shop_refunds.c.id)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.step == RefundStep.DUE)
        .where(shop_refunds.c.store_id == shop_orders.c.store_id)
        .where(shop_refunds.c.order_number == shop_orders.c.number)
        .exists()
    )
    wanted = (
        select(shop_orders.c.id)
        .join(connections, linked(tenant_id))
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.step == Step.DUE)
        .where(shop_orders.c.failed.is_(None))
        .where(connections.c.mode != Mode.STOPPED, ~waits_for_refund)
        .order_by(shop_orders.c.ship_by.asc().nulls_last(), shop_orders.c.id)
        .limit(most)
    )
    if only is not None:
        wanted = wanted.where(shop_orders.c.id.in_(only))
    ids = sorted((await tx.execute(wanted)).scalars())
    locked = await locked_orders(tx, tenant_id, ids)
    return [row for row in locked if row.step is Step.DUE and row.failed is None]


async def orders_by_number(
    tx: Tx, tenant_id: int, store_id: UUID, numbers: Sequence[str]
) -> dict[str, KnownOrder]:
    """Some orders of a store, locked in order of id; those we don't know are left out."""
    rows = await tx.execute(
        _ours(tenant_id)
        .where(shop_orders.c.store_id == store_id, shop_orders.c.number.in_(numbers))
        .order_by(shop_orders.c.id)
        .with_for_update(of=shop_orders)
    )
    return {row.number: known_order(row) for row in rows}


async def incomplete_orders(tx: Tx, tenant_id: int, at: datetime, *, most: int) -> list[KnownOrder]:
    """Orders of which only a short form was told, and which can be read now.

    Not those that are being delivered: whoever delivers one reads it first.
    """
    rows = await tx.execute(
        _ours(tenant_id)
        .join(connections, linked(tenant_id))
        .where(connections.c.grant_state == GrantState.GRANTED)
        .where(~shop_orders.c.complete, shop_orders.c.next_at <= at)
        .where(shop_orders.c.step.not_in([Step.TAKEN, Step.SENT]))
        .order_by(shop_orders.c.next_at)
        .limit(most)
    )
    return [known_order(row) for row in rows]


async def put_off_reading(
    tx: Tx, tenant_id: int, order: KnownOrder, *, next_at: datetime, said: str, hold: bool
) -> None:
    """Read an order's whole later, unless it has gone on meanwhile; `hold` it for a person."""
    step = Step.HELD if hold and order.step is Step.SEEN else order.step
    waits = order.step in {Step.SEEN, Step.HELD}
    await tx.execute(
        update(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id == order.id)
        .where(shop_orders.c.step == order.step, ~shop_orders.c.complete)
        .values(
            next_at=next_at,
            attempts=shop_orders.c.attempts + 1,
            **({"step": step, "said": said} if waits else {}),
        )
    )


async def locked_order(tx: Tx, tenant_id: int, known_id: UUID) -> KnownOrder:
    """One order, locked. Raises: UnknownShopOrder."""
    found = await locked_orders(tx, tenant_id, [known_id])
    if not found:
        raise UnknownShopOrder
    return found[0]


async def shop_order_page(
    tx: Tx,
    tenant_id: int,
    *,
    step: Step | None,
    number: str | None,
    said: str | None = None,
    only_store: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[KnownOrder]:
    """Orders, newest first: at one step, with one number, waiting for one cause, of one store."""
    wanted = select(shop_orders).where(*those(tenant_id, step, number, said, only_store))
    if before is not None:
        wanted = wanted.where(shop_orders.c.id < before)
    rows = await tx.execute(wanted.order_by(shop_orders.c.id.desc()).limit(limit))
    return [known_order(row) for row in rows]


async def move(
    tx: Tx, tenant_id: int, known_id: UUID, step: Step | None = None, **values: object
) -> None:
    """Set how far one order has come, and what else is known of it."""
    await tx.execute(
        update(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id == known_id)
        .values(**values, **({} if step is None else {"step": step}))
    )


async def locked_orders(tx: Tx, tenant_id: int, ids: Sequence[UUID]) -> list[KnownOrder]:
    """Some orders, locked in order of id; those we don't know are left out."""
    rows = await tx.execute(
        _ours(tenant_id)
        .where(shop_orders.c.id.in_(ids))
        .order_by(shop_orders.c.id)
        .with_for_update(of=shop_orders)
    )
    return [known_order(row) for row in rows]


def linked(tenant_id: int) -> ColumnElement[bool]:
    """Whether a connection is that of an order's store."""
    return (connections.c.tenant_id == tenant_id) & (
        connections.c.store_id == shop_orders.c.store_id
    )


def _ours(tenant_id: int) -> Any:  # noqa: ANN401 (a select of SQLAlchemy's)
    return select(shop_orders).where(shop_orders.c.tenant_id == tenant_id)


def known_order(row: Any) -> KnownOrder:  # noqa: ANN401 (a row of SQLAlchemy's)
    """Read a row."""
    return KnownOrder(
        row.id,
        row.store_id,
        row.number,
        Step(row.step),
        ShopState(row.shop_state),
        row.paid_at,
        row.ship_by,
        row.paid_e4,
        lines_of(row.lines),
        row.order_id,
        row.attempts,
        row.doubt,
        row.said,
        row.next_at,
        row.complete,
        row.sent_at is not None,
        row.released_at,
        None if row.places is None else tuple(row.places),
        ticket=None if row.ticket is None else msgspec.convert(row.ticket, Ticket),
        failed=None if row.failed is None else Failure(row.failed),
        sealed_account=row.sealed_account,
        masked_accounts=row.masked_accounts or {},
        sealed_token=row.sealed_token,
    )


def lines_of(stored: Sequence[Mapping[str, Any]]) -> tuple[ShopLine, ...]:
    """Read lines as they were kept."""
    return msgspec.convert(stored, tuple[ShopLine, ...])
