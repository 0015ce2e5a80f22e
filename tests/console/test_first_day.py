"""The first day: where nothing is there yet, a page says where to begin; what is shown adds up."""

from uuid import UUID

from playwright.async_api import expect

from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.reports.profit import profit
from kashu.stock.void import void
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def test_who_has_no_supplier_yet_is_led_from_the_import_to_adding_one(visit: Visit) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/stock/imports/new")
    await page.get_by_role("link", name="先新增一家").click()
    await expect(page.get_by_role("dialog", name="新增供应商")).to_be_visible()


async def test_a_first_day_has_no_yesterday_and_its_profit_is_the_sum_of_what_is_shown(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    today = day_of(now())
    dead = UUID(world.things["card_id"])
    async with database.transaction(tenant.id) as tx:
        await void(tx, tenant.id, "cli", card_ids=[dead], reason="dead", today=today)
    async with database.transaction(tenant.id) as tx:
        [total] = (await profit(tx, tenant.id, since=today, until=today)).totals
    lost_e4 = total.figures.stock_loss_e4
    assert lost_e4 > 0, "or nothing is shown by what follows"
    owner = await visit(Role.OWNER)
    page = await owner.open("/finance/profit")
    await page.get_by_role("button", name="看今天").click()
    await expect(page.get_by_role("columnheader", name="库存损失")).to_be_visible()
    strip = page.locator(".figures-strip")
    await expect(strip).to_contain_text(f"¥{format_amount(lost_e4)}")
    await expect(strip).to_contain_text(f"¥{format_amount(total.figures.profit_e4)}")
