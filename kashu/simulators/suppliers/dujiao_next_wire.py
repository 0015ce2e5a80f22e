"""How dujiao-next writes and signs, and what it refuses."""

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Mapping
from typing import Any, Final

from kashu.core.http import Answer
from kashu.simulators.suppliers.house import Good, Kind, Order, State, Why

FEW: Final = 20
REFUSALS: Final[Mapping[str, int]] = {
    "missing_auth_headers": 401,
    "invalid_timestamp": 401,
    "timestamp_expired": 401,
    "invalid_signature": 401,
    "invalid_api_key": 403,
    "user_disabled": 403,
    "bad_request": 400,
    "invalid_callback_url": 400,
    "sku_unavailable": 400,
    "product_unavailable": 400,
    "insufficient_balance": 402,
    "insufficient_stock": 409,
    "payment_failed": 200,
    "internal_error": 500,
}
WHY: Final = {
    Why.NO_SUCH_GOOD: "sku_unavailable",
    Why.NOT_ON_SALE: "product_unavailable",
    Why.LIMITS: "bad_request",
    Why.SOLD_OUT: "insufficient_stock",
    Why.NO_MONEY: "payment_failed",  # orders are made first, and paid afterwards
}


class Failure(Exception):
    """An answer that isn't ok."""

    def __init__(
        self, code: str, status: int | None = None, more: Mapping[str, object] | None = None
    ) -> None:
        self.code = code
        self.status = REFUSALS.get(code, 400) if status is None else status
        self.more = more or {}
        super().__init__(code)


def sku_of(good: Good) -> int:
    """The number by which a product's only variant is ordered."""
    return good.good_id + 1


def signed(secret: str, method: str, path: str, stamp: str, body: bytes) -> str:
    """Sign a call or a notice."""
    lines = [method.upper(), path, stamp, hashlib.md5(body).hexdigest()]  # noqa: S324  (theirs)
    return hmac.digest(secret.encode(), "\n".join(lines).encode(), "sha256").hex()


def amount(amount_e4: int) -> str:
    """Two decimals, as the program writes them."""
    sign, fen = "-" if amount_e4 < 0 else "", abs(amount_e4) // 100
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def status_of(order: Order) -> str:
    """Say how an order stands, in the program's word."""
    if order.state is State.UNDER_WAY:
        return "fulfilling" if order.good.kind is Kind.TOPUP else "paid"
    if order.state is State.FAILED and not order.charged_e4:
        return "canceled"
    return "delivered" if order.state is State.SUCCEEDED else "refunded"


def stock_status(good: Good) -> str:
    """Say in a word how many there are."""
    if good.stock is None:
        return "unlimited"
    if not good.stock:
        return "out_of_stock"
    return "in_stock" if good.stock > FEW else "low_stock"


def request_of(body: bytes) -> dict[str, Any]:
    """Read an order. Raises: Failure."""
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise Failure("bad_request") from error
    if not isinstance(asked, dict):
        raise Failure("bad_request")
    sku_id, quantity = asked.get("sku_id"), asked.get("quantity")
    if type(sku_id) is not int or type(quantity) is not int or quantity < 1:
        raise Failure("bad_request")
    return asked


def is_inside(host: str) -> bool:
    """Whether a callback to a host is refused."""
    if host == "localhost":
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def is_taken(told: Answer) -> bool:
    """Whether an answer to a callback says that it was received."""
    try:
        body = json.loads(told.body)
    except ValueError:
        return False
    return told.status == 200 and isinstance(body, dict) and body.get("ok") is True  # noqa: PLR2004
