"""A buyer asks what is kept of them, and that it be deleted."""

import json
from pathlib import Path

from playwright.async_api import expect
from sqlalchemy import select, update

from kashu.access.permissions import Role
from kashu.channels.tables import shop_orders
from kashu.core.db import Database
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit

BUYER = "小**明8a7c"


async def test_what_is_kept_of_a_buyer_is_found_given_to_them_and_erased(
    visit: Visit, world: World, tenant: Tenant, database: Database, tmp_path: Path
) -> None:
    async with database.transaction(tenant.id) as tx:
        known = select(shop_orders.c.id).where(shop_orders.c.tenant_id == tenant.id).limit(1)
        changed = await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.id == known.scalar_subquery())
            .values(buyer=BUYER, step="ended")
            .returning(shop_orders.c.number)
        )
        number: str = changed.scalar_one()
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/personal")
    await page.get_by_text("系统存了买家的哪些信息").click()
    await expect(page.get_by_text("地址、电话、留言从不保存", exact=False)).to_be_visible()
    await owner.accessible()
    await page.get_by_text("买家", exact=True).first.click()
    await page.get_by_label("买家", exact=True).last.fill("8a7c")
    await page.get_by_role("button", name="查找").click()
    row = page.get_by_role("row").filter(has_text=number)
    await expect(row).to_contain_text(BUYER)
    assert "8a7c" not in page.url
    await row.get_by_role("checkbox").check()
    await owner.accessible()
    await owner.look("personal")

    await page.get_by_role("button", name="导出").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("理由").fill("买家来信要求")
    async with page.expect_download() as coming:
        await form.get_by_role("button", name="导出").click()
    file = tmp_path / "kept.json"
    await (await coming.value).save_as(file)
    [kept] = json.loads(file.read_text())
    assert (kept["order"], kept["buyer"]) == (number, BUYER)

    await row.get_by_role("checkbox").check()
    await page.get_by_role("button", name="抹去").click()
    await form.get_by_label("理由").fill("买家要求删除")
    await owner.look("personal-erase")
    await form.get_by_role("button", name="抹去").click()
    await expect(page.get_by_text("已抹去 1 单")).to_be_visible()
    await expect(page.get_by_text("没有找到")).to_be_visible()
    async with database.transaction(tenant.id) as tx:
        found = select(shop_orders.c.buyer).where(shop_orders.c.number == number)
        assert (await tx.execute(found)).scalars().all() == [""]
    assert world.things

    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/settings/personal")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
