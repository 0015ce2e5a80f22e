"""Shared cards: one secret, up to a million uses, each taken and given back by itself."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx
from kashu.stock.freeze import freeze
from kashu.stock.imports_errors import MaxUsesMissing
from kashu.stock.imports_intake import USES_MAX
from kashu.stock.preview import next_ten
from kashu.stock.reads import card_history, cards_by_id
from kashu.stock.recall import recall
from kashu.stock.release import release
from kashu.stock.reveal import reveal, reveal_cards
from kashu.stock.tables import allocations, free_uses, lots
from kashu.stock.void import void
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    PutLot,
    assert_sound,
    cards_of,
    counters,
    give,
    make_sku,
    put_cards,
    states,
)
from tests.stock.importing import open_shop


async def put_shared(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, *, uses: int, cards: int = 1
) -> PutLot:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    return await put_cards(
        tx, tenant.id, cards, sku_id=sku_id, max_uses=uses, unit_cost_e4=10, keyrings=keyrings
    )


async def uses_of(tx: Tx, tenant: Tenant, line_id: UUID) -> list[int]:
    """The uses that a line has, in the order it was given them."""
    rows = await tx.execute(
        select(allocations.c.use_number)
        .where(allocations.c.tenant_id == tenant.id, allocations.c.line_id == line_id)
        .where(allocations.c.released_at.is_(None))
        .order_by(allocations.c.id)
    )
    return list(rows.scalars())


async def runs(tx: Tx, tenant: Tenant) -> list[tuple[int, int]]:
    found = await tx.execute(
        select(free_uses.c.first_use, free_uses.c.last_use)
        .where(free_uses.c.tenant_id == tenant.id)
        .order_by(free_uses.c.card_id, free_uses.c.last_use)
    )
    return [(row.first_use, row.last_use) for row in found]


def settle(owner_url: str) -> None:
    """Give the planner its statistics, as autovacuum does."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE stock.allocations, stock.cards, stock.free_uses, stock.lots")


async def rows_read(tx: Tx) -> int:
    """How many rows this transaction has read so far of what tells which uses are taken."""
    counted = await tx.execute(
        text(
            "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables"
            " WHERE schemaname = 'stock' AND relname IN ('allocations', 'cards', 'free_uses')"
        )
    )
    return int(counted.scalar_one())


async def head_of(tx: Tx, lot: PutLot) -> int:
    return int((await tx.execute(select(lots.c.head).where(lots.c.id == lot.id))).scalar_one())


async def give_back(tx: Tx, tenant: Tenant, line_id: UUID, count: int = 1) -> None:
    [back] = await release(
        tx, tenant.id, "s", line_units=[(line_id, count)], because="refund", unseen_first=True
    )
    assert back.count == count


