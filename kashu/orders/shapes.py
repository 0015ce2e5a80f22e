"""Orders as the API tells them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import msgspec

from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.core.events import Recorded
from kashu.core.money import format_amount
from kashu.orders.answers import state_of
from kashu.orders.listed import ListedOrder, Source
from kashu.orders.order import LineOutcome
from kashu.orders.reads import Line, Order
from kashu.purchases.kinds import PurchaseState
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.kinds import Goods


class BuyingShown(msgspec.Struct, frozen=True):
    """How buying for a line stands that stock doesn't fill. `account` is masked.

    `state`: due (a purchase is to be made), bought (it is made: see `purchase_state`) or over.
    `said`: why it waits or ended, as a code; `why`: in words.
    """

    goods: Goods
    state: str
    account: str
    purchase_id: UUID | None
    purchase_state: PurchaseState | None
    said: str
    why: str
    receipt: str


class LineShown(msgspec.Struct, frozen=True):
    """A line as it stands: its units add up to its quantity, its money to its price."""

    line_id: UUID
    number: int
    sku: str
    name_zh: str
    name_en: str
    quantity: int
    delivered: int
    waiting: int
    refused: int
    refunded: int
    price: str
    earned: str
    refunded_amount: str
    buying: BuyingShown | None = None


class OrderShown(msgspec.Struct, frozen=True):
    """An order as it stands. `state`: filled, partly_filled, short, refused or refunded."""

    order_id: UUID
    external_id: str
    store: str | None
    customer: str | None
    state: str
    cancelled: bool
    currency: str
    total: str
    paid_at: datetime | None
    accepted_at: datetime
    lines: list[LineShown]


class OrderListed(msgspec.Struct, frozen=True):
    """An order in a list: as OrderShown, and whose it is in words.

    `source`: platform (a store's platform told us), agent or direct. `buyer`: masked, or the
    platform's own id of them, or a name; null where nobody told. `can`: cancel, refund, reveal.
    """

    order_id: UUID
    external_id: str
    store: str | None
    store_name: str | None
    customer: str | None
    customer_name: str | None
    source: Source
    buyer: str | None
    state: str
    cancelled: bool
    currency: str
    total: str
    refunded_amount: str
    paid_at: datetime | None
    accepted_at: datetime
    lines: list[LineShown]
    can: list[str]


class OrderPage(msgspec.Struct, frozen=True):
    """Orders, newest first; ask on with `before` = `next_before` where there are more."""

    orders: list[OrderShown]
    next_before: UUID | None


class OrderList(msgspec.Struct, frozen=True):
    """Orders in the order asked for; ask on with `before` = `next_before` where there are more.

    `total`: how many there are in all, counted up to 10 000; `more`: there are more than that.
    """

    orders: list[OrderListed]
    next_before: UUID | None
    total: int
    more: bool


class Happening(msgspec.Struct, frozen=True):
    """Something that happened to an order. `who`: the actor's name, where it has one."""

    at: datetime
    kind: str
    actor: str
    facts: Any
    who: str | None = None


class Timeline(msgspec.Struct, frozen=True):
    """An order's story, oldest first; and why each lot was chosen."""

    events: list[Happening]


class RefundLineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give back `quantity` units of `line` (0: only money), and `amount` if not their share."""

    line: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    quantity: Annotated[int, msgspec.Meta(ge=0, le=BULK_MAX)]
    amount: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class RefundBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refund under its own number. No lines: all that is left of the order."""

    refund_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[!-~]+$")]
    lines: Annotated[tuple[RefundLineBody, ...], msgspec.Meta(max_length=50)] = ()


class RefundShown(msgspec.Struct, frozen=True):
    """What a refund did. `foretold`: its order hasn't come; that much of it is never given."""

    refund_id: UUID
    order_id: UUID
    new: bool
    state: str
    amount: str
    lines: Any


class RevealBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the cards of an order are shown, and to whom."""

    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]
    recipient: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def show_order(
    order: Order | ListedOrder,
    lines: list[Line],
    bought: Mapping[UUID, BuyingShown] = MappingProxyType({}),
) -> OrderShown:
    """Put an order in the words of the wire; `bought`: how buying stands, by line."""
    return OrderShown(
        order.order_id,
        order.external_id,
        order.store_code,
        order.customer_code,
        state_of(
            LineOutcome(line.line_id, line.delivered, line.waiting, line.refused, line.refunded)
            for line in lines
        ),
        order.cancelled,
        order.currency,
        format_amount(order.total_e4),
        order.paid_at,
        order.accepted_at,
        [
            LineShown(
                line.line_id,
                line.number,
                line.sku_code,
                line.sku_name_zh,
                line.sku_name_en,
                line.quantity,
                line.delivered,
                line.waiting,
                line.refused,
                line.refunded,
                format_amount(line.price_e4),
                format_amount(line.earned_e4),
                format_amount(line.refunded_e4),
                bought.get(line.line_id),
            )
            for line in lines
        ],
    )


def show_listed(
    order: ListedOrder,
    lines: list[Line],
    caller: Caller,
    bought: Mapping[UUID, BuyingShown] = MappingProxyType({}),
) -> OrderListed:
    """Put a listed order in the words of the wire, with what the caller can do with it."""
    plain = show_order(order, lines, bought)
    return OrderListed(
        order_id=plain.order_id,
        external_id=plain.external_id,
        store=plain.store,
        store_name=order.store_name,
        customer=plain.customer,
        customer_name=order.customer_name,
        source=order.came_by,
        buyer=order.buyer or None,
        state=plain.state,
        cancelled=plain.cancelled,
        currency=plain.currency,
        total=plain.total,
        refunded_amount=format_amount(sum(line.refunded_e4 for line in lines)),
        paid_at=plain.paid_at,
        accepted_at=plain.accepted_at,
        lines=plain.lines,
        can=_can(lines, caller),
    )


def _can(lines: list[Line], caller: Caller) -> list[str]:
    left = any(line.waiting + line.delivered or line.price_e4 > line.refunded_e4 for line in lines)
    held = any(line.delivered and not line.is_topup for line in lines)
    waits_or_held = held or any(line.waiting for line in lines)
    told = {
        "cancel": waits_or_held and caller.may(Permission.ORDERS_REFUND),
        "refund": left and caller.may(Permission.ORDERS_REFUND),
        "reveal": held and caller.may(Permission.STOCK_REVEAL),
    }
    return [name for name, is_so in told.items() if is_so]


def show_event(event: Recorded) -> Happening:
    """Put an event in the words of the wire."""
    return Happening(event.at, event.kind, event.actor, event.facts)
