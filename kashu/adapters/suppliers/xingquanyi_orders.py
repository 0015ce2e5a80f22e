"""Read Xingquanyi's orders; cards stand in them under two spellings."""

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.answers import beijing, last_day, plain
from kashu.adapters.suppliers.texts import printable, word
from kashu.adapters.suppliers.xingquanyi_wire import NAME, unclear
from kashu.suppliers.errors import AnswerLost
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Order, OrderState, Standing

STATES: Final = {
    100: OrderState.PROCESSING,  # waits
    101: OrderState.PROCESSING,
    200: OrderState.SUCCEEDED,
    500: OrderState.FAILED,
    501: OrderState.PROCESSING,  # "unknown": they don't know either, and it is asked on
}
TIME: Final = "%Y-%m-%d %H:%M:%S"
RECEIPT_MAX: Final = 200
CODE_MAX: Final = 500  # characters of a ticket; what is longer is a picture
ADDRESSES: Final = ("https://", "http://")


class _Card(msgspec.Struct):
    """The first pair is how ordering spells it, the second how asking does."""

    card_no: str | int | None = None
    card_password: str | int | None = None
    no: str | int | None = None
    password: str | int | None = None
    expired_at: str | None = None


class _Ticket(msgspec.Struct):
    no: str | int | None = None
    ticket: str | int | None = None
    expired_at: str | None = None


class OrderTold(msgspec.Struct):
    """An order, as ordering and asking tell it."""

    state: int | str
    order_id: str | int | None = None  # as ordering calls it
    id: str | int | None = None  # as asking calls it
    outer_order_id: str | int | None = None
    product_id: int | str | None = None
    quantity: int | None = None
    total_price: Decimal | None = None
    refunded_amount: Decimal | None = None
    recharge_account: str | None = None
    recharge_info: str | None = None
    cards: list[_Card] | str | None = None
    tickets: list[_Ticket] | str | None = None


def read_order(told: OrderTold, order: Order, *, placing: bool = False) -> Standing:
    """Read how an order stands. Raises: SupplierUnclear, AnswerLost.

    `placing`: it is the answer to the order; a success whose tickets nobody can read is asked for.
    """
    if plain(told.outer_order_id) not in {"", order.number}:
        raise unclear("another order")
    theirs = plain(told.order_id) or plain(told.id)
    if not theirs:
        raise unclear("no number of theirs")
    back = _amount(told.refunded_amount, "refunded_amount") or 0
    state = STATES.get(_number(told.state))
    if state is OrderState.SUCCEEDED and back:
        state = OrderState.REFUNDED
    gives = state in {OrderState.SUCCEEDED, OrderState.REFUNDED}
    topped_up = order.goods is Goods.TOPUP
    try:
        cards = _cards(told, order) if gives else None
    except AnswerLost:
        if not placing:
            raise
        cards = None
    return Standing(
        state or OrderState.PROCESSING,
        number=plain(told.outer_order_id),
        their_number=theirs,
        said=word(str(told.state)),
        known=state is not None,
        quantity=told.quantity,
        charged_e4=_amount(told.total_price, "total_price"),
        refunded_e4=back,
        cards=cards,
        ref=plain(told.product_id),
        account=told.recharge_account or "" if topped_up else "",
        receipt=printable(told.recharge_info or "", RECEIPT_MAX) if topped_up and gives else "",
    )


def _number(told: int | str) -> int:
    written = str(told)
    return int(written) if written in {str(each) for each in STATES} else -1


def _cards(told: OrderTold, order: Order) -> tuple[BoughtCard, ...] | None:
    """The cards and tickets; None while there are none, though it succeeded."""
    if order.goods is Goods.TOPUP:
        return ()
    cards = [_card(each) for each in told.cards] if isinstance(told.cards, list) else []
    if isinstance(told.tickets, list):
        cards += [_ticket(each, order) for each in told.tickets]
    return tuple(card for card in cards if card.number or card.password or card.url) or None


def _card(told: _Card) -> BoughtCard:
    return BoughtCard(
        number=plain(told.card_no) or plain(told.no),
        password=plain(told.card_password) or plain(told.password),
        expires_on=_expiry(told.expired_at),
    )


def _ticket(told: _Ticket, order: Order) -> BoughtCard:
    """An address, or a short code. Raises: AnswerLost, for a picture: nobody could sell it."""
    number, text, expires_on = plain(told.no), plain(told.ticket), _expiry(told.expired_at)
    if text.startswith(ADDRESSES):
        return BoughtCard(number=number, url=text, expires_on=expires_on)
    if len(text) > CODE_MAX:
        raise AnswerLost(supplier=NAME, number=order.number, said="a ticket is a picture")
    return BoughtCard(number=number, password=text, expires_on=expires_on)


def _expiry(written: str | None) -> date | None:
    return last_day(beijing(written or "", TIME))


def _amount(told: Decimal | None, what: str) -> int | None:
    if told is None:
        return None
    try:
        return price_e4(told)
    except ValueError as error:
        raise unclear(what) from error
