"""The real application, over sockets, and a platform of JD's that asks it for cards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeAlias, TypeVar, cast
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.catalog.tables import skus
from kashu.channels.ask import Outside
from kashu.channels.listings import ListingChanges, change_listing, listings_of
from kashu.channels.tables import shop_orders, shop_refunds
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.delivery.tell import tell_due
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.entry.web import make_app
from kashu.orders.sweeps import fill_replenished, take_in_due
from kashu.reports.verify import verify
from kashu.simulators.faults import Receive, Scope, Send
from kashu.simulators.jd_asking import (
    CARD_KEY,
    CUSTOMER_ID,
    GAME_KEY,
    VENDOR_ID,
    VIRTUAL_KEY,
    AskedOrder,
    JdGameSimulator,
    JdVirtualSimulator,
)
from kashu.simulators.serving import serving
from kashu.simulators.shop import Clock
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from kashu.stock.tables import allocations, reveals
from tests.api.calls import staff_client
from tests.conftest import Tenant
from tests.stock.builders import make_sku, make_supplier, put_cards

SETTINGS = Settings(access_log=False, private_network=True)  # the simulator is on this machine
STORE = "jd-asks"
WARE = "100012345678"

Platform = TypeVar("Platform", JdGameSimulator, JdVirtualSimulator)


class Watched:
    """Serves the application, and knows when all that follows its answers is done."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401  (an ASGI application)
        self._app = app
        self._under_way = 0
        self._rest = asyncio.Condition()
        self.lose = 0  # so many answers never leave: the process died

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        scope.setdefault("state", {})
        self._under_way += 1

        async def dies(message: Any) -> None:  # noqa: ANN401
            raise ConnectionAbortedError(str(message["type"]))

        lost, self.lose = self.lose > 0, max(self.lose - 1, 0)
        try:
            await self._app(scope, receive, dies if lost else send)
        except ConnectionAbortedError:
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        finally:
            async with self._rest:
                self._under_way -= 1
                self._rest.notify_all()

    async def rests(self) -> None:
        """Wait until nothing is under way."""
        async with self._rest:
            await self._rest.wait_for(lambda: not self._under_way)


@dataclass
class Yard(Generic[Platform]):
    """A merchant's store, the platform that asks it, and the sweeps that work for it."""

    database: Database
    tenant: Tenant
    keyrings: Keyrings
    app: Litestar
    owner: httpx.AsyncClient
    platform: Platform
    served: Watched
    outside: Outside
    clock: Clock
    store_id: UUID = field(default_factory=new_id)
    sku_id: UUID = field(default_factory=new_id)

    @property
    def is_game(self) -> bool:
        return isinstance(self.platform, JdGameSimulator)

    @property
    def base(self) -> str:
        return f"/v1/stores/{STORE}/connection"

    async def ask(self, order: AskedOrder) -> None:
        """Have the platform ask for an order, and what follows the answer be done."""
        await self.platform.ask(order)
        await self.served.rests()

    async def question(self, order: AskedOrder) -> None:
        """Have the platform ask how an order stands."""
        await self.platform.question(order)
        await self.served.rests()

    def sell(self, quantity: int = 1, **more: str) -> AskedOrder:
        """Let somebody buy."""
        return self.platform.sell(WARE, quantity, 1990 * quantity, **more)

    async def stock(self, count: int, **more: Any) -> None:  # noqa: ANN401
        """Put cards into stock."""
        tenant_id, sku_id = self.tenant.id, self.sku_id
        async with self.database.transaction(tenant_id) as tx:
            await put_cards(tx, tenant_id, count, sku_id=sku_id, keyrings=self.keyrings, **more)
            await hold(tx, tenant_id, [sku_id])
            await mark_replenished(tx, tenant_id, [sku_id])

    async def refuses_shortage(self) -> None:
        """The merchant would rather refuse an order than have it wait."""
        async with self.database.transaction(self.tenant.id) as tx:
            await tx.execute(update(skus).values(shortage_policy="refuse"))

    async def map(self, **changes: Any) -> None:  # noqa: ANN401
        """Say what the one listing stands for, which an order made known."""
        async with self.database.transaction(self.tenant.id) as tx:
            (listing,) = await listings_of(tx, self.tenant.id, self.store_id, limit=9)
            wanted = ListingChanges(**{"sku_id": self.sku_id, **changes})
            await change_listing(tx, self.tenant.id, "test", listing.id, wanted)

    async def learnt(self, **changes: Any) -> None:  # noqa: ANN401
        """Have the listing known and mapped, by an order that is over."""
        await self.ask(self.sell())
        await self.map(**changes)
        async with self.database.transaction(self.tenant.id) as tx:
            await tx.execute(update(shop_orders).values(step="ended"))

    async def mode(self, mode: str) -> None:
        """Say how far we act for the store."""
        answer = await self.owner.post(f"{self.base}/mode", json={"mode": mode})
        assert answer.status_code == 200, answer.text

    async def run(self, rounds: int = 2) -> None:
        """Let every sweep have its turn, a few times."""
        for _ in range(rounds):
            while await take_in_due(self.database, self.tenant.id, SHANGHAI, self.clock):
                pass
            await fill_replenished(self.database, self.tenant.id, SHANGHAI)
            while await tell_due(self.database, self.tenant.id, self.outside):
                pass
            self.clock.advance(timedelta(seconds=21))

    async def row(self, order: AskedOrder) -> Any:  # noqa: ANN401
        """What we know of an order."""
        async with self.database.transaction(self.tenant.id) as tx:
            wanted = select(shop_orders).where(shop_orders.c.number == order.number)
            return (await tx.execute(wanted)).one()

    async def step(self, order: AskedOrder) -> tuple[str, str]:
        """How far an order has come, and why it waits."""
        row = await self.row(order)
        return row.step, row.said

    async def refund_steps(self) -> list[tuple[str, str]]:
        """How far all refunds have come."""
        async with self.database.transaction(self.tenant.id) as tx:
            rows = await tx.execute(select(shop_refunds.c.step, shop_refunds.c.said))
            return [(row.step, row.said) for row in rows]

    async def given(self) -> int:
        """How many cards lines hold."""
        async with self.database.transaction(self.tenant.id) as tx:
            held = allocations.c.released_at.is_(None)
            wanted = select(func.count()).select_from(allocations).where(held)
            return (await tx.execute(wanted)).scalar_one()

    async def seen(self) -> int:
        """How many times a card was opened."""
        async with self.database.transaction(self.tenant.id) as tx:
            wanted = select(func.count()).select_from(reveals)
            return (await tx.execute(wanted)).scalar_one()

    async def assert_sound(self) -> None:
        """Every invariant holds."""
        async with self.database.transaction(self.tenant.id) as tx:
            verified = await verify(tx, self.tenant.id)
        assert verified.ok, [each for each in verified.checked if each.violations]


