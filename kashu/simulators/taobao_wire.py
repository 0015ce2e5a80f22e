"""How TOP writes: parameters, signatures, times, errors, orders and items as it tells them."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from kashu.simulators.shop import Bought, Item, Order, OrderState, Refund, RefundState, Shop

BEIJING: Final = ZoneInfo("Asia/Shanghai")


@dataclass
class Failure(Exception):
    """What goes into `error_response`."""

    code: int
    msg: str
    sub_code: str = ""
    sub_msg: str = ""

    def told(self) -> dict[str, Any]:
        """Write it as TOP does: what is empty is left out."""
        inside: dict[str, Any] = {"code": self.code, "msg": self.msg}
        if self.sub_code:
            inside |= {"sub_code": self.sub_code, "sub_msg": self.sub_msg}
        return {"error_response": inside | {"request_id": "simulated"}}


def refuse(sub_code: str, sub_msg: str = "") -> Failure:
    """Make a refusal for the shop's own reasons."""
    return Failure(15, "Remote service error", sub_code, sub_msg)


def parameters_of(query: str, body: bytes) -> dict[str, str]:
    """Read the parameters, wherever they stand. Raises: Failure."""
    try:
        pairs = [
            pair
            for part in (query, body.decode("utf-8", "strict"))
            for pair in parse_qsl(part, keep_blank_values=True, errors="strict")
        ]
    except ValueError:
        raise Failure(47, "Invalid encoding") from None
    return dict(pairs)


def _text_of(parameters: Mapping[str, str]) -> bytes:
    text = bytearray()
    for name in sorted(parameters):
        if name not in ("sign", "") and parameters[name] != "":
            text.extend(name.encode("utf-8"))
            text.extend(parameters[name].encode("utf-8"))
    return bytes(text)


def md5_of(parameters: Mapping[str, str], secret: str) -> str:
    """Sign with MD5, as voucher notices are too (by what we take for their rule)."""
    key = secret.encode("utf-8")
    text = key + _text_of(parameters) + key
    return hashlib.new("md5", text, usedforsecurity=False).hexdigest().upper()


def signature_of(parameters: Mapping[str, str], secret: str) -> str:
    """Sign as `sign_method` says. Raises: Failure."""
    key = secret.encode("utf-8")
    match parameters.get("sign_method"):
        case "md5":
            return md5_of(parameters, secret)
        case "hmac":
            return hmac.new(key, _text_of(parameters), "md5").hexdigest().upper()
        case "hmac-sha256":
            return hmac.new(key, _text_of(parameters), "sha256").hexdigest().upper()
        case _:
            raise Failure(25, "Invalid signature")


