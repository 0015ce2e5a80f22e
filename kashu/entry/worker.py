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
from kashu.delivery.deliver import deliver_due, take_over
from kashu.delivery.publish import check_drift, publish_stock
from kashu.delivery.read_accounts import read_accounts
from kashu.delivery.tell import tell_due
from kashu.entry.channels import WEB_SHARE, make_outside
from kashu.entry.lead import Group, Lead, Sweep, Tools
from kashu.entry.logs import set_up_logs
from kashu.entry.parent import end_with
from kashu.entry.settings import Settings
from kashu.entry.startup import Ground
from kashu.entry.streams import STREAMS, Streams
from kashu.entry.suppliers import make_upstreams
from kashu.orders.buy import buy_due
from kashu.orders.buying import TO_BUY
from kashu.orders.reseal import reseal_accounts
from kashu.orders.sweeps import (
    TAKEN_IN,
    fill_replenished,
    forget_requests,
    settle_topups_due,
    take_in_due,
)
from kashu.purchases.moves import SETTLED
from kashu.purchases.quality import reckon_quality
from kashu.purchases.reseal import reseal_purchases
from kashu.purchases.sweeps import ASKS_DUE, PURCHASES_DUE, ask_orders, place_orders
from kashu.purchases.sweeps_buying import (
    forget_old_placings,
    look_at_what_is_held,
    reorder_low,
    watch_overdue,
)
from kashu.purchases.watch_folder import Watch, watch_folder
from kashu.reports.pulse import count_pulse
from kashu.reports.sweeps import keep_health
from kashu.stock.imports_state import fail_silent_imports
from kashu.stock.replenish import REPLENISHED
from kashu.stock.sweeps import release_due_reservations, reseal_cards, watch_stock
from kashu.suppliers.balances import read_balances
from kashu.suppliers.prepaid import watch_prepaid
from kashu.suppliers.read_prices import PRICES_WANTED, read_prices
from kashu.suppliers.see_offers import OFFERS_CHANGED

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
    for reseal in (reseal_purchases, reseal_accounts):  # before a key is erased
        await reseal(tools.database, tenant.id, tools.keyrings)
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
    return await take_in_due(tools.database, tenant.id, tenant.timezone, keyrings=tools.keyrings)


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


async def _buy(tools: Tools, tenant: Tenant) -> bool:
    return await buy_due(tools.database, tenant.id, tools.keyrings)


async def _settle_topups(tools: Tools, tenant: Tenant) -> bool:
    return await settle_topups_due(tools.database, tenant.id, tenant.timezone)


async def _keep_health(tools: Tools, tenant: Tenant) -> bool:
    await keep_health(tools.database, tenant.id)
    return False


async def _watch_folder(tools: Tools, tenant: Tenant) -> bool:
    if tools.watch_dir is None:
        return False
    watch = Watch(tools.database, tools.keyrings, tools.watch_dir, tools.outside.now)
    return await watch_folder(watch, tenant)


async def _read_prices(tools: Tools, tenant: Tenant) -> bool:
    return await read_prices(tools.database, tenant.id, tools.upstreams)


async def _place_orders(tools: Tools, tenant: Tenant) -> bool:
    return await place_orders(tools.database, tenant, tools.upstreams)


def _look_for_orders(tools: Tools, tenant_id: int) -> None:
    tools.upstreams.look_again(tenant_id)


async def _ask_orders(tools: Tools, tenant: Tenant) -> bool:
    return await ask_orders(tools.database, tenant, tools.upstreams)


async def _look_at_held(tools: Tools, tenant: Tenant) -> bool:
    return await look_at_what_is_held(tools.database, tenant.id)


async def _reorder_low(tools: Tools, tenant: Tenant) -> bool:
    return await reorder_low(tools.database, tenant)


async def _watch_overdue(tools: Tools, tenant: Tenant) -> bool:
    return await watch_overdue(tools.database, tenant.id)


async def _forget_placings(tools: Tools, tenant: Tenant) -> bool:
    await forget_old_placings(tools.database, tenant.id)
    return False


async def _read_balances(tools: Tools, tenant: Tenant) -> bool:
    return await read_balances(tools.database, tenant.id, tools.upstreams)


async def _watch_prepaid(tools: Tools, tenant: Tenant) -> bool:
    return await watch_prepaid(tools.database, tenant.id, tenant.timezone)


async def _reckon_quality(tools: Tools, tenant: Tenant) -> bool:
    return await reckon_quality(tools.database, tenant.id, tenant.timezone)


SWEEPS: Final = (
    Sweep("fill_replenished", 2.0, _fill, woken_by=REPLENISHED),
    Sweep("ask_platforms", 1.0, _ask_platforms, group=Group.PLATFORMS),
    Sweep("read_incomplete", 2.0, _read_incomplete, woken_by=TOLD_OF, group=Group.PLATFORMS),
    Sweep("take_in_due", 2.0, _take_in, woken_by=SHOP_ORDERS_DUE),
    Sweep("deliver_due", 2.0, _deliver, woken_by=TAKEN_IN, begin=_take_over, group=Group.PLATFORMS),
    Sweep("tell_due", 2.0, _tell, woken_by=TAKEN_IN, group=Group.PLATFORMS),
    Sweep("publish_stock", 1.0, _publish, group=Group.PLATFORMS),
    Sweep("check_drift", HOUR_S, _check_drift, group=Group.PLATFORMS),
    Sweep("renew_grants", MINUTE_S, _renew_grants, group=Group.PLATFORMS),
    Sweep("release_due_reservations", 5.0, _release_due),
    Sweep("fail_silent_imports", 15.0, _fail_silent_imports),
    Sweep("watch_stock", MINUTE_S, _watch_stock),
    Sweep("reseal_cards", MINUTE_S, _reseal),
    Sweep("verify", 5 * MINUTE_S, _keep_health),
    Sweep("count_pulse", 20.0, lambda tools, tenant: count_pulse(tools.database, tenant.id)),
    Sweep("forget_access", 10 * MINUTE_S, _forget_access),
    Sweep("forget_requests", HOUR_S, _forget_requests),
    Sweep("buy_due", 2.0, _buy, woken_by=TO_BUY),
    Sweep("settle_topups", 2.0, _settle_topups, woken_by=SETTLED),
    Sweep(
        "place_orders",
        1.0,
        _place_orders,
        woken_by=PURCHASES_DUE,
        nudge=_look_for_orders,
        group=Group.SUPPLIERS,
    ),
    Sweep("ask_orders", 1.0, _ask_orders, woken_by=ASKS_DUE, group=Group.SUPPLIERS),
    Sweep("look_at_held", HOUR_S, _look_at_held, woken_by=OFFERS_CHANGED),
    Sweep("reorder_low", 5 * MINUTE_S, _reorder_low),
    Sweep("watch_overdue", 10.0, _watch_overdue),
    Sweep("forget_placings", HOUR_S, _forget_placings),
    Sweep("watch_folder", 5.0, _watch_folder),
    Sweep("read_balances", 15.0, _read_balances, group=Group.SUPPLIERS),
    Sweep("watch_prepaid", MINUTE_S, _watch_prepaid),
    Sweep("reckon_quality", 15 * MINUTE_S, _reckon_quality),
    Sweep("read_prices", 1.0, _read_prices, woken_by=PRICES_WANTED, group=Group.SUPPLIERS),
    Sweep("read_accounts", 5.0, _read_accounts, woken_by=ACCOUNTS_WANTED, group=Group.PLATFORMS),
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
