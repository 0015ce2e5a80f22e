"""Xingquanyi's calls: their signature, and the closed table of what its words mean.

MD5 with the key in front is weak, and names run into values; both are the partner's choice and
are used for nothing else.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from kashu.adapters.suppliers.answers import read_answer
from kashu.adapters.suppliers.post_form import post_form
from kashu.adapters.suppliers.texts import bounded, word
from kashu.adapters.suppliers.what_they_say import says_no_order
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link, Order

NAME: Final = "xingquanyi"
OK: Final = "ok"
ERROR: Final = "error"
TOO_OFTEN: Final = "request_frequency"
WAIT_S: Final = 5  # what is limited is counted in a minute; a part of it is soon free
LOGIN: Final = frozenset({"invalid_sign", "disabled_customer"})
PARAMETERS: Final = "invalid_parameters"
NOT_SIGNED: Final = frozenset({"sign", "cards", "tickets"})

# "error" is every failure of business, and a number that is taken already among them: only these
# texts, whole, say that nothing was made. "server_error" says that nobody knows.
REPEATED: Final = ("重复", "已存在")
TEXTS: Final[Mapping[str, type[OutsideError]]] = {
    "余额不足": BalanceShort,
    "账户余额不足": BalanceShort,
    "库存不足": SoldOut,
    "商品库存不足": SoldOut,
    "商品已断货": SoldOut,
    "商品不存在": ProductGone,
    "商品已下架": ProductGone,
    "商品维护中": ProductGone,
    "商品禁售中": ProductGone,
    "商品限制采购": ProductGone,
    "商品售价高于安全进价": PriceAbove,
    "账号格式错误": InputRefused,
    "充值账号格式错误": InputRefused,
    "购买数量不合法": InputRefused,
}
_ENDS: Final = " 。！!.，,"

Told = TypeVar("Told")


class _Envelope(msgspec.Struct):
    code: str
    message: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


class Failed(Exception):
    """They say another word than "ok". It never leaves the adapter."""

    def __init__(self, code: str, message: str, said: str) -> None:
        self.code = code
        self.message = message.strip(_ENDS)
        self.said = said
        super().__init__(said)


def sign(params: Mapping[str, str], key: str, *, empty: bool = False) -> str:
    """Sign parameters by name, the key in front.

    `empty`: whether those without a text add their name. Programs differ in it.
    """
    pairs = (
        name + params[name]
        for name in sorted(params)
        if name not in NOT_SIGNED and (params[name] or empty)
    )
    return hashlib.md5((key + "".join(pairs)).encode(), usedforsecurity=False).hexdigest()


async def call(
    link: Link,
    path: str,
    params: Mapping[str, str],
    *,
    order: Order | None = None,
    deadline_s: float = DEADLINE_S,
) -> msgspec.Raw:
    """Call, and return what is told, unread. `order` is what it is about.

    Raises: Failed, where they say another word; SupplierUnclear for whatever is no answer.
    """
    login = link.login
    sent = {name: told for name, told in params.items() if told}
    sent["customer_id"] = login.account
    sent["timestamp"] = str(int(link.now().timestamp()))
    sent["sign"] = sign(sent, login.secret.clear)
    answer = await post_form(link, path, sent, deadline_s=deadline_s)
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    envelope = read(answer.body, _Envelope)
    if envelope.code != OK:
        hidden = [login.account, login.secret.clear, *(order.inputs.values() if order else ())]
        message = envelope.message or ""
        said = f"{word(envelope.code)} {bounded(message, *hidden)}".strip()
        raise Failed(envelope.code, message, said)
    return envelope.data


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
    if failed.code == ERROR:
        if any(text in failed.message for text in REPEATED):
            return NumberTaken(supplier=NAME, number=order.number, said=failed.said)
        if failed.message in TEXTS:
            return TEXTS[failed.message](supplier=NAME, said=failed.said)
    if failed.code == PARAMETERS:
        return InputRefused(supplier=NAME, said=failed.said)
    return _refusal(failed)


def refusal_of_asking(failed: Failed, order: Order) -> OutsideError:
    """Say what it means that an order can't be asked for."""
    if failed.code == ERROR and says_no_order(failed.message):
        return NoSuchPurchase(supplier=NAME, number=order.number)
    return _refusal(failed)


def refusal_of_reading(failed: Failed) -> OutsideError:
    """Say what it means that something can't be read; nothing is bought by reading."""
    if failed.code == ERROR and TEXTS.get(failed.message) is ProductGone:
        return ProductGone(supplier=NAME, said=failed.said)
    return _refusal(failed)


def _refusal(failed: Failed) -> OutsideError:
    """Find what means the same whatever was called."""
    if failed.code in LOGIN:
        return LoginRefused(supplier=NAME, said=failed.said)
    if failed.code == TOO_OFTEN:
        return SupplierBusy(supplier=NAME, said=failed.said, wait_s=WAIT_S)
    return unclear(failed.said)
