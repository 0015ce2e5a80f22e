"""kill -9 of the worker, the web processes and PostgreSQL while a platform's orders are delivered.

The platform is simulated in this process and outlives them all: what it shows is what buyers saw.
The long run is KASHU_TEST_DELIVERY_KILLS=200.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from kashu.channels.connections import NewConnection, connect, keep_grant, set_mode
from kashu.channels.kinds import ChannelKind, Mode
from kashu.channels.listings import ListingChanges, change_listing, listings_by_name, see_listings
from kashu.channels.stores import open_store
from kashu.core.db import DatabaseBusy
from kashu.entry.settings import Settings
from kashu.entry.startup import start_up
from kashu.reports.verify import verify
from kashu.simulators.shop import Item, Order
from tests.adapters.youzan_shop import CHANNEL, Street, street
from tests.embedded import empty_folder, leader
from tests.faults.test_acknowledged import SKU, Shop, children, served

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("KASHU_TEST_DELIVERY_KILLS", "4"))
SETTLED_WITHIN_S = 100.0  # less than a lease: whoever leads next ends those of the dead
BOUGHT = 3  # of one order, at most


async def open_for_business(shop: Shop, platform: Street, item: Item) -> None:
    """Connect a store to the platform, map what it sells, and let it work by itself."""
    masters, tenant_id = shop.ground.masters, shop.tenant_id
    link = platform.link
    assert link.grant is not None
    listed = (await CHANNEL.listings(link)).members
    async with shop.database.transaction(tenant_id) as tx:
        kind = ChannelKind.YOUZAN
        store = await open_store(tx, tenant_id, "test", code="yz", name="有赞店", channel=kind)
        app = link.app
        wanted = NewConnection(app.key, app.secret, app.base_url, app.options)
        await connect(tx, tenant_id, "test", "yz", wanted, masters=masters)
        await keep_grant(tx, tenant_id, "test", store.id, link.grant, masters=masters)
        await see_listings(tx, tenant_id, store.id, listed)
        name = (store.id, item.item_id, item.sku_id)
        listing = (await listings_by_name(tx, tenant_id, [name]))[name]
        found = await tx.execute(text("SELECT id FROM catalog.skus WHERE code = :c"), {"c": SKU})
        sku_id: UUID = found.scalar_one()
        changes = ListingChanges(sku_id=sku_id)
        await change_listing(tx, tenant_id, "test", listing.id, changes)
        await set_mode(tx, tenant_id, "test", "yz", Mode.AUTOMATIC)


async def kill_at_random(
    folder: Path, pid: int, platform: Street, item: Item, chance: random.Random
) -> list[Order]:
    """Sell a little, kill a process; many times. Return what was sold."""
    sold = []
    for turn in range(KILLS):
        for _ in range(6):
            sold.append(platform.shop.sell((item, chance.randint(1, BOUGHT))))
            await asyncio.sleep(chance.uniform(0.1, 0.5))
        postgres = leader(folder / "postgres" / "data")
        ours = sorted(set(children(pid)) - {postgres})
        victims = [postgres] if turn % 3 == 1 else ours  # all of ours: the worker is among them
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
    return sold


async def test_every_paid_order_is_delivered_once_whatever_was_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(20261123)  # noqa: S311  (which process dies is no secret)
    monkeypatch.setenv("KASHU_PRIVATE_NETWORK", "true")  # the platform is on this machine
    with empty_folder() as folder:
        async with street(virtual=False) as platform:
            item = platform.month()
            async with served(folder, cards=BOUGHT * 6 * KILLS) as (shop, process):
                await open_for_business(shop, platform, item)
                sold = await kill_at_random(folder, process.pid, platform, item, chance)
                await until_confirmed(shop, len(sold))
            assert_every_order_has_its_cards(sold)
            await assert_books_agree(folder, shop.tenant_id, sold)


async def until_confirmed(shop: Shop, count: int) -> None:
    """Wait until all is done, however long PostgreSQL is away."""
    steps = text("SELECT step, count(*) AS orders FROM channels.shop_orders GROUP BY step")
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while True:
            await asyncio.sleep(1)
            with suppress(DatabaseBusy):
                async with shop.database.transaction(shop.tenant_id) as tx:
                    found = {row.step: row.orders for row in await tx.execute(steps)}
                if found == {"confirmed": count}:
                    return


def assert_every_order_has_its_cards(sold: list[Order]) -> None:
    given = Counter[str]()
    for order in sold:
        cards = order.memo.splitlines()
        assert len(cards) == len(set(cards)) == sum(line.quantity for line in order.lines)
        assert order.shipments == 1
        given.update(cards)
    assert set(given.values()) == {1}, "a card was shown to two buyers"


async def assert_books_agree(folder: Path, tenant_id: int, sold: list[Order]) -> None:
    with start_up(Settings(data_dir=folder)) as ground:
        database = ground.open()
        async with database.transaction(tenant_id) as tx:
            proof = await verify(tx, tenant_id)
            allocated = await tx.execute(
                text("SELECT count(*) FROM stock.allocations WHERE released_at IS NULL")
            )
            count: int = allocated.scalar_one()
        await database.close()
    assert proof.ok, [each for each in proof.checked if each.violations]
    assert count == sum(line.quantity for order in sold for line in order.lines)
