"""Find orders by what people type: their number, or how it begins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from kashu.core.db import Tx
from kashu.core.prefixes import begins_with, id_begins_with
from kashu.orders.tables import OrderState, lines, orders


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order, as a list of what was found tells it."""

    id: UUID
    external_id: str
    store_id: UUID | None
    customer_id: UUID | None
    total_e4: int
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class OfLine:
    """Whose a line is."""

    line_id: UUID
    order_id: UUID
    external_id: str
    store_id: UUID | None


async def find_orders(
    tx: Tx,
    tenant_id: int,
    written: str,
    *,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    limit: int,
) -> list[FoundOrder]:
    """Find orders whose number begins so, that very number first; or by our own id."""
    asked = _orders(tenant_id).where(begins_with(orders.c.external_id, written))
    by_id = id_begins_with(orders.c.id, written)
    if by_id is not None:
        asked = _orders(tenant_id).where(or_(begins_with(orders.c.external_id, written), by_id))
    if store_id is not None:
        asked = asked.where(orders.c.store_id == store_id)
    if customer_id is not None:
        asked = asked.where(orders.c.customer_id == customer_id)
    rows = await tx.execute(asked.order_by(orders.c.external_id, orders.c.id).limit(limit))
    return [FoundOrder(*row) for row in rows]


async def orders_of_lines(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> dict[UUID, OfLine]:
    """Say whose some lines are, by the line."""
    rows = await tx.execute(
        select(lines.c.id, orders.c.id, orders.c.external_id, orders.c.store_id)
        .join(orders, (orders.c.tenant_id == tenant_id) & (orders.c.id == lines.c.order_id))
        .where(lines.c.tenant_id == tenant_id, lines.c.id.in_(set(line_ids)))
    )
    return {row[0]: OfLine(*row) for row in rows}


def _orders(tenant_id: int) -> Select[Any]:
    return select(*(orders.c[name] for name in FoundOrder.__dataclass_fields__)).where(
        orders.c.tenant_id == tenant_id, orders.c.state == OrderState.ACCEPTED
    )
