"""Pinduoduo's words on the wire: signatures, forms, errors, and what it tells of orders and goods.

Written from the platform's descriptions, apart from the adapter that it is to try.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import md5
from typing import Any, Final
from urllib.parse import parse_qsl

from kashu.simulators.shop import Item, Order, OrderState, Refund, RefundState, Shop

BEIJING: Final = timezone(timedelta(hours=8))

MESSAGES: Final = {
    10000: "参数错误",
    10001: "公共参数错误",
    10002: "请求方法错误，仅支持POST",
    10013: "code已过期",
    10014: "授权已被取消",
    10016: "client_id不正确",
    10019: "access_token已过期",
    20004: "签名sign校验失败",
    20007: "缺少必填请求参数",
    20032: "access_token或client_id错误",
    50001: "业务服务错误",
    70031: "调用过于频繁，请调整调用频率",
}


@dataclass(slots=True)
class Failure(Exception):
    """The platform says no."""

    code: int
    about: str = ""
    sub_code: str | None = None


def invalid(about: str) -> Failure:
    """A business parameter is wrong."""
    return Failure(50001, about, f"isv.invalid-parameter:{about}")


def signature_of(params: Mapping[str, str], secret: str) -> str:
    """Sign what was sent, as the platform describes it."""
    text = secret
    for name in sorted(params):
        if name == "sign" or params[name] == "":
            continue
        text += name + params[name]
    return md5((text + secret).encode("utf-8"), usedforsecurity=False).hexdigest().upper()


def params_of(query: bytes, body: bytes, media_type: str) -> dict[str, str]:
    """Read parameters from wherever clients put them: the query, a form, or a JSON object."""
    found = dict(parse_qsl(query.decode("ascii", "replace"), keep_blank_values=True))
    if "json" in media_type:
        try:
            told = json.loads(body)
        except ValueError as error:
            raise Failure(10001, "body") from error
        if not isinstance(told, dict):
            raise Failure(10001, "body")
        found |= {
            name: value if isinstance(value, str) else _json(value) for name, value in told.items()
        }
    else:
        found |= parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return found


def objects_of(params: Mapping[str, str], name: str) -> list[dict[str, Any]]:
    """Read objects that were sent as JSON text: one, or a list of some. Raises: Failure."""
    try:
        told = json.loads(params[name])
    except ValueError as error:
        raise Failure(10000, name) from error
    found = told if isinstance(told, list) else [told]
    if not found or not all(isinstance(each, dict) for each in found):
        raise Failure(10000, name)
    return found


def moment_of(params: Mapping[str, str], name: str, code: int = 10000) -> datetime:
    """Read Unix seconds. Raises: Failure."""
    written = params[name]
    if not written.isdecimal() or len(written) > 11:  # noqa: PLR2004  (milliseconds, for one)
        raise Failure(code, name)
    return datetime.fromtimestamp(int(written), UTC)


def sku_of(item: Item) -> str:
    """Name a variant; here every item has one at least."""
    return item.sku_id or item.item_id


def failed(failure: Failure, request_id: str) -> dict[str, Any]:
    """Put an error into the platform's words."""
    message = MESSAGES[failure.code]
    return {
        "error_response": {
            "error_msg": f"{message}:{failure.about}" if failure.about else message,
            "sub_msg": failure.about,
            "sub_code": failure.sub_code,
            "error_code": failure.code,
            "request_id": request_id,
        }
    }


