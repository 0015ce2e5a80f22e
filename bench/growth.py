"""Growth: what an order costs where there is much, and where there is little, side by side.

Two servers, alike but for what has grown, are sold from in turn with the same orders. Nothing is
vacuumed or analysed while it grows or is measured.
"""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from bench.fill import fill_history, fill_unreadable
from bench.ground import Ground, Shop, make_ground, make_shop
from bench.orders import sell, submissions
from bench.report import Result, line_of
from kashu.orders.intake import Intake

BUYERS: Final = 500
LOTS: Final = 2  # of each SKU


@dataclass(frozen=True, slots=True)
class Size:
    """What there is, beyond the cards that will be sold while it is measured."""

    available: int
    issued: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What grows, and how often how many orders are measured."""

    name: str
    bar: float
    much: Size
    little: Size
    repeats: int
    orders: int


@dataclass(frozen=True, slots=True)
class _Side:
    ground: Ground
    shop: Shop
    intake: Intake
    issued: int
    costs_us: list[float] = field(default_factory=list)

    async def measure(self, run: str, count: int) -> float:
        """Sell `count` orders; return microseconds an order."""
        wanted = submissions(self.shop, run, count)
        began_at = time.perf_counter()
        await sell(self.shop, self.intake, wanted, at_once=BUYERS, for_s=600)
        return 1e6 * (time.perf_counter() - began_at) / count

    def sound(self, sold: int) -> bool:
        """Whether all cards went where they should."""
        found = self.ground.sql(
            "SELECT count(DISTINCT card_id), (SELECT sum(allocated)::int FROM stock.lots)"
            "  FROM stock.allocations"
        )
        return found == [(self.issued + sold, self.issued + sold)]


async def run_growth(growth: Growth, scale: str) -> dict[str, object]:
    """Measure both sides in turn."""
    sold = (growth.repeats + 1) * growth.orders
    async with AsyncExitStack() as stack:
        sides = []
        for size in (growth.much, growth.little):
            ground = stack.enter_context(make_ground())
            _stop_vacuuming(ground)
            shop = await stack.enter_async_context(make_shop(ground))
            for sku in shop.skus:
                cards = (size.available + size.issued + 2 * sold) // len(shop.skus)
                fill_unreadable(ground, shop, sku, lots=LOTS, cards=cards)
            fill_history(ground, shop, size.issued)
            ground.sql("CHECKPOINT")
            sides.append(_Side(ground, shop, Intake(shop.database, shop.keyrings), size.issued))
        much, little = sides
        for repeat in range(-1, growth.repeats):  # the first warms both up
            for side in (much, little) if repeat % 2 else (little, much):
                cost_us = await side.measure(f"run{repeat}", growth.orders)
                if repeat >= 0:
                    side.costs_us.append(cost_us)
        settings = {
            "available": growth.much.available,
            "reference_available": growth.little.available,
            "issued": growth.much.issued,
            "reference_issued": growth.little.issued,
            "orders": growth.orders,
            "autovacuum": "off",
        }
        result = Result(
            growth.name,
            "µs an order",
            much.costs_us,
            little.costs_us,
            growth.bar,
            "lower",
            settings,
            much.sound(sold) and little.sound(sold),
        )
        return line_of(result, much.ground, scale)


def _stop_vacuuming(ground: Ground) -> None:
    """Neither vacuum nor analyse: what is measured must not depend on either."""
    ground.sql("ALTER SYSTEM SET autovacuum = off")
    ground.sql("SELECT pg_reload_conf()")
