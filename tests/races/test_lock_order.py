"""Who locks several listings, or several orders, of platforms locks them in order of id."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import insert, select

from kashu.channels.kinds import Step
from kashu.channels.left_to_people import TO_BE_RELEASED, look_again
from kashu.channels.listings import ListingChanges, change_listing
from kashu.channels.map_listings import Mapping, map_listings
from kashu.channels.tables import connections, listings, shop_orders, stores
from kashu.channels.topups import NO_RULE, set_account_rule
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.orders.take_in import take_in
from tests.conftest import Tenant
from tests.stock.builders import TODAY, make_sku

# Shown by hand: a store's rows were written with the higher id first, or named so that it came
# first; without ORDER BY id it was held while the lower was waited for.

Verb: TypeAlias = Callable[[Tx, int, UUID, UUID], Awaitable[object]]  # tenant, store, SKU


async def _until_somebody_waits(owner_url: str) -> None:
    async with (
        asyncio.timeout(20),
        await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection,
    ):
        while True:
            waiting = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if (await waiting.fetchone() or (0,))[0]:
                return
            await asyncio.sleep(0.01)


async def _map(tx: Tx, tenant_id: int, store_id: UUID, sku_id: UUID) -> None:
    named = [Mapping("a", "", sku_id, 1), Mapping("b", "", sku_id, 1)]
    await map_listings(tx, tenant_id, "test", store_id, named)


async def _map_another(tx: Tx, tenant_id: int, store_id: UUID, sku_id: UUID) -> None:
    await map_listings(tx, tenant_id, "test", store_id, [Mapping("c", "", sku_id, 1)])


async def _look_again(tx: Tx, tenant_id: int, store_id: UUID, _: UUID) -> None:
    await look_again(tx, tenant_id, store_id)


async def _read_anew(tx: Tx, tenant_id: int, store_id: UUID, _: UUID) -> None:
    of_store = select(listings.c.id).where(
        listings.c.store_id == store_id, listings.c.item_id == "c"
    )
    listing_id = (await tx.execute(of_store)).scalar_one()
    await set_account_rule(tx, tenant_id, "test", listing_id, {"looks": "qq"})


async def _change(tx: Tx, tenant_id: int, store_id: UUID, sku_id: UUID) -> None:
    of_store = select(listings.c.id).where(
        listings.c.store_id == store_id, listings.c.item_id == "c"
    )
    listing_id = (await tx.execute(of_store)).scalar_one()
    await change_listing(tx, tenant_id, "test", listing_id, ListingChanges(sku_id=sku_id))


async def _take_in(tx: Tx, tenant_id: int, _: UUID, __: UUID) -> None:
    await take_in(tx, tenant_id, TODAY)


async def _store(tx: Tx, tenant_id: int, step: Step, said: str) -> tuple[UUID, UUID, list[UUID]]:
    """A store with listings and orders, the higher ids first; the store, a SKU, all ids."""
    store_id = new_id()
    await tx.execute(
        insert(stores).values(
            tenant_id=tenant_id, id=store_id, code="tb", name="店", channel="taobao"
        )
    )
    await tx.execute(
        insert(connections).values(
            tenant_id=tenant_id,
            store_id=store_id,
            channel="taobao",
            app_key="a",
            sealed_app_secret=b"s",
            mode="automatic",
        )
    )
    sku_id = await make_sku(tx, tenant_id)
    ids = [new_id() for _ in range(4)]
    for listing_id, item in zip((ids[1], ids[0], new_id()), ("a", "b", "c"), strict=True):
        await tx.execute(
            insert(listings).values(
                tenant_id=tenant_id, id=listing_id, store_id=store_id, item_id=item, variant_id=""
            )
        )
    for order_id, item in zip((ids[3], ids[2]), ("b", "a"), strict=True):
        line = {"line_id": "L", "item_id": item, "sku_id": "", "quantity": 1, "paid_e4": 10_000}
        await tx.execute(
            insert(shop_orders).values(
                tenant_id=tenant_id,
                id=order_id,
                store_id=store_id,
                number=item,
                step=step,
                said=said,
                shop_state="paid",
                changed_at=now(),
                paid_at=now(),
                paid_e4=10_000,
                lines=[line],
                complete=True,
            )
        )
    return store_id, sku_id, ids


@pytest.mark.parametrize(
    ("verb", "of_orders", "step", "said"),
    [
        (_map, False, Step.SEEN, ""),
        (_take_in, False, Step.DUE, ""),
        (_look_again, True, Step.HELD, TO_BE_RELEASED),
        (_map_another, True, Step.UNMAPPED, ""),
        (_change, True, Step.UNMAPPED, ""),
        (_read_anew, True, Step.TROUBLE, NO_RULE),
    ],
)
async def test_the_second_is_free_while_somebody_waits_for_the_first(  # noqa: PLR0917
    owner_url: str,
    database: Database,
    tenant: Tenant,
    verb: Verb,
    of_orders: bool,
    step: Step,
    said: str,
) -> None:
    async with database.transaction(tenant.id) as tx:
        store_id, sku_id, ids = await _store(tx, tenant.id, step, said)
    table = shop_orders if of_orders else listings
    first, second = ids[2:] if of_orders else ids[:2]
    lock = select(table.c.id).where(table.c.tenant_id == tenant.id).with_for_update(nowait=True)

    async def act() -> None:
        async with database.transaction(tenant.id) as tx:
            await verb(tx, tenant.id, store_id, sku_id)

    async with database.transaction(tenant.id) as tx:
        await tx.execute(lock.where(table.c.id == first))
        acting = asyncio.create_task(act())
        await _until_somebody_waits(owner_url)
        await tx.execute(lock.where(table.c.id == second))  # else: the one waits for the other
    await acting
