"""Connect: five stores of a merchant, each with its application, permission and mapped listings."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from kashu.access.tenants import Tenant, all_tenants
from kashu.catalog.reads import skus_by_code
from kashu.channels.ask import Outside, fetch_listings
from kashu.channels.channel import Can
from kashu.channels.connections import (
    NewConnection,
    connect,
    connection_of,
    granted_connections,
    keep_grant,
    lose_grant,
    set_mode,
)
from kashu.channels.kinds import Mode
from kashu.channels.listings import ListingChanges, change_listing, listings_of
from kashu.channels.reads import Store, stores_by_code
from kashu.channels.stores import open_store
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.secrets import Secret
from kashu.entry.simulation.town import PACK_MARK, Stall, Town

ACTOR: Final = "cli"
OVER: Final = "simulation_over"  # why a store asks nobody any more
REDIRECT: Final = "https://kashu.invalid/back"  # nobody goes there: the seller agrees at once


async def connect_town(
    database: Database, tenant: Tenant, outside: Outside, town: Town
) -> Mapping[str, Store]:
    """Open and connect a store for each stall, and let them work; return them by code.

    A store that stands already is connected anew. Raises: OutsideError.
    """
    stores: dict[str, Store] = {}
    for stall in town.stalls:
        async with database.transaction(tenant.id) as tx:
            store = await _store(tx, tenant, stall)
            wanted = NewConnection(stall.key, Secret(stall.secret), stall.base_url, stall.options)
            await connect(
                tx, tenant.id, ACTOR, stall.code, wanted, masters=outside.keyrings.masters
            )
        stores[stall.code] = store
        await permit(database, tenant, outside, stall, store)
        async with database.transaction(tenant.id) as tx:
            connection = await connection_of(tx, tenant.id, store.id)
        await fetch_listings(database, tenant.id, outside, connection)
        async with database.transaction(tenant.id) as tx:
            sends_card = Can.SEND_CARD in outside.channels[stall.channel].can
            await _map(tx, tenant, store, sends_card=sends_card)
            await set_mode(tx, tenant.id, ACTOR, stall.code, Mode.AUTOMATIC)
    return stores


async def permit(
    database: Database, tenant: Tenant, outside: Outside, stall: Stall, store: Store
) -> None:
    """Have the seller permit us, for the first time or again. Raises: OutsideError."""
    async with database.transaction(tenant.id) as tx:
        connection = await connection_of(tx, tenant.id, store.id)
    channel, link = outside.reach(tenant.id, connection)
    grant = await channel.authorize(link, code=stall.permit(), redirect=REDIRECT)
    async with database.transaction(tenant.id) as tx:
        masters = outside.keyrings.masters
        await keep_grant(tx, tenant.id, ACTOR, store.id, grant, masters=masters)


async def rest_former(database: Database, prefix: str, but: Tenant) -> None:
    """Have the stores rest of every merchant whose simulation was killed, known by its code."""
    async with database.transaction(None) as tx:
        tenants = await all_tenants(tx)
    for tenant in tenants:
        if tenant.code.startswith(prefix) and tenant.id != but.id:
            await rest(database, tenant)


async def rest(database: Database, tenant: Tenant) -> None:
    """Ask the platforms of a merchant's stores for nothing more: they are served no longer."""
    with suppress(KashuError):  # the database is away: the next simulation does it
        async with database.transaction(tenant.id) as tx:
            for connection in await granted_connections(tx, tenant.id):
                await lose_grant(tx, tenant.id, connection, OVER)


async def _store(tx: Tx, tenant: Tenant, stall: Stall) -> Store:
    known = await stores_by_code(tx, tenant.id, [stall.code])
    if stall.code in known:
        return known[stall.code]
    return await open_store(
        tx, tenant.id, ACTOR, code=stall.code, name=stall.shop.name, channel=stall.channel
    )


async def _map(tx: Tx, tenant: Tenant, store: Store, *, sends_card: bool) -> None:
    """Map listings as the seller's own codes say, such as "mgtv-month" or "mgtv-month:3"."""
    found = await listings_of(tx, tenant.id, store.id, limit=1_000)
    codes = {each.id: each.merchant_code.partition(PACK_MARK) for each in found}
    skus = await skus_by_code(tx, tenant.id, {sku for sku, _, _ in codes.values()})
    for each in found:
        sku, _, units = codes[each.id]
        changes = ListingChanges(sku_id=skus[sku].id, units=int(units or 1), sends_card=sends_card)
        await change_listing(tx, tenant.id, ACTOR, each.id, changes)
