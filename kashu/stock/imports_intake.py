"""Intake: what is to be imported and on what terms, checked before a row is read."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from kashu.catalog.card_format import CardFormat
from kashu.catalog.errors import SkuRetired
from kashu.catalog.kinds import IN_STOCK, Fulfilment, SkuState
from kashu.catalog.reads import Sku, card_format_of, sku_by_code
from kashu.core.db import Tx
from kashu.core.naming import CODE_CHARS_MAX, is_code
from kashu.core.sql import Statement
from kashu.stock.imports_errors import (
    DefaultExpiryPast,
    ImportSupplierUnknown,
    MaxUsesMissing,
    MaxUsesUnexpected,
    SkuNotStocked,
    SoldElsewhereWrong,
    UnitCostNegative,
)
from kashu.stock.receive import Terms
from kashu.stock.warehouses import warehouse_by_code

USES_MAX: Final = 1_000_000  # of one card: what a lot counts, 2**31, is then 2 000 such cards


@dataclass(frozen=True, slots=True)
class Intake:
    """What comes in. `expires_on` is for cards that state no expiry; `today` is the merchant's."""

    sku: Sku
    terms: Terms
    card_format: CardFormat | None
    expires_on: date | None
    today: date

    def of_import(self, import_id: UUID) -> "Intake":
        """The same, with the lots marked as that import's."""
        return replace(self, terms=replace(self.terms, import_id=import_id))


@dataclass(frozen=True, slots=True)
class _Supplier:
    supplier_id: UUID


_supplier = Statement(__file__, "imports_supplier.sql", _Supplier)


async def find_intake(
    tx: Tx,
    tenant_id: int,
    *,
    sku: str,
    warehouse: str,
    supplier: str,
    unit_cost_e4: int,
    today: date,
    expires_on: date | None = None,
    max_uses: int | None = None,
    sold_elsewhere: bool = False,
) -> Intake:
    """Find what the codes name, and check that such cards may come in on such terms.

    Those sold elsewhere cost nothing here, and may have expired: they are kept to be known.
    Raises: UnknownSku, UnknownWarehouse, ImportSupplierUnknown, SkuNotStocked, SkuRetired,
    MaxUsesMissing, MaxUsesUnexpected, SoldElsewhereWrong, UnitCostNegative, DefaultExpiryPast.
    """
    found = await sku_by_code(tx, tenant_id, sku)
    place = await warehouse_by_code(tx, tenant_id, warehouse)
    known = is_code(supplier) and await _supplier(tx, tenant=tenant_id, code=supplier)
    if not known:
        raise ImportSupplierUnknown(supplier=supplier[:CODE_CHARS_MAX])
    if found.fulfilment not in IN_STOCK:
        raise SkuNotStocked(sku=found.code, fulfilment=found.fulfilment.value)
    if found.state != SkuState.ACTIVE:
        raise SkuRetired(sku=found.code)
    is_shared = found.fulfilment == Fulfilment.SHARED
    if is_shared and not (max_uses and 0 < max_uses <= USES_MAX):
        raise MaxUsesMissing(sku=found.code, most=USES_MAX)
    if not is_shared and max_uses is not None:
        raise MaxUsesUnexpected(sku=found.code)
    if sold_elsewhere and (is_shared or unit_cost_e4):
        raise SoldElsewhereWrong(sku=found.code)
    if unit_cost_e4 < 0:
        raise UnitCostNegative
    if expires_on is not None and expires_on < today:
        raise DefaultExpiryPast(expires_on=expires_on.isoformat())
    terms = Terms(
        found.id,
        place.id,
        known[0].supplier_id,
        unit_cost_e4,
        max_uses=max_uses,
        currency=found.currency,
        sold_elsewhere=sold_elsewhere,
    )
    card_format = await card_format_of(tx, tenant_id, found.id)
    return Intake(found, terms, card_format, expires_on, today)
