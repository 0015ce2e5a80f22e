"""Read Fulu's orders; their cards are opened here and nowhere else."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.ecb import open_ecb
from kashu.adapters.suppliers.fulu_wire import BEIJING, unclear
from kashu.adapters.suppliers.texts import printable, word
from kashu.core.secrets import Secret
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Order, OrderState, Standing

STATES: Final = {
    "untreated": OrderState.PROCESSING,
    "processing": OrderState.PROCESSING,
    "success": OrderState.SUCCEEDED,
    "failed": OrderState.FAILED,
}
NO_NUMBER: Final = frozenset({"", "无卡号"})  # only the password matters
NO_RECEIPT: Final = frozenset({"", "--"})
RECEIPT_MAX: Final = 64
TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d",
    "%Y/%m/%d",
)
NEVER: Final = 1970  # a time before it is how their programs write none


class _Card(msgspec.Struct):
    card_number: str | None = None
    card_pwd: str | None = None
    card_deadline: str | None = None


class OrderTold(msgspec.Struct):
    """An order, as placing it and asking for it tell it."""

    order_id: int | str
    customer_order_no: str
    order_state: str
    product_id: int | str | None = None
    buy_num: int | None = None
    order_price: Decimal | None = None  # of one
    charge_account: str | None = None
    finish_time: str | None = None
    operator_serial_number: str | None = None
    cards: list[_Card] | None = None


def read_order(told: OrderTold | None, order: Order, secret: Secret) -> Standing:
    """Read how an order stands. Raises: SupplierUnclear."""
    if told is None:
        raise unclear("no order")
    if told.customer_order_no != order.number:
        raise unclear("another order")
    state = STATES.get(told.order_state)
    return Standing(
        state or OrderState.PROCESSING,
        number=told.customer_order_no,
        their_number=str(told.order_id),
        said=word(told.order_state),
        known=state is not None,
        quantity=told.buy_num,
        charged_e4=_charged(told),
        cards=_cards(told, order, state, secret),
        ref="" if told.product_id is None else str(told.product_id),
        account=told.charge_account or "",
        receipt=_receipt(told, order, state),
        ended_at=read_time(told.finish_time or ""),
    )


def read_time(written: str) -> datetime | None:
    """Read a moment of Beijing time; None, where it is none."""
    for form in TIMES:
        try:
            read = datetime.strptime(written.strip(), form).replace(tzinfo=BEIJING)
        except ValueError:
            continue
        return None if read.year <= NEVER else read.astimezone(UTC)
    return None


def _charged(told: OrderTold) -> int | None:
    if told.order_price is None or told.buy_num is None:
        return None
    if told.buy_num < 1:
        raise unclear("buy_num")
    try:
        return price_e4(told.order_price) * told.buy_num
    except ValueError as error:
        raise unclear("order_price") from error


def _receipt(told: OrderTold, order: Order, state: OrderState | None) -> str:
    serial = told.operator_serial_number or ""
    if order.goods is Goods.CARD or state is not OrderState.SUCCEEDED or serial in NO_RECEIPT:
        return ""
    return printable(serial, RECEIPT_MAX)


def _cards(
    told: OrderTold, order: Order, state: OrderState | None, secret: Secret
) -> tuple[BoughtCard, ...] | None:
    if state is not OrderState.SUCCEEDED:
        return None
    if order.goods is not Goods.CARD:
        return ()
    if not told.cards:
        return None
    try:
        return tuple(_open(card, secret) for card in told.cards)
    except ValueError as error:
        raise unclear("unreadable cards") from error


def _open(card: _Card, secret: Secret) -> BoughtCard:
    number = open_ecb(secret.clear, card.card_number) if card.card_number else ""
    password = open_ecb(secret.clear, card.card_pwd) if card.card_pwd else ""
    number = "" if number.strip() in NO_NUMBER else number
    if not number and not password:
        raise ValueError("an empty card")
    return BoughtCard(number, password, expires_on=_deadline(card.card_deadline or ""))


def _deadline(written: str) -> date | None:
    moment = read_time(written)
    return None if moment is None else moment.astimezone(BEIJING).date()
