"""The price board: compared, a price that moves (M9), what is left of it, who may not see it."""

import re

from playwright.async_api import expect

from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.suppliers.price_alerts import alert_list
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.console.supply import asked, make_supply


async def test_a_price_that_rises_is_told_beside_what_it_leaves_and_seen(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    supply = await make_supply(database, tenant)
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/prices")
    row = page.get_by_role("row").filter(has_text="芒果TV会员月卡")
    await expect(row.get_by_text("甲一手货源", exact=True)).to_be_visible()
    risen = 143_070 * 102 // 100  # and it is still the lowest
    await supply.tell("alpha", asked("mgtv-month", risen))
    news = page.get_by_role("region", name="成本变动")  # without reading the page anew
    await expect(news).to_contain_text("芒果TV会员月卡")
    await expect(news).to_contain_text(re.compile(r"¥\d+\.\d+ → ¥\d+\.\d+"))
    await expect(news).to_contain_text(re.compile(r"涨 (1\.9|2\.0)\d%"))
    await expect(news).to_contain_text("现在最低：甲一手货源")
    await expect(news).to_contain_text("毛利")
    moved = row.locator('[data-moved="true"]').filter(has_text="涨")
    await expect(moved).to_be_visible()
    await page.mouse.move(0, 0)  # away from the button that stands where one was clicked
    await owner.look("prices-moved")
    await owner.accessible()

    await news.get_by_role("button", name="知道了", exact=True).click()
    await expect(news).to_have_count(0)
    await supply.tell("beta", asked("mgtv-quarter", 387_000))
    await expect(news).to_contain_text(re.compile(r"芒果TV会员季卡.*降 2\.\d\d%"))
    await news.get_by_role("button", name="全部知道了").click()
    await expect(news).to_have_count(0)
    async with database.transaction(tenant.id) as tx:
        seen = await alert_list(tx, tenant.id, seen=True)
    assert [str(each.seen_by).partition(":")[0] for each in seen[:2]] == ["staff", "staff"]

    await row.get_by_role("link", name="芒果TV会员月卡").click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_role("heading", name=re.compile("甲一手货源"))).to_be_visible()
    await expect(panel.get_by_role("row", name=re.compile("到手成本 ¥"))).to_be_visible()
    await expect(panel.get_by_role("row").filter(has_text="商品I1")).to_contain_text("¥19.80")
    await panel.get_by_role("link", name="乙卡券").click()
    await page.mouse.move(0, 0)
    await expect(panel.get_by_text(re.compile("贵"))).to_be_visible()
    await expect(page).to_have_url(re.compile("show=mgtv-month&offer="))
    await expect(panel.get_by_role("img", name=re.compile("价格变化图"))).to_be_visible()
    buy = panel.get_by_role("link", name="采购")
    await expect(buy).to_have_attribute(
        "href", re.compile(r"/supply/purchases\?show=new&sku=mgtv-month&offer=.+&quantity=1")
    )
    await owner.look("prices-panel")
    await owner.accessible()
