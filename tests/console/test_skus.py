"""The list of SKUs: conditions in the URL, a drawer with its own link, words for empty lists."""

import re

from playwright.async_api import expect

from kashu.access.permissions import Role
from kashu.catalog.install import begin_tenant
from kashu.catalog.reads import sku_by_code
from kashu.core.db import Database
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def test_a_sku_is_found_and_its_details_have_their_own_link(
    visit: Visit, world: World
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/skus")
    await expect(page.get_by_role("heading", name="商品规格")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=world.things["sku"])
    await row.get_by_role("link").click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text(world.things["sku"])
    await expect(page).to_have_url(re.compile(f"show={world.things['sku']}"))
    await owner.accessible()
    await owner.look("skus-drawer")

    again = await owner.open(f"/skus?show={world.things['sku']}")
    await expect(again.get_by_role("dialog")).to_contain_text(world.things["sku"])


async def test_an_empty_catalogue_says_what_to_do(visit: Visit) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/skus")
    await expect(page.get_by_text("还没有商品规格")).to_be_visible()
    await owner.accessible()


async def test_a_sku_is_called_otherwise_on_its_own_page(
    visit: Visit, tenant: Tenant, database: Database
) -> None:
    async with database.transaction(tenant.id) as tx:
        await begin_tenant(tx, tenant.id, "cli")
    clerk = await visit(Role.OPS)
    page = await clerk.open("/skus?show=mgtv-month")
    await page.get_by_role("button", name="修改").click()
    form = page.get_by_role("dialog", name="修改规格")
    await form.get_by_label("中文名称").fill("芒果月卡")
    await form.get_by_role("button", name="保存").click()
    await expect(form).to_have_count(0)
    await expect(page.get_by_role("dialog")).to_contain_text("芒果月卡")
    async with database.transaction(tenant.id) as tx:
        assert (await sku_by_code(tx, tenant.id, "mgtv-month")).name_zh == "芒果月卡"

    service = await visit(Role.SERVICE)
    page = await service.open("/skus?show=mgtv-month")
    change = page.get_by_role("button", name="修改")
    await expect(change).to_have_attribute("aria-disabled", "true")
