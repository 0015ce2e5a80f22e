"""A store whose platform tells over a connection, and the worker's own pieces that listen."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from kashu.access.keyring import Keyrings
from kashu.channels.channel import Grant
from kashu.channels.connections import NewConnection, connect, keep_grant, set_mode
from kashu.channels.kinds import Mode
from kashu.channels.tables import connections, shop_orders, stores
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.core.secrets import Secret
from kashu.entry.channels import make_outside
from kashu.entry.lead import Tools
from kashu.entry.settings import Settings
from kashu.entry.streams import Streams
from kashu.entry.suppliers import make_upstreams
from kashu.entry.sweeps import SWEEPS
from kashu.entry.worker import work
from kashu.orders.tables import orders
from kashu.simulators.mailbox import Mailbox
from kashu.simulators.pinduoduo import CLIENT_ID, CLIENT_SECRET, PinduoduoSimulator
from kashu.simulators.serving import serving
from kashu.simulators.shop import Item, Order, Shop
from kashu.simulators.taobao import APP_KEY, APP_SECRET, TaobaoSimulator
from tests.conftest import MASTERS, Tenant

HOUR_S = 3600.0
SOON_S = 30.0  # what no test may wait for in vain, on a busy machine either
AGAIN = timedelta(seconds=0.4)  # the platforms' minutes are too long for tests
SLOW = {"ask_platforms", "check_drift", "renew_grants"}  # who finds out by asking


@dataclass(frozen=True, slots=True)
class Told:
    """A platform that tells over a connection, and how we are known there."""

    channel: str
    messages: str  # the option
    make: Callable[..., Any]
    key: str
    secret: str
    token: Callable[[Any, Shop], str]

    def __str__(self) -> str:
        return f"{self.channel}-{self.messages}"


TAOBAO_SOCKET = Told(
    "taobao", "socket", TaobaoSimulator, APP_KEY, APP_SECRET, TaobaoSimulator.token
)
TAOBAO_PULL = Told("taobao", "pull", TaobaoSimulator, APP_KEY, APP_SECRET, TaobaoSimulator.token)
PINDUODUO = Told(
    "pinduoduo",
    "socket",
    PinduoduoSimulator,
    CLIENT_ID,
    CLIENT_SECRET,
    lambda platform, shop: str(platform.grant(shop)[0]),
)
ALL = (TAOBAO_SOCKET, TAOBAO_PULL, PINDUODUO)
SOCKETS = (TAOBAO_SOCKET, PINDUODUO)


@dataclass
class Street:
    """Two shops of one application there, of which the first is a store of ours."""

    database: Database
    tenant: Tenant
    tools: Tools
    told: Told
    platform: Any
    shop: Shop
    other_shop: Shop
    item: Item
    store_id: UUID
    url: str

    @property
    def box(self) -> Mailbox:
        box: Mailbox = self.platform.mail.box
        return box

    def sell(self, count: int = 1) -> list[Order]:
        return [self.shop.sell((self.item, 1)) for _ in range(count)]

    async def connect(
        self, tenant: Tenant, shop: Shop, *, secret: str = "", channel: str = ""
    ) -> UUID:
        """Open a store at the platform, with messages."""
        told, store_id, code = self.told, new_id(), f"shop-{shop.shop_id}"
        channel = channel or told.channel
        async with self.database.transaction(tenant.id) as tx:
            store = {"id": store_id, "code": code, "name": code, "channel": channel}
            await tx.execute(insert(stores).values(tenant_id=tenant.id, **store))
            options = {"messages": told.messages}
            wanted = NewConnection(told.key, Secret(secret or told.secret), self.url, options)
            await connect(tx, tenant.id, "test", code, wanted, masters=MASTERS)
            token = Secret(told.token(self.platform, shop))
            grant = Grant(shop.shop_id, shop.name, token)
            await keep_grant(tx, tenant.id, "test", store_id, grant, masters=MASTERS)
            await set_mode(tx, tenant.id, "test", code, Mode.AUTOMATIC)
        return store_id

    async def set(self, **values: object) -> None:
        """Change the connection by hand."""
        async with self.database.transaction(self.tenant.id) as tx:
            await tx.execute(
                update(connections)
                .where(connections.c.tenant_id == self.tenant.id)
                .values(**values)
            )

    async def steps(self, tenant: Tenant | None = None) -> dict[str, str]:
        """How far each order has come that we know of."""
        tenant = tenant or self.tenant
        async with self.database.transaction(tenant.id) as tx:
            rows = await tx.execute(
                select(shop_orders.c.number, shop_orders.c.step, shop_orders.c.complete).where(
                    shop_orders.c.tenant_id == tenant.id
                )
            )
            return {row.number: row.step if row.complete else "told of" for row in rows}

    async def count_of_orders(self) -> int:
        async with self.database.transaction(self.tenant.id) as tx:
            of_tenant = orders.c.tenant_id == self.tenant.id
            found = await tx.execute(select(func.count()).select_from(orders).where(of_tenant))
            return int(found.scalar_one())

    async def listened_to(self, lines: int = 1) -> None:
        """Wait until a stream is open and the shop admitted."""

        async def is_so() -> bool:
            open_ = self.told.messages == "pull" or self.box.lines == lines
            return open_ and self.shop.shop_id in self.box.admitted

        await until(is_so)

    async def all_read(self, *sold: Order) -> None:
        """Wait until these orders, and no others, are known as they are."""

        async def are_so() -> bool:
            return await self.steps() == {order.order_id: "unmapped" for order in sold}

        await until(are_so)

    async def nothing_waits(self) -> None:
        """Wait until the platform has nothing left to tell."""

        async def is_so() -> bool:
            return self.box.waiting == 0

        await until(is_so)


async def until(holds: Callable[[], Awaitable[bool]]) -> float:
    """Ask until it holds; return how many seconds that took."""
    began = time.monotonic()
    async with asyncio.timeout(SOON_S):
        while not await holds():  # noqa: ASYNC110  (what is looked at is the platform's, or rows)
            await asyncio.sleep(0.01)
    return time.monotonic() - began


@asynccontextmanager
async def open_street(
    database: Database, tenant: Tenant, keyrings: Keyrings, told: Told
) -> AsyncIterator[Street]:
    shop, other_shop = Shop("20260308", "卡枢旗舰店"), Shop("20260309", "别家")
    platform = told.make(shop, other_shop)
    platform.mail.box.again_after = AGAIN
    settings = Settings(private_network=True)
    outside = make_outside(settings, keyrings)
    tools = Tools(database, keyrings, outside, make_upstreams(settings, outside))
    item = shop.offer("芒果TV会员 月卡", 1_980)
    async with serving(platform) as url:
        street = Street(
            database,
            tenant,
            tools,
            told,
            platform,
            shop,
            other_shop,
            item,
            new_id(),
            url,
        )
        street.store_id = await street.connect(tenant, shop)
        yield street
    await tools.outside.http.close()


@pytest.fixture
async def street(
    database: Database, tenant: Tenant, keyrings: Keyrings, request: pytest.FixtureRequest
) -> AsyncIterator[Street]:
    async with open_street(database, tenant, keyrings, request.param) as opened:
        yield opened


@asynccontextmanager
async def working(url: str, tools: Tools) -> AsyncIterator[None]:
    """Run the whole worker, but let it ask the platforms once an hour only."""
    stopping = asyncio.Event()
    sweeps = [replace(each, every_s=HOUR_S) if each.name in SLOW else each for each in SWEEPS]
    worker = asyncio.create_task(work(url, tools, stopping, sweeps))
    try:
        yield
    finally:
        stopping.set()
        await worker


@asynccontextmanager
async def listening(tools: Tools) -> AsyncIterator[Streams]:
    """Hold the streams, and do nothing else."""
    streams = Streams(tools, look_every_s=0.1)
    try:
        yield streams
    finally:
        await streams.stop(5.0)
