"""Currency: what a supplier is paid in. Our money there, and its limits, are read in it."""

import re
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import TOTAL_MAX_E4
from kashu.suppliers.errors import UnknownSupplier
from kashu.suppliers.rates import rate_of
from kashu.suppliers.tables import suppliers

_CODE: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_TOLERANCE: Final = "tolerance_e4"  # a little in any currency: without a rate it stays
_LIMITS: Final = ("exposure_max_e4", "balance_low_e4", "credit_max_e4", _TOLERANCE)


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

    What lies there in the currency before stays, and is told beside it. Its limits keep their worth
    at the rates last entered; where one wasn't they are zero until a person sets them, so that
    nothing is spent by a number that was meant in another currency. Returns what it is paid in.
    Locks: the supplier, where that changes. Raises: UnknownSupplier.
    """
    before = await currency_of(tx, tenant_id, supplier_id)
    if currency == before or not _CODE.fullmatch(currency):
        return before
    held = await tx.execute(
        select(suppliers.c.currency, *(suppliers.c[name] for name in _LIMITS))
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier_id)
        .with_for_update()
    )
    old: dict[str, Any] = dict(held.mappings().one())
    if old["currency"] == currency:  # somebody else was told the same meanwhile
        return currency
    rates = [await rate_of(tx, tenant_id, each) for each in (old["currency"], currency)]
    limits = {
        name: _in_other(old[name], *rates)
        for name in _LIMITS
        if old[name] is not None and (name != _TOLERANCE or None not in rates)
    }
    new = {"currency": currency, **limits}
    await tx.execute(
        update(suppliers)
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier_id)
        .values(**new)
    )
    facts = {"before": {name: old[name] for name in new}, "after": new}
    await record(tx, tenant_id, actor, [Event("supplier.changed", supplier_id, facts)])
    return currency


def _in_other(amount_e4: int, from_e6: int | None, to_e6: int | None) -> int:
    """Write a limit in another currency, never above its worth."""
    if from_e6 is None or to_e6 is None:
        return 0
    return min(amount_e4 * from_e6 // to_e6, TOTAL_MAX_E4)
