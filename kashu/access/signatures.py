"""Signed requests: what is signed, how it is written on the wire, how it is checked.

The text signed is five lines, in UTF-8: the method; the path as sent and, where there is a query,
"?" and its pairs sorted, as sent; the time; the nonce; the SHA-256 of the body in hex. The
signature is HMAC-SHA256 of it under the key's secret, in hex. Source: RFC 2104.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from kashu.access.errors import SignatureUnreadable, SignatureWrong, TimestampOutside

SCHEME: Final = "KASHU-HMAC-SHA256"
TIMESTAMP_HEADER: Final = "X-Kashu-Timestamp"
NONCE_HEADER: Final = "X-Kashu-Nonce"
BODY_HASH_HEADER: Final = "X-Kashu-Content-SHA256"  # optional; needed where the body is large
LIMIT_S: Final = 300  # how far the clocks may differ

_AUTHORIZATION: Final = re.compile(
    rf"{SCHEME} key=(ak_\d{{1,18}}_[0-9a-f]{{32}}), ?signature=([0-9a-f]{{64}})", re.ASCII
)
_KEY: Final = re.compile(r"ak_(\d{1,18})_([0-9a-f]{32})", re.ASCII)
_TIMESTAMP: Final = re.compile(r"\d{1,12}", re.ASCII)
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed request claims, before anything is believed."""

    tenant_id: int
    key_id: UUID
    signature: str
    timestamp: str
    nonce: str
    body_hash: str | None  # as told in a header; None: to be taken from the body


def key_name(tenant_id: int, key_id: UUID) -> str:
    """Write a key's name, which carries its tenant: `ak_<tenant>_<uuid hex>`."""
    return f"ak_{tenant_id}_{key_id.hex}"


def parse_key_name(name: str) -> tuple[int, UUID] | None:
    """Read a key's name, or None when it isn't one."""
    found = _KEY.fullmatch(name)
    return (int(found[1]), UUID(hex=found[2])) if found else None


def canonical(
    method: str, path: str, query: str, *, timestamp: str, nonce: str, body_hash: str
) -> bytes:
    """Write the text that is signed; `path` and `query` as they are sent, percent-encoded."""
    if query:
        path = f"{path}?{'&'.join(sorted(query.split('&')))}"
    return f"{method}\n{path}\n{timestamp}\n{nonce}\n{body_hash}".encode()


def sign(
    method: str, path: str, body: bytes, *, key: str, secret: str, timestamp: int, nonce: str
) -> dict[str, str]:
    """Make the headers of a signed request: what a client does.

    `path` with its query, as it will be sent; `key` the key's name (`ak_…`); `timestamp` in Unix
    seconds; `nonce` 16 to 64 url-safe characters, never used before.
    """
    path, _, query = path.partition("?")
    body_hash = hashlib.sha256(body).hexdigest()
    text = canonical(
        method, path, query, timestamp=str(timestamp), nonce=nonce, body_hash=body_hash
    )
    signature = hmac.digest(secret.encode(), text, "sha256").hex()
    return {
        "Authorization": f"{SCHEME} key={key}, signature={signature}",
        TIMESTAMP_HEADER: str(timestamp),
        NONCE_HEADER: nonce,
        BODY_HASH_HEADER: body_hash,
    }


def read_signed(headers: Mapping[str, str]) -> Signed:
    """Read a signed request's headers (names in lower case). Raises: SignatureUnreadable."""
    authorization = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if authorization is None:
        raise SignatureUnreadable(header="Authorization")
    timestamp = headers.get("x-kashu-timestamp", "")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureUnreadable(header=TIMESTAMP_HEADER)
    nonce = headers.get("x-kashu-nonce", "")
    if not _NONCE.fullmatch(nonce):
        raise SignatureUnreadable(header=NONCE_HEADER)
    body_hash = headers.get("x-kashu-content-sha256")
    if body_hash is not None and not _HASH.fullmatch(body_hash):
        raise SignatureUnreadable(header=BODY_HASH_HEADER)
    parsed = parse_key_name(authorization[1])
    assert parsed, "the pattern of Authorization contains the key's"
    return Signed(*parsed, authorization[2], timestamp, nonce, body_hash)


def hash_signed(signed: Signed, body: bytes) -> str:
    """Hash a body, which must be the one that a header tells of. Raises: SignatureWrong."""
    body_hash = hashlib.sha256(body).hexdigest()
    if signed.body_hash not in {None, body_hash}:
        raise SignatureWrong
    return body_hash


def check_time(signed: Signed, now_s: float) -> None:
    """Refuse what was signed more than five minutes ago or ahead. Raises: TimestampOutside."""
    if abs(now_s - int(signed.timestamp)) > LIMIT_S:
        told = datetime.fromtimestamp(int(now_s), UTC).isoformat()
        raise TimestampOutside(limit_s=LIMIT_S, server_time=told)


def check_signature(
    signed: Signed, secret: bytes, *, method: str, path: str, query: str, body_hash: str
) -> None:
    """Compare in constant time. Raises: SignatureWrong."""
    text = canonical(
        method,
        path,
        query,
        timestamp=signed.timestamp,
        nonce=signed.nonce,
        body_hash=body_hash,
    )
    expected = hmac.digest(secret, text, "sha256").hex()
    if not hmac.compare_digest(expected, signed.signature):
        raise SignatureWrong
