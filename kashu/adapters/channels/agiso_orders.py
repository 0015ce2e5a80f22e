"""Read Pinduoduo's orders as Agiso hands them on. What can't be is refused.

Source: Agiso's page Order/OrderInformation of aldsPdd, as copied by others; the meaning of the
states is Pinduoduo's own. Its goods (Goods/List) come as Pinduoduo's do and are read as those.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.channels.agiso_calls import NAME
from kashu.adapters.channels.pinduoduo_orders import (
    CANCELLED,
    CONFIRMED,
    DEPOSIT,
    REFUND_STATES,
    SHIPPED,
    SIGNED,
    TO_SHIP,
    UNCONFIRMED,
    price_e4,
)
from kashu.channels.channel import ShopLine, ShopOrder, ShopRefundState, ShopState
from kashu.channels.errors import ShopOrderWrong
from kashu.core.errors import Invalid

BEIJING: Final = timezone(timedelta(hours=8))
_COUNT: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class _Item(msgspec.Struct):
    goods_id: int | str
    sku_id: int | str
    goods_count: int | str
    goods_name: str = ""
    goods_spec: str | None = None
    outer_id: str | None = None


class _Order(msgspec.Struct):
    order_sn: str
    order_status: int
    refund_status: int
    risk_control_status: int
    pay_amount: Decimal
    goods_amount: Decimal
    discount_amount: Decimal
    postage: Decimal
    updated_at: str
    item_list: list[_Item]
    confirm_status: int | None = None  # the page's sample leaves it out
    confirm_time: str | None = None
    last_ship_time: str | None = None
    buyer_memo: str | None = None
    trade_type: int | None = None


class OrderDetail(msgspec.Struct):
    """The data of Order/OrderInformation."""

    order_info: msgspec.Raw


def read_order(told: msgspec.Raw, order_id: str) -> ShopOrder:
    """Read an order. Raises: ShopOrderWrong."""
    try:
        order = msgspec.json.decode(told, type=_Order)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _wrong(order_id, str(error)) from error
    if order.order_sn != order_id:
        raise _wrong(order_id, "order_sn")
    if order.trade_type == DEPOSIT:
        raise _wrong(order_id, "trade_type 1: 定金订单 / a deposit order")
    if order.refund_status not in REFUND_STATES:
        raise _wrong(order_id, "refund_status")
    paid_e4 = _paid(order)
    ship_by, confirmed = order.last_ship_time, order.confirm_time
    return ShopOrder(
        order_id=order_id,
        state=_state(order),
        changed_at=_time(order, "updated_at", order.updated_at),
        paid_at=_time(order, "confirm_time", confirmed) if confirmed else None,
        paid_e4=paid_e4,
        lines=(_line(order, paid_e4),),
        ship_by=_time(order, "last_ship_time", ship_by) if ship_by else None,
        note=order.buyer_memo or "",
    )


def _state(order: _Order) -> ShopState:
    """Deliver only what is confirmed, unshipped, without a refund and not under review."""
    if order.confirm_status == CANCELLED:
        return ShopState.CLOSED
    if order.confirm_status not in {None, UNCONFIRMED, CONFIRMED}:
        raise _wrong(order.order_sn, "confirm_status")
    if order.confirm_status == UNCONFIRMED or not order.confirm_time:
        return ShopState.UNPAID
    if order.order_status == SHIPPED:
        return ShopState.SHIPPED
    if order.order_status == SIGNED:
        return ShopState.FINISHED
    if order.order_status != TO_SHIP:
        raise _wrong(order.order_sn, "order_status")
    refund = REFUND_STATES[order.refund_status]
    if refund is ShopRefundState.DONE:
        return ShopState.CLOSED
    if order.risk_control_status not in {0, 1}:
        raise _wrong(order.order_sn, "risk_control_status")
    free = refund is ShopRefundState.NONE and order.risk_control_status == 0
    return ShopState.PAID if free else ShopState.HELD


def _line(order: _Order, paid_e4: int) -> ShopLine:
    """The one line of an order. What each of several cost isn't told, so there may be only one."""
    if len(order.item_list) != 1:
        raise _wrong(order.order_sn, f"item_list: {len(order.item_list)}")
    item = order.item_list[0]
    if not _COUNT.fullmatch(str(item.goods_count)):
        raise _wrong(order.order_sn, "goods_count")
    return ShopLine(
        line_id=order.order_sn,
        item_id=str(item.goods_id),
        sku_id=str(item.sku_id),
        quantity=int(item.goods_count),
        paid_e4=paid_e4,
        title=item.goods_name,
        merchant_code=item.outer_id or "",
        properties=item.goods_spec or "",
        refund=REFUND_STATES[order.refund_status],
    )


def _paid(order: _Order) -> int:
    """Paid = goods - discount + postage, as the page says."""
    paid_e4 = _amount(order, "pay_amount", order.pay_amount)
    goods_e4 = _amount(order, "goods_amount", order.goods_amount)
    discount_e4 = _amount(order, "discount_amount", order.discount_amount)
    postage_e4 = _amount(order, "postage", order.postage)
    if paid_e4 != goods_e4 - discount_e4 + postage_e4:
        raise _wrong(order.order_sn, "pay_amount ≠ goods_amount - discount_amount + postage")
    return paid_e4


def _amount(order: _Order, field: str, yuan: Decimal) -> int:
    try:
        return price_e4(yuan)
    except Invalid as error:
        raise _wrong(order.order_sn, field) from error


def _time(order: _Order, field: str, written: str) -> datetime:
    """Read Beijing time: the pages show both "2020-06-01T19:00:37" and a blank for the T."""
    try:
        read = datetime.strptime(f"{written.replace('T', ' ')}+0800", "%Y-%m-%d %H:%M:%S%z")
    except ValueError as error:
        raise _wrong(order.order_sn, field) from error
    return read.replace(tzinfo=BEIJING).astimezone(UTC)


def _wrong(order_id: str, what: str) -> ShopOrderWrong:
    return ShopOrderWrong(channel=NAME, order=order_id, what=what)
