"""Open what partners encrypt with AES in ECB mode.

The mode is weak: equal blocks look equal. It is the partners' choice and is used for nothing else.
"""

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kashu.adapters.suppliers.texts import utf8

KEY_BYTES: Final = 32  # of AES-256; of AES-128 it is half


def open_ecb(secret: str, sealed: str, *, key_bytes: int = KEY_BYTES) -> str:
    """Decrypt Base64; the key is the secret's characters as they are. Raises: ValueError."""
    key = secret.encode()
    if len(key) != key_bytes:
        raise ValueError("the secret isn't as long as a key")
    try:
        ciphertext = base64.b64decode(sealed, validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    opening = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305  (the partner's)
    bare = PKCS7(128).unpadder()
    padded = opening.update(ciphertext) + opening.finalize()
    return utf8(bare.update(padded) + bare.finalize())
