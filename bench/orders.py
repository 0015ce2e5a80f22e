"""Orders for benches: made beforehand, sold by many buyers at once, counted."""

import asyncio
import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from bench.ground import Shop
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.intake import Intake
from kashu.orders.write import Submission

PRICE: Final = "19.80"
CALLER: Final = "key:00000000-0000-7000-8000-000000000000"


def bodies(
    shop: Shop, run: str, deliver: Literal["answer", "later"], *, skus: int | None = None
) -> Iterator[OrdersBody]:
    """Go on making single orders, mixed over stores and SKUs (the first `skus` of them)."""
    chance = random.Random(run)  # noqa: S311  (buyers, not secrets)
    wanted = shop.skus[:skus]
    number = 0
    while True:
        number += 1
        line = LineBody(chance.choice(wanted).code, 1, PRICE)
        store = chance.choice(shop.stores).code
        yield OrdersBody((OrderBody(f"{run}-{number:07d}", (line,), store=store),), deliver)


def submissions(
    shop: Shop,
    run: str,
    count: int,
    *,
    deliver: Literal["answer", "later"] = "later",
    skus: int | None = None,
) -> list[Submission]:
    """Make `count` requests of one order each."""
    made = []
    for _, body in zip(range(count), bodies(shop, run, deliver, skus=skus), strict=False):
        digest = hashlib.sha256(msgspec.json.encode(body)).digest()
        made.append(Submission(CALLER, body.orders[0].external_id, digest, body))
    return made


async def sell(
    shop: Shop, intake: Intake, wanted: Sequence[Submission], *, at_once: int, for_s: float
) -> float:
    """Let `at_once` buyers order one after another for a time; return orders a second."""
    left = iter(wanted)
    ends_at = time.perf_counter() + for_s
    sold = 0

    async def buyer() -> None:
        nonlocal sold
        for each in left:
            await intake.submit(shop.tenant_id, each)
            sold += 1
            if time.perf_counter() >= ends_at:
                return

    began_at = time.perf_counter()
    await asyncio.gather(*(buyer() for _ in range(at_once)))
    return sold / (time.perf_counter() - began_at)
