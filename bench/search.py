"""Search: what a clerk types, found among very many cards and orders; and the list of orders.

The reference is the bar itself: what a person waits for, in milliseconds.
"""

import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from bench.fill import fill_history, fill_sealed, fill_unreadable, settle
from bench.ground import Ground, Shop, make_ground, make_shop
from bench.report import Result, line_of, rounded
from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.desk.search import search
from kashu.orders.listed import Conditions, count_orders, listed_orders

BAR_MS: Final = 1_000.0
PAGE: Final = 50  # orders, as the API's
STAFF: Final = "staff:00000000-0000-7000-8000-000000000001"
SEALED: Final = 1_000  # cards that can be read: one is looked for by all of its value
LOTS: Final = 2  # of each SKU

# Cards, orders among them, repeats.
SIZES: Final = {
    "tiny": (12_000, 1_000, 2),
    "small": (200_000, 100_000, 9),
    "full": (2_000_000, 1_000_000, 31),
}

# Each order is a platform's, whose buyers are known by a masked phone.
_TOLD: Final = """
    INSERT INTO channels.shop_orders (tenant_id, id, store_id, number, step, shop_state, changed_at,
                                      paid_e4, buyer, lines, complete, order_id)
    SELECT tenant_id, uuidv7(), store_id, external_id, 'confirmed', 'done', accepted_at, total_e4,
           '138****' || lpad((row_number() OVER ())::text, 4, '0'), '[]', true, id
      FROM orders.orders
"""
_SOME: Final = (
    "SELECT external_id, buyer FROM orders.orders JOIN channels.shop_orders ON order_id = orders.id"
    " ORDER BY orders.id OFFSET %s LIMIT 1"
)

_Ask: TypeAlias = Callable[[], Awaitable[bool]]


async def run(scale: str) -> dict[str, object]:
    """Ask everything in turn, about something else each time."""
    cards, orders, repeats = SIZES[scale]
    with make_ground() as ground:
        async with make_shop(ground) as shop:
            await _fill(ground, shop, cards, orders)
            times: dict[str, list[float]] = {}
            exact = True
            for repeat in range(-1, repeats):
                for name, ask in _questions(ground, shop, orders, repeat).items():
                    began_at = time.perf_counter()
                    found = await ask()
                    took_ms = 1_000 * (time.perf_counter() - began_at)
                    exact = exact and found
                    if repeat >= 0:
                        times.setdefault(name, []).append(took_ms)
        slowest = [max(each) for each in zip(*times.values(), strict=True)]
        settings = {"cards": cards, "orders": orders, "asked": sorted(times)}
        figures = {f"{name}_max_ms": rounded(max(each)) for name, each in times.items()}
        bars = [BAR_MS] * len(slowest)
        result = Result("search", "ms", slowest, bars, 1.0, "lower", settings, exact, figures)
        return line_of(result, ground, scale)


async def _fill(ground: Ground, shop: Shop, cards: int, orders: int) -> None:
    for sku in shop.skus:
        fill_unreadable(ground, shop, sku, lots=LOTS, cards=cards // len(shop.skus))
    fill_history(ground, shop, orders)
    ground.sql(_TOLD)
    await fill_sealed(ground, shop, shop.skus[0], lots=1, cards=SEALED)
    settle(ground)
    ground.sql("VACUUM ANALYZE orders.orders, orders.lines, channels.shop_orders")


def _questions(ground: Ground, shop: Shop, orders: int, repeat: int) -> dict[str, _Ask]:
    """What is asked this time, and whether the answer has it."""
    choose = random.Random(repeat)  # noqa: S311  (what is asked about)
    ((number, buyer),) = ground.sql(_SOME, choose.randrange(orders))
    ((card_id,),) = ground.sql(
        "SELECT id FROM stock.cards WHERE lot_id = (SELECT id FROM stock.lots ORDER BY id DESC"
        " LIMIT 1) ORDER BY id OFFSET %s LIMIT 1",
        choose.randrange(SEALED),
    )
    ((lot_id,),) = ground.sql("SELECT id FROM stock.lots ORDER BY random() LIMIT 1")
    asked = {
        "value": (f"{card_id.int % 10**16:016d}", "cards"),
        "tail": (f"{choose.randint(1, 500):04d}", "cards"),
        "order": (number, "orders"),
        "buyer": (buyer[-4:], "orders"),
        "lot": (str(lot_id), "lots"),
        "nothing": ("never-was-there", ""),
    }
    questions: dict[str, _Ask] = {
        name: lambda typed=typed, group=group: _searched(shop, typed, group)  # type: ignore[misc]
        for name, (typed, group) in asked.items()
    }
    return questions | {"list": lambda: _listed(shop)}


async def _searched(shop: Shop, typed: str, group: str) -> bool:
    """Whether something of a group was found; of none: nothing at all."""
    caller = Caller(shop.tenant_id, STAFF, frozenset(Permission))
    async with shop.database.transaction(shop.tenant_id) as tx:
        found = {each.group.value for each in await search(tx, caller, shop.keyrings, typed)}
    return group in found if group else not found


async def _listed(shop: Shop) -> bool:
    """Whether the first page of orders is there, with how many there are."""
    async with shop.database.transaction(shop.tenant_id) as tx:
        page = await listed_orders(tx, shop.tenant_id, Conditions(), most=PAGE)
        return len(page) == PAGE and await count_orders(tx, shop.tenant_id, Conditions()) >= PAGE
