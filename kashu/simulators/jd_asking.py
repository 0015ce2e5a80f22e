"""JD's two platforms that call the seller with each paid order, and take its call-backs.

What isn't documented and had to be chosen: that an order whose answer can't be read, or carries a
code on which JD comes again, stays open until it is asked about; that a call-back repeated with
the same result is accepted, and one with another is refused.
"""

import base64
import json
import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import md5
from hmac import compare_digest
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.core.errors import OutsideError
from kashu.core.http import Http
from kashu.simulators.faults import Faults, Faulty, Receive, Scope, Send, answer, read_body
from kashu.simulators.shop import Clock

CUSTOMER_ID: Final = "10900001"
GAME_KEY: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
VENDOR_ID: Final = "1201"
VIRTUAL_KEY: Final = "gen-made-up-private-key-0001"
CARD_KEY: Final = "12345678901234567890123456789abc"

CHINA: Final = timezone(timedelta(hours=8))
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
FIRST_NUMBER: Final = 281_000_000_000_001
COMES_AGAIN: Final = frozenset({"105", "106", "108", "110", "999", "1000"})
CARD_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]+")
MESSAGES: Final[Mapping[str, str]] = {
    "0": "成功",
    "2": "参数校验错误",
    "3": "订单不存在",
    "10": "签名校验错误",
    "12": "数量错误",
    "13": "订单状态错误",
    "19": "商家不存在",
}
PLATFORM_STATES: Final = {1: "done", 2: "refunded", 3: "open", 4: "paused"}


@dataclass(slots=True)
class AskedOrder:
    """A paid order that the seller is asked to fulfil."""

    number: str
    sku_id: str
    quantity: int
    total_fen: int
    account: str = ""  # empty: cards are wanted
    merchant_code: str = ""
    state: str = "open"  # or done, refunded, paused
    cards: list[tuple[str, str]] = field(default_factory=list)  # what the buyer sees
    answers: list[str] = field(default_factory=list)  # the codes that the seller gave, in order
    told: list[str] = field(default_factory=list)  # the results that it called back with
    area: str = "电信一区"  # of a top-up in a game; empty: the game has none