Either: TypeAlias = "Yard[JdGameSimulator] | Yard[JdVirtualSimulator]"
Make: TypeAlias = Callable[[str], Awaitable[Either]]


@asynccontextmanager
async def open_yard(
    database: Database, keyrings: Keyrings, tenant: Tenant, channel: str
) -> AsyncIterator[Either]:
    app, clock = make_app(database, keyrings, SETTINGS), Clock()
    outside = make_outside(SETTINGS, keyrings)
    working = Outside(
        outside.channels, outside.http, outside.pace, keyrings, clock, asking=outside.asking
    )
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    http, served = Http(private_allowed=True), Watched(app)
    game = channel == "jd_game"
    platform = JdGameSimulator(http) if game else JdVirtualSimulator(http)
    async with serving(platform) as url, serving(served) as seller:
        platform.own_url = url
        platform.seller_url = f"{seller}/asked/{tenant.id}/{STORE}"
        yard: Any = Yard(database, tenant, keyrings, app, owner, platform, served, working, clock)
        await _connect(yard, game=game, url=url)
        yield yard
    for close in (*app.on_shutdown, outside.http.close, http.close):
        await cast("Any", close)()


async def _connect(yard: Either, *, game: bool, url: str) -> None:
    wanted = {"code": STORE, "name": "京东", "channel": "jd_game" if game else "jd_virtual"}
    answer = await yard.owner.post("/v1/stores", json=wanted)
    assert answer.status_code == 201, answer.text
    yard.store_id = UUID(answer.json()["id"])
    body = {
        "app_key": CUSTOMER_ID if game else VENDOR_ID,
        "app_secret": GAME_KEY if game else VIRTUAL_KEY,
        "base_url": url,
    }
    answer = await yard.owner.put(yard.base, json=body)
    assert answer.status_code == 200, answer.text
    if not game:
        answer = await yard.owner.post(f"{yard.base}/grant", json={"access_token": CARD_KEY})
        assert answer.status_code == 200, answer.text
    await yard.mode("automatic")
    async with yard.database.transaction(yard.tenant.id) as tx:
        yard.sku_id = await make_sku(tx, yard.tenant.id)
        await make_supplier(tx, yard.tenant.id)


@pytest.fixture(params=["jd_game", "jd_virtual"])
async def yard(
    request: pytest.FixtureRequest, database: Database, keyrings: Keyrings, tenant: Tenant
) -> AsyncIterator[Either]:
    async with open_yard(database, keyrings, tenant, request.param) as opened:
        yield opened
