"""A shop with a store on a platform, a supplier and a SKU, where nothing waits for anybody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from tests.orders.builders import Shop, make_shop
from tests.stock.builders import make_supplier, make_warehouse

ANN: Final = f"staff:{UUID(int=1)}"
BEN: Final = f"staff:{UUID(int=2)}"


@dataclass(frozen=True, slots=True)
class Floor:
    """A shop with a store on a platform, a supplier and a SKU."""

    tx: Tx
    tenant_id: int
    shop: Shop
    store_id: UUID
    supplier_id: UUID
    warehouse_id: UUID
    offer_id: UUID
    offer_sku_id: UUID

    async def run(self, sql: str, /, **values: object) -> None:
        """Run a statement that names the tenant as :tenant."""
        await self.tx.execute(text(sql), {"tenant": self.tenant_id, **values})


Solve: TypeAlias = Callable[[], Awaitable[object]]
Make: TypeAlias = Callable[[Floor], Awaitable[tuple[UUID, Solve]]]


async def make_floor(tx: Tx, tenant_id: int, keyrings: Keyrings) -> Floor:
    """Nothing waits for anybody here yet."""
    shop = await make_shop(tx, tenant_id, keyrings, cards=0)
    store_id = new_id()
    of = {"tenant": tenant_id, "id": store_id}
    await tx.execute(
        text(
            "INSERT INTO channels.stores (tenant_id, id, code, name, channel)"
            " VALUES (:tenant, :id, 'tb', '淘宝店', 'taobao')"
        ),
        of,
    )
    await tx.execute(
        text(
            "INSERT INTO channels.connections (tenant_id, store_id, channel, app_key,"
            " sealed_app_secret, grant_state, sealed_access, shop_id, mode, ok_at)"
            " VALUES (:tenant, :id, 'taobao', 'app', 'x', 'granted', 'x', '88', 'automatic', now())"
        ),
        of,
    )
    supplier_id = await make_supplier(tx, tenant_id)
    warehouse_id = await make_warehouse(tx, tenant_id)
    offer_id = new_id()
    await tx.execute(
        text(
            "INSERT INTO suppliers.offers"
            " (tenant_id, id, supplier_id, ref, title, goods, sku_id, unit_cost_e4)"
            " VALUES (:tenant, :id, :supplier, 'r1', '月卡', 'card', :sku, 100000)"
        ),
        {"tenant": tenant_id, "id": offer_id, "supplier": supplier_id, "sku": shop.sku_id},
    )
    return Floor(tx, tenant_id, shop, store_id, supplier_id, warehouse_id, offer_id, shop.sku_id)
