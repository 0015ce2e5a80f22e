"""What TOP tells of orders and refunds, read strictly."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from kashu.adapters.channels.taobao_calls import NAME, unclear
from kashu.adapters.channels.taobao_signing import read_time
from kashu.channels.channel import (
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
)
from kashu.channels.errors import ShopOrderWrong
from kashu.core.errors import Invalid
from kashu.core.money import parse_price

TRADE_FIELDS: Final = (
    "tid,status,created,modified,pay_time,payment,post_fee,buyer_nick,buyer_open_uid,"
    "has_buyer_message,orders.oid,orders.num_iid,orders.sku_id,orders.outer_iid,"
    "orders.outer_sku_id,orders.title,orders.sku_properties_name,orders.num,orders.payment,"
    "orders.divide_order_fee,orders.refund_status,orders.status"
)
DETAIL_FIELDS: Final = TRADE_FIELDS + ",buyer_message,seller_memo"
REFUND_FIELDS: Final = (
    "refund_id,tid,oid,status,refund_fee,modified,refund_phase,refund_version,reason"
)

STATES: Final = {
    "TRADE_NO_CREATE_PAY": ShopState.UNPAID,
    "WAIT_BUYER_PAY": ShopState.UNPAID,
    "PAY_PENDING": ShopState.UNPAID,
    "WAIT_PRE_AUTH_CONFIRM": ShopState.UNPAID,
    "WAIT_SELLER_SEND_GOODS": ShopState.PAID,
    "SELLER_CONSIGNED_PART": ShopState.PAID,  # its lines say which of them are shipped
    "PAID_FORBID_CONSIGN": ShopState.HELD,
    "WAIT_BUYER_CONFIRM_GOODS": ShopState.SHIPPED,
    "TRADE_BUYER_SIGNED": ShopState.SHIPPED,
    "TRADE_FINISHED": ShopState.FINISHED,
    "TRADE_CLOSED": ShopState.CLOSED,  # after payment: the money went back
    "TRADE_CLOSED_BY_TAOBAO": ShopState.CLOSED,  # before payment
}
REFUND_STATES: Final = {
    "NO_REFUND": ShopRefundState.NONE,
    "WAIT_SELLER_AGREE": ShopRefundState.ASKED,
    "WAIT_BUYER_RETURN_GOODS": ShopRefundState.ASKED,
    "WAIT_SELLER_CONFIRM_GOODS": ShopRefundState.ASKED,
    "SELLER_REFUSE_BUYER": ShopRefundState.REFUSED,
    "CLOSED": ShopRefundState.REFUSED,
    "SUCCESS": ShopRefundState.DONE,
}

_WORD: Final = re.compile(r"[A-Z_]{1,40}")
_DIGITS: Final = re.compile(r"[0-9]{1,30}", re.ASCII)
State = TypeVar("State")


class _Bought(msgspec.Struct):
    """One of `trade.orders`: TOP calls a line an order."""

    oid: int | str
    num_iid: int | str
    num: int
    payment: str
    status: str
    sku_id: int | str = ""
    outer_iid: str = ""
    outer_sku_id: str = ""
    title: str = ""
    sku_properties_name: str = ""
    divide_order_fee: str = ""
    refund_status: str = "NO_REFUND"


class _BoughtList(msgspec.Struct):
    order: list[_Bought] = []


class Trade(msgspec.Struct):
    """An order as TOP has it."""

    tid: int | str
    status: str
    modified: str
    payment: str
    orders: _BoughtList
    post_fee: str = "0.00"
    pay_time: str = ""
    buyer_nick: str = ""
    buyer_open_uid: str = ""
    has_buyer_message: bool | None = None
    buyer_message: str = ""
    seller_memo: str = ""


class _Refund(msgspec.Struct):
    refund_id: int | str
    tid: int | str
    oid: int | str
    status: str
    refund_fee: str
    modified: str
    refund_phase: str = ""
    refund_version: int | str = ""
    reason: str = ""


class _OnlyTid(msgspec.Struct):
    tid: int | str


class _OnlyTime(msgspec.Struct):
    modified: str


def read_trade(told: msgspec.Raw) -> Trade:
    """Decode an order. Raises: ShopOrderWrong; ChannelUnclear where not even its id is told."""
    order_id = _id_of(told)
    try:
        return msgspec.json.decode(told, type=Trade)
    except msgspec.MsgspecError as error:
        raise _wrong(order_id, "fields") from error


def read_order(trade: Trade, *, complete: bool) -> ShopOrder:
    """Turn an order of TOP's into ours. Raises: ShopOrderWrong.

    An order as it is in a list is complete where it says that its buyer typed no message.
    """
    order_id = str(trade.tid)
    lines = tuple(_lines(trade, order_id))
    paid_e4 = _amount(trade.payment, order_id, "payment")
    post_e4 = _amount(trade.post_fee, order_id, "post_fee")
    goods_e4 = sum(line.paid_e4 for line in lines)
    state = _state(STATES, trade.status, order_id)
    paid_at = _time(trade.pay_time, order_id) if trade.pay_time else None
    if paid_at is None and state in {ShopState.PAID, ShopState.HELD}:
        raise _wrong(order_id, "pay_time")
    # After a refund `payment` shrinks and the lines' shares may not: only then may they differ.
    refunded = any(line.refund is ShopRefundState.DONE for line in lines)
    if paid_at and not refunded and goods_e4 + post_e4 != paid_e4:
        raise _wrong(order_id, "amounts don't add up")
    return ShopOrder(
        order_id=order_id,
        state=state,
        changed_at=_time(trade.modified, order_id),
        paid_at=paid_at,
        paid_e4=goods_e4,
        lines=lines,
        buyer=trade.buyer_open_uid or trade.buyer_nick,
        note=trade.buyer_message,
        complete=complete or trade.has_buyer_message is False,
    )


def read_listed(told: msgspec.Raw, begin: datetime) -> ShopOrder:
    """Read an order of a list.

    One that can't be becomes a short form, so that it holds up no other: order() will say what is
    wrong with it. Where not even its time can be read, it changed at `begin` of the window.
    Raises: ChannelUnclear where its id isn't told.
    """
    try:
        return read_order(read_trade(told), complete=False)
    except ShopOrderWrong:
        pass
    try:
        changed_at = read_time(msgspec.json.decode(told, type=_OnlyTime).modified)
    except (msgspec.MsgspecError, ValueError):
        changed_at = begin
    return ShopOrder(_id_of(told), ShopState.HELD, changed_at, None, 0, (), complete=False)


def read_refunds(told: Sequence[msgspec.Raw]) -> tuple[list[ShopRefund], list[ShopOrderWrong]]:
    """Read the refunds of a list; those that can't be are told apart by their order."""
    refunds, wrong = [], []
    for each in told:
        try:
            refunds.append(_read_refund(each))
        except ShopOrderWrong as error:
            wrong.append(error)
    return refunds, wrong


