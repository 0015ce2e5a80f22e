"""Look again: what is held is looked at as soon as a price changes, not only in its turn."""

from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from kashu.core.db import Tx
from kashu.core.jobs import wake
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.tables import purchases
from kashu.purchases.want import PURCHASES_DUE

AT_ONCE: Final = 50  # prices change all day: whoever isn't among these has its turn in a minute


async def look_at_held(tx: Tx, tenant_id: int, at: datetime) -> int:
    """Have some of what is held looked at now, whoever would be next first. Returns how many.

    Locks: these, but none that somebody works on.
    """
    waiting = (
        select(purchases.c.id)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.state == PurchaseState.HELD)
        .where(purchases.c.next_at > at)
        .order_by(purchases.c.next_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    changed = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id.in_(waiting))
        .values(next_at=at)
    )
    if changed.rowcount:
        await wake(tx, tenant_id, PURCHASES_DUE)
    return changed.rowcount
