"""Find lots by how their id begins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.prefixes import id_begins_with
from kashu.stock.tables import lots


@dataclass(frozen=True, slots=True)
class FoundLot:
    """A lot, as a list of what was found tells it."""

    id: UUID
    sku_id: UUID
    supplier_id: UUID
    state: str
    available: int
    received_at: datetime


async def find_lots(tx: Tx, tenant_id: int, written: str, *, limit: int) -> list[FoundLot]:
    """Find lots whose id begins so, the newest first."""
    by_id = id_begins_with(lots.c.id, written)
    if by_id is None:
        return []
    rows = await tx.execute(
        select(*(lots.c[name] for name in FoundLot.__dataclass_fields__))
        .where(lots.c.tenant_id == tenant_id, by_id)
        .order_by(lots.c.id.desc())
        .limit(limit)
    )
    return [FoundLot(*row) for row in rows]
