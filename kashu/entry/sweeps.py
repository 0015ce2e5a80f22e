"""What workers do without being asked: each sweep, how often, and what wakes it."""

from typing import Final

from kashu.access.purge import ROWS_MAX, purge
from kashu.access.tenants import Tenant
from kashu.channels.ask import ask_platforms, renew_grants
from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.shop_orders import TOLD_OF
from kashu.channels.tickets import ACCOUNTS_KEPT, forget_accounts
from kashu.channels.topups import ACCOUNTS_WANTED
from kashu.delivery.deliver import deliver_due, take_over
from kashu.delivery.publish import check_drift, publish_stock
from kashu.delivery.read_accounts import read_accounts
from kashu.delivery.tell import tell_due
from kashu.entry.lead import Group, Sweep, Tools
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
from kashu.webhooks.deliver import Way
from kashu.webhooks.deliver import deliver_due as deliver_messages
from kashu.webhooks.fan_out import MESSAGES_DUE, fan_out
from kashu.webhooks.sweeps import forget_deliveries

ASK_PATIENCE_S: Final = 0.5  # with a platform that is asked, before the others are asked again
MINUTE_S: Final = 60.0
HOUR_S: Final = 60 * MINUTE_S


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


async def _fan_out(tools: Tools, tenant: Tenant) -> bool:
    return await fan_out(tools.database, tenant.id, tools.outside.now())


async def _deliver_messages(tools: Tools, tenant: Tenant) -> bool:
    outside = tools.outside
    way = Way(outside.http, outside.keyrings.masters, outside.now, outside.stopping.is_set)
    return await deliver_messages(tools.database, tenant.id, way)


async def _forget_messages(tools: Tools, tenant: Tenant) -> bool:
    return await forget_deliveries(tools.database, tenant.id, tools.outside.now())


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
    Sweep("fan_out", 1.0, _fan_out),
    Sweep("deliver_messages", 2.0, _deliver_messages, woken_by=MESSAGES_DUE),
    Sweep("forget_messages", HOUR_S, _forget_messages),
)
