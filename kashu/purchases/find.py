"""Find purchases by their id, and orders at suppliers by our number or theirs."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.prefixes import begins_with, id_begins_with
from kashu.purchases.reads import Attempt, Purchase, attempt_row, purchases_by_id
from kashu.purchases.tables import attempts, purchases


async def find_purchases(tx: Tx, tenant_id: int, written: str, *, limit: int) -> list[Purchase]:
    """Find purchases whose id begins so."""
    by_id = id_begins_with(purchases.c.id, written)
    if by_id is None:
        return []
    asked = select(purchases.c.id).where(purchases.c.tenant_id == tenant_id, by_id)
    ids = (await tx.execute(asked.order_by(purchases.c.id.desc()).limit(limit))).scalars().all()
    found = await purchases_by_id(tx, tenant_id, ids)
    return [found[id_] for id_ in ids]


async def find_supplier_orders(
    tx: Tx, tenant_id: int, written: str, *, supplier_ids: Collection[UUID], limit: int
) -> list[Attempt]:
    """Find orders at suppliers whose number begins so, as we named them or as one of these did."""
    ours = select(attempts).where(attempts.c.tenant_id == tenant_id)
    rows = list(
        await tx.execute(
            ours.where(begins_with(attempts.c.number, written))
            .order_by(attempts.c.number)
            .limit(limit)
        )
    )
    for supplier_id in supplier_ids:  # each by the index of its numbers
        theirs = ours.where(attempts.c.supplier_id == supplier_id)
        theirs = theirs.where(attempts.c.their_number.is_not(None))
        theirs = theirs.where(begins_with(attempts.c.their_number, written))
        rows += list(await tx.execute(theirs.limit(limit)))
    found = {row.id: attempt_row(row) for row in rows}
    return list(found.values())[:limit]
