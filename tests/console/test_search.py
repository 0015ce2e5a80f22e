"""One box finds whatever somebody types or pastes: masked, and kept out of address and storage."""

import re

from playwright.async_api import Locator, Page, expect

from kashu.access.permissions import Role
from tests.api.world import World
from tests.console.conftest import Visit


async def look_for(page: Page, typed: str) -> Locator:
    """Open the box with its key and type; the listbox of what is found."""
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("/")
    await expect(page.get_by_role("combobox", name="搜索")).to_be_focused()
    await page.keyboard.type(typed)
    return page.get_by_role("listbox", name="搜索结果")


async def test_a_card_is_found_by_its_whole_value_and_shown_masked(
    visit: Visit, world: World
) -> None:
    assert world.things
    service = await visit(Role.SERVICE)
    page = await service.open("/orders")
    found = await look_for(page, "MG01,p1")
    card = found.get_by_role("option").filter(has_text="••")
    await expect(card).to_be_visible()
    await expect(card).not_to_contain_text("MG01")
    await service.accessible()
    assert "MG01" not in page.url
    kept = await page.evaluate(
        "() => JSON.stringify([localStorage, sessionStorage, history.state])"
    )
    assert "MG01" not in kept


async def test_an_order_is_found_and_opened_without_a_mouse(visit: Visit, world: World) -> None:
    line = {"sku": world.things["sku"], "quantity": 1, "price": "1"}
    body = {"orders": [{"external_id": "T778812", "lines": [line]}], "deliver": "later"}
    await world.program.call("POST", "/v1/orders", body, **{"Idempotency-Key": "ends-so"})
    ops = await visit(Role.OPS)
    page = await ops.open("/")
    found = await look_for(page, "8812")
    ending = found.get_by_role("option").filter(has_text="末尾相符")
    await expect(ending).to_contain_text("T778812")
    await ops.look("search-by-end")
    await page.get_by_role("combobox", name="搜索").fill("W1")
    first = found.get_by_role("option").first
    await expect(first).to_contain_text("W1")
    await expect(first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/orders/{world.things['order_id']}$"))
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def test_nobody_finds_what_their_role_may_not_see(visit: Visit, world: World) -> None:
    assert world.things
    ordered = "K000001"  # at a supplier
    ops = await visit(Role.OPS)
    found = await look_for(await ops.open("/"), ordered)
    await expect(found.get_by_role("option").filter(has_text=ordered)).to_be_visible()
    service = await visit(Role.SERVICE)
    page = await service.open("/orders")
    found = await look_for(page, ordered)
    await expect(page.get_by_text("没有找到")).to_be_visible()
    await expect(found.get_by_role("option")).to_have_count(0)
