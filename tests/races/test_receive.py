"""Stock that arrives against who moves stock: both make the same account, for the first time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeAlias

import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.stock.hold import hold
from kashu.stock.receive import NewCard, receive
from kashu.stock.secret import CardSecret
from kashu.stock.transfer import transfer
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    PutLot,
    assert_sound,
    inventory,
    make_warehouse,
    put_cards,
)
from tests.stock.importing import Shop, open_shop

Arrive: TypeAlias = Callable[[Shop], Coroutine[None, None, None]]

# Shown by hand: where what arrives is posted before its SKU is held, who transfers holds the SKU
# and waits for the account, and who receives has made the account and waits for the SKU.


async def _until_they_wait(owner_url: str, count: int) -> None:
    """Wait until so many connections wait for a lock. Only the owner sees what others wait for."""
    async with (
        asyncio.timeout(2),
        await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection,
    ):
        while True:
            waiting = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if (await waiting.fetchone() or (0,))[0] >= count:
                return
            await asyncio.sleep(0.01)


async def _move(shop: Shop, lot: PutLot) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        to = await make_warehouse(tx, shop.tenant.id)
        await transfer(
            tx,
            shop.tenant.id,
            "s",
            lot_id=lot.id,
            to_warehouse_id=to,
            count=2,
            reason="r",
            today=TODAY,
        )


async def _import(shop: Shop) -> None:
    await shop.bring_in(["ABCD1234"])


async def _receive(shop: Shop) -> None:
    terms = (await shop.intake()).terms
    async with shop.database.transaction(shop.tenant.id) as tx:
        await receive(
            tx,
            shop.tenant.id,
            "s",
            terms,
            [NewCard(CardSecret("ABCD1234", ""), None)],
            keyrings=shop.keyrings,
            posted_on=TODAY,
        )


@pytest.mark.parametrize("arrive", [_import, _receive])
async def test_who_receives_and_who_transfers_into_a_new_warehouse_both_succeed(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings, *, arrive: Arrive
) -> None:
    shop = await open_shop(database, tenant, keyrings)
    intake = await shop.intake()
    async with database.transaction(tenant.id) as tx:
        old = await make_warehouse(tx, tenant.id, "old")
        lot = await put_cards(
            tx, tenant.id, 3, sku_id=intake.sku.id, keyrings=keyrings, warehouse_id=old
        )
        assert set(await inventory(tx, tenant.id)) == {old}
        await hold(tx, tenant.id, [lot.sku_id])  # so that the SKU has its level
    async with database.transaction(tenant.id) as tx:
        await hold(tx, tenant.id, [lot.sku_id])
        moving = asyncio.create_task(_move(shop, lot))
        await _until_they_wait(owner_url, 1)
        arriving = asyncio.create_task(arrive(shop))
        await _until_they_wait(owner_url, 2)
    await asyncio.gather(moving, arriving)
    async with database.transaction(tenant.id) as tx:
        held = await inventory(tx, tenant.id)
        assert held == {old: 100_000, intake.terms.warehouse_id: 200_000 + 141_250}
        await assert_sound(tx, tenant.id)
