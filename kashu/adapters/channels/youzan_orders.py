"""Youzan's orders and refunds, read into ours."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from kashu.adapters.channels.youzan_answers import CHANNEL, unclear
from kashu.channels.channel import (
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
)
from kashu.channels.errors import ShopOrderWrong
from kashu.core.clock import SHANGHAI
from kashu.core.errors import Invalid
from kashu.core.money import parse_price

Row = TypeVar("Row")
Told = TypeVar("Told")

_ZONE: Final = ZoneInfo(SHANGHAI)
_TIME: Final = "%Y-%m-%d %H:%M:%S"

_STATES: Final = {
    "WAIT_BUYER_PAY": ShopState.UNPAID,
    "TRADE_PAID": ShopState.HELD,  # passing: what comes next says whether it may be shipped
    "WAIT_CONFIRM": ShopState.HELD,  # a group isn't full, or the shop hasn't taken the order
    "WAIT_SELLER_SEND_GOODS": ShopState.PAID,
    "WAIT_BUYER_CONFIRM_GOODS": ShopState.SHIPPED,
    "TRADE_SUCCESS": ShopState.FINISHED,
    "TRADE_CLOSED": ShopState.CLOSED,
}
# Virtual orders never wait: Youzan counts them as shipped once they are paid. They are ours to
# deliver all the same.
_VIRTUAL_PAID: Final = frozenset(
    {"TRADE_PAID", "WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS"}
)
_REFUND_OF_ORDER: Final = {
    0: ShopRefundState.NONE,
    1: ShopRefundState.ASKED,  # a part of it is on its way
    2: ShopRefundState.ASKED,  # a part is back; of which line, the refunds tell
    11: ShopRefundState.ASKED,
    12: ShopRefundState.DONE,
}
_REFUNDS: Final = {
    "WAIT_SELLER_AGREE": ShopRefundState.ASKED,
    "WAIT_BUYER_RETURN_GOODS": ShopRefundState.ASKED,
    "WAIT_SELLER_CONFIRM_GOODS": ShopRefundState.ASKED,
    "SELLER_REFUSE_BUYER": ShopRefundState.REFUSED,
    "SELLER_REFUSE_BUYER_RETURN_GOODS": ShopRefundState.REFUSED,
    "CLOSED": ShopRefundState.REFUSED,
    "SUCCESS": ShopRefundState.DONE,
}


class Tags(msgspec.Struct):
    """What an order is marked with."""

    is_virtual: bool | None = None
    is_payed: bool | None = None
    is_refund: bool | None = None


class OrderPart(msgspec.Struct):
    """An order's `order_info`."""

    tid: str
    status: str
    update_time: str
    pay_time: str | None = None
    refund_state: int | None = None
    order_tags: Tags | None = None


class PayPart(msgspec.Struct):
    """An order's `pay_info`."""

    payment: str
    post_fee: str | None = None


class LinePart(msgspec.Struct):
    """One of an order's `orders`."""

    oid: int | str
    item_id: int | str
    num: int
    payment: str
    sku_id: int | str | None = None
    title: str | None = None
    sku_no: str | None = None
    outer_sku_id: str | None = None
    item_no: str | None = None
    outer_item_id: str | None = None
    sku_properties_name: str | None = None
    buyer_messages: str | None = None


class BuyerPart(msgspec.Struct):
    """An order's `buyer_info`."""

    yz_open_id: str | None = None


class RemarkPart(msgspec.Struct):
    """An order's `remark_info`."""

    buyer_message: str | None = None
    trade_memo: str | None = None


class Trade(msgspec.Struct):
    """An order's `full_order_info`."""

    order_info: OrderPart
    pay_info: PayPart
    orders: list[LinePart]
    buyer_info: BuyerPart | None = None
    remark_info: RemarkPart | None = None

    @property
    def virtual(self) -> bool:
        """Whether Youzan ships it by itself."""
        tags = self.order_info.order_tags
        return tags is not None and tags.is_virtual is True

    @property
    def touched_by_refunds(self) -> bool:
        """Whether there is or was a refund."""
        tags = self.order_info.order_tags
        return bool(self.order_info.refund_state) or (tags is not None and tags.is_refund is True)


