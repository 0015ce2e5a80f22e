"""Suppliers: lines that stock can't fill are bought for, each by itself, from simulated suppliers.

The worker is the one that ships, in a process of its own; suppliers, buyers and the intake share
this one. One supplier answers at once, one is slow and asynchronous, one loses a fifth of its
answers after it has charged. A clean purchase is one that the first answered at once; its time
ends when somebody has the card.
"""

import asyncio
import random
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.fill import settle
from bench.ground import MASTERS, Ground, Shop, make_ground, make_shop
from bench.orders import submissions
from bench.report import Result, line_of, rounded
from bench.web import working
from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.core.clock import SHANGHAI
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.entry.simulation.wholesale import (
    DEPOSIT_E4,
    INSTANT,
    LOST,
    Ware,
    Wholesale,
    connect_wholesale,
    open_wholesale,
)
from kashu.entry.suppliers import make_upstreams
from kashu.ledger.supplier_money import supplier_money
from kashu.orders.intake import Intake
from kashu.orders.write import Submission
from kashu.reports.verify import verify

BAR_MS: Final = 100.0
COST_E4: Final = 150_000
WARM: Final = 30  # orders before the clock starts
LOOK_EVERY_S: Final = 0.25
LOOKS: Final = 20  # of what is in doubt, evenly over the time

# Orders a second, seconds, and how long we wait for what is still open.
SIZES: Final = {
    "tiny": (10.0, 2.0, 60.0),
    "small": (50.0, 20.0, 300.0),
    "full": (50.0, 300.0, 600.0),
}

_OPEN: Final = """
    SELECT (SELECT count(*) FROM orders.lines WHERE waiting_count > 0)
         + (SELECT count(*) FROM purchases.attempts
             WHERE state IN ('sending', 'unclear', 'processing', 'manual'))
"""
_GIVEN: Final = """
    SELECT external_id, extract(epoch FROM allocated_at - accepted_at)::float8
      FROM stock.allocations
      JOIN orders.lines ON lines.id = line_id
      JOIN orders.orders ON orders.id = lines.order_id
     WHERE released_at IS NULL AND external_id LIKE 'run-%%'
"""
# Clean purchases: from when one was wanted to when its card was given, to whoever waited longest.
_CLEAN: Final = """
    SELECT extract(epoch FROM allocated_at - created_at)::float8
      FROM purchases.purchases
      JOIN purchases.attempts ON purchase_id = purchases.id
      JOIN suppliers.suppliers ON suppliers.id = attempts.supplier_id
      JOIN purchases.receipts ON attempt_id = attempts.id
      JOIN stock.allocations ON allocations.lot_id = receipts.lot_id AND released_at IS NULL
      JOIN orders.lines ON lines.id = subject_id
      JOIN orders.orders ON orders.id = lines.order_id
     WHERE attempts.state = 'succeeded' AND asks = 0 AND suppliers.code = %s
       AND external_id LIKE 'run-%%'
"""
_PURCHASE_OF: Final = "SELECT number, purchase_id FROM purchases.attempts"
_UNCLEAR: Final = "SELECT count(*) FROM core.events WHERE kind = 'attempt.unclear'"


@dataclass(slots=True)
class _Run:
    """A shop that buys, those it buys from, and what was seen meanwhile."""

    ground: Ground
    shop: Shop
    wholesale: Wholesale
    in_doubt_e4: list[int] = field(default_factory=list)
    late_s: float = 0.0
    worker_s: float = 0.0  # of processor time

    async def doubt(self) -> int:
        """All money in doubt now."""
        ids = [each.supplier_id for each in self.wholesale.sellers if each.supplier_id]
        async with self.shop.database.transaction(self.shop.tenant_id) as tx:
            money = await supplier_money(tx, self.shop.tenant_id, ids)
        return sum(each.in_doubt_e4 for each in money.values())

    async def watch(self, every_s: float) -> None:
        """Note what is in doubt, again and again."""
        while True:
            await asyncio.sleep(every_s)
            self.in_doubt_e4.append(await self.doubt())

    async def order(self, wanted: Sequence[Submission], rate: float) -> None:
        """Order at random moments, so many a second, whatever is still out."""
        chance = random.Random(1)  # noqa: S311  (buyers, not secrets)
        intake = Intake(self.shop.database, self.shop.keyrings)
        due_at = time.perf_counter()
        out = []
        for each in wanted:
            due_at += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            self.late_s = max(self.late_s, time.perf_counter() - due_at)
            out.append(asyncio.create_task(intake.submit(self.shop.tenant_id, each)))
        await asyncio.gather(*out)

    async def drain(self, patience_s: float) -> float:
        """Wait until no line waits and no outcome is open; return how long that took."""
        began_at = time.perf_counter()
        while time.perf_counter() - began_at < patience_s:
            if not (await asyncio.to_thread(self.ground.sql, _OPEN))[0][0]:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        return time.perf_counter() - began_at

    def doubles(self) -> int:
        """Orders at suppliers beyond the first, by our number and by what was wanted."""
        purchase_of = dict(self.ground.sql(_PURCHASE_OF))
        bought: Counter[object] = Counter()
        for number, times in self.wholesale.bought().items():
            bought[purchase_of.get(number, number)] += times
        return sum(times - 1 for times in bought.values())

    async def balanced(self) -> bool:
        """Whether the books have the money with each supplier that the supplier has."""
        ids = [each.supplier_id for each in self.wholesale.sellers if each.supplier_id]
        async with self.shop.database.transaction(self.shop.tenant_id) as tx:
            money = await supplier_money(tx, self.shop.tenant_id, ids)
        return all(
            money[each.supplier_id].prepaid_e4 == DEPOSIT_E4 - each.taken_e4
            for each in self.wholesale.sellers
            if each.supplier_id
        )


