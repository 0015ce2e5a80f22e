"""How Kakayun writes and reads: MD5 of sorted parameters, goods, orders, PHP's notices."""

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import md5
from typing import Any, Final

from kashu.simulators.suppliers.house import Good, Kind, Order, State, Why

EXPIRES_AT: Final = 1_893_427_199  # the last second of 2029-12-31 in Beijing
SIGN, ADDRESS, CLOCK, TOO_OFTEN, NO_USER = 401, 402, 403, 404, 1000
NO_SIGN, NO_USERID, NO_TIMESTAMP, NO_GOODSID, NO_BUYNUM = 1200, 1201, 1202, 1203, 1204
TAKEN, NO_ACCOUNT, LOSS, WRONG_FIELD, NO_NUMBERS, NO_ORDER = 1205, 1208, 1210, 1211, 1300, 1301
WHY: Final = {
    Why.NO_SUCH_GOOD: (1214, "商品不存在"),
    Why.NOT_ON_SALE: (1206, "商品不存在或者已下架"),
    Why.LIMITS: (-1, "购买数量不符合限制"),
    Why.SOLD_OUT: (-1, "商品库存不足"),
    Why.NO_MONEY: (1213, "用户余额不足"),
}


class Failure(Exception):
    """A refusal: its code and its text."""

    def __init__(self, code: int, message: str = "") -> None:
        self.code = code
        self.message = message or f"错误{code}"
        super().__init__(self.message)


def signed(params: Mapping[str, Any], key: str) -> str:
    """Sign parameters as the vendor's sample in PHP does."""
    text = ""
    for name, value in sorted(params.items()):
        if name == "sign" or value is None or value == "":
            continue
        if value is True or value is False:
            written = "true" if value else "false"
        elif isinstance(value, dict | list):
            written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        else:
            written = str(value)
        text += ("&" if text else "") + name + "=" + written
    return md5((text + key).encode(), usedforsecurity=False).hexdigest()


def php(fields: Mapping[str, Any]) -> bytes:
    """Write JSON as PHP does unless told otherwise: letters beyond ASCII and "/" escaped."""
    return json.dumps(fields, separators=(",", ":")).replace("/", "\\/").encode()


def yuan(amount_e4: int) -> str:
    """Write an amount with four decimals."""
    return f"{Decimal(amount_e4) / 10_000:.4f}"


def theirs(order: Order) -> str:
    """Write their number of an order."""
    return f"SD{order.order_id}"


def good_told(good: Good, price_e4: int, *, detail: bool) -> dict[str, Any]:
    """Tell a product as the list or its detail does."""
    told: dict[str, Any] = {
        "goodsid": good.good_id,
        "imgurl": "",
        "goodsname": good.title,
        "goodsprice": yuan(price_e4),
        "goodsstatus": int(good.on_sale),
        "goodstype": 1 if good.kind is Kind.TOPUP else 0,
        "stock": 9999 if good.stock is None else good.stock,
        "groupid": 7381,
        "marketprice": "0.0000",
        "attach": [{"title": each.title, "tip": "", "verification": 0} for each in good.asked],
    }
    if detail:
        told |= {"minbuy": good.least, "maxbuy": good.most or 5000, "details": "<p>详情</p>"}
    return told


def status_of(order: Order) -> int:
    """Say where an order stands: 1 is done of cards, and paid of top-ups."""
    if order.state is State.UNDER_WAY:
        return 1 if order.good.kind is Kind.TOPUP else 3
    if order.state is State.FAILED:
        return 4
    return 5 if order.good.kind is Kind.TOPUP else 1


def order_told(order: Order) -> dict[str, Any]:
    """Tell an order, its cards in clear."""
    return {
        "orderno": theirs(order),
        "usorderno": order.number,
        "money": yuan(order.charged_e4),
        "buynum": order.quantity,
        "status": status_of(order),
        "refundmoney": yuan(order.refunded_e4),
        "refundstatus": 1 if order.refunded_e4 else 0,
        "receipt": "充值成功" if order.state is State.SUCCEEDED else "",
        "cardlist": [f"卡号：{card.number} 密码：{card.password}\r" for card in order.given],
        "cards": [
            {
                "card_no": card.number,
                "card_pwd": card.password,
                "card_type": 1,
                "card_denomination": order.face_value_e4 // 10_000,
                "card_expire_at": EXPIRES_AT,
            }
            for card in order.given
        ],
    }
