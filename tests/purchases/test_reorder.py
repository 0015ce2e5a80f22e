"""Reordering: when and how many, never two at a time; and whether to stock up."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant as Shop
from kashu.catalog.reads import sku_by_code
from kashu.core.db import Database, Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.purchases.cancel import cancel
from kashu.purchases.errors_buying import AlreadyOnOrder
from kashu.purchases.kinds import Cause, PurchaseState, Reordering
from kashu.purchases.reads import purchase_list
from kashu.purchases.reorder import Suggestion, reorder, reorder_due, suggestions
from kashu.purchases.reorder_point import Held, Sales, Terms, suggest
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import set_rule
from kashu.purchases.stock_up import stock_up_or_not
from tests.conftest import Tenant
from tests.purchases.buying import (
    AT,
    CLERK,
    Ground,
    later,
    make_ground,
    make_listing,
    make_offer,
    wanted,
)
from tests.stock.builders import put_cards

TODAY = date(2026, 6, 15)  # a Monday


def evenly(units: int, days: int = 28) -> Sales:
    """So many a day, for so many days."""
    return Sales({TODAY - timedelta(days=n): units for n in range(1, days + 1)}, TODAY)


def terms(**more: Any) -> Terms:  # noqa: ANN401
    return Terms(**({"lead_days": Fraction(1), "safety_days": 2, "cover_days": 7} | more))


def test_the_arithmetic_is_told() -> None:
    low = suggest(evenly(10), Held(available=30, on_order=5, promised=5), terms(unit_cost_e4=100))
    assert (low.quantity, low.why) == (70, "low")
    assert low.facts["reorder_point"] == 30  # 10 a day × (1 + 2) days
    assert low.facts["up_to"] == 100  # 10 a day × (1 + 2 + 7) days
    assert (low.facts["position"], low.facts["speed"], low.facts["trend"]) == (30, "10.00", "1.00")
    assert low.facts["bounds"] == {"at_once": 10_000, "up_to": 70}
    assert low.facts["amount_e4"] == 7_000
    enough = suggest(evenly(10), Held(available=31), terms())
    assert (enough.quantity, enough.why) == (0, "enough")


def test_weekdays_and_the_trend_count() -> None:
    weekends = {
        TODAY - timedelta(days=n): 28
        for n in range(1, 29)
        if (TODAY - timedelta(days=n)).weekday() >= 5
    }
    sales = Sales(weekends, TODAY)
    assert sales.demand(Fraction(5)) == 0  # Monday to Friday
    assert sales.demand(Fraction(6)) == 28
    assert sales.demand(Fraction(13, 2)) == 42
    rising = Sales({TODAY - timedelta(days=n): 20 if n <= 7 else 10 for n in range(1, 29)}, TODAY)
    assert rising.speed == Fraction(350, 28)
    assert rising.trend == Fraction(8, 5)
    wild = Sales({TODAY - timedelta(days=1): 1_000, TODAY - timedelta(days=28): 1}, TODAY)
    assert wild.trend == 2


def test_what_sells_since_a_few_days_is_not_taken_for_slow() -> None:
    fresh = evenly(10, days=8)
    assert (fresh.days, fresh.speed) == (8, Fraction(10))
    assert evenly(10, days=2).speed == Fraction(20, 7)


@pytest.mark.parametrize(
    ("more", "held", "quantity", "by"),
    [
        ({"stock_days_max": 5}, Held(available=20), 30, "stock_days_max"),
        ({"shelf_days": 6}, Held(available=20), 30, "shelf_days"),
        ({"budget_e4": 5_000, "unit_cost_e4": 100}, Held(20, tied_e4=2_000), 30, "budget"),
        ({"units": 9}, Held(available=20), 81, "up_to"),
        ({"units": 9, "stock_days_max": 10}, Held(available=20), 72, "stock_days_max"),
    ],
)
def test_limits_bound_what_is_suggested(
    more: dict[str, Any], held: Held, quantity: int, by: str
) -> None:
    found = suggest(evenly(10), held, terms(**more))
    assert (found.quantity, found.why, found.facts["by"]) == (quantity, "low", by)


def test_what_expires_unsold_is_not_counted_on_and_a_tie_is_no_reason() -> None:
    assert suggest(evenly(10), Held(available=100, unsold=80), terms()).quantity == 80
    assert suggest(evenly(10), Held(20), terms(units=50, stock_days_max=6)).why == "bounded"
    assert suggest(evenly(10), Held(20), terms(least=81)).why == "bounded"
    assert suggest(Sales({}, TODAY), Held(0), terms()).why == "no_sales"


@settings(max_examples=200, deadline=None)
@given(
    sold=st.lists(st.integers(-2, 60), min_size=28, max_size=28),
    available=st.integers(0, 500),
    on_order=st.integers(0, 200),
    stock_days_max=st.none() | st.integers(1, 60),
    shelf_days=st.none() | st.integers(0, 90),
    budget_e4=st.none() | st.integers(0, 10**7),
    units=st.integers(1, 12),
)
def test_a_suggestion_keeps_to_all_limits(  # noqa: PLR0917  (what is drawn)
    sold: list[int],
    available: int,
    on_order: int,
    stock_days_max: int | None,
    shelf_days: int | None,
    budget_e4: int | None,
    units: int,
) -> None:
    sales = Sales({TODAY - timedelta(days=n): each for n, each in enumerate(sold, 1)}, TODAY)
    held = Held(available=available, on_order=on_order, tied_e4=100 * available)
    said = terms(
        stock_days_max=stock_days_max,
        shelf_days=shelf_days,
        budget_e4=budget_e4,
        unit_cost_e4=100,
        units=units,
    )
    found = suggest(sales, held, said)
    assert found.quantity >= 0
    assert found.quantity % units == 0
    if not found.quantity:
        return
    after = held.position + found.quantity
    assert held.position <= found.facts["reorder_point"]
    assert after < found.facts["up_to"] + units
    assert stock_days_max is None or after <= sales.demand(Fraction(stock_days_max))
    assert shelf_days is None or after <= sales.demand(Fraction(max(shelf_days - 1, 0)))
    assert budget_e4 is None or held.tied_e4 + found.quantity * 100 <= budget_e4


@pytest.fixture
async def ground(tx: Tx, tenant: Tenant) -> Ground:
    return await sold_evenly(tx, tenant.id)


async def sold_evenly(tx: Tx, tenant_id: int, units: int = 10) -> Ground:
    """A SKU that sold so many a day for 28 days, which somebody offers."""
    ground = await make_ground(tx, tenant_id)
    await make_listing(tx, tenant_id, ground.sku_id, 150_000)
    await make_offer(tx, tenant_id, ground.sku_id, "fulu", 100_000)
    await sell(tx, tenant_id, ground.sku_id, units)
    limits = Limits(reorder=Reordering.WANTED, lead_hours=24, warehouse_id=ground.warehouse_id)
    await set_rule(tx, tenant_id, CLERK, Scope(ground.sku_id), limits, at=AT)
    return ground


async def sell(tx: Tx, tenant_id: int, sku_id: UUID, units: int) -> None:
    """Post the cost of so many a day, for the 28 days before today."""
    for n in range(1, 29):
        sale = Transfer(
            Account(AccountKind.COST_OF_GOODS),
            Account(AccountKind.OPENING),
            units * 100_000,
            units,
            "cost",
            sku_id,
            sku_id=sku_id,
        )
        await post(tx, tenant_id, [sale], posted_on=TODAY - timedelta(days=n))


async def only(tx: Tx, tenant_id: int) -> Suggestion:
    [found] = await suggestions(tx, tenant_id, timezone="Asia/Shanghai", at=AT)
    return found


async def test_what_is_held_ordered_and_sold_is_seen(
    tx: Tx, tenant: Tenant, ground: Ground, keyrings: Keyrings
) -> None:
    await put_cards(tx, tenant.id, 12, sku_id=ground.sku_id, keyrings=keyrings)
    await wanted(tx, tenant.id, ground, 3, cause=Cause.HAND, actor=CLERK)
    found = await only(tx, tenant.id)
    facts = found.suggested.facts
    assert (facts["available"], facts["on_order"], facts["position"]) == (12, 3, 15)
    assert (facts["sold_7_days"], facts["sold_28_days"]) == (70, 280)
    assert (facts["reorder_point"], facts["up_to"], found.suggested.quantity) == (30, 100, 85)
    assert found.best is not None
    assert found.best.supplier == "fulu"


def shop_of(tenant: Tenant) -> Shop:
    return Shop(tenant.id, tenant.code, tenant.code, tenant.timezone)


async def test_what_runs_low_is_bought_once(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        await sold_evenly(tx, tenant.id)
        seen = await only(tx, tenant.id)
    for _ in range(2):
        await reorder_due(database, shop_of(tenant), lambda: AT)
    async with database.transaction(tenant.id) as tx:
        [made] = await purchase_list(tx, tenant.id)
        now_seen = await only(tx, tenant.id)
        assert (now_seen.open_id, now_seen.suggested.quantity) == (made.id, 0)
        with pytest.raises(AlreadyOnOrder):
            await reorder(tx, tenant.id, CLERK, seen, at=AT)
    assert (made.cause, made.state, made.quantity) == (Cause.REORDER, PurchaseState.WANTED, 100)
    assert made.unit_cost_max_e4 == 150_000
    assert made.facts["reorder"]["reorder_point"] == 30


async def test_what_a_person_did_not_want_is_not_written_again_that_day(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await sold_evenly(tx, tenant.id)
        limits = Limits(reorder=Reordering.DRAFT, warehouse_id=ground.warehouse_id)
        await set_rule(tx, tenant.id, CLERK, Scope(ground.sku_id), limits, at=AT)
    await reorder_due(database, shop_of(tenant), lambda: AT)
    async with database.transaction(tenant.id) as tx:
        [draft] = await purchase_list(tx, tenant.id)
        assert draft.state == PurchaseState.DRAFT
        await cancel(tx, tenant.id, CLERK, draft.id, because="no")
    await reorder_due(database, shop_of(tenant), lambda: AT)
    async with database.transaction(tenant.id) as tx:
        assert len(await purchase_list(tx, tenant.id)) == 1


async def test_where_no_rule_says_so_nothing_is_bought(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await sold_evenly(tx, tenant.id)
        await set_rule(tx, tenant.id, CLERK, Scope(ground.sku_id), Limits(), at=AT)
    await reorder_due(database, shop_of(tenant), lambda: AT)
    async with database.transaction(tenant.id) as tx:
        assert await purchase_list(tx, tenant.id) == []
        assert (await only(tx, tenant.id)).suggested.quantity > 0


async def test_one_sku_that_cannot_be_bought_does_not_hold_up_another(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        other = await make_ground(tx, tenant.id, "iqiyi-month")  # sold nowhere: no limit
        await make_offer(tx, tenant.id, other.sku_id, "dear", 900_000)
        await sell(tx, tenant.id, other.sku_id, 50)
        every = Limits(reorder=Reordering.WANTED, warehouse_id=other.warehouse_id)
        await set_rule(tx, tenant.id, CLERK, Scope(), every, at=AT)
        ground = await sold_evenly(tx, tenant.id)
    await reorder_due(database, shop_of(tenant), lambda: AT)
    async with database.transaction(tenant.id) as tx:
        assert [each.sku_id for each in await purchase_list(tx, tenant.id)] == [ground.sku_id]


async def test_stocking_up_pays_where_the_price_break_beats_what_money_costs(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    sku = await sku_by_code(tx, tenant.id, "mgtv-month")
    alike = await stock_up_or_not(tx, tenant.id, sku, timezone="Asia/Shanghai", at=AT)
    assert alike.just_in_time is not None
    assert alike.just_in_time.supplier == "fulu"
    for way in alike.stock_up:
        assert way.total_e4 == way.landed_e4 + way.capital_e4 + way.expiry_e4
        assert way.saves_e4 == alike.just_in_time.total_e4 - way.total_e4
    await make_offer(tx, tenant.id, ground.sku_id, "bulk", 90_000, least=100)
    cheap = await stock_up_or_not(tx, tenant.id, sku, timezone="Asia/Shanghai", at=AT)
    assert cheap.advice == "stock_up"
    assert cheap.best is not None
    assert cheap.best.supplier == "bulk"
    assert cheap.saves_in_all_e4 == cheap.best.saves_e4 * cheap.best.quantity
    assert cheap.just_in_time == alike.just_in_time


async def test_without_sales_nothing_can_be_said(tx: Tx, tenant: Tenant) -> None:
    await make_ground(tx, tenant.id)
    sku = await sku_by_code(tx, tenant.id, "mgtv-month")
    advice = await stock_up_or_not(tx, tenant.id, sku, timezone="Asia/Shanghai", at=later())
    assert (advice.advice, advice.why) == ("none", "no_sales")
