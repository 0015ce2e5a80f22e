"""Questions about suppliers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from kashu.core.db import Tx
from kashu.core.naming import is_code
from kashu.core.sought import Sought
from kashu.suppliers.errors import UnknownSupplier
from kashu.suppliers.tables import suppliers


@dataclass(frozen=True, slots=True)
class Supplier:
    """An upstream account we buy from."""

    id: UUID
    code: str
    name: str
    tier: int  # 1 一手, 2 二级, 3 三级
    added_at: datetime
    currency: str  # that it is paid in


async def supplier_by_code(tx: Tx, tenant_id: int, code: str) -> Supplier:
    """Read one supplier. Raises: UnknownSupplier."""
    if is_code(code):
        found = await tx.execute(_suppliers(tenant_id).where(suppliers.c.code == code))
        row = found.one_or_none()
        if row is not None:
            return Supplier(*row)
    raise UnknownSupplier(supplier=code[:40])


async def suppliers_by_code(tx: Tx, tenant_id: int, codes: Iterable[str]) -> dict[str, Supplier]:
    """Read some suppliers; codes that aren't this merchant's are left out."""
    wanted = {code for code in codes if is_code(code)}
    found = await tx.execute(_suppliers(tenant_id).where(suppliers.c.code.in_(wanted)))
    return {row.code: Supplier(*row) for row in found}


async def suppliers_by_id(
    tx: Tx, tenant_id: int, supplier_ids: Iterable[UUID]
) -> dict[UUID, Supplier]:
    """Read some suppliers; those that aren't this merchant's are left out."""
    found = await tx.execute(_suppliers(tenant_id).where(suppliers.c.id.in_(set(supplier_ids))))
    return {row.id: Supplier(*row) for row in found}


async def supplier_list(
    tx: Tx, tenant_id: int, *, sought: Sought | None = None, after: str = "", limit: int = 100
) -> list[Supplier]:
    """Read up to `limit` suppliers by code, from the one after `after` on."""
    if after and not is_code(after):
        return []  # none can have such a code
    wanted = _suppliers(tenant_id).where(suppliers.c.code > after, *_sought(sought))
    wanted = wanted.order_by(suppliers.c.code).limit(limit)
    return [Supplier(*row) for row in await tx.execute(wanted)]


async def supplier_count(tx: Tx, tenant_id: int, *, sought: Sought | None = None) -> int:
    """How many suppliers a merchant has, as `supplier_list` narrows them."""
    wanted = select(func.count()).where(suppliers.c.tenant_id == tenant_id, *_sought(sought))
    return int((await tx.execute(wanted)).scalar_one())


def _sought(sought: Sought | None) -> list[ColumnElement[bool]]:
    return (sought or Sought()).conditions(suppliers.c.id, suppliers.c.code, suppliers.c.name)


def _suppliers(tenant_id: int) -> Select[Any]:
    return select(
        suppliers.c.id,
        suppliers.c.code,
        suppliers.c.name,
        suppliers.c.tier,
        suppliers.c.added_at,
        suppliers.c.currency,
    ).where(suppliers.c.tenant_id == tenant_id)
