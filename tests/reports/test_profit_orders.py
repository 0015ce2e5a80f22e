"""The orders behind the profit report: a page costs what a page does, all come to the report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product as crossing
from random import Random
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.orders.tables import lines
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import Named, ProfitRow, profit
from kashu.reports.profit_orders import OrderProfit, all_profit_orders, profit_orders
from tests.conftest import Tenant
from tests.reports.shop import COST, REVENUE, Shop, open_shop

D = Dimension
TODAY: Final = day_of(now())
DAYS: Final = tuple(TODAY + timedelta(days=days) for days in (-1, 0, 1))
CURRENCIES: Final = ("CNY", "USD")
PART: Final[dict[str, Any]] = {"since": None, "until": None, "filters": {}, "unsaid": ()}
OTHERS: Final = (
    Account(AccountKind.AFTER_SALES_LOSS),
    Account(AccountKind.STOCK_LOSS),
    Account(AccountKind.EXPIRED_STOCK),
    Account(AccountKind.CHANNEL_FEES),
    Account(AccountKind.CASH),
    Account(AccountKind.OPENING),
)


@pytest.fixture
async def shop(tx: Tx, tenant: Tenant) -> Shop:
    return await open_shop(tx, tenant.id)


async def order_of_two(shop: Shop, store: str, customer: str | None) -> list[UUID]:
    """Write an order of two lines, of different SKUs."""
    first = await shop.add_line("mgtv-month", 1, 198_000, store, customer)
    order_id = (
        await shop.tx.execute(
            text("SELECT order_id FROM orders.lines WHERE tenant_id = :tenant AND id = :id"),
            {"tenant": shop.tenant_id, "id": first},
        )
    ).scalar_one()
    second = {
        "id": new_id(),
        "order_id": order_id,
        "number": 2,
        "sku_id": shop.ids["iqiyi-month"],
        "quantity": 1,
        "price_e4": 0,
        "partial_allowed": False,
        "state": "filled",
        "delivered_count": 1,
        "waiting_count": 0,
        "unearned_e4": 0,
        "earned_e4": 0,
    }
    await shop.add(lines, second)
    return [first, second["id"]]


async def scatter(shop: Shop, random: Random, count: int) -> None:
    """Post whatever can be posted, about lines of orders, lots and what nobody knows."""
    subjects = [new_id(), (await shop.receive("mgtv-month", 2, 141_250, on=TODAY)).id]
    for n in range(12):
        customer = "acme" if n % 3 == 0 else None
        subjects += await order_of_two(shop, "jd" if n % 2 else "tmall", customer)
        subjects.append(await shop.add_line("mgtv-year", 1, 396_000, "jd", None))
    owed = Account(AccountKind.RECEIVABLE, shop.ids["jd"])
    posted: defaultdict[tuple[date, str], list[Transfer]] = defaultdict(list)

    def one_of(*codes: str | None) -> UUID | None:
        code = random.choice(codes)
        return None if code is None else shop.ids[code]

    for _ in range(count):
        debit, credit = random.sample([REVENUE, COST, owed, *OTHERS], 2)
        transfer = Transfer(
            debit,
            credit,
            random.randrange(1_000_000),
            random.randrange(-3, 4),
            "scattered",
            random.choice(subjects),
            sku_id=one_of("mgtv-month", "mgtv-year", "iqiyi-month", None),
            store_id=one_of("tmall", "jd", None),
            customer_id=one_of("acme", None),
            supplier_id=one_of("north", "south", None),
        )
        posted[random.choice(DAYS), random.choice(CURRENCIES)].append(transfer)
        if random.random() < 0.2:  # several posts: several moments
            for (day, currency), transfers in posted.items():
                await post(shop.tx, shop.tenant_id, transfers, posted_on=day, currency=currency)
            posted.clear()


async def paged(shop: Shop, limit: int, **part: Any) -> list[OrderProfit]:  # noqa: ANN401
    found: list[OrderProfit] = []
    while True:
        after = found[-1].mark if found else None
        page = await profit_orders(shop.tx, shop.tenant_id, **part, after=after, limit=limit)
        found += page
        if len(page) < limit:
            return found


def added(rows: Sequence[OrderProfit]) -> dict[str, tuple[int, ...]]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        for n, figure in enumerate((row.units, row.revenue_e4, row.cost_e4, row.profit_e4)):
            sums[row.currency][n] += figure
    return {currency: tuple(figures) for currency, figures in sums.items()}


def told(rows: Sequence[ProfitRow]) -> dict[str, tuple[int, ...]]:
    return {
        row.currency: (
            row.figures.units,
            row.figures.revenue_e4,
            row.figures.cost_e4,
            row.figures.profit_e4,
        )
        for row in rows
    }


async def prove(shop: Shop, part: Mapping[str, Any], limit: int) -> list[OrderProfit]:
    """Pages of any size, the file and the report: one and the same, currency by currency."""
    part = {**PART, **part}
    whole = await all_profit_orders(shop.tx, shop.tenant_id, **part, limit=10_000)
    assert await paged(shop, limit, **part) == whole
    assert len({(row.key, row.currency) for row in whole}) == len(whole)
    assert added(whole) == told((await profit(shop.tx, shop.tenant_id, **part)).totals)
    return list(whole)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_posted_pages_come_to_the_report_in_each_currency(
    shop: Shop, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  (no secret)
    await scatter(shop, random, 250)
    whole = await prove(shop, {}, 7)
    assert {row.currency for row in whole} == set(CURRENCIES)
    assert sum(row.order_id is None for row in whole) > 1
    assert sum(row.lot_id is not None for row in whole) > 0
    filters: list[dict[Dimension, list[str]]] = [
        {},
        {D.STORE: ["jd"]},
        {D.SKU: ["mgtv-month", "mgtv-year"]},
        {D.BRAND: ["mgtv"], D.SUPPLIER: ["south"]},
        {D.CUSTOMER: ["acme"]},
    ]
    for since, chosen, unsaid in crossing((None, *DAYS), filters, ((), (D.SKU,), (D.STORE,))):
        part = {"since": since, "until": since, "filters": chosen, "unsaid": unsaid}
        await prove(shop, part, random.randrange(1, 9))


async def test_every_cell_of_the_report_is_that_of_its_orders(shop: Shop) -> None:
    await scatter(shop, Random(11), 120)  # noqa: S311  (no secret)
    by = (D.DAY, D.STORE, D.SUPPLIER)
    cells: defaultdict[tuple[Any, ...], list[ProfitRow]] = defaultdict(list)
    for row in (await profit(shop.tx, shop.tenant_id, by)).rows:
        cells[row.keys].append(row)
    assert len(cells) > 20
    for (day, *named), rows in cells.items():
        filters = {
            of: [key.code] for of, key in zip(by[1:], named, strict=True) if isinstance(key, Named)
        }
        unsaid = tuple(of for of, key in zip(by[1:], named, strict=True) if key is None)
        part = {"since": day, "until": day, "filters": filters, "unsaid": unsaid}
        assert added(await prove(shop, part, 5)) == told(rows)


async def test_an_order_stands_once_where_its_latest_posting_stands(shop: Shop) -> None:
    owed = Account(AccountKind.RECEIVABLE, shop.ids["jd"])

    async def earn(line_id: UUID, amount_e4: int) -> None:
        sale = Transfer(owed, REVENUE, amount_e4, 1, "sale", line_id)
        await post(shop.tx, shop.tenant_id, [sale], posted_on=TODAY)

    first, second, third = [
        await shop.add_line("mgtv-month", 1, 30_000, "jd", None) for _ in range(3)
    ]
    for line_id in (first, second, third, second):
        await earn(line_id, 10_000)
    [shown] = await profit_orders(shop.tx, shop.tenant_id, **PART, limit=1)
    assert shown.revenue_e4 == 20_000  # the second: what it earned before is told here
    await earn(third, 5_000)  # while somebody turns the page
    rest = await profit_orders(shop.tx, shop.tenant_id, **PART, after=shown.mark, limit=10)
    assert [row.revenue_e4 for row in rest] == [10_000]
    all_of_it = await profit_orders(shop.tx, shop.tenant_id, **PART, limit=10)
    assert [row.revenue_e4 for row in all_of_it] == [15_000, 20_000, 10_000]


async def rows_read(tx: Tx) -> int:
    """Say how many rows of the journal this transaction has read."""
    found = await tx.execute(
        text(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
            " WHERE schemaname = 'ledger' AND relname = 'transfers'"
        )
    )
    return int(found.scalar_one())


async def test_a_page_reads_of_the_journal_what_a_page_needs(
    database: Database, owner_url: str, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
        owed = Account(AccountKind.RECEIVABLE, shop.ids["jd"])
        line_ids = [await shop.add_line("mgtv-month", 1, 10, "jd", None) for _ in range(900)]
        for n in range(0, len(line_ids), 30):
            sales = [
                Transfer(owed, REVENUE, 10, 1, "sale", line_id, shop.ids["mgtv-month"])
                for line_id in line_ids[n : n + 30]
            ]
            await post(tx, tenant.id, sales, posted_on=TODAY)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE ledger.transfers, ledger.accounts, orders.lines")
    page: Sequence[OrderProfit] = []
    async with database.transaction(tenant.id) as tx:
        for _ in range(3):
            before = await rows_read(tx)
            after = page[-1].mark if page else None
            page = await profit_orders(tx, tenant.id, **PART, after=after, limit=10)
            assert len(page) == 10
            assert await rows_read(tx) - before < 300
