"""A supplier that is paid in euros: its money is shown in euros, and never added to yuan."""

from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import update

from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.purchases.kinds_statements import TimedBy
from kashu.purchases.statement_lines import Line, Lines
from kashu.purchases.statements import Arrived, take_statement
from kashu.purchases.tables import attempts
from kashu.suppliers.currency import set_currency
from kashu.suppliers.rates import set_rate
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.purchases.buying import deposit
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import make_supplier


@pytest_asyncio.fixture(loop_scope="session")
async def books(database: Database, tenant: Tenant) -> str:
    """A supplier in yuan and one in euros, whose statement charges 20 euros more than we know."""
    at = now() - timedelta(hours=2)
    async with database.transaction(tenant.id) as tx:
        await deposit(tx, tenant.id, await make_supplier(tx, tenant.id, "alpha"), 5_000_000)
        abroad = await make_supplier(tx, tenant.id, "kinguin")
        await set_currency(tx, tenant.id, "cli", abroad, "EUR")
        await deposit(tx, tenant.id, abroad, 10_000_000, "EUR")
        await deposit(tx, tenant.id, abroad, 30_000)
        await set_rate(tx, tenant.id, "cli", "EUR", "7.8")
        await put_orders(tx, tenant.id, abroad, [Ordered("K000001", at, 2_000_000)])
        ours = update(attempts).where(attempts.c.tenant_id == tenant.id)
        await tx.execute(ours.values(currency="EUR", rate_e6=7_500_000))
        line = Line(2, "K000001", "", 2_200_000, 1, at, None, "", "")
        lines = Lines([line], timed_by=TimedBy.ORDERED)
        today = day_of(now())
        arrived = Arrived(abroad, today - timedelta(days=1), today, lines, b"0" * 32, "a.csv")
        statement_id, _ = await take_statement(
            tx, tenant.id, "cli", arrived, timezone="Asia/Shanghai"
        )
    return str(statement_id)


@pytest.mark.usefixtures("books")
async def test_euros_are_shown_as_euros_and_sums_are_by_currency(visit: Visit) -> None:
    finance = await visit(Role.FINANCE)
    page = await finance.open("/supply/prepaid")
    available = page.get_by_role("group", name="可用", exact=True)
    await expect(available).to_contain_text("¥503.00")
    await expect(available).to_contain_text("€1,000.00")
    row = page.locator("tr[data-row-key='kinguin']")
    await expect(row).to_contain_text("€1,000.00")
    await expect(row).to_contain_text("¥3.00")
    await finance.accessible()
    await finance.look("prepaid-euros")

    page = await finance.open("/supply/prepaid?show=kinguin&form=ask&ask=deposit")
    form = page.get_by_role("dialog", name="申请资金往来")
    await expect(form.locator(".ant-input-prefix")).to_have_text("€")
    page = await finance.open("/supply/prepaid?show=kinguin")
    await expect(page.get_by_text("另有 CNY")).to_be_visible()
    await finance.look("prepaid-euros-one")
    page = await finance.open("/supply/suppliers")
    await expect(page.locator("tr[data-row-key='kinguin']")).to_contain_text("€1,000.00")


async def test_a_statement_in_euros_says_so_and_when_somebody_else_decides(
    visit: Visit, books: str
) -> None:
    finance = await visit(Role.FINANCE)
    page = await finance.open("/supply/statements")
    await expect(page.locator("tr[data-row-key]")).to_contain_text("€220.00")
    page = await finance.open(f"/supply/statements/{books}")
    row = page.locator("tr[data-row-key]")
    await expect(row).to_contain_text("€20.00")
    await finance.look("statement-euros")
    await row.get_by_role("button", name="处理").click()
    form = page.get_by_role("dialog", name="处理差异")
    await expect(form.get_by_text("多扣的 €20.00 记入成本")).to_be_visible()
    await expect(form.get_by_text("100 元起")).to_be_visible()  # 20 euros are 150 yuan


@pytest.mark.usefixtures("books")
async def test_capital_counts_euros_at_the_rate_and_says_so(visit: Visit) -> None:
    finance = await visit(Role.FINANCE)
    page = await finance.open("/finance/capital")
    note = page.get_by_role("alert").filter(has_text="资金占用里有外币")
    await expect(note).to_contain_text("占用 €1,000.00，欠 €0.00，汇率 7.8，折合 ¥7,800.00")
    await expect(page.locator("tr[data-row-key='kinguin']")).to_contain_text("¥7,803.00")
    await finance.accessible()
    await finance.look("capital-euros")
    english = await visit(Role.FINANCE, language="en")
    page = await english.open("/finance/capital")
    await expect(page.get_by_role("alert")).to_contain_text("Some of it is in other currencies")
