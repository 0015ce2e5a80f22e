"""The list of SKUs: conditions in the URL, a drawer with its own link, words for empty lists."""

import re

from playwright.async_api import expect

from kashu.access.permissions import Role
from tests.api.world import World
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
