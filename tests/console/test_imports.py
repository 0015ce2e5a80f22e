"""Imports: dropped or pasted, looked at row by row, put right, confirmed, taken back."""

import asyncio
import csv
import io
import json
import re
from pathlib import Path
from typing import Final

from playwright.async_api import Page, Route, expect
from sqlalchemy import Table, func, select

from kashu.access.permissions import Role
from kashu.stock.tables import cards, imports
from tests.api.world import World, send_form
from tests.console.conftest import Visit
from tests.console.visitor import Visitor

SAMPLES: Final = Path(__file__).parents[2] / "samples"
MESSY: Final = SAMPLES / "mgtv-month-messy.xlsx"
PLANTED: Final = json.loads((SAMPLES / "expected.json").read_text())["files"][MESSY.name]
NEW: Final = PLANTED["new"]
SHOWN: Final = {"文件内重复": 137, "已经有了": 61, "已过期": 9, "有效期看不懂": 12, "公式": 5}
BUSY_MS: Final = 30_000  # ten thousand rows, on a machine that has other things to do
KEPT: Final = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"


async def counted(world: World) -> dict[str, int]:
    """How many cards and imports the shop has."""
    return {table.name: await _count(world, table) for table in (cards, imports)}


async def _count(world: World, table: Table) -> int:
    of_shop = table.c.tenant_id == world.tenant.id
    async with world.database.transaction(world.tenant.id) as tx:
        found = await tx.execute(select(func.count()).select_from(table).where(of_shop))
        return int(found.scalar_one())


async def choose_sku(page: Page) -> None:
    """Two clicks: the warehouse and the supplier are as the last time."""
    await page.get_by_role("combobox", name="商品规格").click()
    await page.locator(".ant-select-item-option").first.click()


async def test_a_messy_file_is_looked_at_put_right_imported_and_taken_back(
    visit: Visit, world: World
) -> None:
    form = {name: world.things[name] for name in ("sku", "warehouse", "supplier")}
    form |= {"unit_cost": "14.1250", "sure": "true"}
    earlier = (SAMPLES / "mgtv-month-earlier.txt").read_bytes()
    await send_form(world.program, "/v1/imports", form, earlier)
    before = await counted(world)
    owner = await visit(Role.OWNER)
    page = await owner.open("/stock/imports")
    await page.get_by_role("button", name="导入卡密").click()
    await page.locator("input[type=file]").set_input_files(MESSY)
    await choose_sku(page)
    await expect(page.get_by_label("进货单价")).to_have_value("14.1250")  # as the last lot
    go = page.get_by_role("button", name=f"导入 {NEW:,} 张")
    await expect(go).to_be_enabled(timeout=BUSY_MS)
    for name, count in SHOWN.items():
        line = page.get_by_role("button", name=name)
        await expect(line).to_contain_text(str(count))
        await expect(line).to_contain_text(re.compile(r"行号 \d+"))
    await owner.look("import-preview")
    await owner.accessible()
    await _put_one_right(owner)
    wrong = PLANTED["rejected"]
    skipped = wrong["blank"] + wrong["heading"]
    rejected = sum(wrong.values()) - skipped + 137 + 61 - 1  # one was put right
    assert len(await _download(page)) == rejected
    assert await counted(world) == before  # nothing was written until now

    await page.get_by_role("button", name=f"导入 {NEW + 1:,} 张").click()
    await expect(page.get_by_role("dialog")).to_contain_text("超过平时")
    await page.get_by_role("button", name="没有输错，继续").click()
    await expect(page.get_by_text(f"已入库 {NEW + 1:,} 张")).to_be_visible(timeout=BUSY_MS)
    await owner.look("import-done")
    await owner.accessible()
    after = await counted(world)
    assert after == {"cards": before["cards"] + NEW + 1, "imports": before["imports"] + 1}
    await _again(owner)
    await _take_back(owner)
    assert (await counted(world))["cards"] == before["cards"]


