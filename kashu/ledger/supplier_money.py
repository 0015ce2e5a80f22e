"""Our money with suppliers: what the books say is there, in doubt, owed, and to be got back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.money import CURRENCY
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class SupplierMoney:
    """What the books say of one supplier, in ten-thousandths of one currency."""

    supplier_id: UUID
    prepaid_e4: int  # ours, with them; less than 0: they let us run into debt
    in_doubt_e4: int  # sent for orders whose outcome isn't known
    payable_e4: int  # theirs: what we owe
    recoveries_e4: int  # asked back for bad cards


@dataclass(frozen=True, slots=True)
class SupplierDay:
    """What one day did to our money with a supplier."""

    supplier_id: UUID
    posted_on: date
    prepaid_debit_e4: int
    prepaid_credit_e4: int
    payable_debit_e4: int
    payable_credit_e4: int
    spent_e4: int  # what bought goods


_money = Statement(__file__, "supplier_money.sql", SupplierMoney)
_days = Statement(__file__, "supplier_days.sql", SupplierDay)


async def supplier_money(
    tx: Tx,
    tenant_id: int,
    supplier_ids: Collection[UUID],
    *,
    until: date | None = None,
    currency: str = CURRENCY,
) -> dict[UUID, SupplierMoney]:
    """Read our money with some suppliers at the end of the merchant's day `until`; None: now.

    One for each, zeros where nothing was ever posted. Costs a row for each day with postings.
    """
    found = await _money(
        tx,
        tenant_id=tenant_id,
        supplier_ids=list(supplier_ids),
        currency=currency,
        until=until,
    )
    nothing = {each: SupplierMoney(each, 0, 0, 0, 0) for each in supplier_ids}
    return nothing | {row.supplier_id: row for row in found}


async def supplier_days(
    tx: Tx,
    tenant_id: int,
    supplier_ids: Collection[UUID],
    *,
    since: date,
    until: date,
    currency: str = CURRENCY,
) -> dict[UUID, list[SupplierDay]]:
    """Read what each day from `since` to `until` did, oldest first; idle days aren't there."""
    days: dict[UUID, list[SupplierDay]] = {each: [] for each in supplier_ids}
    for row in await _days(
        tx,
        tenant_id=tenant_id,
        supplier_ids=list(supplier_ids),
        currency=currency,
        since=since,
        until=until,
    ):
        days[row.supplier_id].append(row)
    return days
