"""One's own account: a second step, another password, where one is signed in."""

from uuid import uuid4

from playwright.async_api import CDPSession, Page, expect
from pyotp import TOTP
from sqlalchemy import select, update

from kashu.access.passwords import hash_password
from kashu.access.permissions import Role
from kashu.access.tables import passkeys, staff
from kashu.core.db import Database
from tests.api.calls import add_staff
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def add_boss(database: Database, tenant: Tenant) -> str:
    """An owner who knows their password, which is returned."""
    password = uuid4().hex
    await add_staff(database, tenant.id, Role.OWNER, login="boss")
    hashed = await hash_password(password)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            update(staff).where(staff.c.tenant_id == tenant.id).values(password_hash=hashed)
        )
    return password


async def sign_in(page: Page, tenant: Tenant, password: str) -> None:
    await page.get_by_label("商户代码").fill(tenant.code)
    await page.get_by_label("登录名").fill("boss")
    await page.get_by_label("密码", exact=True).fill(password)
    await page.get_by_role("button", name="登录", exact=True).click()


async def test_an_authenticator_is_set_up_and_asked_for_at_the_next_sign_in(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    password = await add_boss(database, tenant)
    person = await visit(None)
    page = await person.open("/account")
    await sign_in(page, tenant, password)
    await page.get_by_role("button", name="启用验证器").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="继续").click()
    secret = await form.locator("code").inner_text()
    await person.accessible()
    await person.look("authenticator")
    await form.get_by_label("6 位数字").fill(TOTP(secret).now())
    await form.get_by_role("button", name="启用", exact=True).click()
    told = page.get_by_role("dialog").filter(has_text="只显示这一次")
    codes = (await told.locator(".once code").inner_text()).split()
    assert len(codes) == 10
    await told.get_by_role("button", name="我已保存").click()
    await expect(page.get_by_text("还剩 10 个")).to_be_visible()
    assert secret not in await page.content()
    await person.accessible()
    await person.look("account")

    other = await visit(None)
    page = await other.open("/skus")
    await sign_in(page, tenant, password)
    await expect(page.get_by_role("heading", name="第二步验证")).to_be_visible()
    await other.accessible()
    await page.get_by_role("button", name="手机不在身边？用恢复码").click()
    await page.get_by_label("恢复码").fill("0000-0000-00")
    await page.get_by_role("button", name="继续").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("恢复码").fill(codes[0])
    await page.get_by_role("button", name="继续").click()
    await expect(page.get_by_role("heading", name="商品规格")).to_be_visible()


async def test_another_password_is_chosen_and_the_session_goes_on(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    password = await add_boss(database, tenant)
    person = await visit(None)
    page = await person.open("/account?show=password")
    await sign_in(page, tenant, password)
    form = page.get_by_role("dialog")
    await form.get_by_label("现在的密码").fill(password)
    await form.get_by_label("新密码").fill("a longer password")
    await form.get_by_label("再输一次").fill("another one")
    await form.get_by_role("button", name="改密码").click()
    await expect(form.get_by_text("两次输入的不一样")).to_be_visible()
    await form.get_by_label("再输一次").fill("a longer password")
    await form.get_by_role("button", name="改密码").click()
    await expect(page.get_by_text("密码已更改")).to_be_visible()
    await person.open("/skus")
    await expect(page.get_by_role("heading", name="商品规格")).to_be_visible()


async def authenticator_of(page: Page) -> CDPSession:
    """Put a passkey device into the browser, that knows its owner by their finger."""
    device = await page.context.new_cdp_session(page)
    await device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    await device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return device


async def test_a_passkey_is_added_signs_in_alone_and_is_removed(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    password = await add_boss(database, tenant)
    person = await visit(None)
    person.origin = person.origin.replace("127.0.0.1", "localhost")  # an address has no passkeys
    page = await person.open("/account")
    await authenticator_of(page)
    await sign_in(page, tenant, password)
    await expect(page.get_by_text("还没有通行密钥")).to_be_visible()
    await page.get_by_role("button", name="添加通行密钥").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("叫什么", exact=False).fill("办公室电脑")
    await form.get_by_role("button", name="添加通行密钥").click()
    told = page.get_by_role("dialog").filter(has_text="只显示这一次")
    await told.get_by_role("button", name="我已保存").click()
    await expect(page.get_by_text("办公室电脑")).to_be_visible()
    await person.look("passkey")
    async with database.transaction(tenant.id) as tx:
        kept = select(passkeys.c.name).where(passkeys.c.tenant_id == tenant.id)
        assert (await tx.execute(kept)).scalars().all() == ["办公室电脑"]

    await page.get_by_role("button", name="我的账号: ").click()
    await page.get_by_text("退出登录").click()
    await page.get_by_role("button", name="用通行密钥登录").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("您好")  # no password at all

    page = await person.open("/account")
    await page.get_by_role("button", name="删除", exact=True).click()
    ask = page.get_by_role("dialog")
    await ask.get_by_role("button", name="删除", exact=True).click()
    await expect(page.get_by_text("还没有通行密钥")).to_be_visible()
