"""In order: who changes several orders of platforms locks them in order of id, as all do."""

from sqlalchemy import ColumnElement, select

from kashu.channels.tables import shop_orders


def locked_in_order(tenant_id: int, such: ColumnElement[bool]) -> ColumnElement[bool]:
    """Choose orders such as these for an UPDATE, which locks them in order of id first.

    A plain UPDATE of several locks them as it meets them, and somebody else waits crosswise.
    """
    held = (
        select(shop_orders.c.id)
        .where(shop_orders.c.tenant_id == tenant_id, such)
        .order_by(shop_orders.c.id)
        .with_for_update()
        .cte("held")
    )
    return (shop_orders.c.tenant_id == tenant_id) & (shop_orders.c.id == held.c.id)
