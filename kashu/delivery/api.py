"""HTTP of delivering: orders of platforms, how far each has come, and what people do about them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import PUBLIC, problems, requires
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside
from kashu.channels.channel import Can, PushRequest, ShopState, Signal
from kashu.channels.connections import connection_of
from kashu.channels.count_shop_orders import count_shop_orders
from kashu.channels.errors import (
    PushNotAuthentic,
    StoreNotConnected,
    UnknownStore,
)
from kashu.channels.heard import note_heard
from kashu.channels.kinds import Mode, Step
from kashu.channels.modes import modes_of
from kashu.channels.reads import store_by_code, stores_by_id
from kashu.channels.shop_orders import KnownOrder, shop_order_page, told_of
from kashu.channels.tickets import is_done_by_hand
from kashu.channels.tokens import keep_tokens
from kashu.channels.topups import wants_account
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.delivery.by_hand import hand_over, try_again
from kashu.delivery.give_up import may_give_up
from kashu.delivery.own_order import own_order
from kashu.delivery.release import is_old_ways, is_to_be_released, waits_for
from kashu.delivery.topped_up import is_to_be_topped_up

COUNTED_MAX: Final = 10_000  # orders; beyond nobody counts


class ShopOrderShown(msgspec.Struct, frozen=True):
    """An order of a platform. `said`: the code of why it waits; `order_id`: ours, once taken in.

    `accounts`: what is to be topped up, masked, by the platform's line.
    """

    id: UUID
    store_id: UUID
    store: str | None  # its code; told by lists
    number: str
    title: str  # of its first line
    lines: int
    step: Step
    said: str
    shop_state: ShopState
    paid_at: datetime | None
    ship_by: datetime | None
    paid: str
    order_id: UUID | None
    attempts: int
    mode: Mode  # how far we act for it now
    accounts: Mapping[str, str]
    can: list[str]


class ShopOrderPage(msgspec.Struct, frozen=True):
    """Orders, newest first; the next page begins before `next_before`, null on the last one.

    `total`: of all pages; `more`: there are more than that, and nobody counted further.
    """

    shop_orders: list[ShopOrderShown]
    next_before: UUID | None
    total: int
    more: bool


@get(
    "/v1/shop-orders",
    operation_id="listShopOrders",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def list_shop_orders(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    step: FromQuery[Step | None] = None,
    number: Annotated[str | None, QueryParameter(max_length=64)] = None,
    store: Annotated[str | None, QueryParameter(max_length=64)] = None,
    said: Annotated[str | None, QueryParameter(max_length=64)] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ShopOrderPage:
    """Orders of platforms, newest first.

    `held`, `unmapped`, `shadowed` and `trouble` wait for a person. Of a store that is stopped,
    `due` has no card yet, and `taken` has cards to be handed over.
    """
    async with database.transaction(caller.tenant_id) as tx:
        only = caller.store_id
        if store is not None:
            wanted = await store_by_code(tx, caller.tenant_id, store)
            if only not in {None, wanted.id}:
                raise UnknownStore(store=store)
            only = wanted.id
        found = await shop_order_page(
            tx,
            caller.tenant_id,
            step=step,
            number=number,
            said=said,
            only_store=only,
            before=before,
            limit=limit + 1,
        )
        total = await count_shop_orders(
            tx,
            caller.tenant_id,
            step=step,
            number=number,
            said=said,
            only_store=only,
            most=COUNTED_MAX + 1,
        )
        modes = await modes_of(tx, caller.tenant_id, found)
        stores = await stores_by_id(tx, caller.tenant_id, {each.store_id for each in found})
    if caller.customer_id is not None:
        found, total = [], 0
    shown = found[:limit]
    return ShopOrderPage(
        [_shown(caller, each, modes[each.id].mode, stores[each.store_id].code) for each in shown],
        shown[-1].id if len(found) > limit else None,
        min(total, COUNTED_MAX),
        total > COUNTED_MAX,
    )


@post(
    "/v1/shop-orders/{known_id:uuid}/try-again",
    operation_id="tryShopOrderAgain",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_try_again(
    known_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ShopOrderShown:
    """Let an order that is in trouble go on, once its cause is put right."""
    async with database.transaction(caller.tenant_id) as tx:
        await own_order(tx, caller, known_id)
        order = await try_again(tx, caller.tenant_id, caller.actor, known_id)
        return _shown(caller, order, (await modes_of(tx, caller.tenant_id, [order]))[order.id].mode)


@post(
    "/v1/shop-orders/{known_id:uuid}/handed-over",
    operation_id="handShopOrderOver",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_handed_over(
    known_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ShopOrderShown:
    """Say that the buyer has the cards, given by a person; the platform is told then."""
    async with database.transaction(caller.tenant_id) as tx:
        await own_order(tx, caller, known_id)
        order = await hand_over(tx, caller.tenant_id, caller.actor, known_id)
        return _shown(caller, order, (await modes_of(tx, caller.tenant_id, [order]))[order.id].mode)


@post(
    "/push/{tenant:int}/{code:str}",
    operation_id="takePush",
    opt=PUBLIC,
    status_code=200,
    responses=problems(403, 404),
    include_in_schema=False,
)
async def take_push(
    tenant: FromPath[int],
    code: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> Response[bytes]:
    """Take what a platform tells of a store. It is believed for no more than an order's number.

    Whoever asks for an address that takes no pushes doesn't learn why: anybody may ask.
    """
    if not 0 < tenant <= _TENANT_MAX:
        raise UnknownStore(store=code)
    async with database.transaction(tenant) as tx:
        store = await store_by_code(tx, tenant, code)
        try:
            connection = await connection_of(tx, tenant, store.id)
        except StoreNotConnected as error:
            raise UnknownStore(store=code) from error
    takes = outside.channels.get(connection.channel)
    if takes is None or Can.PUSH not in takes.can:
        raise UnknownStore(store=code)
    channel, link = outside.reach(tenant, connection)
    pushes = channel.read_push(
        link.app,
        PushRequest(
            request.method,
            request.url.path,
            request.scope["query_string"].decode("latin-1"),
            {name.lower(): value for name, value in request.headers.items()},
            await request.body(),
        ),
    )
    if any(push.shop_id not in {"", connection.shop_id} for push in pushes):
        raise PushNotAuthentic(why="shop")
    numbers = [push.order_id for push in pushes if push.order_id and push.signal in _READ]
    async with database.transaction(tenant) as tx:
        await told_of(tx, tenant, store.id, numbers)
        tokens = {push.order_id: push.token for push in pushes if push.order_id and push.token}
        await keep_tokens(tx, tenant, store.id, tokens, masters=outside.keyrings.masters)
    await note_heard(database, tenant, [connection])
    reply = channel.reply(pushes)
    return Response(reply.body, media_type=reply.media_type, status_code=reply.status)


_READ: Final = frozenset({Signal.ORDER, Signal.REFUND})
_TENANT_MAX: Final = 2**63 - 1


def _shown(
    caller: Caller, order: KnownOrder, mode: Mode, store: str | None = None
) -> ShopOrderShown:
    can = []
    if caller.may(Permission.ORDERS_WRITE):
        can = ["try_again"] if order.step is Step.TROUBLE else []
        ours = order.order_id is not None
        can += ["release"] if is_to_be_released(order) else []
        can += ["take_over"] if is_old_ways(order) else []
        can += ["hand_over"] if ours and order.step in {Step.TAKEN, Step.TROUBLE} else []
        by_hand = order.step is Step.TROUBLE and is_done_by_hand(order)
        can += ["hand_over"] if by_hand else []
        can += ["give_up"] if caller.may(Permission.ORDERS_REFUND) and may_give_up(order) else []
        can += ["read_account"] if order.sealed_account else []
        can += ["enter_account"] if wants_account(order) else []
        can += ["tell_topped_up"] if is_to_be_topped_up(order) else []
    return ShopOrderShown(
        id=order.id,
        store_id=order.store_id,
        store=store,
        title=order.lines[0].title if order.lines else "",
        lines=len(order.lines),
        number=order.number,
        step=order.step,
        said=waits_for(order, mode),
        shop_state=order.state,
        paid_at=order.paid_at,
        ship_by=order.ship_by,
        paid=format_amount(order.paid_e4),
        order_id=order.order_id,
        attempts=order.attempts,
        mode=mode,
        accounts=order.masked_accounts,
        can=can,
    )


routes: Final = (list_shop_orders, post_try_again, post_handed_over, take_push)
