"""Unmapped: orders that wait until somebody says what their listings stand for."""

from typing import Final
from uuid import UUID

from sqlalchemy import text, update

from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.in_order import locked_in_order
from kashu.channels.kinds import Step
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx
from kashu.core.jobs import wake


async def wake_unmapped(tx: Tx, tenant_id: int, store_id: UUID) -> int:
    """Have those that wait for a listing to be mapped tried again; return how many.

    Locks: the orders, in order of id.
    """
    waiting = (shop_orders.c.store_id == store_id) & (shop_orders.c.step == Step.UNMAPPED)
    woken = await tx.execute(
        update(shop_orders)
        .where(locked_in_order(tenant_id, waiting))
        .values(step=Step.DUE, said="")
    )
    if woken.rowcount:
        await wake(tx, tenant_id, SHOP_ORDERS_DUE)
    return woken.rowcount


_WAITING: Final = text(
    "SELECT line->>'item_id', line->>'sku_id', count(DISTINCT o.id)"
    " FROM channels.shop_orders o, jsonb_array_elements(o.lines) AS line"
    " WHERE o.tenant_id = :tenant AND o.store_id = :store AND o.step = 'unmapped'"
    " GROUP BY 1, 2"
)


async def waiting_for(tx: Tx, tenant_id: int, store_id: UUID) -> dict[tuple[str, str], int]:
    """How many orders of a store wait to be mapped, by the item and variant that they are of."""
    rows = await tx.execute(_WAITING, {"tenant": tenant_id, "store": store_id})
    return {(item, variant): count for item, variant, count in rows}
