"""Shelves: what is held of each SKU in each warehouse, and what of it can be given."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Shelf:
    """A SKU in a warehouse, in units. held = available + reserved + frozen + expired.

    `available`: in open lots, not expired, promised to nobody. `expiring`: held units of the lots
    that expire first, on `expires_on`; those that have expired are not among them. `cost_e4`: what
    all that is held has cost.
    """

    sku: str
    name_zh: str
    name_en: str
    warehouse: str
    held: int
    available: int
    reserved: int
    frozen: int
    expired: int
    expires_on: date | None
    expiring: int
    currency: str
    cost_e4: int


_shelves = Statement(__file__, "shelves.sql", Shelf)


async def shelves(
    tx: Tx,
    tenant_id: int,
    *,
    today: date,
    sku_id: UUID | None = None,
    warehouse_id: UUID | None = None,
) -> list[Shelf]:
    """Tell what is on each shelf that ever had a card, by SKU and then warehouse.

    `today` is the merchant's day. Reads each lot once, empty ones too.
    """
    return await _shelves(tx, tenant=tenant_id, today=today, sku=sku_id, warehouse=warehouse_id)
