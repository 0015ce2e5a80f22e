"""Many orders at once: from a file or pasted, looked at whole, placed or sent for approval."""

from playwright.async_api import FilePayload, expect

from kashu.access.permissions import Role
from tests.console.conftest import Visit
from tests.console.seeded import Seeded

HEAD = "订单号,规格,数量,金额,店铺\n"
RIGHT = HEAD + "B1,mgtv-month,2,39.60,tb\nB2,mgtv-month,1,19.80,tb\nB3,iqiyi-week,20,156.00,pdd\n"
WRONG = HEAD + "B1,mgtv-month,2,39.60,tb\nB2,nothing-like-it,1,19.80,tb\nB3,mgtv-month,x,1.00,tb\n"


async def test_a_file_with_mistakes_orders_nothing_and_put_right_it_does_once(
    visit: Visit, seeded: Seeded
) -> None:
    clerk = await visit(Role.OPS)
    page = await clerk.open("/orders/bulk")
    await expect(page.get_by_role("heading", name="批量下单", level=1)).to_be_visible()
    await clerk.look("bulk")
    await clerk.accessible()
    drop = page.locator("input[type=file]")
    await drop.set_input_files(
        FilePayload(name="wrong.csv", mimeType="text/csv", buffer=WRONG.encode())
    )
    await expect(page.get_by_role("alert")).to_contain_text("有 2 处错误，没有下任何订单")
    await expect(page.get_by_role("cell", name="第 3 行, 规格")).to_be_visible()
    await expect(page.get_by_role("button", name="下单")).to_have_count(0)
    await clerk.look("bulk-wrong")
    assert (await seeded.ask("GET", "/v1/orders"))["total"] == 0

    await page.get_by_role("button", name="重新选择").click()
    await page.get_by_text("粘贴表格", exact=True).click()
    pasted = RIGHT.replace(",", "\t")
    await page.get_by_role("textbox", name="粘贴表格").fill(pasted)
    await clerk.look("bulk-paste")
    await page.get_by_role("button", name="预检").click()
    await expect(page.get_by_role("row").filter(has_text="iqiyi-week")).to_contain_text("8")
    await clerk.look("bulk-preview")
    await clerk.accessible()
    await page.get_by_role("button", name="下单 3 单").click()
    await expect(page.get_by_text("已下 3 单")).to_be_visible()
    await expect(page.get_by_text("发出 15 张，缺 8 张待补。")).to_be_visible()
    await clerk.look("bulk-done")
    await page.get_by_role("button", name="重新选择").click()
    await page.get_by_role("button", name="预检").click()
    await expect(page.get_by_role("button", name="文件里的订单都下过了")).to_be_disabled()
    assert (await seeded.ask("GET", "/v1/orders"))["total"] == 3


async def test_a_file_above_the_limit_is_sent_for_approval(visit: Visit, seeded: Seeded) -> None:
    await seeded.ask("PUT", "/v1/order-limits", {"order_units": 10})
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders/bulk")
    drop = page.locator("input[type=file]")
    file = FilePayload(name="双十一.csv", mimeType="text/csv", buffer=RIGHT.encode())
    await drop.set_input_files(file)
    await expect(page.get_by_role("alert")).to_contain_text("件数超过上限")
    await page.get_by_role("button", name="提交审批 3 单").click()
    await expect(page.get_by_text("已提交审批 3 单")).to_be_visible()
    await clerk.look("bulk-asked")
    await page.get_by_role("button", name="看审批").click()
    await expect(page.get_by_role("link", name="双十一.csv：3 单，23 件")).to_be_visible()
    assert (await seeded.ask("GET", "/v1/orders"))["total"] == 0
