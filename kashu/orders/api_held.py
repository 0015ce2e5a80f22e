"""HTTP of what waits for a second person: look at it, approve it, refuse it; and the limits."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from kashu.access.actors import is_person, names_of
from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail, problems, requires, requires_one_of
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.catalog.reads import skus_by_code
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.money import format_amount, parse_price
from kashu.orders.decide import approve_held, refuse_held, take_back_held
from kashu.orders.errors_held import OrderApproverNotAPerson
from kashu.orders.held import Held, Wanted, count_held, held_by_id, held_list
from kashu.orders.intake import SETTINGS
from kashu.orders.limits import Limits, limits_of, set_limits
from kashu.orders.shapes_held import (
    AllDecided,
    Approvals,
    ApprovalsBody,
    ApprovalShown,
    Decided,
    RefusalBody,
    show_held,
)
from kashu.orders.tables import HeldKind, HeldState
from kashu.stock.kinds import BULK_MAX

# Whoever looks at orders and stock; a key of one store or customer looks at its own orders only.
_LOOK: Final = [requires(Permission.ORDERS_READ), requires(Permission.STOCK_READ)]

_AmountAbove = Annotated[str, Meta(max_length=24)]
_UnitsAbove = Annotated[int, Meta(ge=0, le=BULK_MAX * 100)]


class LimitsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Above what a second person approves: what one asks for at once; null: there is no limit."""

    order_amount: _AmountAbove | None = None
    order_units: _UnitsAbove | None = None
    refund_amount: _AmountAbove | None = None


class LimitsShown(msgspec.Struct, frozen=True):
    """The shop's limits; null: none. `changed_by`: nobody yet where null."""

    order_amount: str | None
    order_units: int | None
    refund_amount: str | None
    changed_by: str | None
    changed_at: datetime | None


