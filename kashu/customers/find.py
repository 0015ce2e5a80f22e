"""Find customers by what people type: a part of their code or name."""

from sqlalchemy import or_, select

from kashu.core.db import Tx
from kashu.core.prefixes import contains
from kashu.customers.reads import Customer, customers_by_id
from kashu.customers.tables import customers


async def find_customers(tx: Tx, tenant_id: int, written: str, *, limit: int) -> list[Customer]:
    """Find customers that have this in their code or name."""
    asked = select(customers.c.id).where(customers.c.tenant_id == tenant_id)
    asked = asked.where(
        or_(contains(customers.c.code, written), contains(customers.c.name, written))
    )
    ids = (await tx.execute(asked.order_by(customers.c.code).limit(limit))).scalars().all()
    found = await customers_by_id(tx, tenant_id, ids)
    return [found[id_] for id_ in ids]
