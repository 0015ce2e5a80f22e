"""Orders by hand: entered, found again, refunded and cancelled; what is above a limit waits."""

from playwright.async_api import Page, expect
from sqlalchemy import text

from kashu.access.permissions import Role
from kashu.core.money import parse_amount
from tests.console.conftest import Visit
from tests.console.seeded import Seeded
from tests.console.visitor import Visitor


async def enter(page: Page, number: str, quantity: int, price: str) -> None:
    """Fill in the form of an order, and send it."""
    form = page.get_by_role("dialog", name="录一单")
    await form.get_by_label("商品规格").click()
    await page.get_by_title("芒果TV会员月卡", exact=True).click()
    await form.get_by_label("数量").fill(str(quantity))
    await form.get_by_label("实收金额").fill(price)
    await form.get_by_label("订单号").fill(number)
    await form.get_by_role("button", name="下单", exact=True).click()


async def test_a_clerk_enters_an_order_finds_it_and_gives_part_of_it_back(
    visit: Visit, seeded: Seeded
) -> None:
    for n in range(3):
        await seeded.sell(f"OLD-{n}", ("mgtv-month", 2, "39.60"))
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders?show=new")
    form = page.get_by_role("dialog", name="录一单")
    await expect(form.get_by_label("数量")).to_be_visible()
    await expect(page.get_by_role("heading", name="订单", level=1)).to_be_attached()
    await clerk.look("order-new")
    await clerk.accessible()
    await form.get_by_role("button", name="下单", exact=True).click()
    await expect(form.get_by_text("请填写").first).to_be_visible()

    await enter(page, "HAND-7788", 10, "19.80")  # ten for the price of one
    asked = page.get_by_role("dialog", name="有数字与平时相差很大")
    await expect(asked).to_contain_text("近 30 天这个规格一行最多卖 2 件，这次是 10 件。")
    await clerk.look("order-new-mistyped")
    await asked.get_by_role("button", name="回去检查").click()
    assert (await seeded.ask("GET", "/v1/orders?q=HAND"))["total"] == 0
    await form.get_by_label("数量").fill("2")
    await form.get_by_label("实收金额").fill("39.60")
    await form.get_by_label("买家").fill("李雷 13812345678")
    await form.get_by_role("button", name="下单", exact=True).click()
    await expect(page.get_by_role("heading", name="订单 HAND-7788")).to_be_visible()
    await expect(page.locator('[data-kind="cards.given"]')).to_contain_text("先用早到期的")
    await expect(page.get_by_text("没人看过")).to_have_count(2)
    await expect(page.locator(".how-to")).to_contain_text("1. 打开芒果TV，进入“我的”")
    await expect(page.get_by_text("李雷 138****5678", exact=True)).to_be_visible()
    await clerk.look("order-by-hand")
    await clerk.accessible()

    await page.keyboard.press("/")
    await page.keyboard.type("13812345678")
    await page.get_by_role("option").filter(has_text="HAND-7788").click()
    await page.get_by_role("button", name="退款").click()
    refund = page.get_by_role("dialog", name="退款")
    await refund.get_by_role("radio", name="按行退").check()
    await refund.get_by_label("退几件").fill("1")
    await clerk.look("order-refund")
    await refund.get_by_role("button", name="退款", exact=True).click()
    await page.get_by_role("button", name="确认退款").click()
    await expect(page.get_by_text("已退 ¥19.80")).to_be_visible()
    await expect(page.locator('[data-kind="order.refunded"]')).to_contain_text("退 ¥19.80")
    await page.get_by_role("button", name="取消订单").click()
    await page.get_by_role("dialog").get_by_role("button", name="取消订单").click()
    await expect(page.locator('[data-kind="order.cancelled"]')).to_be_visible()
    await expect(page.get_by_text("没人看过")).to_have_count(0)
    cancel = page.get_by_role("button", name="取消订单")
    await expect(cancel).to_have_attribute("aria-disabled", "true")


async def test_an_owner_sees_the_whole_money_of_what_was_given_back(
    visit: Visit, seeded: Seeded
) -> None:
    order = await seeded.sell(
        "WHOLE-1", ("mgtv-month", 3, "59.40"), ("iqiyi-week", 2, "15.60"), store="tb"
    )
    await seeded.refund(order, "R1", {"line": 1, "quantity": 1})
    owner = await visit(Role.OWNER)
    page = await owner.open(f"/orders/{order}")
    net = await page.get_by_test_id("net").inner_text()
    booked = text(
        "SELECT sum(CASE reason WHEN 'sale' THEN amount_e4 WHEN 'restocked' THEN amount_e4"
        " ELSE -amount_e4 END) FROM ledger.transfers AS moved JOIN orders.lines AS line"
        " ON line.tenant_id = moved.tenant_id AND line.id = moved.subject_id"
        " WHERE moved.tenant_id = :tenant AND line.order_id = :order"
    )
    async with seeded.database.transaction(seeded.tenant.id) as tx:
        names = {"tenant": seeded.tenant.id, "order": order}
        told = (await tx.execute(booked, names)).scalar_one()
    assert parse_amount(net.removeprefix("¥")) == told
    await page.get_by_text("账本分录").click()
    await owner.look("order-money")
    await owner.accessible()


