"""Placing: the clean way, refusals, limits."""

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.purchases.errors import PurchaseNotReady, PurchaseUnderWay
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.place import place
from kashu.simulators.suppliers.house import Kind
from tests.conftest import Tenant
from tests.purchases.counterpart import Fault, ruled
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with two suppliers, the second a little dearer."""
    return await make_world(database, tenant, keyrings, ["fulu", "kasu"])


async def test_what_is_wanted_is_bought_from_the_cheapest_and_enters_stock(world: World) -> None:
    purchase_id = await world.want(3)
    await world.place()

    purchase, attempt = await world.purchase(purchase_id), await world.attempt(purchase_id)
    assert (purchase.state, purchase.received_count) == (PurchaseState.DONE, 3)
    assert (attempt.state, attempt.received_count) == (AttemptState.SUCCEEDED, 3)
    assert attempt.supplier_id == world.suppliers["fulu"]
    assert attempt.their_number == str(world.houses["fulu"].house.orders[0].order_id)
    assert await world.stock_count() == 3
    money = await world.money("fulu")
    assert (money.prepaid_e4, money.in_doubt_e4) == (DEPOSIT_E4 - 3 * COST_E4, 0)
    await world.proved()


async def test_a_refusal_gives_the_money_back_and_the_next_supplier_is_tried(world: World) -> None:
    world.houses["fulu"].house.refusals.append("not today")
    purchase_id = await world.want(2)
    await world.place()

    first, second = await world.attempts(purchase_id)
    assert (first.state, first.said) == (AttemptState.REFUSED, "supplier_order_refused")
    assert (second.state, second.supplier_id) == (AttemptState.SUCCEEDED, world.suppliers["kasu"])
    assert (await world.money("fulu")).prepaid_e4 == DEPOSIT_E4
    assert world.houses["fulu"].taken_e4 == 0
    await world.proved()


async def test_who_was_not_reached_created_nothing(world: World) -> None:
    world.houses["fulu"].faults.append(Fault.NOT_REACHED)
    purchase_id = await world.want()
    await world.place()

    first, second = await world.attempts(purchase_id)
    assert (first.state, first.said) == (AttemptState.REFUSED, "not_reached")
    assert second.state is AttemptState.SUCCEEDED


async def test_what_takes_its_time_is_asked_about_until_it_is_there(world: World) -> None:
    world.houses["fulu"].instant = False
    purchase_id = await world.want()
    await world.place()

    assert (await world.attempt(purchase_id)).state is AttemptState.PROCESSING
    assert (await world.money("fulu")).in_doubt_e4 == COST_E4
    await world.later(seconds=2)
    await world.ask()
    assert (await world.attempt(purchase_id)).state is AttemptState.PROCESSING
    world.houses["fulu"].house.settle()
    await world.run(1)

    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert (await world.money("fulu")).in_doubt_e4 == 0
    await world.proved()


async def test_a_supplier_where_one_order_at_a_time_is_under_way_is_waited_for(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    house = await world.add("slow", rules=ruled(one_at_a_time=True))
    house.instant = False
    first, second = await world.want(), await world.want()
    await world.place()

    states = {(await world.purchase(each)).state for each in (first, second)}
    assert states == {PurchaseState.PLACED, PurchaseState.HELD}
    assert len(house.house.orders) == 1
    house.house.settle()
    house.instant = True
    await world.run(1)
    assert len(house.house.orders) == 2
    assert (await world.purchase(second)).state is PurchaseState.DONE
    await world.proved()


async def test_more_than_may_be_ordered_at_once_is_ordered_in_parts(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    await world.add("small", rules=ruled(most_at_once=4))
    purchase_id = await world.want(10)
    await world.run(1)

    assert [each.quantity for each in await world.attempts(purchase_id)] == [4, 4, 2]
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert await world.stock_count() == 10
    await world.proved()


async def test_no_money_there_holds_the_purchase_and_says_so(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    await world.add("poor", deposit_e4=1)
    before = await world.books()
    purchase_id = await world.want()
    await world.place()

    purchase = await world.purchase(purchase_id)
    assert purchase.state is PurchaseState.HELD
    assert purchase.said
    assert await world.attempts(purchase_id) == []
    assert await world.books() == before
    assert world.houses["poor"].placed.total() == 0


async def test_submitting_what_is_not_approved_orders_nothing(world: World) -> None:
    purchase_id = await world.want(draft=True)
    with pytest.raises(PurchaseNotReady):
        await place(world.buyer, purchase_id)
    assert await world.attempts(purchase_id) == []


async def test_submitting_what_is_under_way_orders_nothing_more(world: World) -> None:
    world.houses["fulu"].instant = False
    purchase_id = await world.want()
    await world.place()
    with pytest.raises(PurchaseUnderWay):
        await place(world.buyer, purchase_id)
    assert len(await world.attempts(purchase_id)) == 1


async def test_a_topup_by_hand_is_paid_for_and_its_account_forgotten(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    house = await world.add("topups", kind=Kind.TOPUP)
    purchase_id = await world.want_topup("13812345678")
    await world.place()

    assert house.house.orders[0].inputs == {"account": "13812345678"}
    purchase, attempt = await world.purchase(purchase_id), await world.attempt(purchase_id)
    assert purchase.state is PurchaseState.DONE
    assert purchase.sealed_inputs is None
    assert purchase.used_at is not None
    assert attempt.receipt == "done"
    assert (await world.money("topups")).in_doubt_e4 == 0
    await world.proved()
