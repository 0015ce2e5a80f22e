"""dujiao-next, as its sites speak to each other: here we are the site that is bought from.

Source: the project's own document of its interface, and the code of its client for what a client
understands. What isn't offered: categories (older sites have none either), cancelling what is paid
(API orders are paid at once), and notices: whoever gives a callback address asks us nevertheless.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec

from kashu.core.errors import KashuError
from kashu.core.money import format_amount
from kashu.core.secrets import Secret
from kashu.customers.errors import AgentSuspended, WalletShort
from kashu.downstream.counter import AgentOrder, Counter
from kashu.downstream.dialect import Call, Login, Reply
from kashu.downstream.errors import (
    CalledTooMuch,
    CallNotOffered,
    CallWrong,
    ClockOff,
    GoodNotSold,
    LoginWrong,
    NotCancellable,
    OrderedOtherwise,
    SoldOutHere,
    TooFew,
    UnknownAgentOrder,
)
from kashu.downstream.shown import FEW, Band, Shown
from kashu.stock.secret import CardSecret

NAME: Final = "dujiao_next"
FRESH: Final = timedelta(seconds=60)
PAGE_MAX: Final = 50  # documented as 100; above 50 the program says 50
PAGE: Final = 20

_HEADERS: Final = ("dujiao-next-api-key", "dujiao-next-timestamp", "dujiao-next-signature")
_STAMP: Final = re.compile(r"\d{1,11}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9]\d{0,15}", re.ASCII)

# Ours, and what the program says for it: with 200 what its client must understand of an order.
_REFUSALS: Final[Mapping[type[KashuError], tuple[int, str]]] = {
    ClockOff: (401, "timestamp_expired"),
    CallNotOffered: (404, "not_found"),
    CallWrong: (400, "bad_request"),
    TooFew: (400, "bad_request"),
    GoodNotSold: (200, "sku_unavailable"),
    SoldOutHere: (200, "insufficient_stock"),
    WalletShort: (200, "insufficient_balance"),
    AgentSuspended: (403, "user_disabled"),
    OrderedOtherwise: (200, "duplicate_order"),
    UnknownAgentOrder: (404, "order_not_found"),
    NotCancellable: (409, "cancel_not_allowed"),
}
_LOGIN: Final = {
    "missing_auth_headers": 401,
    "invalid_timestamp": 401,
    "invalid_signature": 401,
    "invalid_api_key": 403,
}
_BAND: Final = {
    Band.IN_STOCK: "in_stock",
    Band.LOW: "low_stock",
    Band.OUT: "out_of_stock",
}


class _Order(msgspec.Struct):
    """What is ordered. Fields that we don't know are left alone, as the program does."""

    sku_id: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    downstream_order_no: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]{1,64}\Z")]
    callback_url: str = ""


_order: Final = msgspec.json.Decoder(_Order)


class DujiaoNextDialect:
    """What a site of dujiao-next answers to another that buys from it."""

    name = NAME
    address = "/api/v1/upstream"

    def make_secrets(self) -> Mapping[str, Secret]:
        """One secret, for the signature."""
        return {"secret": Secret(f"sk_{secrets.token_urlsafe(32)}")}

    def whose(self, call: Call) -> str:
        """Read the API key. Raises: LoginWrong."""
        if not all(call.headers.get(name) for name in _HEADERS):
            raise LoginWrong(said="missing_auth_headers")
        return call.headers[_HEADERS[0]]

    def check(self, login: Login, call: Call, at: datetime) -> bool:
        """Check time and signature over method, path, time and body; not over the query."""
        _, stamp, signature = (call.headers[name] for name in _HEADERS)
        if not _STAMP.fullmatch(stamp):
            raise LoginWrong(said="invalid_timestamp")
        expected = sign(login.secrets["secret"], call.method, call.path, stamp, call.body)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise LoginWrong(said="invalid_signature")
        if abs(at - datetime.fromtimestamp(int(stamp), UTC)) > FRESH:
            raise ClockOff
        return True

    async def answer(self, login: Login, call: Call, counter: Counter) -> Reply:
        """Answer one of the calls that are documented."""
        match call.method, call.rest.split("/"):
            case "POST", ["ping"]:
                return _ok(await _ping(login, counter))
            case "GET", ["products"]:
                return _ok(_products(await counter.catalogue(), call.query))
            case "GET", ["products", number]:
                return await _one_product(counter, number)
            case "POST", ["orders"]:
                return _ok(_placed(await _place(counter, call.body)))
            case "GET", ["orders", number]:
                return _ok(await _detail(counter, await counter.numbered(_number(number))))
            case "POST", ["orders", number, "cancel"]:
                await counter.numbered(_number(number))
                raise NotCancellable
            case _:
                raise CallNotOffered

    def refuse(self, error: KashuError) -> Reply:
        """Say no in the program's codes. What isn't in the table may have happened: HTTP 500."""
        if isinstance(error, CalledTooMuch):  # an envelope of its own
            told = {"status_code": 429, "msg": error.text("en"), "data": None}
            return Reply(msgspec.json.encode(told))
        if isinstance(error, LoginWrong):
            said = str(error.facts.get("said", "invalid_api_key"))
            return _refused(_LOGIN[said], said, error)
        if isinstance(error, CallWrong) and error.facts.get("what") == "callback_url":
            return _refused(400, "invalid_callback_url", error)
        status, code = _REFUSALS.get(type(error), (500, "internal_error"))
        return _refused(status, code, error)