def moment_of(written: str, otherwise: Failure) -> datetime:
    """Read Beijing time. Raises: what is given for whatever is none."""
    try:
        bare = datetime.strptime(written, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  (next line)
    except ValueError:
        raise otherwise from None
    return bare.replace(tzinfo=BEIJING)


def written(moment: datetime) -> str:
    """Write Beijing time."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def yuan(fen: int) -> str:
    """Write money: yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen_of(amount: str) -> int:
    """Read money. Raises: Failure."""
    whole, point, rest = amount.partition(".")
    if not whole.isdecimal() or (point and not (rest.isdecimal() and len(rest) <= 2)):  # noqa: PLR2004
        raise Failure(41, "Invalid arguments", "isv.invalid-parameter", "price")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def status_of(order: Order) -> str:
    """Name an order's state."""
    if order.state is OrderState.CLOSED:
        return "TRADE_CLOSED" if order.paid_at else "TRADE_CLOSED_BY_TAOBAO"
    return {
        OrderState.UNPAID: "WAIT_BUYER_PAY",
        OrderState.PAID: "WAIT_SELLER_SEND_GOODS",
        OrderState.HELD: "PAID_FORBID_CONSIGN",
        OrderState.SHIPPED: "WAIT_BUYER_CONFIRM_GOODS",
        OrderState.FINISHED: "TRADE_FINISHED",
    }[order.state]


def refund_status_of(refund: Refund | None) -> str:
    """Name a refund's state."""
    if refund is None:
        return "NO_REFUND"
    return {
        RefundState.ASKED: "WAIT_SELLER_AGREE",
        RefundState.DONE: "SUCCESS",
        RefundState.REFUSED: "CLOSED",
    }[refund.state]


def trade(shop: Shop, order: Order, fields: set[str], *, detail: bool) -> dict[str, Any]:
    """Tell an order: only the fields asked for; the buyer's message only in detail."""
    refunds = [each for each in shop.refunds.values() if each.order is order]
    back = sum(each.amount_fen for each in refunds if each.state is RefundState.DONE)
    told: dict[str, Any] = {
        "tid": int(order.order_id),
        "tid_str": order.order_id,
        "status": status_of(order),
        "type": "guarantee_trade",
        "created": written(order.created_at),
        "modified": written(order.changed_at),
        "payment": yuan(max(order.paid_fen - back, 0)),
        "post_fee": "0.00",
        "buyer_nick": order.buyer,
        "buyer_open_uid": "AAF" + hashlib.sha256(order.buyer.encode()).hexdigest()[:20],
        "has_buyer_message": bool(order.note),
    }
    if order.paid_at:
        told["pay_time"] = written(order.paid_at)
    if detail and order.note:
        told["buyer_message"] = order.note
    if order.memo:
        told["seller_memo"] = order.memo
    asked = {name: value for name, value in told.items() if name in fields}
    lines = [bought(shop, order, line, fields) for line in order.lines]
    if any(name.startswith("orders") for name in fields):
        asked["orders"] = {"order": lines}
    return asked


def bought(shop: Shop, order: Order, line: Bought, fields: set[str]) -> dict[str, Any]:
    """Tell a line, which TOP calls an order."""
    refund = shop.refund_of(line, order)
    told: dict[str, Any] = {
        "oid": int(line.line_id),
        "oid_str": line.line_id,
        "num_iid": int(line.item.item_id),
        "title": line.item.title,
        "num": line.quantity,
        "price": yuan(line.item.price_fen),
        "payment": yuan(line.paid_fen),
        "divide_order_fee": yuan(line.paid_fen),
        "refund_status": refund_status_of(refund),
        "status": status_of(order),
    }
    if line.item.sku_id:
        told |= {"sku_id": line.item.sku_id, "sku_properties_name": line.item.properties}
    if line.item.merchant_code:
        told["outer_sku_id" if line.item.sku_id else "outer_iid"] = line.item.merchant_code
    if "orders" in fields:
        return told
    return {name: value for name, value in told.items() if f"orders.{name}" in fields}


def refund(one: Refund, fields: set[str]) -> dict[str, Any]:
    """Tell a refund."""
    line = one.line or one.order.lines[0]
    told: dict[str, Any] = {
        "refund_id": one.refund_id,
        "tid": int(one.order.order_id),
        "oid": int(line.line_id),
        "status": refund_status_of(one),
        "refund_fee": yuan(one.amount_fen),
        "payment": yuan(line.paid_fen),
        "created": written(one.created_at),
        "modified": written(one.changed_at),
        "refund_phase": "onsale",
        "refund_version": int(one.changed_at.timestamp() * 1000),
        "reason": one.reason,
    }
    return {name: value for name, value in told.items() if name in fields}


def item(variants: Sequence[Item]) -> dict[str, Any]:
    """Tell an item with its variants."""
    first = variants[0]
    told: dict[str, Any] = {
        "num_iid": int(first.item_id),
        "title": first.title,
        "price": yuan(min(each.price_fen for each in variants)),
        "num": sum(each.quantity for each in variants),
        "approve_status": "onsale" if first.on_sale else "instock",
    }
    if not first.sku_id:
        return told | ({"outer_id": first.merchant_code} if first.merchant_code else {})
    told["skus"] = {
        "sku": [
            {
                "sku_id": int(each.sku_id),
                "outer_id": each.merchant_code,
                "properties": properties(each),
                "properties_name": each.properties,
                "price": yuan(each.price_fen),
                "quantity": each.quantity,
                "status": "normal",
            }
            for each in variants
        ]
    }
    return told


def properties(variant: Item) -> str:
    """Name a variant as TOP's price call wants it: a property and its value."""
    return f"1627207:{int(variant.sku_id) % 10**9}"


def page(rows: Sequence[Any], number: int, size: int) -> list[Any]:
    """Cut a page out of a list."""
    return list(rows[(number - 1) * size : number * size])


def day_limit(begin: datetime, end: datetime) -> bool:
    """Tell whether a window is one that TOP answers: forwards, a day at most."""
    return timedelta() <= end - begin <= timedelta(days=1)
