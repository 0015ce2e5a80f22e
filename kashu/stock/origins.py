"""Origins: the lots that cards came in with, through whatever warehouses they went since."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class _Origin:
    lot_id: UUID
    origin_id: UUID


_origins = Statement(__file__, "origins.sql", _Origin)


async def origins_of(tx: Tx, tenant_id: int, lot_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Say with which lot the cards of each lot came in: mostly with itself."""
    rows = await _origins(tx, tenant=tenant_id, lots=list(lot_ids))
    return {row.lot_id: row.origin_id for row in rows}