@get("/v1/approvals", operation_id="listApprovals", guards=_LOOK)
async def list_approvals(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    held_state: Annotated[HeldState | None, QueryParameter(name="state")] = None,
    order_id: FromQuery[UUID | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> Approvals:
    """List orders and refunds that people asked for above a limit, the newest first."""
    wanted = Wanted(held_state, order_id)
    async with database.transaction(caller.tenant_id) as tx:
        found = await held_list(tx, caller.tenant_id, wanted, before=before, limit=limit + 1)
        total = await count_held(tx, caller.tenant_id, wanted)
        people = await _people(tx, caller, found)
    shown = [show_held(each, caller, people) for each in found[:limit]]
    return Approvals(shown, shown[-1].id if len(found) > limit else None, total)


@get(
    "/v1/approvals/{approval_id:uuid}",
    operation_id="readApproval",
    guards=_LOOK,
    responses=problems(404),
)
async def read_approval(
    approval_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ApprovalShown:
    """Read one, with what it is of."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _whole(tx, caller, await held_by_id(tx, caller.tenant_id, approval_id))


@post(
    "/v1/approvals/{approval_id:uuid}/approve",
    operation_id="approveHeld",
    guards=[requires(Permission.ORDERS_APPROVE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_approve(
    approval_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> ApprovalShown:
    """Let what somebody else asked for happen: orders are placed, money goes back, at once.

    A person does this, not a key, and never who asked for it.
    """
    held = await _approve(database, caller, keyrings, approval_id)
    async with database.transaction(caller.tenant_id) as tx:
        return await _whole(tx, caller, held)


@post(
    "/v1/approvals/approve",
    operation_id="approveAllHeld",
    guards=[requires(Permission.ORDERS_APPROVE)],
    status_code=200,
)
async def post_approve_all(
    data: JSONBody[ApprovalsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> AllDecided:
    """Let up to 50 happen, each by itself: one that can't doesn't hold up the others."""
    if not is_person(caller.actor):
        raise OrderApproverNotAPerson
    outcomes = []
    for n, approval_id in enumerate(data.ids):
        try:
            held = await _approve(database, caller, keyrings, approval_id)
            outcomes.append(Decided(approval_id, held.state, None))
        except KashuError as error:
            said = ProblemDetail(f"/ids/{n}", error.code, error.text(caller.language))
            outcomes.append(Decided(approval_id, None, said))
    return AllDecided(sum(each.problem is None for each in outcomes), outcomes)


@post(
    "/v1/approvals/{approval_id:uuid}/refuse",
    operation_id="refuseHeld",
    guards=[requires(Permission.ORDERS_APPROVE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_refuse(
    approval_id: FromPath[UUID],
    data: JSONBody[RefusalBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ApprovalShown:
    """Don't let it happen, and say why."""
    async with database.transaction(caller.tenant_id) as tx:
        held = await refuse_held(
            tx, caller.tenant_id, caller.actor, approval_id, because=data.reason
        )
        return await _whole(tx, caller, held)


@post(
    "/v1/approvals/{approval_id:uuid}/take-back",
    operation_id="takeBackHeld",
    guards=[requires_one_of(Permission.ORDERS_WRITE, Permission.ORDERS_REFUND)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_take_back(
    approval_id: FromPath[UUID],
    data: JSONBody[RefusalBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ApprovalShown:
    """Take back what oneself asked for, before anybody decided."""
    async with database.transaction(caller.tenant_id) as tx:
        held = await take_back_held(
            tx, caller.tenant_id, caller.actor, approval_id, because=data.reason
        )
        return await _whole(tx, caller, held)


@get(
    "/v1/order-limits",
    operation_id="readOrderLimits",
    guards=[requires(Permission.SETTINGS_WRITE)],
)
async def read_limits(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> LimitsShown:
    """Read above what orders and refunds by hand wait for a second person."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _limits(tx, caller, await limits_of(tx, caller.tenant_id))


@put(
    "/v1/order-limits",
    operation_id="setOrderLimits",
    guards=[requires(Permission.SETTINGS_WRITE)],
)
async def put_limits(
    data: JSONBody[LimitsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> LimitsShown:
    """Set the limits, all of them. What waits already goes on waiting."""
    wanted = Limits(_e4(data.order_amount), data.order_units, _e4(data.refund_amount))
    async with database.transaction(caller.tenant_id) as tx:
        kept = await set_limits(tx, caller.tenant_id, caller.actor, wanted)
        return await _limits(tx, caller, kept)


async def _approve(
    database: Database, caller: Caller, keyrings: Keyrings, approval_id: UUID
) -> Held:
    # Placing many orders is planned as intake plans it.
    async with database.transaction(caller.tenant_id, settings=SETTINGS) as tx:
        return await approve_held(
            tx,
            caller.tenant_id,
            caller.actor,
            approval_id,
            keyrings=keyrings,
            timezone=caller.timezone,
            at=now(),
        )


async def _whole(tx: Tx, caller: Caller, held: Held) -> ApprovalShown:
    skus = {}
    if held.kind is HeldKind.ORDERS:
        codes = {line["sku"] for order in held.wanted for line in order["lines"]}
        skus = await skus_by_code(tx, caller.tenant_id, sorted(codes))
    return show_held(held, caller, await _people(tx, caller, [held]), skus=skus)


async def _people(tx: Tx, caller: Caller, found: list[Held]) -> dict[str, str]:
    actors = {
        actor
        for each in found
        for actor in (each.asked_by, each.approved_by, each.ended_by)
        if actor is not None
    }
    return await names_of(tx, caller.tenant_id, actors)


def _e4(amount: str | None) -> int | None:
    return None if amount is None else parse_price(amount)


async def _limits(tx: Tx, caller: Caller, limits: Limits) -> LimitsShown:
    by = limits.changed_by
    names = {} if by is None else await names_of(tx, caller.tenant_id, [by])
    return LimitsShown(
        _written(limits.order_above_e4),
        limits.order_units_above,
        _written(limits.refund_above_e4),
        None if by is None else names.get(by, by),
        limits.changed_at,
    )


def _written(amount_e4: int | None) -> str | None:
    return None if amount_e4 is None else format_amount(amount_e4)


routes: Final = (
    list_approvals,
    read_approval,
    post_approve,
    post_approve_all,
    post_refuse,
    post_take_back,
    read_limits,
    put_limits,
)
