"""Lead: one sweep, for all tenants, while this worker is the only one who runs it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, TypeAlias

import structlog

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant, all_tenants
from kashu.channels.ask import Outside
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.incidents import log_incident
from kashu.suppliers.reach import Upstreams

TENANTS_AT_ONCE: Final = 4  # of one sweep: a slow tenant doesn't keep the others waiting
PAUSE_S: Final = 1.0  # after a failure; doubles with each further one, up to …
PAUSE_MAX_S: Final = 60.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tools:
    """What sweeps work with."""

    database: Database
    keyrings: Keyrings
    outside: Outside
    upstreams: Upstreams
    watch_dir: Path | None = None  # where suppliers' files are put


# One step of a sweep for one tenant: short, and harmless to repeat. True: there is more to do.
Run: TypeAlias = Callable[[Tools, Tenant], Awaitable[bool]]
# What who begins to lead does once for each tenant, before the first step.
Begin: TypeAlias = Callable[[Tools, Tenant], Awaitable[None]]
# How a step that is under way for a tenant learns that there is more to do, without ending first.
Nudge: TypeAlias = Callable[[Tools, int], None]


class Group(IntEnum):
    """What several workers share out among themselves: the first takes the first, and so on.

    Those that call platforms stay together, since a process counts its calls by itself. The last
    worker takes what is left; more workers than groups stand by.
    """

    PLATFORMS = 0
    OWN = 1  # our own rows
    SUPPLIERS = 2

    def is_for(self, place: int, count: int) -> bool:
        """Whether the worker at `place` of `count` looks after it."""
        return min(self.value, count - 1) == place


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something to be looked after every `every_s` seconds, and as soon as `woken_by` is called."""

    name: str
    every_s: float
    run: Run
    woken_by: str | None = None
    begin: Begin | None = None
    nudge: Nudge | None = None
    group: Group = Group.OWN


class Lead:
    """Runs a sweep: at most once at a time for a tenant, for several tenants side by side."""

    def __init__(self, sweep: Sweep, tools: Tools) -> None:
        """Prepare; nothing runs yet."""
        self.sweep = sweep
        self._tools = tools
        self._tenants: dict[int, Tenant] = {}
        self._wanted: set[int] = set()
        self._begun: set[int] = set()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._failures: dict[int, tuple[int, float]] = {}  # how many in a row, not before when
        self._changed = asyncio.Event()
        self._room = asyncio.Semaphore(TENANTS_AT_ONCE)
        self._stopping = False
        self._loop = asyncio.create_task(self._go_round(), name=f"lead {sweep.name}")

    def wake(self, tenant_id: int) -> None:
        """Run for this tenant now; if it is being run for, once more afterwards."""
        self._wanted.add(tenant_id)
        if self.sweep.nudge is not None and tenant_id in self._under_way:
            self.sweep.nudge(self._tools, tenant_id)
        self._changed.set()

    async def stop(self, grace_s: float) -> None:
        """Begin nothing more; let what is under way end, for so long, then break it off."""
        self._stopping = True
        self._loop.cancel()
        await asyncio.wait([self._loop])
        if tasks := list(self._under_way.values()):
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:  # its transaction rolls back, and the rows still say what to do
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _go_round(self) -> None:
        look_at = time.monotonic()
        while True:
            self._changed.clear()
            if time.monotonic() >= look_at:
                await self._look()
                look_at = time.monotonic() + self.sweep.every_s
            for tenant_id in self._wanted - self._under_way.keys():
                self._begin(tenant_id)
            try:
                async with asyncio.timeout_at(
                    asyncio.get_running_loop().time() + max(look_at - time.monotonic(), 0)
                ):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        """Want it for everybody."""
        try:
            async with self._tools.database.transaction(None) as tx:
                self._tenants = {tenant.id: tenant for tenant in await all_tenants(tx)}
        except KashuError as error:  # the database is away; we look again in a moment
            _log.warning("sweep_waits", sweep=self.sweep.name, error=error.code)
        except Exception as error:  # noqa: BLE001  (or this sweep would rest for good)
            log_incident(error, sweep=self.sweep.name)
        self._wanted |= self._tenants.keys()

    def _begin(self, tenant_id: int) -> None:
        self._wanted.discard(tenant_id)
        tenant = self._tenants.get(tenant_id)
        _, not_before = self._failures.get(tenant_id, (0, 0.0))
        if tenant is None or time.monotonic() < not_before:
            return  # the next look finds it
        task = asyncio.create_task(self._run(tenant), name=f"{self.sweep.name} {tenant_id}")
        self._under_way[tenant_id] = task
        task.add_done_callback(lambda _: self._end(tenant_id))

    def _end(self, tenant_id: int) -> None:
        del self._under_way[tenant_id]
        self._changed.set()

    async def _run(self, tenant: Tenant) -> None:
        async with self._room:
            try:
                if self.sweep.begin is not None and tenant.id not in self._begun:
                    await self.sweep.begin(self._tools, tenant)
                    self._begun.add(tenant.id)
                while await self.sweep.run(self._tools, tenant) and not self._stopping:
                    pass
            except KashuError as error:
                _log.warning(
                    "sweep_put_off", sweep=self.sweep.name, tenant=tenant.id, error=error.code
                )
                self._put_off(tenant.id)
            except Exception as error:  # noqa: BLE001  (a bug in one sweep doesn't end the others)
                log_incident(error, sweep=self.sweep.name, tenant=tenant.id)
                self._put_off(tenant.id)
            else:
                self._failures.pop(tenant.id, None)

    def _put_off(self, tenant_id: int) -> None:
        failures = self._failures.get(tenant_id, (0, 0.0))[0]
        pause_s = min(PAUSE_S * 2**failures, PAUSE_MAX_S)
        self._failures[tenant_id] = (failures + 1, time.monotonic() + pause_s)
