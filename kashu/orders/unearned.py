"""Unearned: what customers have ordered and still wait for."""

from uuid import UUID

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.orders.tables import lines, orders


async def unearned_of(tx: Tx, tenant_id: int, customer_id: UUID) -> int:
    """Add up what a customer's lines will cost it that wait, in ten-thousandths."""
    found = await tx.execute(
        select(func.coalesce(func.sum(lines.c.unearned_e4), 0))
        .select_from(lines)
        .join(orders, (orders.c.tenant_id == tenant_id) & (orders.c.id == lines.c.order_id))
        .where(lines.c.tenant_id == tenant_id, orders.c.customer_id == customer_id)
    )
    return int(found.scalar_one())
