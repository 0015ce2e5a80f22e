"""One merchant buys from another of the same server: our adapter at our own dialect."""

from dataclasses import replace
from typing import Any

from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.adapters.suppliers.dujiao_next import DujiaoNextUpstream
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.simulators.serving import serving
from kashu.suppliers.connections import NewConnection, connect, connection_of
from kashu.suppliers.upstream import Can, Link, Order, Page, Product, Standing
from tests.conftest import MASTERS, Tenant
from tests.downstream.agents import make_selling
from tests.downstream.dujiao import make_site
from tests.purchases.buying import deposit, make_offer
from tests.purchases.world import World, make_world
from tests.stock.builders import make_supplier

COST_E4 = 150_000
PAID_E4 = 1_000_000


class AtOurTime(DujiaoNextUpstream):
    """Our adapter, signing by the clock of who is called: the test's own is ahead of it."""

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        return await super().products(replace(link, now=now), page)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        return await super().product(replace(link, now=now), ref, quantity)

    async def place(self, link: Link, order: Order) -> Standing:
        return await super().place(replace(link, now=now), order)

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        return await super().ask(replace(link, now=now), order, their_number)


def served(app: Litestar, drop: list[str]) -> Any:  # noqa: ANN401  (an ASGI application)
    """The whole application; answers to the paths in `drop` are lost after it acted."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        scope.setdefault("state", {})
        scope.setdefault("raw_path", scope["path"].encode())
        if scope["path"] in drop and scope["method"] == "POST":
            drop.remove(scope["path"])

            async def lost(message: Any) -> None:  # noqa: ANN401
                if message["type"] == "http.response.start":
                    await send({"type": "http.response.start", "status": 502, "headers": []})
                elif not message.get("more_body"):
                    await send({"type": "http.response.body", "body": b"bad gateway"})

            await app(scope, receive, lost)
        else:
            await app(scope, receive, send)

    return serve


async def connected(world: World, url: str, key: str, secret: str, http: Http) -> None:
    """Have the buyer's only supplier be the other merchant, and read what it sells."""
    tenant_id = world.tenant.id
    protocols = {"dujiao_next": AtOurTime()}
    upstreams = replace(world.buyer.upstreams, protocols=protocols, http=http)
    world.buyer = replace(world.buyer, upstreams=upstreams)
    async with world.database.transaction(tenant_id) as tx:
        world.suppliers["rival"] = await make_supplier(tx, tenant_id, "rival")
        wanted = NewConnection("dujiao_next", key, Secret(secret), url)
        await connect(tx, tenant_id, "cli", "rival", wanted, masters=MASTERS)
        connection = await connection_of(tx, tenant_id, world.suppliers["rival"])
    upstream, link = upstreams.reach_to(tenant_id, connection, Can.LIST_PRODUCTS)
    page = await upstream.products(link)
    [product] = page.members
    assert (product.unit_cost_e4, product.stock) == (COST_E4, 40)
    async with world.database.transaction(tenant_id) as tx:
        sku_id = world.ground.sku_id
        await make_offer(
            tx, tenant_id, sku_id, "rival", COST_E4, ref=product.ref, goods=product.goods
        )
        await deposit(tx, tenant_id, world.suppliers["rival"], PAID_E4)


async def bought(world: World, quantity: int) -> PurchaseState:
    purchase_id = await world.want(quantity)
    for _ in range(6):
        await world.place()
        await world.later(minutes=50)
        await world.ask()
    assert [each.state for each in await world.attempts(purchase_id)].count(
        AttemptState.SUCCEEDED
    ) == 1
    return (await world.purchase(purchase_id)).state


async def test_a_merchant_buys_from_another_and_both_books_are_right(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant, other_tenant: Tenant
) -> None:
    selling = await make_selling(app, database, keyrings, other_tenant)
    await selling.deposit("100.00")
    site = await make_site(selling)
    world = await make_world(database, tenant, keyrings, suppliers=())
    http = Http(private_allowed=True)
    async with serving(served(app, [])) as url:
        await connected(world, url, site.key, site.secret, http)
        assert await bought(world, 2) is PurchaseState.DONE
        await http.close()
    money = await world.money("rival")
    assert (money.prepaid_e4, money.in_doubt_e4) == (PAID_E4 - 2 * COST_E4, 0)
    assert await selling.wallet() == "70.00"
    assert await world.stock_count() == 2
    await world.proved()
    await selling.is_sound()


async def test_an_answer_that_is_lost_after_we_acted_makes_one_order(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant, other_tenant: Tenant
) -> None:
    selling = await make_selling(app, database, keyrings, other_tenant)
    await selling.deposit("100.00")
    site = await make_site(selling)
    world = await make_world(database, tenant, keyrings, suppliers=())
    http = Http(private_allowed=True)
    drop = ["/api/v1/upstream/orders"]
    async with serving(served(app, drop)) as url:
        await connected(world, url, site.key, site.secret, http)
        assert await bought(world, 3) is PurchaseState.DONE
        await http.close()
    assert not drop
    assert await selling.wallet() == "55.00"
    assert (await world.money("rival")).prepaid_e4 == PAID_E4 - 3 * COST_E4
    assert await world.stock_count() == 3
    await world.proved()
    await selling.is_sound()
