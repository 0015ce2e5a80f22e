"""Youzan's words on the wire: errors, orders, refunds, goods, and signed pushes.

Written from the platform's descriptions, apart from the adapter that it is to try.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import md5
from typing import Any, Final
from urllib.parse import quote

from kashu.simulators.shop import Bought, Item, Order, OrderState, Refund, RefundState, Shop

BEIJING: Final = timezone(timedelta(hours=8))

MESSAGES: Final = {
    1000: "应用信息错误",
    1004: "授权已过期",
    1005: "授权码错误",
    1103: "客户端或授权不存在",
    4001: "非法请求地址",
    4004: "请求体错误",
    4005: "API或版本不存在",
    4007: "content-type错误",
    4101: "请求被限流",
    4201: "access_token不能为空",
    4202: "access_token已过期",
    4203: "access_token已失效",
    5001: "系统错误",
    5000: "订单不存在",
    102510001: "不能同时发起两笔相同的发货请求",
    102570007: "不能重复提交已发货商品",
    102570020: "没有可发货商品",
    102010002: "操作过期，请刷新后确认最新退款状态",
    103010039: "退款版本号错误",
    103011024: "退款记录不存在",
    123005001: "商品不存在",
    123004002: "SKU不存在",
    123003023: "开启了库存同步",
}
GATEWAY: Final = frozenset({4001, 4004, 4005, 4007, 4101, 4201, 4202, 4203, 5001})

ORDER_STATES: Final = {
    OrderState.UNPAID: "WAIT_BUYER_PAY",
    OrderState.PAID: "WAIT_SELLER_SEND_GOODS",
    OrderState.HELD: "WAIT_CONFIRM",
    OrderState.SHIPPED: "WAIT_BUYER_CONFIRM_GOODS",
    OrderState.FINISHED: "TRADE_SUCCESS",
    OrderState.CLOSED: "TRADE_CLOSED",
}
REFUND_STATES: Final = {
    RefundState.ASKED: "WAIT_SELLER_AGREE",
    RefundState.DONE: "SUCCESS",
    RefundState.REFUSED: "SELLER_REFUSE_BUYER",
}


@dataclass(slots=True)
class Failure(Exception):
    """The platform says no."""

    code: int


def failed(failure: Failure, trace_id: str) -> dict[str, Any]:
    """Put an error into the platform's words: the gateway's, or an API's own."""
    message = MESSAGES[failure.code]
    if failure.code in GATEWAY:
        told = {"trace_id": trace_id, "err_code": failure.code, "err_msg": message}
        return {"gw_err_resp": told}
    return {"code": failure.code, "success": False, "message": message, "trace_id": trace_id}


def event_sign(client_id: str, body: bytes, client_secret: str) -> str:
    """Sign a push, as the platform describes it."""
    digest = md5(usedforsecurity=False)
    for part in (client_id.encode(), body, client_secret.encode()):
        digest.update(part)
    return digest.hexdigest()


def push_of(
    client_id: str, shop: Shop, order: Order, kind: str, number: int
) -> tuple[bytes, dict[str, str]]:
    """Write a push about an order; gives its body, and its headers but the signature's."""
    message = {"full_order_info": {"order_info": {"tid": order.order_id}}}
    body = {
        "client_id": client_id,
        "id": order.order_id,
        "kdt_id": int(shop.shop_id),
        "kdt_name": shop.name,
        "msg": quote(json.dumps(message)),
        "msg_id": f"00000000-0000-4000-8000-{number:012d}",
        "type": kind,
        "status": kind.removeprefix("trade_"),
        "version": int(order.changed_at.timestamp()),
        "sendCount": 1,
        "mode": 1,
        "test": False,
    }
    return _json(body), {"event-type": kind, "client-id": client_id}


def refund_push_of(
    client_id: str, shop: Shop, refund: Refund, number: int
) -> tuple[bytes, dict[str, str]]:
    """Write a push about a refund, in the newer form."""
    kinds = {RefundState.ASKED: "Created", RefundState.DONE: "Success"}
    kind = f"youzan_trade_Refund{kinds.get(refund.state, 'Closed')}"
    body = {
        "client_id": client_id,
        "kdt_id": int(shop.shop_id),
        "type": kind,
        "msg": {
            "tid": refund.order.order_id,
            "refund_id": refund.refund_id,
            "refunded_fee": yuan(refund.amount_fen),
        },
        "msg_id": f"00000000-0000-4000-9000-{number:012d}",
        "version": int(refund.changed_at.timestamp()),
        "test": False,
    }
    return _json(body), {"event-type": kind, "client-id": client_id}


