"""Promised: what buyers on platforms paid for that isn't one of our orders yet."""

from dataclasses import dataclass
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class _Promised:
    sku_id: UUID
    units: int


_promised = Statement(__file__, "promised.sql", _Promised)


async def promised(tx: Tx, tenant_id: int) -> dict[UUID, int]:
    """Say how many units of each SKU, or bundle, are paid for and not taken in yet."""
    return {row.sku_id: row.units for row in await _promised(tx, tenant=tenant_id)}
