"""Purchases: what is in doubt is seen and settled, four eyes approve, nothing is bought twice."""

import re
from datetime import timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import set_rule
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.purchases.buying import AT, make_listing
from tests.purchases.counterpart import Fault
from tests.purchases.world import World, make_world

BY_ITSELF_MS = 6_000  # what happens elsewhere is seen within


@pytest_asyncio.fixture(loop_scope="session")
async def market(database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    """Two suppliers that sell a SKU, and money at both."""
    market = await make_world(database, tenant, keyrings, ("alpha", "beta"))
    await market.later(seconds=(now() - AT).total_seconds())
    async with database.transaction(tenant.id) as tx:
        await make_listing(tx, tenant.id, market.ground.sku_id, 150_000)
    return market


async def have_four_eyes(market: World) -> None:
    """From now on somebody else approves what comes to more than 200 yuan."""
    limits = Limits(approval_above_e4=200_0000, warehouse_id=market.ground.warehouse_id)
    async with market.database.transaction(market.tenant.id) as tx:
        await set_rule(tx, market.tenant.id, "cli", Scope(), limits)


async def asked(market: World, sql: str) -> list[tuple[Any, ...]]:
    async with market.database.transaction(market.tenant.id) as tx:
        return [tuple(row) for row in await tx.execute(text(sql))]


async def leave_to_people(market: World, quantity: int) -> None:
    """An order whose answer was lost, and that asking didn't clear up."""
    market.houses["alpha"].faults.append(Fault.LOST_BEFORE)
    await market.want(quantity)
    await market.place()
    async with market.database.transaction(market.tenant.id) as tx:
        await tx.execute(text("UPDATE purchases.attempts SET state = 'manual', said = 'deadline'"))


async def have_sold(market: World, units: int) -> None:
    """So many a day, for the 28 days before today."""
    sku_id, today = market.ground.sku_id, day_of(now(), market.tenant.timezone)
    cost, other = Account(AccountKind.COST_OF_GOODS), Account(AccountKind.OPENING)
    sale = Transfer(cost, other, units * 100_000, units, "cost", sku_id, sku_id=sku_id)
    async with market.database.transaction(market.tenant.id) as tx:
        for n in range(1, 29):
            await post(tx, market.tenant.id, [sale], posted_on=today - timedelta(days=n))


def rows(page: Page) -> Locator:
    return page.locator("tr[data-row-key]")


def figure(page: Page, name: str) -> Locator:
    return page.locator(".figure").filter(has_text=name)


async def test_a_purchase_in_doubt_is_shown_with_its_money_until_asking_settles_it(
    visit: Visit, market: World
) -> None:
    """M10: the supplier charged, and its answer was lost."""
    market.houses["alpha"].faults.append(Fault.LOST_AFTER)
    await market.want(3)
    await market.place()
    ops = await visit(Role.OPS)
    page = await ops.open("/supply/purchases")
    await expect(figure(page, "存疑资金")).to_contain_text("¥30.00")
    await expect(rows(page)).to_contain_text("存疑")
    await expect(page.get_by_text("合计：要 3 件，已到 0 件")).to_be_visible()
    await ops.accessible()
    await ops.look("purchases-doubt")

    await rows(page).get_by_role("link").first.click()
    await expect(page.get_by_text("这一单存疑：可能已经买到并扣款")).to_be_visible()
    await expect(page.get_by_role("row", name="存疑")).to_contain_text("¥30.00")
    await page.get_by_text("为什么选它").click()
    await expect(page.get_by_text("比选中的贵")).to_be_visible()
    for name in ("立即下单", "没买到"):  # nothing is ordered again, nothing given up
        button = page.get_by_role("button", name=name)
        assert await button.count() == 0 or await button.get_attribute("aria-disabled") == "true"
    await ops.accessible()
    await ops.look("purchase-doubt")

    await page.goto(f"{ops.origin}/console/supply/doubt")
    await expect(page.get_by_text("合计")).to_be_visible()
    await expect(rows(page)).to_contain_text("超时，或看不懂的答复")
    await rows(page).get_by_role("link").click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text("系统正在查询")
    await ops.accessible()
    await ops.look("doubt")

    await market.run(exact=True)  # the worker asks, and is told that it was bought
    await expect(panel).to_contain_text("成功", timeout=BY_ITSELF_MS)
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("没有存疑的钱")).to_be_visible()
    assert await asked(market, "SELECT state, received_count FROM purchases.purchases") == [
        ("done", 3)
    ]
    assert await asked(market, "SELECT count(*) FROM purchases.attempts") == [(1,)]
    await market.proved()
    page = await ops.open("/supply/purchases")
    await rows(page).get_by_role("link").first.click()
    await expect(page.get_by_text("入库 3 张")).to_be_visible()
    await expect(page.get_by_role("row", name="入库成本")).to_contain_text("¥30.00")
    await expect(page.get_by_role("row", name="付给供应商")).to_contain_text("¥30.00")
    await ops.look("purchase-done")


