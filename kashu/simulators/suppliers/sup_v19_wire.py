"""How SUP 1.9 writes and reads: MD5 with the secret among the parameters, encrypted cards."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hashlib import md5
from typing import Any, Final
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.simulators.suppliers.house import Good, Kind, Order, State, Why

BEIJING: Final = timezone(timedelta(hours=8))
EXPIRES: Final = "2029-12-31 23:59:59"
BLOCK: Final = 16
STATUS: Final = {
    State.UNDER_WAY: "1",
    State.SUCCEEDED: "2",
    State.FAILED: "3",
    State.REFUNDED: "2",  # the protocol tells of no refunds
}
WHY: Final = {
    Why.NO_SUCH_GOOD: ("-15", "商品不存在"),
    Why.NOT_ON_SALE: ("-15", "商品维护中"),
    Why.LIMITS: ("-12", "参数错误"),
    Why.SOLD_OUT: ("-21", "提卡失败"),
    Why.NO_MONEY: ("-18", "余额不足"),
}


class Failure(Exception):
    """A refusal: its code and its text."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.message = message or f"错误{code}"
        super().__init__(code)


def signed(params: Mapping[str, str], secret: str) -> str:
    """Sign what isn't empty, and the secret where its name stands among the others."""
    everything = [(name, value) for name, value in params.items() if name != "sign" and value]
    everything.append(("appSecret", secret))
    text = "&".join(f"{name}={value}" for name, value in sorted(everything))
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def sealed(text: str, secret: str) -> str:
    """Encrypt a text as cards are: AES-128 in ECB mode, padded, in Base64."""
    clear = text.encode()
    missing = BLOCK - len(clear) % BLOCK
    sealing = Cipher(algorithms.AES128(secret.encode()), modes.ECB()).encryptor()  # noqa: S305
    closed = sealing.update(clear + bytes([missing]) * missing) + sealing.finalize()
    return base64.b64encode(closed).decode()


def form_of(body: bytes, media_type: str) -> dict[str, str]:
    """Read a form. Raises: Failure."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if len(dict(pairs)) != len(pairs) or not media_type.startswith(
        "application/x-www-form-urlencoded"
    ):
        raise Failure("-12", "参数错误")
    return dict(pairs)


def moment_of(stamp: str) -> datetime | None:
    """Read a time with thousandths of a second; None for what isn't one."""
    if len(stamp) != 17 or not stamp.isdigit():  # noqa: PLR2004
        return None
    return datetime.strptime(stamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)


def yuan(amount_e4: int) -> str:
    """Write an amount with no zeros behind."""
    written = f"{Decimal(amount_e4) / 10_000:.4f}"
    return written.rstrip("0").rstrip(".")


def good_told(good: Good, price_e4: int) -> dict[str, str]:
    """Tell a product: what can't be had is under maintenance."""
    works = good.on_sale and (good.stock is None or good.stock > 0)
    return {
        "itemId": str(good.good_id),
        "itemName": good.title,
        "itemType": "0" if good.kind is Kind.TOPUP else "1",
        "itemFace": "月卡",
        "itemVal": yuan(good.face_value_e4),
        "status": "1" if works else "0",
        "price": yuan(price_e4),
    }


def cards_told(order: Order, secret: str) -> list[dict[str, str]]:
    """Tell the cards of an order, encrypted."""
    if order.good.kind is Kind.TOPUP:
        return []
    cards = []
    for card in order.given:
        told = {"cardName": order.good.title, "cardType": "NUMBER_PASSWORD", "expireTime": EXPIRES}
        if order.good.kind is Kind.LINK:
            link = f"https://tickets.example/{card.password}"
            told |= {"cardType": "LINK", "cardLink": sealed(link, secret)}
        else:
            told["cardPwd"] = sealed(card.password, secret)
            told |= {"cardNo": sealed(card.number, secret)} if card.number else {}
        cards.append(told)
    return cards


def order_told(order: Order, secret: str) -> dict[str, Any]:
    """Tell an order to whoever asks."""
    told: dict[str, Any] = {
        "orderId": str(order.order_id),
        "outOrderId": order.number,
        "orderStatus": STATUS[order.state],
        "orderDesc": "充值成功" if order.state is State.SUCCEEDED else "",
        "cost": yuan(order.charged_e4),
    }
    if order.ended_at is not None:
        told["completeTime"] = local(order.ended_at)
    cards = cards_told(order, secret)
    return told | {"cardData": cards} if cards else told


def notice_told(order: Order, secret: str) -> dict[str, str]:
    """Tell what a notice about an order holds, but who it is for."""
    told = order_told(order, secret)
    del told["cost"]
    cards = told.pop("cardData", None)
    return told | {"cardData": json.dumps(cards)} if cards else told


def local(at: datetime) -> str:
    """Write a moment in Beijing time."""
    return at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
