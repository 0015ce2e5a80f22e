"""Opening balances: what was there before us is brought over once, by hand."""

from uuid import UUID

from playwright.async_api import expect

from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.ledger.supplier_money import supplier_money
from tests.api.world import World
from tests.console.conftest import Visit


async def prepaid_e4(database: Database, world: World) -> int:
    supplier_id = UUID(world.things["supplier_id"])
    async with database.transaction(world.tenant.id) as tx:
        money = await supplier_money(tx, world.tenant.id, [supplier_id])
        return money[supplier_id].prepaid_e4


async def test_balances_from_before_are_posted_once(
    visit: Visit, world: World, database: Database
) -> None:
    before = await prepaid_e4(database, world)
    owner = await visit(Role.OWNER)
    page = await owner.open("/finance/openings")
    await page.get_by_role("button", name="录入期初余额").first.click()
    form = page.get_by_role("dialog", name="录入期初余额")
    await form.get_by_label("名称").fill("2026-11 期初")
    await form.get_by_label("是什么钱").click()
    await page.get_by_title("预付在供应商那里").click()
    await form.get_by_label("是谁的").click()
    await page.locator(".ant-select-item-option:visible").first.click()
    await form.get_by_label("金额").fill("0")
    await form.get_by_role("button", name="过账").click()
    await expect(form.get_by_text("请填金额，例如 1250.00")).to_be_visible()
    assert await prepaid_e4(database, world) == before
    await form.get_by_label("金额").fill("1250.5")
    await owner.look("openings-form")
    await form.get_by_role("button", name="过账").click()
    await expect(page.get_by_role("row", name="2026-11 期初")).to_be_visible()
    await owner.look("openings")
    assert await prepaid_e4(database, world) == before + 12_505_000
    finance = await visit(Role.FINANCE)
    page = await finance.open("/finance/openings")
    await page.get_by_role("link", name="2026-11 期初").click()
    posted = page.get_by_role("dialog", name="2026-11 期初")
    await expect(posted.get_by_role("row", name="预付在供应商那里")).to_contain_text("1,250.50")
    await finance.look("opening")
    await finance.accessible()
    await posted.get_by_role("button", name="关闭").click()
    await expect(page.get_by_role("button", name="录入期初余额")).to_have_count(0)
