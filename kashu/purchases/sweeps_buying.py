"""What buying does without being asked: reorder, tell of what is late, forget."""

from kashu.access.tenants import Tenant
from kashu.core.clock import Clock, now
from kashu.core.db import Database
from kashu.purchases.breaker import KEPT, forget_placings
from kashu.purchases.look_again import look_at_held
from kashu.purchases.overdue import AT_ONCE, tell_overdue
from kashu.purchases.reorder import reorder_due


async def reorder_low(database: Database, tenant: Tenant) -> bool:
    """Draft or buy what runs low, where rules say so. True: there is more."""
    return await reorder_due(database, tenant)


async def watch_overdue(database: Database, tenant_id: int, clock: Clock = now) -> bool:
    """Tell of purchases whose time is over. True: there may be more."""
    async with database.transaction(tenant_id) as tx:
        return await tell_overdue(tx, tenant_id, clock()) == AT_ONCE


async def forget_old_placings(database: Database, tenant_id: int, clock: Clock = now) -> bool:
    """Drop how orders went that no breaker looks at any more. True: there were some."""
    async with database.transaction(tenant_id) as tx:
        return bool(await forget_placings(tx, tenant_id, clock() - KEPT))


async def look_at_what_is_held(database: Database, tenant_id: int, clock: Clock = now) -> bool:
    """Look again at what is held, since something can be bought otherwise. False: done."""
    async with database.transaction(tenant_id) as tx:
        await look_at_held(tx, tenant_id, clock())
    return False
