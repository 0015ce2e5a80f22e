"""Streams: hold every application's stream open while this worker is the only one who does."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from kashu.access.tenants import Tenant, all_tenants
from kashu.channels.connections import Connection
from kashu.channels.streams import StreamName, hear, is_same, permit_stores, streams_wanted
from kashu.core.errors import KashuError
from kashu.core.incidents import log_incident
from kashu.entry.lead import Tools

STREAMS: Final = "hold_streams"  # the name that is led
LOOK_EVERY_S: Final = 5.0  # for stores that were connected, changed or lost
PAUSE_S: Final = 1.0  # before another attempt; doubles with each that fails soon, up to …
PAUSE_MAX_S: Final = 60.0
STEADY_S: Final = 10.0  # what went on for so long didn't fail soon

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Held:
    stores: tuple[Connection, ...]
    tasks: tuple[asyncio.Task[None], ...]


class Streams:
    """Holds the streams of all tenants, each by itself: none waits for another that is broken."""

    def __init__(self, tools: Tools, *, look_every_s: float = LOOK_EVERY_S) -> None:
        """Begin to look which streams are wanted."""
        self._tools = tools
        self._look_every_s = look_every_s
        self._held: dict[tuple[int, StreamName], _Held] = {}
        self._loop = asyncio.create_task(self._go_round(), name=STREAMS)

    async def stop(self, grace_s: float) -> None:
        """Let all go, for so long at most. What wasn't acknowledged will be told again."""
        self._loop.cancel()
        await asyncio.wait([self._loop])
        tasks = self._cancel(list(self._held))
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)

    async def _go_round(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._look_every_s)

    async def _look(self) -> None:
        """Compare what is held with what is wanted."""
        try:
            async with self._tools.database.transaction(None) as tx:
                tenants = await all_tenants(tx)
        except KashuError as error:  # the database is away; what is held goes on
            _log.warning("streams_wait", error=error.code)
            return
        except Exception as error:  # noqa: BLE001  (or no stream would be held any more)
            log_incident(error, streams="tenants")
            return
        known = {tenant.id for tenant in tenants}
        self._cancel([each for each in self._held if each[0] not in known])
        for tenant in tenants:
            try:
                await self._look_at(tenant)
            except KashuError as error:
                _log.warning("streams_wait", tenant=tenant.id, error=error.code)
            except Exception as error:  # noqa: BLE001  (one tenant's trouble is its own)
                log_incident(error, tenant=tenant.id)

    async def _look_at(self, tenant: Tenant) -> None:
        tools = self._tools
        wanted = await streams_wanted(tools.database, tenant.id, tools.outside)
        for place, held in list(self._held.items()):
            stores = wanted.get(place[1], ())
            if place[0] == tenant.id and not is_same(held.stores, stores):
                self._cancel([place])
        for name, stores in wanted.items():
            if (tenant.id, name) not in self._held:
                self._held[tenant.id, name] = _Held(stores, self._begin(tenant.id, name, stores))

    def _begin(
        self, tenant_id: int, name: StreamName, stores: tuple[Connection, ...]
    ) -> tuple[asyncio.Task[None], ...]:
        """Two things that go on by themselves: who is heard of, and hearing it."""
        tools = self._tools
        of = {"tenant": tenant_id, "channel": name.channel, "app": name.app_key}

        def opened() -> None:
            _log.info("stream_open", **of)

        async def permit() -> None:
            await permit_stores(tools.database, tenant_id, tools.outside, name)

        async def listen() -> None:
            await hear(tools.database, tenant_id, tools.outside, stores, opened=opened)

        return (
            asyncio.create_task(_keep_at(permit, "stream_not_permitted", of)),
            asyncio.create_task(_keep_at(listen, "stream_lost", of)),
        )

    def _cancel(self, places: Sequence[tuple[int, StreamName]]) -> list[asyncio.Task[None]]:
        tasks = [task for place in places for task in self._held.pop(place).tasks]
        for task in tasks:
            task.cancel()
        return tasks


async def _keep_at(do: Callable[[], Awaitable[None]], trouble: str, of: dict[str, object]) -> None:
    """Do it until it succeeds, again and again; pauses grow, and differ by chance."""
    failures = 0
    while True:
        began = time.monotonic()
        try:
            await do()
        except KashuError as error:
            why = error.facts.get("said") or error.facts.get("why") or ""
            _log.warning(trouble, error=error.code, why=str(why), **of)
        except Exception as error:  # noqa: BLE001  (a bug in one stream is that stream's)
            log_incident(error, **of)
        else:
            return
        failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
        pause_s = min(PAUSE_S * 2 ** min(max(failures - 1, 0), 10), PAUSE_MAX_S)
        await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311  (to differ, no secret)
