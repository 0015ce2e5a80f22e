"""Our money with suppliers: what the books say is there, in doubt, owed, and to be got back."""

from collections.abc import Collection, Mapping
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
    currency: str = CURRENCY

    @property
    def is_any(self) -> bool:
        """Whether anything is there, or owed."""
        return any((self.prepaid_e4, self.in_doubt_e4, self.payable_e4, self.recoveries_e4))


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
    currency: str | Mapping[UUID, str] = CURRENCY,
) -> dict[UUID, SupplierMoney]:
    """Read our money with some suppliers at the end of the merchant's day `until`; None: now.

    In one currency, or in each one's own. One for each, zeros where nothing was ever posted.
    """
    found = await money_by_currency(tx, tenant_id, supplier_ids, until=until)
    chosen = {}
    for each in supplier_ids:
        its = currency if isinstance(currency, str) else currency[each]
        chosen[each] = found[each].get(its) or SupplierMoney(each, 0, 0, 0, 0, its)
    return chosen


async def money_by_currency(
    tx: Tx, tenant_id: int, supplier_ids: Collection[UUID], *, until: date | None = None
) -> dict[UUID, dict[str, SupplierMoney]]:
    """Read our money with some suppliers in each currency that anything was ever posted in.

    Costs a row for each day with postings.
    """
    money: dict[UUID, dict[str, SupplierMoney]] = {each: {} for each in supplier_ids}
    for row in await _money(tx, tenant_id=tenant_id, supplier_ids=list(supplier_ids), until=until):
        money[row.supplier_id][row.currency] = row
    return money


async def supplier_days(
    tx: Tx,
    tenant_id: int,
    supplier_ids: Collection[UUID],
    *,
    since: date,
    until: date,
    currency: str | Mapping[UUID, str] = CURRENCY,
) -> dict[UUID, list[SupplierDay]]:
    """Read what each day from `since` to `until` did, oldest first; idle days aren't there.

    In one currency, or in each one's own.
    """
    ids = list(supplier_ids)
    currencies = [currency if isinstance(currency, str) else currency[each] for each in ids]
    days: dict[UUID, list[SupplierDay]] = {each: [] for each in supplier_ids}
    for row in await _days(
        tx,
        tenant_id=tenant_id,
        supplier_ids=ids,
        currencies=currencies,
        since=since,
        until=until,
    ):
        days[row.supplier_id].append(row)
    return days
