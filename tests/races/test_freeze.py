"""A freeze, a check and a key's rotation against those who sell at the same moment."""

import asyncio
from uuid import UUID

import psycopg

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.stock.allocate import allocate
from kashu.stock.errors import RevealBurns
from kashu.stock.freeze import freeze, unfreeze
from kashu.stock.plan import Demand
from kashu.stock.release import release
from kashu.stock.reveal import reveal, reveal_cards
from kashu.stock.strategy import FEFO
from kashu.stock.sweeps import reseal_cards
from tests.conftest import MASTERS, Tenant
from tests.stock.builders import (
    TODAY,
    PutLot,
    assert_sound,
    counters,
    give,
    make_sku,
    put_cards,
    replenished,
)

# Shown by hand: without hold() in freeze(), who sells during a freeze gets a card; without it in
# reveal() or release(), a card that somebody saw is given to the next; without it in
# reveal_cards(), a card that was sold meanwhile is burnt.


async def _until_somebody_waits(owner_url: str) -> None:
    """Wait until another connection waits for a lock. Only the owner sees what others wait for."""
    async with (
        asyncio.timeout(2),
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


async def _stock(database: Database, tenant: Tenant, keyrings: Keyrings, count: int) -> PutLot:
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id)
        lot = await put_cards(tx, tenant.id, count, sku_id=sku_id, keyrings=keyrings)
        await give(tx, tenant.id, sku_id, 1)  # so that the SKU has its level
    return lot


def _one(sku_id: UUID) -> list[Demand]:
    return [Demand(new_id(), sku_id, 1, FEFO)]


async def test_nothing_is_given_from_a_lot_after_its_freeze_was_committed(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 9)

    async def stop() -> None:
        async with database.transaction(tenant.id) as tx:
            await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")

    async with database.transaction(tenant.id) as tx:
        assert await allocate(tx, tenant.id, _one(lot.sku_id), TODAY) != [()]
        stopping = asyncio.create_task(stop())
        await _until_somebody_waits(owner_url)  # the freeze, for who began before it
        assert not stopping.done()
    await stopping
    async with database.transaction(tenant.id) as tx:
        assert await allocate(tx, tenant.id, _one(lot.sku_id), TODAY) == [()]
        assert await counters(tx, tenant.id, lot.id) == {"available": 7, "allocated": 2}


async def test_who_sells_waits_for_a_freeze_under_way_and_then_gets_nothing(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 9)

    async def sell() -> int:
        async with database.transaction(tenant.id) as tx:
            [took] = await allocate(tx, tenant.id, _one(lot.sku_id), TODAY)
        return len(took)

    async with database.transaction(tenant.id) as tx:
        await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")
        selling = asyncio.create_task(sell())
        await _until_somebody_waits(owner_url)
    assert await selling == 0


async def test_while_many_sell_a_freeze_ends_it_at_once(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 2_000)

    async def sell_out() -> int:
        sold = 0
        while True:
            async with database.transaction(tenant.id) as tx:
                [took] = await allocate(tx, tenant.id, _one(lot.sku_id), TODAY)
            if not took:
                return sold
            sold += 1

    selling = [asyncio.create_task(sell_out()) for _ in range(4)]
    async with database.transaction(tenant.id) as tx:
        await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")
    async with database.transaction(tenant.id) as tx:
        frozen_at = await counters(tx, tenant.id, lot.id)
    sold = sum(await asyncio.gather(*selling))
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == frozen_at
        assert frozen_at["allocated"] == sold + 1 < 2_000
        await assert_sound(tx, tenant.id)


async def test_an_unfreeze_during_a_shortage_wakes_it(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 9)
    async with database.transaction(tenant.id) as tx:
        await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")

    async def open_again() -> None:
        async with database.transaction(tenant.id) as tx:
            await unfreeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="checked")

    async with database.transaction(tenant.id) as tx:
        assert await allocate(tx, tenant.id, _one(lot.sku_id), TODAY) == [()]
        opening = asyncio.create_task(open_again())
        await _until_somebody_waits(owner_url)  # or it would be woken before it is short
    await opening
    async with database.transaction(tenant.id) as tx:
        assert await replenished(tx, tenant.id, lot.sku_id)


