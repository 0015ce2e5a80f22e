"""History costs the desk and the search nothing: big tables are read through their indexes."""

import psycopg
from sqlalchemy import text

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.matters import Matter
from kashu.desk.queue import Wanted, look
from kashu.desk.search import search
from kashu.stock.which_cards import which_cards
from tests.conftest import Tenant
from tests.desk.floor import ANN, make_floor
from tests.stock.builders import put_cards

HISTORY = 20_000
OPEN = 20
BIG = ("orders.orders", "orders.lines", "channels.shop_orders", "stock.cards")

_ORDERS = """
INSERT INTO orders.orders (tenant_id, id, source, external_id, store_id, total_e4, accepted_at)
SELECT :tenant, gen_random_uuid(), 'store:' || CAST(:store AS text), 'T' || lpad(g::text, 9, '0'),
       CAST(:store AS uuid), 198000, now() - g * interval '1 second'
  FROM generate_series(1, :count) AS g
"""
_LINES = """
INSERT INTO orders.lines (tenant_id, id, order_id, number, sku_id, quantity, price_e4,
       partial_allowed, state, delivered_count, waiting_count, unearned_e4, earned_e4)
SELECT :tenant, gen_random_uuid(), id, 1, :sku, 1, 198000, false,
       CASE WHEN open THEN 'short' ELSE 'filled' END, CASE WHEN open THEN 0 ELSE 1 END,
       CASE WHEN open THEN 1 ELSE 0 END, CASE WHEN open THEN 198000 ELSE 0 END,
       CASE WHEN open THEN 0 ELSE 198000 END
  FROM (SELECT id, external_id <= 'T' || lpad(:open::text, 9, '0') AS open
          FROM orders.orders WHERE tenant_id = :tenant) AS each
"""
_SHOP_ORDERS = """
INSERT INTO channels.shop_orders (tenant_id, id, store_id, number, step, shop_state, changed_at,
       paid_at, ship_by, paid_e4, lines, complete, order_id, said, buyer)
SELECT :tenant, gen_random_uuid(), store_id, external_id,
       CASE WHEN open THEN 'trouble' ELSE 'confirmed' END, 'paid', now(), accepted_at,
       accepted_at + interval '2 days', 198000, '[]', true, id, '',
       '138****' || right(external_id, 4)
  FROM (SELECT *, external_id <= 'T' || lpad(:open::text, 9, '0') AS open
          FROM orders.orders WHERE tenant_id = :tenant) AS each
"""
_CARDS = """
INSERT INTO stock.cards (tenant_id, id, sku_id, lot_id, position, sealed, key_version,
       blind_index, tail)
SELECT tenant_id, gen_random_uuid(), sku_id, lot_id, position + g, sealed, key_version,
       sha256(g::text::bytea), lpad((g % 10000)::text, 4, '0')
  FROM stock.cards, generate_series(1, :count) AS g
 WHERE tenant_id = :tenant
"""


async def rows_walked(tx: Tx, watcher: psycopg.Connection[object]) -> dict[str, int]:
    """How many rows were ever read without an index, by table."""
    await tx.execute(text("SELECT pg_stat_force_next_flush()"))
    await tx.commit()
    found = watcher.execute(
        "SELECT schemaname || '.' || relname, seq_tup_read FROM pg_stat_user_tables"
    ).fetchall()
    read = {str(row[0]): int(row[1]) for row in found}  # type: ignore[index]
    return {name: read[name] for name in BIG}


async def test_neither_the_desk_nor_a_search_walks_through_history(
    database: Database, owner_url: str, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        floor = await make_floor(tx, tenant.id, keyrings)
        await put_cards(tx, tenant.id, 1, sku_id=floor.shop.sku_id, keyrings=keyrings)
        of = {"count": HISTORY, "open": OPEN, "store": str(floor.store_id)}
        for statement in (_ORDERS, _LINES, _SHOP_ORDERS, _CARDS):
            await floor.run(
                statement.replace(":open::text", "CAST(:open AS text)"),
                **({"sku": floor.shop.sku_id} | of),
            )
    boss = Caller(tenant.id, ANN, frozenset(Permission))
    with psycopg.connect(owner_url, autocommit=True) as watcher:
        watcher.execute("VACUUM ANALYZE")
        async with database.transaction(tenant.id) as tx:
            before = await rows_walked(tx, watcher)
        async with database.transaction(tenant.id) as tx:
            every = Wanted(frozenset(Matter))
            seen = await look(tx, tenant.id, every, at=now(), limit=50)
            assert sum(each.count for each in seen.counts) == 2 * OPEN
            for written in (
                "T00001",
                "T000012345",
                "2345",
                "012345",
                "138****12",
                "C00000000009",
                "0f" * 8,
            ):
                await search(tx, boss, keyrings, written)
            keyring = await keyrings.of(tx, tenant.id)
            await which_cards(tx, tenant.id, keyring, [f"nothing-{n}" for n in range(500)])
            after = await rows_walked(tx, watcher)
    assert after == before
