"""How Fulu's gateway writes and reads: signatures, JSON in JSON, goods, orders, notices."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.simulators.suppliers.house import Card, Good, Kind, Order, State, Why

ZONE: Final = timezone(timedelta(hours=8))
BLOCK: Final = 16
COMMON: Final = (
    "app_key",
    "method",
    "timestamp",
    "version",
    "format",
    "charset",
    "sign_type",
    "app_auth_token",
    "biz_content",
)
FIXED: Final = {
    "version": "2.0",
    "format": "json",
    "charset": "utf-8",
    "sign_type": "md5",
    "app_auth_token": "",
}
MALFORMED, CLOCK, NO_APP, NO_METHOD, WRONG_SIGN, MISSING = 1000, 1004, 1006, 1007, 1016, 1018
TAKEN, NOT_SOLD, NO_ORDER, UNKNOWN = 3000, 3001, 4011, 3009
WHY: Final = {
    Why.NO_SUCH_GOOD: NOT_SOLD,
    Why.NOT_ON_SALE: NOT_SOLD,
    Why.LIMITS: 3002,
    Why.SOLD_OUT: 3003,
    Why.NO_MONEY: 3006,
}
MESSAGES: Final = {
    CLOCK: "时间戳错误",
    NO_APP: "应用不存在",
    WRONG_SIGN: "签名错误",
    MISSING: "缺少参数",
    1019: "IP 不在白名单",
    TAKEN: "外部订单号已存在",
    NOT_SOLD: "商品不可购买",
    3003: "库存不足",
    3006: "账户余额不足",
    NO_ORDER: "订单不存在",
    4012: "查询异常",
    5000: "系统异常",
    UNKNOWN: "余额校验与库存校验未完成",
}
STATES: Final = {
    State.UNDER_WAY: "processing",
    State.SUCCEEDED: "success",
    State.FAILED: "failed",
    State.REFUNDED: "success",  # what it says after a refund isn't known
}
KEYS: Final = {
    "charge_account": "ChargeAccount",
    "charge_game_name": "ChargeGame",
    "charge_type": "ChargeType",
    "charge_password": "ChargePWD",
    "contact_qq": "ContactQQ",
    "contact_tel": "ContactType",
}


class Failure(Exception):
    """A refusal with its code."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.message = MESSAGES.get(code, "请求有误")
        super().__init__(self.message)


def compact(told: object) -> str:
    """Write JSON without blanks, escaping nothing that need not be."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def signed(secret: str, text: str) -> str:
    """Sign a text."""
    characters = list(text)
    characters.sort()
    return hashlib.md5(("".join(characters) + secret).encode()).hexdigest()  # noqa: S324  (theirs)


def request_of(body: bytes, content_type: str) -> dict[str, str]:
    """Read the common parameters: each a text, all there. Raises: Failure."""
    if content_type.partition(";")[0].strip() != "application/json":
        raise Failure(MALFORMED)
    try:
        told = json.loads(body)
    except ValueError as error:
        raise Failure(MALFORMED) from error
    if not isinstance(told, dict) or any(not isinstance(each, str) for each in told.values()):
        raise Failure(MALFORMED)
    if set(told) != {*COMMON, "sign"}:
        raise Failure(MISSING)
    if any(told[name] != text for name, text in FIXED.items()):
        raise Failure(MALFORMED)
    return told


def check_sign(told: Mapping[str, str], secret: str) -> None:
    """Check a request's signature. Raises: Failure."""
    text = compact({name: each for name, each in told.items() if name != "sign"})
    if max(text) > "\uffff" or signed(secret, text) != told["sign"]:
        raise Failure(WRONG_SIGN)


def moment_of(written: str) -> datetime:
    """Read a request's time. Raises: Failure."""
    try:
        return datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError as error:
        raise Failure(CLOCK) from error


def time_of(moment: datetime | None) -> str | None:
    """Write a time in Beijing's."""
    return None if moment is None else moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def yuan(amount_e4: int) -> float:
    """Write an amount as a number; its shortest form is exact up to fifteen digits."""
    return amount_e4 / 10_000


