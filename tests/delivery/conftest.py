"""A store that is connected to a simulated shop, and the sweeps that work for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, select

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.channels.ask import Outside, ask_platforms
from kashu.channels.channel import Grant, Link
from kashu.channels.connections import NewConnection, connect, keep_grant, set_mode
from kashu.channels.kinds import Mode
from kashu.channels.listings import (
    ListingChanges,
    change_listing,
    listings_by_name,
    see_listings,
)
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.tables import shop_orders, shop_refunds, stores
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.delivery.deliver import deliver_due
from kashu.delivery.release import release_orders
from kashu.orders.sweeps import fill_replenished, take_in_due
from kashu.reports.verify import verify
from kashu.simulators.shop import Clock, Item, Order, Shop
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from tests.conftest import MASTERS, Tenant
from tests.delivery.counterpart import ShopChannel
from tests.stock.builders import make_sku, make_supplier, put_cards

LINK = cast("Link", None)  # the counterpart of these tests needs none


@dataclass
class Trade:
    """A merchant's store and the shop on the platform that it stands for."""

    database: Database
    tenant: Tenant
    keyrings: Keyrings
    shop: Shop
    channel: ShopChannel
    outside: Outside
    clock: Clock
    store_id: UUID
    sku_id: UUID = field(default_factory=new_id)

    @property
    def caller(self) -> Caller:
        """Whoever does something by hand."""
        return Caller(self.tenant.id, "test", frozenset())

    async def stock(self, count: int) -> None:
        """Put cards into stock."""
        async with self.database.transaction(self.tenant.id) as tx:
            await put_cards(tx, self.tenant.id, count, sku_id=self.sku_id, keyrings=self.keyrings)
            await hold(tx, self.tenant.id, [self.sku_id])
            await mark_replenished(tx, self.tenant.id, [self.sku_id])

    async def map(self, item: Item, *, units: int = 1, **switches: bool) -> None:
        """Say which SKU a listing stands for."""
        async with self.database.transaction(self.tenant.id) as tx:
            listed = (await self.channel.listings(LINK)).members
            await see_listings(tx, self.tenant.id, self.store_id, listed)
            name = (self.store_id, item.item_id, item.sku_id)
            listing = (await listings_by_name(tx, self.tenant.id, [name]))[name]
            mapped = ListingChanges(sku_id=self.sku_id, units=units)
            changes = msgspec.structs.replace(mapped, **switches)
            await change_listing(tx, self.tenant.id, "test", listing.id, changes)

    async def run(self, rounds: int = 2) -> None:
        """Let every sweep have its turn, a few times."""
        for _ in range(rounds):
            await self.ask()
            while await take_in_due(self.database, self.tenant.id, SHANGHAI, self.clock):
                pass
            await fill_replenished(self.database, self.tenant.id, SHANGHAI)
            while await deliver_due(self.database, self.tenant.id, self.outside):
                pass
            self.clock.advance(timedelta(seconds=6))

    async def ask(self) -> None:
        """Ask the platform what changed, once the second in which it did is over."""
        self.clock.advance(timedelta(seconds=2))
        while await ask_platforms(self.database, self.tenant.id, self.outside):
            pass
        await read_incomplete(self.database, self.tenant.id, self.outside)

    async def step(self, order: Order) -> tuple[str, str]:
        """How far an order has come, and why it waits."""
        async with self.database.transaction(self.tenant.id) as tx:
            row = (
                await tx.execute(
                    select(shop_orders.c.step, shop_orders.c.said).where(
                        shop_orders.c.tenant_id == self.tenant.id,
                        shop_orders.c.number == order.order_id,
                    )
                )
            ).one()
        return row.step, row.said

    async def assert_sound(self) -> None:
        """Every invariant holds."""
        async with self.database.transaction(self.tenant.id) as tx:
            verified = await verify(tx, self.tenant.id)
        assert verified.ok, [each for each in verified.checked if each.violations]

    async def release_all(self, *, take_over: bool) -> None:
        """Let all orders go on that wait for a person."""
        async with self.database.transaction(self.tenant.id) as tx:
            ours = select(shop_orders.c.id).where(shop_orders.c.tenant_id == self.tenant.id)
            ids = list((await tx.execute(ours)).scalars())
            await release_orders(tx, self.tenant.id, "test", ids, take_over=take_over)

    async def refund_steps(self) -> list[tuple[str, str]]:
        """How far all refunds have come."""
        async with self.database.transaction(self.tenant.id) as tx:
            rows = await tx.execute(
                select(shop_refunds.c.step, shop_refunds.c.said)
                .where(shop_refunds.c.tenant_id == self.tenant.id)
                .order_by(shop_refunds.c.number)
            )
            return [(row.step, row.said) for row in rows]


def shown_of(order: Order, line_id: str) -> set[str]:
    """The cards that a line's buyer saw; one that is shown again is the same."""
    told = (shown.split() for shown in order.shown)
    return {card for of, card in told if of == line_id}


@pytest.fixture
async def trade(database: Database, tenant: Tenant, keyrings: Keyrings) -> AsyncIterator[Trade]:
    clock = Clock()
    shop = Shop("88001", "卡卡旗舰店", clock)
    channel = ShopChannel(shop)
    http = Http(private_allowed=True)
    store_id = new_id()
    outside = Outside({"taobao": channel}, http, Pace(), keyrings, clock)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            insert(stores).values(
                tenant_id=tenant.id, id=store_id, code="tb", name="淘宝店", channel="taobao"
            )
        )
        sku_id = await make_sku(tx, tenant.id)
        await make_supplier(tx, tenant.id)
        wanted = NewConnection("app", Secret("s" * 32))
        await connect(tx, tenant.id, "test", "tb", wanted, masters=MASTERS)
        grant = Grant(shop.shop_id, shop.name, Secret("token"), Secret("refresh"))
        await keep_grant(tx, tenant.id, "test", store_id, grant, masters=MASTERS)
        await set_mode(tx, tenant.id, "test", "tb", Mode.AUTOMATIC)
    yield Trade(database, tenant, keyrings, shop, channel, outside, clock, store_id, sku_id)
    await http.close()
