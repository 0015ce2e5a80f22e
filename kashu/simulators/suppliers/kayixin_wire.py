"""How a Kayixin shop writes and reads: MD5 over raw bodies, goods with variants, sealed cards."""

import base64
import hashlib
import json
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.simulators.suppliers.house import Card, Good, Kind, Order, State, Why

VERSION: Final = "3.0"
BLOCK: Final = 16
FAILED, UNKNOWN = 1001, 1999
WHY: Final = {
    Why.NO_SUCH_GOOD: "商品不存在",
    Why.NOT_ON_SALE: "商品已下架",
    Why.LIMITS: "购买数量有误",
    Why.SOLD_OUT: "商品库存不足",
    Why.NO_MONEY: "账户余额不足",
}
STATUS: Final = {
    State.UNDER_WAY: 2,
    State.SUCCEEDED: 3,
    State.FAILED: 4,
    State.REFUNDED: 5,
}


class Failure(Exception):
    """A refusal with its code and text."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def signed(app_id: str, secret: str, time: str, body: bytes) -> str:
    """Sign a raw body."""
    text = b"".join([app_id.encode(), secret.encode(), VERSION.encode(), time.encode(), body])
    return hashlib.md5(text).hexdigest()  # noqa: S324  (theirs)


def written(told: object) -> bytes:
    """Write JSON."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def yuan(amount_e4: int) -> float:
    """Write an amount as a number; its shortest form is exact up to fifteen digits."""
    return amount_e4 / 10_000


def good_told(
    good: Good, price_e4: int, multiple: int, sku: str, *, detail: bool
) -> dict[str, Any]:
    """Write a product; the list tells neither stock nor limits nor variants."""
    told: dict[str, Any] = {
        "goodsId": good.good_id,
        "name": good.title,
        "faceValue": yuan(good.face_value_e4),
        "salesPrice": yuan(price_e4),
        "goodsType": 3 if good.kind is Kind.TOPUP else 1,
        "warrantyDays": 0,
        "warrantyTime": 0,
        "warrantyUnit": 0,
        "status": 1 if good.on_sale else 2,
        "multiple": multiple,
        "isRepeat": 1,
        "isRefOrder": 1,
        "isRefMoney": 1,
        "skuType": 1 if sku else 0,
        "imgUrl": "",
    }
    if detail:
        stock = 9999 if good.stock is None else good.stock
        variant = {
            "names": [{"title": "规格", "value": "标准"}],
            "status": 1,
            "sku": sku,
            "money": yuan(price_e4),
            "count": stock,
        }
        told |= {
            "minQuantity": good.least,
            "maxQuantity": good.most or 1000,
            "stockCount": stock,
            "limitBalance": 0,
            "rechargeTemplates": _templates(good),
            "channel": {"status": 0, "items": []},
            "goodsSku": {"typeNames": [], "details": [variant]} if sku else [],
            "goodsSpec": [],
        }
    return told


def _templates(good: Good) -> list[dict[str, Any]]:
    return [
        {
            "type": 0,
            "title": each.key,
            "placeholder": each.title,
            "required": 1,
            "regex": each.pattern,
            "options": [],
        }
        for each in good.asked
    ]


def order_told(order: Order, status: int | None, pieces: int) -> dict[str, Any]:
    """Write an order, its cards in clear."""
    return {
        "orderNumber": theirs(order),
        "outerNumber": order.number,
        "status": STATUS[order.state] if status is None else status,
        "count": pieces,
        "money": yuan(order.charged_e4),
        "retMoney": yuan(order.refunded_e4),
        "result": "充值成功！",
        "startCount": "",
        "nowCount": "",
        "endCount": "",
        "cards": [card_told(card, number) for number, card in enumerate(order.given, 1)],
    }


def card_told(card: Card, number: int) -> dict[str, Any]:
    """Write a card."""
    return {
        "cancelRequest": 1,
        "cardId": str(number),
        "cardNo": card.number,
        "cardPwd": card.password,
        "status": 0,
    }


def theirs(order: Order) -> str:
    """Number an order as the shop does."""
    return f"2026{order.order_id}"


def sealed(text: bytes, secret: str) -> str:
    """Encrypt: AES-256 in ECB mode, PKCS#7, Base64. Only cards in notices are."""
    pad = BLOCK - len(text) % BLOCK
    sealing = Cipher(algorithms.AES256(secret.encode()), modes.ECB()).encryptor()  # noqa: S305  (theirs)
    return base64.b64encode(sealing.update(text + bytes([pad]) * pad)).decode()
