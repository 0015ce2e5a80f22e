"""Signatures and ciphers of JD's three protocols.

MD5 everywhere, and AES-256-ECB for cards: weak cryptography that JD demands of its partners (ECB
shows which blocks are equal; nothing tells that a text was changed). It protects nothing of ours
at rest, stays inside these adapters, and always travels inside TLS.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.core.secrets import Secret

AES_KEY_BYTES = 32


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def gateway_sign(parameters: Mapping[str, str], secret: Secret) -> str:
    """Sign a call of the JOS gateway: name and value by name, between secrets; upper case."""
    text = "".join(f"{name}{parameters[name]}" for name in sorted(parameters) if name != "sign")
    return _md5(f"{secret.clear}{text}{secret.clear}").upper()


def game_sign(parameters: Mapping[str, str], secret: Secret) -> str:
    """Sign for the game-card platform: `name=value` joined by `&`, then `&` and the key."""
    named = [
        f"{name}={parameters[name]}"
        for name in sorted(parameters)
        if name != "sign" and parameters[name]
    ]
    return _md5("&".join([*named, secret.clear]))


def virtual_sign(parameters: Mapping[str, str], secret: Secret) -> str:
    """Sign for the general virtual-trade platform: name and value by name, then the key."""
    text = "".join(
        f"{name}{parameters[name]}"
        for name in sorted(parameters)
        if name not in {"sign", "signType"} and parameters[name]
    )
    return _md5(text + secret.clear)


def same(expected: str, given: str) -> bool:
    """Compare two signatures in a time that doesn't depend on where they differ."""
    return hmac.compare_digest(expected.encode(), given.encode())


def encrypt(clear: str, key: Secret) -> str:
    """Encrypt cards as the general virtual-trade platform wants them; Base64."""
    padder = padding.PKCS7(128).padder()
    padded = padder.update(clear.encode()) + padder.finalize()
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(sealed: str, key: Secret) -> str:
    """Open what that platform encrypted. Raises: ValueError where it doesn't open."""
    try:
        body = base64.b64decode("".join(sealed.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    decryptor = _cipher(key).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    padded = decryptor.update(body) + decryptor.finalize()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def _cipher(key: Secret) -> Cipher[modes.ECB]:
    spelled = key.clear.encode()
    if len(spelled) != AES_KEY_BYTES:
        raise ValueError("JD's card key has 32 bytes")
    return Cipher(algorithms.AES(spelled), modes.ECB())  # noqa: S305  (JD's protocol: see above)
