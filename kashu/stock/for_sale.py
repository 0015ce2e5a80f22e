"""For sale: how many units of a SKU a store could be given now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kashu.core.db import Tx
from kashu.stock.allocate import offers
from kashu.stock.strategies import strategies_for
from kashu.stock.strategy import Offered, in_order


async def for_sale(
    tx: Tx, tenant_id: int, wanted: Sequence[tuple[UUID, UUID]], today: date
) -> list[int]:
    """Say how many units of each (SKU, store) allocate() would give, by the store's own strategy.

    Takes no lock: what is sold meanwhile is gone from it a moment later.
    """
    lots: dict[UUID, list[Offered]] = defaultdict(list)
    for lot in await offers(tx, tenant_id, sorted({sku_id for sku_id, _ in wanted})):
        lots[lot.sku_id].append(lot)
    whom = [(sku_id, store_id, None) for sku_id, store_id in wanted]
    return [
        sum(lot.available for lot in in_order(strategy, lots[sku_id], today))
        for (sku_id, _), strategy in zip(
            wanted, await strategies_for(tx, tenant_id, whom), strict=True
        )
    ]
