"""Kakayun's calls: their signature, and the closed table of what its codes mean.

MD5 with the key at the end is weak; it is the partner's choice and is used for nothing else.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from kashu.adapters.suppliers.answers import read_answer
from kashu.adapters.suppliers.exact_json import write_exact
from kashu.adapters.suppliers.texts import bounded, word
from kashu.adapters.suppliers.what_they_say import DOUBT
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NotCancelled,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link, Login, Order

NAME: Final = "kakayun"
PUBLIC_URL: Final = "https://public.kky.v3.api.kakayun.vip"  # for all but ordering
SAME: Final = "same"  # the option's word for systems that serve all at one address
PATH: Final = "/dockapiv3/"
WAIT_S: Final = 5  # a limit doesn't say how long it lasts: the longest of them is once in 5 s

DONE: Final = 1
CLOCK, TOO_OFTEN, OTHER, TAKEN = 403, 404, -1, 1205
LOGIN: Final = frozenset({401, 402, 1000, 1001, 1002})
GONE: Final = frozenset({1206, 1207, 1209, 1214})
NO_ORDER: Final = frozenset({1301})
NOT_CANCELLED: Final = frozenset({0, OTHER})
# What says that no order was made. 9999 is a doubt of theirs; what isn't here is one of ours,
# though they call every other code a failure: see the reference page.
REFUSED: Final[Mapping[int, type[OutsideError]]] = {
    **dict.fromkeys(LOGIN, LoginRefused),
    **dict.fromkeys(GONE, ProductGone),
    **dict.fromkeys((1200, 1201, 1202, 1203, 1204, 1208, 1211, 1212), InputRefused),
    **dict.fromkeys((1400, 1401), OrderRefused),
    1210: PriceAbove,
    1213: BalanceShort,
}
# -1 is "another error", and its text tells which.
REPEATED: Final = ("重复", "已存在")

Told = TypeVar("Told")


class Envelope(msgspec.Struct):
    """What every answer has."""

    code: int
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"")
    allpage: int | str | None = None  # of a list


class Failed(Exception):
    """They say another code than 1. It never leaves the adapter."""

    def __init__(self, code: int, message: str, said: str) -> None:
        self.code = code
        self.message = message
        self.said = said
        super().__init__(said)


def sign(params: Mapping[str, Any], key: str) -> str:
    """Sign parameters: those that aren't empty, by name; the key directly behind."""
    pairs = (
        f"{name}={_text(params[name])}"
        for name in sorted(params)
        if name != "sign" and params[name] is not None and params[name] != ""
    )
    return hashlib.md5(("&".join(pairs) + key).encode(), usedforsecurity=False).hexdigest()


def _text(told: object) -> str:
    if isinstance(told, bool):
        return "true" if told else "false"
    return write_exact(told) if isinstance(told, Mapping | list) else str(told)


def public_url(login: Login) -> str:
    """Where all is asked but orders are placed."""
    url = login.options.get("public_url", "") or PUBLIC_URL
    return login.base_url if url == SAME else url


async def call(
    link: Link,
    operation: str,
    params: Mapping[str, Any],
    *,
    url: str = "",
    order: Order | None = None,
    deadline_s: float = DEADLINE_S,
) -> Envelope:
    """Call an operation. `order` is what it is about, so that no error repeats what it holds.

    Raises: Failed, where they say another code; SupplierUnclear for whatever is no answer.
    """
    login = link.login
    sent: dict[str, Any] = {
        **params,
        "userid": login.account,
        "timestamp": int(link.now().timestamp()),
    }
    sent["sign"] = sign(sent, login.secret.clear)
    answer = await link.http.call(
        "POST",
        (url or public_url(login)).rstrip("/") + PATH + operation,
        content=write_exact(sent).encode(),
        headers={"content-type": "application/json;charset=utf-8"},
        deadline_s=deadline_s,
    )
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    envelope = read(answer.body, Envelope)
    if envelope.code != DONE:
        hidden = [login.account, login.secret.clear, *(order.inputs.values() if order else ())]
        message = envelope.msg or ""
        said = f"{word(str(envelope.code))} {bounded(message, *hidden)}".strip()
        raise Failed(envelope.code, message, said)
    return envelope


def read(body: bytes | msgspec.Raw, told: type[Told]) -> Told:
    """Read JSON. Raises: SupplierUnclear."""
    try:
        return read_answer(body, told)
    except ValueError as error:
        raise unclear("unreadable answer") from error


def unclear(said: str) -> SupplierUnclear:
    """Make an error of an answer that can't be understood."""
    return SupplierUnclear(supplier=NAME, said=said)


def refusal_of_order(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order isn't taken."""
    if failed.code == TAKEN:
        return NumberTaken(supplier=NAME, number=order.number, said=failed.said)
    if failed.code == OTHER:
        return _other(failed, order)
    if failed.code in REFUSED:
        return REFUSED[failed.code](supplier=NAME, said=failed.said)
    return _refusal(failed)


def _other(failed: Failed, order: Order) -> OutsideError:
    """Read the text of "another error": a refusal, unless it says otherwise."""
    if any(word in failed.message for word in REPEATED):
        return NumberTaken(supplier=NAME, number=order.number, said=failed.said)
    if any(word in failed.message for word in DOUBT):
        return unclear(failed.said)
    refused = SoldOut if "库存" in failed.message else OrderRefused
    return refused(supplier=NAME, said=failed.said)


def refusal_of_asking(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order can't be asked for."""
    if failed.code in NO_ORDER:
        return NoSuchPurchase(supplier=NAME, number=order.number)
    return _refusal(failed)


def refusal_of_cancelling(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order can't be cancelled."""
    if failed.code in NOT_CANCELLED and not any(word in failed.message for word in DOUBT):
        return NotCancelled(supplier=NAME, said=failed.said)
    return refusal_of_asking(failed, order)


def refusal_of_reading(failed: Failed) -> OutsideError:
    """Say what it means that something can't be read; nothing is bought by reading."""
    if failed.code in GONE:
        return ProductGone(supplier=NAME, said=failed.said)
    return _refusal(failed)


def _refusal(failed: Failed) -> OutsideError:
    """Find what means the same whatever was called."""
    if failed.code in LOGIN:
        return LoginRefused(supplier=NAME, said=failed.said)
    if failed.code == CLOCK:
        return ClockRefused(supplier=NAME, said=failed.said)
    if failed.code == TOO_OFTEN:
        return SupplierBusy(supplier=NAME, said=failed.said, wait_s=WAIT_S)
    return unclear(failed.said)
