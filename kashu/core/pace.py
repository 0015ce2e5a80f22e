"""Pace: calls of one application leave no faster than its platform allows; they wait their turn.

Each process counts for itself. So that all together keep to what is allowed, each has its share:
the worker, which does nearly all, most of it; what people do over the web, the rest.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from kashu.core.http import DEADLINE_S, Answer, Http

BURST: Final = 5


class Pace:
    """When the next call of each application may leave."""

    def __init__(self, share: float = 1.0) -> None:
        """Begin with all free. `share`: how much of what is allowed is this process's."""
        self._share = share
        self._free_at: dict[str, float] = {}

    async def turn(self, name: str, calls_per_s: float, *, burst: int = BURST) -> None:
        """Wait until a call may leave: at most `burst` at once, then our share of `calls_per_s`."""
        now = asyncio.get_running_loop().time()
        step_s = 1 / (calls_per_s * self._share)
        at = max(self._free_at.get(name, 0.0), now - burst * step_s) + step_s
        self._free_at[name] = at
        if at > now:
            await asyncio.sleep(at - now)


class PacedHttp(Http):
    """As the one it is made of, but each call waits its turn."""

    def __init__(
        self,
        http: Http,
        pace: Pace,
        limits: Sequence[tuple[str, float]],
        *,
        paths: Mapping[str, float] | None = None,
        names: Mapping[str, float] | None = None,
    ) -> None:
        """`limits`: whose calls are counted together, and how many may leave in a second.

        `paths`: how many of the first one's may, whose address ends so; never two at once.
        `names`: how many of the first one's may, for which turn() is asked by that name.
        """
        self._http, self._pace, self._limits, self._paths = http, pace, limits, paths or {}
        self._names = names or {}

    async def turn(self, name: str) -> None:
        """Wait until a call of this name may leave, where one of that name is limited."""
        if name in self._names:
            await self._pace.turn(f"{self._limits[0][0]} {name}", self._names[name])

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
        for name, calls_per_s in self._limits:
            await self._pace.turn(name, calls_per_s)
        address = url.partition("?")[0]
        for path, calls_per_s in self._paths.items():
            if address.endswith(path):
                await self._pace.turn(f"{self._limits[0][0]} {path}", calls_per_s, burst=1)
        return await self._http.call(
            method, url, content=content, headers=headers, deadline_s=deadline_s
        )
