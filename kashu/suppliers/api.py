"""HTTP of suppliers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.naming import Code, Name
from kashu.core.sought import WHICH_MAX, WRITTEN_MAX, Sought
from kashu.suppliers.add import TIER_USUAL, Tier, add_supplier
from kashu.suppliers.change import SupplierChanges, change_supplier
from kashu.suppliers.reads import Supplier, supplier_by_code, supplier_count, supplier_list


class NewSupplier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A supplier to add."""

    code: Code
    name: Name
    tier: Tier = TIER_USUAL


class SupplierShown(msgspec.Struct, frozen=True):
    """A supplier, and what you can do to it."""

    id: UUID
    code: str
    name: str
    tier: int  # 1 first-hand, 2, 3
    added_at: datetime
    can: Sequence[str]
    currency: str  # that it is paid in


class SupplierPage(msgspec.Struct, frozen=True):
    """Suppliers by code; the next page begins after `next_after`, null on the last one.

    `total`: how many there are on all pages.
    """

    suppliers: list[SupplierShown]
    next_after: str | None
    total: int


@get("/v1/suppliers", operation_id="listSuppliers", guards=[requires(Permission.STOCK_READ)])
async def list_suppliers(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    written: Annotated[str | None, QueryParameter(name="q", max_length=WRITTEN_MAX)] = None,
    which: Annotated[list[str] | None, QueryParameter(max_items=WHICH_MAX)] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> SupplierPage:
    """List suppliers by code; `q` is in the code or the name.

    `which`: only these, each by its code or id.
    """
    sought = Sought(written, which)
    async with database.transaction(caller.tenant_id) as tx:
        found = await supplier_list(
            tx, caller.tenant_id, sought=sought, after=after, limit=limit + 1
        )
        total = await supplier_count(tx, caller.tenant_id, sought=sought)
    shown = found[:limit]
    return SupplierPage(
        suppliers=[_shown(caller, supplier) for supplier in shown],
        next_after=shown[-1].code if len(found) > limit else None,
        total=total,
    )


@get(
    "/v1/suppliers/{code:str}",
    operation_id="readSupplier",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def read_supplier(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> SupplierShown:
    """Read one supplier."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await supplier_by_code(tx, caller.tenant_id, code))


@post(
    "/v1/suppliers",
    operation_id="addSupplier",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(409),
)
async def post_supplier(
    data: JSONBody[NewSupplier],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> SupplierShown:
    """Add a supplier."""
    async with database.transaction(caller.tenant_id) as tx:
        added = await add_supplier(
            tx,
            caller.tenant_id,
            caller.actor,
            code=data.code,
            name=data.name,
            tier=data.tier,
        )
    return _shown(caller, added)


@patch(
    "/v1/suppliers/{code:str}",
    operation_id="changeSupplier",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def patch_supplier(
    code: FromPath[str],
    data: JSONBody[SupplierChanges],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> SupplierShown:
    """Change what is given."""
    async with database.transaction(caller.tenant_id) as tx:
        changed = await change_supplier(tx, caller.tenant_id, caller.actor, code, data)
    return _shown(caller, changed)


def _shown(caller: Caller, supplier: Supplier) -> SupplierShown:
    return SupplierShown(
        id=supplier.id,
        code=supplier.code,
        name=supplier.name,
        tier=supplier.tier,
        added_at=supplier.added_at,
        can=("change",) if caller.may(Permission.SETTINGS_WRITE) else (),
        currency=supplier.currency,
    )


routes: Final = (list_suppliers, read_supplier, post_supplier, patch_supplier)