class _Platform(ABC):
    """What both have in common: orders, the seller's address, and a server for call-backs."""

    def __init__(self, http: Http, now: Clock | None = None, faults: Faults | None = None) -> None:
        self.seller_url = ""  # where the seller is called: its addresses without the last part
        self.own_url = ""  # where this server is reached
        self.orders: dict[str, AskedOrder] = {}
        self.now = now or Clock()
        self.faults = faults or Faults()
        self.says: deque[bytes] = deque()  # answers to the next call-backs, which do nothing
        self._http = http
        self._numbers = count(FIRST_NUMBER)
        self._faulty = Faulty(self._serve, self.faults, self.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a call-back, with whatever fault is due."""
        await self._faulty(scope, receive, send)

    def sell(
        self,
        sku_id: str,
        quantity: int,
        total_fen: int,
        *,
        account: str = "",
        merchant_code: str = "",
    ) -> AskedOrder:
        """Let somebody buy and pay; the seller isn't called yet."""
        number = str(next(self._numbers))
        order = AskedOrder(number, sku_id, quantity, total_fen, account, merchant_code)
        self.orders[number] = order
        return order

    async def _call(self, name: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Call the seller; None where no answer came that can be read."""
        try:
            said = await self._http.call(
                "POST",
                f"{self.seller_url}/{name}",
                content=urlencode(form).encode(),
                headers=FORM,
                deadline_s=5.0,
            )
            told = json.loads(said.body)
        except (OutsideError, ValueError):
            return None
        return told if said.status == 200 and isinstance(told, dict) else None  # noqa: PLR2004

    def stamp(self) -> str:
        """The time as both write it."""
        return self.now().astimezone(CHINA).strftime("%Y%m%d%H%M%S")

    def _too_old(self, written: str) -> bool:
        try:
            sent = datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        except ValueError:
            return True
        return abs(self.now() - sent) > timedelta(minutes=10)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        pairs = parse_qsl((await read_body(receive)).decode(), keep_blank_values=True)
        if self.says:
            await answer(send, self.says.popleft())
            return
        told = self.take(scope["path"], dict(pairs))
        if told is None:
            await answer(send, b"Not Found", status=404, media_type="text/plain")
            return
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    @abstractmethod
    def take(self, path: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Take a call-back; None: there is no such address."""


class JdGameSimulator(_Platform):
    """The game-card platform."""

    customer_id = CUSTOMER_ID
    key = GAME_KEY

    def sign(self, form: Mapping[str, str]) -> str:
        """Sign: name=value by name, joined by &, then the key."""
        names = sorted(name for name, value in form.items() if name != "sign" and value)
        text = "&".join([f"{name}={form[name]}" for name in names] + [self.key])
        return _md5(text)

    def request(self, told: Mapping[str, Any]) -> dict[str, str]:
        """Write a request to the seller."""
        sealed = base64.b64encode(json.dumps(told, ensure_ascii=False).encode()).decode()
        form = {"customerId": self.customer_id, "data": sealed, "timestamp": self.stamp()}
        return form | {"sign": self.sign(form), "version": ""}

    def order_told(self, order: AskedOrder) -> dict[str, Any]:
        """What the seller is told of an order: amounts in yuan."""
        told: dict[str, Any] = {
            "orderId": order.number,
            "pin": "j***n",
            "buyNum": str(order.quantity),
            "skuId": order.sku_id,
            "brandId": "1006",
            "totalPrice": f"{order.total_fen // 100}.{order.total_fen % 100:02d}",
            "outId": order.merchant_code,
            "userIp": "127.0.0.1",
            "features": [{"expand1": {"id": "1", "name": "名称1"}}],
        }
        if order.account:
            told |= {"gameAccount": order.account}
            told |= {"gameArea": {"id": "1", "name": order.area}} if order.area else {}
        return told

    async def ask(self, order: AskedOrder) -> None:
        """Send the order to the seller, and act on its answer."""
        name = "direct" if order.account else "card"
        said = await self._call(name, self.request(self.order_told(order)))
        code = "none" if said is None else str(said.get("retCode"))
        order.answers.append(code)
        if said is None or code in COMES_AGAIN or order.state != "open":
            return
        if code != "100":
            order.state = "refunded"
        elif said.get("data"):
            self._fulfil(order, json.loads(base64.b64decode(said["data"])).get("cardinfos", []))

    async def question(self, order: AskedOrder) -> None:
        """Ask the seller how it stands, and act on the answer."""
        name = "direct-query" if order.account else "card-query"
        said = await self._call(name, self.request({"orderId": order.number}))
        code = "none" if said is None else str(said.get("retCode"))
        order.answers.append(code)
        if said is None or code in COMES_AGAIN or order.state != "open":
            return
        told = json.loads(base64.b64decode(said.get("data", "e30=")))
        if code != "100" or str(told.get("orderStatus")) == "2":
            order.state = "refunded"
        elif str(told.get("orderStatus")) == "0":
            self._fulfil(order, told.get("cardinfos", []))

    def _fulfil(self, order: AskedOrder, cards: Sequence[Mapping[str, str]]) -> bool:
        """Finish an order; a card order only with all of its cards, written as JD wants them."""
        fits = all(
            CARD_NUMBER.fullmatch(card["cardno"])
            and len(card["cardno"]) <= 200  # noqa: PLR2004  (JD's limit)
            and card["cardpass"].isascii()
            and 0 < len(card["cardpass"]) <= 5000  # noqa: PLR2004  (JD's limit)
            for card in cards
        )
        if not order.account and (len(cards) != order.quantity or not fits):
            return False
        order.state = "done"
        order.cards = [(card["cardno"], card["cardpass"]) for card in cards]
        return True

    def take(self, path: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Take a call-back. A failure is believed only when the seller, asked, repeats it."""
        if path not in {"/api/gameApi.action", "/api/cardApi.action"}:
            return None
        if not compare_digest(self.sign(form), form.get("sign", "")):
            return {"retCode": "106", "retMessage": "验证摘要串验证失败"}
        if form.get("customerId") != self.customer_id or self._too_old(form.get("timestamp", "")):
            return {"retCode": "104", "retMessage": "传入的参数有误"}
        told = json.loads(base64.b64decode(form["data"]).decode("gbk"))
        order = self.orders.get(str(told.get("orderId")))
        status = str(told.get("orderStatus"))
        if order is None:
            return {"retCode": "101", "retMessage": "订单不存在"}
        order.told.append(status)
        wrong = bool(order.account) != path.endswith("gameApi.action")
        if status == "2":
            wrong = wrong or not (told.get("failedCode") and told.get("failedReason"))
        elif status == "0" and order.state == "open":
            wrong = wrong or not self._fulfil(order, told.get("cardinfos", []))
        if wrong or status not in {"0", "2"} or (status == "0") != (order.state == "done"):
            return {"retCode": "104", "retMessage": "传入的参数有误"}
        return {"retCode": "100", "retMessage": "接收成功"}


class JdVirtualSimulator(_Platform):
    """The general virtual-trade platform."""

    vendor_id = VENDOR_ID
    key = VIRTUAL_KEY
    card_key = CARD_KEY

    def sign(self, told: Mapping[str, object]) -> str:
        """Sign: name and value by name, then the key."""
        left_out = {"sign", "signType"}
        names = sorted(name for name, value in told.items() if name not in left_out and str(value))
        return _md5("".join(f"{name}{told[name]}" for name in names) + self.key)

    def request(self, told: Mapping[str, str]) -> dict[str, str]:
        """Write a request to the seller."""
        form = {**told, "timestamp": self.stamp(), "signType": "MD5"}
        return form | {"sign": self.sign(form)}

    def order_told(self, order: AskedOrder) -> dict[str, str]:
        """What the seller is told of an order: amounts in fen."""
        expand = {"system": "1", "mobile": "13666666666", "orderPaymentAmount": order.total_fen}
        told = {
            "jdOrderNo": order.number,
            "payTime": self.stamp(),
            "notifyUrl": f"{self.own_url}/vtp",
            "quantity": str(order.quantity),
            "wareNo": order.merchant_code or order.sku_id,
            "totalPrice": str(order.total_fen),
            "vendorId": self.vendor_id,
            "expand": quote(_seal(json.dumps(expand), self.card_key), safe=""),
        }
        return told | ({"produceAccount": order.account} if order.account else {})

    async def ask(self, order: AskedOrder) -> None:
        """Send the order to the seller, and act on its answer."""
        self._act(order, await self._call("beginDistill", self.request(self.order_told(order))))

    async def question(self, order: AskedOrder) -> None:
        """Ask the seller how it stands, and act on the answer."""
        asked = self.request({"jdOrderNo": order.number})
        self._act(order, await self._call("findDistill", asked))

    def _act(self, order: AskedOrder, said: Mapping[str, Any] | None) -> None:
        signed = said is not None and compare_digest(self.sign(said), str(said.get("sign")))
        if said is None or not signed or str(said.get("jdOrderNo")) != order.number:
            order.answers.append("none")
            return
        order.answers.append(str(said["code"]))
        state = int(said["produceStatus"])
        if order.state not in {"open", "paused"} or not said.get("agentOrderNo"):
            return
        if state != 1:
            order.state = PLATFORM_STATES[state]
        else:
            self._fulfil(order, said.get("product", ""))

    def _fulfil(self, order: AskedOrder, product: str) -> bool:
        """Finish an order; a card order only with all of its cards."""
        cards = json.loads(_unseal(product, self.card_key)) if product else []
        fits = all(
            0 < len(card[name]) <= 127  # noqa: PLR2004  (JD's limit)
            for card in cards
            for name in ("cardNumber", "password", "expiryDate")
        )
        if not order.account and (len(cards) != order.quantity or not fits):
            return False
        order.state = "done"
        order.cards = [(card["cardNumber"], card["password"]) for card in cards]
        return True

    def take(self, path: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Take a call-back."""
        if path != "/vtp/produce/result":
            return None
        code = self._take(form)
        return {"code": code, "message": MESSAGES[code]}

    def _take(self, form: Mapping[str, str]) -> str:
        names = ("vendorId", "jdOrderNo", "agentOrderNo", "produceStatus", "quantity", "timestamp")
        order = self.orders.get(form.get("jdOrderNo", ""))
        refusals = {
            "2": not all(form.get(name) for name in names) or self._too_old(form["timestamp"]),
            "10": not compare_digest(self.sign(form), form.get("sign", "")),
            "19": form.get("vendorId") != self.vendor_id,
            "3": order is None,
            "12": order is not None and form.get("quantity") != str(order.quantity),
        }
        refused = [code for code, applies in refusals.items() if applies]
        if refused or order is None:
            return refused[0]
        order.told.append(form["produceStatus"])
        wanted = PLATFORM_STATES.get(int(form["produceStatus"]))
        if order.state in {"open", "paused"} and wanted == "refunded":
            order.state = wanted
        if order.state in {"open", "paused"} and wanted == "done":
            self._fulfil(order, form.get("product", ""))
        return "0" if order.state == wanted else "13"


def _md5(text: str) -> str:
    return md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()


def _seal(text: str, key: str) -> str:
    padder = padding.PKCS7(algorithms.AES.block_size).padder()
    body = padder.update(text.encode()) + padder.finalize()
    sealing = Cipher(algorithms.AES256(key.encode()), modes.ECB()).encryptor()  # noqa: S305  (JD demands it)
    return base64.b64encode(sealing.update(body) + sealing.finalize()).decode()


def _unseal(sealed: str, key: str) -> str:
    opening = Cipher(algorithms.AES256(key.encode()), modes.ECB()).decryptor()  # noqa: S305  (JD demands it)
    body = opening.update(base64.b64decode(sealed)) + opening.finalize()
    return body[: -body[-1]].decode()
