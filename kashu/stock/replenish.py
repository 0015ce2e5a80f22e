"""Replenish: remember that a SKU has more to give, until who waits for it has been tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from kashu.core.db import Tx
from kashu.core.jobs import wake
from kashu.stock.tables import levels

REPLENISHED: Final = "stock.replenished"  # what is called out, so that nobody waits for a look


@dataclass(frozen=True, slots=True)
class Replenished:
    """A SKU that got stock at a time, and whose short lines haven't all been tried since."""

    sku_id: UUID
    at: datetime


async def mark_replenished(tx: Tx, tenant_id: int, sku_ids: Sequence[UUID]) -> None:
    """Cards of these SKUs became available. Under hold() of them; whoever fills lines is woken."""
    await tx.execute(
        update(levels)
        .where(levels.c.tenant_id == tenant_id, levels.c.sku_id.in_(sku_ids))
        .values(replenished_at=func.clock_timestamp())
    )
    await wake(tx, tenant_id, REPLENISHED)


async def replenished_skus(tx: Tx, tenant_id: int) -> list[Replenished]:
    """The SKUs whose short lines are worth another try."""
    rows = await tx.execute(
        select(levels.c.sku_id, levels.c.replenished_at)
        .where(levels.c.tenant_id == tenant_id, levels.c.replenished_at.is_not(None))
        .order_by(levels.c.replenished_at)
    )
    return [Replenished(row.sku_id, row.replenished_at) for row in rows]


async def clear_replenished(tx: Tx, tenant_id: int, tried: Replenished) -> None:
    """All short lines were tried; unless still more has come since. Under hold() of the SKU."""
    await tx.execute(
        update(levels)
        .where(levels.c.tenant_id == tenant_id, levels.c.sku_id == tried.sku_id)
        .where(levels.c.replenished_at == tried.at)
        .values(replenished_at=None)
    )
