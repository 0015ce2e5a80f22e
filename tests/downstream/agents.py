"""What tests of agents stand on: a shop that sells to an agent, made over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.reports.verify import verify
from tests.api.calls import KeyClient, key_client
from tests.conftest import Tenant
from tests.orders.builders import make_shop

# The builders put cards on shelves without their cost in the books.
BY_HAND = {"inventory_is_not_its_cards"}
AGENT_MAY = (Permission.ORDERS_READ, Permission.ORDERS_WRITE, Permission.STOCK_REVEAL)


@dataclass
class Selling:
    """A shop, a program of the merchant's, and an agent with a key of its own."""

    app: Litestar
    database: Database
    keyrings: Keyrings
    tenant: Tenant
    merchant: KeyClient
    agent: KeyClient
    sku: str
    customer_id: UUID

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401
        """Have the merchant's program do something that succeeds."""
        answer = await self.merchant.call(method, path, body, **headers)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json() if answer.content else None

    async def order(
        self, external_id: str, quantity: int = 1, *, key: str = "", **line: object
    ) -> httpx.Response:
        """Have the agent order, over our own interface."""
        lines = [{"sku": self.sku, "quantity": quantity, **line}]
        body = {"orders": [{"external_id": external_id, "lines": lines}]}
        return await self.agent.call(
            "POST", "/v1/orders", body, **{"Idempotency-Key": key or uuid4().hex}
        )

    async def wallet(self) -> str:
        """What is in the agent's wallet."""
        told = await self.ask("GET", "/v1/customers/acme/agent")
        return str(told["wallet"])

    async def deposit(self, amount: str) -> None:
        """Have money paid in, which one person's word is enough for."""
        told = {"kind": "deposit", "amount": amount, "method": "bank", "reference": uuid4().hex}
        done = await self.ask("POST", "/v1/customers/acme/wallet-moves", told)
        assert done["state"] == "posted"

    async def is_sound(self) -> None:
        """Assert that everything which must hold does."""
        async with self.database.transaction(self.tenant.id) as tx:
            proof = await verify(tx, self.tenant.id)
        broken = {found.rule for each in proof.checked for found in each.violations}
        assert broken <= BY_HAND


async def make_selling(
    app: Litestar,
    database: Database,
    keyrings: Keyrings,
    tenant: Tenant,
    *,
    cards: int = 40,
    price: str | None = "15.00",
    credit: str = "0",
    stock_shown: str = "exact",
    shortage_policy: str = "wait",
) -> Selling:
    """A shop with an agent who pays `price` for each."""
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(
            tx, tenant.id, keyrings, cards=cards, shortage_policy=shortage_policy
        )
    merchant = await key_client(app, database, keyrings, tenant.id, *Permission)
    answer = await merchant.call("POST", "/v1/customers", {"code": "acme", "name": "代理"})
    customer_id = UUID(answer.json()["id"])
    agent = await key_client(
        app, database, keyrings, tenant.id, *AGENT_MAY, customer_id=customer_id
    )
    selling = Selling(app, database, keyrings, tenant, merchant, agent, shop.sku_code, customer_id)
    terms = {"credit_max": credit, "alone_max": "100000.00", "stock_shown": stock_shown}
    await selling.ask("PUT", "/v1/customers/acme/agent", terms)
    good = {"sku": shop.sku_code, "on_sale": True, "buffer": 0}
    await selling.ask("PUT", "/v1/agent-goods", {"goods": [good]})
    if price is not None:
        rows = [{"sku": shop.sku_code, "unit_price": price}]
        await selling.ask("PUT", "/v1/customers/acme/prices", {"prices": rows})
    return selling
