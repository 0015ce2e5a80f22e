"""Prices: the least that a SKU is sold for on platforms."""

from uuid import UUID

from sqlalchemy import func, select

from kashu.channels.tables import listings
from kashu.core.db import Tx


async def lowest_price(
    tx: Tx, tenant_id: int, sku_id: UUID, *, store_id: UUID | None = None
) -> int | None:
    """Say the lowest price of one unit of a SKU, in ten-thousandths; None: it is for sale nowhere.

    Of the listings of one store if it is named and sells it, else of all.
    """
    wanted = select(func.min(listings.c.price_e4 // listings.c.units)).where(
        listings.c.tenant_id == tenant_id,
        listings.c.sku_id == sku_id,
        listings.c.on_sale,
        listings.c.price_e4.is_not(None),
    )
    if store_id is not None:
        of_store = (await tx.execute(wanted.where(listings.c.store_id == store_id))).scalar_one()
        if of_store is not None:
            return int(of_store)
    lowest = (await tx.execute(wanted)).scalar_one()
    return None if lowest is None else int(lowest)
