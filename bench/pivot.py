"""Pivot: profit by day × store × SKU × supplier over very many orders, and over few.

Both have the same days, stores, SKUs and suppliers, and totals that agree with their transfers.
"""

import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg

from bench.fill import COST_E4, make_accounts, today
from bench.ground import Ground, Shop, make_ground, make_shop
from bench.report import Result, line_of
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import profit

BAR: Final = 1.5
DAYS: Final = 30
PRICE_E4: Final = 198_000
BY: Final = (Dimension.DAY, Dimension.STORE, Dimension.SKU, Dimension.SUPPLIER)

_FACTS: Final = Path(__file__).with_name("pivot.sql")

# Orders, orders of the reference, repeats.
SIZES: Final = {
    "tiny": (20_000, 5_000, 3),
    "small": (1_000_000, 10_000, 15),
    "full": (10_000_000, 100_000, 31),
}


async def run(scale: str) -> dict[str, object]:
    """Measure both merchants of one database in turn."""
    many, few, repeats = SIZES[scale]
    with make_ground() as ground:
        async with make_shop(ground, code="many") as much, make_shop(ground, code="few") as little:
            _fill(ground, much, many)
            _fill(ground, little, few)
            ground.sql("VACUUM ANALYZE ledger.daily, ledger.transfers")
            ours: list[float] = []
            reference: list[float] = []
            exact, rows = True, 0
            for repeat in range(-1, repeats):
                for shop, times, orders in ((much, ours, many), (little, reference, few)):
                    took_ms, revenue_e4, rows = await _pivot(shop)
                    exact = exact and revenue_e4 == PRICE_E4 * orders
                    if repeat >= 0:
                        times.append(took_ms)
            agree = ground.sql(
                "SELECT (SELECT sum(amount_e4) FROM ledger.transfers WHERE reason = 'sale')"
                " = (SELECT sum(credit_e4 - debit_e4) FROM ledger.daily WHERE kind = 'revenue')"
            )
        settings = {"orders": many, "reference_orders": few, "days": DAYS, "rows": rows}
        result = Result(
            "pivot", "ms", ours, reference, BAR, "lower", settings, exact and agree == [(True,)]
        )
        return line_of(result, ground, scale)


async def _pivot(shop: Shop) -> tuple[float, int, int]:
    """Ask once; return milliseconds, the revenue in all, and how many rows."""
    async with shop.database.transaction(shop.tenant_id) as tx:
        began_at = time.perf_counter()
        report = await profit(tx, shop.tenant_id, BY)
        took_ms = 1_000 * (time.perf_counter() - began_at)
    return took_ms, report.totals[0].figures.revenue_e4, len(report.rows)


def _fill(ground: Ground, shop: Shop, orders: int) -> None:
    """Write the sale and the cost of each order, and the day's totals that they add up to."""
    make_accounts(ground, shop)
    with psycopg.connect(ground.server.url(role="postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        facts = {
            "tenant": shop.tenant_id,
            "orders": orders,
            "days": DAYS,
            "first": today() - timedelta(days=DAYS - 1),
            "price": PRICE_E4,
            "cost": COST_E4,
            "stores": [store.id for store in shop.stores],
            "skus": [sku.id for sku in shop.skus],
            "suppliers": [supplier.id for supplier in shop.suppliers],
        }
        for statement in _FACTS.read_text().split(";\n"):
            if statement.strip():
                connection.execute(statement.encode(), facts)
