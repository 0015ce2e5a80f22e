"""HTTP of orders: bring them in, look at them, give back, show their cards."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_price
from kashu.orders.answers import CardAnswer, OrdersAnswer
from kashu.orders.bodies import OrdersBody
from kashu.orders.bring_in import KEY_PATTERN, bring_in
from kashu.orders.intake import Intake
from kashu.orders.listed import listed_order
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine, refund
from kashu.orders.seen import order_seen
from kashu.orders.shapes import (
    OrderListed,
    RefundBody,
    RefundShown,
    RevealBody,
    show_listed,
)
from kashu.orders.show_buying import show_buying
from kashu.stock.quota import quota_of
from kashu.stock.reveal import reveal


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


@get(
    "/v1/orders/{order_id:uuid}",
    operation_id="readOrder",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_order(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> OrderListed:
    """One order as it stands; of lines that are bought for, how that stands."""
    async with database.transaction(caller.tenant_id) as tx:
        _, lines = await order_seen(tx, caller, order_id)
        bought = await show_buying(tx, caller.tenant_id, lines, caller.language)
        listed = await listed_order(tx, caller.tenant_id, order_id)
        return show_listed(listed, lines, caller, bought)


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
        _, lines = await order_seen(tx, caller, order_id)
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
        order, _ = await order_seen(tx, caller, order_id)
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


routes = (
    accept_orders,
    read_order,
    refund_order,
    cancel_order,
    reveal_order,
)
