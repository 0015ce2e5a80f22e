"""Hot SKU: 1,000 buyers at once for a stock of 100: exactly 100 get a card, nobody another's."""

from typing import Final

import msgspec

from bench.fill import fill_sealed, settle
from bench.ground import Ground, Shop, make_ground, make_shop
from bench.load import Tally
from bench.report import Result, line_of
from bench.web import Key, key_of, load, plan_for, serving

STOCK: Final = 100
BAR_S: Final = 8.0

# Buyers, repeats, web processes.
SIZES: Final = {"tiny": (150, 1, 1), "small": (1_000, 3, 2), "full": (1_000, 10, 2)}


async def run(scale: str) -> dict[str, object]:
    """Let them all ask at once; a repeat has a SKU of its own."""
    buyers, repeats, processes = SIZES[scale]
    took = []
    exact = True
    with make_ground() as ground:
        async with make_shop(ground, skus=repeats + 1) as shop:
            for sku in shop.skus:
                await fill_sealed(ground, shop, sku, lots=2, cards=STOCK)
            settle(ground)
            key = await key_of(shop)
            with serving(ground, processes=processes) as port:
                await _rush(shop, key, port, repeats, buyers=10)  # the last SKU warms up
                for number in range(repeats):
                    got = await _rush(shop, key, port, number, buyers=buyers)
                    took.append(got.took_s)
                    exact = exact and got.statuses == {200: buyers}
                    exact = exact and got.states == {"filled": STOCK, "short": buyers - STOCK}
                    exact = exact and got.cards == got.different_cards == STOCK
                    exact = exact and _issued(ground, shop, number) == (STOCK, STOCK, 0)
        settings = {"buyers": buyers, "stock": STOCK, "web_processes": processes}
        result = Result(
            "hot_sku",
            "s",
            took,
            [BAR_S] * repeats,
            1.0,
            "lower",
            settings,
            exact,
        )
        return line_of(result, ground, scale)


async def _rush(shop: Shop, key: Key, port: int, number: int, *, buyers: int) -> Tally:
    """Each buyer has a connection and asks once."""
    plan = plan_for(shop, key, port, f"rush{number}", for_s=60, requests=buyers, connections=buyers)
    skus = [shop.skus[number].code]
    return await load(msgspec.structs.replace(plan, skus=skus, keep_alive=False))


def _issued(ground: Ground, shop: Shop, number: int) -> tuple[int, ...]:
    """Allocations, different cards, cards left: as the database says."""
    return ground.sql(
        "SELECT count(*), count(DISTINCT allocations.card_id), (SELECT sum(available)::int"
        "  FROM stock.lots WHERE sku_id = %s) FROM stock.allocations"
        "  JOIN stock.cards ON cards.id = card_id WHERE cards.sku_id = %s",
        shop.skus[number].id,
        shop.skus[number].id,
    )[0]
