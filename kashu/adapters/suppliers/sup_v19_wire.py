"""The calls of SUP 1.9: their signature, and the closed table of what its codes mean.

MD5 with the secret among the parameters is weak, and cards are encrypted with that same secret;
both are the partner's choice and are used for nothing else.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from kashu.adapters.suppliers.answers import BEIJING, read_answer
from kashu.adapters.suppliers.post_form import post_form
from kashu.adapters.suppliers.texts import bounded, word
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierDown,
    SupplierUnclear,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Link, Order

NAME: Final = "sup_v19"
WAIT_S: Final = 10  # the longest of the limits: once in so long

OK: Final = "00"
DOWN, PARAMETERS, TOO_OFTEN, LOGIN, NOT_SOLD = "-10", "-12", "-13", "-14", "-15"
REPEATED, MONEY, NO_CARDS = "-16", "-18", "-21"
# -22, -23 and -99 are doubts of theirs; what isn't named here is one of ours.

Told = TypeVar("Told", bound="Answered")


class Answered(msgspec.Struct):
    """What every answer has."""

    code: str | int
    msg: str | None = None


class Failed(Exception):
    """They say another code than 00. It never leaves the adapter."""

    def __init__(self, code: str, message: str, said: str) -> None:
        self.code = code
        self.message = message
        self.said = said
        super().__init__(said)


def sign(params: Mapping[str, str], secret: str) -> str:
    """Sign parameters that aren't empty, by name, with the secret as one of them."""
    signed = {**params, "appSecret": secret}
    pairs = (f"{name}={signed[name]}" for name in sorted(signed) if name != "sign" and signed[name])
    return hashlib.md5("&".join(pairs).encode(), usedforsecurity=False).hexdigest()


def stamp(at: datetime) -> str:
    """Write a moment in Beijing time, to the thousandth of a second."""
    local = at.astimezone(BEIJING)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


async def call(
    link: Link,
    path: str,
    params: Mapping[str, str],
    told: type[Told],
    *,
    order: Order | None = None,
    deadline_s: float = DEADLINE_S,
) -> Told:
    """Call, and read what is told. `order` is what it is about.

    Raises: Failed, where they say another code; SupplierUnclear for whatever is no answer.
    """
    login = link.login
    sent = {name: each for name, each in params.items() if each}
    sent["appId"] = login.account
    sent["timestamp"] = stamp(link.now())
    sent["sign"] = sign(sent, login.secret.clear)
    answer = await post_form(link, path, sent, deadline_s=deadline_s)
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    answered = _read(answer.body, Answered)
    code = str(answered.code)
    if code != OK:
        hidden = [login.account, login.secret.clear, *(order.inputs.values() if order else ())]
        message = answered.msg or ""
        said = f"{word(code)} {bounded(message, *hidden)}".strip()
        raise Failed(code, message, said)
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
    said = failed.said
    if failed.code == REPEATED:
        return NumberTaken(supplier=NAME, number=order.number, said=said)
    if failed.code == PARAMETERS:
        return InputRefused(supplier=NAME, said=said)
    if failed.code == NOT_SOLD:
        return _not_sold(failed.message)(supplier=NAME, said=said)
    if failed.code == MONEY:
        return BalanceShort(supplier=NAME, said=said)
    if failed.code == NO_CARDS and order.goods is not Goods.TOPUP:
        return SoldOut(supplier=NAME, said=said)
    return refusal(failed)


def _not_sold(message: str) -> type[OutsideError]:
    """Which of the reasons behind one code it is; the code alone says that nothing was made."""
    if "结算价" in message or "价格" in message:
        return PriceAbove
    return ProductGone if "商品" in message else OrderRefused


def refusal(failed: Failed) -> OutsideError:
    """Find what means the same whatever was called."""
    if failed.code == LOGIN:
        return LoginRefused(supplier=NAME, said=failed.said)
    if failed.code == TOO_OFTEN:
        return SupplierBusy(supplier=NAME, said=failed.said, wait_s=WAIT_S)
    if failed.code == DOWN:
        return SupplierDown(supplier=NAME, said=failed.said)
    return unclear(failed.said)
