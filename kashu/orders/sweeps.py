"""What orders do without being asked."""

from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database
from kashu.core.jobs import wake
from kashu.orders.fill_short import FIRST, fill_short
from kashu.orders.go_on import go_on
from kashu.orders.take_back import take_back
from kashu.orders.take_in import decide_late, take_in
from kashu.orders.use_topups import settle_topups
from kashu.stock.replenish import replenished_skus

TAKEN_IN = "orders.taken_in"  # called out, so that nobody waits to deliver
KEPT_DAYS = 30  # how long a request with the same idempotency key gets the same answer


async def fill_replenished(
    database: Database, tenant_id: int, timezone: str, clock: Clock = now
) -> bool:
    """Give stock that arrived to the lines that wait for it. True: there was some."""
    async with database.transaction(tenant_id) as tx:
        skus = await replenished_skus(tx, tenant_id)
    for sku in skus:
        after = FIRST
        while True:
            async with database.transaction(tenant_id) as tx:
                last = await fill_short(tx, tenant_id, sku, day_of(clock(), timezone), after=after)
            if last is None:
                break
            after = last
    return bool(skus)


async def forget_requests(database: Database, tenant_id: int) -> bool:
    """Drop idempotency keys older than 30 days. True: there were some."""
    async with database.transaction(tenant_id) as tx:
        dropped = await tx.execute(
            text(
                "DELETE FROM orders.requests"
                " WHERE tenant_id = :tenant AND at < now() - make_interval(days => :days)"
            ),
            {"tenant": tenant_id, "days": KEPT_DAYS},
        )
    return bool(dropped.rowcount)


async def take_in_due(
    database: Database,
    tenant_id: int,
    timezone: str,
    clock: Clock = now,
    *,
    keyrings: Keyrings | None = None,
) -> bool:
    """Book what platforms paid back, then take in the orders that are due. True: there is more.

    `keyrings`: to have accounts topped up; without them, people do that.
    """
    more = await take_back(database, tenant_id, timezone, clock)
    async with database.transaction(tenant_id) as tx:
        day = day_of(clock(), timezone)
        taken, more_due = await take_in(tx, tenant_id, day, keyrings=keyrings)
        await decide_late(tx, tenant_id, day_of(clock(), timezone))
        if taken:
            await wake(tx, tenant_id, TAKEN_IN)
    return more or more_due


async def settle_topups_due(
    database: Database, tenant_id: int, timezone: str, clock: Clock = now
) -> bool:
    """Settle lines whose accounts were topped up. True: there is more."""
    async with database.transaction(tenant_id) as tx:
        settled, more = await settle_topups(tx, tenant_id, day_of(clock(), timezone), clock())
    if settled:  # apart, since platforms' orders are locked before levels; what is lost comes late
        async with database.transaction(tenant_id) as tx:
            if await go_on(tx, tenant_id, settled):
                await wake(tx, tenant_id, TAKEN_IN)
    return more
