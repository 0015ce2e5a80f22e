"""Warehouses: add one, list them, find one by its code."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select

from kashu.core.db import Tx, on_violation
from kashu.core.errors import Conflict, NotFound
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.naming import CODE_CHARS_MAX, check_naming, is_code
from kashu.stock.tables import warehouses

PRIORITY: Final = 100  # of a warehouse about which nobody says anything; smaller goes first


class UnknownWarehouse(NotFound):
    """No such warehouse of this tenant."""

    code = "unknown_warehouse"
    zh = "没有仓库「{warehouse}」。请核对仓库编码，或先添加仓库。"
    en = "No warehouse “{warehouse}”. Check its code, or add the warehouse first."


class WarehouseExists(Conflict):
    """Two warehouses can't share a code."""

    code = "warehouse_exists"
    zh = "已有相同编码的仓库。请换一个编码，或直接使用已有的仓库。"
    en = "There is a warehouse of that code. Choose another code, or use the one there is."


on_violation("warehouse_code_is_unique", WarehouseExists)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A named pool of stock."""

    id: UUID
    code: str
    name: str
    priority: int


_COLUMNS: Final = (
    warehouses.c.id,
    warehouses.c.code,
    warehouses.c.name,
    warehouses.c.priority,
)


async def add_warehouse(
    tx: Tx, tenant_id: int, actor: str, *, code: str, name: str, priority: int = PRIORITY
) -> Warehouse:
    """Add a warehouse. Raises: NamingWrong; WarehouseExists when the transaction fails on it."""
    check_naming(code=code, name=name)
    made = Warehouse(new_id(), code, name, priority)
    await tx.execute(
        insert(warehouses).values(
            tenant_id=tenant_id,
            id=made.id,
            code=made.code,
            name=made.name,
            priority=made.priority,
        )
    )
    await record(tx, tenant_id, actor, [Event("warehouse.added", made.id, {"code": made.code})])
    return made


async def warehouse_by_code(tx: Tx, tenant_id: int, code: str) -> Warehouse:
    """Find a warehouse by the merchant's code. Raises: UnknownWarehouse."""
    if is_code(code):
        found = await tx.execute(
            select(*_COLUMNS).where(warehouses.c.tenant_id == tenant_id, warehouses.c.code == code)
        )
        row = found.one_or_none()
        if row is not None:
            return Warehouse(*row)
    raise UnknownWarehouse(warehouse=code[:CODE_CHARS_MAX])


async def warehouse_by_id(tx: Tx, tenant_id: int, warehouse_id: UUID) -> Warehouse:
    """Find a warehouse by its id. Raises: UnknownWarehouse."""
    found = await tx.execute(
        select(*_COLUMNS).where(
            warehouses.c.tenant_id == tenant_id, warehouses.c.id == warehouse_id
        )
    )
    row = found.one_or_none()
    if row is None:
        raise UnknownWarehouse(warehouse=warehouse_id)
    return Warehouse(*row)


async def list_warehouses(tx: Tx, tenant_id: int) -> list[Warehouse]:
    """All warehouses of a tenant: by priority, then code."""
    found = await tx.execute(
        select(*_COLUMNS)
        .where(warehouses.c.tenant_id == tenant_id)
        .order_by(warehouses.c.priority, warehouses.c.code)
    )
    return [Warehouse(*row) for row in found]
