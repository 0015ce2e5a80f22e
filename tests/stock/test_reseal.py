from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.access.tables import data_keys
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.stock.reseal import AT_ONCE, Resealing, resealing
from kashu.stock.reveal import reveal_cards
from kashu.stock.sweeps import reseal_cards
from kashu.stock.tables import cards, imports
from tests.conftest import MASTERS, Tenant
from tests.stock.builders import PutLot, make_sku, put_cards


def in_seconds(seconds: int) -> Callable[[], datetime]:
    return lambda: now() + timedelta(seconds=seconds)


async def put_and_rotate(
    database: Database, tenant: Tenant, keyrings: Keyrings, count: int
) -> PutLot:
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id)
        lot = await put_cards(tx, tenant.id, count, sku_id=sku_id, keyrings=keyrings)
        await rotate_data_key(tx, tenant.id, MASTERS)
    return lot


async def versions(database: Database, tenant: Tenant) -> list[int]:
    async with database.transaction(tenant.id) as tx:
        return list((await tx.execute(select(cards.c.key_version).distinct())).scalars())


async def seal_keys(database: Database, tenant: Tenant) -> list[tuple[int, str, bool]]:
    async with database.transaction(tenant.id) as tx:
        rows = await tx.execute(
            select(data_keys.c.version, data_keys.c.state, data_keys.c.wrapped)
            .where(data_keys.c.purpose == "seal")
            .order_by(data_keys.c.version)
        )
        return [(row.version, row.state, bool(row.wrapped)) for row in rows]


async def test_all_cards_come_under_the_new_key_and_the_old_one_is_erased(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_and_rotate(database, tenant, keyrings, AT_ONCE + 3)
    async with database.transaction(tenant.id) as tx:
        assert await resealing(tx, tenant.id) == Resealing(2, 0, AT_ONCE + 3)

    assert not await reseal_cards(database, tenant.id, keyrings)

    assert await versions(database, tenant) == [2]
    assert await seal_keys(database, tenant) == [(1, "retiring", True), (2, "current", True)]
    await reseal_cards(database, tenant.id, keyrings, in_seconds(121))
    assert await seal_keys(database, tenant) == [(1, "retired", False), (2, "current", True)]
    async with database.transaction(tenant.id) as tx:
        assert await resealing(tx, tenant.id) is None
        seen = await reveal_cards(
            tx,
            tenant.id,
            "s",
            card_ids=lot.card_ids,
            reason="check",
            recipient="s",
            keyrings=Keyrings(MASTERS),
            burn=True,
        )
    assert [card.secret.number for card in seen] == lot.numbers


async def test_a_long_walk_goes_on_where_it_is_needed(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    await put_and_rotate(database, tenant, keyrings, AT_ONCE + 3)
    assert await reseal_cards(database, tenant.id, keyrings, chunks=1)
    assert sorted(await versions(database, tenant)) == [1, 2]
    assert not await reseal_cards(database, tenant.id, keyrings, in_seconds(121))
    assert await seal_keys(database, tenant) == [(1, "retired", False), (2, "current", True)]


async def test_a_card_that_is_being_sold_is_passed_over_and_keeps_its_key(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_and_rotate(database, tenant, keyrings, 3)
    async with database.transaction(tenant.id) as tx:
        sold = update(cards).where(cards.c.id == lot.card_ids[1])
        await tx.execute(sold.values(tail="busy"))
        await reseal_cards(database, tenant.id, keyrings, in_seconds(121))
    assert sorted(await versions(database, tenant)) == [1, 2]
    assert (await seal_keys(database, tenant))[0] == (1, "retiring", True)
    await reseal_cards(database, tenant.id, keyrings, in_seconds(121))
    assert await versions(database, tenant) == [2]
    assert (await seal_keys(database, tenant))[0] == (1, "retired", False)


async def test_a_key_is_not_erased_while_an_import_may_still_seal_under_it(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_and_rotate(database, tenant, keyrings, 1)
    running: UUID = new_id()
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            insert(imports).values(
                tenant_id=tenant.id,
                id=running,
                sku_id=lot.sku_id,
                warehouse_id=lot.warehouse_id,
                supplier_id=lot.supplier_id,
                actor="s",
                file_name="f",
                file_sha256=b"",
            )
        )
    await reseal_cards(database, tenant.id, keyrings, in_seconds(121))
    assert (await seal_keys(database, tenant))[0] == (1, "retiring", True)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(imports).values(state="done", ended_at=now()))
    await reseal_cards(database, tenant.id, keyrings, in_seconds(121))
    assert (await seal_keys(database, tenant))[0] == (1, "retired", False)


async def test_without_a_rotation_nothing_is_done(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    assert not await reseal_cards(database, tenant.id, keyrings, in_seconds(999))
    assert await seal_keys(database, tenant) == [(1, "current", True)]
