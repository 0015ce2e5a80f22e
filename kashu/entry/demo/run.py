"""Run the demo to its end: import, sell on five platforms and at our own counters, prove."""

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console
from rich.progress import Progress

from kashu.catalog.reads import skus_by_code
from kashu.core.clock import SHANGHAI, day_of, now
from kashu.entry.demo.backstage import backstage
from kashu.entry.demo.buying_once import buy_once
from kashu.entry.demo.figures import Seen, duplicates_in, profit_of, verified
from kashu.entry.demo.market import Market, open_market
from kashu.entry.demo.shop import DELIVERIES, Delivered
from kashu.entry.demo.stage import Stage, import_samples, set_up
from kashu.entry.demo.stream import submissions
from kashu.entry.demo.supply import open_supply
from kashu.entry.simulation.buyers import Trade
from kashu.entry.simulation.figures import Figures, Outcome
from kashu.entry.startup import Ground
from kashu.entry.terminal import on_the_clock, say, word
from kashu.entry.words import CHANNELS
from kashu.orders.intake import Intake
from kashu.orders.sweeps import fill_replenished
from kashu.orders.write import Submission
from kashu.simulators.pushes import Told
from kashu.stock.reads import overview

AT_ONCE: Final = 256  # buyers who wait for their answer at the same time
LOOK_EVERY_S: Final = 0.5
PATIENCE_S: Final = 180.0  # without any order going on; a busy machine gets there, too
PEOPLE_S: Final = 20.0

TRADE: Final = Trade(
    orders_per_s=12.0,
    seconds=math.inf,  # until each platform has sold its number
    asked_back=0.08,
    burst_chance=0.03,
)


@dataclass(frozen=True, slots=True)
class Sold:
    """What the platforms sold, and which cards their buyers were shown."""

    outcome: Outcome
    given: Counter[str]
    refunds_open: int
    pushes: Mapping[str, Told]

    @property
    def complete(self) -> bool:
        """Whether every paid order has its cards once, and its platform knows."""
        total = self.outcome.total
        return not (total.lost or total.duplicates or self.refunds_open)