class _TidPart(msgspec.Struct):
    tid: str


class _There(msgspec.Struct):
    order_info: _TidPart


class RefundRow(msgspec.Struct):
    """A refund, in a list or by itself."""

    refund_id: str
    tid: str
    status: str
    refund_fee: str
    modified: str
    reason: int | str | None = None


class RefundMore(msgspec.Struct):
    """What only a refund by itself tells."""

    version: int | str
    status: str | None = None
    oid: int | str | None = None


def apart(
    rows: Iterable[Row], read: Callable[[Row], Told]
) -> tuple[list[Told], list[ShopOrderWrong]]:
    """Read all that can be read, and say of the others what is wrong with them."""
    good: list[Told] = []
    bad: list[ShopOrderWrong] = []
    for row in rows:
        try:
            good.append(read(row))
        except ShopOrderWrong as error:
            bad.append(error)
    return good, bad


def wrong(order: str, what: str) -> ShopOrderWrong:
    """Make the error for an order that can't be."""
    return ShopOrderWrong(channel=CHANNEL, order=order, what=what)


def moment(told: str, order: str) -> datetime:
    """Read a time of Beijing's as UTC."""
    try:
        at = datetime.strptime(told, _TIME).replace(tzinfo=_ZONE)
    except ValueError as error:
        raise wrong(order, "a time") from error
    return at.astimezone(UTC)


def written(at: datetime) -> str:
    """Write a time as Youzan reads it: Beijing's, to the second."""
    return at.astimezone(_ZONE).strftime(_TIME)


def amount(yuan: str, order: str) -> int:
    """Read yuan as ten-thousandths: not negative, to the fen."""
    try:
        return parse_price(yuan)
    except Invalid as error:
        raise wrong(order, "an amount") from error


def read_order(trade: Trade, refunds: Sequence[ShopRefund] | None) -> ShopOrder:
    """Read an order. `refunds`: all of its own, or None where nobody has asked for them.

    Raises: ShopOrderWrong.
    """
    told = trade.order_info
    state = _state(trade)
    paid_at = moment(told.pay_time, told.tid) if told.pay_time else None
    if state in {ShopState.PAID, ShopState.SHIPPED, ShopState.FINISHED} and paid_at is None:
        raise wrong(told.tid, "pay_time")
    lines = tuple(_line(line, told.tid, _refund_of(trade, line, refunds)) for line in trade.orders)
    if not lines or len({line.line_id for line in lines}) != len(lines):
        raise wrong(told.tid, "lines")
    notes = [] if trade.remark_info is None else [trade.remark_info.buyer_message or ""]
    notes += [_answers(line.buyer_messages or "") for line in trade.orders]
    return ShopOrder(
        order_id=told.tid,
        state=state,
        changed_at=moment(told.update_time, told.tid),
        paid_at=paid_at,
        paid_e4=_paid(trade, lines),
        lines=lines,
        buyer=(trade.buyer_info.yz_open_id or "") if trade.buyer_info else "",
        note="\n".join(note for note in notes if note),
        complete=refunds is not None or not trade.touched_by_refunds,
    )


def read_trade(told: msgspec.Raw, order: str) -> Trade:
    """Decode the order that was asked for. Raises: ShopOrderWrong, ChannelUnclear."""
    try:
        trade = msgspec.json.decode(told, type=Trade)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise wrong(order, str(error)) from error  # which names fields, not what is in them
    if trade.order_info.tid != order:
        raise unclear("tid: another order")
    return trade


