"""Fulfilment: paid orders in → cards issued, books posted, outbox written, committed with fsync.

Ours: single orders of many buyers at once, through the intake that writes them in groups.
Reference: the same rows written by hand, one transaction an order, by pgbench with 4 clients.
"""

import re
from pathlib import Path
from typing import Final

from bench.fill import fill_unreadable, settle
from bench.ground import Ground, Shop, make_ground, make_shop
from bench.orders import sell, submissions
from bench.report import Result, line_of
from kashu.core.db import APP_ROLE
from kashu.orders.intake import Intake

REFERENCE: Final = Path(__file__).with_name("fulfilment_reference.sql")
CLIENTS: Final = 4
BUYERS: Final = 1_000
LOTS: Final = 2  # of each of ten SKUs
BAR: Final = 3.0

# Cards in all, repeats, seconds of each side in a repeat.
SIZES: Final = {"tiny": (16_000, 1, 0.4), "small": (240_000, 3, 4.0), "full": (2_000_000, 5, 30.0)}

_TPS: Final = re.compile(r"tps = ([\d.]+)")
_FAILED: Final = re.compile(r"number of failed transactions: (\d+)")


async def run(scale: str) -> dict[str, object]:
    """Measure both sides in turn."""
    cards, repeats, seconds = SIZES[scale]
    ours, reference = [], []
    with make_ground() as ground:
        async with make_shop(ground) as shop:
            for sku in shop.skus:
                fill_unreadable(ground, shop, sku, lots=LOTS, cards=cards // len(shop.skus))
            settle(ground)
            intake = Intake(shop.database, shop.keyrings)
            # The first orders make the accounts, the day's rows and the plans of both sides.
            warm = submissions(shop, "warm", 200)
            await sell(shop, intake, warm, at_once=BUYERS, for_s=seconds)
            _reference(ground, shop, max(1, seconds / 4))
            for repeat in range(repeats):
                wanted = submissions(shop, f"run-{repeat}", int(12_000 * seconds))
                ours.append(await sell(shop, intake, wanted, at_once=BUYERS, for_s=seconds))
                reference.append(_reference(ground, shop, seconds))
        settings = {
            "stores": len(shop.stores),
            "skus": len(shop.skus),
            "lots": LOTS * len(shop.skus),
            "cards": cards,
            "buyers_at_once": BUYERS,
            "reference_clients": CLIENTS,
            "seconds": seconds,
        }
        result = Result(
            "fulfilment", "orders/s", ours, reference, BAR, "higher", settings, _sound(ground)
        )
        return line_of(result, ground, scale)


def _reference(ground: Ground, shop: Shop, seconds: float) -> float:
    """Run the hand-made transaction; return orders a second."""
    done = ground.server.run(
        "pgbench",
        "--no-vacuum",
        f"--file={REFERENCE}",
        "--protocol=prepared",
        f"--client={CLIENTS}",
        f"--jobs={CLIENTS // 2}",
        f"--time={max(1, round(seconds))}",
        f"--define=tenant={shop.tenant_id}",
        f"--define=stores={len(shop.stores)}",
        f"--define=skus={len(shop.skus)}",
        role=APP_ROLE,
    )
    found, failed = _TPS.search(done), _FAILED.search(done)
    assert found, done
    assert failed is None or failed[1] == "0", done
    return float(found[1])


def _sound(ground: Ground) -> bool:
    """Whether each line got one card, and no card went to two."""
    counted = ground.sql(
        "SELECT (SELECT count(*) FROM orders.orders), (SELECT count(*) FROM orders.lines"
        " WHERE state = 'filled'), count(*), count(DISTINCT card_id), (SELECT count(*)"
        " FROM ledger.transfers WHERE reason IN ('sale', 'cost')) / 2,"
        " (SELECT sum(allocated) FROM stock.lots), (SELECT count(*) FROM orders.requests),"
        " (SELECT count(*) FROM core.events WHERE kind = 'order.filled') FROM stock.allocations"
    )[0]
    return len(set(counted)) == 1
