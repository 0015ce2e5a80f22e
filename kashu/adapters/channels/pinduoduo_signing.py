"""How Pinduoduo wants calls, and the address of its message socket, to be signed."""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from kashu.core.secrets import Secret


def sign(params: Mapping[str, str], secret: Secret) -> str:
    """Sign a call: upper-case MD5 of names and values in byte order of names, between secrets.

    `sign` itself and what is empty are left out. Source: the platform's page 8EC06C399636041E.
    """
    named = sorted(
        (name.encode(), value.encode()) for name, value in params.items() if name != "sign"
    )
    joined = b"".join(name + value for name, value in named if value)
    around = secret.clear.encode()
    return hashlib.md5(around + joined + around, usedforsecurity=False).hexdigest().upper()


def message_path(client_id: str, milliseconds: str, secret: Secret) -> str:
    """Say where the message socket (PMC) of an application is; `milliseconds` since 1970.

    Source: clients' code only; the platform's guide doesn't publish this digest.
    """
    text = f"{client_id}{milliseconds}{secret.clear}".encode()
    digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
    encoded = base64.b64encode(digest.encode()).decode()
    return f"/message/{quote(client_id, safe='')}/{milliseconds}/{quote(encoded, safe='')}"
