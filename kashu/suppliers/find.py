"""Find suppliers by what people type: a part of their code or name."""

from sqlalchemy import or_, select

from kashu.core.db import Tx
from kashu.core.prefixes import contains
from kashu.suppliers.reads import Supplier, suppliers_by_id
from kashu.suppliers.tables import suppliers


async def find_suppliers(tx: Tx, tenant_id: int, written: str, *, limit: int) -> list[Supplier]:
    """Find suppliers that have this in their code or name."""
    asked = select(suppliers.c.id).where(suppliers.c.tenant_id == tenant_id)
    asked = asked.where(
        or_(contains(suppliers.c.code, written), contains(suppliers.c.name, written))
    )
    ids = (await tx.execute(asked.order_by(suppliers.c.code).limit(limit))).scalars().all()
    found = await suppliers_by_id(tx, tenant_id, ids)
    return [found[id_] for id_ in ids]
