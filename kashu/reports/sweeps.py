"""What reports do without being asked."""

import structlog

from kashu.core.clock import Clock, now
from kashu.core.db import Database
from kashu.reports.health import keep
from kashu.reports.verify import verify

_log = structlog.get_logger()


async def keep_health(database: Database, tenant_id: int, clock: Clock = now) -> bool:
    """Prove the invariants and keep what was found. Returns whether all hold."""
    async with database.transaction(tenant_id) as tx:
        verified = await verify(tx, tenant_id)
    for checked in verified.checked:
        for violation in checked.violations:
            _log.error(
                "invariant_violated",
                tenant=tenant_id,
                rule=violation.rule,
                rows=violation.total,
                first=violation.rows[0].id if violation.rows else "",
            )
    async with database.transaction(tenant_id) as tx:
        await keep(tx, tenant_id, verified, clock())
    return verified.ok
