"""Read Weidian's orders: states, money, lines. What can't be is refused, never guessed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from kashu.adapters.channels.weidian_calls import NAME, read_time, unclear
from kashu.channels.channel import ShopLine, ShopOrder, ShopRefundState, ShopState
from kashu.channels.errors import ShopOrderWrong
from kashu.core.errors import Invalid
from kashu.core.money import parse_price, split

# The list's numbers, from a client of 2017. Others happen: they are only a hint, order() decides.
LISTED: Final = {
    0: ShopState.UNPAID,
    1: ShopState.UNPAID,
    2: ShopState.PAID,
    3: ShopState.SHIPPED,
    7: ShopState.HELD,
    8: ShopState.CLOSED,
}
STATES: Final = {
    "unpay": ShopState.UNPAID,
    "pay": ShopState.PAID,
    "unship_refunding": ShopState.HELD,
    "ship": ShopState.SHIPPED,
    "shiped_refunding": ShopState.SHIPPED,
    "accept": ShopState.FINISHED,
    "accept_refunding": ShopState.FINISHED,
    "finish": ShopState.FINISHED,
    "close": ShopState.CLOSED,
}
NUMBERS: Final = frozenset({10, 20, 21, 30, 31, 40, 50, 60})
PAID_NUMBERS: Final = frozenset({20, 31})  # paid; some lines shipped
REFUNDING, REFUNDED, REFUND_CLOSED = 1, 2, 3
LINE_REFUNDED: Final = 10

_Number = int | str | None


class _Refund(msgspec.Struct):
    refund_no: _Number = None
    refund_status: _Number = None
    refund_fee: Any = None  # nobody has documented how it is written


class _Item(msgspec.Struct):
    item_id: int | str
    total_price: str
    quantity: int | str
    sku_id: _Number = None
    sub_order_id: _Number = None
    sku_title: str | None = None
    item_name: str | None = None
    merchant_code: str | None = None
    sku_merchant_code: str | None = None
    is_delivered: bool | int | str | None = None
    refund_info: _Refund | None = None


class _Answer(msgspec.Struct):
    """What the buyer answered to a question of the shop's: a top-up account, often."""

    name: str = ""
    value: str | int | None = None


class _Buyer(msgspec.Struct):
    buyer_id: _Number = None


class Detail(msgspec.Struct):
    """An order as vdian.order.get tells it: the fields we need."""

    order_id: int | str
    status: str
    total: str
    items: list[_Item]
    status_ori: _Number = None
    refund_status_ori: _Number = None
    express_fee: str | None = None
    pay_time: str | None = None
    note: str | None = None
    discount_list: list[msgspec.Raw] | None = None
    f_shop_name: str | None = None
    buyer_info: _Buyer | None = None
    customInfos: list[_Answer] | None = None  # noqa: N815  (the platform's name)


class _Listed(msgspec.Struct):
    order_id: int | str
    update_time: str
    status: _Number = None


class OrderList(msgspec.Struct):
    """A page of vdian.order.list.get."""

    total_num: int
    orders: list[_Listed]


def read_list(page: OrderList) -> list[ShopOrder]:
    """Read a page's short forms. Raises: ChannelUnclear."""
    return [_short(listed) for listed in page.orders]


def _short(listed: _Listed) -> ShopOrder:
    try:
        changed_at = read_time(listed.update_time)
    except ValueError as error:
        raise unclear("unreadable update_time") from error
    status = _whole(listed.status)
    state = ShopState.HELD if status is None else LISTED.get(status, ShopState.HELD)
    return ShopOrder(str(listed.order_id), state, changed_at, None, 0, (), complete=False)


def read_detail(
    result: msgspec.Raw, order_id: str, asked_at: datetime, shop_name: str
) -> tuple[ShopOrder, Detail]:
    """Read one order as it stood when asked; what the buyer typed is left to `note_of`.

    Raises: ShopOrderWrong, ChannelUnclear when it is another order.
    """
    if not result:
        raise unclear("no result")
    try:
        detail = msgspec.json.decode(result, type=Detail)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise wrong(order_id, str(error)) from error
    if str(detail.order_id) != order_id:
        raise unclear("another order")
    refund = _known(order_id, "refund_status_ori", detail.refund_status_ori, frozenset(range(4)))
    goods_e4, prices = _amounts(order_id, detail)
    lines = tuple(
        _line(order_id, detail, item, paid_e4, refund or 0)
        for item, paid_e4 in zip(detail.items, prices, strict=True)
    )
    if len({line.line_id for line in lines}) != len(lines):
        raise wrong(order_id, "sub_order_id")
    state = _state(order_id, detail, refund or 0, lines)
    if state is ShopState.PAID and detail.f_shop_name and detail.f_shop_name != shop_name:
        state = ShopState.HELD  # another shop distributes it: a person must look
    told = ShopOrder(
        order_id,
        state,
        asked_at,
        _paid_at(order_id, detail, state),
        goods_e4,
        lines,
        buyer=_text(detail.buyer_info.buyer_id) if detail.buyer_info else "",
    )
    return told, detail


