"""Home by role: what waits for somebody stands first, and each number leads to as many rows."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, Route, expect

from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.reports.sweeps import keep_health
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit


def figure(page: Page, name: str) -> Locator:
    """A figure that leads to its rows, by its name."""
    return page.locator("a.figure").filter(has=page.get_by_text(name, exact=True))


async def number_of(page: Page, name: str) -> int:
    """What a figure says, once it says something."""
    value = figure(page, name).locator(".figure-value")
    await expect(value).to_have_text(re.compile(r"\d"))
    return int((await value.inner_text()).replace(",", ""))


async def test_the_owner_sees_the_day_and_what_waits(visit: Visit, world: World) -> None:
    assert world.things
    owner = await visit(Role.OWNER)
    page = await owner.open("/")
    await expect(page.get_by_role("link", name="今日订单")).to_contain_text("1")
    waits = page.get_by_role("region", name="待处理").get_by_role("listitem")
    orders = waits.filter(has_text="订单")
    count = int(await orders.locator(".waits-count").inner_text())
    first = page.get_by_role("region", name="接下来").get_by_role("listitem").first
    await expect(first.get_by_role("link")).to_have_attribute("href", re.compile(r"/desk\?kind="))
    await owner.accessible()
    await orders.get_by_role("link").click()
    await expect(page.locator("tr[data-row-key]")).to_have_count(count)


async def test_each_role_sees_first_what_is_theirs(visit: Visit, world: World) -> None:
    assert world.things
    ops = await visit(Role.OPS)
    page = await ops.open("/")
    for kind in ("缺货", "授权失效", "临期"):
        await expect(figure(page, kind)).to_be_visible()
    low = await number_of(page, "库存低")
    await figure(page, "库存低").click()
    await expect(page.get_by_role("heading", name="异常台")).to_be_visible()
    await expect(page.locator("tr[data-row-key]")).to_have_count(low)

    finance = await visit(Role.FINANCE)
    page = await finance.open("/")
    await expect(figure(page, "存疑资金")).to_contain_text("¥200.00")
    await expect(page.get_by_role("region", name="快用完、快到期")).to_be_visible()
    found = await number_of(page, "对账差异")
    assert found > 0
    await finance.accessible()
    await figure(page, "对账差异").click()
    await expect(page.locator("tr[data-row-key]")).to_have_count(found)

    service = await visit(Role.SERVICE)
    page = await service.open("/")
    box = page.get_by_role("combobox", name="搜索")
    await expect(box).to_be_focused()
    await box.fill("W1")
    await expect(page.get_by_role("option").filter(has_text="W1")).to_be_visible()
    await service.accessible()
    await expect(page.get_by_text("您没有认领的事")).to_be_visible()
    await expect(page.get_by_text("今日收入")).to_have_count(0)


async def test_who_types_at_once_is_never_interrupted(visit: Visit, world: World) -> None:
    assert world.things
    service = await visit(Role.SERVICE)

    async def late(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await service.page.route(re.compile(r"/assets/desk\.zh-"), late)
    page = await service.open("/")
    box = page.get_by_role("combobox", name="搜索")
    await expect(box).to_be_focused()
    await page.keyboard.type("261123202544", delay=150)
    await expect(page.locator(".waits-left").first).to_be_visible()
    await expect(box).to_have_value("261123202544")


async def test_the_auditor_sees_the_last_proof_and_who_did_what(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    assert world.things
    auditor = await visit(Role.AUDITOR)
    page = await auditor.open("/")
    await expect(page.get_by_text("还没有自检过")).to_be_visible()
    await expect(page.get_by_role("region", name="员工最近的操作")).to_be_visible()
    await expect(page.get_by_role("region", name="看过的卡密 · 今天 0 张")).to_be_visible()
    proved = await keep_health(database, tenant.id)
    await auditor.open("/")
    verdict = "全部通过" if proved.ok else "不通过"
    await expect(page.get_by_text(verdict)).to_be_visible()
    await auditor.accessible()


@pytest.mark.parametrize("role", [Role.OWNER, Role.SERVICE])
async def test_an_empty_shop_says_so_and_where_to_begin(visit: Visit, role: Role) -> None:
    person = await visit(role, language="en")
    page = await person.open("/")
    if role is Role.OWNER:
        await expect(page.get_by_text("Begin here")).to_be_visible()
        await expect(page.get_by_text("Nothing waits for anybody").first).to_be_visible()
    else:
        await expect(page.get_by_text("Every order goes on by itself")).to_be_visible()
    await person.accessible()
