"""The profit report: any crossing, the same totals, exact to the unit."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.ledger.reads import trial_balance
from kashu.reports.dimensions import Dimension, parse_dimensions
from kashu.reports.errors import (
    RepeatedDimension,
    SpanBackwards,
    UnknownDimension,
    UnknownFilterValue,
)
from kashu.reports.profit import Figures, Named, ProfitReport, add_up, profit
from tests.conftest import Tenant
from tests.reports.shop import COST, REVENUE, Shop, open_shop

D = Dimension
JULY_1, JULY_5, JULY_6, AUGUST_1 = (
    date(2026, 7, 1),
    date(2026, 7, 5),  # a Sunday
    date(2026, 7, 6),
    date(2026, 8, 1),
)


@pytest.fixture
async def shop(tx: Tx, tenant: Tenant) -> Shop:
    """Five sales over stores, suppliers, SKUs, days and a customer; fees, losses, a refund."""
    shop = await open_shop(tx, tenant.id)
    month = await shop.receive("mgtv-month", 3, 141_250)
    year = await shop.receive("mgtv-year", 2, 1_500_001, supplier="south")
    other = await shop.receive("iqiyi-month", 2, 150_000, warehouse="spare")
    await shop.sell("mgtv-month", 198_000, [(month, month.cards[0], 1)])
    refunded = await shop.sell(
        "mgtv-month", 198_000, [(month, month.cards[1], 1)], store="jd", on=JULY_5
    )
    await shop.sell(
        "mgtv-year",
        3_960_000,
        [(year, card, 1) for card in year.cards],
        customer="acme",
        on=JULY_6,
    )
    await shop.sell("iqiyi-month", 190_000, [(other, other.cards[0], 1)], on=AUGUST_1)
    about = (shop.ids["mgtv-month"], shop.ids["jd"], None, shop.ids["north"])
    owed = Account(AccountKind.RECEIVABLE, shop.ids["jd"])
    await post(
        tx,
        tenant.id,
        [
            Transfer(REVENUE, owed, 198_000, 1, "refund", refunded, *about),
            Transfer(
                Account(AccountKind.AFTER_SALES_LOSS), COST, 141_250, 1, "burnt", refunded, *about
            ),
            Transfer(Account(AccountKind.CHANNEL_FEES), owed, 1_234, 0, "fee", refunded, *about),
        ],
        posted_on=JULY_6,
    )
    stock = Account(AccountKind.INVENTORY, shop.ids["spare"])
    lost = {"sku_id": shop.ids["iqiyi-month"], "supplier_id": shop.ids["north"]}
    await post(
        tx,
        tenant.id,
        [
            Transfer(
                Account(AccountKind.EXPIRED_STOCK), stock, 100_000, 1, "expired", other.id, **lost
            ),
            Transfer(Account(AccountKind.STOCK_LOSS), stock, 50_000, 1, "void", other.id, **lost),
        ],
        posted_on=AUGUST_1,
    )
    return shop


TOTAL = Figures(
    units=4,
    revenue_e4=4_348_000,
    cost_e4=3_291_252,
    after_sales_loss_e4=141_250,
    channel_fees_e4=1_234,
    expired_stock_e4=100_000,
    stock_loss_e4=50_000,
    profit_e4=4_348_000 - 3_291_252 - 141_250 - 1_234 - 100_000 - 50_000,
)


def table(report: ProfitReport) -> dict[Any, tuple[int, int]]:
    """Units and profit by key."""
    return {
        tuple(key.code if isinstance(key, Named) else key for key in row.keys): (
            row.figures.units,
            row.figures.profit_e4,
        )
        for row in report.rows
    }


async def test_without_dimensions_it_is_one_row_of_totals(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id)
    assert [(row.keys, row.currency, row.figures) for row in report.rows] == [((), "CNY", TOTAL)]
    assert report.totals == report.rows


async def test_it_agrees_with_the_trial_balance_to_the_unit(shop: Shop) -> None:
    books = await trial_balance(shop.tx, shop.tenant_id)
    balance = Counter[str]()
    for row in books.accounts:
        balance[row.kind] += row.balance_e4
    assert TOTAL.revenue_e4 == -balance["revenue"]
    assert TOTAL.cost_e4 == balance["cost_of_goods"]
    assert TOTAL.after_sales_loss_e4 == balance["after_sales_loss"]
    assert TOTAL.channel_fees_e4 == balance["channel_fees"]
    assert TOTAL.expired_stock_e4 == balance["expired_stock"]
    assert TOTAL.stock_loss_e4 == balance["stock_loss"]


@pytest.mark.parametrize("size", [1, 2, 3, 10])
async def test_every_crossing_adds_up_to_the_same_totals(shop: Shop, size: int) -> None:
    for by in combinations(Dimension, size):
        report = await profit(shop.tx, shop.tenant_id, by)
        [total] = report.totals
        assert total.figures == TOTAL
        assert add_up([row.figures for row in report.rows]) == TOTAL
        assert len({row.keys for row in report.rows}) == len(report.rows)


async def test_profit_is_revenue_less_all_costs_in_every_row(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id, list(Dimension))
    for row in report.rows:
        made = row.figures
        assert made.profit_e4 == made.revenue_e4 - made.cost_e4 - made.after_sales_loss_e4 - (
            made.channel_fees_e4 + made.expired_stock_e4 + made.stock_loss_e4
        )


async def test_by_store_what_no_store_did_comes_last(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id, [D.STORE])
    assert list(table(report).items()) == [
        (("jd",), (0, -141_250 - 1_234)),
        (("tmall",), (4, 4_150_000 + 198_000 - 141_250 - 3_000_002 - 150_000)),
        ((None,), (0, -150_000)),
    ]


async def test_by_supplier_and_period(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id, [D.SUPPLIER, D.PERIOD])
    assert table(report) == {
        ("north", "month"): (2, 388_000 - 291_250 - 141_250 - 1_234 - 150_000),
        ("south", "year"): (2, 959_998),
    }


async def test_by_brand_product_sku_and_customer(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id, [D.BRAND, D.PRODUCT, D.SKU, D.CUSTOMER])
    assert set(table(report)) == {
        ("iqiyi", "iqiyi-vip", "iqiyi-month", None),
        ("mgtv", "mgtv-vip", "mgtv-month", None),
        ("mgtv", "mgtv-vip", "mgtv-year", "acme"),
    }


async def test_weeks_are_iso_weeks_and_months_are_named(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id, [D.MONTH, D.WEEK, D.DAY])
    assert [row.keys for row in report.rows] == [
        ("2026-07", "2026-W27", JULY_1),
        ("2026-07", "2026-W27", JULY_5),
        ("2026-07", "2026-W28", JULY_6),
        ("2026-08", "2026-W31", AUGUST_1),
    ]


async def test_the_week_of_new_year_belongs_to_the_year_of_its_thursday(
    tx: Tx, tenant: Tenant
) -> None:
    sale = Transfer(Account(AccountKind.CASH), REVENUE, 1, 1, "sale", new_id())
    for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 4)):
        await post(tx, tenant.id, [sale], posted_on=day)
    report = await profit(tx, tenant.id, [D.WEEK])
    assert table(report) == {("2026-W53",): (2, 2), ("2027-W01",): (1, 1)}


async def test_a_span_includes_both_its_days(shop: Shop) -> None:
    report = await profit(shop.tx, shop.tenant_id, [D.DAY], since=JULY_5, until=JULY_6)
    assert [row.keys for row in report.rows] == [(JULY_5,), (JULY_6,)]
    since = await profit(shop.tx, shop.tenant_id, [D.DAY], since=JULY_6)
    until = await profit(shop.tx, shop.tenant_id, [D.DAY], until=JULY_5)
    halves = [since.totals[0].figures, until.totals[0].figures]
    assert add_up(halves) == TOTAL


@pytest.mark.parametrize(
    ("filters", "units", "revenue_e4"),
    [
        ({D.STORE: ["tmall"]}, 4, 4_348_000),
        ({D.STORE: ["tmall", "jd"]}, 4, 4_348_000),
        ({D.SUPPLIER: ["south"]}, 2, 3_960_000),
        ({D.BRAND: ["mgtv"]}, 3, 4_158_000),
        ({D.PRODUCT: ["iqiyi-vip"]}, 1, 190_000),
        ({D.SKU: ["mgtv-month"]}, 1, 198_000),
        ({D.PERIOD: ["year"]}, 2, 3_960_000),
        ({D.CUSTOMER: ["acme"]}, 2, 3_960_000),
        ({D.BRAND: ["mgtv"], D.PERIOD: ["month"]}, 1, 198_000),
        ({D.STORE: ["jd"]}, 0, 0),
    ],
)
async def test_a_filter_keeps_only_what_it_names(
    shop: Shop, filters: dict[Dimension, list[str]], units: int, revenue_e4: int
) -> None:
    report = await profit(shop.tx, shop.tenant_id, [D.DAY, D.SKU], filters=filters)
    [total] = report.totals
    assert (total.figures.units, total.figures.revenue_e4) == (units, revenue_e4)


async def test_filters_that_nothing_meets_leave_an_empty_report(shop: Shop) -> None:
    filters = {D.BRAND: ["iqiyi"], D.SKU: ["mgtv-year"]}
    report = await profit(shop.tx, shop.tenant_id, [D.DAY], filters=filters)
    assert (report.rows, report.totals) == ([], [])


@pytest.mark.parametrize("dimension", [d for d in Dimension if d not in (D.DAY, D.WEEK, D.MONTH)])
@pytest.mark.parametrize("value", ["nobody", "tmall' OR 1=1 --", "", "\x00"])
async def test_a_filter_for_something_unknown_is_refused(
    shop: Shop, dimension: Dimension, value: str
) -> None:
    with pytest.raises(UnknownFilterValue) as refused:
        await profit(shop.tx, shop.tenant_id, [D.DAY], filters={dimension: [value]})
    assert refused.value.facts["dimension"] == dimension


async def test_another_tenants_store_is_unknown_and_its_profit_unseen(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
        lot = await shop.receive("mgtv-month", 1, 100)
        await shop.sell("mgtv-month", 200, [(lot, lot.cards[0], 1)])
    async with database.transaction(other_tenant.id) as tx:
        assert (await profit(tx, other_tenant.id, [D.STORE])).rows == []
        with pytest.raises(UnknownFilterValue):
            await profit(tx, other_tenant.id, filters={D.STORE: ["tmall"]})


async def test_a_span_that_ends_before_it_begins_is_refused(shop: Shop) -> None:
    with pytest.raises(SpanBackwards):
        await profit(shop.tx, shop.tenant_id, since=JULY_6, until=JULY_5)


async def test_currencies_are_never_added_up_together(shop: Shop) -> None:
    sale = Transfer(Account(AccountKind.CASH), REVENUE, 7, 1, "sale", new_id())
    await post(shop.tx, shop.tenant_id, [sale], posted_on=JULY_1, currency="USD")
    report = await profit(shop.tx, shop.tenant_id, [D.DAY])
    assert [(row.keys[0], row.currency) for row in report.rows][:2] == [
        (JULY_1, "CNY"),
        (JULY_1, "USD"),
    ]
    assert [(total.currency, total.figures.profit_e4) for total in report.totals] == [
        ("CNY", TOTAL.profit_e4),
        ("USD", 7),
    ]


async def test_names_are_in_the_readers_language(shop: Shop) -> None:
    for language, name in (("zh", "mgtv-month 卡"), ("en", "mgtv-month card")):
        report = await profit(
            shop.tx,
            shop.tenant_id,
            [D.SKU],
            filters={D.SKU: ["mgtv-month"]},
            language=language,
        )
        assert report.rows[0].keys == (Named("mgtv-month", name),)


def test_the_margin_is_exact_to_four_places_and_absent_without_revenue() -> None:
    assert Figures(1, 30_000, 20_000, 0, 0, 0, 0, 10_000).margin == Decimal("0.3333")
    assert Figures(1, 30_000, 40_000, 0, 0, 0, 0, -10_000).margin == Decimal("-0.3333")
    assert Figures(0, 0, 0, 0, 0, 50, 0, -50).margin is None


def test_dimensions_are_read_in_the_order_given() -> None:
    assert parse_dimensions("Day, store,sku") == (D.DAY, D.STORE, D.SKU)
    assert parse_dimensions("") == ()


@pytest.mark.parametrize(
    ("written", "error", "said"),
    [
        ("day,shop", UnknownDimension, "shop"),
        ("day;DROP TABLE ledger.daily", UnknownDimension, "drop table"),
        ("day,,store", UnknownDimension, "customer"),
        ("store,day,store", RepeatedDimension, "store"),
    ],
)
def test_a_wrong_dimension_is_named_and_the_right_ones_are_listed(
    written: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refused:
        parse_dimensions(written)
    assert said in str(refused.value).lower()
