"""Capital: what is tied up agrees with the books, leads to its parts, and is the same as a file."""

import asyncio
import csv
import io
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.reports.capital import capital
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def cells_of(page: Page) -> list[list[str]]:
    """What the table shows, row by row, as plain decimals."""
    rows = page.locator("tr[data-row-key]")
    return [
        [
            cell.replace("¥", "").replace("−", "-").replace(",", "")
            for cell in await row.locator("td").all_inner_texts()
        ]
        for row in await rows.all()
    ]


async def file_of(page: Page) -> list[list[str]]:
    """What is downloaded, without its heading."""
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="导出 CSV").click()
    saved = await (await begun.value).path()
    written = await asyncio.to_thread(Path(saved).read_text, encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(written)))[1:]


async def test_what_is_tied_up_agrees_with_the_books_and_the_file_with_the_screen(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    assert world.things
    async with database.transaction(tenant.id) as tx:
        rows, whole = await capital(tx, tenant.id, now(), tenant.timezone)
    finance = await visit(Role.FINANCE)
    page = await finance.open("/finance/capital")
    await expect(page.locator("tr[data-row-key]")).to_have_count(len(rows))
    tied = page.get_by_role("group", name="资金占用")
    await expect(tied.locator("[title], .figures").first).to_be_visible()
    await expect(page.get_by_text("五个科目与试算平衡一致")).to_be_visible()
    books = page.get_by_role("region", name="与试算平衡一致")
    for name, told in (("库存商品", whole.stock_e4), ("存疑资金", whole.in_doubt_e4)):
        await expect(books.get_by_role("row", name=name)).to_contain_text(format_amount(told))
    lines = await file_of(page)
    assert lines[-1][2:4] == [format_amount(whole.tied_e4), format_amount(whole.stock_e4)]
    for shown, line in zip(await cells_of(page), lines, strict=False):
        assert [shown[0], shown[1], shown[2], shown[3]] == [line[1], line[2], line[3], line[4]]
    await finance.look("capital")
    await finance.accessible()

    # From a supplier to the SKUs that came from them, and on to the lots.
    supplier = rows[0]
    await page.get_by_role("link", name=supplier.name, exact=True).click()
    await expect(page.get_by_text(f"只看供应商 {supplier.name}")).to_be_visible()
    parts = await cells_of(page)
    assert sum(int(row[1]) for row in parts) == supplier.units
    lines = await file_of(page)
    assert [row[0] for row in parts] == [line[1] for line in lines[:-1]]
    await page.get_by_role("button", name="超过 90 天").click()
    await expect(page).to_have_url(re.compile("sort=-older"))
    await finance.look("capital-skus")
    await page.locator("tr[data-row-key]").first.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="批次")).to_be_visible()


async def test_capital_in_english_by_sku_on_a_phone(visit: Visit, world: World) -> None:
    assert world.things
    auditor = await visit(Role.AUDITOR, language="en", size=(390, 844))
    page = await auditor.open("/finance/capital?by=sku")
    await expect(page.get_by_role("heading", name="Capital")).to_be_visible()
    await expect(page.locator("tr[data-row-key]").first).to_be_visible()
    await auditor.accessible()


@pytest.mark.parametrize("role", [Role.OPS, Role.SERVICE])
async def test_who_reads_no_reports_has_no_capital(visit: Visit, role: Role) -> None:
    person = await visit(role)
    page = await person.open("/finance/capital")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="财务")).to_have_count(0)
