"""How Weidian's gateway writes and reads: forms of two JSON texts, orders, items, sealed texts."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.simulators.shop import Bought, Item, Order, OrderState, RefundState, Shop

BEIJING: Final = timezone(timedelta(hours=8))
ESCAPED: Final = re.compile(r"\\u[0-9a-fA-F]{4}")
WRONG_PARAMETER: Final = 10018
BAD_DATE: Final = 20032
BAD_RANGE: Final = 20055

STATUS_ORI: Final = {
    OrderState.UNPAID: 10,
    OrderState.PAID: 20,
    OrderState.HELD: 20,
    OrderState.SHIPPED: 30,
    OrderState.FINISHED: 50,
    OrderState.CLOSED: 60,
}
STATUS: Final = {
    OrderState.UNPAID: "unpay",
    OrderState.PAID: "pay",
    OrderState.HELD: "unship_refunding",
    OrderState.SHIPPED: "ship",
    OrderState.FINISHED: "finish",
    OrderState.CLOSED: "close",
}
LIST_STATUS: Final = {
    OrderState.UNPAID: 1,
    OrderState.PAID: 2,
    OrderState.HELD: 7,
    OrderState.SHIPPED: 3,
    OrderState.FINISHED: 3,
    OrderState.CLOSED: 8,
}
LIST_TYPES: Final = {
    "unship": {OrderState.PAID},
    "unpay": {OrderState.UNPAID},
    "shiped": {OrderState.SHIPPED},
    "refunding": {OrderState.HELD},
    "finish": {OrderState.FINISHED},
    "close": {OrderState.CLOSED},
    "all": set(OrderState),
}


class Failure(Exception):
    """A refusal with its code."""

    def __init__(self, code: int, reason: str = "") -> None:
        self.code = code
        self.reason = reason or str(code)
        super().__init__(self.reason)


def call_of(query: bytes, body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read `public` and `param`, wherever they stand. Raises: Failure."""
    try:
        fields = parse_qs(query.decode(), keep_blank_values=True)
        fields |= parse_qs(body.decode(), keep_blank_values=True)
    except ValueError as error:
        raise Failure(WRONG_PARAMETER) from error
    read = []
    for name in ("public", "param"):
        texts = fields.get(name, [])
        if len(texts) != 1 or ESCAPED.search(texts[0]):
            raise Failure(WRONG_PARAMETER, name)
        try:
            told = json.loads(texts[0])
        except ValueError as error:
            raise Failure(WRONG_PARAMETER, name) from error
        if not isinstance(told, dict):
            raise Failure(WRONG_PARAMETER, name)
        read.append(told)
    return read[0], read[1]


def written(code: int, reason: str, result: object = None) -> bytes:
    """Write an answer."""
    told: dict[str, Any] = {"status": {"status_code": code, "status_reason": reason}}
    if result is not None:
        told["result"] = result
    return json.dumps(told, ensure_ascii=False).encode()


def whole(param: Mapping[str, Any], name: str, default: int, most: int) -> int:
    """Read a number from 1 to `most`. Raises: Failure."""
    told = param.get(name, default)
    if isinstance(told, str) and told.isdigit():
        told = int(told)
    if not isinstance(told, int) or isinstance(told, bool) or not 1 <= told <= most:
        raise Failure(WRONG_PARAMETER, name)
    return told


def window_of(param: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime, str]:
    """Read a list's window and its kind; without one, the last 31 days. Raises: Failure."""
    for kind in ("update", "add"):
        texts = param.get(f"{kind}_start"), param.get(f"{kind}_end")
        if texts[0] and texts[1]:
            begin, end = (_moment(str(text)) for text in texts)
            if begin > end:
                raise Failure(BAD_RANGE)
            return begin, end, kind
    return now - timedelta(days=31), now, "add"


def _moment(text: str) -> datetime:
    try:
        read = datetime.strptime(f"{text}+0800", "%Y-%m-%d %H:%M:%S%z")
    except ValueError as error:
        raise Failure(BAD_DATE) from error
    return read.astimezone(UTC)


