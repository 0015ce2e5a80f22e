"""Run the demo: import, sell, prove; once as fast as it can, or live at a visible pace."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.progress import track

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.core.db import Database
from kashu.entry.begin import Begun, begin_tenant
from kashu.entry.demo.figures import Seen, duplicates_in, profit_of, verified
from kashu.entry.demo.shop import DELIVERIES, Stocked, furnish, stock_up
from kashu.entry.demo.stream import submissions
from kashu.entry.startup import Ground
from kashu.orders.intake import Intake
from kashu.orders.sweeps import fill_replenished
from kashu.orders.write import Submission

AT_ONCE: Final = 256  # buyers who wait for their answer at the same time
PRINT_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a demo plays: a merchant of its own in the demo's database."""

    database: Database
    keyrings: Keyrings
    begun: Begun
    run: str  # names its orders

    @property
    def tenant(self) -> Tenant:
        """The merchant."""
        return self.begun.tenant


async def set_up(ground: Ground, database: Database) -> Stage:
    """Make a merchant of this run's own, so that every run begins alike."""
    run = datetime.now(UTC).strftime("%y%m%d%H%M%S")
    begun = await begin_tenant(database, ground.masters, code=f"demo-{run}", name=f"演示商户 {run}")
    async with database.transaction(begun.tenant.id) as tx:
        await furnish(tx, begun.tenant.id)
    return Stage(database, Keyrings(ground.masters), begun, run)


async def import_samples(stage: Stage, console: Console) -> Stocked:
    """Import every sample file, in order."""
    stocked = Stocked()
    for delivery in track(DELIVERIES, description="导入样例 importing", console=console):
        await stock_up(stage.database, stage.tenant, stage.keyrings, delivery, stocked)
    return stocked


async def play_once(ground: Ground, console: Console) -> bool:
    """Sell all samples as fast as it goes; print one JSON line; tell whether all is proven."""
    database = ground.open()
    try:
        stage = await set_up(ground, database)
        stocked = await import_samples(stage, console)
        seen = await _sell(stage, submissions(stocked.cards, stage.run))
        await fill_replenished(database, stage.tenant.id, stage.tenant.timezone)
        proof = await verified(database, stage.tenant)
        duplicates = seen.duplicates + await duplicates_in(database, stage.tenant)
        violations = sum(broken.total for checked in proof.checked for broken in checked.violations)
        line = {
            "imported": stocked.cards.total(),
            "rejected": dict(sorted(stocked.rejected.items())),
            "orders": len(seen.orders),
            "delivered": seen.delivered.total(),
            "short": seen.short.total(),
            "duplicates": duplicates,
            "violations": violations,
            "profit": await profit_of(database, stage.tenant),
            "orders_per_s": seen.orders_per_s,
        }
    finally:
        await database.close()
    print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201  (the demo's last word)
    return proof.ok and duplicates == 0


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
