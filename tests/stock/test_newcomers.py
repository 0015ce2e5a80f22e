"""A merchant that came since the tables were last analyzed reads no more than any other.

The planner believes that it has no rows, so any index that begins with the tenant looks as good as
the right one. What counts is how many entries of the cards' indexes are read, not how long it took.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.stock.recognise import normalise
from kashu.stock.secret import mask
from kashu.stock.stocktake import Counted, count
from kashu.stock.which_cards import which_cards
from tests.conftest import Tenant
from tests.stock.importing import Shop, by_class, open_shop

CARDS = 1_000
LISTED = [f"CARD{number:08d}" for number in range(CARDS)]
A_CARD = 20  # entries that looking one up may read, with room; a lookup that reads all: 1 000


@pytest.fixture
async def newcomer(
    database: Database, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings, owner_url: str
) -> Shop:
    first = await open_shop(database, tenant, keyrings)
    await first.bring_in([f"FIRST{number:08d}" for number in range(CARDS)])
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    return await open_shop(database, other_tenant, keyrings)


async def entries_read(database: Database, owner_url: str) -> int:
    """How many entries of the cards' indexes were read so far; whoever read them has gone."""
    await database.close()
    with psycopg.connect(owner_url, autocommit=True) as owner:
        give_up_at = time.monotonic() + 10
        while True:
            [(others,)] = owner.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                "   AND backend_type = 'client backend'"
            ).fetchall()
            if others <= 1:  # who empties the tables between tests stays
                break
            assert time.monotonic() < give_up_at, f"{others} are still there"
            await asyncio.sleep(0.05)
        [(read,)] = owner.execute(
            "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'cards'"
        ).fetchall()
        return int(read)


@asynccontextmanager
async def stocked(newcomer: Shop, database: Database, owner_url: str) -> AsyncIterator[None]:
    """Have the cards in stock; what the block asks of them reads few entries for each."""
    await newcomer.bring_in(LISTED)
    before = await entries_read(database, owner_url)
    yield
    assert await entries_read(database, owner_url) - before < A_CARD * CARDS


async def test_importing_the_same_cards_again(
    newcomer: Shop, database: Database, owner_url: str
) -> None:
    async with stocked(newcomer, database, owner_url):
        again = await newcomer.bring_in(LISTED)
    assert by_class(again.report) == {"duplicate_in_stock": CARDS}


async def test_a_preview(newcomer: Shop, database: Database, owner_url: str) -> None:
    async with stocked(newcomer, database, owner_url):
        seen = await newcomer.try_out(LISTED)
    assert by_class(seen.report) == {"duplicate_in_stock": CARDS}


async def test_which_of_these_have_gone_out(
    newcomer: Shop, database: Database, keyrings: Keyrings, owner_url: str
) -> None:
    tenant_id = newcomer.tenant.id
    async with (
        stocked(newcomer, database, owner_url),
        database.transaction(tenant_id) as tx,
    ):
        keyring = await keyrings.of(tx, tenant_id)
        which = await which_cards(tx, tenant_id, keyring, LISTED)
    assert all(which.cards)


async def test_a_stocktake(
    newcomer: Shop, database: Database, keyrings: Keyrings, owner_url: str
) -> None:
    tenant_id = newcomer.tenant.id
    intake = await newcomer.intake()
    async with (
        stocked(newcomer, database, owner_url),
        database.transaction(tenant_id) as tx,
    ):
        keyring = await keyrings.of(tx, tenant_id)
        taken = await count(
            tx,
            tenant_id,
            "staff:1",
            sku_id=intake.sku.id,
            warehouse_id=intake.terms.warehouse_id,
            counted=[
                Counted(row, keyring.blind_index(normalise(each)), mask(each, "", ""))
                for row, each in enumerate(LISTED, start=1)
            ],
        )
    assert taken.matched_count == CARDS
