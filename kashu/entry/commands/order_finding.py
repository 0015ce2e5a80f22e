"""Which order a command means: by our id, or by its outside number."""

from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.entry.usage import Misused
from kashu.orders.errors import UnknownOrder
from kashu.orders.reads import Line, Order, order_by_id, recent_orders

SAME_NUMBER_MAX: Final = 100  # orders of several stores may share an outside number


async def orders_named(tx: Tx, tenant_id: int, which: str) -> list[tuple[Order, list[Line]]]:
    """Find by our id or the outside number. Raises: UnknownOrder."""
    try:
        return [await order_by_id(tx, tenant_id, UUID(which))]
    except ValueError:
        found = await recent_orders(
            tx, tenant_id, before=None, external_id=which, most=SAME_NUMBER_MAX
        )
    if not found:
        raise UnknownOrder(order=which[:64])
    return found


async def order_named(tx: Tx, tenant_id: int, which: str) -> Order:
    """Find the one order of that name. Raises: UnknownOrder; Misused where there are several."""
    found = await orders_named(tx, tenant_id, which)
    if len(found) > 1:
        named = "\n".join(f"    {each.order_id}  {each.store_code}" for each, _ in found)
        raise Misused(
            f"{which}：有多个店铺的订单同号，请改用订单编号：\n{named}",
            f"{which}: orders of several stores have this number. Use the id:\n{named}",
        )
    return found[0][0]