async def run(scale: str) -> dict[str, object]:
    """Measure once: order for a time, stop what goes wrong, wait, count."""
    rate, seconds, patience_s = SIZES[scale]
    with make_ground() as ground:
        async with make_shop(ground, suppliers=0) as shop:
            ground.sql("UPDATE catalog.skus SET shortage_policy = 'buy'")
            count = int(rate * seconds)
            wares = [Ware(each.code, each.code, COST_E4) for each in shop.skus]
            async with open_wholesale(wares, 2 * (count + WARM) // len(wares) + 50) as wholesale:
                await _connect(shop, wholesale)
                settle(ground)
                run = _Run(ground, shop, wholesale, worker_s=-_children_s())
                with working(ground, PRIVATE_NETWORK="true"):
                    await run.order(submissions(shop, "warm", WARM), rate)
                    await run.drain(patience_s)
                    wholesale.lose_answers(LOST)
                    watching = asyncio.create_task(run.watch(seconds / LOOKS))
                    await run.order(submissions(shop, "run", count), rate)
                    wholesale.lose_answers({})
                    drained_s = await run.drain(patience_s)
                    watching.cancel()
                run.worker_s += _children_s()
                line = await _told(run, count, drained_s)
        result = Result(
            "suppliers",
            "ms at p95",
            [line["p95_ms"]],
            [BAR_MS],
            1.0,
            "lower",
            {"orders_per_s": rate, "seconds": seconds, "lost_answers": sum(LOST.values())},
            line.pop("exact"),
            line,
        )
        return line_of(result, ground, scale)


async def _connect(shop: Shop, wholesale: Wholesale) -> None:
    settings = Settings(private_network=True)
    outside = make_outside(settings, Keyrings(MASTERS))
    tenant = Tenant(shop.tenant_id, "bench", "bench", SHANGHAI)
    try:
        upstreams = make_upstreams(settings, outside)
        await connect_wholesale(shop.database, tenant, upstreams, wholesale)
    finally:
        await outside.http.close()


async def _told(run: _Run, orders: int, drained_s: float) -> dict[str, Any]:
    """Count what came of it. `exact`: all bought once, nothing in doubt, the books whole."""
    given = sorted(run.ground.sql(_GIVEN), key=lambda row: row[1])
    latency_s = run.wholesale.by_code(INSTANT).shop.faults.latency_s
    clean = sorted(1_000 * (took_s - latency_s) for (took_s,) in run.ground.sql(_CLEAN, INSTANT))
    async with run.shop.database.transaction(run.shop.tenant_id) as tx:
        verified = await verify(tx, run.shop.tenant_id)
    doubles, doubt_e4, balanced = run.doubles(), await run.doubt(), await run.balanced()
    served = len(given) == len({row[0] for row in given}) == orders
    # Nobody had a card before: what was bought is what was given, and nothing lies about.
    bought = run.wholesale.bought().total()
    spare = bought - WARM - len(given)
    exact = verified.ok and balanced and served and not (doubles or spare or doubt_e4)
    step = max(1, len(run.in_doubt_e4) // LOOKS)
    return {
        "exact": exact,
        "p50_ms": rounded(_at(clean, 0.5)),
        "p95_ms": rounded(_at(clean, 0.95)),
        "p99_ms": rounded(_at(clean, 0.99)),
        "clean": len(clean),
        "orders": orders,
        "given": len(given),
        "bought": bought - WARM,
        "double_purchases": doubles,
        "unclear": run.ground.sql(_UNCLEAR)[0][0],
        "order_p95_s": rounded(_at([row[1] for row in given], 0.95)),
        "suppliers": {each.code: len(each.house.orders) for each in run.wholesale.sellers},
        "in_doubt": [each // 10_000 for each in run.in_doubt_e4[::step]],
        "in_doubt_at_the_end": doubt_e4 // 10_000,
        "open": run.ground.sql(_OPEN)[0][0],
        "drained_s": rounded(drained_s),
        "worker_ms_a_purchase": rounded(1_000 * run.worker_s / max(1, bought)),
        "buyers_late_ms": rounded(1_000 * run.late_s),
        "balanced": balanced,
        "verified": verified.ok,
    }


def _children_s() -> float:
    """Processor time of processes of ours that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _at(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("inf")