async def limit(owner: Visitor) -> None:
    """Set limits, as an owner does."""
    page = await owner.open("/settings/limits")
    await expect(page.get_by_text("不设上限")).to_have_count(3)
    await page.get_by_role("button", name="修改上限").click()
    form = page.get_by_role("dialog", name="修改上限")
    await form.get_by_label("手工下单金额").fill("100")
    await form.get_by_label("退款金额").fill("30")
    await form.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("超过 ¥100.00 要审批")).to_be_visible()
    await expect(form).to_have_count(0)
    await owner.look("limits")
    await owner.accessible()


async def test_what_is_above_a_limit_waits_until_somebody_else_approves_it(
    visit: Visit, seeded: Seeded
) -> None:
    owner = await visit(Role.OWNER)
    await limit(owner)
    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/orders?show=new")
    await enter(page, "BIG-1", 6, "118.80")
    await expect(page.get_by_text("已提交审批").first).to_be_visible()
    panel = page.get_by_role("dialog", name="手工下单 1 单，6 件")
    await expect(panel.get_by_text("您申请的，须由另一人审批")).to_be_visible()
    await expect(panel.get_by_role("button", name="批准")).to_have_count(0)
    await clerk.look("approval-own")
    await expect(clerk.page.get_by_role("menuitem", name="设置")).to_have_count(0)

    desk = await owner.open("/desk?kind=orders_to_approve")
    await expect(desk.get_by_text("手工下单 1 单、6 件（118.80 元）等待审批")).to_be_visible()
    await owner.open("/orders/approvals?state=asked")
    await desk.get_by_role("link", name="手工下单 1 单，6 件").click()
    mine = desk.get_by_role("dialog", name="手工下单 1 单，6 件")
    await expect(mine).to_contain_text("BIG-1")
    await owner.look("approval")
    await owner.accessible()
    await mine.get_by_role("button", name="批准").click()
    await desk.get_by_role("button", name="批准").last.click()
    await expect(desk.get_by_text("已批准").first).to_be_visible()

    await clerk.open("/orders?q=BIG-1")
    await page.get_by_role("link", name="BIG-1").click()
    await expect(page.locator('[data-kind="order.approved"]')).to_contain_text("owner")
    await page.get_by_role("button", name="退款").click()
    refund = page.get_by_role("dialog", name="退款")
    await refund.get_by_role("button", name="退款", exact=True).click()
    await page.get_by_role("button", name="确认退款").click()
    await expect(page.get_by_text("有一笔 ¥118.80 的退款等待审批")).to_be_visible()
    await clerk.look("order-refund-waits")

    await owner.open("/orders/approvals")
    row = desk.get_by_role("row").filter(has_text="退款：订单 BIG-1")
    await row.get_by_role("link").click()
    await desk.get_by_role("button", name="驳回").click()
    form = desk.get_by_role("dialog", name="驳回")
    await form.get_by_label("理由").fill("买家已经用了")
    await form.get_by_role("button", name="驳回").click()
    await expect(desk.get_by_text("已驳回").first).to_be_visible()
    await owner.open("/orders/approvals")
    await expect(desk.get_by_role("row").filter(has_text="已驳回")).to_be_visible()
    await owner.look("approvals")
    [kept] = (await seeded.ask("GET", "/v1/orders?q=BIG-1"))["orders"]
    assert (kept["state"], kept["refunded_amount"]) == ("filled", "0.00")


async def test_who_only_reads_has_nothing_to_press(visit: Visit, seeded: Seeded) -> None:
    order = await seeded.sell("READ-1", ("mgtv-month", 1, "19.80"))
    auditor = await visit(Role.AUDITOR)
    page = await auditor.open(f"/orders/{order}")
    await expect(page.get_by_role("heading", name="订单 READ-1")).to_be_visible()
    for name in ("退款", "取消订单", "查看卡密"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await auditor.open("/orders")
    await expect(page.get_by_role("link", name="READ-1")).to_be_visible()
    for name in ("录一单", "批量下单"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await auditor.open("/settings/limits")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
