"""Read Kayixin's orders. Their cards come in clear, and encrypted in notices only."""

from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.ecb import open_ecb
from kashu.adapters.suppliers.kayixin_products import read_ref
from kashu.adapters.suppliers.kayixin_wire import read, unclear
from kashu.adapters.suppliers.texts import printable, word
from kashu.core.secrets import Secret
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Order, OrderState, Standing

STATES: Final = {
    0: OrderState.PROCESSING,  # not paid, and no money taken
    1: OrderState.PROCESSING,
    2: OrderState.PROCESSING,
    3: OrderState.SUCCEEDED,
    4: OrderState.FAILED,  # withdrawn, paid back whole
    5: OrderState.REFUNDED,  # nothing, part or all of it: ret_money tells
    7: OrderState.PROCESSING,  # waits to be passed on
    8: OrderState.PROCESSING,  # somebody wants to withdraw it, and it may go on
    9: OrderState.SUCCEEDED,  # done, and a refund is asked for
}
WITH_GOODS: Final = frozenset({OrderState.SUCCEEDED, OrderState.REFUNDED})
RECEIPT_MAX: Final = 200


class Card(msgspec.Struct, rename="camel"):
    """A card."""

    card_no: str | None = None
    card_pwd: str | None = None


class Placed(msgspec.Struct, rename="camel"):
    """What an order that was taken tells: perhaps its cards, too."""

    order_number: str
    cards: list[Card] | str | None = None


class OrderTold(msgspec.Struct, rename="camel"):
    """An order, as asking for it tells it."""

    order_number: str
    status: int
    outer_number: str | None = None
    count: int | None = None
    money: Decimal | None = None
    ret_money: Decimal | None = None
    result: str | None = None
    cards: list[Card] | str | None = None


def read_placed(placed: Placed) -> Standing:
    """Read what an order that was taken tells. It is asked for before it counts as succeeded."""
    return Standing(OrderState.PROCESSING, "", placed.order_number, said="1000")


def read_order(told: OrderTold, order: Order, secret: Secret) -> Standing:
    """Read how an order stands. Raises: SupplierUnclear."""
    if told.outer_number != order.number:
        raise unclear("another order")
    state = STATES.get(told.status)
    cards: tuple[BoughtCard, ...] | None = None
    if state in WITH_GOODS:
        cards = (_cards(told.cards, secret) or None) if order.goods is Goods.CARD else ()
    shown = order.goods is not Goods.CARD and state is OrderState.SUCCEEDED
    return Standing(
        state or OrderState.PROCESSING,
        number=order.number,
        their_number=told.order_number,
        said=word(str(told.status)),
        known=state is not None,
        quantity=_quantity(told, order),
        charged_e4=_amount(told.money, "money"),
        refunded_e4=_amount(told.ret_money, "retMoney") or 0,
        cards=cards,
        receipt=printable(told.result or "", RECEIPT_MAX) if shown else "",
    )


def open_cards(secret: Secret, sealed: str) -> tuple[BoughtCard, ...]:
    """Open cards as notices have them. Raises: SupplierUnclear."""
    try:
        written = open_ecb(secret.clear, sealed)
    except ValueError as error:
        raise unclear("unreadable cards") from error
    return _bought(read(written, list[Card]))


def _cards(told: list[Card] | str | None, secret: Secret) -> tuple[BoughtCard, ...]:
    if isinstance(told, str):  # documented for notices only
        return open_cards(secret, told) if told else ()
    return _bought(told or [])


def _bought(cards: list[Card]) -> tuple[BoughtCard, ...]:
    bought = (BoughtCard(card.card_no or "", card.card_pwd or "") for card in cards)
    return tuple(card for card in bought if card.number or card.password)


def _quantity(told: OrderTold, order: Order) -> int | None:
    """How many pieces. Whether they tell pieces, or what all pieces give, isn't documented."""
    given = order.quantity * read_ref(order.ref).multiple
    return order.quantity if told.count == given else told.count


def _amount(told: Decimal | None, what: str) -> int | None:
    if told is None:
        return None
    try:
        return price_e4(told)
    except ValueError as error:
        raise unclear(what) from error
