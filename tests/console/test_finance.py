"""Finance: profit by anything crossed, the books at a moment, a statement; and for whom."""

import pytest
from playwright.async_api import expect

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.ledger.reads import trial_balance
from kashu.reports.profit import profit
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def test_every_crossing_of_the_profit_has_the_same_totals_as_the_books(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    assert world.things
    today = day_of(now())
    async with database.transaction(tenant.id) as tx:
        [total] = (await profit(tx, tenant.id, since=today, until=today)).totals
    revenue = f"¥{format_amount(total.figures.revenue_e4)}"
    finance = await visit(Role.FINANCE)
    page = finance.page
    for by in ("store", "sku,day", "supplier,store,month"):
        await finance.open(f"/finance/profit?by={by}&from={today}&to={today}")
        strip = page.locator(".figures-strip")
        await expect(strip.get_by_text(revenue, exact=True)).to_be_visible()
    await page.get_by_role("button", name="昨天").click()
    await expect(page.get_by_text("这段时间没有账")).to_be_visible()


async def test_yesterdays_profit_by_store_is_two_clicks_away_and_leads_to_its_orders(
    visit: Visit, world: World
) -> None:
    assert world.things
    owner = await visit(Role.OWNER)
    page = await owner.open("/")
    await page.get_by_role("menuitem", name="财务").click()
    await page.get_by_role("link", name="利润报表").click()
    await expect(page.get_by_role("button", name="昨天")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="今天", exact=True).click()
    row = page.get_by_role("row").filter(has_text="直销")
    await expect(row).to_contain_text("¥39.60")
    await owner.look("profit")
    await owner.accessible()
    await row.get_by_role("link", name="看订单").click()
    await expect(page.get_by_role("heading", name="利润明细")).to_be_visible()
    await expect(page.locator(".figures-strip")).to_contain_text("¥39.60")
    await owner.look("profit-orders")
    await page.get_by_role("link", name="W1").click()
    await expect(page.get_by_role("heading", name="订单 W1")).to_be_visible()


async def test_an_account_ends_with_what_the_trial_balance_says(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    assert world.things
    async with database.transaction(tenant.id) as tx:
        books = await trial_balance(tx, tenant.id)
    [earned] = [row for row in books.accounts if row.kind == "revenue"]
    auditor = await visit(Role.AUDITOR)
    page = await auditor.open("/finance/trial-balance")
    await expect(page.get_by_text("借贷相等")).to_be_visible()
    await auditor.look("trial-balance")
    await auditor.accessible()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="收入"))
    await row.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="科目明细 · 收入")).to_be_visible()
    await expect(page.get_by_text("期初余额 ¥0.00")).to_be_visible()
    balance = format_amount(abs(earned.balance_e4))
    await expect(page.get_by_role("row").last).to_contain_text(f"−¥{balance}")
    await auditor.look("statement")
    await auditor.accessible()


async def test_the_books_before_anything_was_posted_are_empty_and_final(
    visit: Visit, world: World
) -> None:
    assert world.things
    finance = await visit(Role.FINANCE, language="en")
    page = await finance.open("/finance/trial-balance?at=2020-01-01T00:00:00Z")
    await expect(page.get_by_text("Nothing is posted yet")).to_be_visible()
    await page.get_by_role("button", name="Now").click()
    await expect(page.get_by_text("debits equal credits")).to_be_visible()


@pytest.mark.parametrize("role", [Role.OPS, Role.SERVICE])
async def test_who_reads_no_books_has_no_finance(visit: Visit, role: Role) -> None:
    assert Permission.REPORTS_READ not in ROLE_PERMISSIONS[role]
    person = await visit(role)
    page = await person.open("/")
    await expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="财务")).to_have_count(0)
    for path in ("/finance/profit", "/finance/trial-balance"):
        await person.open(path)
        await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
