"""Offered: which SKUs somebody sells us."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.suppliers.kinds import ConnectionState, Goods, OfferState
from kashu.suppliers.tables import connections, offers


async def skus_offered(
    tx: Tx, tenant_id: int, sku_ids: Collection[UUID], goods: Goods
) -> frozenset[UUID]:
    """Those of some SKUs that a supplier we call has a live offer of, as such goods."""
    if not sku_ids:
        return frozenset()
    called = (connections.c.tenant_id == tenant_id) & (
        connections.c.supplier_id == offers.c.supplier_id
    )
    found = await tx.execute(
        select(offers.c.sku_id)
        .join(connections, called)
        .where(offers.c.tenant_id == tenant_id, offers.c.sku_id.in_(set(sku_ids)))
        .where(offers.c.goods == goods, offers.c.state == OfferState.LIVE)
        .where(connections.c.state == ConnectionState.OPEN)
        .distinct()
    )
    return frozenset(found.scalars())


async def skus_mapped(tx: Tx, tenant_id: int) -> frozenset[UUID]:
    """The SKUs that some offer stands for, whether it can be bought or not."""
    found = await tx.execute(
        select(offers.c.sku_id)
        .where(offers.c.tenant_id == tenant_id, offers.c.sku_id.is_not(None))
        .distinct()
    )
    return frozenset(found.scalars())
