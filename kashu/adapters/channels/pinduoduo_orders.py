"""What Pinduoduo tells of orders, refunds and goods, and what we make of it.

Source of fields, units and states: the platform's descriptions as carried by pdd-node-sdk 404b78e.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from kashu.adapters.channels.pinduoduo_gateway import NAME, UNREADABLE, unclear
from kashu.channels.channel import (
    Listing,
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
)
from kashu.channels.errors import ShopOrderWrong
from kashu.core.clock import SHANGHAI
from kashu.core.errors import Invalid
from kashu.core.money import AmountUnreadable, parse_price

_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)

Id = int | str  # a number in some answers, text in others

TO_SHIP, SHIPPED, SIGNED = 1, 2, 3  # order_status
UNCONFIRMED, CONFIRMED, CANCELLED = 0, 1, 2  # confirm_status
NO_REFUND, REFUND_OPEN, REFUNDING, REFUNDED = 1, 2, 3, 4  # refund_status
NORMAL, UNDER_REVIEW = 0, 1  # risk_control_status
DEPOSIT: Final = 1  # trade_type; how its amounts add up isn't told

REFUND_STATES: Final = {
    NO_REFUND: ShopRefundState.NONE,
    REFUND_OPEN: ShopRefundState.ASKED,
    REFUNDING: ShopRefundState.ASKED,
    REFUNDED: ShopRefundState.DONE,
}

# after_sales_status
AFTER_SALES: Final = {
    2: ShopRefundState.ASKED,  # the buyer asks, the seller is to act
    3: ShopRefundState.ASKED,  # with a return
    4: ShopRefundState.ASKED,  # the seller agreed, the money is on its way
    5: ShopRefundState.ASKED,  # the platform agreed, likewise
    6: ShopRefundState.REFUSED,
    7: ShopRefundState.ASKED,  # a return was agreed
    8: ShopRefundState.ASKED,  # the platform decides
    9: ShopRefundState.REFUSED,  # by the platform
    10: ShopRefundState.DONE,
    11: ShopRefundState.REFUSED,  # withdrawn
    12: ShopRefundState.REFUSED,  # the buyer let it expire
    13: ShopRefundState.REFUSED,  # likewise
    31: ShopRefundState.ASKED,  # the parcel is to be declined
}
NO_MONEY: Final = frozenset({0, *range(14, 19), *range(21, 28), 32, 33})  # exchange, repair, recall


class _Card(msgspec.Struct):
    """A card that the platform itself gave the buyer: that there is one is all we read."""


class _Item(msgspec.Struct):
    goods_id: Id
    sku_id: Id
    goods_count: Id
    goods_name: str = ""
    goods_spec: str | None = None
    outer_id: str | None = None


class _Order(msgspec.Struct):
    order_sn: str
    order_status: int
    refund_status: int
    confirm_status: int
    risk_control_status: int
    pay_amount: Decimal
    goods_amount: Decimal
    discount_amount: Decimal
    postage: Decimal
    updated_at: str
    item_list: list[_Item]
    pay_time: str | None = None
    last_ship_time: str | None = None
    buyer_memo: str | None = None
    trade_type: int | None = None
    card_info_list: list[_Card] | None = None


class _Pointer(msgspec.Struct):
    order_sn: str
    updated_at: str | None = None


class OrderDetail(msgspec.Struct):
    """The answer of pdd.order.information.get."""

    order_info: msgspec.Raw


class OrderList(msgspec.Struct):
    """The answer of pdd.order.number.list.increment.get."""

    total_count: int
    order_sn_list: list[msgspec.Raw] | None = None


class _Refund(msgspec.Struct):
    id: Id
    order_sn: str
    after_sales_status: int
    refund_amount: Decimal
    updated_time: str
    after_sale_reason: str | None = None


class RefundList(msgspec.Struct):
    """The answer of pdd.refund.list.increment.get."""

    total_count: int
    refund_list: list[msgspec.Raw] | None = None


class _Sku(msgspec.Struct):
    sku_id: Id
    sku_quantity: int | None = None
    spec: str | None = None
    outer_id: str | None = None
    is_sku_onsale: int = 1


class _Goods(msgspec.Struct):
    goods_id: Id
    is_onsale: int
    sku_list: list[_Sku]
    goods_name: str = ""


class GoodsList(msgspec.Struct):
    """The answer of pdd.goods.list.get, which Agiso hands on as it is."""

    total_count: int
    goods_list: list[_Goods] | None = None


def read_order(told: msgspec.Raw, order_id: str) -> ShopOrder:
    """Read an order. Raises: ShopOrderWrong where it can't be."""
    try:
        order = msgspec.json.decode(told, type=_Order)
    except UNREADABLE as error:
        raise _wrong(order_id, str(error)) from error
    sn = order.order_sn
    if not sn or sn != (order_id or sn):
        raise _wrong(order_id, "order_sn")
    if order.trade_type == DEPOSIT:
        raise _wrong(sn, "trade_type 1: 定金订单 / a deposit order")
    state = _state(order)
    if order.refund_status not in REFUND_STATES:
        raise _wrong(sn, f"refund_status {order.refund_status}")
    paid_e4 = _amount(order.pay_amount, sn, "pay_amount")
    _check_sum(order, paid_e4)
    return ShopOrder(
        order_id=sn,
        state=state,
        changed_at=_time(order.updated_at, sn, "updated_at"),
        paid_at=_time(order.pay_time, sn, "pay_time") if order.pay_time else None,
        paid_e4=paid_e4,
        lines=(_line(order, paid_e4),),
        ship_by=_time(order.last_ship_time, sn, "last_ship_time") if order.last_ship_time else None,
        note=order.buyer_memo or "",
    )


