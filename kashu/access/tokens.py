"""One-time and session tokens: random, kept only as a fingerprint, with the tenant written in."""

import re
import secrets
from typing import Final

TOKEN_BYTES: Final = 32  # 256 bits; nobody guesses one

_TOKEN: Final = re.compile(r"(\d{1,18})\.[A-Za-z0-9_-]{43}", re.ASCII)


def new_token(tenant_id: int) -> str:
    """Make a token. Row-level security needs its tenant before the row can be found."""
    return f"{tenant_id}.{secrets.token_urlsafe(TOKEN_BYTES)}"


def tenant_of(token: str) -> int | None:
    """Read whose token it claims to be; None when it isn't one."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else None
