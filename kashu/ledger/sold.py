"""Sold: how many units of SKUs went out, day by day, as the books say."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.tables import daily


@dataclass(frozen=True, slots=True)
class DaySold:
    """What of a SKU went into the cost of goods on a day, less what came back; may be negative."""

    sku_id: UUID
    day: date
    units: int


async def sold_by_day(
    tx: Tx, tenant_id: int, sku_ids: Collection[UUID] | None, *, since: date, until: date
) -> list[DaySold]:
    """Read what was sold of some SKUs, or of all, on the merchant's days [since, until)."""
    wanted = (
        select(daily.c.sku_id, daily.c.posted_on, func.sum(daily.c.quantity))
        .where(daily.c.tenant_id == tenant_id, daily.c.kind == AccountKind.COST_OF_GOODS)
        .where(daily.c.posted_on >= since, daily.c.posted_on < until)
        .where(daily.c.sku_id.is_not(None))
        .group_by(daily.c.sku_id, daily.c.posted_on)
        .order_by(daily.c.sku_id, daily.c.posted_on)
    )
    if sku_ids is not None:
        wanted = wanted.where(daily.c.sku_id.in_(sku_ids))
    return [DaySold(row[0], row[1], int(row[2])) for row in await tx.execute(wanted)]