def note_of(detail: Detail) -> str:
    """What the buyer typed: the note, then each answer to a question on its own line."""
    answers = [f"{each.name}: {_text(each.value)}" for each in detail.customInfos or ()]
    return "\n".join(part for part in (detail.note or "", *answers) if part)


def _state(order_id: str, detail: Detail, refund: int, lines: Sequence[ShopLine]) -> ShopState:
    state = STATES.get(detail.status)
    if state is None:
        raise wrong(order_id, "status")
    number = _known(order_id, "status_ori", detail.status_ori, NUMBERS)
    if state is not ShopState.PAID:
        return state
    if number is not None and number not in PAID_NUMBERS:
        raise wrong(order_id, "status and status_ori")
    settled = any(line.refund is ShopRefundState.DONE for line in lines)
    if refund == REFUNDING or (refund == REFUNDED and not settled):
        return ShopState.HELD
    return state


def _amounts(order_id: str, detail: Detail) -> tuple[int, list[int]]:
    """Say what was paid for the goods, and for each line. Postage is left out.

    Lines whose prices don't add up to the total are only believed where there is a discount; it
    is shared by their prices.
    """
    if not detail.items:
        raise wrong(order_id, "no items")
    prices = [_price(order_id, "total_price", item.total_price) for item in detail.items]
    postage_e4 = _price(order_id, "express_fee", detail.express_fee or "0")
    goods_e4 = _price(order_id, "total", detail.total) - postage_e4
    listed_e4 = sum(prices)
    if goods_e4 == listed_e4:
        return goods_e4, prices
    if not detail.discount_list or not 0 <= goods_e4 < listed_e4:
        raise wrong(order_id, "total")
    fen = split(goods_e4 // 100, prices)
    return goods_e4, [part * 100 for part in fen]


def _line(order_id: str, detail: Detail, item: _Item, paid_e4: int, refund: int) -> ShopLine:
    quantity = _whole(item.quantity)
    if quantity is None or quantity <= 0:
        raise wrong(order_id, "quantity")
    line_id = _text(item.sub_order_id)
    if not line_id and len(detail.items) > 1:
        raise wrong(order_id, "sub_order_id")
    return ShopLine(
        line_id=line_id or order_id,
        item_id=str(item.item_id),
        sku_id=variant(item.sku_id),
        quantity=quantity,
        paid_e4=paid_e4,
        title=item.item_name or "",
        merchant_code=item.sku_merchant_code or item.merchant_code or "",
        properties=item.sku_title or "",
        refund=_line_refund(order_id, item.refund_info, refund),
        refunded_e4=_refunded(item.refund_info),
        state=ShopState.SHIPPED if _is_delivered(order_id, item) else None,
    )


def _line_refund(order_id: str, told: _Refund | None, of_order: int) -> ShopRefundState:
    if told is None or (told.refund_status in {None, "", 0, "0"} and not _text(told.refund_no)):
        return ShopRefundState.NONE
    if _text(told.refund_status) and _whole(told.refund_status) is None:
        raise wrong(order_id, "refund_status")
    if _whole(told.refund_status) == LINE_REFUNDED:
        return ShopRefundState.DONE
    return ShopRefundState.REFUSED if of_order == REFUND_CLOSED else ShopRefundState.ASKED


def _refunded(told: _Refund | None) -> int | None:
    """How much of an item went back; what can't be read nobody says, and a person is asked."""
    if told is None or isinstance(told.refund_fee, bool):
        return None
    try:
        return parse_price(str(told.refund_fee))
    except Invalid:
        return None


def _is_delivered(order_id: str, item: _Item) -> bool:
    if item.is_delivered in {None, "", 0, "0"}:  # False is 0
        return False
    if item.is_delivered in {1, "1"}:
        return True
    raise wrong(order_id, "is_delivered")


def _paid_at(order_id: str, detail: Detail, state: ShopState) -> datetime | None:
    if not detail.pay_time:
        if state in {ShopState.PAID, ShopState.HELD}:
            raise wrong(order_id, "pay_time")
        return None
    try:
        return read_time(detail.pay_time)
    except ValueError as error:
        raise wrong(order_id, "pay_time") from error


def variant(sku_id: int | str | None) -> str:
    """Name an item's variant; the platform's 0 is none."""
    return "" if sku_id in {None, 0, "0"} else str(sku_id)


def _known(order_id: str, field: str, told: _Number, known: frozenset[int]) -> int | None:
    if told is None or told == "":
        return None
    number = _whole(told)
    if number not in known:
        raise wrong(order_id, field)
    return number


def _price(order_id: str, field: str, written: str) -> int:
    try:
        return parse_price(written)
    except Invalid as error:
        raise wrong(order_id, field) from error


def _whole(told: int | str | None) -> int | None:
    if isinstance(told, str):
        return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None  # noqa: PLR2004
    return told


def _text(told: int | str | None) -> str:
    return "" if told in {None, 0, "0"} else str(told)


def wrong(order_id: str, what: str) -> ShopOrderWrong:
    """Make an error of an order that can't be; `what` names fields, never values."""
    return ShopOrderWrong(channel=NAME, order=order_id, what=what)
