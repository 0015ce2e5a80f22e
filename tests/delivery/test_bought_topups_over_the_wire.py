"""A top-up over the wire: a store at Taobao, a supplier, real protocols, an answer that is lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from structlog.testing import capture_logs

from kashu.access.keyring import Keyrings
from kashu.adapters.suppliers.kasushou import KasushouUpstream
from kashu.channels.ask import Outside, ask_platforms, fetch_listings
from kashu.channels.channel import Grant
from kashu.channels.connections import (
    NewConnection,
    connect,
    connection_of,
    keep_grant,
    set_mode,
)
from kashu.channels.kinds import Mode
from kashu.channels.listings import ListingChanges, change_listing, listings_of
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.tables import shop_orders, stores
from kashu.channels.topups import set_account_rule
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.delivery.deliver import deliver_due
from kashu.delivery.read_accounts import read_accounts
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.orders.buy import buy_due
from kashu.orders.sweeps import settle_topups_due, take_in_due
from kashu.purchases.buyer import Buyer
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Asked, House, Kind
from kashu.simulators.suppliers.kasushou import API_KEY, USER_ID, KasushouSimulator
from kashu.simulators.taobao import APP_KEY, APP_SECRET
from kashu.suppliers.connections import NewConnection as NewSupplier
from kashu.suppliers.connections import connect as connect_supplier
from kashu.suppliers.reach import Upstreams
from tests.adapters.taobao_shop import Street, standing
from tests.conftest import MASTERS, Tenant
from tests.delivery.booth import PHONE, RULE
from tests.purchases.buying import Ground, deposit, make_offer
from tests.purchases.world import COST_E4, DEPOSIT_E4, World
from tests.stock.builders import make_sku, make_supplier, make_warehouse

SETTINGS = Settings(access_log=False, private_network=True)  # the simulators are on this machine


async def _store(
    database: Database, tenant: Tenant, street: Street, outside: Outside, url: str
) -> Ground:
    """Connect a store whose one listing stands for a top-up that is bought."""
    street.shop.offer("会员直充", 1980)
    store_id, tenant_id = new_id(), tenant.id
    async with database.transaction(tenant_id) as tx:
        values = {"id": store_id, "code": "tb", "name": "直充店", "channel": "taobao"}
        await tx.execute(insert(stores).values(tenant_id=tenant_id, **values))
        sku_id = await make_sku(tx, tenant_id, fulfilment="topup", shortage_policy="buy")
        wanted = NewConnection(APP_KEY, Secret(APP_SECRET), url)
        await connect(tx, tenant_id, "test", "tb", wanted, masters=MASTERS)
        grant = Grant(street.shop.shop_id, "直充店", Secret(street.platform.token()))
        await keep_grant(tx, tenant_id, "test", store_id, grant, masters=MASTERS)
        await set_mode(tx, tenant_id, "test", "tb", Mode.AUTOMATIC)
        connection = await connection_of(tx, tenant_id, store_id)
        ground = Ground(sku_id, await make_warehouse(tx, tenant_id))
    await fetch_listings(database, tenant_id, outside, connection)
    async with database.transaction(tenant_id) as tx:
        (listing,) = await listings_of(tx, tenant_id, store_id, limit=9)
        changes = ListingChanges(sku_id=sku_id)
        await change_listing(tx, tenant_id, "test", listing.id, changes)
        await set_account_rule(tx, tenant_id, "test", listing.id, RULE)
    return ground


async def _supplier(world: World, there: KasushouSimulator, url: str) -> None:
    asked = [Asked("recharge_no", "手机号码", is_account=True)]
    good = there.house.offer("会员直充", COST_E4, kind=Kind.TOPUP, asked=asked)
    tenant_id = world.tenant.id
    async with world.database.transaction(tenant_id) as tx:
        supplier_id = await make_supplier(tx, tenant_id, "kasushou")
        wanted = NewSupplier("kasushou", USER_ID, Secret(API_KEY), url)
        await connect_supplier(tx, tenant_id, "cli", "kasushou", wanted, masters=MASTERS)
        ref = str(good.good_id)
        sku_id = world.ground.sku_id
        await make_offer(tx, tenant_id, sku_id, "kasushou", COST_E4, ref=ref, goods="topup")
        await deposit(tx, tenant_id, supplier_id, DEPOSIT_E4)


async def _work(world: World, outside: Outside, keyrings: Keyrings) -> None:
    """Let every sweep have its turn."""
    database, tenant_id, clock = world.database, world.tenant.id, world.clock
    await ask_platforms(database, tenant_id, outside)
    await read_incomplete(database, tenant_id, outside)
    await take_in_due(database, tenant_id, SHANGHAI, clock, keyrings=keyrings)
    await read_accounts(database, tenant_id, outside)
    await take_in_due(database, tenant_id, SHANGHAI, clock, keyrings=keyrings)
    await buy_due(database, tenant_id, keyrings, clock)
    await world.place()
    await world.ask()
    await settle_topups_due(database, tenant_id, SHANGHAI, clock)
    await deliver_due(database, tenant_id, outside)


@pytest.mark.parametrize("faults", [(), (Fault.SILENT_AFTER,)], ids=["clean", "silent_after"])
async def test_a_top_up_is_bought_once_and_shipped_once(
    database: Database, tenant: Tenant, keyrings: Keyrings, faults: tuple[Fault, ...]
) -> None:
    made, http = make_outside(SETTINGS, keyrings), Http(private_allowed=True)
    async with standing() as town:
        street = town.open()
        clock = street.shop.now
        outside = Outside(made.channels, made.http, made.pace, keyrings, clock)
        there = KasushouSimulator(House(clock), Faults(silent_s=0.05))
        ground = await _store(database, tenant, street, outside, town.url)
        protocols = {"kasushou": KasushouUpstream()}
        upstreams = Upstreams(
            protocols, http, Pace(), keyrings, now=clock, stopping=asyncio.Event()
        )
        buyer = Buyer(database, tenant.id, SHANGHAI, upstreams)
        world = World(database, tenant, clock, buyer, ground)
        async with serving(there) as url:
            await _supplier(world, there, url)
            await world.later(seconds=0)
            there.faults.order(*faults, placing=True)
            [item] = street.shop.items.values()
            order = street.shop.sell((item, 1), note=f"手机 {PHONE}")
            with capture_logs() as logs:
                for _ in range(6):
                    await _work(world, outside, keyrings)
                    there.house.settle()
                    await world.later(seconds=timedelta(minutes=8).total_seconds())
            await http.close()
    await made.http.close()
    assert [dict(each.inputs) for each in there.house.orders] == [{"recharge_no": PHONE}]
    async with database.transaction(tenant.id) as tx:
        [row] = (await tx.execute(select(shop_orders))).all()
    assert (row.step, row.said, order.shipments) == ("confirmed", "", 1)
    assert PHONE not in str(logs) + str(row)
    await world.proved()