def read_listed(told: msgspec.Raw, window_begin: datetime) -> ShopOrder:
    """Read an order of a list.

    One that can't be right becomes a short form, so that it stops nobody else: order() will say
    what is wrong with it. Raises: ChannelUnclear where even its number is missing.
    """
    try:
        return read_order(told, "")
    except ShopOrderWrong:
        pass
    pointer = _point(told)
    changed_at = _parsed(pointer.updated_at or "") or window_begin
    return ShopOrder(pointer.order_sn, ShopState.HELD, changed_at, None, 0, (), complete=False)


def read_refunds(told: RefundList) -> tuple[list[ShopRefund], list[ShopOrderWrong]]:
    """Read refunds, those that can't be right apart; leave out what is about no money.

    Raises: ChannelUnclear where even an order's number is missing.
    """
    refunds, wrong = [], []
    for each in told.refund_list or ():
        sn = _point(each).order_sn
        try:
            refund = msgspec.json.decode(each, type=_Refund)
            if refund.after_sales_status not in NO_MONEY:
                refunds.append(_refund(refund, sn))
        except UNREADABLE as error:
            wrong.append(_wrong(sn, str(error)))
        except ShopOrderWrong as error:
            wrong.append(error)
    return refunds, wrong


def _refund(told: _Refund, sn: str) -> ShopRefund:
    state = AFTER_SALES.get(told.after_sales_status)
    if state is None:
        raise _wrong(sn, f"after_sales_status {told.after_sales_status}")
    return ShopRefund(
        refund_id=str(told.id),
        order_id=sn,
        line_id=sn,  # an order has one line only
        state=state,
        amount_e4=_amount(told.refund_amount, sn, "refund_amount"),
        changed_at=_time(told.updated_time, sn, "updated_time"),
        reason=told.after_sale_reason or "",
    )


def read_goods(told: GoodsList) -> list[Listing]:
    """Read goods, one listing for each variant. The list tells no prices."""
    return [
        Listing(
            item_id=str(goods.goods_id),
            sku_id=str(sku.sku_id),
            title=goods.goods_name,
            properties=sku.spec or "",
            merchant_code=sku.outer_id or "",
            price_e4=None,
            quantity=sku.sku_quantity,
            on_sale=goods.is_onsale == 1 and sku.is_sku_onsale == 1,
        )
        for goods in told.goods_list or ()
        for sku in goods.sku_list
    ]


