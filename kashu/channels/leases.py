"""Leases: who delivers orders takes them for a while, and moves those that are still its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, literal, update

from kashu.channels.in_order import locked_in_order
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder, known_order
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Advance:
    """How far an order that we leased has come; what is None stays as it is."""

    leased: KnownOrder
    step: Step | None = None
    said: str | None = None
    doubt: bool | None = None
    next_at: datetime | None = None
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Moved:
    id: UUID


@dataclass(frozen=True, slots=True)
class _Leased:
    """A row of shop_orders, as known_order() reads it."""

    id: UUID
    store_id: UUID
    number: str
    step: str
    shop_state: str
    paid_at: datetime | None
    ship_by: datetime | None
    paid_e4: int
    lines: Any
    order_id: UUID | None
    attempts: int
    doubt: bool
    said: str
    next_at: datetime
    complete: bool
    sent_at: datetime | None
    released_at: datetime | None
    places: Any
    ticket: Any
    failed: str | None
    sealed_account: bytes | None = field(repr=False)
    masked_accounts: Any
    sealed_token: bytes | None = field(repr=False)


_advance_all = Statement(__file__, "leases_advance.sql", _Moved)
_take = Statement(__file__, "leases_take.sql", _Leased)


async def lease_deliveries(
    tx: Tx,
    tenant_id: int,
    at: datetime,
    lease: timedelta,
    *,
    most: int,
    besides: Collection[UUID] = (),
    asked: bool = False,
) -> list[KnownOrder]:
    """Take orders whose buyer or platform is still to be told, the most urgent first.

    `besides`: stores that have enough to do. `asked`: those that a platform asks us for, and no
    others; else none of them.

    Nobody else takes them until the lease is over; who took one moves it first, by advance_all().
    An order of many lines is many calls: its lease is as much longer.
    """
    rows = await _take(
        tx,
        tenant=tenant_id,
        at=at,
        lease=lease,
        most=most,
        besides=list(besides),
        asked=asked,
    )
    return [known_order(row) for row in rows]


async def end_leases(tx: Tx, tenant_id: int, at: datetime, *, doubtful_after: timedelta) -> None:
    """End the leases of whoever led before; those whose last call is in doubt, after a while.

    Who lost a lease writes nothing any more, and without writing first makes no call that acts. So
    only of an order in doubt a call may be under way; `doubtful_after` is longer than any is.
    Locks: the orders, in order of id.
    """
    soon = func.least(shop_orders.c.next_at, literal(at) + doubtful_after)
    leased = and_(
        shop_orders.c.ticket.is_(None),
        shop_orders.c.step.in_([Step.TAKEN, Step.SENT]),
        shop_orders.c.next_at > at,
        shop_orders.c.said == "",  # what waits says why; only what is leased doesn't
    )
    await tx.execute(
        update(shop_orders)
        .where(locked_in_order(tenant_id, leased))
        .values(next_at=case((shop_orders.c.doubt, soon), else_=at))
    )


async def advance_all(tx: Tx, tenant_id: int, advances: Sequence[Advance]) -> set[UUID]:
    """Set how far orders that we leased have come, each once; return the ids of those still ours.

    A person moved the others meanwhile, or our lease ended and another took them: they stay.
    Locks: the orders, in order of id.
    """
    moved = await _advance_all(
        tx,
        tenant=tenant_id,
        ids=[each.leased.id for each in advances],
        was_step=[each.leased.step.value for each in advances],
        was_next_at=[each.leased.next_at for each in advances],
        steps=[None if each.step is None else each.step.value for each in advances],
        said=[each.said for each in advances],
        doubts=[each.doubt for each in advances],
        next_at=[each.next_at for each in advances],
        sent_at=[each.sent_at for each in advances],
        confirmed_at=[each.confirmed_at for each in advances],
    )
    return {each.id for each in moved}
