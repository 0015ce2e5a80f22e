"""Wanted before: what stands in the way of a purchase, because it is made already."""

from uuid import UUID

from sqlalchemy import or_, select

from kashu.core.db import Tx
from kashu.purchases.errors_buying import AlreadyOnOrder, PurchaseRequestReused
from kashu.purchases.kinds import OPEN, Cause
from kashu.purchases.tables import purchases
from kashu.purchases.wanted import Wanted


async def made_before(tx: Tx, tenant_id: int, actor: str, wanted: Wanted) -> UUID | None:
    """The purchase that this very request made. Raises: PurchaseRequestReused."""
    if wanted.request is None:
        return None
    found = await tx.execute(
        select(purchases.c.id, purchases.c.request_hash)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.actor == actor)
        .where(purchases.c.request_key == wanted.request.key)
    )
    row = found.one_or_none()
    if row is None:
        return None
    if row.request_hash != wanted.request.body_hash:
        raise PurchaseRequestReused(purchase=row.id)
    made: UUID = row.id
    return made


async def there(tx: Tx, tenant_id: int, actor: str, wanted: Wanted) -> UUID:
    """What stood in the way: the same request or line, or the SKU is reordered already."""
    before = await made_before(tx, tenant_id, actor, wanted)
    if before is not None:
        return before
    found = await tx.execute(
        select(purchases.c.id, purchases.c.subject_id)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.state.in_(OPEN))
        .where(
            or_(
                purchases.c.subject_id == wanted.subject_id,
                (purchases.c.sku_id == wanted.sku_id) & (purchases.c.cause == Cause.REORDER),
            )
        )
        .order_by(purchases.c.subject_id.is_(None))
        .limit(1)
    )
    row = found.one_or_none()
    if row is None:  # it ended while we looked; who asks again finds the way free
        raise AlreadyOnOrder(purchase="-")
    open_id: UUID = row.id
    if wanted.subject_id is not None and row.subject_id == wanted.subject_id:
        return open_id
    raise AlreadyOnOrder(purchase=open_id)
