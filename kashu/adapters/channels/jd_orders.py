"""What JD tells of orders, refunds and listings, read into our words.

JD tells no amount paid for a line: what the buyer paid for the order is shared among its lines by
their price and count, without losing a fen.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.channels.jd_answers import ABSENT, ApiResult
from kashu.adapters.channels.jd_gateway import (
    NAME,
    Number,
    amount_e4,
    decode,
    is_true,
    moment,
    unclear,
)
from kashu.channels.channel import (
    Listing,
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
)
from kashu.channels.errors import ShopOrderWrong
from kashu.core.money import FEN, split

# Those that `pop.order.search` is documented to be asked for. It refuses an empty list, and
# whether "ALL" may be asked for isn't known.
ASKED_STATES: Final = (
    "WAIT_SELLER_STOCK_OUT",
    "WAIT_GOODS_RECEIVE_CONFIRM",
    "WAIT_SELLER_DELIVERY",
    "PAUSE",
    "FINISHED_L",
    "TRADE_CANCELED",
    "LOCKED",
    "POP_ORDER_PAUSE",
)
TO_DELIVER: Final = frozenset({"WAIT_SELLER_STOCK_OUT", "WAIT_SEND_CODE"})
STATES: Final[Mapping[str, ShopState]] = {
    "NOT_PAY": ShopState.UNPAID,
    "WAIT_SELLER_STOCK_OUT": ShopState.PAID,
    "WAIT_SEND_CODE": ShopState.PAID,  # LOC: a code of ours is waited for
    "WAIT_SELLER_DELIVERY": ShopState.HELD,  # sellers abroad only
    "LOCKED": ShopState.HELD,
    "PAUSE": ShopState.HELD,
    "POP_ORDER_PAUSE": ShopState.HELD,
    "DELIVERY_RETURN": ShopState.HELD,  # parcels only; whether money went back isn't said
    "WAIT_GOODS_RECEIVE_CONFIRM": ShopState.SHIPPED,
    "FINISHED_L": ShopState.FINISHED,
    "TRADE_CANCELED": ShopState.CLOSED,
}
FIELDS: Final = (
    "orderId,orderType,orderState,orderRemark,paymentConfirmTime,modified,actualPay,freightPrice,"
    "pin,open_id_buyer,itemInfoList"
)
NEVER: Final = "0001-01-01 00:00:00"  # how JD writes that an order isn't paid
LOC: Final = "75"  # the order type whose codes the seller uploads

REFUND_STATES: Final[Mapping[str, ShopRefundState]] = {
    "0": ShopRefundState.ASKED,
    "1": ShopRefundState.ASKED,  # we agreed; JD's finance has not
    "2": ShopRefundState.REFUSED,
    "3": ShopRefundState.DONE,
    "4": ShopRefundState.REFUSED,  # by JD's finance
    "5": ShopRefundState.ASKED,
    "6": ShopRefundState.ASKED,
    "7": ShopRefundState.ASKED,
    "8": ShopRefundState.ASKED,  # a parcel couldn't be stopped: a person decides
    "9": ShopRefundState.DONE,
    "10": ShopRefundState.ASKED,
    "11": ShopRefundState.REFUSED,  # withdrawn by the buyer
}
ON_SALE: Final = "1"
SKU_FIELDS: Final = (
    "wareId",
    "skuId",
    "status",
    "skuName",
    "wareTitle",
    "outerId",
    "jdPrice",
    "stockNum",
)


class Item(msgspec.Struct, rename="camel"):
    """A line of an order."""

    sku_id: Number
    item_total: Number
    jd_price: Decimal
    ware_id: Number = ""
    sku_name: str = ""
    outer_sku_id: str = ""


class Order(msgspec.Struct):
    """An order, as far as we read it. Receivers and addresses are not asked for."""

    order_id: Number = msgspec.field(name="orderId")
    state: str = msgspec.field(name="orderState")
    modified: str
    items: list[msgspec.Raw] = msgspec.field(name="itemInfoList")
    type: Number = msgspec.field(default="", name="orderType")
    remark: str | None = msgspec.field(default=None, name="orderRemark")
    paid_at: str | None = msgspec.field(default=None, name="paymentConfirmTime")
    paid: msgspec.Raw = msgspec.field(default=ABSENT, name="actualPay")
    freight: msgspec.Raw = msgspec.field(default=ABSENT, name="freightPrice")
    pin: str | None = None
    open_id: str | None = msgspec.field(default=None, name="open_id_buyer")


class _Numbered(msgspec.Struct):
    order_id: Number = msgspec.field(name="orderId")


class Refund(msgspec.Struct, rename="camel"):
    """A refund before shipment."""

    id: Number
    order_id: Number
    status: Number
    apply_time: str
    apply_refund_sum: Decimal  # fen, as five programs read it
    check_time: str | None = None
    reason: str | None = None


class Sku(msgspec.Struct, rename="camel"):
    """A variant that is for sale, or was."""

    sku_id: Number
    ware_id: Number
    status: Number
    sku_name: str | None = None
    ware_title: str | None = None
    outer_id: str | None = None
    jd_price: Decimal | None = None
    stock_num: int | None = None


def bare(raw: msgspec.Raw, wrapper: str) -> msgspec.Raw:
    """Take a list's member out of the object that JD's documents wrap it in, where it is."""
    members = decode(raw, dict[str, msgspec.Raw])
    return members.get(wrapper, raw)


def read_order(raw: msgspec.Raw, *, listed: bool = False) -> ShopOrder:
    """Read an order; `listed`: as one of a list, where what was paid may not have come yet.

    Raises: ShopOrderWrong; ChannelUnclear where not even its number is there.
    """
    number = str(decode(raw, _Numbered).order_id)
    try:
        told = msgspec.json.decode(raw, type=Order)
        items = [msgspec.json.decode(bare(each, "iteminfo"), type=Item) for each in told.items]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _wrong(number, "fields are missing") from error
    if told.state not in STATES:
        raise _wrong(number, "its state isn't known")
    paid_at = None if told.paid_at in {None, "", NEVER} else _moment(number, told.paid_at)
    state = STATES[told.state]
    if told.state in TO_DELIVER and paid_at is None:
        state = ShopState.HELD  # pay on delivery, or by and by: goods are wanted before money
    short = ShopOrder(
        order_id=number,
        state=state,
        changed_at=_moment(number, told.modified),
        paid_at=paid_at,
        paid_e4=0,
        lines=(),
        buyer=told.open_id or told.pin or "",
        note=told.remark or "",
        complete=False,
        kind=str(told.type),
    )
    paid = _text(told.paid)
    if not paid and state is ShopState.PAID:
        if listed:
            return short
        raise _wrong(number, "actualPay is missing")
    paid_e4 = _amount(number, paid or "0", "actualPay")
    freight_e4 = _amount(number, _text(told.freight) or "0", "freightPrice")
    lines = _lines(number, items, paid_e4, freight_e4)
    return replace(short, paid_e4=paid_e4, lines=lines, complete=True)


def _text(raw: msgspec.Raw) -> str:
    """A number as it is written, in quotes or not; empty where there is none."""
    written = bytes(raw).decode("ascii", "replace").strip('"')
    return "" if written == "null" else written


def _lines(number: str, items: list[Item], paid_e4: int, freight_e4: int) -> tuple[ShopLine, ...]:
    """Read the lines, and share among them what was paid."""
    if not items:
        raise _wrong(number, "it has no lines")
    counts = [_count(number, item.item_total) for item in items]
    prices = [_amount(number, item.jd_price, "jdPrice") for item in items]
    weights = [price * count for price, count in zip(prices, counts, strict=True)]
    if paid_e4 > sum(weights) + freight_e4:
        raise _wrong(number, "more was paid than its lines cost")
    whole_fen = split(paid_e4 // FEN, weights if any(weights) else counts)
    only = len(items) == 1
    return tuple(
        ShopLine(
            line_id=number if only else f"{number}-{place}",
            item_id=str(item.ware_id),
            sku_id=str(item.sku_id),
            quantity=count,
            paid_e4=fen * FEN,
            title=item.sku_name,
            merchant_code=item.outer_sku_id,
        )
        for place, (item, count, fen) in enumerate(zip(items, counts, whole_fen, strict=True), 1)
    )


def _count(number: str, written: Number) -> int:
    try:
        count = int(written)
    except ValueError as error:
        raise _wrong(number, "itemTotal isn't a number") from error
    if count <= 0:
        raise _wrong(number, "itemTotal isn't positive")
    return count


def _amount(number: str, written: Decimal | str, name: str) -> int:
    """Read yuan that a buyer can pay: whole fen."""
    try:
        read_e4 = amount_e4(Decimal(written))
    except (ArithmeticError, ValueError) as error:
        raise _wrong(number, f"{name} isn't an amount") from error
    if read_e4 % FEN:
        raise _wrong(number, f"{name} isn't in whole fen")
    return read_e4


def _moment(number: str, written: str | None) -> datetime:
    try:
        return moment(written or "")
    except ValueError as error:
        raise _wrong(number, "a time can't be read") from error


def _wrong(number: str, what: str) -> ShopOrderWrong:
    return ShopOrderWrong(channel=NAME, order=number, what=what)


def read_refund(raw: msgspec.Raw) -> ShopRefund:
    """Read a refund. Raises: ShopOrderWrong, ChannelUnclear."""
    told = decode(bare(raw, "refundApplyVo"), Refund)
    number = str(told.order_id)
    state = REFUND_STATES.get(str(told.status))
    if state is None:
        raise _wrong(number, "its refund's state isn't known")
    fen = told.apply_refund_sum
    if not fen.is_finite() or fen != fen.to_integral_value() or fen < 0:
        raise _wrong(number, "its refund's amount isn't in whole fen")
    return ShopRefund(
        refund_id=str(told.id),
        order_id=number,
        line_id="",  # JD refunds orders
        state=state,
        amount_e4=int(fen) * FEN,
        changed_at=_moment(number, told.check_time or told.apply_time),
        reason=told.reason or "",
    )


def read_sku(raw: msgspec.Raw) -> Listing:
    """Read a variant. Raises: ChannelUnclear."""
    told = decode(raw, Sku)
    try:
        price_e4 = None if told.jd_price is None else amount_e4(told.jd_price)
    except ValueError as error:
        raise unclear("a price can't be read") from error
    return Listing(
        item_id=str(told.ware_id),
        sku_id=str(told.sku_id),
        title=told.ware_title or told.sku_name or "",
        properties=told.sku_name or "",
        merchant_code=told.outer_id or "",
        price_e4=price_e4,
        quantity=told.stock_num,
        on_sale=str(told.status) == ON_SALE,
    )


def succeeded(result: ApiResult | None) -> bool:
    """Tell whether the service says that it did."""
    return result is not None and is_true(result.success)
