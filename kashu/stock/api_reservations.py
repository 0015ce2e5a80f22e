"""HTTP of reservations: promise cards for a time, extend it, let go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.channels.reads import store_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.naming import Code
from kashu.customers.reads import customer_by_code
from kashu.stock.names import Called, Names, names
from kashu.stock.reserve import (
    Reservation,
    extend_reservation,
    release_reservation,
    reservations_page,
    reserve,
)
from kashu.stock.shapes import Count, Moment, Reason
from kashu.stock.strategies import strategies_for
from kashu.stock.tables import ReservationState

PAGE_MAX: Final = 200


class NewReservation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many of what, until when, and for what. Store and customer choose the strategy."""

    sku: str
    quantity: Count
    until_at: Moment
    reason: Reason
    store: Code | None = None
    customer: Code | None = None


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when a promise shall stand."""

    until_at: Moment


class LettingGo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a promise ends."""

    reason: Reason


class ReservationOut(msgspec.Struct, frozen=True):
    """A reservation; `kept` cards wait for it still. `by`: who made it."""

    id: UUID
    sku: Called
    sku_id: UUID
    quantity: int
    kept: int
    reason: str
    actor: str
    by: str | None
    until_at: datetime
    state: str
    ended_at: datetime | None
    can: Sequence[str]


class ReservationPage(msgspec.Struct, frozen=True):
    """Some reservations, the newest first."""

    reservations: list[ReservationOut]
    next_before: UUID | None


class ReservationMade(msgspec.Struct, frozen=True):
    """A new reservation, to be named in an order's line."""

    id: UUID
    until_at: datetime


@get("/v1/reservations", operation_id="listReservations", guards=[requires(Permission.STOCK_READ)])
async def list_reservations(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    in_state: Annotated[ReservationState | None, QueryParameter(name="state")] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> ReservationPage:
    """List reservations, the newest first."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await reservations_page(
            tx, caller.tenant_id, state=in_state, before=before, limit=limit + 1
        )
        shown = found[:limit]
        called = await names(
            tx, caller, [row.sku_id for row in shown], [row.actor for row in shown]
        )
    more = shown[-1].id if len(found) > limit else None
    return ReservationPage([_shown(caller, row, called) for row in shown], more)


@post(
    "/v1/reservations",
    operation_id="reserveCards",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
)
async def post_reservation(
    data: JSONBody[NewReservation],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ReservationMade:
    """Promise cards until a time, those that would be given next; all of them or none."""
    at = now()
    async with database.transaction(caller.tenant_id) as tx:
        tenant_id = caller.tenant_id
        sku = await sku_by_code(tx, tenant_id, data.sku)
        store = await store_by_code(tx, tenant_id, data.store) if data.store else None
        customer = await customer_by_code(tx, tenant_id, data.customer) if data.customer else None
        whom = (sku.id, store.id if store else None, customer.id if customer else None)
        [strategy] = await strategies_for(tx, tenant_id, [whom])
        made = await reserve(
            tx,
            tenant_id,
            caller.actor,
            sku_id=sku.id,
            quantity=data.quantity,
            until_at=data.until_at,
            strategy=strategy,
            reason=data.reason,
            now=at,
            today=day_of(at, caller.timezone),
        )
    return ReservationMade(made.id, made.until_at)


@post(
    "/v1/reservations/{reservation_id:uuid}/extend",
    operation_id="extendReservation",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
    status_code=204,
)
async def post_extension(
    reservation_id: FromPath[UUID],
    data: JSONBody[Extension],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Let a promise stand until another time."""
    async with database.transaction(caller.tenant_id) as tx:
        await extend_reservation(
            tx, caller.tenant_id, caller.actor, reservation_id, until_at=data.until_at, now=now()
        )


@post(
    "/v1/reservations/{reservation_id:uuid}/release",
    operation_id="releaseReservation",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
    status_code=204,
)
async def post_release(
    reservation_id: FromPath[UUID],
    data: JSONBody[LettingGo],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """End a promise; what it keeps can be sold again."""
    async with database.transaction(caller.tenant_id) as tx:
        await release_reservation(
            tx, caller.tenant_id, caller.actor, reservation_id, because=data.reason
        )


def _shown(caller: Caller, row: Reservation, called: Names) -> ReservationOut:
    may = row.state == ReservationState.HELD and caller.may(Permission.STOCK_MOVE)
    return ReservationOut(
        id=row.id,
        sku=called.of(row.sku_id),
        sku_id=row.sku_id,
        quantity=row.quantity,
        kept=row.kept,
        reason=row.reason,
        actor=row.actor,
        by=called.by(row.actor),
        until_at=row.until_at,
        state=row.state,
        ended_at=row.ended_at,
        can=("extend", "release") if may else (),
    )


routes: Final = (list_reservations, post_reservation, post_extension, post_release)
