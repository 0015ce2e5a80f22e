"""Calls to a dujiao-next site, how they are signed, and the closed table of what it refuses."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, decoded
from kashu.adapters.suppliers.texts import bounded, word
from kashu.core.errors import OutsideError
from kashu.core.http import Answer
from kashu.core.secrets import Secret
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NotCancelled,
    OrderRefused,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link

NAME: Final = "dujiao_next"
BASE: Final = "/api/v1/upstream"
CALLBACK: Final = f"{BASE}/callback"  # what notices are signed for, wherever they are sent
WAIT_S: Final = 30  # so long a key is blocked that called more than 60 times in a minute

Shape = TypeVar("Shape")

# Source: the project's own document, and its handlers for the codes it leaves out.
_REFUSED: Final[Mapping[tuple[int, str], type[OutsideError]]] = {
    (401, "missing_auth_headers"): LoginRefused,
    (401, "invalid_signature"): LoginRefused,
    (401, "unauthorized"): LoginRefused,
    (403, "invalid_api_key"): LoginRefused,
    (403, "user_disabled"): LoginRefused,
    (401, "invalid_timestamp"): ClockRefused,
    (401, "timestamp_expired"): ClockRefused,
    (400, "bad_request"): InputRefused,
    (400, "invalid_callback_url"): OrderRefused,
    (400, "sku_unavailable"): ProductGone,
    (404, "sku_unavailable"): ProductGone,
    (400, "product_unavailable"): ProductGone,
    (404, "product_unavailable"): ProductGone,
    (404, "product_not_found"): ProductGone,
    (404, "order_not_found"): NoSuchPurchase,
    (402, "insufficient_balance"): BalanceShort,
    (409, "insufficient_stock"): SoldOut,
    (409, "cancel_not_allowed"): NotCancelled,
    # Sites that answer so that the program's own client reads why: with 200, as that one wants.
    (200, "sku_unavailable"): ProductGone,
    (200, "product_unavailable"): ProductGone,
    (200, "insufficient_balance"): BalanceShort,
    (200, "insufficient_stock"): SoldOut,
    # The order was made, cancelled unpaid, and keeps our number: mostly for want of money.
    (200, "payment_failed"): BalanceShort,
}


class _Envelope(msgspec.Struct):
    ok: bool | None = None
    error_code: str = ""
    error_message: str = ""
    status_code: int | None = None  # of the other envelope: that of the limit of calls


def sign(secret: Secret, method: str, path: str, timestamp: str, body: bytes) -> str:
    """Sign a call, or a notice. Neither the query nor the host is signed."""
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    text = f"{method}\n{path}\n{timestamp}\n{digest}"
    return hmac.new(secret.clear.encode(), text.encode(), hashlib.sha256).hexdigest()


def unclear(said: str) -> SupplierUnclear:
    """Make the error for an answer that says nothing certain."""
    return SupplierUnclear(supplier=NAME, said=said)


async def read(link: Link, path: str, shape: type[Shape], *, number: str = "") -> Shape:
    """Read something; `number` is our order's that it is about. Raises: errors of the table."""
    return _told(await _call(link, "GET", path, b""), shape, number=number)


async def write(
    link: Link,
    path: str,
    shape: type[Shape],
    body: Mapping[str, Any] | None = None,
    *,
    number: str = "",
    hidden: tuple[str, ...] = (),
) -> Shape:
    """Do something; `hidden` are texts of ours that a refusal mustn't repeat.

    Raises: errors of the table; SupplierUnclear for whatever isn't in it.
    """
    content = b"" if body is None else msgspec.json.encode(body)
    return _told(await _call(link, "POST", path, content), shape, number=number, hidden=hidden)


async def _call(link: Link, method: str, path: str, content: bytes) -> Answer:
    url = f"{link.login.base_url.rstrip('/')}{BASE}{path}"
    headers = _headers(link, method, urlsplit(url).path, content)
    return await link.http.call(method, url, content=content, headers=headers)


def _headers(link: Link, method: str, path: str, content: bytes) -> dict[str, str]:
    timestamp = _seconds(link.now())
    return {
        "content-type": "application/json",
        "dujiao-next-api-key": link.login.account,
        "dujiao-next-timestamp": timestamp,
        "dujiao-next-signature": sign(link.login.secret, method, path, timestamp, content),
    }


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def _told(
    answer: Answer, shape: type[Shape], *, number: str = "", hidden: tuple[str, ...] = ()
) -> Shape:
    """Read an answer, or raise what it refuses. One without `ok` is no success."""
    envelope = _decoded(answer, _Envelope)
    if answer.status == 200 and envelope.ok is True:  # noqa: PLR2004
        return _decoded(answer, shape)
    if answer.status == 200 and envelope.ok is None:  # noqa: PLR2004
        if envelope.status_code == 429:  # noqa: PLR2004
            raise SupplierBusy(supplier=NAME, said="429", wait_s=WAIT_S)
        raise unclear("neither done nor refused")
    code = word(envelope.error_code)
    refusal = _REFUSED.get((answer.status, code))
    if envelope.ok is not False or refusal is None:
        raise unclear(f"HTTP {answer.status} {code}")
    said = f"{code} {bounded(envelope.error_message, *hidden)}".strip()
    raise refusal(supplier=NAME, said=said, number=number)


def _decoded(answer: Answer, shape: type[Shape]) -> Shape:
    try:
        return decoded(answer.body, shape)
    except Unreadable as error:
        raise unclear(f"HTTP {answer.status}, unreadable") from error
