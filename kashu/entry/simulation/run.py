"""Run a simulation: buyers buy, the clerk sits there, a worker works, until all is done."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kashu.access.tenants import Tenant
from kashu.channels.ask import Outside
from kashu.channels.reads import Store
from kashu.core.db import Database
from kashu.entry.simulation.buyers import Buyers, Trade
from kashu.entry.simulation.clerk import Clerk
from kashu.entry.simulation.connect import connect_town
from kashu.entry.simulation.figures import Outcome, open_orders, outcome_of, refunds_due
from kashu.entry.simulation.town import Town

LOOK_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Simulated:
    """What it came to, and how it went."""

    outcome: Outcome
    drained_s: float  # from the last order bought until all were confirmed, or we gave up
    buyers_late_s: float


async def simulate(
    database: Database,
    tenant: Tenant,
    outside: Outside,
    town: Town,
    trade: Trade,
    *,
    patience_s: float = 60.0,
    fault_rate: float = 0.0,
) -> Simulated:
    """Connect the stores, buy, and wait until nothing is open, for `patience_s` at most.

    `fault_rate`: of each fault, while orders are bought. A worker must run meanwhile.
    """
    stores = await connect_town(database, tenant, outside, town)
    buyers = Buyers(town, trade)
    looked = database, tenant, town, stores
    clerk = asyncio.create_task(Clerk(database, tenant, outside, town, stores).work())
    try:
        for stall in town.stalls:  # until the worker is there
            stall.shop.sell((next(iter(stall.shop.items.values())), 1))
        await _all_done(*looked, patience_s)
        since = town.clock()
        town.break_at_random(fault_rate)
        await buyers.buy()
        town.break_at_random(0)
        drained_s = await _all_done(*looked, patience_s)
    finally:
        clerk.cancel()
        await asyncio.gather(clerk, return_exceptions=True)
    return Simulated(await outcome_of(*looked, since=since), drained_s, buyers.late_s)


async def _all_done(
    database: Database,
    tenant: Tenant,
    town: Town,
    stores: Mapping[str, Store],
    patience_s: float,
) -> float:
    """Wait until nothing is open, for so long at most; return how long it took."""
    began_at = time.monotonic()
    while time.monotonic() - began_at < patience_s:
        still = await open_orders(database, tenant, town, stores)
        if not still and not await refunds_due(database, tenant):
            break
        await asyncio.sleep(LOOK_EVERY_S)
    return time.monotonic() - began_at
