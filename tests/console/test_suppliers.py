"""Suppliers: one is connected step by step, its offers are mapped, held, frozen; who may not."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from kashu.access.permissions import Role
from kashu.catalog.install import begin_tenant
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.house import House
from kashu.simulators.suppliers.kasushou import API_KEY, USER_ID, KasushouSimulator
from kashu.suppliers.connections import connection_of
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.offers import Offer, offers_by_ref
from kashu.suppliers.reads import supplier_by_code
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.console.supply import Supply, asked, make_supply, note_quality


async def test_a_supplier_is_added_connected_and_tried_step_by_step(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await begin_tenant(tx, tenant.id, "cli")
    house = House()
    house.offer("芒果TV会员月卡", 14_2500)
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/suppliers")
    await page.get_by_role("button", name="新增供应商").first.click()
    form = page.get_by_role("dialog")
    await form.get_by_label("名称").fill("丁卡速售")
    await form.get_by_label("编码").fill("ding")
    await form.get_by_role("button", name="新增供应商").click()
    await expect(page).to_have_url(re.compile("/supply/suppliers/ding.*show=connect"))
    steps = page.get_by_role("dialog", name=re.compile("接入"))
    await steps.get_by_label("按名称找").fill("卡速售")
    await steps.get_by_role("button", name=re.compile("卡速售")).click()
    async with serving(KasushouSimulator(house)) as base_url:
        await _log_in(page, base_url, "wrong-key")
        await expect(steps.get_by_text("没有接通")).to_be_visible()
        await owner.look("supplier-test-failed")
        await owner.accessible()
        await steps.get_by_role("button", name="回去修改").click()
        await _log_in(page, base_url, API_KEY)
        await expect(steps.get_by_text("接得通")).to_be_visible()
        await expect(steps).to_contain_text("余额")
        await steps.get_by_role("button", name="完成", exact=True).click()
    await expect(page.get_by_text("已加密保存")).to_be_visible()
    assert API_KEY not in await page.content()
    await page.get_by_role("button", name=re.compile("^停 ?用$")).click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("^停 ?用$")).click()
    await expect(page.get_by_text("已停用").first).to_be_visible()
    async with database.transaction(tenant.id) as tx:
        supplier = await supplier_by_code(tx, tenant.id, "ding")
        connection = await connection_of(tx, tenant.id, supplier.id)
    assert (connection.protocol, connection.account) == ("kasushou", USER_ID)
    assert connection.state is ConnectionState.STOPPED


async def _log_in(page: Page, base_url: str, secret: str) -> None:
    steps = page.get_by_role("dialog", name=re.compile("接入"))
    await steps.get_by_label("用户 ID").fill(USER_ID)
    await steps.get_by_label(re.compile("^密钥")).fill(secret)
    await steps.get_by_label("供应商的网址").fill(base_url)
    await steps.get_by_role("button", name="保存并测试").click()


async def test_offers_are_mapped_one_by_one_and_many_and_a_held_one_is_released(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    supply = await make_supply(database, tenant)
    await supply.tell("gamma", asked("mgtv-quarter", 399_000))
    await supply.tell("alpha", asked("mgtv-year", 1_500_000), asked("mgtv-month", 71_000))
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/offers?mapped=false")
    await expect(page.get_by_text("共 2 条")).to_be_visible()
    await owner.look("offers-unmapped")
    await owner.accessible()

    await page.get_by_role("row").filter(has_text="季卡").get_by_role("link").click()
    panel = page.get_by_role("dialog")
    await panel.get_by_role("button", name="映射到规格").click()
    form = page.get_by_role("dialog", name=re.compile("映射：芒果TV会员季卡"))
    await form.get_by_role("button", name="芒果TV会员季卡", exact=True).click()
    await form.get_by_role("button", name=re.compile("^映 ?射$")).click()
    await expect(page.get_by_text("已映射 1 个")).to_be_visible()

    page = await owner.open("/supply/offers?open=suggest")
    chooser = page.get_by_role("dialog").get_by_label(re.compile("年卡"))
    await chooser.click()
    await page.get_by_title("芒果TV会员年卡", exact=True).click()
    await page.get_by_role("button", name="映射选中的 1 个").click()
    await expect(page.get_by_text("没有待映射的报价")).to_be_visible()

    page = await owner.open("/supply/offers?state=held")
    await page.get_by_role("row").filter(has_text="月卡").get_by_role("link").click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_text("这个价格被扣住了：跌幅超过上限")).to_be_visible()
    await owner.look("offer-held")
    await owner.accessible()
    await panel.get_by_role("button", name=re.compile("^放 ?行$")).click()
    form = page.get_by_role("dialog", name=re.compile("放行 ¥7.10"))
    await form.get_by_label("依据").fill("打电话问过，他们清仓")
    await form.get_by_role("button", name=re.compile("^放 ?行$")).click()
    await expect(page.get_by_text("已放行")).to_be_visible()
    offers = await _offers(supply, "alpha")
    assert offers["mgtv-month"].unit_cost_e4 == 71_000
    assert all(each.sku_id for each in offers.values())
    assert (await _offers(supply, "gamma"))["mgtv-quarter"].sku_id is not None


async def test_a_supplier_is_looked_after_on_its_page(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    supply = await make_supply(database, tenant)
    await note_quality(supply)
    owner = await visit(Role.OWNER)
    page = await owner.open("/supply/suppliers")
    await expect(page.get_by_text("共 3 条")).to_be_visible()
    await owner.look("suppliers")
    await owner.accessible()
    await page.get_by_role("link", name=re.compile("甲一手货源")).click()
    await expect(page.get_by_role("heading", name="甲一手货源")).to_be_visible()

    await page.get_by_role("button", name=re.compile("^修 ?改$")).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("手续费占价格").fill("0.6")
    await form.get_by_role("button", name="保存条款").click()
    await expect(page.get_by_text("0.6%")).to_be_visible()

    await page.get_by_role("button", name="新增联系人").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("角色").fill("商务")
    await form.get_by_label("电话").fill("13800000000")
    await form.get_by_role("button", name="保存联系人").click()
    await expect(page.get_by_text("13800000000")).to_be_visible()
    await page.get_by_role("button", name=re.compile("^抹 ?除$")).click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("^抹 ?除$")).click()
    await expect(page.get_by_text("13800000000")).to_have_count(0)

    await page.get_by_role("button", name=re.compile("^上 ?传$")).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("名称").fill("代理授权书")
    soon = (now() + timedelta(days=20)).date().isoformat()
    await form.get_by_label("到期日").fill(soon)
    await form.locator("input[type=file]").set_input_files(
        {"name": "sq.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 paper"}
    )
    await form.get_by_role("button", name="保存证照").click()
    await expect(page.get_by_text("1 份证照快到期或已到期")).to_be_visible()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name=re.compile("^下 ?载$")).click()
    assert (await (await downloading.value).path()).read_bytes() == b"%PDF-1.7 paper"

    await page.get_by_role("button", name="暂停下单").click()
    await page.get_by_role("dialog").get_by_role("button", name="暂停下单").click()
    await expect(page.get_by_role("button", name="恢复下单")).to_be_visible()
    await page.get_by_role("button", name=re.compile("^冻 ?结$")).click()
    form = page.get_by_role("dialog")
    await form.get_by_label("原因").fill("坏卡太多")
    await form.get_by_role("button", name="冻结供应商").click()
    await expect(page.get_by_text("已冻结：坏卡太多")).to_be_visible()
    await page.mouse.move(0, 0)
    await owner.look("supplier-page")
    await owner.accessible()


async def test_who_may_only_read_sees_prices_and_no_secrets_and_a_clerk_sees_neither(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    await make_supply(database, tenant)
    buyer = await visit(Role.OPS, language="en")
    page = await buyer.open("/supply/suppliers/alpha")
    await expect(page.get_by_role("heading", name="甲一手货源")).to_be_visible()
    freeze = page.get_by_role("button", name="Freeze")
    await expect(freeze).to_have_attribute("aria-disabled", "true")
    await expect(page.get_by_text("10001")).to_have_count(0)
    await expect(page.get_by_role("heading", name="People")).to_have_count(0)
    await expect(page.get_by_text("Balance and deposits")).to_have_count(0)
    page = await buyer.open("/supply/offers")
    await expect(page.get_by_role("button", name="Map by suggestion")).to_have_count(0)

    clerk = await visit(Role.SERVICE)
    page = await clerk.open("/supply/prices")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()
    await expect(page.get_by_role("navigation").get_by_text("比价板")).to_have_count(0)


async def _offers(supply: Supply, supplier: str) -> dict[str, Offer]:
    refs = ["mgtv-month", "mgtv-quarter", "mgtv-year"]
    async with supply.database.transaction(supply.tenant.id) as tx:
        return await offers_by_ref(tx, supply.tenant.id, supply.ids[supplier], refs)
