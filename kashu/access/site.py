"""Site: where browsers reach us, and whether passkeys work there."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kashu.access.errors_second import PasskeyNotHere

LOCALHOST: Final = "localhost"
_LOOPBACK: Final = frozenset({LOCALHOST, "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104  (compared)
_ADDRESS: Final = re.compile(r"[\d.]+|.*:.*")


@dataclass(frozen=True, slots=True)
class Site:
    """The address that passkeys are bound to. `rp_id` is empty where they can't be used.

    Browsers permit them where a page comes over TLS, or from localhost; never for a bare address.
    Source: W3C Web Authentication Level 3, sections 5.1.2 and 5.1.3.
    """

    origin: str
    rp_id: str
    wanted: str  # where to go instead

    def require(self, origin: str) -> None:
        """Refuse where a page of this origin can't use passkeys. Raises: PasskeyNotHere."""
        if not self.rp_id or (origin and origin != self.origin):
            raise PasskeyNotHere(wanted=self.wanted)


def site_of(public_url: str | None, port: int) -> Site:
    """Tell what passkeys are bound to where people reach us at `public_url`."""
    parts = urlsplit(public_url or f"http://{LOCALHOST}:{port}")
    host = (parts.hostname or "").lower()
    where = f":{parts.port}" if parts.port else ""
    if parts.scheme == "http" and host in _LOOPBACK:
        origin = f"http://{LOCALHOST}{where}"
        return Site(origin, LOCALHOST, origin)
    if parts.scheme == "https" and not _ADDRESS.fullmatch(host):
        where = "" if parts.port == 443 else where  # noqa: PLR2004  (what https means)
        origin = f"https://{host}{where}"
        return Site(origin, host, origin)
    return Site(f"{parts.scheme}://{host}{where}", "", "https://…")