def read_row(told: msgspec.Raw) -> ShopOrder:
    """Read an order in a list. Raises: ShopOrderWrong; ChannelUnclear where it hasn't a number."""
    try:
        order = msgspec.json.decode(told, type=_There).order_info.tid
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unclear("full_order_info") from error
    return read_order(read_trade(told, order), None)


def read_refund(row: RefundRow, more: RefundMore) -> ShopRefund:
    """Read a refund. Raises: ShopOrderWrong."""
    state = _REFUNDS.get(more.status or row.status)
    if state is None:
        raise wrong(row.tid, "a refund's status")
    return ShopRefund(
        refund_id=row.refund_id,
        order_id=row.tid,
        line_id=_id(more.oid),
        state=state,
        amount_e4=amount(row.refund_fee, row.tid),
        changed_at=moment(row.modified, row.tid),
        version=str(more.version),
        reason="" if row.reason is None else str(row.reason),
    )


def _state(trade: Trade) -> ShopState:
    told = trade.order_info
    state = _STATES.get(told.status)
    if state is None:
        raise wrong(told.tid, "status")
    paid = told.order_tags.is_payed if told.order_tags is not None else None
    if trade.virtual and told.status in _VIRTUAL_PAID:
        state = ShopState.PAID
    if state is ShopState.PAID and paid is False:
        return ShopState.UNPAID  # to be paid on delivery: nothing for us to deliver
    return state


def _line(told: LinePart, order: str, refund: ShopRefundState) -> ShopLine:
    line_id, item_id = _id(told.oid), _id(told.item_id)
    if not line_id or not item_id:
        raise wrong(order, "a line's id")
    if told.num <= 0:
        raise wrong(order, "a line's num")
    codes = (told.sku_no, told.outer_sku_id, told.item_no, told.outer_item_id)
    return ShopLine(
        line_id=line_id,
        item_id=item_id,
        sku_id=_id(told.sku_id),
        quantity=told.num,
        paid_e4=amount(told.payment, order),
        title=told.title or "",
        merchant_code=next((code for code in codes if code), ""),
        properties=told.sku_properties_name or "",
        refund=refund,
    )


def _paid(trade: Trade, lines: Sequence[ShopLine]) -> int:
    """Add the lines up. Postage may be in what was paid, and is none of ours."""
    order = trade.order_info.tid
    paid = amount(trade.pay_info.payment, order)
    postage = amount(trade.pay_info.post_fee or "0", order)
    of_lines = sum(line.paid_e4 for line in lines)
    if paid not in {of_lines, of_lines + postage}:
        raise wrong(order, "payment")
    return of_lines


def _refund_of(
    trade: Trade, line: LinePart, refunds: Sequence[ShopRefund] | None
) -> ShopRefundState:
    order = trade.order_info.tid
    told = _REFUND_OF_ORDER.get(trade.order_info.refund_state or 0)
    if told is None:
        raise wrong(order, "refund_state")
    if told is ShopRefundState.DONE:
        return told
    if refunds is None:
        return ShopRefundState.ASKED if trade.touched_by_refunds else ShopRefundState.NONE
    ours = [each for each in refunds if each.line_id in {"", _id(line.oid)}]
    states = {each.state for each in ours}
    for state in (ShopRefundState.DONE, ShopRefundState.ASKED, ShopRefundState.REFUSED):
        if state in states:
            return state
    return ShopRefundState.NONE if refunds else told


def _answers(messages: str) -> str:
    """What the buyer typed at an item: the shop's questions with their answers, one a line.

    Where it isn't that, it is left as it is.
    """
    try:
        told = msgspec.json.decode(messages, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "" if messages in {"[]", "null"} else messages
    return "\n".join(f"{question}：{answer}" for question, answer in told.items())


def _id(told: int | str | None) -> str:
    """Write an id as text. Items without variants have the SKU 0, refunds of all the line 0."""
    return "" if told in {None, 0, "0", ""} else str(told)
