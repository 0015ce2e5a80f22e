"""Who sells in euros is paid in euros, what comes costs yuan, and the books have both sides."""

from dataclasses import replace
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import update

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.money import exchanged
from kashu.ledger.supplier_money import SupplierMoney
from kashu.purchases.desk import in_doubt
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.matters import ASKING_TAKES, attempt_matters
from kashu.purchases.shapes import PurchaseMoney, PurchaseWhole
from kashu.purchases.show_whole import show_whole
from kashu.simulators.suppliers.house import Kind
from kashu.suppliers.rates import drop_rate, set_rate
from kashu.suppliers.tables import offers
from kashu.suppliers.upstream import BoughtCard, OrderState
from tests.conftest import Tenant
from tests.purchases.abroad import (
    HOUSE,
    OURS_E4,
    RATE_E6,
    add_abroad,
    balances,
    make_world_abroad,
    money_abroad,
)
from tests.purchases.buying import deposit
from tests.purchases.counterpart import Fault
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    return await make_world_abroad(database, tenant, keyrings)


async def test_cards_bought_in_euros_cost_yuan_at_the_rate_of_their_order(world: World) -> None:
    purchase_id = await world.want(3)
    await world.place()

    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.SUCCEEDED
    assert (attempt.currency, attempt.rate_e6, attempt.total_e4) == ("EUR", RATE_E6, 3 * COST_E4)
    for kind in ("attempt.sent", "attempt.succeeded"):
        [facts] = await world.happened(kind)
        assert facts["currency"] == "EUR"
    assert await world.stock_count() == 3
    assert (await money_abroad(world)).prepaid_e4 == DEPOSIT_E4 - 3 * COST_E4
    assert await money_abroad(world, "CNY") == SupplierMoney(world.suppliers[HOUSE], 0, 0, 0, 0)
    assert await balances(world, "inventory", "in_doubt", "exchange") == {
        ("inventory", "CNY"): 3 * OURS_E4,
        ("exchange", "CNY"): -3 * OURS_E4,
        ("exchange", "EUR"): 3 * COST_E4,
    }
    await world.proved()


async def test_what_was_bad_is_asked_back_in_euros(world: World) -> None:
    good = BoughtCard("A1234567890123456", "PW123456")
    house = world.houses[HOUSE]
    house.told = lambda told: replace(told, cards=(good, BoughtCard("库存不足，请联系客服")))
    await world.want(2)
    await world.place()

    money = await money_abroad(world)
    assert (money.prepaid_e4, money.recoveries_e4) == (DEPOSIT_E4 - 2 * COST_E4, COST_E4)
    assert await balances(world, "inventory", "exchange") == {
        ("inventory", "CNY"): OURS_E4,
        ("exchange", "CNY"): -OURS_E4,
        ("exchange", "EUR"): COST_E4,
    }
    await world.proved()


async def test_money_that_came_back_was_never_exchanged(world: World) -> None:
    house = world.houses[HOUSE]
    house.told = lambda told: replace(told, state=OrderState.FAILED, cards=None)
    purchase_id = await world.want()
    await world.place()

    assert (await world.attempt(purchase_id)).state is AttemptState.FAILED
    assert (await money_abroad(world)).prepaid_e4 == DEPOSIT_E4
    assert not await balances(world, "inventory", "exchange", "in_doubt")
    await world.proved()


async def test_money_in_doubt_is_told_in_yuan(world: World) -> None:
    world.houses[HOUSE].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want(2)
    await world.place()

    assert (await world.attempt(purchase_id)).state is AttemptState.UNCLEAR
    async with world.database.transaction(world.tenant.id) as tx:
        [doubt] = await in_doubt(tx, world.tenant.id)
        asked_long = world.clock() + ASKING_TAKES
        [matter] = (await tx.execute(attempt_matters(world.tenant.id, asked_long))).all()
    assert doubt.amount_e4 == exchanged(2 * COST_E4, RATE_E6)
    assert matter.amount_e4 == exchanged(2 * COST_E4, RATE_E6)
    assert matter.facts["paid_in"] == "EUR"  # so that nobody types yuan for what was charged
    assert (await money_abroad(world)).in_doubt_e4 == 2 * COST_E4
    await world.proved()


@pytest.mark.parametrize(("above_e4", "bought"), [(-1, False), (10_000, True)])
async def test_a_ceiling_is_of_yuan(world: World, above_e4: int, *, bought: bool) -> None:
    landed_e4 = OURS_E4 + 10_000  # what may go wrong costs something, too
    purchase_id = await world.want(unit_cost_max_e4=OURS_E4 - 1 if above_e4 < 0 else landed_e4 * 2)
    await world.place()
    purchase = await world.purchase(purchase_id)
    assert (purchase.state is PurchaseState.DONE) is bought
    if not bought:
        assert purchase.said == "above_ceiling"
        assert (await money_abroad(world)).prepaid_e4 == DEPOSIT_E4


