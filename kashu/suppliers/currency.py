"""Currency: what a supplier is paid in. Our money there, and its limits, are read in it."""

import re
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.suppliers.errors import UnknownSupplier
from kashu.suppliers.tables import suppliers

_CODE: Final = re.compile(r"[A-Z]{3}", re.ASCII)


async def currency_of(tx: Tx, tenant_id: int, supplier_id: UUID) -> str:
    """Say what a supplier is paid in. Raises: UnknownSupplier."""
    found = await tx.execute(
        select(suppliers.c.currency).where(
            suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier_id
        )
    )
    currency: str | None = found.scalar_one_or_none()
    if currency is None:
        raise UnknownSupplier(supplier=supplier_id)
    return currency


async def set_currency(tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, currency: str) -> str:
    """Have a supplier be paid in what its system says from now on; what is no code is passed over.

    What lies there in the currency before stays, and is told beside it. Returns what it is paid in.
    Locks: the supplier, where that changes. Raises: UnknownSupplier.
    """
    before = await currency_of(tx, tenant_id, supplier_id)
    if currency == before or not _CODE.fullmatch(currency):
        return before
    changed = await tx.execute(
        update(suppliers)
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier_id)
        .where(suppliers.c.currency != currency)
        .values(currency=currency)
    )
    if changed.rowcount:
        facts = {"before": {"currency": before}, "after": {"currency": currency}}
        await record(tx, tenant_id, actor, [Event("supplier.changed", supplier_id, facts)])
    return currency
