"""HTTP of orders: bring them in, look at them, give back, show their cards."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.money import format_amount, parse_price
from kashu.orders.answers import CardAnswer, OrdersAnswer
from kashu.orders.bodies import OrdersBody
from kashu.orders.bring_in import KEY_PATTERN, bring_in
from kashu.orders.errors import UnknownOrder
from kashu.orders.intake import Intake
from kashu.orders.reads import Line, Order, order_by_id, recent_orders
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine, refund
from kashu.orders.shapes import (
    OrderPage,
    OrderShown,
    RefundBody,
    RefundShown,
    RevealBody,
    Timeline,
    show_event,
    show_order,
)
from kashu.orders.show_buying import show_buying
from kashu.stock.quota import quota_of
from kashu.stock.reveal import reveal

PAGE_MAX: Final = 100


@post(
    "/v1/orders",
    operation_id="acceptOrders",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses={
        200: ResponseSpec(OrdersAnswer, generate_examples=False, description="What came of them"),
        **problems(400, 409),
    },
)
async def accept_orders(
    data: JSONBody[OrdersBody],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    intake: NamedDependency[Intake],
    *,
    idempotency_key: Annotated[
        str,
        HeaderParameter(
            name="Idempotency-Key",
            required=True,
            schema_extra={"pattern": f"^{KEY_PATTERN}$"},
            description="Names the request: the same key and body get the same answer for 30 days.",
        ),
    ] = "",
) -> Response[bytes]:
    """Bring in one to 500 paid orders; the answer tells what came of each, with its cards.

    With `deliver: later` the cards are kept until somebody reveals them.
    """
    content = await request.body()
    answered = await bring_in(intake, caller, idempotency_key, content, data)
    headers = {"Idempotency-Replayed": "true"} if answered.replayed else {}
    return Response(answered.content, media_type="application/json", headers=headers)


@get("/v1/orders", operation_id="listOrders", guards=[requires(Permission.ORDERS_READ)])
async def list_orders(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    before: FromQuery[UUID | None] = None,
    external_id: Annotated[str | None, QueryParameter(max_length=64)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> OrderPage:
    """Orders, newest first; or those with one outside number. A bound key sees its own only."""
    async with database.transaction(caller.tenant_id) as tx:
        rows = await recent_orders(
            tx,
            caller.tenant_id,
            before=before,
            external_id=external_id,
            most=limit + 1,
            store_id=caller.store_id,
            customer_id=caller.customer_id,
        )
    shown = rows[:limit]
    more = shown[-1][0].order_id if len(rows) > limit else None
    return OrderPage([show_order(order, lines) for order, lines in shown], more)


@get(
    "/v1/orders/{order_id:uuid}",
    operation_id="readOrder",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_order(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> OrderShown:
    """One order as it stands; of lines that are bought for, how that stands."""
    async with database.transaction(caller.tenant_id) as tx:
        order, lines = await _order(tx, caller, order_id)
        bought = await show_buying(tx, caller.tenant_id, lines, caller.language)
        return show_order(order, lines, bought)


@get(
    "/v1/orders/{order_id:uuid}/timeline",
    operation_id="readTimeline",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_timeline(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Timeline:
    """Tell an order's story, oldest first."""
    async with database.transaction(caller.tenant_id) as tx:
        await _order(tx, caller, order_id)
        events = await events_of(tx, caller.tenant_id, order_id)
    return Timeline([show_event(event) for event in events])


@post(
    "/v1/orders/{order_id:uuid}/refunds",
    operation_id="refundOrder",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
    responses=problems(404, 409),
)
async def refund_order(
    order_id: FromPath[UUID],
    data: JSONBody[RefundBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> RefundShown:
    """Give back units and money. The same refund number twice has one effect."""
    wanted = Wanted(
        tuple(
            WantedLine(
                line.line,
                line.quantity,
                None if line.amount is None else parse_price(line.amount),
            )
            for line in data.lines
        )
    )
    return await _refund(database, caller, order_id, data.refund_id, wanted)


@post(
    "/v1/orders/{order_id:uuid}/cancel",
    operation_id="cancelOrder",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
    responses=problems(404, 409),
)
async def cancel_order(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> RefundShown:
    """Take back all that nobody has seen. What was seen stays sold: refund it if it must be."""
    return await _refund(database, caller, order_id, f"cancel:{order_id}", CANCEL)


@post(
    "/v1/orders/{order_id:uuid}/reveal",
    operation_id="revealOrder",
    guards=[requires(Permission.STOCK_REVEAL)],
    status_code=200,
    responses=problems(404),
)
async def reveal_order(
    order_id: FromPath[UUID],
    data: JSONBody[RevealBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> list[CardAnswer]:
    """Show the cards of an order in clear; who, when, why and to whom is written down first."""
    async with database.transaction(caller.tenant_id) as tx:
        _, lines = await _order(tx, caller, order_id)
        opened = await reveal(
            tx,
            caller.tenant_id,
            caller.actor,
            line_ids=[line.line_id for line in lines],
            reason=data.reason,
            recipient=data.recipient,
            keyrings=keyrings,
            quota=quota_of(caller.actor, caller.timezone),
        )
    return [
        CardAnswer(card.card_id, card.secret.number, card.secret.password, card.secret.url)
        for card in opened
    ]


async def _refund(
    database: Database, caller: Caller, order_id: UUID, number: str, wanted: Wanted
) -> RefundShown:
    async with database.transaction(caller.tenant_id) as tx:
        order, _ = await _order(tx, caller, order_id)
        outcome = await refund(
            tx,
            caller.tenant_id,
            caller.actor,
            NewRefund(order.source, number, order.external_id, wanted),
            day_of(now(), caller.timezone),
        )
    return _shown(outcome)


def _shown(outcome: RefundOutcome) -> RefundShown:
    return RefundShown(
        outcome.refund_id,
        outcome.order_id,
        outcome.new,
        outcome.state,
        format_amount(outcome.amount_e4),
        outcome.effect,
    )


async def _order(tx: Tx, caller: Caller, order_id: UUID) -> tuple[Order, list[Line]]:
    """Read an order that the caller may see. Raises: UnknownOrder."""
    order, lines = await order_by_id(tx, caller.tenant_id, order_id)
    if caller.store_id not in {None, order.store_id} or caller.customer_id not in {
        None,
        order.customer_id,
    }:
        raise UnknownOrder(order=order_id)
    return order, lines


routes = (
    accept_orders,
    list_orders,
    read_order,
    read_timeline,
    refund_order,
    cancel_order,
    reveal_order,
)
