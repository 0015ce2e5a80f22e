"""Two processes: two web processes and two workers against one database, and one of each.

Contention must not cost more than the second pair brings.
"""

from contextlib import ExitStack
from typing import Final

from bench.fill import fill_sealed, settle
from bench.ground import Ground, Shop, make_ground, make_shop
from bench.report import Result, line_of
from bench.web import CONNECTIONS, Key, key_of, load, plan_for, serving, working

BAR: Final = 1.0

# Cards in all, repeats, seconds of each side in a repeat.
SIZES: Final = {"tiny": (3_000, 1, 0.3), "small": (200_000, 3, 4.0), "full": (600_000, 7, 30.0)}


async def run(scale: str) -> dict[str, object]:
    """Measure both in turn; the processes of one end before those of the other begin."""
    cards, repeats, seconds = SIZES[scale]
    rates: dict[int, list[float]] = {1: [], 2: []}
    exact = True
    with make_ground() as ground:
        async with make_shop(ground) as shop:
            for sku in shop.skus:
                await fill_sealed(ground, shop, sku, lots=2, cards=cards // len(shop.skus))
            settle(ground)
            key = await key_of(shop)
            most = cards // (4 * repeats)
            for repeat in range(repeats):
                for pairs in (2, 1) if repeat % 2 else (1, 2):
                    rate, exact_too = await _measure(
                        ground,
                        shop,
                        key,
                        f"run{repeat}-{pairs}",
                        pairs=pairs,
                        seconds=seconds,
                        most=most,
                    )
                    rates[pairs].append(rate)
                    exact = exact and exact_too
        settings = {"connections": CONNECTIONS, "seconds": seconds, "cards": cards}
        result = Result(
            "two_processes", "requests/s", rates[2], rates[1], BAR, "higher", settings, exact
        )
        return line_of(result, ground, scale)


async def _measure(
    ground: Ground, shop: Shop, key: Key, name: str, *, pairs: int, seconds: float, most: int
) -> tuple[float, bool]:
    """Start so many web processes and workers; return requests a second, and if all was right."""
    with ExitStack() as stack:
        for _ in range(pairs):
            stack.enter_context(working(ground))
        port = stack.enter_context(serving(ground, processes=pairs))
        warm = plan_for(shop, key, port, f"warm-{name}", for_s=seconds / 4, requests=most // 4)
        await load(warm)
        got = await load(plan_for(shop, key, port, name, for_s=seconds, requests=most))
    exact = got.statuses.keys() == {200}
    exact = exact and got.cards == got.different_cards == got.statuses[200]
    return got.statuses.get(200, 0) / got.took_s, exact
