"""Find SKUs by what people type: a part of their code or name."""

from sqlalchemy import or_, select

from kashu.catalog.reads import Sku, skus_by_id
from kashu.catalog.tables import skus
from kashu.core.db import Tx
from kashu.core.prefixes import contains


async def find_skus(tx: Tx, tenant_id: int, written: str, *, limit: int) -> list[Sku]:
    """Find SKUs that have this in their code, or in their name in either language."""
    asked = select(skus.c.id).where(skus.c.tenant_id == tenant_id)
    asked = asked.where(
        or_(
            contains(skus.c.code, written),
            contains(skus.c.name_zh, written),
            contains(skus.c.name_en, written),
        )
    )
    ids = (await tx.execute(asked.order_by(skus.c.code).limit(limit))).scalars().all()
    found = await skus_by_id(tx, tenant_id, ids)
    return [found[id_] for id_ in ids]
