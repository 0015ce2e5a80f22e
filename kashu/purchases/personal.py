"""Personal data of purchases: of an account that was topped up a mask is left."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from kashu.core.db import Tx
from kashu.purchases.tables import purchases


async def erase_masks(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> int:
    """Erase the masks of what was bought for some order lines and is settled; returns how many.

    Locks: the purchases.
    """
    erased = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.subject_id.in_(set(line_ids)))
        .where(purchases.c.masked_account != "", purchases.c.sealed_inputs.is_(None))
        .values(masked_account="")
    )
    return erased.rowcount
