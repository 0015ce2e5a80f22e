"""What orders do without being asked."""

from sqlalchemy import text

from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database
from kashu.orders.fill_short import FIRST, fill_short
from kashu.stock.replenish import replenished_skus

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
