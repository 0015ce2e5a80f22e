"""Settings: staff and API keys, by who may and who may not."""

from playwright.async_api import expect
from sqlalchemy import select

from kashu.access.permissions import Role
from kashu.access.tables import staff
from kashu.core.db import Database
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def test_an_owner_invites_somebody_with_a_link_that_is_shown_once(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/staff")
    await page.get_by_role("button", name="邀请员工").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("姓名").fill("小李")
    await form.get_by_label("登录名").fill("xiaoli")
    await owner.accessible()
    await owner.look("staff-invite")
    await form.get_by_role("button", name="生成邀请链接").click()
    told = page.get_by_role("dialog").filter(has_text="只显示这一次")
    await expect(told).to_contain_text(f"{owner.origin}/join#")
    await owner.look("staff-link")
    link = await told.locator(".once code").inner_text()
    await told.get_by_role("button", name="我已保存").click()
    await expect(told).to_have_count(0)
    assert "/join#" not in await page.content()
    await expect(page.get_by_role("row").filter(has_text="xiaoli")).to_contain_text("已邀请")
    async with database.transaction(tenant.id) as tx:
        found = select(staff.c.role).where(
            staff.c.tenant_id == tenant.id, staff.c.login == "xiaoli"
        )
        assert (await tx.execute(found)).scalar_one() == Role.OPS

    invited = await visit(None)
    page = invited.page
    await page.goto(link)
    await page.get_by_label("新密码").fill("a good password")
    await page.get_by_label("再输一次").fill("a good password")
    await page.get_by_role("button", name="设置密码").click()
    await page.get_by_role("link", name="登录控制台").click()
    await expect(page.get_by_label("登录名")).to_have_value("xiaoli")
    await page.get_by_label("密码", exact=True).fill("a good password")
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("heading", name="小李，您好")).to_be_visible()


async def test_what_is_refused_stands_beside_its_field(visit: Visit) -> None:
    owner = await visit(Role.OWNER, language="en")
    page = await owner.open("/settings/staff?show=invite")
    form = page.get_by_role("dialog")
    await form.get_by_label("Login").fill("!")
    await form.get_by_role("button", name="Make the link").click()
    await expect(form.get_by_text("Please fill this in")).to_be_visible()
    await expect(form.get_by_text("2–64 letters, digits")).to_be_visible()
    await owner.accessible()


async def test_a_key_s_secret_is_shown_once(visit: Visit) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/keys")
    await page.get_by_role("button", name="新建密钥").first.click()
    form = page.get_by_role("dialog")
    await form.get_by_label("用途").fill("仓库程序")
    await form.get_by_label("stock.read").check()
    await form.get_by_role("button", name="创建密钥").click()
    told = page.get_by_role("dialog").filter(has_text="只显示这一次")
    secret = await told.locator(".once code").inner_text()
    assert len(secret) > 20
    await told.get_by_role("button", name="我已保存").click()
    await expect(told).to_have_count(0)
    assert secret not in await page.content()
    await owner.accessible()
    await owner.look("keys")


async def test_who_may_not_manage_staff_doesn_t_see_the_page(visit: Visit) -> None:
    service = await visit(Role.SERVICE)
    page = await service.open("/")
    await expect(page.get_by_role("navigation")).to_be_visible()
    await expect(page.get_by_role("navigation")).not_to_contain_text("设置")
    await service.open("/settings/staff")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()


async def test_a_list_that_can_t_be_read_says_what_to_do_and_can_be_tried_again(
    visit: Visit,
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/keys")
    await expect(page.get_by_text("还没有密钥")).to_be_visible()
    owner.expected = "net::ERR_INTERNET_DISCONNECTED"
    await owner.context.set_offline(True)
    await page.get_by_role("button", name="刷新").click()
    await expect(page.get_by_role("alert")).to_contain_text("没有连上服务器")
    await owner.accessible()
    await owner.context.set_offline(False)
    await page.get_by_role("button", name="再试一次").click()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_somebody_chose_to_see_stays_chosen(visit: Visit) -> None:
    owner = await visit(Role.OWNER, language="en")
    page = await owner.open("/settings/staff")
    await expect(page.get_by_role("columnheader", name="Locked until")).to_have_count(0)
    await page.get_by_role("button", name="Choose columns").click()
    async with page.expect_response("**/v1/me/preferences") as kept:
        await page.get_by_role("checkbox", name="Locked until").click()
    assert (await kept.value).ok
    await owner.open("/settings/staff")
    await expect(page.get_by_role("columnheader", name="Locked until")).to_be_visible()
