"""Stock: what wants a look first, lots moved and frozen, strategies foretold, counts posted."""

import re
from uuid import UUID

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.stock.allocate import allocate
from kashu.stock.plan import Demand
from kashu.stock.strategies import strategies_for
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.console.shelves import GOODS, Shelves, fill_shelves
from tests.stock.builders import cards_of

MONTH = GOODS["iqiyi-gold-month"][0][0]


@pytest_asyncio.fixture(loop_scope="session")
async def shelves(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shelves:
    return await fill_shelves(database, tenant, keyrings)


def row_of(page: Page, words: str) -> Locator:
    return page.locator("tr[data-row-key]").filter(has_text=words)


async def tick(row: Locator) -> None:
    """Choose a row. Not check(), which doesn't wait until a busy machine has drawn it."""
    await row.get_by_role("checkbox").click()
    await expect(row.get_by_role("checkbox")).to_be_checked()


async def choose(page: Page, field: Locator, option: str) -> None:
    """Open a select and choose what it says."""
    await field.click()
    await page.locator(".ant-select-item-option:visible").filter(has_text=option).first.click()


async def test_the_overview_says_what_wants_a_look_and_leads_to_the_cards(
    visit: Visit, shelves: Shelves
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/stock")
    rows = page.locator("tr[data-row-key]")
    await expect(rows).to_have_count(len(GOODS))
    await expect(rows.first).to_contain_text("芒果TV会员季卡")  # sold out comes first
    await expect(rows.first).to_contain_text("断货")
    await expect(rows.nth(1)).to_contain_text("库存低")
    await expect(row_of(page, MONTH)).to_contain_text("10 天")  # 94 at 63 a week
    await owner.look("stock")
    await owner.accessible()

    await page.get_by_text("有冻结 1").click()
    await expect(rows).to_have_count(1)
    await expect(page).to_have_url(re.compile("need=frozen"))
    await rows.first.get_by_role("link").first.click()
    panel = page.get_by_role("dialog", name="喜马拉雅会员月卡 的库存")
    await expect(panel).to_contain_text("冻结 12：供应商通知召回")
    await expect(panel.get_by_test_id("next-cards")).to_contain_text("10 张")
    await owner.look("stock-sku")
    await owner.accessible()
    await panel.get_by_role("button", name="设预警线").click()
    form = page.get_by_role("dialog", name="设预警线")
    await form.get_by_label("降到多少提醒").fill("30")
    await form.get_by_label("补到多少解除").fill("20")
    await form.get_by_role("button", name="保存预警线").click()
    await expect(form.get_by_role("alert")).to_contain_text("解除线须大于预警线")
    await form.get_by_label("补到多少解除").fill("50")
    await form.get_by_role("button", name="保存预警线").click()
    await expect(panel).to_contain_text("低于 30 提醒，到 50 解除")
    await panel.get_by_role("link", name="看批次").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("批次")
    await expect(page.locator("tr[data-row-key]")).to_have_count(2)
    assert await shelves.one("SELECT low FROM stock.levels WHERE sku_id = :s", s=sku(shelves)) == 30


def sku(shelves: Shelves, code: str = "ximalaya-month") -> UUID:
    return shelves.skus[code]


async def test_lots_are_transferred_frozen_and_unfrozen_each_with_its_reason(
    visit: Visit, shelves: Shelves
) -> None:
    ops = await visit(Role.OPS)
    first, second, _ = shelves.lots["iqiyi-gold-month"]
    page = await ops.open(f"/stock/lots?sku={first.sku_id}&sort=expiry")
    rows = page.locator("tr[data-row-key]")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("剩 5 天")
    await ops.look("lots")
    await ops.accessible()
    for lot in (first, second):
        await tick(page.locator(f'tr[data-row-key="{lot.id}"]'))
    await page.get_by_role("button", name="冻结 2 批").click()
    form = page.get_by_role("dialog", name="冻结 2 批")
    await form.get_by_role("button", name=re.compile("^冻 ?结$")).click()
    await expect(form.get_by_text("请写明原因")).to_be_visible()
    await form.get_by_label("原因").fill("买家投诉已使用")
    await form.get_by_role("button", name=re.compile("^冻 ?结$")).click()
    await expect(rows.first).to_contain_text("买家投诉已使用")
    frozen = "SELECT count(*) FROM stock.lots WHERE frozen_reason = '买家投诉已使用'"
    assert await shelves.one(frozen) == 2

    await page.goto(f"{ops.origin}/console/stock/lots?sku={first.sku_id}&show={first.id}")
    panel = page.get_by_role("dialog", name=MONTH)
    await expect(panel).to_contain_text("逐张清点 30 张，与批次数量一致")
    await panel.get_by_role("button", name=re.compile("解 ?冻")).click()
    form = page.get_by_role("dialog", name="解冻 1 批")
    await form.get_by_label("原因").fill("查清了")
    await form.get_by_role("button", name=re.compile("^解 ?冻$")).click()
    await expect(panel.get_by_role("button", name=re.compile("^冻 ?结$"))).to_be_visible()
    assert await shelves.one(frozen) == 1

    await panel.get_by_role("button", name=re.compile("调 ?拨")).click()
    form = page.get_by_role("dialog", name="调拨到另一个仓库")
    await expect(form).to_contain_text(f"{MONTH} …{str(first.id)[-8:]}")
    await form.get_by_label("调几张").fill("31")  # of 30: told, and not made 30 without a word
    await form.get_by_role("button", name="调拨 31 张").click()
    await expect(form.get_by_text("请填 1 到 30 之间的数")).to_be_visible()
    await form.get_by_label("调几张").fill("12")
    await choose(page, form.get_by_label("调到"), "备用仓")
    await form.get_by_label("原因").fill("给旗舰店备货")
    await form.get_by_role("button", name="调拨 12 张").click()
    await expect(page.get_by_text("已调拨 12 张到 备用仓")).to_be_visible()
    await expect(rows).to_have_count(4)
    moved = "SELECT available FROM stock.lots WHERE origin_lot_id = :lot"
    assert await shelves.one(moved, lot=first.id) == 12
    await ops.look("lot")


async def test_the_next_ten_are_those_that_are_given_whatever_the_strategy(
    visit: Visit, shelves: Shelves
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/stock/strategies?sku=iqiyi-gold-month")
    told = page.get_by_test_id("next-cards")
    first, cheap, dear = shelves.lots["iqiyi-gold-month"]
    await expect(told.locator("tbody tr").first).to_have_attribute(
        "data-card", str(first.card_ids[0])
    )
    await page.get_by_role("button", name="新策略").first.click()
    form = page.get_by_role("dialog", name="新策略")
    await expect(form.get_by_label("名称")).to_be_focused()
    await form.get_by_label("名称").fill("成本优先")
    await form.get_by_label("编码").fill("cheap")
    await choose(page, form.get_by_label("第 1 条"), "成本低的先发")
    await choose(page, form.get_by_label("哪种规格"), MONTH)
    await expect(form.get_by_test_id("next-cards").locator("tbody tr").first).to_have_attribute(
        "data-card", str(cheap.card_ids[0])
    )
    await owner.look("strategy")
    await owner.accessible()
    await form.get_by_role("button", name="保存策略").click()
    panel = page.get_by_role("dialog", name="策略 成本优先")
    await panel.get_by_role("button", name="指定用在哪里").click()
    form = page.get_by_role("dialog", name="指定用在哪里")
    await choose(page, form.get_by_label("规格"), MONTH)
    await form.get_by_role("button", name="用在这里").click()
    await expect(panel).to_contain_text(MONTH)
    await page.goto(f"{owner.origin}/console/stock/strategies?sku=iqiyi-gold-month")
    await expect(page.get_by_text("按策略「成本优先」")).to_be_visible()
    assert await foretold(page) == await given_now(shelves)  # of the cheap lot

    await page.get_by_role("link", name="成本优先").click()
    await panel.get_by_role("button", name="改策略").click()
    form = page.get_by_role("dialog", name="改策略")
    await choose(page, form.get_by_label("第 1 条"), "只发这些仓库的")
    await choose(page, form.get_by_label("哪些"), "备用仓")
    await form.get_by_role("button", name="保存策略").click()
    await expect(row_of(page, "成本优先")).to_contain_text("只发 备用仓 的")
    await page.goto(f"{owner.origin}/console/stock/strategies?sku=iqiyi-gold-month")
    told_now = await foretold(page)
    assert told_now == await given_now(shelves)
    assert told_now == dear.card_ids[:10]
    await owner.look("strategies")
    await owner.accessible()


async def foretold(page: Page) -> list[UUID]:
    """The cards that the page says would be given next."""
    rows = page.get_by_test_id("next-cards").locator("tbody tr")
    await expect(rows).to_have_count(10)
    return [UUID(await row.get_attribute("data-card") or "") for row in await rows.all()]


async def given_now(shelves: Shelves) -> list[UUID]:
    """Sell ten, by the strategy in force; which cards were given, in order."""
    tenant_id, sku_id = shelves.tenant.id, shelves.skus["iqiyi-gold-month"]
    async with shelves.database.transaction(tenant_id) as tx:
        [strategy] = await strategies_for(tx, tenant_id, [(sku_id, None, None)])
        wanted = Demand(new_id(), sku_id, 10, strategy)
        served = await allocate(tx, tenant_id, [wanted], day_of(now(), shelves.tenant.timezone))
        assert served[0]
        return await cards_of(tx, tenant_id, wanted.line_id)


async def test_a_count_shows_what_differs_and_posts_what_is_missing(
    visit: Visit, shelves: Shelves
) -> None:
    ops = await visit(Role.OPS)
    [lot] = shelves.lots["youku-month"]
    page = await ops.open("/stock/stocktakes")
    await page.get_by_role("button", name="开始盘点").first.click()
    form = page.get_by_role("dialog", name="盘点")
    await choose(page, form.get_by_label("盘哪种规格"), "优酷会员月卡")
    await choose(page, form.get_by_label("在哪个仓库"), "主仓")
    counted = [*lot.numbers[3:], lot.numbers[5], "NOSUCHCARD99"]
    await form.get_by_label("卡密名单").fill("\n".join(counted))
    await form.get_by_role("button", name="开始比对").click()
    panel = page.get_by_role("dialog", name="盘点 优酷会员月卡")
    await expect(panel.locator('[data-class="missing"]')).to_contain_text("缺少 3")
    await expect(panel.locator('[data-class="duplicate"]')).to_contain_text("第 26 行")
    await expect(panel.locator('[data-class="unknown"]')).to_contain_text("不认识 1")
    assert lot.numbers[5] not in await page.content()
    await ops.look("stocktake")
    await ops.accessible()
    await panel.get_by_role("button", name="过账：作废缺少的").click()
    form = page.get_by_role("dialog", name="过账")
    await form.get_by_label("原因").fill("十一月盘点")
    await form.get_by_role("button", name="作废 3 张并过账").click()
    await expect(page.get_by_text("已作废 3 张")).to_be_visible()
    await expect(row_of(page, "优酷会员月卡")).to_contain_text("已过账")
    assert await shelves.one("SELECT void FROM stock.lots WHERE id = :lot", lot=lot.id) == 3


async def test_warehouses_are_added_and_cards_promised_and_let_go(
    visit: Visit, shelves: Shelves
) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open("/stock/warehouses")
    await expect(row_of(page, "备用仓")).to_contain_text("24")
    await page.get_by_role("button", name="添加仓库").first.click()
    form = page.get_by_role("dialog", name="添加仓库")
    await form.get_by_label("名称").fill("活动仓")
    await form.get_by_label("编码").fill("main")
    await form.get_by_role("button", name="添加仓库").click()
    await expect(form.get_by_role("alert")).to_contain_text("已有相同编码的仓库")
    await form.get_by_label("编码").fill("event")
    await form.get_by_role("button", name="添加仓库").click()
    await expect(row_of(page, "活动仓")).to_be_visible()
    await ops.accessible()

    await page.goto(f"{ops.origin}/console/stock/reservations?show=new")
    form = page.get_by_role("dialog", name="预占")
    await choose(page, form.get_by_label("规格"), "优酷会员月卡")
    await form.get_by_label("留几张").fill("20")
    await form.get_by_label("留到什么时候").fill("2099-12-31")
    await form.get_by_label("为什么留").fill("报价单 Q1123")
    await form.get_by_role("button", name=re.compile("^预 ?占$")).click()
    row = row_of(page, "报价单 Q1123")
    await expect(row).to_contain_text("预占中")
    await ops.look("reservations")
    await ops.accessible()
    held = "SELECT sum(reserved) FROM stock.lots WHERE sku_id = :s"
    assert await shelves.one(held, s=sku(shelves, "youku-month")) == 20
    await row.get_by_role("button", name=re.compile("释 ?放")).click()
    form = page.get_by_role("dialog", name="释放预占")
    await form.get_by_label("原因").fill("客户不要了")
    await form.get_by_role("button", name=re.compile("释 ?放")).click()
    await expect(row).to_contain_text("已释放")
    assert await shelves.one(held, s=sku(shelves, "youku-month")) == 0


async def test_who_may_only_look_is_told_why_buttons_do_nothing(
    visit: Visit, shelves: Shelves
) -> None:
    auditor = await visit(Role.AUDITOR)
    [lot] = shelves.lots["youku-month"]
    page = await auditor.open(f"/stock/lots?show={lot.id}")
    panel = page.get_by_role("dialog")
    button = panel.get_by_role("button", name=re.compile("^冻 ?结$"))
    await expect(button).to_have_attribute("aria-disabled", "true")
    await expect(panel.get_by_role("button", name="更多")).to_have_count(0)
    for path, made in (("warehouses", "添加仓库"), ("stocktakes", "开始盘点")):
        await page.goto(f"{auditor.origin}/console/stock/{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        await expect(page.get_by_role("button", name=made)).to_have_count(0)
