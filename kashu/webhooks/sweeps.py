"""What webhooks do without being asked, beside telling (fan_out.py, deliver.py): forget."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from kashu.core.db import Database
from kashu.webhooks.kinds import KEPT
from kashu.webhooks.tables import attempts, deliveries

FORGOTTEN_AT_ONCE: Final = 1_000


async def forget_deliveries(database: Database, tenant_id: int, at: datetime) -> bool:
    """Forget what ended long ago, with its tries. True: there is more.

    Locks: what goes, in no order that matters: nobody else takes what has ended for so long.
    """
    old = (
        select(deliveries.c.id)
        .where(deliveries.c.tenant_id == tenant_id, deliveries.c.ended_at < at - KEPT)
        .order_by(deliveries.c.ended_at)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    async with database.transaction(tenant_id) as tx:
        ids = (await tx.execute(old)).scalars().all()
        await tx.execute(
            delete(attempts).where(
                attempts.c.tenant_id == tenant_id, attempts.c.delivery_id.in_(ids)
            )
        )
        await tx.execute(
            delete(deliveries).where(deliveries.c.tenant_id == tenant_id, deliveries.c.id.in_(ids))
        )
    return len(ids) == FORGOTTEN_AT_ONCE
