"""Landed cost is exact, and says what it is made of; what can't be bought says why."""

import asyncio
import math
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, insert, text, update

from kashu.access.tables import tenants
from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.suppliers.compare import Landed, Ranked, Why, WhyNot, compare
from kashu.suppliers.kinds import Told
from kashu.suppliers.rules import PriceRulesChanges, change_price_rules
from kashu.suppliers.tables import connections, offers, quality, rates, suppliers
from kashu.suppliers.upstream import Product
from tests.conftest import Tenant
from tests.stock.builders import make_sku
from tests.suppliers.market import AT, Market, add_connected, make_market, product

NOTHING = PriceRulesChanges(
    failure_cost_e4=0,
    invalid_cost_e4=0,
    usual_failure_ppm=0,
    usual_invalid_ppm=0,
    capital_ppm=0,
)


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    market = await make_market(database, tenant, [product()])
    await market.tell(product())
    await market.map()
    return market


async def ranked(
    market: Market, *, quantity: int = 1, stock_days: int | None = None, best: int = 20
) -> list[Ranked]:
    sku = await market.sku()
    async with market.database.transaction(market.tenant_id) as tx:
        found = await compare(
            tx,
            market.tenant_id,
            [sku],
            quantity=quantity,
            at=market.now,
            stock_days=stock_days,
            best=best,
        )
    return found[sku]


async def best(market: Market, *, quantity: int = 1, stock_days: int | None = None) -> Ranked:
    return (await ranked(market, quantity=quantity, stock_days=stock_days))[0]


async def _set(market: Market, table: Table, **values: object) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await tx.execute(update(table).values(**values))


async def test_the_example_of_the_documentation_adds_up(market: Market) -> None:
    """docs/concepts/suppliers.md: 10 for 142.50, fee 0.6 %, rebate 1 %, 3 of 200 failed."""
    await market.tell(product("M10", 1_425_000))
    await market.map("M10", units=10)
    await _set(market, suppliers, fee_ppm=6_000, rebate_ppm=10_000)
    async with market.database.transaction(market.tenant_id) as tx:
        await tx.execute(
            insert(quality).values(
                tenant_id=market.tenant_id,
                supplier_id=market.supplier_id,
                attempts=200,
                success_ppm=985_000,
                invalid_ppm=1_000,
                price_changes=0,
                unclear=0,
            )
        )
    offer = next(each for each in await ranked(market, quantity=10) if each.units == 10)
    assert offer.landed == Landed(
        price_e4=142_500,
        fee_e4=855,
        rebate_e4=1_425,
        risk_e4=185,
        capital_e4=235,
        total_e4=142_350,
    )


async def test_parts_add_up_and_the_best_stands_first(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        beta = await add_connected(tx, market.tenant_id, "beta")
    await _tell_as(market, beta, product("B1", 149_000))
    first, second = await ranked(market)
    assert (first.supplier, second.supplier) == ("beta", "alpha")
    assert (first.rank, second.rank) == (1, 2)
    for each in (first, second):
        landed = each.landed
        assert landed is not None
        parts = landed.price_e4 + landed.fee_e4 - landed.rebate_e4
        assert landed.total_e4 == parts + landed.risk_e4 + landed.capital_e4
    assert first.reasons[0].why is Why.CHEAPEST
    assert second.reasons[0].why is Why.DEARER
    assert second.reasons[0].facts["part"] == "price"


async def test_a_rebate_or_terms_may_make_the_dearer_price_the_cheaper_one(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        beta = await add_connected(tx, market.tenant_id, "beta")
    await _tell_as(market, beta, product("B1", 149_000))
    async with market.database.transaction(market.tenant_id) as tx:
        await tx.execute(
            update(suppliers).where(suppliers.c.code == "alpha").values(rebate_ppm=20_000)
        )
    first, second = await ranked(market)
    assert (first.supplier, second.reasons[0].facts["part"]) == ("alpha", "rebate")


async def test_paying_later_costs_less_than_paying_before(market: Market) -> None:
    before = await best(market)
    await _set(market, suppliers, settlement="payable", settle_days=30)
    after = await best(market)
    assert before.landed is not None
    assert after.landed is not None
    assert after.landed.capital_e4 < 0 < before.landed.capital_e4
    at_once = await best(market, stock_days=0)
    assert at_once.landed is not None
    assert at_once.landed.capital_e4 < after.landed.capital_e4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((offers, {"state": "held", "held_because": "rise"}), WhyNot.HELD),
        ((offers, {"state": "gone"}), WhyNot.GONE),
        ((offers, {"on_sale": False}), WhyNot.OFF_SALE),
        ((offers, {"in_stock": False}), WhyNot.SOLD_OUT),
        ((offers, {"stock": 0}), WhyNot.SOLD_OUT),
        ((offers, {"unit_cost_e4": None}), WhyNot.NO_PRICE),
        ((offers, {"currency": "USD"}), WhyNot.NO_RATE),
        ((offers, {"seen_at": AT - timedelta(seconds=901)}), WhyNot.STALE),
        ((offers, {"stock": 3}), WhyNot.TOO_FEW),
        ((offers, {"least": 6}), WhyNot.BELOW_LEAST),
        ((suppliers, {"frozen_because": "quality"}), WhyNot.FROZEN),
        ((connections, {"state": "stopped"}), WhyNot.STOPPED),
        ((connections, {"state": "locked_out"}), WhyNot.LOCKED_OUT),
        ((connections, {"broken_until": AT + timedelta(seconds=1)}), WhyNot.BROKEN),
    ],
)
async def test_what_cannot_be_bought_says_why(
    market: Market, change: tuple[Table, dict[str, object]], why: WhyNot
) -> None:
    assert (await best(market, quantity=5)).buyable
    await _set(market, change[0], **change[1])
    offer = await best(market, quantity=5)
    assert (offer.why_not, offer.buyable) == ((why,), False)


