"""Stores: one is connected by clicking, an order goes out, and everything stops at once."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.simulators.youzan import CLIENT_ID, CLIENT_SECRET
from tests.adapters.youzan_shop import SHOP_ID
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.console.platform import STORE, Platform, platform_of


@pytest_asyncio.fixture(loop_scope="session")
async def platform(
    database: Database, keyrings: Keyrings, tenant: Tenant
) -> AsyncIterator[Platform]:
    async with platform_of(database, keyrings, tenant) as opened:
        yield opened


async def connect(page: Page, platform: Platform) -> None:
    """From the list of stores to a store that is permitted and read."""
    await page.get_by_role("button", name="接入店铺").first.click()
    await page.get_by_role("radio", name="有赞").check()
    await page.get_by_label("店铺名称").fill("有赞旗舰店")
    await page.get_by_label("店铺编码").fill(STORE)
    await page.get_by_role("button", name="新开店铺").click()
    await page.get_by_label("client_id").fill(CLIENT_ID)
    await page.get_by_label("client_secret").fill(CLIENT_SECRET)
    await page.get_by_label("店铺 ID").fill(SHOP_ID)
    await page.get_by_role("button", name=re.compile("更多选项")).click()
    await page.get_by_label("卡密写进备注").click()
    await page.get_by_title("写进备注", exact=True).click()
    await page.get_by_label("接口地址").fill(platform.url)
    await page.get_by_role("button", name="保存应用").click()
    await page.get_by_role("button", name="取得授权").click()
    await page.get_by_role("button", name="读取商品").click()
    await expect(page.get_by_text("读到 1 个商品")).to_be_visible()


async def test_a_store_is_connected_sells_and_is_stopped(visit: Visit, platform: Platform) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/stores")
    item = platform.item
    await connect(page, platform)
    await owner.accessible()
    await owner.look("connect-listings")
    assert CLIENT_SECRET not in await page.content()

    await page.goto(f"{owner.origin}/console/stores/{STORE}")
    await expect(page.get_by_text("已停用：订单照常收进来")).to_be_visible()
    await page.get_by_role("radio", name=re.compile("^自动")).check()
    await page.get_by_role("button", name="改为自动").click()
    await page.get_by_role("dialog").get_by_role("button", name="改为自动").click()
    await expect(page.get_by_text("“有赞旗舰店”已改为自动")).to_be_visible()
    assert await platform.mode() == "automatic"

    platform.street.shop.sell((item, 1))
    await platform.work()
    assert await platform.steps() == ["unmapped"]
    await page.get_by_role("link", name=re.compile("^商品映射")).click()
    row = page.locator("tr[data-row-key]")
    await expect(row).to_contain_text("芒果TV会员")
    await expect(row).to_contain_text("mgtv-m")  # suggested: the seller calls it so
    await expect(row.get_by_role("link", name="1", exact=True)).to_be_visible()  # one order waits
    await row.get_by_role("button", name="确认").click()
    await expect(row).to_contain_text("mgtv-m × 1")
    await platform.work()
    assert await platform.steps() == ["confirmed"]
    assert await platform.given() == 1

    await page.get_by_role("button", name="停止自动").click()
    await page.get_by_role("dialog").get_by_role("button", name="停止自动").click()
    await expect(page.get_by_role("dialog", name="1 家店铺已停止自动")).to_be_visible()
    await page.get_by_role("button", name="知道了").click()
    assert await platform.mode() == "stopped"
    platform.street.shop.sell((item, 2))
    await platform.work()
    assert await platform.steps() == ["confirmed", "due"]
    assert await platform.given() == 1  # the new one has no card: people deliver it
    await page.goto(f"{owner.origin}/console/stores/{STORE}")
    await expect(page.get_by_role("link", name=re.compile("待接单"))).to_contain_text("1")
    await owner.accessible()
    await owner.look("store-stopped")
    await page.get_by_role("link", name=re.compile("待接单")).click()
    await expect(page.locator("tr[data-row-key]")).to_contain_text("芒果TV会员")
    await owner.look("shop-orders")


async def test_a_role_that_may_not_change_stores_sees_how_they_stand(
    visit: Visit, world: World
) -> None:
    assert world.things["shop"] == "tb"
    service = await visit(Role.SERVICE)
    page = await service.open("/stores")
    row = page.locator("tr[data-row-key]").filter(has_text="淘宝店")
    await expect(row).to_contain_text("待授权")
    for name in ("接入店铺", "全部停止自动"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await row.get_by_role("link", name="淘宝店").click()
    await expect(page.get_by_role("heading", name="淘宝店")).to_be_visible()
    for name in ("停止自动", "修改接入", "去授权"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await expect(page.get_by_text("只有商户所有者能改。")).to_be_visible()
    await page.goto(f"{service.origin}/console/connect-store")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()


async def test_what_was_missed_is_told_until_somebody_has_looked(
    visit: Visit, world: World
) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.exec_driver_sql(
            "UPDATE channels.connections SET missed_from = now() - interval '2 days',"
            " missed_until = now() - interval '1 day'"
        )
    owner = await visit(Role.OWNER, language="en", looks="dark")
    page = await owner.open("/stores/tb")
    await expect(page.get_by_text("of this time the platform tells no more")).to_be_visible()
    await owner.accessible()
    await owner.look("store-missed-en-dark")
    await page.get_by_role("button", name="I have looked").click()
    await page.get_by_role("dialog").get_by_role("button", name="I have looked").click()
    await expect(page.get_by_text("of this time the platform tells no more")).to_have_count(0)
    await page.get_by_label("Less (safety buffer)").fill("5")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("With 100 to be sold, 95 are shown.")).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    async with world.database.transaction(world.tenant.id) as tx:
        rows = await tx.exec_driver_sql("SELECT buffer, missed_from FROM channels.connections")
        assert [tuple(row) for row in rows] == [(5, None)]


async def test_who_comes_back_without_having_been_sent_permits_nothing(
    visit: Visit, world: World
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/store-permitted?code=stolen&state=guessed")
    await expect(page.get_by_text("没有保存授权")).to_be_visible()
    assert "stolen" not in page.url
    async with world.database.transaction(world.tenant.id) as tx:
        rows = await tx.exec_driver_sql("SELECT grant_state FROM channels.connections")
        assert [row[0] for row in rows] == ["wanted"]
