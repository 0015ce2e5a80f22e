"""What buyers typed, where Weidian hands it out encrypted: open it with the key of our app.

Source: MaxSihong/wd-service eed0860, AESUtils. Which fields of an order come encrypted isn't
known, so the app's option `sealed_fields` names them.
"""

import base64
import binascii
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.adapters.channels.weidian_calls import call_raw, read, unclear
from kashu.channels.channel import Link
from kashu.core.secrets import Secret

BLOCK: Final = 16  # of AES
PADDED_TO: Final = 32  # bytes: twice the cipher's own block
KEY_HEX: Final = 32  # characters


class _Key(msgspec.Struct):
    aesKey: str  # noqa: N815  (the platform's name)


async def fetch_key(link: Link) -> Secret:
    """Ask for the key that opens buyers' texts. Raises: as any call."""
    business = {"app_key": link.app.key, "secret": link.app.secret.clear}
    result = await call_raw(link, "open.secret.list", "1.0", business, with_token=False)
    keys = read(result, list[_Key])
    if not keys or len(keys[0].aesKey) != KEY_HEX:
        raise unclear("no key of 32 digits")
    return Secret(keys[0].aesKey)


def open_text(key: Secret, sealed: str) -> str:
    """Decrypt one text: AES-128-CBC, padded to 32 bytes. Raises: ValueError.

    The vector is the beginning of the key's hexadecimal text read as if it were Base64.
    """
    try:
        ciphertext = base64.b64decode(sealed, validate=True)
        bare, vector = bytes.fromhex(key.clear), base64.b64decode(key.clear)[:BLOCK]
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if not ciphertext or len(ciphertext) % PADDED_TO:
        raise ValueError("not whole blocks")
    opening = Cipher(algorithms.AES128(bare), modes.CBC(vector)).decryptor()
    padded = opening.update(ciphertext) + opening.finalize()
    pad = padded[-1]
    if not 1 <= pad <= PADDED_TO or padded[-pad:] != bytes([pad]) * pad:
        raise ValueError("wrong padding")
    return padded[:-pad].decode()
