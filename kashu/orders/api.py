"""HTTP of orders: bring them in, look at them, give back, show their cards."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
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
from kashu.orders.ask_for import bring_in_or_ask, refund_or_ask
from kashu.orders.bodies import OrdersBody
from kashu.orders.bring_in import KEY_PATTERN
from kashu.orders.errors import RefundIsTheShops
from kashu.orders.held import Held
from kashu.orders.intake import Intake
from kashu.orders.listed import listed_order
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine
from kashu.orders.seen import order_seen
from kashu.orders.shapes import (
    OrderListed,
    RefundBody,
    RefundShown,
    RevealBody,
    show_listed,
)
from kashu.orders.shapes_held import Asked, asked
from kashu.orders.show_buying import show_buying
from kashu.stock.quota import quota_of
from kashu.stock.reveal import reveal

_REFUNDED: Final = ResponseSpec(RefundShown, generate_examples=False, description="What came of it")
_WAITS: Final = ResponseSpec(
    Asked, generate_examples=False, description="It waits for another person's approval"
)


@post(
    "/v1/orders",
    operation_id="acceptOrders",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses={
        200: ResponseSpec(OrdersAnswer, generate_examples=False, description="What came of them"),
        202: _WAITS,
        **problems(400, 409),
    },
)
async def accept_orders(
    data: JSONBody[OrdersBody],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    intake: NamedDependency[Intake],
    keyrings: NamedDependency[Keyrings],
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

    With `deliver: later` the cards are kept until somebody reveals them. What a person asks for
    above a limit of the shop's waits for another's approval (202): nothing is ordered before.
    """
    answered = await bring_in_or_ask(
        intake, keyrings, caller, idempotency_key, content=await request.body(), body=data
    )
    if isinstance(answered, Held):
        return _waits(answered)
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
    responses={200: _REFUNDED, 202: _WAITS, **problems(404, 409)},
)
async def refund_order(
    order_id: FromPath[UUID],
    data: JSONBody[RefundBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Response[bytes]:
    """Give back units and money. The same refund number twice has one effect.

    What a person asks for above the shop's limit waits for another's approval (202). A key of a
    customer may cancel, but not refund: what it has seen it has.
    """
    if caller.customer_id is not None:
        raise RefundIsTheShops
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
    responses={200: _REFUNDED, 202: _WAITS, **problems(404, 409)},
)
async def cancel_order(
    order_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Response[bytes]:
    """Take back all that nobody has seen. What was seen stays sold: refund it if it must be.

    What a person asks for above the shop's limit waits for another's approval (202).
    """
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
) -> Response[bytes]:
    async with database.transaction(caller.tenant_id) as tx:
        order, _ = await order_seen(tx, caller, order_id)
        new = NewRefund(order.source, number, order.external_id, wanted)
        outcome = await refund_or_ask(tx, caller, order_id, new, day_of(now(), caller.timezone))
    if isinstance(outcome, Held):
        return _waits(outcome)
    return Response(msgspec.json.encode(_shown(outcome)), media_type="application/json")


def _waits(held: Held) -> Response[bytes]:
    content = msgspec.json.encode(asked(held))
    return Response(content, status_code=202, media_type="application/json")


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
