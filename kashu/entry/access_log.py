"""The access log: one JSON line a request on standard error, beside the other logs."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Final

import msgspec

WRITE_EVERY_S: Final = 0.1


class AccessLine(msgspec.Struct, frozen=True):
    """A request and how it ended. Never its query: that may hold what is searched for."""

    request_id: str
    method: str
    path: str
    status: int
    ms: float
    timestamp: datetime
    event: str = "request"
    level: str = "info"


class AccessLog:
    """Gathers lines for a tenth of a second and writes them at once.

    Written one by one they cost a tenth of an order. A process that is killed loses its last ones:
    what happened is told by events, not by this.
    """

    def __init__(self) -> None:
        """Begin with no lines."""
        self._lines: list[AccessLine] = []

    def note(self, request_id: str, method: str, path: str, status: int, ms: float) -> None:
        """Take a line, to be written soon."""
        if not self._lines:
            asyncio.get_running_loop().call_later(WRITE_EVERY_S, self.write)
        self._lines.append(AccessLine(request_id, method, path, status, ms, datetime.now(UTC)))

    def write(self) -> None:
        """Write what has gathered."""
        lines, self._lines = self._lines, []
        if lines:
            sys.stderr.write(msgspec.json.Encoder().encode_lines(lines).decode())
            sys.stderr.flush()