async def test_without_a_rate_nothing_is_bought(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await drop_rate(tx, world.tenant.id, "cli", "EUR")
    purchase_id = await world.want()
    await world.place()
    assert (await world.purchase(purchase_id)).said == "no_rate"
    assert (await money_abroad(world)).prepaid_e4 == DEPOSIT_E4


async def test_yuan_with_a_supplier_do_not_pay_for_euros(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await deposit(tx, world.tenant.id, world.suppliers[HOUSE], 100 * DEPOSIT_E4)
        await tx.execute(update(offers).values(unit_cost_e4=DEPOSIT_E4 // 2 + 1))
    purchase_id = await world.want(2, unit_cost_max_e4=10 * DEPOSIT_E4)
    await world.place()
    assert (await world.purchase(purchase_id)).said == "money_short"
    assert (await money_abroad(world)).prepaid_e4 == DEPOSIT_E4


async def test_an_account_topped_up_for_euros_costs_yuan(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world_abroad(database, tenant, keyrings, Kind.TOPUP)
    purchase_id = await world.want_topup()
    await world.run(1)

    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert await balances(world, "cost_of_goods", "exchange", "in_doubt") == {
        ("cost_of_goods", "CNY"): OURS_E4,
        ("exchange", "CNY"): -OURS_E4,
        ("exchange", "EUR"): COST_E4,
    }
    await world.proved()


async def _whole(world: World, purchase_id: UUID) -> PurchaseWhole:
    caller = Caller(world.tenant.id, "cli", frozenset(Permission), world.tenant.timezone)
    async with world.database.transaction(world.tenant.id) as tx:
        return await show_whole(tx, caller, purchase_id)


def _parts(money: PurchaseMoney) -> dict[str, str]:
    """What isn't nothing."""
    told = msgspec.to_builtins(money)
    return {name: part for name, part in told.items() if part != "0.00"}


async def test_where_a_purchases_money_is_is_told_in_what_it_was_paid_with(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, ["fulu"])
    async with database.transaction(tenant.id) as tx:
        await set_rate(tx, tenant.id, "cli", "EUR", "7.812345")
    world.houses["fulu"].told = lambda told: replace(told, state=OrderState.FAILED, cards=None)
    purchase_id = await world.want(2)
    await world.place()
    await add_abroad(world)  # the one in yuan failed; now it is bought in euros, one of them bad
    good = BoughtCard("A1234567890123456", "PW123456")
    bad = BoughtCard("库存不足，请联系客服")
    world.houses[HOUSE].told = lambda told: replace(told, cards=(good, bad))
    await world.later(minutes=1)
    await world.place()

    whole = await _whole(world, purchase_id)
    yuan, euros = whole.attempts
    assert (yuan.currency, yuan.total) == ("CNY", "20.00")
    assert (euros.currency, euros.total) == ("EUR", "20.00")
    in_yuan, in_euros = whole.money_by_currency
    assert _parts(in_yuan) == {"currency": "CNY", "sent": "20.00", "back": "20.00"}
    assert _parts(in_euros) == {
        "currency": "EUR",
        "sent": "20.00",
        "received": "10.00",
        "asked_back": "10.00",
    }
    assert _parts(whole.money) == {
        "currency": "CNY",
        "sent": "176.2470",
        "back": "20.00",
        "received": "78.1235",
        "asked_back": "78.1235",
    }
    assert [(each.cost, each.currency) for each in whole.lots] == [("10.00", "EUR")]
    assert [(each.cost, each.currency) for each in whole.turned_away] == [("10.00", "EUR")]
    assert (whole.purchase.cost, whole.purchase.currency) == ("156.2469", "CNY")
    [judged] = [each for each in euros.choice.ranking if each.taken]
    assert (judged.unit_cost, judged.currency, judged.landed["price"]) == (
        "10.00",
        "EUR",
        "78.1235",
    )


async def test_a_top_up_in_euros_is_used_not_received(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world_abroad(database, tenant, keyrings, Kind.TOPUP)
    purchase_id = await world.want_topup()
    await world.run(1)

    whole = await _whole(world, purchase_id)
    [in_euros] = whole.money_by_currency
    assert _parts(in_euros) == {"currency": "EUR", "sent": "10.00", "used": "10.00"}
    assert _parts(whole.money) == {"currency": "CNY", "sent": "78.1235", "used": "78.1235"}