def sign(secret: Secret, method: str, path: str, timestamp: str, body: bytes) -> str:
    """Sign a call: HMAC-SHA256 over four lines; the program demands MD5 for the body's."""
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    text = f"{method.upper()}\n{path}\n{timestamp}\n{digest}"
    return hmac.new(secret.clear.encode(), text.encode(), hashlib.sha256).hexdigest()


def _ok(told: Mapping[str, Any]) -> Reply:
    return Reply(msgspec.json.encode({"ok": True, **told}))


def _refused(status: int, code: str, error: KashuError) -> Reply:
    told = {"ok": False, "error_code": code, "error_message": error.text("zh")}
    return Reply(msgspec.json.encode(told), status)


async def _ping(login: Login, counter: Counter) -> dict[str, Any]:
    agent = await counter.agent()
    return {
        "site_name": "Kashu",
        "protocol_version": "1.0",
        "user_id": login.number,
        "balance": format_amount(agent.wallet_e4),
        "currency": "CNY",
        "member_level": None,
    }


def _products(catalogue: list[Shown], query: Mapping[str, str]) -> dict[str, Any]:
    page = _whole(query.get("page", "1"), "page")
    size = _whole(query.get("page_size", str(PAGE)), "page_size")
    size = size if 1 <= size <= PAGE_MAX else PAGE_MAX
    page = max(page, 1)
    items = [_product(each) for each in catalogue[(page - 1) * size : page * size]]
    return {"items": items, "total": len(catalogue), "page": page, "page_size": size}


async def _one_product(counter: Counter, number: str) -> Reply:
    try:
        return _ok({"product": _product(await counter.good(_number(number)))})
    except GoodNotSold as error:
        return _refused(404, "product_not_found", error)


def _product(shown: Shown) -> dict[str, Any]:
    """One SKU is a product with one variant, of the same number."""
    sku, price = shown.sku, format_amount(shown.unit_price_e4)
    title = {"zh-CN": sku.name_zh, "en-US": sku.name_en}
    return {
        "id": shown.number,
        "slug": sku.code,
        "title": title,
        "description": {},
        "content": {},
        "images": [],
        "tags": [],
        "price_amount": price,
        "fulfillment_type": "auto",
        "manual_form_schema": {"fields": []},
        "is_active": True,
        "category_id": 0,
        "skus": [
            {
                "id": shown.number,
                "sku_code": sku.code,
                "spec_values": {},
                "price_amount": price,
                "stock_quantity": _stock(shown),
                "stock_status": _BAND[shown.band],
                "is_active": True,
            }
        ],
    }


def _stock(shown: Shown) -> int:
    """Say a number where there must be one: an agent who is told the band only, its least."""
    if shown.stock is not None:
        return shown.stock
    return {Band.OUT: 0, Band.LOW: 1, Band.IN_STOCK: FEW + 1}[shown.band]


async def _place(counter: Counter, body: bytes) -> AgentOrder:
    try:
        order = _order.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CallWrong(what="body") from error
    if order.callback_url and not _may_be_called(order.callback_url):
        raise CallWrong(what="callback_url")
    return await counter.order(order.downstream_order_no, order.sku_id, order.quantity)


def _may_be_called(url: str) -> bool:
    """Whether the program would take a callback address. We don't call it all the same."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or host == "localhost":
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def _placed(order: AgentOrder) -> dict[str, Any]:
    return {
        "order_id": order.placed.number,
        "order_no": f"KS{order.placed.number}",
        "status": _status(order),
        "amount": format_amount(order.line.price_e4),
        "currency": "CNY",
    }


def _status(order: AgentOrder) -> str:
    line = order.line
    if line.refused:
        return "canceled"  # never charged
    if line.waiting:
        return "partially_delivered" if line.delivered else "paid"
    if line.refunded_e4 or line.refunded:
        return "partially_refunded" if line.refunded_e4 < line.price_e4 else "refunded"
    return "delivered"


async def _detail(counter: Counter, order: AgentOrder) -> dict[str, Any]:
    line = order.line
    title = {"zh-CN": line.sku_name_zh, "en-US": line.sku_name_en}
    told: dict[str, Any] = {
        **_placed(order),
        "refunded_amount": format_amount(line.refunded_e4 if not line.refused else 0),
        "refund_records": [],
        "items": [
            {
                "product_id": order.placed.sku_number,
                "sku_id": order.placed.sku_number,
                "title": title,
                "quantity": line.quantity,
                "unit_price": format_amount(line.price_e4 // line.quantity),
                "total_price": format_amount(line.price_e4),
                "fulfillment_type": "auto",
            }
        ],
    }
    if line.delivered and not line.waiting:
        cards = await counter.cards(order)
        told["fulfillment"] = {
            "type": "auto",
            "status": "delivered",
            "payload": "\n".join(_written(card) for card in cards),
            "delivery_data": {},
            "delivered_at": order.placed.placed_at.isoformat(),
        }
    return told


def _written(card: CardSecret) -> str:
    """Write a card as one line, with a tab between its parts: no part has one within."""
    return "\t".join(part for part in (card.number, card.password, card.url) if part)


def _number(written: str) -> int:
    if not _NUMBER.fullmatch(written):
        raise CallWrong(what="id")
    return int(written)


def _whole(written: str, what: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", written, re.ASCII):
        raise CallWrong(what=what)
    return int(written)
