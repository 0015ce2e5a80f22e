"""Calls to Kinguin, and what its refusals mean: a closed table of kinds of error."""

from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, code_of, decoded
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S, Answer
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link

NAME: Final = "kinguin"
BASE_URL: Final = "https://gateway.kinguin.net/esa/api"
WAIT_S: Final = 3
PLACE_DEADLINE_S: Final = 30.0

Shape = TypeVar("Shape")

# All that says that no order was made, with a status from 400 to 499. Left out on purpose:
# OrderFailed (confirmed by searching), ResourceLock (somebody is at it), Error and HttpClient.
_REFUSED: Final[Mapping[str, type[OutsideError]]] = {
    "Authorization": LoginRefused,
    "ConstraintViolation": InputRefused,
    "Http": InputRefused,
    "Preorder": InputRefused,
    "InsufficientBalance": BalanceShort,
    "ProductUnavailable": SoldOut,  # at the price that we accept
}


_KINDS: Final = frozenset(_REFUSED) | {
    *("OrderFailed", "OrderNotFound", "OrderNotSupported", "NoKeysToReturn", "ResourceLock"),
    *("Error", "HttpClient"),
}


class _Failure(msgspec.Struct):
    kind: str


def unclear(said: str) -> SupplierUnclear:
    """Make the error for an answer that says nothing certain."""
    return SupplierUnclear(supplier=NAME, said=said)


async def read(
    link: Link, path: str, shape: type[Shape], query: Mapping[str, object] | None = None
) -> Shape:
    """Read something. Raises: NoSuchPurchase or ProductGone where it isn't there."""
    asked = f"{path}?{urlencode(query)}" if query else path
    answer = await _call(link, "GET", asked, None, DEADLINE_S)
    if answer.status == 200:  # noqa: PLR2004
        return _told(answer, shape)
    kind = _kind(answer)
    if kind == "OrderNotFound":
        raise NoSuchPurchase(supplier=NAME, number=code_of(path.rpartition("/")[2]))
    if kind == "ResourceLock" or answer.status == 429:  # noqa: PLR2004
        raise SupplierBusy(supplier=NAME, said=kind, wait_s=WAIT_S)
    if answer.status == 404 and "/products/" in path:  # noqa: PLR2004
        raise ProductGone(supplier=NAME, said=kind)
    error = _refusal(answer.status, kind)
    raise error if isinstance(error, LoginRefused) else unclear(kind)  # nothing was ordered here


async def order(link: Link, body: object, shape: type[Shape]) -> Shape:
    """Order, once. Whatever isn't known to mean that nothing was made is SupplierUnclear."""
    answer = await _call(
        link, "POST", "/v2/order", msgspec.json.encode(body), deadline_s=PLACE_DEADLINE_S
    )
    if answer.status == 201:  # noqa: PLR2004
        return _told(answer, shape)
    raise _refusal(answer.status, _kind(answer))


async def _call(
    link: Link, method: str, path: str, content: bytes | None, deadline_s: float
) -> Answer:
    headers = {"x-api-key": link.login.secret.clear, "accept": "application/json"}
    if content is not None:
        headers["content-type"] = "application/json"
    url = (link.login.base_url or BASE_URL).rstrip("/") + path
    return await link.http.call(
        method, url, content=content, headers=headers, deadline_s=deadline_s
    )


def _told(answer: Answer, shape: type[Shape]) -> Shape:
    try:
        return decoded(answer.body, shape)
    except Unreadable as error:
        raise unclear("shape") from error


def _kind(answer: Answer) -> str:
    """What kind of error an answer says it is, or its status."""
    try:
        kind = decoded(answer.body, _Failure).kind
    except Unreadable:
        return f"HTTP {answer.status}"
    return kind if kind in _KINDS else "?"


def _refusal(status: int, kind: str) -> OutsideError:
    error = _REFUSED.get(kind)
    if error is None or not 400 <= status < 500:  # noqa: PLR2004
        return unclear(kind)
    return error(supplier=NAME, said=kind)
