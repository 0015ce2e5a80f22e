"""Seen: an order, for a caller who may see it."""

from uuid import UUID

from kashu.access.caller import Caller
from kashu.core.db import Tx
from kashu.orders.errors import UnknownOrder
from kashu.orders.reads import Line, Order, order_by_id


async def order_seen(tx: Tx, caller: Caller, order_id: UUID) -> tuple[Order, list[Line]]:
    """Read an order that the caller may see, with its lines. Raises: UnknownOrder."""
    order, lines = await order_by_id(tx, caller.tenant_id, order_id)
    if caller.store_id not in {None, order.store_id} or caller.customer_id not in {
        None,
        order.customer_id,
    }:
        raise UnknownOrder(order=order_id)
    return order, lines
