"""The list of orders: what it shows, narrowed and sorted, under a name, as a file."""

import csv
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, expect

from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from tests.console.conftest import Visit
from tests.console.seeded import Seeded

TOTAL = 12


async def sold(seeded: Seeded) -> None:
    """Twelve orders: of stores and SKUs, short, given back, of a customer."""
    for n in range(6):
        await seeded.sell(
            f"TB2026{n:04d}", ("mgtv-month", n + 1, f"{(n + 1) * 19.8:.2f}"), store="tb"
        )
    for n in range(3):
        await seeded.sell(f"PDD{n:05d}", ("iqiyi-week", 2, "15.60"), store="pdd")
    await seeded.sell(
        "ACME-1", ("mgtv-month", 3, "54.00"), ("iqiyi-week", 2, "14.00"), customer="acme"
    )
    await seeded.sell("SHORT-1", ("iqiyi-week", 8, "62.40"), store="pdd")
    back = await seeded.sell("BACK-1", ("mgtv-month", 2, "39.60"), store="tb")
    await seeded.refund(back, "R1", {"line": 1, "quantity": 1})


async def total(page: Page, count: int) -> None:
    await expect(page.locator(".list-foot").get_by_role("status")).to_have_text(f"共 {count} 条")


async def test_a_clerk_narrows_and_sorts_the_list(visit: Visit, seeded: Seeded) -> None:
    await sold(seeded)
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders")
    await total(page, TOTAL)
    await clerk.accessible()
    await clerk.look("orders")

    await page.get_by_role("combobox", name="状态").click()
    await page.get_by_title("部分发出", exact=True).click()
    await total(page, 1)
    await expect(page.locator("[data-row-link]")).to_have_text(["SHORT-1"])
    assert "state=partly_filled" in page.url
    await page.get_by_role("button", name="清除筛选").click()
    await total(page, TOTAL)

    await page.get_by_role("textbox", name="订单号开头").fill("TB2026")
    await page.keyboard.press("Enter")
    await total(page, 6)
    await page.get_by_role("columnheader", name="金额").click()
    await expect(page.locator("[data-row-link]").first).to_have_text("TB20260000")
    await page.get_by_role("columnheader", name="金额").click()
    await expect(page.locator("[data-row-link]").first).to_have_text("TB20260005")

    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("textbox", name="金额不低于").fill("60")
    await page.keyboard.press("Enter")
    await total(page, 3)
    await expect(page.get_by_role("button", name="更多（1）")).to_be_visible()
    await clerk.look("orders-more")
    await page.keyboard.press("Escape")
    tomorrow = day_of(now()) + timedelta(days=1)
    await clerk.open(f"/orders?from={tomorrow}")
    await expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
    await clerk.look("orders-none")


async def test_a_list_is_kept_under_a_name_and_taken_away_as_it_is_shown(
    visit: Visit, seeded: Seeded, tmp_path: Path
) -> None:
    await sold(seeded)
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders?q=TB2026&amount_from=60&sort=-total")
    await total(page, 3)
    await page.get_by_role("button", name="常用视图").click()
    await page.get_by_role("textbox", name="起个名字").fill("淘宝大单")
    await clerk.look("orders-views")
    await page.get_by_role("button", name="保存当前筛选").click()
    await expect(page.get_by_text("已保存视图 淘宝大单")).to_be_visible()
    await page.get_by_role("button", name="清除筛选").click()
    await total(page, TOTAL)
    await page.get_by_role("button", name="常用视图").click()
    await page.get_by_role("link", name="淘宝大单").click()
    await total(page, 3)
    assert "sort=-total" in page.url

    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="导出").click()
        await page.get_by_role("menuitem", name="CSV 文件").click()
    file = tmp_path / "orders.csv"
    await (await waiting.value).save_as(file)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    shown = await page.locator("[data-row-link]").all_inner_texts()
    assert [row["订单号"] for row in rows] == shown == ["TB20260005", "TB20260004", "TB20260003"]
    assert [row["行金额"] for row in rows] == ["118.80", "99.00", "79.20"]

    await page.get_by_role("button", name="选择列").click()
    # Not check(), which wants it in the same moment: what is shown is kept for the person first.
    await page.get_by_role("checkbox", name="来源").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("columnheader", name="来源")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("columnheader", name="来源")).to_be_visible()
    await total(page, 3)


async def test_a_phone_and_a_reader_of_english_have_the_same_list(
    visit: Visit, seeded: Seeded
) -> None:
    await sold(seeded)
    person = await visit(Role.OPS, size=(390, 844), looks="dark", language="en")
    page = await person.open("/orders")
    await expect(page.locator(".list-foot").get_by_role("status")).to_have_text("12 in all")
    row = page.locator("tr", has=page.get_by_role("link", name="ACME-1"))
    await expect(row.get_by_role("term").filter(has_text="Amount")).to_be_visible()
    rows = page.locator(".ant-table-row")  # each is read without moving it sideways
    assert await rows.evaluate_all("all => all.every(row => row.scrollWidth <= innerWidth)")
    body = page.locator(".list .ant-table-content, .list .ant-table-body")
    assert await body.evaluate("box => box.scrollWidth <= box.clientWidth")
    await person.look("orders-390")
    await person.accessible()
    await page.get_by_role("link", name="ACME-1").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Order ACME-1")
    await person.look("order-390")
    await person.accessible()


async def test_columns_stay_where_they_are_while_orders_come_in(
    visit: Visit, seeded: Seeded
) -> None:
    await sold(seeded)
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders")
    await total(page, TOTAL)
    edges = (
        "() => [...document.querySelectorAll('.ant-table-row:first-of-type > td, th')]"
        ".map((cell) => cell.getBoundingClientRect().left)"
    )
    before = await page.evaluate(edges)
    await seeded.sell("LONGER-NUMBER-1", ("iqiyi-week", 1, "7.80"), store="pdd")
    await page.get_by_role("button", name="刷新").click()
    await total(page, TOTAL + 1)
    await expect(page.get_by_role("link", name="LONGER-NUMBER-1")).to_be_visible()
    assert await page.evaluate(edges) == before