def order_as_told(shop: Shop, order: Order, *, briefly: bool) -> dict[str, Any]:
    """An order. Lists write ids as text and money as numbers; details the other way round."""
    refund = _last_refund(shop, order)
    paid = order.paid_fen
    goods = max(paid, sum(line.item.price_fen * line.quantity for line in order.lines))
    waiting = order.state in {OrderState.UNPAID, OrderState.PAID, OrderState.HELD}
    status = 1 if waiting or order.shipped_at is None else 2
    return {
        "order_sn": order.order_id,
        "order_status": 3 if order.state is OrderState.FINISHED else status,
        "refund_status": _refund_status(refund),
        "after_sales_status": _after_sales(refund) if refund else 0,
        "confirm_status": _confirm_status(order, refund),
        "group_status": 0 if order.state is OrderState.UNPAID else 1,
        "risk_control_status": 1 if order.state is OrderState.HELD else 0,
        "trade_type": 0,
        "pay_amount": _yuan(paid, briefly=briefly),
        "goods_amount": _yuan(goods, briefly=briefly),
        "discount_amount": _yuan(goods - paid, briefly=briefly),
        "platform_discount": _yuan(0, briefly=briefly),
        "seller_discount": _yuan(goods - paid, briefly=briefly),
        "postage": _yuan(0, briefly=briefly),
        "created_time": clock_time(order.created_at),
        "pay_time": clock_time(order.paid_at),
        "confirm_time": clock_time(order.paid_at),
        "shipping_time": clock_time(order.shipped_at),
        "updated_at": clock_time(order.changed_at),
        "last_ship_time": clock_time(order.paid_at and order.paid_at + timedelta(hours=24)),
        "buyer_memo": order.note,
        "remark": order.memo,
        "receiver_name": "",
        "receiver_phone": "",
        "card_info_list": [],
        "step_order_info": None,
        "item_list": [
            {
                "goods_id": line.item.item_id if briefly else int(line.item.item_id),
                "sku_id": sku_of(line.item) if briefly else int(sku_of(line.item)),
                "outer_id": line.item.merchant_code,
                "outer_goods_id": "",
                "goods_name": line.item.title,
                "goods_spec": line.item.properties,
                "goods_price": _yuan(line.item.price_fen, briefly=briefly),
                "goods_count": str(line.quantity) if briefly else line.quantity,
                "goods_img": "",
            }
            for line in order.lines
        ],
    }


def refund_as_told(refund: Refund) -> dict[str, Any]:
    """A refund in a list."""
    line = refund.line or refund.order.lines[0]
    return {
        "id": int(refund.refund_id),
        "order_sn": refund.order.order_id,
        "after_sales_status": _after_sales(refund),
        "after_sales_type": 2,
        "after_sale_reason": refund.reason,
        "refund_amount": _yuan(refund.amount_fen, briefly=False),
        "order_amount": _yuan(refund.order.paid_fen, briefly=False),
        "created_time": clock_time(refund.created_at),
        "updated_time": clock_time(refund.changed_at),
        "goods_id": int(line.item.item_id),
        "sku_id": sku_of(line.item),
        "outer_id": line.item.merchant_code,
        "goods_number": str(line.quantity),
        "speed_refund_flag": 0,
    }


def goods_as_told(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Goods with their variants."""
    goods: dict[str, dict[str, Any]] = {}
    for item in items:
        one = goods.setdefault(
            item.item_id,
            {
                "goods_id": int(item.item_id),
                "goods_name": item.title,
                "is_onsale": int(item.on_sale),
                "goods_quantity": 0,
                "sku_list": [],
            },
        )
        one["goods_quantity"] += item.quantity
        one["sku_list"].append(
            {
                "sku_id": int(sku_of(item)),
                "spec": item.properties,
                "outer_id": item.merchant_code,
                "outer_goods_id": "",
                "sku_quantity": item.quantity,
                "reserve_quantity": 0,
                "is_sku_onsale": int(item.on_sale),
            }
        )
    return list(goods.values())


def clock_time(moment: datetime | None) -> str:
    """Beijing time; empty where there is none."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def page_of(found: Sequence[Any], params: Mapping[str, str]) -> Sequence[Any]:
    """Cut a page out. Raises: Failure where it is none, or too large."""
    number, size = whole(params, "page", "1"), whole(params, "page_size", "100")
    if number < 1 or not 1 <= size <= 100:  # noqa: PLR2004  (the platform's largest page)
        raise Failure(10000, "page_size")
    return found[(number - 1) * size : number * size]


def whole(params: Mapping[str, str], name: str, otherwise: str | None = None) -> int:
    """Read a whole number. Raises: Failure."""
    written = params.get(name) or otherwise
    if written is None:
        raise Failure(20007, name)
    try:
        return int(written)
    except ValueError as error:
        raise Failure(10000, name) from error


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _yuan(fen: int, *, briefly: bool) -> str | float:
    return fen / 100 if briefly else f"{fen // 100}.{fen % 100:02d}"


def _last_refund(shop: Shop, order: Order) -> Refund | None:
    return shop.refund_of(order.lines[0], order)


def _refund_status(refund: Refund | None) -> int:
    if refund is None or refund.state is RefundState.REFUSED:
        return 1
    return 2 if refund.state is RefundState.ASKED else 4


def _after_sales(refund: Refund) -> int:
    return {RefundState.ASKED: 2, RefundState.DONE: 10, RefundState.REFUSED: 9}[refund.state]


def _confirm_status(order: Order, refund: Refund | None) -> int:
    if order.state is OrderState.UNPAID:
        return 0
    refunded = refund is not None and refund.state is RefundState.DONE
    return 2 if order.state is OrderState.CLOSED and not refunded else 1
