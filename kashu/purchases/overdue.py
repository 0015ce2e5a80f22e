"""Overdue: tell people of purchases that take too long, and look again where that is safe."""

from datetime import datetime
from typing import Final

from sqlalchemy import case, select, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.purchases.kinds import LIVE, OPEN, PurchaseState
from kashu.purchases.tables import attempts, purchases
from kashu.purchases.want import PURCHASES_DUE

AT_ONCE: Final = 500

_TO_ORDER: Final = (PurchaseState.WANTED, PurchaseState.HELD)


async def tell_overdue(tx: Tx, tenant_id: int, at: datetime) -> int:
    """Tell once of each open purchase whose time is over. Returns how many.

    One that is to be ordered, or held, is looked at again at once. One whose order is under way
    isn't ordered elsewhere: its outcome isn't known, and two might come.
    Locks: the purchases it tells of, but none that somebody works on.
    """
    due = (
        select(purchases.c.id)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.due_at <= at)
        .where(purchases.c.overdue_told_at.is_(None), purchases.c.state.in_(OPEN))
        .order_by(purchases.c.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = [row.id for row in await tx.execute(due)]
    if not ids:
        return 0
    again = case((purchases.c.state.in_(_TO_ORDER), at), else_=purchases.c.next_at)
    told = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id.in_(ids))
        .values(overdue_told_at=at, next_at=again)
        .returning(
            purchases.c.id,
            purchases.c.sku_id,
            purchases.c.state,
            purchases.c.said,
            purchases.c.due_at,
        )
    )
    rows = told.all()
    under_way = await tx.execute(
        select(attempts.c.purchase_id, attempts.c.supplier_id, attempts.c.state)
        .where(attempts.c.tenant_id == tenant_id, attempts.c.purchase_id.in_(ids))
        .where(attempts.c.state.in_(LIVE))
    )
    live = {row.purchase_id: row for row in under_way}
    happened = []
    for row in rows:
        facts = {
            "sku_id": str(row.sku_id),
            "state": row.state,
            "said": row.said,
            "due_at": row.due_at.isoformat(),
        }
        if row.id in live:
            facts |= {
                "supplier_id": str(live[row.id].supplier_id),
                "attempt": live[row.id].state,
            }
        happened.append(Event("purchase.overdue", row.id, facts))
    await record(tx, tenant_id, "system", happened)
    await wake(tx, tenant_id, PURCHASES_DUE)
    return len(rows)
