"""Expiry: until when the cards of some lots work."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.stock.tables import lots


async def expiry_of_lots(
    tx: Tx, tenant_id: int, lot_ids: Collection[UUID]
) -> dict[UUID, date | None]:
    """The last day that each lot's cards work on; None: nobody said."""
    rows = await tx.execute(
        select(lots.c.id, lots.c.expires_on).where(
            lots.c.tenant_id == tenant_id, lots.c.id.in_(lot_ids)
        )
    )
    return {row.id: row.expires_on for row in rows}
