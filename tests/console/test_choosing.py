"""What can't be read is said, not shown as nothing; and what is one of many can still be chosen."""

import re
from typing import Final

from playwright.async_api import Route, expect

from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.suppliers.add import add_supplier
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit

SAID: Final = "服务器打了个盹"
BROKEN: Final = re.compile(
    r"/v1/(views|money-in-doubt|purchases|stock|reports/capital|stores/[^/]+/pilot/comparisons)\b"
)
# Each page, and what it said of nothing before it knew.
PAGES: Final = (
    ("/cockpit", None),
    ("/supply/purchases", None),
    ("/stock/warehouses", None),
    ("/stores/tb/pilot", "还没有比对过"),
)


async def test_what_can_t_be_read_is_said_and_not_shown_as_nothing(
    visit: Visit, world: World
) -> None:
    assert world.things["shop"] == "tb"
    owner = await visit(Role.OWNER)
    owner.expected = "status of 500"
    page = owner.page

    async def fail(route: Route) -> None:
        told = {"type": "about:blank", "status": 500, "code": "unexpected"}
        await route.fulfill(status=500, json=told | {"title": SAID, "detail": "请稍后再试。"})

    await page.route(BROKEN, fail)
    alert = page.get_by_role("alert").filter(has_text=SAID)
    for address, nothing in PAGES:
        await owner.open(address)
        await expect(alert.first).to_be_visible()
        if nothing:
            await expect(page.get_by_text(nothing)).to_have_count(0)
    await owner.open("/orders")
    await page.get_by_role("button", name="常用视图").click()
    await expect(alert).to_be_visible()
    await expect(page.get_by_text("还没有保存过视图")).to_have_count(0)

    await page.unroute(BROKEN)
    await alert.get_by_role("button", name="再试一次").click()
    await expect(alert).to_have_count(0)
    await expect(page.get_by_role("button", name="删除视图")).to_be_visible()  # it is there


async def test_the_last_of_many_suppliers_is_chosen_by_a_part_of_its_name(
    visit: Visit, tenant: Tenant, database: Database
) -> None:
    async with database.transaction(tenant.id) as tx:
        for number in range(120):
            await add_supplier(
                tx, tenant.id, "cli", code=f"s-{number:03}", name=f"供应商第{number}家"
            )
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/offers")
    filters = page.get_by_role("combobox", name="供应商")
    await filters.click()
    options = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
    await expect(options.filter(has_text="供应商第0家")).to_be_visible()
    await expect(page.get_by_text("还有更多")).to_be_visible()
    await filters.press_sequentially("第119")
    await expect(options).to_have_text(["供应商第119家"])
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("supplier=s-119"))

    await owner.open(
        "/supply/offers?supplier=s-118"
    )  # it isn't among the first: asked for by its code
    await expect(page.locator(".list-bar")).to_contain_text("供应商第118家")
    await owner.accessible()
