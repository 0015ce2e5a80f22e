"""HTTP of platforms' refunds: how far each has come, and what people do about those in trouble."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.channel import ShopRefundState
from kashu.channels.errors import UnknownShopRefund, UnknownStore
from kashu.channels.kinds import RefundStep
from kashu.channels.reads import store_by_code, stores_by_id
from kashu.channels.shop_refunds import (
    KnownRefund,
    count_shop_refunds,
    locked_refund,
    shop_refund_page,
)
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_price
from kashu.orders.held import Held
from kashu.orders.refund import WantedLine
from kashu.orders.refund_by_hand import book_refund, dismiss_refund, try_refund_again
from kashu.orders.shapes import RefundLineBody
from kashu.orders.shapes_held import Asked, asked

COUNTED_MAX: Final = 10_000  # refunds; beyond nobody counts


class ShopRefundShown(msgspec.Struct, frozen=True):
    """A refund of a platform. `line`: the platform's, empty of a whole order; `said`: a code.

    `amount` is null where the platform doesn't say how much went back.
    """

    id: UUID
    store_id: UUID
    store: str | None  # its code; told by lists
    number: str
    order_number: str
    line: str
    step: RefundStep
    said: str
    shop_state: ShopRefundState
    amount: str | None
    changed_at: datetime
    can: list[str]


class ShopRefundPage(msgspec.Struct, frozen=True):
    """Refunds, newest first; the next page begins before `next_before`, null on the last one.

    `total`: of all pages; `more`: there are more than that, and nobody counted further.
    """

    shop_refunds: list[ShopRefundShown]
    next_before: UUID | None
    total: int
    more: bool


class BookingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a refund was: lines of our order, by number, with units and what went back for them."""

    lines: Annotated[tuple[RefundLineBody, ...], msgspec.Meta(min_length=1, max_length=50)]


class DismissalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why there is nothing to book."""

    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]


_BOOKED: Final = ResponseSpec(ShopRefundShown, generate_examples=False, description="As it stands")
_WAITS: Final = ResponseSpec(
    Asked, generate_examples=False, description="It waits for another person's approval"
)


@get(
    "/v1/shop-refunds",
    operation_id="listShopRefunds",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def list_shop_refunds(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    step: FromQuery[RefundStep | None] = None,
    order_number: Annotated[str | None, QueryParameter(max_length=64)] = None,
    store: Annotated[str | None, QueryParameter(max_length=64)] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ShopRefundPage:
    """Refunds of platforms, newest first. Those in `trouble` wait for a person."""
    if caller.customer_id is not None:
        return ShopRefundPage([], None, 0, more=False)
    tenant_id, only = caller.tenant_id, caller.store_id
    async with database.transaction(tenant_id) as tx:
        if store is not None:
            wanted = await store_by_code(tx, tenant_id, store)
            if only not in {None, wanted.id}:
                raise UnknownStore(store=store)
            only = wanted.id
        found = await shop_refund_page(
            tx,
            tenant_id,
            step=step,
            order_number=order_number,
            only_store=only,
            before=before,
            limit=limit + 1,
        )
        total = await count_shop_refunds(
            tx,
            tenant_id,
            step=step,
            order_number=order_number,
            only_store=only,
            most=COUNTED_MAX + 1,
        )
        stores = await stores_by_id(tx, tenant_id, {each.store_id for each in found})
    shown = found[:limit]
    return ShopRefundPage(
        [_shown(caller, each, stores[each.store_id].code) for each in shown],
        shown[-1].id if len(found) > limit else None,
        min(total, COUNTED_MAX),
        total > COUNTED_MAX,
    )


@post(
    "/v1/shop-refunds/{refund_id:uuid}/try-again",
    operation_id="tryShopRefundAgain",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_try_again(
    refund_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ShopRefundShown:
    """Let the books follow a refund that is in trouble, once what was in its way is put right."""
    async with database.transaction(caller.tenant_id) as tx:
        await _check_own(tx, caller, refund_id)
        tried = await try_refund_again(tx, caller.tenant_id, caller.actor, refund_id)
    return _shown(caller, tried)


@post(
    "/v1/shop-refunds/{refund_id:uuid}/book",
    operation_id="bookShopRefund",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
    responses={200: _BOOKED, 202: _WAITS, **problems(404, 409)},
)
async def post_book(
    refund_id: FromPath[UUID],
    data: JSONBody[BookingBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Response[ShopRefundShown | Asked]:
    """Book a refund that is in trouble as you say it was: lines, units, and money of each.

    The amounts add up to the platform's; of a single line it may be left out. What a person books
    above the shop's limit waits for another's approval (202), which settles it.
    """
    lines = [
        WantedLine(
            line.line, line.quantity, None if line.amount is None else parse_price(line.amount)
        )
        for line in data.lines
    ]
    async with database.transaction(caller.tenant_id) as tx:
        await _check_own(tx, caller, refund_id)
        today = day_of(now(), caller.timezone)
        booked = await book_refund(tx, caller, refund_id, lines, today=today)
    if isinstance(booked, Held):
        return Response(asked(booked), status_code=202)
    return Response(_shown(caller, booked))


@post(
    "/v1/shop-refunds/{refund_id:uuid}/dismiss",
    operation_id="dismissShopRefund",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_dismiss(
    refund_id: FromPath[UUID],
    data: JSONBody[DismissalBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ShopRefundShown:
    """Say that there is nothing to book of a refund that is in trouble, and why."""
    async with database.transaction(caller.tenant_id) as tx:
        await _check_own(tx, caller, refund_id)
        dismissed = await dismiss_refund(tx, caller.tenant_id, caller.actor, refund_id, data.reason)
    return _shown(caller, dismissed)


async def _check_own(tx: Tx, caller: Caller, refund_id: UUID) -> None:
    """A key of a store has that store's refunds only, and one of a customer none of these.

    Raises: UnknownShopRefund.
    """
    told = await locked_refund(tx, caller.tenant_id, refund_id)
    if caller.customer_id is not None or caller.store_id not in {None, told.store_id}:
        raise UnknownShopRefund


def _shown(caller: Caller, told: KnownRefund, store: str | None = None) -> ShopRefundShown:
    may = caller.may(Permission.ORDERS_REFUND) and told.step is RefundStep.TROUBLE
    return ShopRefundShown(
        id=told.id,
        store_id=told.store_id,
        store=store,
        number=told.number,
        order_number=told.order_number,
        line=told.line,
        step=told.step,
        said=told.said,
        shop_state=told.state,
        amount=None if told.amount_e4 is None else format_amount(told.amount_e4),
        changed_at=told.changed_at,
        can=["try_again", "book", "dismiss"] if may else [],
    )


routes: Final = (list_shop_refunds, post_try_again, post_book, post_dismiss)
