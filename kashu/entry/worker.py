"""The worker: the list of everything that is done without being asked, and who does it."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

import psycopg
import structlog

from kashu.access.keyring import Keyrings
from kashu.core.db import APP_ROLE, Database
from kashu.core.errors import KashuError
from kashu.core.jobs import (
    Connection,
    calls,
    give_up_lead,
    join_workers,
    listen,
    place_among,
    take_lead,
)
from kashu.core.postgres import Server
from kashu.core.secrets import MasterKeys
from kashu.entry.channels import WEB_SHARE, make_outside
from kashu.entry.lead import Group, Lead, Sweep, Tools
from kashu.entry.logs import set_up_logs
from kashu.entry.parent import end_with
from kashu.entry.settings import Settings
from kashu.entry.startup import Ground
from kashu.entry.streams import STREAMS, Streams
from kashu.entry.suppliers import make_upstreams
from kashu.entry.sweeps import SWEEPS

LOOK_EVERY_S: Final = 1.0  # for a lead that nobody has any more, and whether to stop
GRACE_S: Final = 20.0  # for what is under way when we are told to stop
RECONNECT_S: Final = 0.25  # after the database went away; doubles up to …
RECONNECT_MAX_S: Final = 5.0

_log = structlog.get_logger()


async def work(
    url: str,
    tools: Tools,
    stopping: asyncio.Event,
    sweeps: Sequence[Sweep] = SWEEPS,
    *,
    server: Server | None = None,
) -> None:
    """Run the sweeps until `stopping`, each only while no other worker runs it; hold the streams.

    When the database goes away, go on when it is back; `server`: the embedded one, which we bring
    back ourselves. Ends what is under way before it returns.
    """
    pause_s = RECONNECT_S
    while not stopping.is_set():
        try:
            connection = await listen(url)
        except psycopg.Error as error:
            _log.warning("database_away", error=type(error).__name__, retry_in_s=pause_s)
            await _wait(stopping, pause_s)
            pause_s = min(2 * pause_s, RECONNECT_MAX_S)
            if server is not None:
                await _bring_back(server)
            continue
        pause_s = RECONNECT_S
        try:
            await _lead_on(connection, tools, stopping, sweeps)
        except psycopg.Error as error:
            _log.warning("database_lost", error=type(error).__name__)
        finally:
            await connection.close()


async def _bring_back(server: Server) -> None:
    try:
        await asyncio.to_thread(server.ensure)
    except KashuError as error:
        _log.warning("postgres_lost", error=error.code)


async def _lead_on(
    connection: Connection, tools: Tools, stopping: asyncio.Event, sweeps: Sequence[Sweep]
) -> None:
    by_name = {sweep.name: sweep for sweep in sweeps}
    groups = {sweep.name: sweep.group for sweep in sweeps} | {STREAMS: Group.PLATFORMS}
    leads: dict[str, Lead | Streams] = {}
    await join_workers(connection)
    try:
        while not stopping.is_set():
            place, count = await place_among(connection)
            ours = {name for name, group in groups.items() if group.is_for(place, count)}
            for name in leads.keys() - ours:
                await leads[name].stop(GRACE_S)
                del leads[name]
                await give_up_lead(connection, name)
                _log.info("sweep_given_up", sweep=name)
            for name in await take_lead(connection, ours - leads.keys()):
                leads[name] = Streams(tools) if name == STREAMS else Lead(by_name[name], tools)
                _log.info("sweep_led", sweep=name)
            async for call in calls(connection, for_s=LOOK_EVERY_S):
                for lead in leads.values():
                    if isinstance(lead, Lead) and lead.sweep.woken_by == call.topic:
                        lead.wake(call.tenant_id)
    finally:
        await asyncio.gather(*(lead.stop(GRACE_S) for lead in leads.values()))


async def _wait(stopping: asyncio.Event, for_s: float) -> None:
    try:
        async with asyncio.timeout(for_s):
            await stopping.wait()
    except TimeoutError:
        return


def run_worker(ground: Ground) -> None:
    """Be a worker until SIGTERM or SIGINT, on a database that stands already."""
    settings, url, masters = ground.settings, ground.url, ground.masters
    _run(_until_told(settings, url, masters, server=ground.server))


def run_child(settings: Settings, url: str, masters: MasterKeys, parent: int) -> None:
    """Be the worker of another process of ours, which keeps the database: until that is gone."""
    end_with(parent)
    set_up_logs(settings)
    _run(_until_told(settings, url, masters))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run on the loop that the web server runs on, too, where there is one for this system."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(work)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  (not on every system)
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _until_told(
    settings: Settings,
    url: str,
    masters: MasterKeys,
    *,
    server: Server | None = None,
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stopping.set)
    database = Database(url, role=APP_ROLE, pool_size=settings.pool_size)
    keyrings = Keyrings(masters)
    outside = replace(make_outside(settings, keyrings, share=1 - WEB_SHARE), stopping=stopping)
    try:
        upstreams = make_upstreams(settings, outside)
        tools = Tools(database, keyrings, outside, upstreams, settings.watch_dir)
        await work(url, tools, stopping, server=server)
    finally:
        await outside.close()
        await database.close()