async def test_what_asking_did_not_clear_up_is_decided_by_people(
    visit: Visit, market: World
) -> None:
    await leave_to_people(market, 30)
    await have_four_eyes(market)  # 300 yuan: two must say so
    ops = await visit(Role.OPS)
    page = await ops.open("/supply/doubt")
    await rows(page).get_by_role("link").click()
    panel = page.get_by_role("dialog").first
    await expect(panel).to_contain_text("请人判定")
    await panel.get_by_role("button", name="没买到").click()
    form = page.get_by_role("dialog", name="没有买到")
    await expect(form).to_contain_text("判错就会买两次")
    await form.get_by_role("button", name="判定没买到").click()
    await expect(form.get_by_text("请填写")).to_have_count(2)
    await form.get_by_label("为什么确定没有买到").fill("客服说没有这个单号")
    await form.get_by_label("凭据").fill("6 月聊天记录")
    await ops.look("not-bought")
    await form.get_by_role("button", name="判定没买到").click()
    await expect(panel).to_contain_text("已有一个人判定没有买到")
    assert await asked(market, "SELECT state FROM purchases.attempts") == [("manual",)]

    finance = await visit(Role.FINANCE)
    other = await finance.open("/supply/doubt")
    await rows(other).get_by_role("link").click()
    seen = other.get_by_role("dialog").first
    await expect(seen).to_contain_text("客服说没有这个单号 · 6 月聊天记录")
    await expect(seen.get_by_role("button", name="买到了")).to_have_count(0)
    await seen.get_by_role("button", name="没买到").click()
    form = other.get_by_role("dialog", name="没有买到")
    await form.get_by_label("为什么确定没有买到").fill("核对过")
    await form.get_by_label("凭据").fill("同上")
    await form.get_by_role("button", name="判定没买到").click()
    await expect(other.get_by_text("没有存疑的钱")).to_be_visible()
    assert await asked(market, "SELECT state, said FROM purchases.attempts") == [
        ("refused", "said_by_people")
    ]
    assert (await market.money("alpha")).in_doubt_e4 == 0

    # It turned out otherwise: what came late is taken all the same.
    page = await ops.open("/supply/purchases?state=wanted")
    await rows(page).get_by_role("link").first.click()
    await page.get_by_role("button", name="买到了").click()
    form = page.get_by_role("dialog", name="买到了")
    pasted = "\n".join(f"KAMI{n:08} MIMA{n:08}" for n in range(30))
    await form.get_by_label("收到的卡密").fill(pasted)
    await form.get_by_role("button", name="确认买到了").click()
    await expect(page.get_by_text("已入库 30 张")).to_be_visible()
    await expect(page.get_by_text("判为没买到之后又到货")).to_be_visible()
    assert await market.stock_count() == 30
    await market.proved()


