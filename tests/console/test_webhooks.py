"""Webhooks: made, tried, mended and replayed by a person; their secrets shown once."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.webhooks.deliver import Way, deliver_due
from kashu.webhooks.fan_out import fan_out
from tests.api.world import World
from tests.conftest import MASTERS, Tenant
from tests.console.conftest import Visit
from tests.console.visitor import Visitor
from tests.webhooks.receiver import listening


async def pass_on(database: Database, tenant: Tenant, wait: timedelta = timedelta(0)) -> None:
    """Do what the sweeps do, as if it were later."""
    at = now() + wait
    http = Http(private_allowed=True)
    while await fan_out(database, tenant.id, at):
        pass
    await deliver_due(database, tenant.id, Way(http, MASTERS, lambda: at, lambda: False))
    await http.close()


async def keep_secret(page: Page) -> str:
    """Read a secret that is shown once, and have it gone."""
    told = page.get_by_role("dialog").filter(has_text="只显示这一次")
    secret = await told.locator(".once code").inner_text()
    await told.get_by_role("button", name="我已保存").click()
    await expect(told).to_have_count(0)
    assert secret not in await page.content()
    return secret


async def make_one(owner: Visitor, url: str) -> str:
    """Make a webhook that hears of most orders and of imports done; returns its secret."""
    page = owner.page
    await page.get_by_role("button", name="新建 Webhook").first.click()
    form = page.get_by_role("dialog", name="新建 Webhook")
    await form.get_by_label("名称").fill("ERP")
    await form.get_by_label("地址", exact=True).fill("erp.example.com")
    await form.get_by_label("只通知选中的").check()
    await form.get_by_role("button", name="创建 Webhook").click()
    await expect(form.get_by_text("请填完整地址")).to_be_visible()
    await expect(form.get_by_text("请至少选一种")).to_be_visible()
    await form.get_by_label("地址", exact=True).fill(url)
    await form.get_by_role("checkbox", name="订单", exact=True).check()
    await form.get_by_role("checkbox", name="order.short").uncheck()
    await form.get_by_role("checkbox", name="import.done").check()
    await owner.accessible()
    await owner.look("webhook-make")
    await form.get_by_role("button", name="创建 Webhook").click()
    secret = await keep_secret(page)
    await expect(page).to_have_url(re.compile(r"\?webhook=[0-9a-f-]{36}$"))
    return secret


async def sure(page: Page, title: str, verb: str) -> None:
    """Say yes to what is asked before it is done."""
    asked = page.get_by_role("dialog", name=title)
    await asked.get_by_role("button", name=verb).click()
    await expect(asked).to_have_count(0)


async def test_a_webhook_is_made_and_tried_and_what_failed_is_replayed(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/webhooks")
    await expect(page.get_by_text("还没有 Webhook")).to_be_visible()
    await owner.accessible()
    await owner.look("webhooks-empty")
    panel = page.get_by_role("dialog", name="ERP")
    row = panel.get_by_role("listitem").filter(has_text="导入完成").last
    one = page.get_by_role("dialog", name="导入完成")
    again = one.get_by_role("button", name="重发")
    async with listening() as receiver:
        secret = await make_one(owner, receiver.url)
        await expect(panel.get_by_text("卡密已交给平台")).to_be_visible()
        await expect(panel.get_by_text("订单缺货")).to_have_count(0)
        await panel.get_by_role("button", name="发送测试").click()
        await expect(panel.get_by_role("status")).to_contain_text("正在发送测试消息")
        await pass_on(database, tenant)
        await expect(panel.get_by_role("status")).to_contain_text("已送达")
        assert [each["type"] for each in receiver.verified(secret)] == ["webhook.test"]
        await owner.accessible()
        await owner.look("webhook-tested")

        # What happens isn't taken: first it fails over there, then it wants no more.
        receiver.answers = ["500 Internal Server Error", "410 Gone", "204 No Content"]
        happened = Event("import.done", new_id())
        async with database.transaction(tenant.id) as tx:
            await record(tx, tenant.id, "system", [happened, Event("order.short", new_id())])
        await pass_on(database, tenant)
        await page.reload()
        await expect(row).to_contain_text("对方的程序出错了")
        await expect(row).to_contain_text("待发送")
        await expect(panel.get_by_role("alert")).to_contain_text("最近没有一次送达")
        await owner.look("webhook-failing")
        await pass_on(database, tenant, timedelta(seconds=10))
        await expect(panel.get_by_role("alert")).to_contain_text("对方答复 410，不再接收")
        await expect(row).to_contain_text("失败")
        await owner.look("webhook-gone")

        await row.get_by_role("link").click()
        await expect(one.get_by_text(f'"import_id": "{happened.subject_id}"')).to_be_visible()
        await expect(one.get_by_role("listitem")).to_have_count(2)
        await expect(again).to_have_attribute("aria-disabled", "true")
        await owner.accessible()
        await owner.look("webhook-delivery")
        await one.get_by_role("button", name="关闭").click()
        await panel.get_by_role("button", name="启用").click()
        await expect(panel.get_by_role("button", name="停用")).to_be_visible()
        await row.get_by_role("link").click()
        await again.click()
        await expect(page.get_by_text("正在重发，编号和正文不变")).to_be_visible()
        await pass_on(database, tenant)
        await expect(one.get_by_text("已送达")).to_be_visible()
    names = [each.name for each in receiver.heard[1:]]
    assert names == names[:1] * 3


async def test_a_webhook_s_secret_is_changed_and_it_hears_of_more_and_ends(visit: Visit) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/webhooks")
    secret = await make_one(owner, "https://erp.example.com/hooks")
    panel = page.get_by_role("dialog", name="ERP")
    await panel.get_by_role("button", name="更换密钥").click()
    await sure(page, "更换「ERP」的密钥？", "更换密钥")
    assert await keep_secret(page) != secret
    await expect(panel.get_by_text("换下的密钥签名到")).to_be_visible()
    await panel.get_by_role("button", name="修改").click()
    form = page.get_by_role("dialog", name="修改「ERP」")
    await expect(form.get_by_role("checkbox", name="order.filled")).to_be_checked()
    await expect(form.get_by_role("checkbox", name="order.short")).not_to_be_checked()
    await form.get_by_label("全部消息").check()
    await form.get_by_role("button", name="保存").click()
    await expect(panel.get_by_text("全部消息，以后新增的种类也通知")).to_be_visible()
    await panel.get_by_role("button", name="重发失败的").click()
    asked = page.get_by_role("dialog", name="重发失败的")
    await expect(asked.get_by_label("从什么时候起")).not_to_have_value("")
    await asked.get_by_role("button", name="重发", exact=True).click()
    await expect(page.get_by_text("那以后没有失败的消息")).to_be_visible()
    await panel.get_by_role("button", name="停用").click()
    await sure(page, "停用「ERP」？", "停用")
    await expect(panel.get_by_role("alert")).to_contain_text("手工停用")
    await panel.get_by_role("button", name="删除").click()
    await sure(page, "删除「ERP」？", "删除")
    await expect(page.get_by_text("还没有 Webhook")).to_be_visible()
    assert "webhook=" not in page.url


async def test_one_is_bound_to_a_store_on_a_phone_in_english(visit: Visit, world: World) -> None:
    owner = await visit(Role.OWNER, language="en", size=(390, 844), looks="dark")
    page = await owner.open("/settings/webhooks?form=new")
    form = page.get_by_role("dialog", name="New webhook")
    await form.get_by_label("Name").fill("Shop site")
    await form.get_by_label("Address").fill("https://shop.example.com/hooks/kashu?from=one")
    await form.get_by_label("Only what is chosen").check()
    await expect(form.get_by_role("checkbox", name="Imports")).to_be_visible()
    await form.get_by_label("Orders of one store").check()
    await expect(form.get_by_role("checkbox", name="Imports")).to_have_count(0)
    await form.get_by_role("combobox", name="Store").click()
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first.click()
    await form.get_by_role("checkbox", name="Orders", exact=True).check()
    await owner.accessible()
    await owner.look("webhook-make-390-dark-en")
    await form.get_by_role("button", name="Make the webhook").click()
    told = page.get_by_role("dialog").filter(has_text="whsec_")
    await told.get_by_role("button", name="saved").click()
    panel = page.get_by_role("dialog", name="Shop site")
    await expect(panel.get_by_text(re.compile("^Only "))).to_be_visible()
    await owner.open(f"/settings/webhooks?webhook={world.things['webhook_id']}")
    await owner.look("webhook-390-dark-en")
    await page.get_by_role("link", name="Test message").click()
    await expect(page.get_by_text('"type": "webhook.test"')).to_be_visible()
    await owner.accessible()
    await owner.look("webhook-delivery-390-dark-en")
    wide = await page.evaluate(
        "() => Math.max(...[document.documentElement, ...document.querySelectorAll("
        "'.ant-drawer-body')].map((each) => each.scrollWidth - each.clientWidth))"
    )
    assert wide <= 0
