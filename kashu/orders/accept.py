"""Accept: an order comes in once, whatever comes twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.orders.order import NewOrder
from kashu.orders.tables import buyers


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order that is ours since this statement. `foretold`: a refund of it came before it."""

    order_id: UUID
    source: str
    external_id: str
    foretold: bool


_accept = Statement(__file__, "accept.sql", Accepted)


async def accept(
    tx: Tx, tenant_id: int, orders: Sequence[NewOrder]
) -> dict[tuple[str, str], Accepted]:
    """Write the orders that aren't there yet; return those, by (source, external_id).

    An order whose refund came first keeps the id that it was foretold under.
    Locks: the orders, in order of their names.
    """
    ordered = sorted(orders, key=lambda order: (order.source, order.external_id))
    rows = await _accept(
        tx,
        tenant=tenant_id,
        ids=[order.id for order in ordered],
        sources=[order.source for order in ordered],
        external_ids=[order.external_id for order in ordered],
        stores=[order.store_id for order in ordered],
        customers=[order.customer_id for order in ordered],
        currencies=[order.currency for order in ordered],
        totals=[sum(line.price_e4 for line in order.lines) for order in ordered],
        paid=[order.paid_at for order in ordered],
    )
    accepted = {(row.source, row.external_id): row for row in rows}
    told = [
        {"order_id": accepted[name].order_id, "buyer": order.buyer}
        for order in ordered
        if order.buyer and (name := (order.source, order.external_id)) in accepted
    ]
    if told:
        await tx.execute(insert(buyers).values([{"tenant_id": tenant_id, **each} for each in told]))
    return accepted
