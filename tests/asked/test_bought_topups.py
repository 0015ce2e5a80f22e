"""Top-ups that a platform asks us for are bought, and it hears of them once they are done."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from kashu.catalog.tables import skus
from kashu.core.clock import SHANGHAI
from kashu.core.http import Http
from kashu.core.pace import Pace
from kashu.ledger.kinds import AccountKind
from kashu.orders.buy import buy_due
from kashu.orders.sweeps import settle_topups_due, take_in_due
from kashu.purchases.buyer import Buyer
from kashu.purchases.tables import purchases
from kashu.simulators.jd_asking import AskedOrder
from kashu.simulators.suppliers.house import Kind
from kashu.suppliers.reach import Upstreams
from tests.asked.conftest import Either
from tests.asked.test_by_hand import post
from tests.purchases.buying import Ground
from tests.purchases.counterpart import Counterpart
from tests.purchases.world import COST_E4, World
from tests.stock.builders import make_warehouse

ACCOUNT = "13800000000"


@dataclass
class Hall:
    """A platform that asks, and a supplier that tops up."""

    yard: Either
    world: World
    supplier: Counterpart

    def sell(self, account: str = ACCOUNT) -> AskedOrder:
        order = self.yard.sell(1, account=account)
        order.area = ""
        return order

    async def buy(self) -> None:
        yard = self.yard
        while await buy_due(yard.database, yard.tenant.id, yard.keyrings, yard.clock):
            pass
        await self.world.place()

    async def run(self, rounds: int = 2) -> None:
        """Let every sweep have its turn."""
        yard = self.yard
        for _ in range(rounds):
            await take_in_due(
                yard.database, yard.tenant.id, SHANGHAI, yard.clock, keyrings=yard.keyrings
            )
            await self.buy()
            await self.world.ask()
            await settle_topups_due(yard.database, yard.tenant.id, SHANGHAI, yard.clock)
            await yard.run(1)
            await self.world.later(seconds=0)

    async def purchase_states(self) -> list[str]:
        async with self.yard.database.transaction(self.yard.tenant.id) as tx:
            found = await tx.execute(select(purchases.c.state).order_by(purchases.c.created_at))
            return list(found.scalars())


@pytest.fixture
async def hall(yard: Either) -> AsyncIterator[Hall]:
    tenant_id = yard.tenant.id
    await yard.learnt()
    async with yard.database.transaction(tenant_id) as tx:
        await tx.execute(update(skus).values(fulfilment="topup", shortage_policy="buy"))
        ground = Ground(yard.sku_id, await make_warehouse(tx, tenant_id))
    upstreams = Upstreams(
        {}, Http(), Pace(), yard.keyrings, now=yard.clock, stopping=asyncio.Event()
    )
    buyer = Buyer(yard.database, tenant_id, SHANGHAI, upstreams)
    world = World(yard.database, yard.tenant, yard.clock, buyer, ground)
    supplier = await world.add("fulu", kind=Kind.TOPUP)
    await world.later(seconds=0)
    yield Hall(yard, world, supplier)
    await yard.assert_sound()


async def test_a_top_up_is_bought_and_told_once_it_is_done(hall: Hall) -> None:
    order = hall.sell()
    with capture_logs() as logs:
        await hall.yard.ask(order)
        await hall.yard.ask(order)
        assert order.state == "open"  # "in progress", never "failed"
        await hall.run()
    assert (order.state, order.cards) == ("done", [])
    assert await hall.yard.step(order) == ("confirmed", "")
    assert [each.inputs for each in hall.supplier.house.orders] == [{"account": ACCOUNT}]
    assert ACCOUNT not in str(logs)
    assert ACCOUNT not in str(await hall.yard.row(order))


async def test_a_top_up_that_fails_is_called_failed_by_a_person_and_not_before(hall: Hall) -> None:
    hall.supplier.no_accounts.add(ACCOUNT)
    order = hall.sell()
    await hall.yard.ask(order)
    await hall.run(3)
    await hall.yard.question(order)
    assert (order.state, await hall.yard.step(order)) == ("open", ("trouble", "topup_failed"))
    assert hall.supplier.house.orders == []
    assert (await post(hall.yard, order, "give-up", why="bad_account")).status_code == 200
    await hall.run()
    await hall.yard.question(order)  # one of them believes a failure once it is asked about
    assert order.state == "refunded"
    assert (await hall.yard.step(order))[0] == "ended"
    assert await hall.purchase_states() == ["ended"]


async def test_nothing_is_called_failed_while_a_supplier_may_be_topping_it_up(hall: Hall) -> None:
    hall.supplier.instant = False
    order = hall.sell()
    await hall.yard.ask(order)
    await hall.buy()
    before = await hall.yard.row(order)
    refused = await post(hall.yard, order, "give-up", why="supplier_refused")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_to_be_given_up")
    assert await hall.yard.row(order) == before
    assert (order.state, await hall.purchase_states()) == ("open", ["placed"])
    hall.supplier.house.settle()
    await hall.run(3)
    assert order.state == "done"


async def test_what_isn_t_ordered_yet_is_given_up_and_never_bought(hall: Hall) -> None:
    order = hall.sell()
    await hall.yard.ask(order)
    answer = await post(hall.yard, order, "give-up", why="supplier_refused")
    assert answer.status_code == 200, answer.text
    await hall.run(3)
    await hall.yard.question(order)
    assert (order.state, hall.supplier.house.orders) == ("refunded", [])
    books = await hall.world.books()
    assert not any(each.kind is AccountKind.AFTER_SALES_LOSS for each in books)


async def test_more_than_an_account_is_for_a_person(hall: Hall) -> None:
    if not hall.yard.is_game:
        return  # the other platform has no areas
    order = hall.sell()
    order.area = "电信二区"
    await hall.yard.ask(order)
    await hall.run()
    assert (order.state, await hall.yard.step(order)) == (
        "open",
        ("trouble", "account_with_details"),
    )
    assert (hall.supplier.house.orders, await hall.purchase_states()) == ([], [])
    assert (await post(hall.yard, order, "handed-over")).status_code == 200
    await hall.run()
    assert order.state == "done"


@pytest.mark.parametrize("mode", ["stopped", "shadow"])
async def test_where_we_don_t_act_a_person_tops_up(hall: Hall, mode: str) -> None:
    await hall.yard.mode(mode)
    order = hall.sell()
    await hall.yard.ask(order)
    await hall.run()
    assert (order.state, await hall.yard.step(order)) == ("open", ("trouble", "not_from_stock"))
    assert (hall.supplier.house.orders, await hall.purchase_states()) == ([], [])


async def test_an_assisted_store_waits_for_a_person_before_it_is_bought(hall: Hall) -> None:
    await hall.yard.mode("assisted")
    order = hall.sell()
    await hall.yard.ask(order)
    await hall.run()
    assert (order.state, await hall.yard.step(order)) == ("open", ("held", "to_be_released"))
    assert await hall.purchase_states() == []
    known = str((await hall.yard.row(order)).id)
    released = await hall.yard.owner.post("/v1/shop-orders/release", json={"ids": [known]})
    assert released.status_code == 200, released.text
    await hall.run(3)
    assert (order.state, len(hall.supplier.house.orders)) == ("done", 1)
    books = {each.kind: each.debit_e4 - each.credit_e4 for each in await hall.world.books()}
    assert books[AccountKind.COST_OF_GOODS] == COST_E4
