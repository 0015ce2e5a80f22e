"""How Agiso's standard supplier reads, signs and seals. MD5 and ECB are theirs, used nowhere else.

ECB shows equal blocks as equal: it is their choice, under a secret that only they and we have.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kashu.adapters.suppliers.exact_json import read_exact, write_exact
from kashu.core.secrets import Secret
from kashu.downstream.errors import CallWrong
from kashu.stock.secret import CardSecret

Field: TypeAlias = str | bool | dict[str, Any] | list[Any]  # a number is its digits, as written

_WHOLE_CHARS: Final = 9


def read_call(body: bytes) -> dict[str, Field]:
    """Read the parameters of a call, exactly as they were written. Raises: CallWrong."""
    try:
        told = read_exact(body)
    except ValueError as error:
        raise CallWrong(what="body") from error
    if any(value is None for value in told.values()):
        raise CallWrong(what="null")  # how it would be signed isn't known
    return told


def sign(key: Secret, told: Mapping[str, Field]) -> str:
    """Sign all parameters but the signature, in order of their names; empty ones too."""
    pairs = [f"{name}={_text(told[name])}" for name in sorted(told) if name != "sign"]
    text = f"{key.clear}{'&'.join(pairs)}{key.clear}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _text(value: Field) -> str:
    """Write a value as it is signed: objects compactly, decimals without trailing zeros."""
    if isinstance(value, bool | dict | list):
        return write_exact(value)
    if type(value) is not str and "." in value and "e" not in value.lower():
        return value.rstrip("0").rstrip(".")
    return str(value)


def whole_of(
    told: Mapping[str, Field], name: str, absent: int | None, *, least: int, most: int
) -> int:
    """Read a whole number, as a number or as text; `absent`: for one that isn't there.

    Raises: CallWrong.
    """
    written = told.get(name, "")
    text = str(written)
    if text == "" and absent is not None:
        return absent
    if isinstance(written, bool) or not text.isascii() or not text.isdigit():
        raise CallWrong(what=name)
    if len(text) > _WHOLE_CHARS or not least <= int(text) <= most:
        raise CallWrong(what=name)
    return int(text)


def seal_cards(app_secret: Secret, cards: Sequence[CardSecret]) -> str:
    """Encrypt cards as they are handed over: AES-256-ECB under the application's secret, Base64."""
    told = [{"cardNo": card.number, "cardPwd": card.password, "expireTime": ""} for card in cards]
    padding = PKCS7(128).padder()
    padded = padding.update(msgspec.json.encode(told)) + padding.finalize()
    sealing = Cipher(
        algorithms.AES(app_secret.clear.encode()),
        modes.ECB(),  # noqa: S305  (theirs)
    ).encryptor()
    return base64.b64encode(sealing.update(padded) + sealing.finalize()).decode()
