"""Read Kasushou's orders, whose cards come in clear."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.kasushou_products import ACCOUNT
from kashu.adapters.suppliers.kasushou_wire import NAME, unclear
from kashu.adapters.suppliers.texts import printable, word
from kashu.suppliers.errors import NoSuchPurchase
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, Order, OrderState, Standing

STATES: Final[Mapping[int | None, OrderState]] = {
    -1: OrderState.PROCESSING,  # not paid, and no money taken
    1: OrderState.PROCESSING,
    2: OrderState.PROCESSING,
    3: OrderState.SUCCEEDED,
    4: OrderState.FAILED,  # cancelled
    5: OrderState.REFUNDED,  # perhaps in part: has_back_money tells
}
WITH_GOODS: Final = frozenset({OrderState.SUCCEEDED, OrderState.REFUNDED})
RECEIPT_MAX: Final = 200
_WRITTEN: Final = frozenset(map(str, STATES))


class Placed(msgspec.Struct):
    """What an order that was taken tells."""

    ordersn: str
    external_orderno: str
    total_price: Decimal | None = None


class _Card(msgspec.Struct):
    card_no: str | None = None
    card_password: str | None = None


class OrderTold(msgspec.Struct):
    """An order, as asking for it tells it."""

    ordersn: str
    status: int | str
    external_orderno: str | None = None
    total_price: Decimal | None = None
    has_back_money: Decimal | None = None
    recharge_info: Any = None
    recharge_hints: str | None = None
    card_list: list[_Card | str] | None = None  # some shops write a card as one text


def read_placed(placed: Placed, order: Order) -> Standing:
    """Read what an order that was taken tells; never its cards. Raises: SupplierUnclear."""
    if placed.external_orderno != order.number:
        raise unclear("another order")
    return Standing(
        OrderState.PROCESSING,
        number=placed.external_orderno,
        their_number=placed.ordersn,
        said="200",
        charged_e4=_amount(placed.total_price, "total_price"),
    )


def read_orders(told: Sequence[OrderTold], order: Order, their_number: str) -> Standing:
    """Find our order among those told. Raises: NoSuchPurchase, SupplierUnclear."""
    if not told:
        raise NoSuchPurchase(supplier=NAME, number=order.number)
    ours = [each for each in told if each.external_orderno == order.number]
    if len(ours) > 1 and their_number:
        ours = [each for each in ours if each.ordersn == their_number]
    if len(ours) != 1:
        raise unclear(f"{len(ours)} of {len(told)} orders have our number")
    return _standing(ours[0], order)


def _standing(told: OrderTold, order: Order) -> Standing:
    state = STATES.get(_number(told.status))
    return Standing(
        state or OrderState.PROCESSING,
        number=order.number,
        their_number=told.ordersn,
        said=word(str(told.status)),
        known=state is not None,
        charged_e4=_amount(told.total_price, "total_price"),
        refunded_e4=_amount(told.has_back_money, "has_back_money") or 0,
        cards=_cards(told, order, state),
        account=_account(told.recharge_info),
        receipt=_receipt(told, order, state),
    )


def _number(told: int | str) -> int | None:
    """A state's number, also where it stands in quotes; None for what is none of theirs."""
    written = str(told)
    return int(written) if written in _WRITTEN else None


def _cards(
    told: OrderTold, order: Order, state: OrderState | None
) -> tuple[BoughtCard, ...] | None:
    if state not in WITH_GOODS:
        return None
    if order.goods is not Goods.CARD:
        return ()
    cards = [
        BoughtCard(password=each)
        if isinstance(each, str)
        else BoughtCard(each.card_no or "", each.card_password or "")
        for each in told.card_list or ()
    ]
    return tuple(card for card in cards if card.number or card.password) or None


def _account(told: object) -> str:
    """Find the account that was topped up, among what was filled in."""
    for each in told if isinstance(told, list) else ():
        if isinstance(each, dict) and each.get("k") == ACCOUNT and isinstance(each.get("v"), str):
            return str(each["v"])
    return ""


def _receipt(told: OrderTold, order: Order, state: OrderState | None) -> str:
    if order.goods is Goods.CARD or state is not OrderState.SUCCEEDED:
        return ""
    return printable(told.recharge_hints or "", RECEIPT_MAX)


def _amount(told: Decimal | None, what: str) -> int | None:
    if told is None:
        return None
    try:
        return price_e4(told)
    except ValueError as error:
        raise unclear(what) from error
