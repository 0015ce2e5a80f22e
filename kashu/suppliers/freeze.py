"""Freeze: nothing is bought at a supplier by itself until a person unfreezes it."""

from typing import Final
from uuid import UUID

from sqlalchemy import update

from kashu.core.clock import Clock, now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.suppliers.alerts import clear_alerts
from kashu.suppliers.errors_prepaid import NotFrozen, ReasonMissing
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.tables import suppliers

REASON_MAX: Final = 500


async def freeze_supplier(
    tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, because: str
) -> bool:
    """Buy nothing there by itself any more; orders under way go on. False: it was frozen before.

    Raises: ReasonMissing.
    """
    because = because.strip()
    if not 1 <= len(because) <= REASON_MAX:
        raise ReasonMissing
    frozen = await tx.execute(
        update(suppliers)
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier_id)
        .where(suppliers.c.frozen_because.is_(None))
        .values(frozen_because=because)
    )
    if not frozen.rowcount:
        return False
    await record(tx, tenant_id, actor, [Event("supplier.frozen", supplier_id, {"why": because})])
    return True


async def unfreeze_supplier(
    tx: Tx, tenant_id: int, actor: str, code: str, because: str, *, clock: Clock = now
) -> None:
    """Let it be bought from again; its quality is judged from now on.

    Raises: UnknownSupplier, ReasonMissing, NotFrozen.
    """
    because = because.strip()
    if not 1 <= len(because) <= REASON_MAX:
        raise ReasonMissing
    supplier = await supplier_by_code(tx, tenant_id, code)
    at = clock()
    thawed = await tx.execute(
        update(suppliers)
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier.id)
        .where(suppliers.c.frozen_because.is_not(None))
        .values(frozen_because=None, thawed_at=at)
    )
    if not thawed.rowcount:
        raise NotFrozen(supplier=code)
    await record(tx, tenant_id, actor, [Event("supplier.thawed", supplier.id, {"why": because})])
    await clear_alerts(tx, tenant_id, AlertKind.QUALITY_DROPPED, [supplier.id], at)
