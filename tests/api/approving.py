"""A shop where what people ask for above a limit waits for another."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import staff_client
from tests.api.snapshot import snapshot
from tests.conftest import Tenant
from tests.orders.builders import make_shop
from tests.stock.builders import make_sku

LIMITS = {"order_amount": "100.00", "order_units": 10, "refund_amount": "50.00"}


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with limits, a clerk who asks and an owner who decides."""

    app: Litestar
    database: Database
    tenant: Tenant
    owner: httpx.AsyncClient
    clerk: httpx.AsyncClient

    async def order(
        self, number: str, quantity: int, price: str, *, key: str = "", **line: object
    ) -> httpx.Response:
        wanted = {"sku": "mgtv-month", "quantity": quantity, "price": price} | line
        body = {"orders": [{"external_id": number, "lines": [wanted]}], "deliver": "later"}
        headers = {"Idempotency-Key": key or uuid4().hex}
        return await self.clerk.post("/v1/orders", json=body | {"sure": True}, headers=headers)

    async def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.owner.get("/v1/orders")).json()["orders"]
        return found

    async def approve(self, held: dict[str, Any], by: httpx.AsyncClient | None = None) -> Any:  # noqa: ANN401
        return await (by or self.owner).post(f"/v1/approvals/{held['approval_id']}/approve")

    async def now(self) -> dict[str, str]:
        return await snapshot(self.database, self.tenant.id)


async def shop_with_limits(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> Shop:
    """Make it, with cards."""
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=60)
        await make_sku(tx, tenant.id, code="phone-topup", fulfilment="topup")
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    clerk = await staff_client(app, database, tenant.id, Role.SERVICE)
    answer = await owner.put("/v1/order-limits", json=LIMITS)
    assert answer.status_code == 200, answer.text
    return Shop(app, database, tenant, owner, clerk)
