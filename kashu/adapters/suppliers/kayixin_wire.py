"""Kayixin's calls: a signature over the raw body, and what their failures mean.

MD5 and AES in ECB mode are weak; they are the partner's choice and are used for nothing else.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from kashu.adapters.suppliers.texts import bounded, word
from kashu.adapters.suppliers.what_they_say import DOUBT, says_no_order
from kashu.core.errors import OutsideError
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    LoginRefused,
    NoSuchPurchase,
    NotCancelled,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link, Login, Order

NAME: Final = "kayixin"
VERSION: Final = "3.0"
DONE: Final = 1000

# "Anything else is a failure", says the vendor, and lists no codes: whether an order exists after
# one is only known of codes that a connection's option `refusal_codes` names. Of those, these words
# say more.
TAKEN: Final = ("重复", "已存在")
ORDER_WORDS: Final[Mapping[str, type[OutsideError]]] = {
    "余额": BalanceShort,
    "库存": SoldOut,
    "价": PriceAbove,
    "下架": ProductGone,
    "禁售": ProductGone,
    "商品不存在": ProductGone,
}
LOGIN_WORDS: Final = ("签名", "密钥", "客户编号", "白名单")
CLOCK_WORDS: Final = ("时间戳",)
GONE_WORDS: Final = ("不存在", "下架", "禁售")

Told = TypeVar("Told")
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class _Envelope(msgspec.Struct):
    code: int
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


def sign(account: str, secret: str, timestamp: str, body: bytes) -> str:
    """Sign exactly these bytes."""
    signed = f"{account}{secret}{VERSION}{timestamp}".encode() + body
    return hashlib.md5(signed).hexdigest()  # noqa: S324  (the partner's)


class Failed(Exception):
    """They say something else than 1000. It never leaves the adapter."""

    def __init__(self, code: int, message: str, said: str) -> None:
        self.code = code
        self.message = message
        self.said = said
        super().__init__(said)

    def has(self, words: tuple[str, ...]) -> bool:
        """Whether one of these words stands in their text."""
        return any(word in self.message for word in words)


async def call(
    link: Link,
    path: str,
    params: Mapping[str, Any],
    *,
    order: Order | None = None,
    deadline_s: float | None = None,
) -> msgspec.Raw:
    """Call, and return what is told, unread. `order` is whom the call is about.

    Raises: Failed; SupplierUnclear for whatever isn't an answer.
    """
    login = link.login
    body = _ENCODER.encode(params)
    timestamp = str(int(link.now().timestamp()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "x-app-id": login.account,
        "x-version": VERSION,
        "x-timestamp": timestamp,
        "x-signature": sign(login.account, login.secret.clear, timestamp, body),
    }
    limit = {} if deadline_s is None else {"deadline_s": deadline_s}
    url = login.base_url.rstrip("/") + path
    answer = await link.http.call("POST", url, content=body, headers=headers, **limit)
    if answer.status != 200:  # noqa: PLR2004  (failures too come with 200)
        raise unclear(f"HTTP {answer.status}")
    envelope = read(answer.body, _Envelope)
    if envelope.code != DONE:
        message = envelope.msg or ""
        hidden = [login.account, login.secret.clear, *(order.inputs.values() if order else ())]
        said = f"{word(str(envelope.code))} {bounded(message, *hidden)}".strip()
        raise Failed(envelope.code, message, said)
    return envelope.data


def read(body: bytes | str | msgspec.Raw, told: type[Told]) -> Told:
    """Read JSON; numbers are decimal. Raises: SupplierUnclear."""
    try:
        return msgspec.json.decode(body, type=told)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass  # what was read isn't kept: it may hold cards
    raise unclear("unreadable answer")


def unclear(said: str) -> SupplierUnclear:
    """Make an error of an answer that can't be understood."""
    return SupplierUnclear(supplier=NAME, said=said)


def refusal_of_order(failed: Failed, login: Login, order: Order) -> OutsideError:
    """Say what a failed order means: nothing certain, unless its code is known to be a refusal."""
    if failed.has(TAKEN):
        return NumberTaken(supplier=NAME, number=order.number, said=failed.said)
    codes = {each.strip() for each in login.options.get("refusal_codes", "").split(",")}
    if str(failed.code) not in codes or failed.has(DOUBT):
        return unclear(failed.said)
    if refused := _unsigned(failed):
        return refused
    for phrase, error in ORDER_WORDS.items():
        if phrase in failed.message:
            return error(supplier=NAME, said=failed.said)
    return OrderRefused(supplier=NAME, said=failed.said)


def refusal_of_asking(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order can't be asked for."""
    if refused := _unsigned(failed):
        return refused
    if says_no_order(failed.message):
        return NoSuchPurchase(supplier=NAME, number=order.number)
    return unclear(failed.said)


def refusal_of_cancelling(failed: Failed) -> OutsideError:
    """Say what it means that an order can't be cancelled."""
    if refused := _unsigned(failed):
        return refused
    if failed.has(DOUBT):
        return unclear(failed.said)
    return NotCancelled(supplier=NAME, said=failed.said)


def refusal_of_reading(failed: Failed) -> OutsideError:
    """Say what it means that something can't be read; nothing is bought by reading."""
    if refused := _unsigned(failed):
        return refused
    if failed.has(GONE_WORDS):
        return ProductGone(supplier=NAME, said=failed.said)
    return unclear(failed.said)


def _unsigned(failed: Failed) -> OutsideError | None:
    """What isn't signed well, or in time, does nothing."""
    if failed.has(CLOCK_WORDS):
        return ClockRefused(supplier=NAME, said=failed.said)
    if failed.has(LOGIN_WORDS):
        return LoginRefused(supplier=NAME, said=failed.said)
    return None