async def _put_one_right(owner: Visitor) -> None:
    """Correct a date where it stands: one row less is wrong, one more comes in."""
    page = owner.page
    await page.get_by_role("button", name="有效期看不懂").click()
    expiry = page.get_by_label(re.compile("行，有效期"))
    await expect(expiry).to_have_count(10)  # of 12: a page
    await owner.look("import-rows")
    await owner.accessible()
    await expiry.first.fill("2030-12-31")
    await expect(page.get_by_role("button", name="检查改过的 1 行")).to_be_visible()
    await expiry.first.press("Enter")
    go = page.get_by_role("button", name=f"导入 {NEW + 1:,} 张")
    await expect(go).to_be_enabled(timeout=BUSY_MS)
    await expect(page.get_by_role("button", name="有效期看不懂")).to_contain_text("11")


async def _download(page: Page) -> list[list[str]]:
    """The rejected rows as a file, without its heading."""
    await page.get_by_role("button", name="下载没入库的行").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("menuitem", name="CSV").click()
    return _rows_of(Path(await (await downloading.value).path()))


def _rows_of(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))[1:]


async def _again(owner: Visitor) -> None:
    """The same file once more brings nothing, and says why."""
    page = owner.page
    await page.get_by_role("button", name="再导入一份").click()
    await page.locator("input[type=file]").set_input_files(MESSY)
    await expect(page.get_by_role("button", name="没有可以导入的卡")).to_be_visible(timeout=BUSY_MS)
    await expect(page.get_by_text("同一文件已于")).to_be_visible()
    await expect(page.get_by_role("button", name="已经有了")).to_contain_text("9,931")


async def _take_back(owner: Visitor) -> None:
    """Undo it from the list."""
    page = owner.page
    await page.get_by_role("button", name="入库记录").click()
    await expect(page.get_by_role("status").first).to_contain_text("共 3 条")
    await page.locator("[data-row-link]").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text("10,002 行")
    await owner.look("import-panel")
    await owner.accessible()
    await page.get_by_role("button", name="撤销这次入库").click()
    await page.get_by_role("button", name="撤销入库", exact=True).click()
    await expect(page.get_by_role("dialog").get_by_text("已撤销", exact=True)).to_be_visible()


async def test_three_hundred_codes_pasted_from_a_chat_are_in_stock_after_four_clicks(
    visit: Visit, world: World
) -> None:
    before = await counted(world)
    ops = await visit(Role.OPS)
    page = await ops.open("/stock/imports/new")
    codes = [f"MG8K2FAKE{place:06d}X----PW{place:08d}" for place in range(300)]
    await page.get_by_label("卡密文本").fill("\n".join(codes))
    await choose_sku(page)  # clicks 1 and 2
    await page.keyboard.press("Tab")  # the supplier is as the last time
    await page.keyboard.press("Tab")
    await page.keyboard.type("10")
    go = page.get_by_role("button", name="导入 300 张")
    await expect(go).to_be_enabled()
    how = page.get_by_role("region", name="是这样读的")
    await expect(how).to_contain_text("用 ---- 分隔")
    await expect(how.get_by_role("columnheader", name="卡号")).to_be_visible()
    await expect(how.get_by_role("cell", name="PW00000000")).to_be_visible()
    await ops.look("import-pasted")
    await go.click()  # 3
    await page.get_by_role("button", name="没有输错，继续").click()  # 4: never so many before
    await expect(page.get_by_text("已入库 300 张")).to_be_visible()
    await ops.look("import-pasted-done")
    assert (await counted(world))["cards"] == before["cards"] + 300
    assert "FAKE" not in page.url
    assert "FAKE" not in await page.content()
    assert "FAKE" not in await page.evaluate(KEPT)


