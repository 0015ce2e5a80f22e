"""Kasushou's calls: a signature over the bytes that are sent, and what its refusals mean.

SHA-1 with the key at the end is weak; it is the partner's choice and is used for nothing else.
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
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link, Order

NAME: Final = "kasushou"
DONE, FAILED = 200, 400  # 500 is "unknown": it may have happened

# 400 means that it failed; these phrases of its text say how. Whole phrases, since "余额已扣除" is
# no low balance. Without one of them, or with a word of doubt beside it, an order that failed is
# asked for before anybody believes it.
TAKEN: Final = ("重复", "已存在")
ORDER_WORDS: Final[Mapping[str, type[OutsideError]]] = {
    "余额不足": BalanceShort,
    "库存不足": SoldOut,
    "高于安全价": PriceAbove,
    "价格已变动": PriceAbove,
    "下架": ProductGone,
    "禁售": ProductGone,
    "商品不存在": ProductGone,
}
LOGIN_WORDS: Final = ("签名", "密钥", "白名单")
CLOCK_WORDS: Final = ("时间戳",)
GONE_WORDS: Final = ("不存在", "下架", "禁售")

Told = TypeVar("Told")
_ENCODER: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


class _Envelope(msgspec.Struct):
    code: int
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


def sign(timestamp: str, text: str, key: str) -> str:
    """Sign a text: the time before it, the key behind."""
    return hashlib.sha1((timestamp + text + key).encode()).hexdigest()  # noqa: S324  (the partner's)


def encode(params: Mapping[str, Any]) -> bytes:
    """Write parameters: names in ascending order, in inner objects too; "/" and 中文 as they are.

    What the vendor's sample sorts is the outer object only: sorted whole, both readings agree.
    """
    return _ENCODER.encode(params)


async def call(
    link: Link,
    path: str,
    params: Mapping[str, Any],
    *,
    order: Order | None = None,
    deadline_s: float | None = None,
) -> msgspec.Raw:
    """Call, and return what is told, unread. `order` is whom the call is about.

    Raises: KasushouFailed for 400; SupplierUnclear for whatever else isn't an answer.
    """
    login = link.login
    body = encode(params)
    timestamp = str(int(link.now().timestamp() * 1000))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "sign": sign(timestamp, body.decode(), login.secret.clear),
        "timestamp": timestamp,
        "userid": login.account,
    }
    limit = {} if deadline_s is None else {"deadline_s": deadline_s}
    url = login.base_url.rstrip("/") + path
    answer = await link.http.call("POST", url, content=body, headers=headers, **limit)
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    envelope = read(answer.body, _Envelope)
    message = envelope.msg or ""
    hidden = [login.account, login.secret.clear, *(order.inputs.values() if order else ())]
    said = f"{word(str(envelope.code))} {bounded(message, *hidden)}".strip()
    if envelope.code == FAILED:
        raise Failed(message, said)
    if envelope.code != DONE:
        raise unclear(said)
    return envelope.data


class Failed(Exception):
    """They say 400. It never leaves the adapter."""

    def __init__(self, message: str, said: str) -> None:
        self.message = message
        self.said = said
        super().__init__(said)


def read(body: bytes | msgspec.Raw, told: type[Told]) -> Told:
    """Read JSON; numbers are decimal. Raises: SupplierUnclear."""
    try:
        return msgspec.json.decode(body, type=told)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass  # what was read isn't kept: it may hold cards
    raise unclear("unreadable answer")


def unclear(said: str) -> SupplierUnclear:
    """Make an error of an answer that can't be understood."""
    return SupplierUnclear(supplier=NAME, said=said)


def refusal_of_order(failed: Failed, order: Order) -> OutsideError:
    """Say what a failed order means."""
    if _has(failed, TAKEN):
        return NumberTaken(supplier=NAME, number=order.number, said=failed.said)
    if not _has(failed, DOUBT):
        if refused := _unsigned(failed):
            return refused
        for word, error in ORDER_WORDS.items():
            if word in failed.message:
                return error(supplier=NAME, said=failed.said)
    return unclear(failed.said)


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
    if _has(failed, DOUBT):
        return unclear(failed.said)
    return NotCancelled(supplier=NAME, said=failed.said)


def refusal_of_reading(failed: Failed) -> OutsideError:
    """Say what it means that something can't be read; nothing is bought by reading."""
    if refused := _unsigned(failed):
        return refused
    if _has(failed, GONE_WORDS):
        return ProductGone(supplier=NAME, said=failed.said)
    return unclear(failed.said)


def _unsigned(failed: Failed) -> OutsideError | None:
    """What isn't signed well, or in time, does nothing."""
    if _has(failed, DOUBT):
        return None
    if _has(failed, CLOCK_WORDS):
        return ClockRefused(supplier=NAME, said=failed.said)
    if _has(failed, LOGIN_WORDS):
        return LoginRefused(supplier=NAME, said=failed.said)
    return None


def _has(failed: Failed, words: tuple[str, ...]) -> bool:
    return any(word in failed.message for word in words)
