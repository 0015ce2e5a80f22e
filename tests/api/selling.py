"""A store of the application that stands on a simulated Youzan."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.channels.ask import Outside
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.tables import shop_orders
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.entry.web import make_app
from kashu.orders.sweeps import take_in_due
from kashu.simulators.youzan import CLIENT_ID, CLIENT_SECRET
from tests.adapters.youzan_shop import SHOP_ID, Street, street
from tests.api.calls import client_of, staff_client
from tests.conftest import Tenant

SETTINGS = Settings(access_log=False, private_network=True)  # the simulator is on this machine
STORE = "yz"
CONNECTION = f"/v1/stores/{STORE}/connection"


@dataclass
class Stand:
    """The application, its owner, and the platform."""

    app: Litestar
    database: Database
    tenant: Tenant
    street: Street
    outside: Outside
    owner: httpx.AsyncClient
    anybody: httpx.AsyncClient

    @property
    def body(self) -> dict[str, Any]:
        """What connects the store."""
        return {
            "app_key": CLIENT_ID,
            "app_secret": CLIENT_SECRET,
            "base_url": self.street.link.app.base_url,
            "options": {"shop": SHOP_ID, "memo": "cards", "push_key": "not to be seen"},
        }

    async def open(self) -> None:
        """Open the store."""
        wanted = {"code": STORE, "name": "有赞店", "channel": "youzan"}
        answer = await self.owner.post("/v1/stores", json=wanted)
        assert answer.status_code == 201, answer.text

    async def connect(self) -> None:
        """Connect it, and have the seller permit it."""
        answer = await self.owner.put(CONNECTION, json=self.body)
        assert answer.status_code == 200, answer.text
        answer = await self.owner.post(f"{CONNECTION}/grant", json={"code": SHOP_ID})
        assert answer.status_code == 200, answer.text

    async def push(
        self, body: bytes, headers: dict[str, str], *, to: str | None = None
    ) -> httpx.Response:
        """Send what the platform would."""
        path = to or f"/push/{self.tenant.id}/{STORE}"
        return await self.anybody.post(path, content=body, headers=headers)

    async def known(self) -> list[tuple[str, str, bool]]:
        """Number, step, and whether we know the whole, of each order we know of."""
        async with self.database.transaction(self.tenant.id) as tx:
            wanted = select(shop_orders).where(shop_orders.c.tenant_id == self.tenant.id)
            rows = await tx.execute(wanted.order_by(shop_orders.c.number))
            return [(row.number, row.step, row.complete) for row in rows]

    async def work(self) -> None:
        """Let the worker read and take in what it was told of."""
        await read_incomplete(self.database, self.tenant.id, self.outside)
        await take_in_due(self.database, self.tenant.id, SHANGHAI)

    async def shop_order_id(self) -> UUID:
        """The one order there is."""
        async with self.database.transaction(self.tenant.id) as tx:
            return cast("UUID", (await tx.execute(select(shop_orders.c.id))).scalar_one())


@asynccontextmanager
async def stand(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    """Open a store on a platform, not connected yet."""
    app = make_app(database, keyrings, SETTINGS)
    outside = make_outside(SETTINGS, keyrings)
    async with street(virtual=False) as opened:
        owner = await staff_client(app, database, tenant.id, Role.OWNER)
        made = Stand(app, database, tenant, opened, outside, owner, client_of(app))
        await made.open()
        yield made
    for close in (*app.on_shutdown, outside.http.close):
        await cast("Any", close)()


def text_of(answer: httpx.Response) -> str:
    """All that an answer says."""
    return answer.text + json.dumps(dict(answer.headers))
