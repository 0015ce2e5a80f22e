"""Held back: nothing is topped up for an order that its platform doesn't want done any more.

A top-up can't be taken back. So what isn't ordered at a supplier yet waits while a refund of it is
asked for or isn't booked, while its platform holds it, or once it was shipped or closed there; and
while we don't act for its store. What is under way at a supplier goes on.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from kashu.channels.channel import ShopState
from kashu.channels.left_to_people import NOT_ACTING
from kashu.channels.modes import modes_of
from kashu.channels.paid_orders import orders_told_of
from kashu.channels.shop_orders import KnownOrder
from kashu.channels.shop_refunds import orders_against
from kashu.core.db import Tx
from kashu.orders.tables import BuyingState, buying, lines, orders
from kashu.purchases.cancel import cancel_for
from kashu.purchases.reads import topups_not_ordered
from kashu.suppliers.kinds import Goods

AGAIN: Final = timedelta(seconds=20)  # before it is looked at again whether it may go on
MOST: Final = 500  # purchases that are looked at

# Why nothing is ordered for a line.
REFUND_OPEN: Final = "refund_open"
HELD_THERE: Final = "held_there"
SHIPPED_THERE: Final = "shipped_there"
CLOSED_THERE: Final = "closed_there"

HELD_BACK: Final = (SHIPPED_THERE, CLOSED_THERE, REFUND_OPEN, HELD_THERE, NOT_ACTING)

_BY_STATE: Final[Mapping[ShopState, str]] = {
    ShopState.HELD: HELD_THERE,
    ShopState.SHIPPED: SHIPPED_THERE,
    ShopState.FINISHED: SHIPPED_THERE,
    ShopState.CLOSED: CLOSED_THERE,
}


async def why_held_back(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> dict[UUID, str]:
    """Say of lines of platforms' orders why nothing may be ordered for them; others aren't named.

    Locks nothing.
    """
    if not line_ids:
        return {}
    rows = await tx.execute(
        select(lines.c.id, orders.c.id.label("order_id"), orders.c.store_id, orders.c.external_id)
        .join(orders, (orders.c.tenant_id == tenant_id) & (orders.c.id == lines.c.order_id))
        .where(lines.c.tenant_id == tenant_id, lines.c.id.in_(line_ids))
    )
    of_line = {row.id: row for row in rows if row.store_id is not None}
    known: dict[UUID, KnownOrder] = {}
    for store_id in sorted({row.store_id for row in of_line.values()}):
        numbers = sorted({r.external_id for r in of_line.values() if r.store_id == store_id})
        for told in (await orders_told_of(tx, tenant_id, store_id, numbers)).values():
            if told.known.order_id is not None:
                known[told.known.order_id] = told.known
    against = await orders_against(
        tx, tenant_id, [(each.store_id, each.number) for each in known.values()]
    )
    modes = await modes_of(tx, tenant_id, list(known.values())) if known else {}
    found = {}
    for line_id, row in of_line.items():
        order = known.get(row.order_id)
        if order is None:
            continue
        if (order.store_id, order.number) in against:
            found[line_id] = REFUND_OPEN
        elif order.state in _BY_STATE:
            found[line_id] = _BY_STATE[order.state]
        elif not modes[order.id].acts:
            found[line_id] = NOT_ACTING
    return found


async def hold_back(tx: Tx, tenant_id: int, at: datetime) -> None:
    """Cancel the purchases of top-ups that nothing was ordered for, and may not be now.

    The lines wait, with the reason, and are bought for again when it is over.
    Locks: the lines' buying, then their purchases.
    """
    waiting = await topups_not_ordered(tx, tenant_id, limit=MOST)
    why = await why_held_back(tx, tenant_id, waiting)
    if not why:
        return
    rows = await tx.execute(
        select(buying.c.line_id)
        .where(buying.c.tenant_id == tenant_id, buying.c.line_id.in_(why))
        .where(buying.c.goods == Goods.TOPUP, buying.c.state == BuyingState.BOUGHT)
        .order_by(buying.c.line_id)
        .with_for_update(skip_locked=True)
    )
    for line_id in rows.scalars():
        if await cancel_for(tx, tenant_id, [line_id]):
            await tx.execute(
                update(buying)
                .where(buying.c.tenant_id == tenant_id, buying.c.line_id == line_id)
                .values(state=BuyingState.DUE, said=why[line_id], tries=0, next_at=at + AGAIN)
            )
