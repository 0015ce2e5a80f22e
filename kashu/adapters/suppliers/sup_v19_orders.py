"""Read the orders of SUP 1.9, whose cards are encrypted with the secret of our login."""

from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.answers import beijing, last_day, plain
from kashu.adapters.suppliers.ecb import open_ecb
from kashu.adapters.suppliers.sup_v19_wire import NAME, Answered, unclear
from kashu.adapters.suppliers.texts import printable, word
from kashu.core.secrets import Secret
from kashu.suppliers.errors import AnswerLost, NoSuchPurchase
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Order, OrderState, Standing

KEY_BYTES: Final = 16
NO_ORDER: Final = "4"
DONE: Final = "2"
STATES: Final = {
    "1": OrderState.PROCESSING,
    DONE: OrderState.SUCCEEDED,
    "3": OrderState.FAILED,
}
ENDED: Final = "%Y%m%d%H%M%S"
EXPIRES: Final = "%Y-%m-%d %H:%M:%S"
RECEIPT_MAX: Final = 200


class _Card(msgspec.Struct):
    """Which of them are there depends on its kind; each is encrypted."""

    cardNo: str | None = None  # noqa: N815  (the platform's name)
    cardPwd: str | None = None  # noqa: N815
    cardLink: str | None = None  # noqa: N815
    expireTime: str | None = None  # noqa: N815


class OrderTold(Answered):
    """An order, as ordering and asking tell it."""

    orderId: str | int | None = None  # noqa: N815
    outOrderId: str | int | None = None  # noqa: N815
    orderStatus: str | int | None = None  # noqa: N815
    orderDesc: str | None = None  # noqa: N815
    completeTime: str | None = None  # noqa: N815
    cost: Decimal | None = None
    cardData: list[_Card] | None = None  # noqa: N815


def read_placed(told: OrderTold, order: Order, secret: Secret) -> Standing:
    """Read what an order that was taken tells; some products give their cards at once.

    Cards that can't be opened are asked for. Raises: SupplierUnclear.
    """
    _check(told, order)
    try:
        cards = _cards(told, order, secret)
    except AnswerLost:
        cards = None
    # Fewer than were ordered may be the first of them, and another state beside them a doubt:
    # then asking tells.
    status = plain(told.orderStatus)
    whole = len(cards or ()) == order.quantity and STATES.get(status or DONE) is STATES[DONE]
    return Standing(
        OrderState.SUCCEEDED if whole else OrderState.PROCESSING,
        number=plain(told.outOrderId),
        their_number=plain(told.orderId),
        said="00",
        charged_e4=_cost(told),
        cards=cards if whole else None,
    )


def read_order(told: OrderTold, order: Order, secret: Secret) -> Standing:
    """Read how an order stands. Raises: SupplierUnclear, NoSuchPurchase, AnswerLost.

    NoSuchPurchase says nothing sooner than three minutes after the order: see Rules.settles_after.
    """
    _check(told, order)
    status = plain(told.orderStatus)
    if not status:
        raise unclear("no orderStatus")
    if status == NO_ORDER:
        raise NoSuchPurchase(supplier=NAME, number=order.number)
    state = STATES.get(status)
    done = state is OrderState.SUCCEEDED
    topped_up = order.goods is Goods.TOPUP
    return Standing(
        state or OrderState.PROCESSING,
        number=plain(told.outOrderId),
        their_number=plain(told.orderId),
        said=word(status),
        known=state is not None,
        charged_e4=_cost(told),
        cards=(() if topped_up else _cards(told, order, secret)) if done else None,
        receipt=printable(told.orderDesc or "", RECEIPT_MAX) if done and topped_up else "",
        ended_at=beijing(told.completeTime or "", ENDED),
    )


def _check(told: OrderTold, order: Order) -> None:
    if plain(told.outOrderId) not in {"", order.number}:
        raise unclear("another order")


def _cost(told: OrderTold) -> int | None:
    if told.cost is None:
        return None
    try:
        return price_e4(told.cost)
    except ValueError as error:
        raise unclear("cost") from error


def _cards(told: OrderTold, order: Order, secret: Secret) -> tuple[BoughtCard, ...] | None:
    """The cards, in clear; None while there are none. Raises: AnswerLost."""
    if not told.cardData or order.goods is Goods.TOPUP:
        return None
    try:
        cards = tuple(_card(each, secret) for each in told.cardData)
    except ValueError:
        pass  # what was being opened isn't kept
    else:
        return tuple(card for card in cards if card.number or card.password or card.url) or None
    raise AnswerLost(supplier=NAME, number=order.number, said="cards can't be opened")


def _card(told: _Card, secret: Secret) -> BoughtCard:
    return BoughtCard(
        number=_clear(told.cardNo, secret),
        password=_clear(told.cardPwd, secret),
        url=_clear(told.cardLink, secret),
        expires_on=last_day(beijing(told.expireTime or "", EXPIRES)),
    )


def _clear(sealed: str | None, secret: Secret) -> str:
    return open_ecb(secret.clear, sealed, key_bytes=KEY_BYTES) if sealed else ""