def _lines(trade: Trade, order_id: str) -> list[ShopLine]:
    bought = trade.orders.order
    if not bought:
        raise _wrong(order_id, "no lines")
    whole = _state(STATES, trade.status, order_id)
    lines = []
    for each in bought:
        if each.num <= 0:
            raise _wrong(order_id, "num")
        state = _state(STATES, each.status, order_id)
        lines.append(
            ShopLine(
                line_id=_id(each.oid, order_id, "oid"),
                item_id=_id(each.num_iid, order_id, "num_iid"),
                sku_id=_id(each.sku_id, order_id, "sku_id") if each.sku_id else "",
                quantity=each.num,
                paid_e4=_line_paid(each, trade, order_id),
                title=each.title,
                merchant_code=each.outer_sku_id or each.outer_iid,
                properties=each.sku_properties_name,
                refund=_state(REFUND_STATES, each.refund_status, order_id),
                state=None if state is whole else state,
            )
        )
    if len({line.line_id for line in lines}) != len(lines):
        raise _wrong(order_id, "oid")
    return lines


def _line_paid(line: _Bought, trade: Trade, order_id: str) -> int:
    """What was paid for a line: its share after the order's discounts, without postage.

    Where the share isn't told: `payment`, which holds the postage if the line is the only one.
    """
    if line.divide_order_fee:
        return _amount(line.divide_order_fee, order_id, "divide_order_fee")
    paid_e4 = _amount(line.payment, order_id, "orders.payment")
    if len(trade.orders.order) == 1:
        paid_e4 -= _amount(trade.post_fee, order_id, "post_fee")
    if paid_e4 < 0:
        raise _wrong(order_id, "orders.payment")
    return paid_e4


def _read_refund(told: msgspec.Raw) -> ShopRefund:
    order_id = _id_of(told)
    try:
        refund = msgspec.json.decode(told, type=_Refund)
    except msgspec.MsgspecError as error:
        raise _wrong(order_id, "refund") from error
    return ShopRefund(
        refund_id=_id(refund.refund_id, order_id, "refund_id"),
        order_id=order_id,
        line_id=_id(refund.oid, order_id, "oid"),
        state=_state(REFUND_STATES, refund.status, order_id),
        amount_e4=_amount(refund.refund_fee, order_id, "refund_fee"),
        changed_at=_time(refund.modified, order_id),
        version=f"{refund.refund_version}|{refund.refund_phase}",
        reason=refund.reason,
    )


def _id_of(told: msgspec.Raw) -> str:
    """Find whose row this is. Raises: ChannelUnclear: a row of nobody's can't be held."""
    try:
        tid = str(msgspec.json.decode(told, type=_OnlyTid).tid)
    except msgspec.MsgspecError as error:
        raise unclear("a row without tid") from error
    if not _DIGITS.fullmatch(tid):
        raise unclear("a row whose tid is no number")
    return tid


def _id(told: int | str, order_id: str, field: str) -> str:
    if not _DIGITS.fullmatch(str(told)):
        raise _wrong(order_id, field)
    return str(told)


def _wrong(order_id: str, what: str) -> ShopOrderWrong:
    return ShopOrderWrong(channel=NAME, order=order_id, what=what)


def _state(known: dict[str, State], told: str, order_id: str) -> State:
    if told not in known:
        raise _wrong(order_id, f"status {told if _WORD.fullmatch(told) else 'unreadable'}")
    return known[told]


def _amount(told: str, order_id: str, field: str) -> int:
    try:
        return parse_price(told)
    except Invalid as error:
        raise _wrong(order_id, field) from error


def _time(told: str, order_id: str) -> datetime:
    try:
        return read_time(told)
    except ValueError as error:
        raise _wrong(order_id, "time") from error