def order_as_told(shop: Shop, order: Order, *, virtual: bool) -> dict[str, Any]:
    """An order's `full_order_info`."""
    status = ORDER_STATES[order.state]
    if virtual and order.state is OrderState.PAID:
        status = ORDER_STATES[OrderState.SHIPPED]  # they never wait for shipment
    return {
        "order_info": {
            "tid": order.order_id,
            "status": status,
            "type": 0,
            "created": clock_time(order.created_at),
            "update_time": clock_time(order.changed_at),
            "pay_time": clock_time(order.paid_at),
            "consign_time": clock_time(order.shipped_at),
            "express_type": 9 if virtual else 0,
            "refund_state": _refund_state(shop, order),
            "close_type": 2 if order.state is OrderState.CLOSED else 0,
            "order_tags": {
                "is_virtual": virtual,
                "is_payed": order.paid_at is not None,
                "is_refund": any(each.order is order for each in shop.refunds.values()),
                "is_feedback": False,
            },
            "node_kdt_id": int(shop.shop_id),
            "root_kdt_id": int(shop.shop_id),
        },
        "pay_info": {
            "total_fee": yuan(order.paid_fen),
            "post_fee": "0.00",
            "payment": yuan(order.paid_fen),
        },
        "buyer_info": {"yz_open_id": order.buyer, "buyer_phone": "$1XyB$encrypted$1$"},
        "remark_info": {"buyer_message": "", "trade_memo": order.memo, "star": 0},
        "address_info": {},
        "orders": [_line_as_told(line, order.note, virtual=virtual) for line in order.lines],
    }


def _line_as_told(line: Bought, note: str, *, virtual: bool) -> dict[str, Any]:
    item = line.item
    return {
        "oid": line.line_id,
        "item_id": int(item.item_id),
        "sku_id": int(item.sku_id or 0),
        "title": item.title,
        "num": line.quantity,
        "price": yuan(item.price_fen),
        "total_fee": yuan(line.paid_fen),
        "payment": yuan(line.paid_fen),
        "item_type": 182 if virtual else 0,
        "outer_item_id": "",
        "outer_sku_id": item.merchant_code,
        "sku_no": item.merchant_code,
        "item_no": "",
        "sku_properties_name": item.properties,
        "buyer_messages": json.dumps({"留言": note}, ensure_ascii=False) if note else "",
        "is_present": False,
    }


def _refund_state(shop: Shop, order: Order) -> int:
    ours = [each for each in shop.refunds.values() if each.order is order]
    done = sum(each.amount_fen for each in ours if each.state is RefundState.DONE)
    if done:
        return 12 if done >= order.paid_fen else 2
    return 1 if any(each.state is RefundState.ASKED for each in ours) else 0


def refund_as_told(refund: Refund) -> dict[str, Any]:
    """A refund in a list."""
    return {
        "refund_id": refund.refund_id,
        "tid": refund.order.order_id,
        "status": REFUND_STATES[refund.state],
        "refund_fee": yuan(refund.amount_fen),
        "created": clock_time(refund.created_at),
        "modified": clock_time(refund.changed_at),
        "return_goods": False,
        "reason": 1,
        "cs_status": 1,
        "refund_type": "BUYER_APPLY_REFUND",
    }


def version_of(refund: Refund) -> int:
    """What a refund's answer must name: it is another one after each change."""
    return int(refund.changed_at.timestamp() * 1000)


def item_as_told(variants: Sequence[Item]) -> dict[str, Any]:
    """An item with its variants."""
    first = variants[0]
    return {
        "item_id": int(first.item_id),
        "title": first.title,
        "item_no": "" if first.sku_id else first.merchant_code,
        "item_type": 60,
        "is_display": int(first.on_sale),
        "quantity": sum(item.quantity for item in variants),
        "item_price_param": {"price": first.price_fen},
        "sku_list": [
            {
                "sku_id": int(item.sku_id),
                "sku_no": item.merchant_code,
                "sku_props": [{"prop_name": "规格", "prop_value_name": item.properties}],
                "price": item.price_fen,
                "stock_num": item.quantity,
            }
            for item in variants
            if item.sku_id
        ],
    }


def clock_time(moment: datetime | None) -> str:
    """Beijing time; empty where there is none."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def clock_of(params: Mapping[str, Any], name: str) -> datetime:
    """Read Beijing time. Raises: Failure."""
    try:
        told = datetime.strptime(text(params, name) + "+0800", "%Y-%m-%d %H:%M:%S%z")
    except ValueError as error:
        raise Failure(5001) from error
    return told.astimezone(UTC)


def seconds_of(params: Mapping[str, Any], name: str) -> datetime:
    """Read Unix seconds. Raises: Failure."""
    seconds = whole(params, name)
    if seconds > 10**11:  # milliseconds
        raise Failure(5001)
    return datetime.fromtimestamp(seconds, UTC)


def whole(params: Mapping[str, Any], name: str, otherwise: int | None = None) -> int:
    """Read a whole number; a text isn't one. Raises: Failure."""
    value = params.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Failure(5001)
    return value


def text(params: Mapping[str, Any], name: str) -> str:
    """Read a text; a number isn't one. Raises: Failure."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise Failure(5001)
    return value


def yuan(fen: int) -> str:
    """Write fen as yuan."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
