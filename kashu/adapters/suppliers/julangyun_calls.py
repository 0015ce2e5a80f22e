"""Calls to Julangyun 聚浪云: its MD5 signature, its AES-256-CBC for cards, its codes.

Both are weak or unusual, are what the partner demands, and are used for nothing else.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kashu.adapters.suppliers.exact import Unreadable, code_of, decoded
from kashu.adapters.suppliers.exact_json import read_exact
from kashu.adapters.suppliers.texts import utf8
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link

NAME: Final = "julangyun"
OK: Final = 200
NOT_FOUND: Final = 1301
TAKEN: Final = 1302
BLOCK: Final = 16  # bytes, of AES

Shape = TypeVar("Shape")

# What says that nothing was made. Not 400 and 500, which when ordering are "ask", nor any other.
_REFUSED: Final[Mapping[int, type[OutsideError]]] = {
    1001: LoginRefused,  # signature
    1002: LoginRefused,  # address
    1003: ClockRefused,
    1004: LoginRefused,  # account
    1104: BalanceShort,
    1201: ProductGone,  # 1201 to 1203 are told together as "goods / stock" …
    1202: ProductGone,
    1203: SoldOut,  # … which of them is which is our reading
    1304: PriceAbove,
}


class _Answer(msgspec.Struct):
    code: int
    data: msgspec.Raw = msgspec.Raw(b"null")


def unclear(said: str) -> SupplierUnclear:
    """Make the error for an answer that says nothing certain."""
    return SupplierUnclear(supplier=NAME, said=said)


def sign(token: str, params: Mapping[str, object]) -> str:
    """Sign names and values in the order of names, then the token. Empty values are left out."""
    parts = sorted((name, str(value)) for name, value in params.items() if name != "sign")
    joined = "".join(name + value for name, value in parts if value)
    return _md5(joined + token)


def sign_with_empty(token: str, params: Mapping[str, object]) -> str:
    """As sign(), with names whose values are empty, as the vendor's own sample does."""
    parts = sorted((name, str(value)) for name, value in params.items() if name != "sign")
    return _md5("".join(name + value for name, value in parts) + token)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def open_cards(token: str, sealed: str) -> str:
    """Decrypt Base64 of a vector and AES-256-CBC; the key is the token's MD5 in hexadecimal text.

    Raises: ValueError.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if len(raw) < 2 * BLOCK or len(raw) % BLOCK:
        raise ValueError("not whole blocks")
    cipher = Cipher(algorithms.AES256(_md5(token).encode()), modes.CBC(raw[:BLOCK]))
    opening, bare = cipher.decryptor(), PKCS7(8 * BLOCK).unpadder()
    padded = opening.update(raw[BLOCK:]) + opening.finalize()
    return utf8(bare.update(padded) + bare.finalize())


async def call(
    link: Link,
    path: str,
    body: Mapping[str, str | int] | None,
    shape: type[Shape],
    *,
    asked: str = "",
    placed: str = "",
    deadline_s: float = DEADLINE_S,
) -> Shape:
    """Call, with `body` as JSON or, without one, by GET.

    `asked`, `placed`: our number of an order that is asked about, or that is being made. Raises
    also: NoSuchPurchase of the one, NumberTaken of the other.
    """
    sent = {name: value for name, value in (body or {}).items() if value != ""}
    headers = {
        "usercode": link.login.account,
        "timestamp": str(int(link.now().timestamp() * 1000)),
        "accept": "application/json",
    }
    told = {"userCode": headers["usercode"], "timestamp": headers["timestamp"], **sent}
    headers["sign"] = sign(link.login.secret.clear, told)
    if body is not None:
        headers["content-type"] = "application/json"
    answer = await link.http.call(
        "GET" if body is None else "POST",
        link.login.base_url.rstrip("/") + path,
        content=None if body is None else json.dumps(sent, ensure_ascii=False).encode(),
        headers=headers,
        deadline_s=deadline_s,
    )
    if answer.status != 200:  # noqa: PLR2004
        raise unclear(f"HTTP {answer.status}")
    try:
        found = decoded(answer.body, _Answer)
        if found.code == OK:
            return decoded(found.data, shape)
    except Unreadable as error:
        raise unclear("shape") from error
    if found.code == NOT_FOUND and asked:
        raise NoSuchPurchase(supplier=NAME, number=asked)
    if found.code == TAKEN and placed:
        raise NumberTaken(supplier=NAME, number=placed, said=str(TAKEN))
    raise _refusal(found.code)


def _refusal(code: int) -> OutsideError:
    said = code_of(code)
    error = _REFUSED.get(code)
    return unclear(said) if error is None else error(supplier=NAME, said=said)


def read_signed(body: bytes) -> dict[str, str]:
    """Read an object whose values are as they were written. Raises: ValueError."""
    told = read_exact(body)
    if not all(isinstance(value, str) for value in told.values()):
        raise ValueError("more than texts and numbers")
    return {name: str(value) for name, value in told.items()}
