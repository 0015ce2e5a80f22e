"""The worker: the list of everything that is done without being asked, and who does it."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

import psycopg
import structlog

from kashu.access.keyring import Keyrings
from kashu.access.purge import ROWS_MAX, purge
from kashu.access.tenants import Tenant
from kashu.channels.ask import ask_platforms, renew_grants
from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.shop_orders import TOLD_OF
from kashu.channels.tickets import ACCOUNTS_KEPT, forget_accounts
from kashu.channels.topups import ACCOUNTS_WANTED
from kashu.core.db import APP_ROLE, Database
from kashu.core.errors import KashuError
from kashu.core.jobs import Connection, calls, listen, take_lead
from kashu.core.postgres import Server
from kashu.core.secrets import MasterKeys
from kashu.delivery.deliver import deliver_due, take_over
from kashu.delivery.publish import check_drift, publish_stock
from kashu.delivery.read_accounts import read_accounts
from kashu.delivery.tell import tell_due
from kashu.entry.channels import WEB_SHARE, make_outside
from kashu.entry.lead import Lead, Sweep, Tools
from kashu.entry.logs import set_up_logs
from kashu.entry.parent import end_with
from kashu.entry.settings import Settings
from kashu.entry.startup import Ground
from kashu.entry.streams import STREAMS, Streams
from kashu.orders.sweeps import TAKEN_IN, fill_replenished, forget_requests, take_in_due
from kashu.reports.sweeps import keep_health
from kashu.stock.imports_state import fail_silent_imports
from kashu.stock.replenish import REPLENISHED
from kashu.stock.sweeps import release_due_reservations, reseal_cards, watch_stock

LOOK_EVERY_S: Final = 1.0  # for a lead that nobody has any more, and whether to stop
GRACE_S: Final = 20.0  # for what is under way when we are told to stop
RECONNECT_S: Final = 0.25  # after the database went away; doubles up to …
RECONNECT_MAX_S: Final = 5.0

ASK_PATIENCE_S: Final = 0.5  # with a platform that is asked, before the others are asked again
MINUTE_S: Final = 60.0
HOUR_S: Final = 60 * MINUTE_S

_log = structlog.get_logger()


async def _fill(tools: Tools, tenant: Tenant) -> bool:
    return await fill_replenished(tools.database, tenant.id, tenant.timezone)


async def _release_due(tools: Tools, tenant: Tenant) -> bool:
    return await release_due_reservations(tools.database, tenant.id)


async def _watch_stock(tools: Tools, tenant: Tenant) -> bool:
    return await watch_stock(tools.database, tenant.id, tenant.timezone)


async def _reseal(tools: Tools, tenant: Tenant) -> bool:
    return await reseal_cards(tools.database, tenant.id, tools.keyrings)


async def _fail_silent_imports(tools: Tools, tenant: Tenant) -> bool:
    return await fail_silent_imports(tools.database, tenant.id)


async def _forget_requests(tools: Tools, tenant: Tenant) -> bool:
    await forget_requests(tools.database, tenant.id)
    return False


async def _read_accounts(tools: Tools, tenant: Tenant) -> bool:
    return await read_accounts(tools.database, tenant.id, tools.outside)


async def _forget_accounts(tools: Tools, tenant: Tenant) -> bool:
    async with tools.database.transaction(tenant.id) as tx:
        await forget_accounts(tx, tenant.id, tools.outside.now() - ACCOUNTS_KEPT)
    return False


async def _forget_access(tools: Tools, tenant: Tenant) -> bool:
    async with tools.database.transaction(tenant.id) as tx:
        purged = await purge(tx, tenant.id)
    return purged.nonce_count == ROWS_MAX


async def _ask_platforms(tools: Tools, tenant: Tenant) -> bool:
    return await ask_platforms(tools.database, tenant.id, tools.outside, patience_s=ASK_PATIENCE_S)


async def _read_incomplete(tools: Tools, tenant: Tenant) -> bool:
    return await read_incomplete(tools.database, tenant.id, tools.outside)


async def _renew_grants(tools: Tools, tenant: Tenant) -> bool:
    return await renew_grants(tools.database, tenant.id, tools.outside)


async def _take_in(tools: Tools, tenant: Tenant) -> bool:
    return await take_in_due(tools.database, tenant.id, tenant.timezone)


async def _deliver(tools: Tools, tenant: Tenant) -> bool:
    return await deliver_due(tools.database, tenant.id, tools.outside)


async def _take_over(tools: Tools, tenant: Tenant) -> None:
    await take_over(tools.database, tenant.id, tools.outside)


async def _tell(tools: Tools, tenant: Tenant) -> bool:
    return await tell_due(tools.database, tenant.id, tools.outside)


async def _publish(tools: Tools, tenant: Tenant) -> bool:
    return await publish_stock(tools.database, tenant.id, tenant.timezone, tools.outside)


async def _check_drift(tools: Tools, tenant: Tenant) -> bool:
    return await check_drift(tools.database, tenant.id, tools.outside)


async def _keep_health(tools: Tools, tenant: Tenant) -> bool:
    await keep_health(tools.database, tenant.id)
    return False


SWEEPS: Final = (
    Sweep("fill_replenished", 2.0, _fill, woken_by=REPLENISHED),
    Sweep("ask_platforms", 1.0, _ask_platforms),
    Sweep("read_incomplete", 2.0, _read_incomplete, woken_by=TOLD_OF),
    Sweep("take_in_due", 2.0, _take_in, woken_by=SHOP_ORDERS_DUE),
    Sweep("deliver_due", 2.0, _deliver, woken_by=TAKEN_IN, begin=_take_over),
    Sweep("tell_due", 2.0, _tell, woken_by=TAKEN_IN),
    Sweep("publish_stock", 1.0, _publish),
    Sweep("check_drift", HOUR_S, _check_drift),
    Sweep("renew_grants", MINUTE_S, _renew_grants),
    Sweep("release_due_reservations", 5.0, _release_due),
    Sweep("fail_silent_imports", 15.0, _fail_silent_imports),
    Sweep("watch_stock", MINUTE_S, _watch_stock),
    Sweep("reseal_cards", MINUTE_S, _reseal),
    Sweep("verify", 5 * MINUTE_S, _keep_health),
    Sweep("forget_access", 10 * MINUTE_S, _forget_access),
    Sweep("forget_requests", HOUR_S, _forget_requests),
    Sweep("read_accounts", 5.0, _read_accounts, woken_by=ACCOUNTS_WANTED),
    Sweep("forget_accounts", HOUR_S, _forget_accounts),
)


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
    names = by_name.keys() | {STREAMS}
    leads: dict[str, Lead | Streams] = {}
    try:
        while not stopping.is_set():
            for name in await take_lead(connection, names - leads.keys()):
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
        await work(url, Tools(database, keyrings, outside), stopping, server=server)
    finally:
        await outside.close()
        await database.close()
