"""HTTP of warehouses: list them, add one; and how far a key's replacement has come."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.stock.reseal import resealing
from kashu.stock.shapes import NewWarehouse, ResealingOut, WarehouseOut, Warehouses
from kashu.stock.warehouses import add_warehouse, list_warehouses


@get("/v1/warehouses", operation_id="listWarehouses", guards=[requires(Permission.STOCK_READ)])
async def get_warehouses(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Warehouses:
    """List warehouses by priority."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_warehouses(tx, caller.tenant_id)
    return Warehouses([WarehouseOut(row.id, row.code, row.name, row.priority) for row in found])


@post(
    "/v1/warehouses",
    operation_id="addWarehouse",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(409),
)
async def post_warehouse(
    data: JSONBody[NewWarehouse],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> WarehouseOut:
    """Add a warehouse."""
    async with database.transaction(caller.tenant_id) as tx:
        made = await add_warehouse(
            tx,
            caller.tenant_id,
            caller.actor,
            code=data.code,
            name=data.name,
            priority=data.priority,
        )
    return WarehouseOut(made.id, made.code, made.name, made.priority)


@get("/v1/stock/resealing", operation_id="readResealing", guards=[requires(Permission.STOCK_READ)])
async def read_resealing(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> ResealingOut:
    """Tell how many cards have come under the newest key since it was rotated."""
    async with database.transaction(caller.tenant_id) as tx:
        far = await resealing(tx, caller.tenant_id)
    if far is None:
        return ResealingOut(under_way=False, version=0, done=0, total=0)
    return ResealingOut(under_way=True, version=far.version, done=far.done, total=far.total)


routes: Final = (get_warehouses, post_warehouse, read_resealing)
