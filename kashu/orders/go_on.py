"""Go on: platforms' orders that wait for a top-up are looked at again, once something changed."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from kashu.channels.topups import go_on_topped_up
from kashu.core.db import Tx
from kashu.orders.tables import orders


async def go_on(tx: Tx, tenant_id: int, order_ids: Collection[UUID]) -> bool:
    """Have some of our orders delivered that wait for a top-up, also those that people look at.

    True: there were some; who delivers is to be woken.
    Locks: the platforms' orders, in order of id; so before any order or level of ours.
    """
    if not order_ids:
        return False
    rows = await tx.execute(
        select(orders.c.store_id, orders.c.external_id)
        .where(orders.c.tenant_id == tenant_id, orders.c.id.in_(set(order_ids)))
        .where(orders.c.store_id.is_not(None))
    )
    return await go_on_topped_up(tx, tenant_id, [(row.store_id, row.external_id) for row in rows])
