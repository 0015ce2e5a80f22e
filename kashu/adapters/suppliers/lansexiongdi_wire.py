"""1688sup's calls: their signature, and the closed table of what its codes mean.

MD5 with the key at the end is weak; it is the partner's choice and is used for nothing else.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from kashu.adapters.suppliers.answers import read_answer
from kashu.adapters.suppliers.post_form import post_form
from kashu.adapters.suppliers.texts import bounded, word
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    ProductGone,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link, Order

NAME: Final = "lansexiongdi"
VERSION: Final = "1.0"
NOT_SIGNED: Final = frozenset({"sign", "version", "extendParameter"})
WAIT_S: Final = 10  # a limit doesn't say how long it lasts: our choice

TOLD: Final = "0000"  # of questions
TAKEN_ON: Final = "2000"  # of orders: taken, which isn't topped up
CLOCK, REPEATED, NO_ORDER, TOO_OFTEN = "1004", "1005", "1012", "1099"
LOGIN: Final = frozenset({"1000", "1002", "1003"})
# What says that no order was made. 1999 is a doubt of theirs; what isn't here is one of ours.
REFUSED: Final[Mapping[str, type[OutsideError]]] = {
    **dict.fromkeys(LOGIN, LoginRefused),
    # Not open for us, or its price or its mapping is wrong there: people there put it right.
    **dict.fromkeys(("1006", "1007", "1009", "1010"), ProductGone),
    **dict.fromkeys(("1001", "1011", "1101", "1102"), InputRefused),
    "1008": BalanceShort,
}

Told = TypeVar("Told", bound="Answered")


class Answered(msgspec.Struct):
    """What every answer has."""

    code: str | int
    message: str | None = None


class Failed(Exception):
    """They say another code than the one that is wanted. It never leaves the adapter."""

    def __init__(self, code: str, said: str) -> None:
        self.code = code
        self.said = said
        super().__init__(said)


def sign(params: Mapping[str, str], key: str) -> str:
    """Sign parameters: those that aren't empty, by name, then the key; in capitals."""
    pairs = [
        f"{name}={params[name]}"
        for name in sorted(params)
        if name not in NOT_SIGNED and params[name]
    ]
    text = "&".join([*pairs, f"key={key}"])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


async def call(
    link: Link,
    path: str,
    params: Mapping[str, str],
    told: type[Told],
    *,
    good: str = TOLD,
    order: Order | None = None,
    deadline_s: float = DEADLINE_S,
) -> Told:
    """Call, and read what is told with the code `good`. `order` is what it is about.

    Raises: Failed, where they say another code; SupplierUnclear for whatever is no answer.
    """
    login = link.login
    sent = {name: each for name, each in params.items() if each}
    sent["merchantId"] = login.account
    sent["timeStamp"] = str(int(link.now().timestamp()))
    sent["version"] = VERSION
    sent["sign"] = sign(sent, login.secret.clear)
    answer = await post_form(link, path, sent, deadline_s=deadline_s)
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    answered = _read(answer.body, Answered)
    code = str(answered.code)
    if code != good:
        hidden = [login.account, login.secret.clear, *(order.inputs.values() if order else ())]
        message = bounded(answered.message or "", *hidden)
        raise Failed(code, f"{word(code)} {message}".strip())
    return _read(answer.body, told)


def _read(body: bytes, told: type[Told]) -> Told:
    try:
        return read_answer(body, told)
    except ValueError as error:
        raise unclear("unreadable answer") from error


def unclear(said: str) -> SupplierUnclear:
    """Make an error of an answer that can't be understood."""
    return SupplierUnclear(supplier=NAME, said=said)


def refusal_of_order(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order isn't taken."""
    if failed.code == REPEATED:
        return NumberTaken(supplier=NAME, number=order.number, said=failed.said)
    if failed.code in REFUSED:
        return REFUSED[failed.code](supplier=NAME, said=failed.said)
    return refusal(failed)


def refusal_of_asking(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order can't be asked for."""
    if failed.code == NO_ORDER:
        return NoSuchPurchase(supplier=NAME, number=order.number)
    return refusal(failed)


def refusal(failed: Failed) -> OutsideError:
    """Find what means the same whatever was called."""
    if failed.code in LOGIN:
        return LoginRefused(supplier=NAME, said=failed.said)
    if failed.code == CLOCK:
        return ClockRefused(supplier=NAME, said=failed.said)
    if failed.code == TOO_OFTEN:
        return SupplierBusy(supplier=NAME, said=failed.said, wait_s=WAIT_S)
    return unclear(failed.said)