async def test_a_large_file_is_sent_once_and_its_check_can_be_stopped(
    visit: Visit, world: World, tmp_path: Path
) -> None:
    assert world.things["sku"]
    owner = await visit(Role.OWNER)
    page = await owner.open("/stock/imports/new")
    asked: list[str] = []
    page.on(
        "request",
        lambda each: asked.append(each.url.rpartition("/")[2]) if each.method == "POST" else None,
    )
    large = tmp_path / "large.csv"
    rows = (f"MG8K2FAKE{place:06d}X,{'x' * 3_900}" for place in range(1_200))
    large.write_text("\n".join(("卡号,备注", *rows, "合计,1200")))
    held = asyncio.Event()

    async def hold(_: Route) -> None:
        await held.wait()  # the page gives it up meanwhile

    await page.route("**/v1/imports/check", hold)
    await page.locator("input[type=file]").set_input_files(large)
    await choose_sku(page)
    await page.get_by_label("进货单价").fill("14.1250")
    checking = page.get_by_role("region", name="正在检查 large.csv")
    await expect(checking).to_be_visible()
    await owner.look("import-checking")
    await owner.accessible()
    await checking.get_by_role("button", name="停止检查").click()
    await expect(page.get_by_role("status").filter(has_text="检查已停止")).to_be_visible()
    held.set()
    await page.unroute("**/v1/imports/check")
    asked.clear()

    await page.get_by_role("button", name="重新检查").click()
    go = page.get_by_role("button", name="导入 1,200 张")
    await expect(go).to_be_enabled(timeout=BUSY_MS)
    await expect(page.get_by_role("button", name="合计行")).to_contain_text("行号 1202")
    await page.get_by_label("进货单价").fill("99999")
    await expect(page.get_by_text("高于面值")).to_be_visible()
    await page.get_by_label("进货单价").fill("14.1250")
    await expect(page.get_by_text("高于面值")).to_have_count(0)
    await expect(go).to_be_enabled()
    assert asked.count("check") == 1
    assert set(asked) == {"check", "terms"}


async def test_who_may_not_import_sees_what_came_in_and_no_way_to_change_it(
    visit: Visit, world: World
) -> None:
    assert world.things["import_id"]
    finance = await visit(Role.FINANCE, language="en")
    page = await finance.open(f"/stock/imports?show={world.things['import_id']}")
    await expect(page.get_by_role("dialog")).to_contain_text("Every row came in.")
    undo = page.get_by_role("button", name="Undo this import")
    await expect(undo).to_have_attribute("aria-disabled", "true")
    await expect(page.get_by_role("button", name="Import cards")).to_have_count(0)
    await page.goto(f"{finance.origin}/console/stock/imports/new")
    await expect(page.get_by_label("Cards as text")).to_have_count(0)


async def test_five_hundred_cards_are_looked_up_and_none_is_kept(
    visit: Visit, world: World
) -> None:
    asked = {"reason": "asks", "recipient": "buyer"}
    order = f"/v1/orders/{world.things['order_id']}"
    told = (await world.program.call("POST", f"{order}/reveal", asked)).json()
    sold = [card["number"] for card in told]
    values = [*sold, "MG01----p1", sold[0], *(f"MGFAKE{place:06d}" for place in range(496))]
    service = await visit(Role.SERVICE)
    page = await service.open("/stock/which")
    await page.get_by_label("要查的卡密").last.fill("\n".join(values))
    await page.get_by_role("button", name="查 500 张").click()
    await expect(page.get_by_role("heading", name="500 张的去向")).to_be_visible()
    await expect(page.get_by_role("button", name="不是我们的卡 496")).to_be_visible()
    await page.get_by_role("button", name="重复行 1").click()
    await expect(page.locator(".ant-table-row")).to_have_count(1)
    await page.get_by_role("button", name=re.compile("^全部")).click()
    await service.look("which")
    await service.accessible()
    await expect(page.get_by_role("button", name="在库可发 1")).to_be_visible()
    await page.get_by_role("button", name="已发出，已查看 2").click()
    await expect(page.get_by_role("link", name="W1")).to_have_count(2)
    await page.get_by_role("button", name="下载结果").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("menuitem", name="CSV").click()
    rows = _rows_of(Path(await (await downloading.value).path()))
    assert len(rows) == 500
    assert not any(sold[1] in cell for row in rows for cell in row)
    await page.get_by_role("button", name="清空").click()
    assert sold[1] not in await page.content()
    assert sold[1] not in await page.evaluate(KEPT)
    assert sold[1] not in page.url
