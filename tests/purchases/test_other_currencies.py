"""Who sells in euros is paid in euros, what comes costs yuan, and the books have both sides."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.money import exchanged
from kashu.ledger.supplier_money import SupplierMoney, supplier_money
from kashu.purchases.desk import in_doubt
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.simulators.suppliers.house import Kind
from kashu.suppliers.rates import drop_rate, set_rate
from kashu.suppliers.tables import offers
from kashu.suppliers.upstream import BoughtCard, OrderState
from tests.conftest import Tenant
from tests.purchases.buying import deposit
from tests.purchases.counterpart import Fault
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world

RATE_E6 = 7_812_345
OURS_E4 = 781_235  # of one: 10 euros at 7.812345, to the nearest ten-thousandth of a yuan
HOUSE = "kinguin"


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with a supplier that sells in euros, and has a deposit of ours in euros."""
    world = await make_world(database, tenant, keyrings, [])
    await _add(world)
    async with database.transaction(tenant.id) as tx:
        await set_rate(tx, tenant.id, "cli", "EUR", "7.812345")
    return world


async def _add(world: World, kind: Kind = Kind.CARD, code: str = HOUSE) -> None:
    await world.add(code, COST_E4, deposit_e4=0, kind=kind)
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.execute(
            update(offers)
            .where(offers.c.supplier_id == world.suppliers[code])
            .values(currency="EUR")
        )
        await deposit(tx, world.tenant.id, world.suppliers[code], DEPOSIT_E4, "EUR")


async def _money(world: World, currency: str = "EUR") -> SupplierMoney:
    supplier_id = world.suppliers[HOUSE]
    async with world.database.transaction(world.tenant.id) as tx:
        known = await supplier_money(tx, world.tenant.id, [supplier_id], currency=currency)
    return known[supplier_id]


async def _balances(world: World, *kinds: str) -> dict[tuple[str, str], int]:
    """What the accounts of some kinds come to, by kind and currency."""
    found: dict[tuple[str, str], int] = {}
    for each in await world.books():
        if each.kind in kinds and each.balance_e4:
            found[each.kind, each.currency] = found.get((each.kind, each.currency), 0)
            found[each.kind, each.currency] += each.balance_e4
    return found


async def test_cards_bought_in_euros_cost_yuan_at_the_rate_of_their_order(world: World) -> None:
    purchase_id = await world.want(3)
    await world.place()

    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.SUCCEEDED
    assert (attempt.currency, attempt.rate_e6, attempt.total_e4) == ("EUR", RATE_E6, 3 * COST_E4)
    assert await world.stock_count() == 3
    assert (await _money(world)).prepaid_e4 == DEPOSIT_E4 - 3 * COST_E4
    assert await _money(world, "CNY") == SupplierMoney(world.suppliers[HOUSE], 0, 0, 0, 0)
    assert await _balances(world, "inventory", "in_doubt", "exchange") == {
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

    money = await _money(world)
    assert (money.prepaid_e4, money.recoveries_e4) == (DEPOSIT_E4 - 2 * COST_E4, COST_E4)
    assert await _balances(world, "inventory", "exchange") == {
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
    assert (await _money(world)).prepaid_e4 == DEPOSIT_E4
    assert not await _balances(world, "inventory", "exchange", "in_doubt")
    await world.proved()


async def test_money_in_doubt_is_told_in_yuan(world: World) -> None:
    world.houses[HOUSE].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want(2)
    await world.place()

    assert (await world.attempt(purchase_id)).state is AttemptState.UNCLEAR
    async with world.database.transaction(world.tenant.id) as tx:
        [doubt] = await in_doubt(tx, world.tenant.id)
    assert doubt.amount_e4 == exchanged(2 * COST_E4, RATE_E6)
    assert (await _money(world)).in_doubt_e4 == 2 * COST_E4
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
        assert (await _money(world)).prepaid_e4 == DEPOSIT_E4


async def test_without_a_rate_nothing_is_bought(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await drop_rate(tx, world.tenant.id, "cli", "EUR")
    purchase_id = await world.want()
    await world.place()
    assert (await world.purchase(purchase_id)).said == "no_rate"
    assert (await _money(world)).prepaid_e4 == DEPOSIT_E4


async def test_yuan_with_a_supplier_do_not_pay_for_euros(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await deposit(tx, world.tenant.id, world.suppliers[HOUSE], 100 * DEPOSIT_E4)
        await tx.execute(update(offers).values(unit_cost_e4=DEPOSIT_E4 // 2 + 1))
    purchase_id = await world.want(2, unit_cost_max_e4=10 * DEPOSIT_E4)
    await world.place()
    assert (await world.purchase(purchase_id)).said == "money_short"
    assert (await _money(world)).prepaid_e4 == DEPOSIT_E4


async def test_an_account_topped_up_for_euros_costs_yuan(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    await _add(world, Kind.TOPUP)
    async with database.transaction(tenant.id) as tx:
        await set_rate(tx, tenant.id, "cli", "EUR", "7.812345")
    purchase_id = await world.want_topup()
    await world.run(1)

    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert await _balances(world, "cost_of_goods", "exchange", "in_doubt") == {
        ("cost_of_goods", "CNY"): OURS_E4,
        ("exchange", "CNY"): -OURS_E4,
        ("exchange", "EUR"): COST_E4,
    }
    await world.proved()
