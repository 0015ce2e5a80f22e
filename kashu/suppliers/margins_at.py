"""Margins at: what listings leave if some SKUs cost what they are said to."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from kashu.core.db import Tx
from kashu.suppliers.compare import compare
from kashu.suppliers.margins import Margin, sold_as


async def margins_at(
    tx: Tx, tenant_id: int, costs: Mapping[UUID, int | None], at: datetime
) -> list[Margin]:
    """Reckon what the listings of some SKUs leave, the worst first. Takes costs by SKU.

    What else bundles are made of costs what its best offer does.
    """
    sold = await sold_as(tx, tenant_id, list(costs))
    known = dict(costs)
    others = sold.sku_ids - costs.keys()
    found = await compare(tx, tenant_id, others, at=at, best=1, lasting=True)
    for sku_id, ranked in found.items():
        landed = ranked[0].landed if ranked and ranked[0].buyable else None
        known[sku_id] = None if landed is None else landed.total_e4
    return sold.margins(known)
