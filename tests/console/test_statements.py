"""Statements: seven differences are found, each is settled by a posting, large ones by two."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect
from sqlalchemy import text

from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.console.visitor import Visitor
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import deposit, make_supplier

BEGINS = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)  # 1 November there
PRICE_E4 = 141_250
DEAR_E4 = 2_000_000
HEADER = "商户订单号,平台订单号,金额（元）,数量,下单时间,状态"

SMALL = (  # of which kind the next one is, how it is settled, and why
    ("extra", "索回", "不是我们下的单"),
    ("extra", "认账", "手续费"),
    ("different", "认账", "涨价"),
    ("duplicated", "索回", "重复扣款，客服已确认"),
    ("missing", "认账", "对方没有扣"),
    ("missing", "认账", "对方没有扣"),
)


@dataclass(frozen=True, slots=True)
class Month:
    """What a supplier says of November."""

    database: Database
    tenant: Tenant
    file: FilePayload

    async def asked(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.database.transaction(self.tenant.id) as tx:
            return [tuple(row) for row in await tx.execute(text(sql))]

    async def transfers(self) -> int:
        """How many there are; the first is the deposit."""
        [[count]] = await self.asked("SELECT count(*) FROM ledger.transfers")
        return int(count)


def ordered(place: int) -> Ordered:
    at = BEGINS + timedelta(hours=place + 1)
    return Ordered(f"K{place:06}", at, PRICE_E4, their_number=f"T{place:06}")


def row(of: Ordered, amount: str = "") -> str:
    there = (of.made_at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    written = amount or f"{of.total_e4 / 10_000:.4f}"
    return f"{of.number},{of.their_number},{written},1,{there},成功"


@pytest_asyncio.fixture(loop_scope="session")
async def month(database: Database, tenant: Tenant) -> Month:
    """Three are missing there, the last of them dear; two are extra; one price; one comes twice."""
    orders = [ordered(place) for place in range(40)]
    orders[7] = replace(orders[7], total_e4=DEAR_E4)
    lines = [row(each) for each in orders]
    lines[20] = row(orders[20], "15.1250")
    lines.append(row(orders[25]))
    lines += ["X1,Y1,9.9,1,2026-11-20 10:00:00,成功", ",Y2,3.3,1,2026-11-21 10:00:00,成功"]
    kept = [line for place, line in enumerate(lines) if place not in {5, 6, 7}]
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id, "beta")
        await deposit(tx, tenant.id, supplier_id, 50_000_000)
        await put_orders(tx, tenant.id, supplier_id, orders)
    content = "\n".join([HEADER, *kept]).encode()
    return Month(
        database, tenant, {"name": "november.csv", "mimeType": "text/csv", "buffer": content}
    )


def rows(page: Page) -> Locator:
    return page.locator("tr[data-row-key]")


def sums(page: Page, name: str) -> Locator:
    """A line of the table that adds up."""
    return page.locator(".part").first.get_by_role("row", name=name)


async def take(visitor: Visitor, month: Month) -> None:
    """Upload the statement: first what would be found, then for good."""
    page = visitor.page
    form = page.get_by_role("dialog", name="上传账单")
    await form.get_by_label("供应商").click()
    await page.get_by_title("福禄").click()
    await form.get_by_label("从哪天").fill("2026-11-01")
    await form.get_by_label("到哪天").fill("2026-11-30")
    await form.get_by_label("账单文件").set_input_files([month.file])
    await form.get_by_role("button", name="先核对看看").click()
    await expect(form.get_by_role("status")).to_contain_text("40 行，发现 7 处差异")
    assert await month.asked("SELECT count(*) FROM purchases.statements") == [(0,)]
    await visitor.accessible()
    await visitor.look("statement-take")
    await form.get_by_role("button", name="保存这次对账").click()
    await expect(page).to_have_url(re.compile("/supply/statements/[0-9a-f-]{36}"))


async def ask_to_settle(page: Page, row: Locator, how: str, why: str) -> None:
    await row.get_by_role("button", name="处理", exact=True).click()
    form = page.get_by_role("dialog", name="处理差异")
    await form.get_by_label(re.compile(f"^{how}")).check()
    await form.get_by_role("textbox", name="原因").fill(why)
    await form.get_by_role("button", name="处理", exact=True).click()
    await expect(form).to_have_count(0)


async def settle(page: Page, row: Locator, how: str, why: str) -> None:
    """Settle one: it isn't among those that wait any more."""
    await expect(row).to_be_visible()
    before = await rows(page).count()
    await ask_to_settle(page, row, how, why)
    await expect(rows(page)).to_have_count(before - 1)


async def test_seven_differences_are_found_and_each_is_settled_by_a_posting(
    visit: Visit, month: Month
) -> None:
    """F3: nothing is edited, and what is large waits for somebody else."""
    finance = await visit(Role.FINANCE)
    page = await finance.open("/supply/statements?show=take")
    await take(finance, month)
    await expect(rows(page)).to_have_count(7)
    for kind, count in (("我有他无", "3"), ("他有我无", "2"), ("不一致", "1"), ("重复扣款", "1")):
        await expect(sums(page, kind)).to_contain_text(count)
    # 1 and 14.125 more, 13.20 of nothing of ours; 28.25 and 200 aren't there.
    await expect(sums(page, "合计")).to_contain_text("−¥199.925")
    assert await month.transfers() == 1
    await finance.accessible()
    await finance.look("statement")

    address = page.url.split("/console")[1]
    for kind, how, why in SMALL:
        await finance.open(f"{address}?open=true&kind={kind}")
        await settle(page, rows(page).first, how, why)
    assert await month.transfers() == 7
    await finance.open(f"{address}?open=true")
    dear = rows(page).filter(has_text="K000007")
    await ask_to_settle(page, dear, "认账", "对方没有扣")
    await expect(dear).to_contain_text("待审批")
    await dear.get_by_role("link").click()
    mine = page.get_by_role("dialog").first.get_by_role("button", name="批准")
    await expect(mine).to_have_attribute("aria-disabled", "true")
    assert await month.transfers() == 7

    owner = await visit(Role.OWNER)
    other = await owner.open(f"{address}?open=true")
    await rows(other).get_by_role("link").click()
    panel = other.get_by_role("dialog").first
    await expect(panel).to_contain_text("finance")
    await owner.accessible()
    await owner.look("finding")
    await panel.get_by_role("button", name="批准").click()
    sure = other.get_by_role("dialog", name="批准这笔")
    await sure.get_by_role("button", name="批准").click()
    await expect(rows(other)).to_have_count(0)
    assert await month.transfers() == 8
    await owner.open(address)
    await expect(sums(other, "合计")).to_contain_text("¥0.00")  # nothing is left
    await expect(rows(other)).to_have_count(7)  # and nothing was removed
    await owner.look("statement-settled")


async def test_who_may_only_read_settles_nothing(visit: Visit, month: Month) -> None:
    del month
    service = await visit(Role.SERVICE)
    page = await service.open("/supply/statements")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
    auditor = await visit(Role.AUDITOR, language="en", looks="dark", size=(390, 844))
    page = await auditor.open("/supply/statements")
    await expect(page.get_by_text("No statement yet")).to_be_visible()
    await expect(page.get_by_role("button", name="Upload a statement")).to_have_count(0)
    await auditor.accessible()
    await auditor.look("statements-390-dark-en")