def good_told(good: Good, price_e4: int) -> dict[str, Any]:
    """Write a product."""
    return {
        "product_id": good.good_id,
        "product_name": good.title,
        "product_type": "直充" if good.kind is Kind.TOPUP else "卡密",
        "face_value": yuan(good.face_value_e4),
        "purchase_price": yuan(price_e4),
        "sales_status": "上架" if good.on_sale else "下架",
        "stock_status": "断货" if good.stock == 0 else "充足",
        "template_id": template_id(good),
        "details": "",
        "four_category_icon": "",
    }


def template_id(good: Good) -> str:
    """Name the template of a product that is topped up."""
    return f"e1dac0ea-dc86-4c9d-a778-{good.good_id % 10**12:012d}" if good.asked else ""


def template_told(good: Good) -> dict[str, Any]:
    """Write what must be filled in."""
    inputs = [
        {"Type": "text", "Id": KEYS.get(each.key, each.key), "Name": each.title, "SortId": number}
        for number, each in enumerate(good.asked, 1)
    ]
    count = {"Type": "select", "Id": "ChargeNum", "Name": "充值数量", "Value": "1-10", "SortId": 99}
    return {
        "AddressId": template_id(good),
        "AddressName": good.title,
        "IsServiceArea": False,
        "ElementInfo": {"Inputs": inputs, "ChargeNum": count},
        "GameTempaltePreviewList": None,
    }


def order_told(order: Order, secret: str, *, cards: bool, state: str | None) -> dict[str, Any]:
    """Write an order; `cards` are only told when it is asked for, never when it is made."""
    given = [card_told(card, secret) for card in order.given] if cards else []
    topup = order.good.kind is Kind.TOPUP
    return {
        "order_id": str(order.order_id),
        "customer_order_no": order.number,
        "product_id": order.good.good_id,
        "product_name": order.good.title,
        "charge_account": order.inputs.get("charge_account") if topup else None,
        "buy_num": order.quantity,
        "order_price": yuan(order.good.unit_cost_e4),
        "order_type": 4 if topup else 3,
        "order_state": state or STATES[order.state],
        "create_time": time_of(order.made_at),
        "finish_time": time_of(order.ended_at),
        "operator_serial_number": "--",
        "cards": given or None,
    }


def card_told(card: Card, secret: str) -> dict[str, Any]:
    """Write a card, encrypted; one without a number says so in words."""
    return {
        "card_type": 0,
        "card_number": sealed(card.number or "无卡号", secret),
        "card_pwd": sealed(card.password, secret),
        "card_deadline": "2099-12-31 00:00:00",
    }


def sealed(text: str, secret: str) -> str:
    """Encrypt: AES-256 in ECB mode, PKCS#7, Base64."""
    clear = text.encode()
    pad = BLOCK - len(clear) % BLOCK
    sealing = Cipher(algorithms.AES256(secret.encode()), modes.ECB()).encryptor()  # noqa: S305  (theirs)
    return base64.b64encode(sealing.update(clear + bytes([pad]) * pad)).decode()


def notice_of_order(order: Order, number: str) -> dict[str, str]:
    """Write the fields of a notice about an order: all of them texts, and never its cards."""
    return {
        "order_id": str(order.order_id),
        "charge_finish_time": time_of(order.ended_at) or "",
        "customer_order_no": number,
        "order_status": "failed" if order.state is State.FAILED else "success",
        "recharge_description": "充值成功 https://h.example/r",
        "product_id": str(order.good.good_id),
        "price": f"{order.good.unit_cost_e4 / 10_000:.4f}",
        "buy_num": str(order.quantity),
        "operator_serial_number": "--",
    }


def notice_sent(
    fields: Mapping[str, str], secret: str, shape: str, *, escaped: bool = False
) -> tuple[str, str, dict[str, str], bytes]:
    """Sign and send a notice: method, query, headers, body. `shape`: json, form or query."""
    text = compact(dict(fields))
    told = {**fields, "sign": signed(secret, text.replace("/", "\\/") if escaped else text)}
    if shape == "query":
        return "GET", urlencode(told), {}, b""
    if shape == "form":
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return "POST", "", headers, urlencode(told).encode()
    return "POST", "", {"content-type": "application/json"}, compact(told).encode()
