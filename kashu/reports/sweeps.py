"""What reports do without being asked."""

from datetime import datetime

import structlog

from kashu.core.clock import Clock, now
from kashu.core.db import Database
from kashu.reports.health import keep, next_since
from kashu.reports.verify import Verified, verify

_log = structlog.get_logger()


async def keep_health(database: Database, tenant_id: int, clock: Clock = now) -> Verified:
    """Prove the invariants, once a day of everything, and keep what was found.

    Between, of what something happened to since the last proof, which costs the same after years;
    where that finds something, everything is proved at once. Returns the last of these proofs.
    """
    async with database.transaction(tenant_id) as tx:
        since = await next_since(tx, tenant_id, clock())
    verified = await _prove(database, tenant_id, since)
    if since is not None and not verified.ok:
        verified = await _prove(database, tenant_id, None)
    async with database.transaction(tenant_id) as tx:
        await keep(tx, tenant_id, verified)
    return verified


async def _prove(database: Database, tenant_id: int, since: datetime | None) -> Verified:
    async with database.transaction(tenant_id) as tx:
        verified = await verify(tx, tenant_id, since)
    for checked in verified.checked:
        for violation in checked.violations:
            _log.error(
                "invariant_violated",
                tenant=tenant_id,
                rule=violation.rule,
                rows=violation.total,
                first=violation.rows[0].id if violation.rows else "",
                scope=verified.scope.value,
            )
    return verified