async def test_what_is_above_the_limit_is_approved_by_somebody_else(
    visit: Visit, market: World
) -> None:
    await market.want(2)
    await market.place()  # so that two are usual
    await have_four_eyes(market)
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/purchases?show=new&sku=mgtv-month&quantity=30")
    form = page.get_by_role("dialog", name="新建采购")
    await expect(form).to_contain_text("¥10.04")
    await expect(form).to_contain_text("可以买")
    await owner.accessible()
    await owner.look("purchase-new")
    await form.get_by_role("button", name="提交采购").click()
    question = page.get_by_role("dialog", name="有数字与平时相差很大")
    await expect(question).to_contain_text("数量 30 超过通常每次采购 2 的 3 倍")
    assert await asked(market, "SELECT count(*) FROM purchases.purchases") == [(1,)]
    await question.get_by_role("button", name="没有输错，继续").click()
    await expect(page.get_by_text("已提交，等另一个人审批")).to_be_visible()
    await expect(page).to_have_url(re.compile("/supply/purchases/[0-9a-f-]{36}"))
    mine = page.get_by_role("button", name="批准")
    await expect(mine).to_have_attribute("aria-disabled", "true")
    await mine.hover()
    await expect(page.get_by_text("您提出或修改过这张采购单，须由另一个人批准")).to_be_visible()

    page = await owner.open("/supply/purchases?state=asked")
    await rows(page).get_by_role("checkbox").check()
    await page.get_by_role("button", name="批准 1 张").click()
    await page.get_by_role("dialog").get_by_role("button", name="批准 1 张").click()
    await expect(page.get_by_role("dialog", name="1 张没有批准")).to_contain_text("须由另一位")
    one = "SELECT state FROM purchases.purchases WHERE quantity = 30"
    assert await asked(market, one) == [("asked",)]

    finance = await visit(Role.FINANCE)
    other = await finance.open("/supply/purchases?state=asked")
    await expect(other.get_by_role("button", name="新建采购")).to_have_count(0)
    await rows(other).get_by_role("checkbox").check()
    await other.get_by_role("button", name="批准 1 张").click()
    sure = other.get_by_role("dialog", name="批准这 1 张采购单？")
    await expect(sure).to_contain_text(re.compile(r"合计至多 ¥31\d"))
    await sure.get_by_role("button", name="批准 1 张").click()
    await expect(other.get_by_text("已批准 1 张")).to_be_visible()
    assert await asked(market, one) == [("wanted",)]


async def test_who_may_not_buy_sees_no_way_to(visit: Visit, market: World) -> None:
    await market.want(1)
    service = await visit(Role.SERVICE)
    page = await service.open("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_role("link", name="采购单")).to_have_count(0)
    page = await service.open("/supply/purchases")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
    auditor = await visit(Role.AUDITOR, language="en", looks="dark")
    page = await auditor.open("/supply/purchases")
    await expect(rows(page)).to_have_count(1)
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await expect(page.get_by_role("button", name="New purchase")).to_have_count(0)
    await rows(page).get_by_role("link").first.click()
    await expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    for name in ("Order now", "Change", "Cancel purchase", "Approve"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await auditor.accessible()
    await auditor.look("purchase-dark-en")


async def test_what_runs_low_is_bought_as_suggested_within_the_rules(
    visit: Visit, market: World
) -> None:
    await market.want(2)
    await market.place()
    await have_sold(market, 10)
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/rules?show=new")
    form = page.get_by_role("dialog", name="新增规则")
    await form.get_by_label("单笔超过多少元要审批").fill("5000")
    await form.get_by_label("最低利润率（%）").fill("8.25")
    await form.get_by_label("默认入哪个仓").click()
    await page.get_by_title("main").click()
    await form.get_by_role("button", name="保存规则").click()
    await expect(rows(page)).to_contain_text("8.25%")
    await expect(page.get_by_text("来自 全店").first).to_be_visible()
    await owner.accessible()
    await owner.look("purchase-rules")
    assert await asked(market, "SELECT margin_min_ppm FROM purchases.rules") == [(82_500,)]

    page = await owner.open("/supply/reorder")
    await rows(page).get_by_role("link").first.click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text("到货 1.00 天 + 安全 2 天的销量")
    await owner.accessible()
    await owner.look("reorder")
    await page.keyboard.press("Escape")
    await rows(page).get_by_role("button", name="采购").click()
    form = page.get_by_role("dialog", name=re.compile("^采购 mgtv-month"))
    await form.get_by_role("button", name=re.compile("^采购 [0-9]+ 件")).click()
    await expect(page.get_by_text("已提交采购：mgtv-month")).to_be_visible()
    [[cause, state]] = await asked(
        market, "SELECT cause, state FROM purchases.purchases ORDER BY id DESC LIMIT 1"
    )
    assert (cause, state) == ("reorder", "wanted")
