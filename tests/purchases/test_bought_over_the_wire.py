"""Bought over the wire: the whole of buying against a real protocol, and an answer that is lost."""

import asyncio
from dataclasses import replace

import pytest

from kashu.access.keyring import Keyrings
from kashu.adapters.suppliers.julangyun import JulangyunUpstream
from kashu.adapters.suppliers.kasushou import KasushouUpstream
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Asked, Fate, House, Kind
from kashu.simulators.suppliers.julangyun import TOKEN, USER, JulangyunSimulator, goods_code
from kashu.simulators.suppliers.kasushou import API_KEY, USER_ID, KasushouSimulator
from kashu.suppliers.connections import NewConnection, connect
from tests.conftest import MASTERS, Tenant
from tests.purchases.buying import deposit, make_offer
from tests.purchases.world import DEPOSIT_E4, World, make_world
from tests.stock.builders import make_supplier

COST_E4 = 141_250


async def _connected(world: World, there: JulangyunSimulator, url: str, http: Http) -> None:
    """Have our only supplier be that one."""
    good = there.house.offer("芒果TV 月卡", COST_E4)
    tenant_id, code = world.tenant.id, "julangyun"
    async with world.database.transaction(tenant_id) as tx:
        world.suppliers[code] = await make_supplier(tx, tenant_id, code)
        wanted = NewConnection("julangyun", USER, Secret(TOKEN), url)
        await connect(tx, tenant_id, "cli", code, wanted, masters=MASTERS)
        ref, sku_id = goods_code(good), world.ground.sku_id
        await make_offer(tx, tenant_id, sku_id, code, COST_E4, ref=ref, goods="card")
        await deposit(tx, tenant_id, world.suppliers[code], DEPOSIT_E4)
    protocols = {"julangyun": JulangyunUpstream()}
    upstreams = replace(world.buyer.upstreams, protocols=protocols, http=http)
    world.buyer = replace(world.buyer, upstreams=upstreams)


@pytest.mark.parametrize(
    "faults",
    [(), (Fault.SILENT_AFTER,), (Fault.CUT,), (Fault.WRONG_TYPES,), (Fault.ERROR_BEFORE,)],
    ids=["clean", "silent_after", "cut", "wrong_types", "error_before"],
)
async def test_whatever_becomes_of_the_answer_it_is_bought_once(
    database: Database, tenant: Tenant, keyrings: Keyrings, faults: tuple[Fault, ...]
) -> None:
    world = await make_world(database, tenant, keyrings, suppliers=())
    there = JulangyunSimulator(House(world.clock), Faults(silent_s=0.05))
    http = Http(private_allowed=True)
    async with serving(there) as url:
        await _connected(world, there, url, http)
        there.faults.order(*faults, placing=True)
        purchase_id = await world.want(2)
        for _ in range(12):
            await world.place()
            there.house.settle()
            await world.later(minutes=50)
            await world.ask()
        attempts = await world.attempts(purchase_id)
        await http.close()
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert [each.state for each in attempts].count(AttemptState.SUCCEEDED) == 1
    assert len(there.house.orders) == 1
    money = await world.money("julangyun")
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, 0)
    assert money.prepaid_e4 == DEPOSIT_E4 - 2 * COST_E4
    assert await world.stock_count() == 2
    await world.proved()


async def test_a_double_click_and_the_worker_make_one_order(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, suppliers=())
    there = JulangyunSimulator(House(world.clock))
    there.house.fates.append(Fate.WAIT)
    http = Http(private_allowed=True)
    async with serving(there) as url:
        await _connected(world, there, url, http)
        await world.want(1)
        await asyncio.gather(*(world.place() for _ in range(5)))
        await http.close()
    assert len(there.house.orders) == 1
    assert (await world.money("julangyun")).in_doubt_e4 == COST_E4


@pytest.mark.parametrize("faults", [(), (Fault.SILENT_AFTER,)], ids=["clean", "silent_after"])
async def test_an_account_is_topped_up_once_under_the_shops_own_key(
    database: Database, tenant: Tenant, keyrings: Keyrings, faults: tuple[Fault, ...]
) -> None:
    world = await make_world(database, tenant, keyrings, suppliers=())
    there = KasushouSimulator(House(world.clock), Faults(silent_s=0.05))
    http = Http(private_allowed=True)
    asked = [Asked("recharge_no", "手机号码", is_account=True)]
    good = there.house.offer("芒果TV 直充", COST_E4, kind=Kind.TOPUP, asked=asked)
    async with serving(there) as url:
        async with world.database.transaction(tenant.id) as tx:
            supplier_id = await make_supplier(tx, tenant.id, "kasushou")
            wanted = NewConnection("kasushou", USER_ID, Secret(API_KEY), url)
            await connect(tx, tenant.id, "cli", "kasushou", wanted, masters=MASTERS)
            ref, sku_id = str(good.good_id), world.ground.sku_id
            await make_offer(tx, tenant.id, sku_id, "kasushou", COST_E4, ref=ref, goods="topup")
            await deposit(tx, tenant.id, supplier_id, DEPOSIT_E4)
        protocols = {"kasushou": KasushouUpstream()}
        upstreams = replace(world.buyer.upstreams, protocols=protocols, http=http)
        world.buyer = replace(world.buyer, upstreams=upstreams)
        there.faults.order(*faults, placing=True)
        purchase_id = await world.want_topup("13812345678")
        for _ in range(6):
            await world.place()
            there.house.settle()
            await world.later(minutes=50)
            await world.ask()
        await http.close()
    assert [dict(each.inputs) for each in there.house.orders] == [{"recharge_no": "13812345678"}]
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert (await world.attempt(purchase_id)).account_key == "recharge_no"
    await world.proved()