async def test_a_supplier_without_a_connection_is_compared_but_not_bought_from(
    market: Market,
) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await tx.execute(text("DELETE FROM suppliers.connections"))
    assert (await best(market)).why_not == (WhyNot.NOT_CONNECTED,)


async def test_prices_from_files_live_longer(market: Market) -> None:
    await market.tell(product(), how=Told.FILE)
    market.pass_time(hours=23)
    assert (await best(market)).buyable
    market.pass_time(hours=2)
    assert (await best(market)).why_not == (WhyNot.STALE,)


async def test_the_cheaper_one_that_cannot_be_bought_stands_behind_and_says_so(
    market: Market,
) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        beta = await add_connected(tx, market.tenant_id, "beta")
    await _tell_as(market, beta, product("B1", 149_000, in_stock=False))
    first, second = await ranked(market)
    assert (first.supplier, second.supplier) == ("alpha", "beta")
    assert [each.why for each in second.reasons] == [Why.CHEAPER, Why.UNTRIED]


async def test_a_foreign_currency_is_compared_by_its_rate(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await change_price_rules(tx, market.tenant_id, "cli", NOTHING)
        await tx.execute(
            insert(rates).values(
                tenant_id=market.tenant_id, currency="USD", rate_e6=7_123_456, actor="cli"
            )
        )
    await _set(market, offers, currency="USD", unit_cost_e4=19_999)
    offer = await best(market)
    assert offer.landed is not None
    assert offer.landed.total_e4 == math.ceil(Fraction(19_999 * 7_123_456, 1_000_000))
    assert (offer.unit_cost_e4, offer.currency) == (19_999, "USD")


async def test_several_at_once_are_told_and_how_many_one_order_brings(market: Market) -> None:
    await _set(market, offers, units=5, stock=4, most=3)
    offer = await best(market, quantity=7)
    assert (offer.wanted, offer.at_most) == (2, 15)
    assert offer.reasons[-1].why is Why.MORE_THAN_WANTED
    assert offer.reasons[-1].facts == {"units": "10"}


async def test_only_the_best_are_told_and_skus_without_offers_are_empty(market: Market) -> None:
    for n in range(4):
        await market.tell(product(f"X{n}", 150_000 + n))
        await market.map(f"X{n}")
    other = await market.sku("iqiyi-month")
    sku = await market.sku()
    async with market.database.transaction(market.tenant_id) as tx:
        found = await compare(tx, market.tenant_id, [sku, other], at=market.now, best=2)
    assert [each.rank for each in found[sku]] == [1, 2]
    assert found[other] == []


async def test_another_merchants_offers_are_not_seen(market: Market, other_tenant: Tenant) -> None:
    sku = await market.sku()
    async with market.database.transaction(other_tenant.id) as tx:
        assert await compare(tx, other_tenant.id, [sku], at=market.now) == {sku: []}


async def _tell_as(market: Market, supplier_id: UUID, *told: Product) -> None:
    ours = market.supplier_id
    market.supplier_id = supplier_id
    await market.tell(*told)
    for each in told:
        await market.map(each.ref)
    market.supplier_id = ours


def _exact(each: dict[str, int], payable: bool) -> Fraction:
    """The landed cost, as a schoolbook would reckon it."""
    cost = Fraction(each["cost"], each["units"])
    fee = Fraction(each["fee_e4"], each["units"]) + cost * Fraction(each["fee_ppm"], 10**6)
    rebate = cost * Fraction(each["rebate_ppm"], 10**6)
    weight = each["attempts"] + 20

    def rate(own: int, usual: int) -> Fraction:
        return Fraction(each["attempts"] * own + 20 * usual, weight * 10**6)

    failed = rate(10**6 - each["success_ppm"], each["usual_failure_ppm"])
    invalid = rate(each["invalid_ppm"], each["usual_invalid_ppm"])
    risk = failed * Fraction(each["failure_cost_e4"], each["quantity"])
    risk += invalid * (cost + each["invalid_cost_e4"])
    days = each["stock_days"] + (-each["settle_days"] if payable else each["prepaid_days"])
    capital = cost * Fraction(each["capital_ppm"], 10**6) * Fraction(days, 365)
    return cost + fee - rebate + risk + capital


PPM = st.integers(0, 10**6)
WORLD = st.fixed_dictionaries(
    {
        "cost": st.integers(1, 10**10),
        "units": st.integers(1, 100_000),
        "fee_e4": st.integers(0, 10**8),
        "fee_ppm": PPM,
        "rebate_ppm": PPM,
        "attempts": st.integers(0, 10**6),
        "success_ppm": PPM,
        "invalid_ppm": PPM,
        "usual_failure_ppm": PPM,
        "usual_invalid_ppm": PPM,
        "failure_cost_e4": st.integers(0, 10**7),
        "invalid_cost_e4": st.integers(0, 10**7),
        "capital_ppm": PPM,
        "prepaid_days": st.integers(0, 365),
        "stock_days": st.integers(0, 365),
        "settle_days": st.integers(0, 365),
        "quantity": st.integers(1, 10_000),
    }
)


@given(each=WORLD, payable=st.booleans())
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_landed_cost_is_exact_whatever_the_figures(
    owner_url: str, each: dict[str, int], payable: bool
) -> None:
    landed = asyncio.run(_landed(owner_url, each, payable))
    exact = _exact(each, payable)
    parts = landed.price_e4 + landed.fee_e4 - landed.rebate_e4
    assert landed.total_e4 == parts + landed.risk_e4 + landed.capital_e4
    assert exact <= landed.total_e4 < exact + 5, "never cheaper than it is, each part by < 1"


async def _landed(owner_url: str, each: dict[str, int], payable: bool) -> Landed:
    database = Database(owner_url, role="kashu_app", pool_size=1)
    try:
        async with database.transaction(None) as tx:
            code = f"t{new_id().hex}"
            made = insert(tenants).values(code=code, name=code).returning(tenants.c.id)
            tenant_id: int = (await tx.execute(made)).scalar_one()
        async with database.transaction(tenant_id) as tx:
            landed = await _reckoned(tx, tenant_id, each, payable)
            await tx.rollback()
        return landed
    finally:
        await database.close()


async def _reckoned(tx: Tx, tenant_id: int, each: dict[str, int], payable: bool) -> Landed:
    sku_id = await make_sku(tx, tenant_id)
    supplier_id = await add_connected(tx, tenant_id, "alpha")
    await tx.execute(
        update(suppliers).values(
            settlement="payable" if payable else "prepaid",
            **{name: each[name] for name in ("settle_days", "fee_e4", "fee_ppm", "rebate_ppm")},
        )
    )
    rules = ("failure_cost_e4", "invalid_cost_e4", "usual_failure_ppm", "usual_invalid_ppm")
    await change_price_rules(
        tx,
        tenant_id,
        "cli",
        PriceRulesChanges(
            **{name: each[name] for name in (*rules, "capital_ppm", "prepaid_days", "stock_days")}
        ),
    )
    names = ("attempts", "success_ppm", "invalid_ppm")
    await tx.execute(
        insert(quality).values(
            tenant_id=tenant_id,
            supplier_id=supplier_id,
            price_changes=0,
            unclear=0,
            **{name: each[name] for name in names},
        )
    )
    await tx.execute(
        insert(offers).values(
            tenant_id=tenant_id,
            id=new_id(),
            supplier_id=supplier_id,
            ref="M1",
            title="M1",
            goods="card",
            sku_id=sku_id,
            units=each["units"],
            unit_cost_e4=each["cost"],
            seen_at=AT,
        )
    )
    found = await compare(tx, tenant_id, [sku_id], quantity=each["quantity"], at=AT)
    landed = found[sku_id][0].landed
    assert landed is not None
    return landed
