"""Compare: a page of SKUs with every supplier's offers, ranked by landed cost; and a price push.

The reference is the bar itself: what a person waits for a page, in milliseconds.
"""

import random
import time
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg

from bench.ground import Ground, Shop, make_ground, make_shop
from bench.report import Result, line_of
from kashu.core.clock import now
from kashu.suppliers.compare import compare
from kashu.suppliers.kinds import Goods, Told
from kashu.suppliers.see_offers import see_offers
from kashu.suppliers.upstream import Product

PAGE_MS: Final = 300.0
PUSH_MS: Final = 2_000.0
PAGE: Final = 50  # SKUs, as the API's
BEST: Final = 5

_MARKET: Final = Path(__file__).with_name("compare.sql")

# Suppliers, SKUs, repeats.
SIZES: Final = {"tiny": (20, 200, 5), "small": (200, 1_000, 15), "full": (200, 5_000, 31)}


async def run(scale: str) -> dict[str, object]:
    """Compare pages at random, and push a price between them."""
    suppliers, skus, repeats = SIZES[scale]
    choose = random.Random(7)  # noqa: S311  (which page is asked for)
    with make_ground() as ground:
        async with make_shop(ground, code="market") as shop:
            _fill(ground, shop, suppliers, skus)
            ids = [row[0] for row in ground.sql("SELECT id FROM catalog.skus WHERE code ~ '^zz-'")]
            pages: list[float] = []
            pushes: list[float] = []
            exact = True
            for repeat in range(-2, repeats):
                took_ms, whole = await _page(shop, choose.sample(ids, PAGE))
                pushed_ms, seen = await _push(ground, shop, repeat)
                exact = exact and whole and seen
                if repeat >= 0:
                    pages.append(took_ms)
                    pushes.append(pushed_ms)
        settings = {"suppliers": suppliers, "skus": skus, "page": PAGE, "best": BEST}
        reference = [PAGE_MS] * len(pages)
        result = Result(
            "compare",
            "ms",
            pages,
            reference,
            1.0,
            "lower",
            settings,
            exact and max(pushes) <= PUSH_MS,
            {"push_ms": round(sorted(pushes)[len(pushes) // 2], 1), "push_max": round(max(pushes))},
        )
        return line_of(result, ground, scale)


async def _page(shop: Shop, sku_ids: list[UUID]) -> tuple[float, bool]:
    """Compare one page; return milliseconds, and whether every SKU had its best offers."""
    async with shop.database.transaction(shop.tenant_id) as tx:
        began_at = time.perf_counter()
        found = await compare(tx, shop.tenant_id, sku_ids, at=now(), best=BEST)
        took_ms = 1_000 * (time.perf_counter() - began_at)
    return took_ms, all(
        len(offers) == BEST and offers[0].buyable and offers[0].landed for offers in found.values()
    )


async def _push(ground: Ground, shop: Shop, turn: int) -> tuple[float, bool]:
    """Have a supplier tell a price; return when it could be seen, and whether it was.

    It becomes the best of its SKU, so that people are told, too.
    """
    ((supplier_id, ref, sku_id, cost_e4),) = ground.sql(
        "SELECT supplier_id, ref, sku_id, unit_cost_e4 FROM suppliers.offers"
        f" ORDER BY unit_cost_e4 OFFSET {turn + 2} LIMIT 1"
    )
    told = Product(ref, "月卡", Goods.CARD, cost_e4 * 9 // 10, in_stock=True, on_sale=True)
    at = now()
    began_at = time.perf_counter()
    async with shop.database.transaction(shop.tenant_id) as tx:
        await see_offers(tx, shop.tenant_id, "system", supplier_id, [told], how=Told.PUSHED, at=at)
    took_ms = 1_000 * (time.perf_counter() - began_at)
    async with shop.database.transaction(shop.tenant_id) as tx:
        found = await compare(tx, shop.tenant_id, [sku_id], at=at, best=1)
    return took_ms, found[sku_id][0].unit_cost_e4 == told.unit_cost_e4


def _fill(ground: Ground, shop: Shop, suppliers: int, skus: int) -> None:
    with psycopg.connect(ground.server.url(role="postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        facts = {"tenant": shop.tenant_id, "suppliers": suppliers, "skus": skus}
        for statement in _MARKET.read_text().split(";\n"):
            if statement.strip():
                connection.execute(statement.encode(), facts)
    ground.sql("VACUUM ANALYZE suppliers.offers, catalog.skus, suppliers.suppliers")
