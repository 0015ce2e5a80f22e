"""Pace: calls of one application leave no faster than its platform allows; they wait their turn."""

import asyncio
from collections.abc import Mapping
from typing import Final

from kashu.core.http import DEADLINE_S, Answer, Http

BURST: Final = 5


class Pace:
    """When the next call of each application may leave."""

    def __init__(self) -> None:
        """Begin with all free."""
        self._free_at: dict[str, float] = {}

    async def turn(self, name: str, calls_per_s: float) -> None:
        """Wait until a call may leave: at most BURST at once, then `calls_per_s`."""
        now = asyncio.get_running_loop().time()
        step_s = 1 / calls_per_s
        at = max(self._free_at.get(name, 0.0), now - BURST * step_s) + step_s
        self._free_at[name] = at
        if at > now:
            await asyncio.sleep(at - now)


class PacedHttp(Http):
    """As the one it is made of, but each call waits its turn."""

    def __init__(self, http: Http, pace: Pace, name: str, calls_per_s: float) -> None:
        """`name`: whose calls are counted together."""
        self._http, self._pace, self._name, self._calls_per_s = http, pace, name, calls_per_s

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        """Wait, then call."""
        await self._pace.turn(self._name, self._calls_per_s)
        return await self._http.call(
            method, url, content=content, headers=headers, deadline_s=deadline_s
        )