async def play_once(
    ground: Ground,
    console: Console,
    each: int,
    *,
    deliveries: Sequence[Delivered] = DELIVERIES,
    patience_s: float = PATIENCE_S,
) -> bool:
    """Sell all samples, `each` orders of them on every platform, and buy; print one JSON line.

    Tells whether nothing is lost, doubled or unconfirmed, whether what went wrong with suppliers
    was put right, and the books are proven.
    `patience_s`: how long no order need go on before we give up.
    """
    database = ground.open()
    try:
        with backstage(ground.settings) as behind:
            stage = await set_up(ground, database)
            stocked = await import_samples(stage, console, deliveries)
            async with (
                open_market(stage, ground.settings, behind) as market,
                open_supply(stage, ground.settings) as supply,
            ):
                buying = asyncio.create_task(buy_once(supply))
                try:
                    sold = await _sell_on_platforms(market, console, each, patience_s)
                    bought = await buying
                finally:
                    buying.cancel()
                for story in supply.happenings.stories:
                    _, _, clock = on_the_clock(story.at, SHANGHAI, whole=True).partition(" ")
                    console.print(
                        f"{clock} {story.text}", soft_wrap=True, markup=False, highlight=False
                    )
        seen = await _sell(stage, submissions(await _shelf(stage, stocked.cards), stage.run))
        await fill_replenished(database, stage.tenant.id, stage.tenant.timezone)
        proof = await verified(database, stage.tenant)
        duplicates = seen.duplicates + await duplicates_in(database, stage.tenant)
        duplicates += sold.outcome.total.duplicates + len(seen.given & sold.given.keys())
        violations = sum(broken.total for checked in proof.checked for broken in checked.violations)
        line = {
            "imported": stocked.cards.total(),
            "rejected": dict(sorted(stocked.rejected.items())),
            "orders": len(seen.orders) + sold.outcome.total.orders,
            "delivered": seen.delivered.total() + sold.given.total(),
            "short": seen.short.total(),
            "duplicates": duplicates,
            "violations": violations,
            "profit": await profit_of(database, stage.tenant),
            "orders_per_s": seen.orders_per_s,
            "platforms": {
                part.platform: _told(part, sold.pushes.get(part.platform))
                for part in sold.outcome.platforms
            },
            **bought.told(),
        }
    finally:
        await database.close()
    print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201  (the demo's last word)
    return proof.ok and duplicates == 0 and sold.complete and bought.complete


def _told(figures: Figures, pushes: Told | None) -> Mapping[str, object]:
    told = (
        {
            "taken": pushes.taken,
            "repeated": pushes.repeated,
            "late": pushes.late,
        }
        if pushes
        else None
    )
    return {
        "orders": figures.orders,
        "delivered": figures.delivered,
        "confirmed": figures.confirmed,
        "refunds": figures.refunds,
        "by_hand": figures.by_hand,
        "p50_s": figures.p50_s,
        "p95_s": figures.p95_s,
        "p99_s": figures.p99_s,
        "duplicates": figures.duplicates,
        "lost": figures.lost,
        "pushes": told,
    }


async def _sell_on_platforms(
    market: Market, console: Console, each: int, patience_s: float
) -> Sold:
    """Let people buy, and wait until every order has come to its end, while any goes on."""
    platforms = len(market.town.stalls)
    buyers = market.buyers(replace(TRADE, each=each))
    with Progress(console=console) as progress:
        bar = progress.add_task("五个平台 five platforms", total=each * platforms)
        buying = asyncio.create_task(buyers.buy())
        went_on_at, left = time.monotonic(), math.inf
        try:
            while True:
                outcome = await market.outcome()
                refunds = await market.refunds_open()
                still = outcome.total.lost + refunds + each * platforms - outcome.total.orders
                progress.update(bar, completed=outcome.total.orders - outcome.total.lost)
                if buying.done():
                    await buying
                    if not still:
                        break
                if still != left:
                    went_on_at, left = time.monotonic(), still
                # Where only people could go on, nobody here will.
                people = buying.done() and still == outcome.total.waiting
                if time.monotonic() - went_on_at > (
                    min(PEOPLE_S, patience_s) if people else patience_s
                ):
                    break
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            buying.cancel()
    await market.all_pushed()
    sold = Sold(
        await market.outcome(), market.given(), await market.refunds_open(), market.pushes()
    )
    if not sold.complete:
        _tell_what_is_open(sold)
    return sold


def _tell_what_is_open(sold: Sold) -> None:
    for part in sold.outcome.platforms:
        if part.lost or part.duplicates:
            name = word(CHANNELS, part.platform)
            say(
                f"✗ {name}：{part.lost} 单未完成，{part.duplicates} 处重复。",
                f"✗ {name}: {part.lost} orders aren't complete, {part.duplicates} duplicates.",
            )
    for reason, count in sorted(sold.outcome.open.items()):
        say(f"  停在 {reason}：{count} 单", f"  {count} stand at: {reason}")
    if sold.refunds_open:
        say(
            f"  {sold.refunds_open} 笔平台退款尚未入账",
            f"  {sold.refunds_open} refunds of platforms aren't in our books",
        )


async def _shelf(stage: Stage, imported: Mapping[str, int]) -> Counter[str]:
    """How many cards of each imported SKU can still be sold."""
    async with stage.database.transaction(stage.tenant.id) as tx:
        skus = await skus_by_code(tx, stage.tenant.id, set(imported))
        codes = {sku.id: code for code, sku in skus.items()}
        today = day_of(now(), stage.tenant.timezone)
        held = await overview(tx, stage.tenant.id, today=today, timezone=stage.tenant.timezone)
    left = Counter(dict.fromkeys(imported, 0))
    for each in held:
        if each.sku_id in codes:  # what is bought for orders was nobody's stock
            left[codes[each.sku_id]] += each.available
    return left


async def _sell(stage: Stage, buyers: Iterator[Submission]) -> Seen:
    """Let buyers come as fast as they are answered."""
    intake = Intake(stage.database, stage.keyrings)
    seen = Seen()
    waiting: set[asyncio.Task[None]] = set()

    async def buy(each: Submission) -> None:
        answered = await intake.submit(stage.tenant.id, each, stage.tenant.timezone)
        seen.note(answered.content)

    keys: dict[str, asyncio.Task[None]] = {}
    for each in buyers:
        earlier = keys.get(each.key)
        if earlier is not None:  # a platform that repeats itself has had its answer
            await earlier
        if len(waiting) >= AT_ONCE:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(buy(each))
        keys[each.key] = task
        waiting.add(task)
    await asyncio.gather(*keys.values())
    seen.ended_at = time.perf_counter()
    return seen