async def test_a_use_that_comes_back_is_that_use_and_the_next_to_go(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_shared(tx, tenant, keyrings, uses=9)
    held = [(await give(tx, tenant.id, lot.sku_id, 1))[0] for _ in range(5)]
    assert [await uses_of(tx, tenant, line_id) for line_id in held] == [[1], [2], [3], [4], [5]]
    await give_back(tx, tenant, held[2])
    assert await runs(tx, tenant) == [(3, 3), (6, 9)]
    assert await uses_of(tx, tenant, held[2]) == []
    await assert_sound(tx, tenant.id)
    again, _ = await give(tx, tenant.id, lot.sku_id, 3)
    assert await uses_of(tx, tenant, again) == [3, 6, 7]
    assert await runs(tx, tenant) == [(8, 9)]
    await assert_sound(tx, tenant.id)


async def test_neighbours_come_back_as_one_run_and_a_seen_use_never_does(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_shared(tx, tenant, keyrings, uses=20)
    first, _ = await give(tx, tenant.id, lot.sku_id, 4)
    seen, _ = await give(tx, tenant.id, lot.sku_id, 1)
    last, _ = await give(tx, tenant.id, lot.sku_id, 3)
    await reveal(tx, tenant.id, "k", line_ids=[seen], reason="r", recipient="b", keyrings=keyrings)
    await release(
        tx,
        tenant.id,
        "s",
        line_units=[(first, 4), (seen, 1), (last, 2)],
        because="refund",
    )
    assert await runs(tx, tenant) == [(1, 4), (7, 8), (9, 20)]
    assert await counters(tx, tenant.id, lot.id) == {
        "available": 18,
        "allocated": 1,
        "quarantined": 1,
    }
    await assert_sound(tx, tenant.id)
    line_id, _ = await give(tx, tenant.id, lot.sku_id, 8)
    assert await uses_of(tx, tenant, line_id) == [1, 2, 3, 4, 7, 8, 9, 10]
    await assert_sound(tx, tenant.id)


async def read_by_one(database: Database, tenant: Tenant, sku_id: UUID, owner_url: str) -> int:
    """How many rows are read to take a use, give it back, and take it again."""
    settle(owner_url)
    async with database.transaction(tenant.id) as tx:
        # In tables as small as a test's, reading everything would be cheapest.
        await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        before = await rows_read(tx)
        line_id, _ = await give(tx, tenant.id, sku_id, 1)
        await give_back(tx, tenant, line_id)
        await give(tx, tenant.id, sku_id, 1)
        return await rows_read(tx) - before


@pytest.mark.parametrize(("uses", "cards"), [(USES_MAX, 1), (2, 2_000)])
async def test_taking_and_returning_a_use_reads_as_little_after_many(
    database: Database,
    tenant: Tenant,
    keyrings: Keyrings,
    owner_url: str,
    *,
    uses: int,
    cards: int,
) -> None:
    async with database.transaction(tenant.id) as tx:
        lot = await put_shared(tx, tenant, keyrings, uses=uses, cards=cards)
        await give(tx, tenant.id, lot.sku_id, 2)
    fresh = await read_by_one(database, tenant, lot.sku_id, owner_url)
    async with database.transaction(tenant.id) as tx:
        await give(tx, tenant.id, lot.sku_id, 3_001)
    assert await read_by_one(database, tenant, lot.sku_id, owner_url) <= fresh + 5
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == {
            "available": uses * cards - 3_005,
            "allocated": 3_005,
        }
        assert await head_of(tx, lot) == min(cards, 1_503)


async def test_a_card_that_has_a_use_again_comes_in_front(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_shared(tx, tenant, keyrings, uses=2, cards=4)
    lines = [(await give(tx, tenant.id, lot.sku_id, 2))[0] for _ in range(3)]
    assert await head_of(tx, lot) == 4
    await release(tx, tenant.id, "s", line_units=[(lines[1], 2), (lines[0], 1)], because="refund")
    assert await head_of(tx, lot) == 2
    assert (await states(tx, tenant.id, lot.card_ids)) == [
        "available",
        "available",
        "allocated",
        "available",
    ]
    await assert_sound(tx, tenant.id)
    foretold = [card.card_id for card in await next_ten(tx, tenant.id, lot.sku_id, today=TODAY)]
    line_id, given = await give(tx, tenant.id, lot.sku_id, 5)
    first, second, _, fourth = lot.card_ids
    assert given == foretold == [first, second, second, fourth, fourth]
    assert await uses_of(tx, tenant, line_id) == [2, 1, 2, 1, 2]
    await assert_sound(tx, tenant.id)


async def test_a_million_uses_are_imported_sold_and_written_off(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    shop = await open_shop(database, tenant, keyrings)
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id, "cloud-shared", fulfilment="shared")
    with pytest.raises(MaxUsesMissing):
        await shop.intake(sku="cloud-shared", max_uses=USES_MAX + 1)
    intake = await shop.intake(sku="cloud-shared", unit_cost_e4=1, max_uses=USES_MAX)
    outcome = await shop.bring_in(["ABCD1234", "EFGH5678"], intake)
    [lot] = outcome.report.lots
    async with database.transaction(tenant.id) as tx:
        line_id, _ = await give(tx, tenant.id, sku_id, 3)
        assert await uses_of(tx, tenant, line_id) == [1, 2, 3]
        [changed] = await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="leaked")
        assert (changed.available, changed.given) == (2 * USES_MAX - 3, 3)
        [left] = await void(tx, tenant.id, "s", lot_ids=[lot.id], reason="leaked", today=TODAY)
        assert (left.cards, left.units) == (2, 2 * USES_MAX - 3)
        await give_back(tx, tenant, line_id, 2)
        assert await counters(tx, tenant.id, lot.id) == {
            "void": 2 * USES_MAX - 1,
            "allocated": 1,
        }
        assert await cards_of(tx, tenant.id, line_id) != []


async def test_a_recall_names_every_holder_of_a_shared_card_page_by_page(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_shared(tx, tenant, keyrings, uses=5, cards=2)
    lines = [(await give(tx, tenant.id, lot.sku_id, 1))[0] for _ in range(8)]
    await give_back(tx, tenant, lines.pop(3))
    await freeze(tx, tenant.id, "s", supplier_id=lot.supplier_id, reason="leaked")
    for wanted in ({"lot_ids": [lot.id]}, {"supplier_id": lot.supplier_id}):
        named = []
        after = None
        while page := await recall(tx, tenant.id, **wanted, after=after, limit=2):
            named += [holder.line_id for holder in page]
            after = page[-1].id
            if len(page) < 2:
                break
        assert named == lines


async def test_who_is_shown_a_shared_card_does_not_look_through_its_uses(
    database: Database, tenant: Tenant, keyrings: Keyrings, owner_url: str
) -> None:
    async with database.transaction(tenant.id) as tx:
        lot = await put_shared(tx, tenant, keyrings, uses=1_000)
        await give(tx, tenant.id, lot.sku_id, 900)
    settle(owner_url)
    async with database.transaction(tenant.id) as tx:
        before = await rows_read(tx)
        [shown] = await cards_by_id(tx, tenant.id, lot.card_ids)
        assert (shown.line_id, shown.max_uses) == (None, 1_000)
        [seen] = await reveal_cards(
            tx, tenant.id, "s", card_ids=lot.card_ids, reason="r", recipient="s", keyrings=keyrings
        )
        assert seen.line_id is None
        assert await rows_read(tx) - before < 20


async def test_a_long_history_tells_how_a_card_came_and_the_latest_since(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    lot = await put_shared(tx, tenant, keyrings, uses=50)
    lines = [(await give(tx, tenant.id, lot.sku_id, 1))[0] for _ in range(9)]
    [card_id] = lot.card_ids
    whole = await card_history(tx, tenant.id, card_id)
    assert [step.line_id for step in whole] == [None, *lines]
    short = await card_history(tx, tenant.id, card_id, limit=4)
    assert [(step.kind, step.line_id) for step in short] == [
        ("received", None),
        *(("allocated", line_id) for line_id in lines[-3:]),
    ]
