"""Own order: whose key may see or move an order of a platform."""

from uuid import UUID

from kashu.access.caller import Caller
from kashu.channels.errors import UnknownShopOrder
from kashu.channels.shop_orders import KnownOrder, locked_order
from kashu.core.db import Tx


async def own_order(tx: Tx, caller: Caller, known_id: UUID) -> KnownOrder:
    """A key of a store has that store's orders only, and one of a customer none of these.

    Locks: the order. Raises: UnknownShopOrder.
    """
    order = await locked_order(tx, caller.tenant_id, known_id)
    if caller.customer_id is not None or caller.store_id not in {None, order.store_id}:
        raise UnknownShopOrder
    return order
