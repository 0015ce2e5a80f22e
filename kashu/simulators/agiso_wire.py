"""Agiso's words on the wire: signatures, answers, what it tells of Pinduoduo's orders and goods.

Written from Agiso's pages, apart from the adapter that it is to try.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hashlib import md5
from typing import Any, Final
from urllib.parse import parse_qsl

from kashu.simulators.shop import Item, Order, OrderState, RefundState, Shop

BEIJING: Final = timezone(timedelta(hours=8))
BAD_TOKEN, TOO_OFTEN, SIGNATURE, PARAMETER, ALL_FAILED, NO_TRADE = 1, 2, 4, 5, 7, 9
REPEATED, NOT_ALLOWED = -50, -86

STATUS: Final = {
    OrderState.UNPAID: 1,
    OrderState.PAID: 1,
    OrderState.HELD: 1,
    OrderState.SHIPPED: 2,
    OrderState.FINISHED: 3,
    OrderState.CLOSED: 1,
}
REFUND_STATUS: Final = {RefundState.ASKED: 2, RefundState.DONE: 4, RefundState.REFUSED: 1}
AFTER_SALES: Final = {RefundState.ASKED: 2, RefundState.DONE: 10, RefundState.REFUSED: 9}


@dataclass(slots=True)
class Failure(Exception):
    """The bridge says no."""

    code: int
    about: str = ""
    members: Sequence[Mapping[str, Any]] = ()


def failed_member(order_id: str, code: int) -> Failure:
    """All orders of a call failed: the one that there was."""
    return Failure(ALL_FAILED, "全部失败", [{"Tid": order_id, "ErrorCode": code}])


def signature_of(params: Mapping[str, str], secret: str) -> str:
    """Sign what was sent: names and values by name, between two copies of the secret."""
    joined = secret
    for name in sorted(params):
        if name != "sign":
            joined = joined + name + params[name]
    return md5((joined + secret).encode("utf-8"), usedforsecurity=False).hexdigest()


def form_of(body: bytes, media_type: str) -> dict[str, str]:
    """Read a form. Raises: Failure."""
    if not media_type.startswith("application/x-www-form-urlencoded"):
        raise Failure(PARAMETER, "Content-Type")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if len({name for name, _ in pairs}) != len(pairs):
        raise Failure(PARAMETER, "repeated")
    return dict(pairs)


def written(told: object, number: int, *, lower: bool) -> bytes:
    """Write an answer: its names begin with capitals on some pages, and without on others."""
    code, message, told_data = 0, "", told
    if isinstance(told, Failure):
        code, message = told.code, told.about or str(told.code)
        told_data = {"ErrorInfos": list(told.members)} if told.members else None
    answer = {
        "IsSuccess": not code,
        "Data": told_data,
        "Error_Code": code,
        "Error_Msg": message,
        "AllowRetry": None,
        "RequestId": f"{number:017d}",
    }
    if lower:
        answer = {name[0].lower() + name[1:]: value for name, value in answer.items()}
    return json.dumps(answer, ensure_ascii=False).encode()


def time_of(moment: datetime) -> str:
    """Write a moment in Beijing time, with a T between."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


def yuan(fen: int) -> float:
    """Write an amount as the JSON number that the pages show."""
    return float(Decimal(fen) / 100)


def order_told(shop: Shop, order: Order) -> dict[str, Any]:
    """Write an order as Order/OrderInformation does."""
    (line,) = order.lines
    refund = shop.refund_of(line, order)
    refunded = 1 if refund is None else REFUND_STATUS[refund.state]
    return {
        "order_sn": order.order_id,
        "order_status": STATUS[order.state],
        "refund_status": 4 if order.state is OrderState.CLOSED else refunded,
        "after_sales_status": 0 if refund is None else AFTER_SALES[refund.state],
        "risk_control_status": 1 if order.state is OrderState.HELD else 0,
        "trade_type": 0,
        "pay_amount": yuan(order.paid_fen),
        "goods_amount": yuan(order.paid_fen),
        "discount_amount": 0,
        "platform_discount": 0,
        "seller_discount": 0,
        "postage": 0,
        "created_time": time_of(order.created_at),
        "confirm_time": time_of(order.paid_at) if order.paid_at else None,
        "shipping_time": time_of(order.shipped_at) if order.shipped_at else None,
        "updated_at": time_of(order.changed_at),
        "last_ship_time": time_of((order.paid_at or order.created_at) + timedelta(days=2)),
        "buyer_memo": order.note,
        "remark": order.memo,
        "receiver_phone": "",
        "item_list": [
            {
                "goods_id": line.item.item_id,
                "sku_id": line.item.sku_id,
                "outer_id": line.item.merchant_code,
                "outer_goods_id": "",
                "goods_name": line.item.title,
                "goods_price": yuan(line.item.price_fen),
                "goods_spec": line.item.properties,
                "goods_count": line.quantity,
                "goods_img": "",
            }
        ],
    }


def goods_told(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Write goods with their variants, without prices."""
    goods: dict[str, dict[str, Any]] = {}
    for item in items:
        own = goods.setdefault(
            item.item_id,
            {
                "goods_id": int(item.item_id),
                "goods_name": item.title,
                "is_more_sku": 0,
                "goods_quantity": 0,
                "is_onsale": 1 if item.on_sale else 0,
                "sku_list": [],
            },
        )
        own["goods_quantity"] += item.quantity
        own["is_more_sku"] = 1 if own["sku_list"] else 0
        own["sku_list"].append(
            {
                "spec": item.properties,
                "sku_id": int(item.sku_id),
                "sku_quantity": item.quantity,
                "outer_id": item.merchant_code,
                "is_sku_onsale": 1 if item.on_sale else 0,
                "reserve_quantity": 0,
            }
        )
    return list(goods.values())


def paid_push(shop: Shop, order: Order) -> dict[str, Any]:
    """What is pushed when a Pinduoduo order is paid."""
    return {
        "MallId": shop.shop_id,
        "Tid": order.order_id,
        "BuyerMemo": order.note,
        "OrderSn": order.order_id,
        "PayAmount": yuan(order.paid_fen),
        "GoodsAmount": yuan(order.paid_fen),
        "Remark": "",
        "ItemList": [],
    }


def refund_push(shop: Shop, order: Order, refund_id: str, operation: int) -> dict[str, Any]:
    """What is pushed when the buyer of a Pinduoduo order asks for a refund, or it ends."""
    return {
        "mall_id": int(shop.shop_id),
        "refund_fee": order.paid_fen,
        "bill_type": 1,
        "modified": int(order.changed_at.timestamp() * 1000),
        "refund_id": int(refund_id),
        "operation": operation,
        "tid": order.order_id,
    }
