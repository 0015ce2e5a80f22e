"""How a Kasushou shop writes and reads: SHA-1 over the bytes, goods, orders, PHP's notices."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from kashu.simulators.suppliers.house import Good, Kind, Order, State, Why

TIME_DIGITS: Final = 13
REFUSED, UNKNOWN = 400, 500
WHY: Final = {
    Why.NO_SUCH_GOOD: "商品不存在",
    Why.NOT_ON_SALE: "商品已下架",
    Why.LIMITS: "下单数量有误",
    Why.SOLD_OUT: "商品库存不足",
    Why.NO_MONEY: "账户余额不足，请充值",
}
STATUS: Final = {
    State.UNDER_WAY: 2,
    State.SUCCEEDED: 3,
    State.FAILED: 4,
    State.REFUNDED: 5,
}


class Failure(Exception):
    """A refusal with its text."""

    def __init__(self, message: str, code: int = REFUSED) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def signed(key: str, time: str, text: bytes) -> str:
    """Sign: the time, the text, the key."""
    return hashlib.sha1(time.encode() + text + key.encode()).hexdigest()  # noqa: S324  (theirs)


def params_of(body: bytes) -> dict[str, Any]:
    """Read a request: an object, compact, its names ascending, nothing escaped. Raises: Failure."""
    try:
        told = json.loads(body)
    except ValueError as error:
        raise Failure("参数格式错误") from error
    if not isinstance(told, dict):
        raise Failure("参数格式错误")
    # The vendor signs what it writes itself: what is written otherwise has another signature.
    again = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if again.encode() != body:
        raise Failure("签名错误")
    return told


def yuan(amount_e4: int) -> str:
    """Write an amount as text."""
    whole = f"{amount_e4 // 10_000}.{amount_e4 % 10_000:04d}"
    return whole.removesuffix("00")


def good_told(good: Good, price_e4: int, *, detail: bool) -> dict[str, Any]:
    """Write a product."""
    sign = "-" if price_e4 < 0 else ""
    told: dict[str, Any] = {
        "id": good.good_id,
        "goods_name": good.title,
        "goods_img": "https://img.example/1.png",
        "goods_type": 2 if good.kind is Kind.TOPUP else 1,
        "face_value": yuan(good.face_value_e4),
        "goods_price": sign + yuan(abs(price_e4)),
        "status": 1 if good.on_sale else 3,
        "stock_num": 9999 if good.stock is None else good.stock,
        "can_buy": "拼多多,京东",
        "can_no_buy": "抖音",
        "can_price": "0.00",
        "need_balance": "0",
    }
    if detail:
        told |= {
            "goods_info": "",
            "goods_notice": "",
            "start_count": good.least,
            "end_count": good.most or 0,
            "attach": attach_told(good),
        }
    return told


def attach_told(good: Good) -> list[dict[str, Any]]:
    """Write what must be filled in; for cards nothing."""
    return [
        {
            "type": "text",
            "name": each.title,
            "key": each.key,
            "vali": "all",
            "tip": "请填写正确",
            "options": json.dumps({"type": "text", "maxlength": 20000}),
        }
        for each in good.asked
    ]


def order_told(order: Order, status: int | None) -> dict[str, Any]:
    """Write an order, its cards in clear."""
    info = [{"n": "充值账号", "v": told, "k": key} for key, told in order.inputs.items()]
    told: dict[str, Any] = {
        "ordersn": theirs(order),
        "external_orderno": order.number,
        "recharge_info": info,
        "recharge_hints": "订单处理完成，期待您的下次光临",
        "status": STATUS[order.state] if status is None else status,
        "total_price": yuan(order.charged_e4),
        "has_back_money": yuan(order.refunded_e4),
    }
    if order.good.kind is not Kind.TOPUP:
        told["card_list"] = cards_told(order)
    return told


def cards_told(order: Order) -> list[dict[str, str]]:
    """Write the cards that were given."""
    return [{"card_no": card.number, "card_password": card.password} for card in order.given]


def theirs(order: Order) -> str:
    """Number an order as the shop does."""
    return f"D{order.order_id}"


def notice_signed(fields: Mapping[str, Any], key: str) -> str:
    """Sign a notice about an order: not its cards, and with PHP's escape of the slash."""
    signed_of = {
        name: told
        for name, told in sorted(fields.items())
        if name not in {"sign", "card_list", "express_list"}
    }
    return signed(key, str(fields["time"]), php(signed_of))


def goods_notice_signed(fields: Mapping[str, Any], key: str) -> str:
    """Sign a notice about a product: its id and the time, and nothing else of it."""
    return signed(key, str(fields["time"]), php({"id": fields["id"], "time": fields["time"]}))


def php(told: object) -> bytes:
    """Write JSON as PHP's json_encode with JSON_UNESCAPED_UNICODE."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").encode()
