"""Calls to Reloadly: a token for each account, and what its refusals mean."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, code_of, decoded
from kashu.core.errors import OutsideError, Refused, Unclear
from kashu.core.http import DEADLINE_S, Answer
from kashu.core.secrets import Secret
from kashu.suppliers.errors import (
    BalanceShort,
    LoginRefused,
    OrderRefused,
    SupplierBusy,
    SupplierDown,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link

NAME: Final = "reloadly"
BASE_URL: Final = "https://giftcards.reloadly.com"
SANDBOX_URL: Final = "https://giftcards-sandbox.reloadly.com"
AUTH_URL: Final = "https://auth.reloadly.com"  # of both
ACCEPT: Final = "application/com.reloadly.giftcards-v1+json"
PLACE_DEADLINE_S: Final = 90.0  # one client saw a failure take 52 s
WAIT_S: Final = 5
WAIT_MAX_S: Final = 3_600
TOKENS_MAX: Final = 256
SPARE: Final = timedelta(minutes=1)

Shape = TypeVar("Shape")

# A refusal with a body made no order. Not 408, 409 and the like: they may speak of one that is.
_REFUSALS: Final = frozenset({400, 402, 403, 404, 422})


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int


class _Failure(msgspec.Struct, rename="camel"):
    message: str
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class NotFoundThere(Exception):  # caught by who asked
    """The address of a thing that isn't there."""


@dataclass(slots=True)
class Tokens:
    """Tokens until they end: what keeps this adapter from being wholly stateless.

    One is asked for with all that stands in the login, so what is kept here can be lost, or be in
    each process, and nothing changes but one call more. Without it every call would be two, at a
    place that gives tokens for a day, and whose limit of calls nobody knows.
    """

    _kept: dict[bytes, tuple[Secret, datetime]] = field(default_factory=dict, repr=False)

    def of(self, link: Link) -> Secret | None:
        """Find a token that will still do."""
        token, ends_at = self._kept.get(_name(link), (None, link.now()))
        return token if ends_at > link.now() else None

    def keep(self, link: Link, token: Secret, lives: timedelta) -> None:
        """Keep one; of too many the oldest goes."""
        self.drop(link)
        self._kept[_name(link)] = token, link.now() + lives - SPARE
        while len(self._kept) > TOKENS_MAX:
            del self._kept[next(iter(self._kept))]

    def drop(self, link: Link) -> None:
        """Forget one that isn't taken any more."""
        self._kept.pop(_name(link), None)


def _name(link: Link) -> bytes:
    login = link.login
    parts = (login.account, login.secret.clear, _base(link))
    return hashlib.sha256("\n".join(parts).encode()).digest()


def _base(link: Link) -> str:
    return (link.login.base_url or BASE_URL).rstrip("/")


def unclear(said: str) -> SupplierUnclear:
    """Make the error for an answer that says nothing certain."""
    return SupplierUnclear(supplier=NAME, said=said)


async def read(
    tokens: Tokens,
    link: Link,
    path: str,
    shape: type[Shape],
    query: Mapping[str, object] | None = None,
) -> Shape:
    """Read something. Raises also: NotFoundThere."""
    asked = f"{path}?{urlencode(query)}" if query else path
    answer = await _call(tokens, link, "GET", asked)
    if answer.status == 404:  # noqa: PLR2004
        raise NotFoundThere
    try:
        return _told(answer, shape)
    except Refused as error:  # of the question: it says nothing of any order
        raise unclear(f"HTTP {answer.status}") from error


async def order(tokens: Tokens, link: Link, body: object, shape: type[Shape]) -> Shape:
    """Order, once. Whatever isn't known to mean that nothing was made is SupplierUnclear."""
    content = msgspec.json.encode(body)
    return _told(await _call(tokens, link, "POST", "/orders", content), shape)


async def _call(
    tokens: Tokens, link: Link, method: str, path: str, content: bytes | None = None
) -> Answer:
    """Call; where the token isn't taken, nothing ran: once more, with a new one."""
    for token in (tokens.of(link), None):
        clear = (token or await _fetch(tokens, link)).clear
        headers = {"authorization": f"Bearer {clear}", "accept": ACCEPT}
        if content is not None:
            headers["content-type"] = "application/json"
        answer = await link.http.call(
            method,
            _base(link) + path,
            content=content,
            headers=headers,
            deadline_s=DEADLINE_S if content is None else PLACE_DEADLINE_S,
        )
        if answer.status != 401:  # noqa: PLR2004
            return answer
        tokens.drop(link)
    raise LoginRefused(supplier=NAME, said="HTTP 401")


async def _fetch(tokens: Tokens, link: Link) -> Secret:
    """Ask for a token. However that fails, nothing was ordered.

    Raises: LoginRefused, SupplierBusy, SupplierDown, NotReached.
    """
    base = _base(link)
    place = AUTH_URL if base in {BASE_URL, SANDBOX_URL} else base
    body = {
        "client_id": link.login.account,
        "client_secret": link.login.secret.clear,
        "grant_type": "client_credentials",
        "audience": base,
    }
    headers = {"content-type": "application/json", "accept": "application/json"}
    try:
        answer = await link.http.call(
            "POST", f"{place}/oauth/token", content=msgspec.json.encode(body), headers=headers
        )
        if answer.status in {401, 403}:
            raise LoginRefused(supplier=NAME, said=f"token: HTTP {answer.status}")
        token = _told(answer, _Token)
    except Unclear as error:
        raise SupplierDown(supplier=NAME, said="token") from error
    except OrderRefused as error:
        raise LoginRefused(supplier=NAME, said="token") from error
    clear = Secret(token.access_token)
    if token.expires_in > 0:
        tokens.keep(link, clear, timedelta(seconds=min(token.expires_in, 10**7)))
    return clear


def _told(answer: Answer, shape: type[Shape]) -> Shape:
    if answer.status != 200:  # noqa: PLR2004
        raise _refusal(answer)
    try:
        return decoded(answer.body, shape)
    except Unreadable as error:
        raise unclear("shape") from error


def _refusal(answer: Answer) -> OutsideError:
    wait = answer.headers.get("retry-after", "")
    said = f"HTTP {answer.status}"
    if answer.status == 429 and wait.isascii() and wait.isdigit():  # noqa: PLR2004
        wait_s = min(max(int(wait[:9]), 1), WAIT_MAX_S)
        return SupplierBusy(supplier=NAME, said=said, wait_s=wait_s)
    try:
        failure = decoded(answer.body, _Failure)
    except Unreadable:
        return unclear(said)
    said = code_of(failure.error_code or said)
    if answer.status not in _REFUSALS:
        return unclear(said)
    # Its codes aren't listed anywhere. Words only sort what is a refusal already.
    words = f"{failure.error_code} {failure.message}".upper().replace("_", " ")
    if "INSUFFICIENT" in words and ("BALANCE" in words or "FUNDS" in words):
        return BalanceShort(supplier=NAME, said=said)
    return OrderRefused(supplier=NAME, said=said)
