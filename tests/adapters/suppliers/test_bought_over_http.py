"""Bought through real adapters, from simulated suppliers where one call in five goes wrong."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.purchases import breaker
from kashu.purchases.buyer import Buyer
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.dujiao_next import DujiaoNextSimulator
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import House
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import Upstream
from tests.adapters.suppliers import world_acg_faka, world_dujiao_next
from tests.adapters.suppliers.worlds import Proved, Side
from tests.conftest import MASTERS, Tenant
from tests.purchases.buying import deposit, make_offer
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world
from tests.stock.builders import make_supplier

PROVED = (*world_dujiao_next.PROVED, *world_acg_faka.PROVED)
COUNT = 40
AFTER = (Fault.SILENT_AFTER, Fault.ERROR_AFTER, Fault.EMPTY, Fault.CUT, Fault.NULLS)
BEFORE = (Fault.SILENT_BEFORE, Fault.ERROR_BEFORE, Fault.HTML)


@dataclass(frozen=True, slots=True)
class Bought:
    """A merchant, and the house that it buys from."""

    world: World
    house: House
    side: Side
    code: str


@asynccontextmanager
async def buying_from(
    proved: Proved, database: Database, tenant: Tenant, keyrings: Keyrings
) -> AsyncIterator[Bought]:
    """Connect a supplier over HTTP, and offer a card there."""
    world = await make_world(database, tenant, keyrings, [])
    house = House(world.clock)
    house.takes = timedelta(seconds=3)
    side = proved.on(house, Faults(silent_s=0.005))
    if isinstance(side.app, DujiaoNextSimulator):
        side.app.calls = None  # the clock stands still while much is bought
    good = house.offer("芒果TV 月卡", COST_E4, stock=2 * COUNT)
    upstream: Upstream = proved.upstream
    http = Http(private_allowed=True)
    async with serving(side.app) as url:
        upstreams = Upstreams(
            {upstream.name: upstream},
            http,
            Pace(share=1_000_000),
            keyrings,
            now=world.clock,
            stopping=asyncio.Event(),
            notices_at="https://merchant.example",
        )
        world.buyer = Buyer(database, tenant.id, tenant.timezone, upstreams)
        async with database.transaction(tenant.id) as tx:
            supplier_id = await make_supplier(tx, tenant.id, "shop")
            login = NewConnection(upstream.name, side.account, Secret(side.secret), url)
            await connect(tx, tenant.id, "cli", "shop", login, masters=MASTERS)
            ref, sku_id = side.ref(good), world.ground.sku_id
            await make_offer(tx, tenant.id, sku_id, "shop", COST_E4, ref=ref, deposit_e4=0)
            await deposit(tx, tenant.id, supplier_id, DEPOSIT_E4)
        world.suppliers["shop"] = supplier_id
        try:
            yield Bought(world, house, side, "shop")
        finally:
            await http.close()


@pytest.fixture(autouse=True)
def no_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would spare the supplier most of what goes wrong."""
    monkeypatch.setattr(breaker, "IN_A_ROW", 10_000)
    monkeypatch.setattr(breaker, "FAILING_PERCENT", 101)
    monkeypatch.setattr(breaker, "SLOW_PERCENT", 101)


async def _is_settled(bought: Bought) -> None:
    """No number was ordered twice, and the books say what the supplier took."""
    numbers = Counter(order.number for order in bought.house.orders)
    assert set(numbers.values()) == {1}
    taken_e4 = sum(order.charged_e4 - order.refunded_e4 for order in bought.house.orders)
    money = await bought.world.money(bought.code)
    assert (money.in_doubt_e4, money.prepaid_e4) == (0, DEPOSIT_E4 - taken_e4)
    await bought.world.proved()


@pytest.mark.parametrize("proved", PROVED, ids=[each.upstream.name for each in PROVED])
async def test_what_is_wanted_is_bought_once(
    proved: Proved, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with buying_from(proved, database, tenant, keyrings) as bought:
        purchase_id = await bought.world.want(3)
        await bought.world.run()
        assert (await bought.world.purchase(purchase_id)).state is PurchaseState.DONE
        assert await bought.world.stock_count() == 3
        await _is_settled(bought)


async def test_every_lost_answer_of_a_site_is_found_and_nothing_is_bought_twice(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    proved = world_dujiao_next.PROVED[0]
    async with buying_from(proved, database, tenant, keyrings) as bought:
        faults = bought.side.app.faults
        faults.placing_rates = dict.fromkeys((*AFTER, *BEFORE), 0.05)
        faults.rates = dict.fromkeys((Fault.HTML, Fault.ERROR_BEFORE), 0.05)
        await bought.world.want_many(COUNT)
        await bought.world.run()
        assert await bought.world.live() == []
        assert await bought.world.stock_count() == COUNT
        assert len(bought.house.orders) == COUNT
        await _is_settled(bought)


async def test_a_lost_answer_of_a_shop_goes_to_people_and_nothing_is_bought_twice(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    """Its cards can't be fetched: the money stays in doubt until somebody has asked the shop."""
    proved = world_acg_faka.PROVED[0]
    async with buying_from(proved, database, tenant, keyrings) as bought:
        bought.side.app.faults.order(Fault.SILENT_AFTER, placing=True)
        purchase_id = await bought.world.want(2)
        await bought.world.run(hours=1)
        attempt = await bought.world.attempt(purchase_id)
        assert (attempt.state, attempt.number) == (
            AttemptState.MANUAL,
            bought.house.orders[0].number,
        )
        assert len(bought.house.orders) == 1
        assert (await bought.world.money(bought.code)).in_doubt_e4 == 2 * COST_E4
        await bought.world.proved()


async def test_a_lost_question_of_a_shop_is_asked_again_and_bought_once(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    proved = world_acg_faka.PROVED[0]
    async with buying_from(proved, database, tenant, keyrings) as bought:
        bought.side.app.faults.order(Fault.SILENT_BEFORE, Fault.HTML, placing=True)
        purchase_id = await bought.world.want(2)
        await bought.world.run()
        assert (await bought.world.purchase(purchase_id)).state is PurchaseState.DONE
        assert (len(bought.house.orders), await bought.world.stock_count()) == (1, 2)
        await _is_settled(bought)
