"""Money with suppliers: a deposit takes two people, and the balance says what the books say."""

from typing import Any, Final

import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect
from sqlalchemy import text

from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.purchases.buying import deposit
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import make_supplier

SLIP: Final[FilePayload] = {
    "name": "slip.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7 paid",
}


@pytest_asyncio.fixture(loop_scope="session")
async def books(database: Database, tenant: Tenant) -> Database:
    """A supplier with 1000 yuan of ours, of which an order has 50 in doubt."""
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id, "alpha")
        await deposit(tx, tenant.id, supplier_id, 10_000_000)
        orders = [Ordered("K000001", now(), 500_000, state="unclear", took=None)]
        await put_orders(tx, tenant.id, supplier_id, orders)
    return database


async def asked(database: Database, tenant: Tenant, sql: str) -> list[tuple[Any, ...]]:
    async with database.transaction(tenant.id) as tx:
        return [tuple(row) for row in await tx.execute(text(sql))]


def rows(page: Page) -> Locator:
    return page.locator("tr[data-row-key]")


async def test_a_deposit_is_asked_for_by_one_and_approved_by_another(
    visit: Visit, books: Database, tenant: Tenant
) -> None:
    """F5: asked, approved by somebody else, paid with evidence, posted; only then it is there."""
    finance = await visit(Role.FINANCE)
    page = await finance.open("/supply/prepaid")
    await expect(rows(page)).to_contain_text("¥1,000.00")
    await finance.accessible()
    await finance.look("prepaid")
    await rows(page).get_by_role("button", name="充值").click()
    form = page.get_by_role("dialog", name="申请资金往来")
    await form.get_by_label("金额").fill("五百")
    await form.get_by_role("button", name="提交申请").click()
    await expect(form.get_by_text("请填写大于 0 的金额")).to_be_visible()
    await form.get_by_label("金额").fill("500")
    await form.get_by_label("事由").fill("11 月充值")
    await finance.accessible()
    await finance.look("prepaid-ask")
    await form.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_text("已提交申请")).to_be_visible()
    moved = "SELECT state FROM suppliers.movements"
    assert await asked(books, tenant, moved) == [("asked",)]

    page = await finance.open("/supply/prepaid?view=movements")
    await rows(page).get_by_role("link").click()
    panel = page.get_by_role("dialog").first
    await expect(panel).to_contain_text("您提出的，等另一个人审批")
    mine = panel.get_by_role("button", name="批准")
    await expect(mine).to_have_attribute("aria-disabled", "true")

    owner = await visit(Role.OWNER)
    await approve_and_pay(await owner.open("/supply/prepaid?view=movements&state=asked"))
    assert await asked(books, tenant, "SELECT count(*) FROM ledger.transfers") == [(1,)]
    panel = owner.page.get_by_role("dialog").first
    await panel.get_by_role("button", name="入账", exact=True).click()
    sure = owner.page.get_by_role("dialog", name="已经到账")
    await sure.get_by_role("button", name="入账").click()
    await expect(panel).to_contain_text("已入账")
    await expect(panel.get_by_role("button", name="下载 slip.pdf")).to_be_visible()
    await owner.look("movement")
    page = await owner.open("/supply/prepaid?show=alpha")
    await expect(rows(page)).to_contain_text("¥1,500.00")
    await expect(page.get_by_role("dialog")).to_contain_text("还没有查到对方说的余额")
    await owner.accessible()
    await owner.look("prepaid-panel")
    assert await asked(books, tenant, "SELECT count(*) FROM ledger.transfers") == [(2,)]


async def approve_and_pay(page: Page) -> None:
    """What somebody else asked for is approved and paid, with what shows it."""
    await expect(rows(page)).to_contain_text("finance")
    await rows(page).get_by_role("link").click()
    panel = page.get_by_role("dialog").first
    await panel.get_by_role("button", name="批准").click()
    sure = page.get_by_role("dialog", name="批准充值")
    await expect(sure).to_contain_text("¥500.00")
    await sure.get_by_role("button", name="批准").click()
    await expect(panel).to_contain_text("已批准，请付款并登记凭证")
    await panel.get_by_role("button", name="登记付款").click()
    form = page.get_by_role("dialog", name="登记付款").last
    await form.get_by_role("button", name="登记付款").click()
    await expect(form.get_by_text("请填写流水号，或上传凭证")).to_be_visible()
    await form.get_by_label("流水号").fill("B20261123")
    await form.get_by_label("付款凭证").set_input_files([SLIP])
    await form.get_by_role("button", name="登记付款").click()
    await expect(panel).to_contain_text("对方到账后请入账")


async def test_an_auditor_reads_and_ops_do_not(visit: Visit, books: Database) -> None:
    del books
    ops = await visit(Role.OPS)
    page = await ops.open("/supply/prepaid")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
    await expect(page.get_by_role("link", name="预存款")).to_have_count(0)
    auditor = await visit(Role.AUDITOR, language="en", looks="dark", size=(1024, 768))
    page = await auditor.open("/supply/prepaid")
    await expect(rows(page)).to_contain_text("¥1,000.00")
    for name in ("Deposit", "Ask for a movement"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await auditor.accessible()
    await auditor.look("prepaid-1024-dark-en")
