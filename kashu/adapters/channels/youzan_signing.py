"""Youzan's signatures of pushes, and the sealed messages of its app market. Calls aren't signed."""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kashu.core.secrets import Secret

_IV: Final = b"0102030405060708"  # theirs, for everybody
_KEY_BYTES: Final = 16


def push_signature(client_id: str, secret: Secret, signed: bytes) -> str:
    """Sign a push: `signed` is its body as received, or for the older check its URL-encoded `msg`.

    Source: the `Event-Sign` header, and the `sign` field inside older bodies.
    """
    whole = client_id.encode() + signed + secret.clear.encode()
    return hashlib.md5(whole, usedforsecurity=False).hexdigest()  # their choice, not ours


def is_signed(client_id: str, secret: Secret, signed: bytes, signature: str) -> bool:
    """Tell whether a signature is the right one, in a time that tells nothing."""
    right = push_signature(client_id, secret, signed).encode()
    return hmac.compare_digest(right, signature.encode("utf-8", "replace"))


def open_message(secret: Secret, message: str) -> str:
    """Open what Youzan's app market seals: AES-128-CBC, Base64, then URL-encoded.

    Raises: ValueError where it isn't theirs.
    """
    key = secret.clear.encode()[:_KEY_BYTES]
    try:
        sealed = base64.b64decode(unquote_to_bytes(message), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    decryptor = Cipher(algorithms.AES(key), modes.CBC(_IV)).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    unpadder = PKCS7(algorithms.AES.block_size).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode()
