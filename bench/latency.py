"""Latency: 100 orders a second at random moments, whatever is still out; time to the card."""

from typing import Final

from bench.fill import fill_sealed, settle
from bench.ground import make_ground, make_shop
from bench.report import Result, line_of, rounded
from bench.web import key_of, load, plan_for, serving

RATE: Final = 100.0
BAR_MS: Final = 250.0
WARM_S: Final = 2.0

SECONDS: Final = {"tiny": 1.0, "small": 20.0, "full": 300.0}


async def run(scale: str) -> dict[str, object]:
    """Measure once, from when each order was due."""
    seconds = SECONDS[scale]
    cards = int(2 * RATE * (seconds + WARM_S))
    with make_ground() as ground:
        async with make_shop(ground) as shop:
            for sku in shop.skus:
                await fill_sealed(ground, shop, sku, lots=2, cards=cards // len(shop.skus))
            settle(ground)
            key = await key_of(shop)
            with serving(ground) as port:
                warm = min(WARM_S, seconds)
                plan = plan_for(
                    shop, key, port, "warm", for_s=warm, requests=cards // 8, connections=8
                )
                await load(plan)
                plan = plan_for(
                    shop, key, port, "run", for_s=seconds, requests=cards, rate=RATE, connections=8
                )
                got = await load(plan)
        times = got.latencies_ms
        p99 = _at(times, 0.99)
        figures = {
            "p50_ms": rounded(_at(times, 0.5)),
            "p95_ms": rounded(_at(times, 0.95)),
            "p99_ms": rounded(p99),
            "max_ms": rounded(times[-1]),
            "orders": len(times),
            "statuses": got.statuses,
            "generator_late_ms": rounded(got.late_ms),
        }
        settings = {"orders_per_s": RATE, "seconds": seconds}
        exact = got.statuses.keys() == {200} and got.cards == got.different_cards == len(times)
        result = Result(
            "latency", "ms at p99", [p99], [BAR_MS], 1.0, "lower", settings, exact, figures
        )
        return line_of(result, ground, scale)


def _at(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
