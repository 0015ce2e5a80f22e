"""Help: every page has a guide, which is read beside it and without any network."""

import re
from pathlib import Path
from typing import Final

from playwright.async_api import expect

from kashu.access.permissions import Role
from tests.console.conftest import Visit

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = re.compile(r'^ +\{ name: "(\w+)", path: "([^"]+)"(.*)$', re.MULTILINE)
OWN: Final = {"help", "guide"}


def guide_of(rest: str) -> str | None:
    found = re.search(r' help: "([\w-]+)"', rest)
    return found[1] if found else None


def test_every_page_has_a_guide_that_is_there() -> None:
    pages = PAGE.findall((ROOT / "console/src/routes.tsx").read_text())
    assert len(pages) > 10
    without = [name for name, _, rest in pages if guide_of(rest) is None and name not in OWN]
    assert without == []
    for name, _, rest in pages:
        guide = guide_of(rest)
        folders = [ROOT / "docs" / folder / f"{guide}.md" for folder in ("guides", "concepts")]
        assert guide is None or any(file.is_file() for file in folders), (name, guide)


def test_every_guide_for_the_day_s_work_is_in_both_languages() -> None:
    for guide in (ROOT / "docs/guides").glob("*.md"):
        developers = guide.name.startswith("add-a-")
        if guide.name.endswith(".zh-CN.md") or developers:
            continue
        assert guide.with_suffix(".zh-CN.md").is_file(), guide.name


async def test_a_page_s_guide_is_read_beside_it_and_leads_on(visit: Visit) -> None:
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders")
    await page.get_by_role("button", name="帮助").click()
    beside = page.get_by_role("dialog", name="帮助")
    await expect(beside.get_by_role("heading", name="查单、补发、退款")).to_be_visible()
    await clerk.accessible()
    await clerk.look("help-beside")
    await page.get_by_label("订单号开头").fill("A1")  # the page goes on beside it
    await expect(page.get_by_label("订单号开头")).to_have_value("A1")
    await beside.get_by_role("link", name="整页阅读").click()
    await expect(page.get_by_role("heading", level=1, name="查单、补发、退款")).to_be_visible()
    await expect(beside).to_be_hidden()

    await page.get_by_role("link", name="全部帮助").click()
    await page.get_by_label("在帮助里查找").fill("补发 掩码")
    await expect(page).to_have_url(re.compile(r"[?&]q="))
    await expect(page.get_by_text("找到 1 篇")).to_be_visible()
    await page.get_by_role("link", name="查单、补发、退款").click()
    await expect(page.get_by_role("heading", name="看懂一单")).to_be_visible()
    await page.go_back()
    await page.get_by_label("在帮助里查找").fill("没有这样的词")
    await expect(page.get_by_text("没有找到")).to_be_visible()


async def test_a_guide_s_links_lead_to_other_guides_and_a_table_stays_in_its_place(
    visit: Visit,
) -> None:
    phone = await visit(Role.OWNER, size=(390, 844), looks="dark", language="en")
    page = await phone.open("/help")
    await expect(page.get_by_role("heading", name="The day's work")).to_be_visible()
    await phone.accessible()
    await phone.look("help-390-dark-en")
    await page.get_by_role("link", name="Work the exception desk").click()
    await expect(page.get_by_role("table")).to_be_visible()
    wide = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
    await phone.accessible()
    await phone.look("guide-390-dark-en")
    await page.get_by_role("link", name="map the listing").click()
    await expect(page.get_by_role("heading", level=1, name="Map listings")).to_be_visible()
    await phone.open("/help/no-such-guide")
    await expect(page.get_by_text("There is no such page")).to_be_visible()
