"""A simulated platform beside the console: a shop on it, and what the worker would do for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.channels.ask import Outside, ask_platforms, fetch_listings
from kashu.channels.connections import (
    NewConnection,
    connect,
    connection_of,
    keep_grant,
    set_mode,
)
from kashu.channels.kinds import ChannelKind, Mode
from kashu.channels.listings import ListingChanges, change_listing, listings_of
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.stores import open_store
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.delivery.deliver import deliver_due
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.orders.sweeps import take_in_due
from kashu.simulators.shop import Item
from tests.adapters.youzan_shop import Street, street
from tests.conftest import Tenant
from tests.stock.builders import make_sku, put_cards

STORE: Final = "yz-1"
BY: Final = "test"
SKU: Final = "mgtv-m"  # as the seller calls it on the platform, too


@dataclass
class Platform:
    """A shop on a platform, stock to sell there, and the worker's sweeps."""

    database: Database
    tenant: Tenant
    street: Street
    outside: Outside
    sku_id: UUID
    item: Item  # for sale there

    async def connect(self) -> None:
        """Open the store, connect and permit it, and map what it sells."""
        tenant_id, masters = self.tenant.id, self.outside.keyrings.masters
        app = self.street.link.app
        grant = self.street.link.grant
        assert grant is not None, "its seller has permitted us"
        wanted = NewConnection(app.key, app.secret, app.base_url, app.options)
        async with self.database.transaction(tenant_id) as tx:
            store = await open_store(
                tx, tenant_id, BY, code=STORE, name="有赞旗舰店", channel=ChannelKind.YOUZAN
            )
            await connect(tx, tenant_id, BY, STORE, wanted, masters=masters)
            await keep_grant(tx, tenant_id, BY, store.id, grant, masters=masters)
            connection = await connection_of(tx, tenant_id, store.id)
        await fetch_listings(self.database, tenant_id, self.outside, connection)
        async with self.database.transaction(tenant_id) as tx:
            for each in await listings_of(tx, tenant_id, store.id):
                changes = ListingChanges(sku_id=self.sku_id)
                await change_listing(tx, tenant_id, BY, each.id, changes)

    async def become(self, mode: str) -> None:
        """Say how far we act for the store."""
        async with self.database.transaction(self.tenant.id) as tx:
            await set_mode(tx, self.tenant.id, BY, STORE, Mode(mode))

    @property
    def url(self) -> str:
        """Where the platform answers."""
        return self.street.link.app.base_url

    async def work(self) -> None:
        """Read what changed there, take it in and deliver it, as the worker does all the time."""
        for _ in range(3):
            await self._sql("UPDATE channels.connections SET next_at = now()")
            await ask_platforms(self.database, self.tenant.id, self.outside)
            await read_incomplete(self.database, self.tenant.id, self.outside)
            await take_in_due(self.database, self.tenant.id, SHANGHAI)
            await deliver_due(self.database, self.tenant.id, self.outside)

    async def steps(self) -> list[str]:
        """How far each order has come, the first told of first."""
        rows = await self._sql("SELECT step FROM channels.shop_orders ORDER BY id")
        return [row[0] for row in rows]

    async def given(self) -> int:
        """How many cards are given to orders."""
        rows = await self._sql("SELECT count(*) FROM stock.allocations")
        return int(rows[0][0])

    async def mode(self) -> str:
        """How far we act for the store."""
        rows = await self._sql("SELECT mode FROM channels.connections")
        return str(rows[0][0])

    async def _sql(self, sql: str) -> list[Any]:
        async with self.database.transaction(self.tenant.id) as tx:
            done = await tx.execute(text(sql))
            return list(done.all()) if done.returns_rows else []


@asynccontextmanager
async def platform_of(
    database: Database, keyrings: Keyrings, tenant: Tenant
) -> AsyncIterator[Platform]:
    """Open a shop on a simulated Youzan, and put five cards in stock for it."""
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id, code=SKU)
        await put_cards(tx, tenant.id, 5, sku_id=sku_id, keyrings=keyrings)
    outside = make_outside(Settings(private_network=True), keyrings)
    async with street() as opened:
        try:
            yield Platform(database, tenant, opened, outside, sku_id, opened.month())
        finally:
            await outside.close()
