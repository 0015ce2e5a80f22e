"""Listing: orders as a person looks for them, by what became of them and since when."""

from datetime import datetime
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.orders.reads import Line, Order

CAME_TO: Final = ("filled", "partly_filled", "short", "refused", "refunded")  # as state_of() says

_orders = Statement(__file__, "listing.sql", Order)
_lines = Statement(__file__, "reads_lines.sql", Line)


async def list_orders(
    tx: Tx,
    tenant_id: int,
    *,
    most: int,
    before: UUID | None = None,
    since: datetime | None = None,
    came_to: str | None = None,
    external_id: str | None = None,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> list[tuple[Order, list[Line]]]:
    """Orders with their lines, newest first, up to `most`, from behind `before` on.

    `came_to`: one of CAME_TO. Of those that wait it is quick; others are looked for one by one.
    """
    orders = await _orders(
        tx,
        tenant=tenant_id,
        most=most,
        before=before,
        since=since,
        came_to=came_to,
        external_id=external_id,
        store_id=store_id,
        customer_id=customer_id,
    )
    ids = [order.order_id for order in orders]
    lines: dict[UUID, list[Line]] = {order_id: [] for order_id in ids}
    for line in await _lines(tx, tenant=tenant_id, orders=ids) if ids else []:
        lines[line.order_id].append(line)
    return [(order, lines[order.order_id]) for order in orders]
