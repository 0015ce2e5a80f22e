"""Sold elsewhere: how many cards are known to have been sold before us."""

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.stock.tables import lots


async def count_sold_elsewhere(tx: Tx, tenant_id: int) -> int:
    """Count the cards that were brought in as sold elsewhere."""
    counted = await tx.execute(
        select(func.coalesce(func.sum(lots.c.void), 0)).where(
            lots.c.tenant_id == tenant_id, lots.c.sold_elsewhere
        )
    )
    return int(counted.scalar_one())