async def test_a_card_is_either_given_back_unseen_or_seen(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 9)
    async with database.transaction(tenant.id) as tx:
        line_id, _ = await give(tx, tenant.id, lot.sku_id, 3)

    async def look() -> int:
        async with database.transaction(tenant.id) as tx:
            seen = await reveal(
                tx,
                tenant.id,
                "k",
                line_ids=[line_id],
                reason="r",
                recipient="b",
                keyrings=keyrings,
            )
        return len(seen)

    async with database.transaction(tenant.id) as tx:
        await release(tx, tenant.id, "s", line_units=[(line_id, 2)], because="refund")
        looking = asyncio.create_task(look())
        await _until_somebody_waits(owner_url)
    assert await looking == 1
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == {
            "available": 7,
            "allocated": 1,
            "revealed": 1,
        }
        await assert_sound(tx, tenant.id)


async def test_a_card_that_is_being_seen_does_not_come_back_to_stock(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 2)
    async with database.transaction(tenant.id) as tx:
        line_id, _ = await give(tx, tenant.id, lot.sku_id, 1)

    async def take_back() -> list[bool]:
        async with database.transaction(tenant.id) as tx:
            units = [(line_id, 1)]
            released = await release(tx, tenant.id, "s", line_units=units, because="refund")
        return [row.returned_to_stock for row in released]

    async with database.transaction(tenant.id) as tx:
        await reveal(
            tx, tenant.id, "k", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
        )
        taking = asyncio.create_task(take_back())
        await _until_somebody_waits(owner_url)
    assert await taking == [False]
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == {"allocated": 1, "quarantined": 1}
        await assert_sound(tx, tenant.id)


async def test_a_card_is_either_sold_or_burnt_by_a_check(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 2)
    card_id = lot.card_ids[1]

    async def check() -> bool:
        try:
            async with database.transaction(tenant.id) as tx:
                await reveal_cards(
                    tx,
                    tenant.id,
                    "s",
                    card_ids=[card_id],
                    reason="check",
                    recipient="s",
                    keyrings=keyrings,
                )
        except RevealBurns:
            return False
        return True

    async with database.transaction(tenant.id) as tx:
        await allocate(tx, tenant.id, _one(lot.sku_id), TODAY)
        checking = asyncio.create_task(check())
        await _until_somebody_waits(owner_url)
    assert await checking  # it was sold first: its line sees it, nothing is burnt
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == {"allocated": 1, "revealed": 1}
        await assert_sound(tx, tenant.id)


async def test_selling_goes_on_while_a_key_is_replaced(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await _stock(database, tenant, keyrings, 1_500)
    async with database.transaction(tenant.id) as tx:
        await rotate_data_key(tx, tenant.id, MASTERS)

    async def sell(count: int) -> list[str]:
        numbers = []
        for _ in range(count):
            async with database.transaction(tenant.id) as tx:
                demands = _one(lot.sku_id)
                await allocate(tx, tenant.id, demands, TODAY)
                seen = await reveal(
                    tx,
                    tenant.id,
                    "k",
                    line_ids=[demands[0].line_id],
                    reason="r",
                    recipient="b",
                    keyrings=keyrings,
                )
            numbers += [card.secret.number for card in seen]
        return numbers

    async def replace() -> list[str]:
        while await reseal_cards(database, tenant.id, keyrings, chunks=1):
            pass
        return []

    sold = await asyncio.gather(replace(), *(sell(40) for _ in range(3)))
    numbers = [number for some in sold for number in some]
    assert sorted(numbers) == lot.numbers[1:121]
    await reseal_cards(database, tenant.id, keyrings)
    async with database.transaction(tenant.id) as tx:
        await assert_sound(tx, tenant.id)
