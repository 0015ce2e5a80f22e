"""Calls to an acg-faka shop, how they are signed, and the closed table of what it refuses.

The signature is MD5 over the parameters and the key, without time or nonce: weak, and the shops'
choice. Whoever sees a call can repeat it for ever, so bodies are never logged.
"""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import unquote_plus, urlencode

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.exact import Unreadable, decoded
from kashu.adapters.suppliers.texts import bounded, word
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S
from kashu.core.secrets import Secret
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NumberTaken,
    ProductGone,
    SoldOut,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link

NAME: Final = "acg_faka"
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
ROUNDING: Final = Decimal("0.000001")  # PHP's floats: 0.30000000000000004 is 0.3

Plain: TypeAlias = str | int | bool | None
Value: TypeAlias = Plain | Mapping[str, Plain]
Shape = TypeVar("Shape")

# Source: what a running shop of version 3.6.0 answered.
_REFUSED: Final[Mapping[str, type[OutsideError]]] = {
    "The request ID already exists": NumberTaken,
    "库存不足": SoldOut,
    "余额不足": BalanceShort,
    "商品不存在": ProductGone,
    "当前商品已停售": ProductGone,
    "商户ID不存在": LoginRefused,
    "密钥错误": LoginRefused,
}
_LIMITS: Final = re.compile(r"本商品单次最(多|少)购买\d{1,9}个")


class FieldRefused(SupplierUnclear):
    """Words that aren't in the table: perhaps the seller's own about a field that is wrong."""

    def __init__(self, words: str, said: str) -> None:
        super().__init__(supplier=NAME, said=said)
        self.words = words


class _Envelope(msgspec.Struct):
    code: int
    msg: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")


def sign(parameters: Mapping[str, Value], key: Secret) -> str:
    """Sign as the shops do: sorted, empty texts left out, and decoded once more with the key."""
    kept = {
        name: value for name, value in sorted(parameters.items()) if value != "" and name != "sign"
    }
    text = unquote_plus(f"{urlencode(_flat(kept))}&key={key.clear}")
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def unclear(said: str) -> SupplierUnclear:
    """Make the error for an answer that says nothing certain."""
    return SupplierUnclear(supplier=NAME, said=said)


def yuan_e4(told: Decimal) -> int:
    """Read an amount of PHP's. Raises: ValueError."""
    if not told.is_finite() or abs(told) > 10**12:
        raise ValueError("not an amount")
    return price_e4(told.quantize(ROUNDING))


async def call(
    link: Link,
    path: str,
    shape: type[Shape],
    parameters: Mapping[str, Value],
    *,
    number: str = "",
    hidden: tuple[str, ...] = (),
    deadline_s: float = DEADLINE_S,
) -> Shape:
    """Call and read the answer's data; `hidden` are texts of ours that a refusal mustn't repeat.

    Raises: errors of the table; SupplierUnclear for whatever isn't in it.
    """
    asked: dict[str, Value] = {**parameters, "app_id": link.login.account}
    asked["sign"] = sign(asked, link.login.secret)
    answer = await link.http.call(
        "POST",
        f"{link.login.base_url.rstrip('/')}/shared/{path}",
        content=urlencode(_flat(asked)).encode(),
        headers=FORM,
        deadline_s=deadline_s,
    )
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    told = _decoded(answer.body, _Envelope)
    if told.code != 200:  # noqa: PLR2004
        raise _refusal(told, number, (*hidden, link.login.secret.clear))
    return _decoded(told.data, shape)


def _refusal(told: _Envelope, number: str, hidden: tuple[str, ...]) -> OutsideError:
    words = told.msg.strip()
    said = bounded(words, *hidden)
    if told.code != 0:
        return unclear(f"code {word(str(told.code))}")
    refusal = _REFUSED.get(words)
    if refusal is None and _LIMITS.fullmatch(words):
        refusal = InputRefused
    if refusal is None:
        return FieldRefused(words, said)
    return refusal(supplier=NAME, said=said, number=number)


def _decoded(body: bytes | msgspec.Raw, shape: type[Shape]) -> Shape:
    try:
        return decoded(body, shape)
    except Unreadable as error:
        raise unclear("unreadable answer") from error


def _flat(parameters: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Name the members of nested values as PHP does: sku[name]."""
    flat: list[tuple[str, str]] = []
    for name, value in parameters.items():
        members: Mapping[str, Any] = (
            {f"{name}[{key}]": each for key, each in value.items()}
            if isinstance(value, Mapping)
            else {name: value}
        )
        flat += [(key, _text(each)) for key, each in members.items() if each is not None]
    return flat


def _text(value: str | int | bool) -> str:  # noqa: FBT001  (PHP's are 1 and 0)
    return str(int(value)) if isinstance(value, bool) else str(value)
