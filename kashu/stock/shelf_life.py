"""Shelf life: how long the cards of a SKU were good for when they came."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class _Lasting:
    sku_id: UUID
    days: int


_lasting = Statement(__file__, "shelf_life.sql", _Lasting)


async def shelf_days(
    tx: Tx, tenant_id: int, sku_ids: Collection[UUID], *, timezone: str
) -> dict[UUID, int]:
    """Say how many days the shortest-lived of a SKU's last lots were good for.

    SKUs whose cards don't expire, or of which none ever came, are left out.
    """
    rows = await _lasting(tx, tenant=tenant_id, skus=list(sku_ids), timezone=timezone)
    return {row.sku_id: row.days for row in rows}
