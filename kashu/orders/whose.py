"""Whose orders are: for who tells others what became of them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.orders.tables import OrderState, orders


@dataclass(frozen=True, slots=True)
class Whose:
    """What an order is called by who gave it, and where it belongs."""

    external_id: str
    store_id: UUID | None
    customer_id: UUID | None


async def whose_orders(tx: Tx, tenant_id: int, order_ids: Collection[UUID]) -> dict[UUID, Whose]:
    """Read whose orders are; what isn't an order that was accepted is left out."""
    found = await tx.execute(
        select(orders.c.id, orders.c.external_id, orders.c.store_id, orders.c.customer_id)
        .where(orders.c.tenant_id == tenant_id, orders.c.id.in_(order_ids))
        .where(orders.c.state == OrderState.ACCEPTED)
    )
    return {row.id: Whose(row.external_id, row.store_id, row.customer_id) for row in found}
