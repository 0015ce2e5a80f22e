"""Signing in, coming back to where one was, signing out."""

import re
from uuid import uuid4

from playwright.async_api import expect
from sqlalchemy import update

from kashu.access.passwords import hash_password
from kashu.access.permissions import Role
from kashu.access.tables import staff
from kashu.core.db import Database
from tests.api.calls import add_staff
from tests.conftest import Tenant
from tests.console.conftest import Visit


async def test_somebody_signs_in_and_comes_back_to_the_page_they_wanted(
    visit: Visit, database: Database, tenant: Tenant
) -> None:
    password = uuid4().hex
    await add_staff(database, tenant.id, Role.OWNER, login="boss")
    async with database.transaction(tenant.id) as tx:
        hashed = await hash_password(password)
        await tx.execute(
            update(staff).where(staff.c.tenant_id == tenant.id).values(password_hash=hashed)
        )
    stranger = await visit(None)
    page = await stranger.open("/skus?state=active")
    await expect(page.get_by_role("heading", name="登录")).to_be_visible()
    await stranger.accessible()
    await stranger.look("sign-in")
    await page.get_by_label("商户代码").fill(tenant.code)
    await page.get_by_label("登录名").fill("boss")
    await page.get_by_label("密码").fill("wrong")
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("密码").fill(password)
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/console/skus\?state=active$"))
    kept = await page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
    assert password not in kept

    await page.get_by_role("button", name="我的账号").click()
    await page.get_by_role("menuitem", name="退出登录").click()
    await expect(page.get_by_role("heading", name="登录")).to_be_visible()
    await stranger.open("/skus")
    await expect(page.get_by_role("heading", name="登录")).to_be_visible()