def time_of(moment: datetime | None) -> str:
    """Write a moment in Beijing time; nothing for none."""
    return "" if moment is None else moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def yuan(fen: int) -> str:
    """Write an amount with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def order_listed(order: Order) -> dict[str, Any]:
    """Write an order as the list does."""
    return {
        "order_id": order.order_id,
        "status": LIST_STATUS[order.state],
        "total": yuan(order.paid_fen),
        "time": time_of(order.created_at),
        "update_time": time_of(order.changed_at),
        "buyer_info": {"buyer_id": order.buyer},
        "img": "",
    }


def order_told(
    shop: Shop, order: Order, delivered: Sequence[str], answers: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Write an order as its detail does, and as pushes do."""
    refunds = [refund for refund in shop.refunds.values() if refund.order is order]
    asked = any(refund.state is RefundState.ASKED for refund in refunds)
    status, number = STATUS[order.state], STATUS_ORI[order.state]
    if asked and order.state is OrderState.PAID:
        status = "unship_refunding"
    if asked and order.state is OrderState.SHIPPED:
        status = "shiped_refunding"
    if delivered and order.state is OrderState.PAID:
        number = 31
    last = refunds[-1].state if refunds else None
    of_order = {RefundState.ASKED: 1, RefundState.DONE: 2, RefundState.REFUSED: 3}
    return {
        "order_id": order.order_id,
        "status": status,
        "status_ori": number,
        "refund_status_ori": 0 if last is None else of_order[last],
        "order_type": "3",
        "price": yuan(order.paid_fen),
        "total": yuan(order.paid_fen),
        "express_fee": "0.00",
        "quantity": sum(line.quantity for line in order.lines),
        "add_time": time_of(order.created_at),
        "pay_time": time_of(order.paid_at),
        "send_time": time_of(order.shipped_at),
        "note": order.note,
        "seller_id": shop.shop_id,
        "buyer_info": {"buyer_id": order.buyer, "name": "买家", "phone": "13800000000"},
        "discount_list": [],
        "customInfos": list(answers),
        "items": [_line(shop, order, line, delivered) for line in order.lines],
    }


def _line(shop: Shop, order: Order, line: Bought, delivered: Sequence[str]) -> dict[str, Any]:
    refund = shop.refund_of(line, order)
    refunded = {RefundState.ASKED: 1, RefundState.DONE: 10, RefundState.REFUSED: 2}
    told: dict[str, Any] = {"can_refund": "1"}
    if refund is not None:
        told |= {
            "refund_no": refund.refund_id,
            "refund_status": refunded[refund.state],
            "refund_fee": yuan(refund.amount_fen),
        }
    shipped = line.line_id in delivered or order.state is OrderState.SHIPPED
    return {
        "item_id": line.item.item_id,
        "sku_id": line.item.sku_id or "0",
        "sku_title": line.item.properties,
        "item_name": line.item.title,
        "merchant_code": "" if line.item.sku_id else line.item.merchant_code,
        "sku_merchant_code": line.item.merchant_code if line.item.sku_id else "",
        "price": yuan(line.item.price_fen),
        "total_price": yuan(line.paid_fen),
        "quantity": str(line.quantity),
        "is_delivered": 1 if shipped else 0,
        "sub_order_id": line.line_id,
        "refund_info": told,
    }


def items_told(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Write items with their variants."""
    told: dict[str, dict[str, Any]] = {}
    for item in items:
        own = told.setdefault(
            item.item_id,
            {
                "itemid": item.item_id,
                "item_name": item.title,
                "price": yuan(item.price_fen),
                "stock": 0,
                "status": 1 if item.on_sale else 2,
                "merchant_code": "" if item.sku_id else item.merchant_code,
                "skus": [],
            },
        )
        own["stock"] += item.quantity
        if item.sku_id:
            own["skus"].append(
                {
                    "id": item.sku_id,
                    "title": item.properties,
                    "price": yuan(item.price_fen),
                    "stock": item.quantity,
                    "sku_merchant_code": item.merchant_code,
                }
            )
    return list(told.values())


def sealed(key: str, text: str) -> str:
    """Encrypt a buyer's text: AES-128-CBC, padded to 32 bytes, Base64."""
    clear = text.encode()
    pad = 32 - len(clear) % 32
    bare, vector = bytes.fromhex(key), base64.b64decode(key)[:16]
    sealing = Cipher(algorithms.AES128(bare), modes.CBC(vector)).encryptor()
    return base64.b64encode(sealing.update(clear + bytes([pad]) * pad)).decode()
