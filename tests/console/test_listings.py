"""Listings: mapped from suggestions, many at once, and by a file."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect
from sqlalchemy import text

from kashu.access.permissions import Role
from kashu.channels.channel import Listing
from kashu.channels.kinds import ChannelKind
from kashu.channels.listings import see_listings
from kashu.channels.stores import open_store
from kashu.core.db import Database
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.stock.builders import make_sku

PATH = "/stores/tb-1/listings"


@pytest_asyncio.fixture(loop_scope="session")
async def shop(database: Database, tenant: Tenant) -> AsyncIterator[Database]:
    """A store with four listings; the seller has called two of them as we do."""
    offered = [
        Listing("1001", "", "芒果TV会员 月卡 官方直充", "手机端", "mgtv-month", 199000, 10, True),
        Listing("1002", "", "爱奇艺黄金会员 月卡", "手机端", "iqiyi-month", 199000, 10, True),
        Listing("1003", "", "爱奇艺黄金会员 季卡", "手机端", "", 599000, 10, True),
        Listing("1004", "", "已下架的旧链接", "", "", 599000, 0, False),
    ]
    async with database.transaction(tenant.id) as tx:
        store = await open_store(
            tx, tenant.id, "test", code="tb-1", name="淘宝旗舰店", channel=ChannelKind.TAOBAO
        )
        await see_listings(tx, tenant.id, store.id, offered)
        for code in ("mgtv-month", "iqiyi-month", "iqiyi-quarter"):
            await make_sku(tx, tenant.id, code=code)
    yield database


async def mapped(database: Database, tenant: Tenant) -> dict[str, tuple[str, int]]:
    """What each mapped listing stands for."""
    async with database.transaction(tenant.id) as tx:
        rows = await tx.execute(
            text(
                "SELECT l.item_id, s.code, l.units FROM channels.listings l"
                " JOIN catalog.skus s ON s.tenant_id = l.tenant_id AND s.id = l.sku_id"
            )
        )
        return {row.item_id: (row.code, row.units) for row in rows}


def row_of(page: Page, words: str) -> Locator:
    return page.locator("tr[data-row-key]").filter(has_text=words)


async def test_suggestions_are_confirmed_by_a_person_many_at_once_or_by_file(
    visit: Visit, shop: Database, tenant: Tenant
) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open(f"{PATH}?mapped=false")
    await expect(page.get_by_role("status").filter(has_text="共 4 条")).to_be_visible()
    await ops.accessible()
    await ops.look("listings-unmapped")
    for words in ("芒果TV会员", "爱奇艺黄金会员 月卡"):
        await row_of(page, words).get_by_role("checkbox").check()
    await page.get_by_role("button", name="确认选中的 2 个").click()
    asked = page.get_by_role("dialog")
    await expect(asked).to_contain_text("iqiyi-month × 1")
    await ops.look("listings-confirm")
    await asked.get_by_role("button", name="确认选中的 2 个").click()
    await expect(page.get_by_text("已映射 2 个商品")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="共 2 条")).to_be_visible()
    assert await mapped(shop, tenant) == {
        "1001": ("mgtv-month", 1),
        "1002": ("iqiyi-month", 1),
    }

    await row_of(page, "季卡").get_by_role("link").first.click()
    panel = page.get_by_role("dialog")
    await panel.get_by_label("选择规格").click()
    await page.locator(".ant-select-item-option").filter(has_text="iqiyi-quarter").last.click()
    await panel.get_by_label("数量").fill("2")
    await ops.accessible()
    await ops.look("listings-panel")
    await panel.get_by_role("button", name="保存映射").click()
    await expect(page.get_by_text("已映射 1 个商品")).to_be_visible()
    assert (await mapped(shop, tenant))["1003"] == ("iqiyi-quarter", 2)

    await page.goto(f"{ops.origin}/console{PATH}?show=file")
    sheet = "商品ID,规格编码,数量\n1001,mgtv-month,1\n1003,iqiyi-quarter,3\n1002,nothing,1\n"
    file: FilePayload = {"name": "map.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    await page.locator("input[type=file]").set_input_files([file])
    await expect(page.get_by_text("没有这个规格编码")).to_be_visible()
    assert (await mapped(shop, tenant))["1003"] == ("iqiyi-quarter", 2)  # looked at only
    await ops.accessible()
    await ops.look("listings-file")
    await page.get_by_role("button", name="写入 1 行").click()
    await expect(page.get_by_text("已写入 1 行")).to_be_visible()
    assert (await mapped(shop, tenant))["1003"] == ("iqiyi-quarter", 3)


async def test_who_may_only_read_confirms_nothing(
    visit: Visit, shop: Database, tenant: Tenant
) -> None:
    auditor = await visit(Role.AUDITOR, language="en", looks="dark", size=(1024, 768))
    page = await auditor.open(PATH)
    await expect(row_of(page, "芒果TV会员")).to_contain_text("To be mapped")
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    for name in ("Confirm", re.compile("Stop automation")):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await row_of(page, "芒果TV会员").get_by_role("link").first.click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_role("switch").first).to_be_disabled()
    await expect(panel.get_by_role("button", name="Save the mapping")).to_have_count(0)
    await auditor.look("listings-auditor-en-dark")
    assert await mapped(shop, tenant) == {}