def _point(told: msgspec.Raw) -> _Pointer:
    """Read whose member of a list it is. Raises: ChannelUnclear."""
    try:
        pointer = msgspec.json.decode(told, type=_Pointer)
    except UNREADABLE as error:
        raise unclear(f"order_sn: {error}") from error
    if not pointer.order_sn:
        raise unclear("order_sn")
    return pointer


def _state(order: _Order) -> ShopState:
    """Deliver only what is confirmed, unshipped, without a refund and not under review."""
    if order.confirm_status == CANCELLED:
        return ShopState.CLOSED
    if order.confirm_status == UNCONFIRMED:
        return ShopState.HELD if order.pay_time else ShopState.UNPAID
    if order.confirm_status != CONFIRMED:
        raise _wrong(order.order_sn, f"confirm_status {order.confirm_status}")
    if order.order_status == SHIPPED:
        return ShopState.SHIPPED
    if order.order_status == SIGNED:
        return ShopState.FINISHED
    if order.order_status != TO_SHIP:
        raise _wrong(order.order_sn, f"order_status {order.order_status}")
    if order.refund_status == REFUNDED:
        return ShopState.CLOSED
    if order.risk_control_status not in {NORMAL, UNDER_REVIEW}:
        raise _wrong(order.order_sn, f"risk_control_status {order.risk_control_status}")
    free = order.risk_control_status == NORMAL and order.refund_status == NO_REFUND
    # The platform may have given the buyer a card of its own already.
    return ShopState.PAID if free and not order.card_info_list else ShopState.HELD


def _line(order: _Order, paid_e4: int) -> ShopLine:
    """The one line of an order. What each of several cost isn't told, so there may be only one."""
    sn = order.order_sn
    if len(order.item_list) != 1:
        raise _wrong(sn, f"item_list: {len(order.item_list)}")
    item = order.item_list[0]
    count = str(item.goods_count)
    if not _COUNT.fullmatch(count):
        raise _wrong(sn, "goods_count")
    if not str(item.goods_id).strip():
        raise _wrong(sn, "goods_id")
    return ShopLine(
        line_id=sn,
        item_id=str(item.goods_id),
        sku_id=str(item.sku_id),
        quantity=int(count),
        paid_e4=paid_e4,
        title=item.goods_name,
        merchant_code=item.outer_id or "",
        properties=item.goods_spec or "",
        refund=REFUND_STATES[order.refund_status],
    )


def _check_sum(order: _Order, paid_e4: int) -> None:
    """Paid = goods - discount + postage, as the platform describes it."""
    goods_e4 = _amount(order.goods_amount, order.order_sn, "goods_amount")
    discount_e4 = _amount(order.discount_amount, order.order_sn, "discount_amount")
    postage_e4 = _amount(order.postage, order.order_sn, "postage")
    if paid_e4 != goods_e4 - discount_e4 + postage_e4:
        raise _wrong(order.order_sn, "pay_amount ≠ goods_amount - discount_amount + postage")


def price_e4(yuan: Decimal) -> int:
    """Read an amount in yuan: a JSON number, of which every digit is kept. Raises: Invalid."""
    exponent = yuan.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > 20:  # noqa: PLR2004  (digits of a sane one)
        raise AmountUnreadable(amount=str(yuan)[:40])  # written out it could fill the memory
    return parse_price(f"{yuan:f}")


def _amount(yuan: Decimal, order_sn: str, field: str) -> int:
    try:
        return price_e4(yuan)
    except Invalid as error:
        raise _wrong(order_sn, field) from error


def _time(written: str, order_sn: str, field: str) -> datetime:
    moment = _parsed(written)
    if moment is None:
        raise _wrong(order_sn, field)
    return moment


def _parsed(written: str) -> datetime | None:
    """Read Beijing time, or Unix seconds, which a sample of the refund list shows."""
    try:
        if written.isascii() and written.isdigit():
            return datetime.fromtimestamp(int(written), UTC)
        local = datetime.strptime(written, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  (next line)
        return local.replace(tzinfo=ZoneInfo(SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _wrong(order_id: str, what: str) -> ShopOrderWrong:
    return ShopOrderWrong(channel=NAME, order=order_id or "?", what=what)
