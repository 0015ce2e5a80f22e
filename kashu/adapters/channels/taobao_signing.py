"""How TOP wants a call signed, and how it writes times."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from kashu.core.errors import Invalid

BEIJING: Final = timezone(timedelta(hours=8))
TIME: Final = "%Y-%m-%d %H:%M:%S"

MD5: Final = "md5"
HMAC_MD5: Final = "hmac"
HMAC_SHA256: Final = "hmac-sha256"


class UnknownSignMethod(Invalid):
    """The app's option `sign_method` is none that TOP has."""

    code = "taobao_sign_method_unknown"
    zh = "淘宝应用的签名方式「{method}」不存在：请填 md5、hmac 或 hmac-sha256。"
    en = "TOP has no way to sign called “{method}”: set md5, hmac or hmac-sha256."


def text_to_sign(parameters: Mapping[str, str]) -> str:
    """Join names and values, sorted by name in byte order; `sign` and empty ones are left out."""
    return "".join(
        name + value
        for name, value in sorted(parameters.items(), key=lambda pair: pair[0].encode())
        if name and value and name != "sign"
    )


def sign(parameters: Mapping[str, str], secret: str, method: str = MD5) -> str:
    """Sign as `method` says, in upper-case hex. Raises: UnknownSignMethod.

    Source: the platform's page on signatures (docId 101617), read in copies, 2026-11.
    """
    text, key = text_to_sign(parameters).encode(), secret.encode()
    if method == MD5:
        return hashlib.md5(key + text + key, usedforsecurity=False).hexdigest().upper()
    if method == HMAC_MD5:
        return hmac.digest(key, text, "md5").hex().upper()
    if method == HMAC_SHA256:
        return hmac.digest(key, text, "sha256").hex().upper()
    raise UnknownSignMethod(method=method[:20])


def write_time(moment: datetime) -> str:
    """Write a moment as TOP does: Beijing time to the second, without an offset."""
    return moment.astimezone(BEIJING).strftime(TIME)


def read_time(written: str) -> datetime:
    """Read Beijing time into UTC. Raises: ValueError."""
    return datetime.strptime(written, TIME).replace(tzinfo=BEIJING).astimezone(UTC)
