"""Read Kakayun's orders, whose cards come in clear."""

import re
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.answers import last_day, moment_of, plain
from kashu.adapters.suppliers.kakayun_wire import unclear
from kashu.adapters.suppliers.texts import printable, word
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Order, OrderState, Standing

PAID, PAID_OR_DONE, UNPAID, RUNNING, FAILED, DONE = range(6)
STATES: Final = {
    PAID: OrderState.PROCESSING,
    PAID_OR_DONE: OrderState.PROCESSING,  # of a top-up; cards are done
    UNPAID: OrderState.FAILED,
    RUNNING: OrderState.PROCESSING,
    FAILED: OrderState.FAILED,
    DONE: OrderState.SUCCEEDED,
}
# What came of its money. 3 is a mark only: nothing was paid back.
NOT_BACK: Final = frozenset({0, 3})
ALL_BACK, PART_BACK, TO_SOURCE = 1, 2, 4
BACK: Final = frozenset({ALL_BACK, PART_BACK, TO_SOURCE})
RECEIPT_MAX: Final = 200

# How the older field writes a card, as far as it was seen; anything else is kept as it is.
_WRITTEN: Final = re.compile(r"卡号：(\S+)(?:\s+(?:卡密|密码)：(\S+))?")


class Placed(msgspec.Struct):
    """What an order that was taken tells: never more than its numbers."""

    orderno: str | int
    usorderno: str | int | None = None


class _Card(msgspec.Struct):
    card_no: str | int | None = None
    card_pwd: str | int | None = None
    card_expire_at: str | int | None = None


class OrderTold(msgspec.Struct):
    """An order, as asking for it tells it."""

    orderno: str | int
    status: int | str
    usorderno: str | int | None = None
    money: Decimal | None = None
    buynum: int | None = None
    refundstatus: int | str | None = 0
    refundmoney: Decimal | None = None
    receipt: str | None = None
    cards: list[_Card] | str | None = None
    cardlist: list[str] | str | None = None


def read_placed(placed: Placed, order: Order) -> Standing:
    """Read what an order that was taken tells. Raises: SupplierUnclear."""
    _check_number(placed.usorderno, order)
    return Standing(
        OrderState.PROCESSING, number=order.number, their_number=str(placed.orderno), said="1"
    )


def read_order(told: OrderTold, order: Order) -> Standing:
    """Read how an order stands. Raises: SupplierUnclear."""
    _check_number(told.usorderno, order)
    money, back = _amount(told.money, "money"), _amount(told.refundmoney, "refundmoney") or 0
    state = _state(told, order, back)
    gives = state in {OrderState.SUCCEEDED, OrderState.REFUNDED}
    return Standing(
        state or OrderState.PROCESSING,
        number=order.number,
        their_number=str(told.orderno),
        said=word(f"{told.status}.{told.refundstatus or 0}"),
        known=state is not None,
        quantity=told.buynum,
        charged_e4=money,
        refunded_e4=back if state is not None and _number(told.refundstatus) in BACK else 0,
        cards=_cards(told, order) if gives else None,
        receipt=printable(told.receipt or "", RECEIPT_MAX)
        if gives and order.goods is Goods.TOPUP
        else "",
    )


def _state(told: OrderTold, order: Order, back: int) -> OrderState | None:
    """Find the state; None: people look, and meanwhile it counts as under way.

    So does one that failed while none of its money is back: FAILED would say that it is.
    """
    status, refund = _number(told.status), _number(told.refundstatus)
    state = STATES.get(status)
    if status == PAID_OR_DONE and order.goods is not Goods.TOPUP:
        state = OrderState.SUCCEEDED
    if refund not in NOT_BACK | BACK:
        return None
    if status == FAILED:
        is_back = refund in {ALL_BACK, TO_SOURCE} or (refund == PART_BACK and back)
        return OrderState.FAILED if is_back else None
    if state is OrderState.SUCCEEDED and refund in BACK:
        return OrderState.REFUNDED
    return state


def _number(told: int | str | None) -> int:
    """A code; what isn't told is 0, and what is none of theirs -1."""
    written = str(told or 0)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 4 else -1  # noqa: PLR2004  (codes have one digit)


def _check_number(told: str | int | None, order: Order) -> None:
    if str(told) != order.number:
        raise unclear("another order")


def _cards(told: OrderTold, order: Order) -> tuple[BoughtCard, ...] | None:
    """The cards; None while there are none, though it succeeded."""
    if order.goods is Goods.TOPUP:
        return ()
    if told.cards and not isinstance(told.cards, str):
        found = [_card(each) for each in told.cards]
    else:
        written = [told.cardlist] if isinstance(told.cardlist, str) else told.cardlist or ()
        found = [_written(each.strip()) for each in written]
    return tuple(card for card in found if card.number or card.password) or None


def _card(told: _Card) -> BoughtCard:
    return BoughtCard(
        number=plain(told.card_no),
        password=plain(told.card_pwd),
        expires_on=last_day(moment_of(told.card_expire_at)),
    )


def _written(text: str) -> BoughtCard:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return BoughtCard(password=text)
    return BoughtCard(number=found[1], password=found[2] or "")


def _amount(told: Decimal | None, what: str) -> int | None:
    if told is None:
        return None
    try:
        return price_e4(told)
    except ValueError as error:
        raise unclear(what) from error
