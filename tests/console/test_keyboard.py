"""By the keyboard alone: going to pages, walking a list, searching."""

import re

from playwright.async_api import expect

from kashu.access.permissions import Role
from tests.api.world import World
from tests.console.conftest import Visit


async def test_a_row_is_found_and_opened_without_a_mouse(visit: Visit, world: World) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("k")
    await expect(page).to_have_url(re.compile("/console/skus$"))
    rows = page.get_by_role("region", name="商品规格")  # the page before may name the SKU too
    await expect(rows.get_by_role("link", name=world.things["sku"])).to_be_visible()
    await page.keyboard.press("j")
    await expect(rows.get_by_role("link", name=world.things["sku"])).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text(world.things["sku"])
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="键盘快捷键")).to_contain_text("前往 商品规格")


async def test_whatever_is_typed_is_searched_for_and_kept_out_of_the_address(
    visit: Visit, world: World
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type(world.things["sku"])
    found = page.get_by_role("listbox", name="搜索结果")
    await expect(found.get_by_role("option").first).to_be_visible()
    await owner.accessible()
    await owner.look("search")
    await found.get_by_role("option", name=world.things["sku"]).first.click()
    await expect(page).to_have_url(re.compile(f"show={world.things['sku']}"))
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("6221000000000000")
    await expect(page.get_by_text("没有找到")).to_be_visible()
    assert "6221000000000000" not in page.url
    kept = await page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
    assert "6221" not in kept
