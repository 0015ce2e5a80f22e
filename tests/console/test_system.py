"""Settings: how the program is doing, who did what, the shop itself, one's own clocks."""

import re
from importlib.resources import files
from pathlib import Path

from playwright.async_api import expect
from sqlalchemy import select

import kashu.reports
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.access.tables import data_keys, tenants
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.entry.backups_made import MADE, SUBJECT
from kashu.reports.sweeps import keep_health
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.orders.builders import make_shop


async def test_the_owner_sees_how_the_program_is_doing_and_changes_the_key(
    visit: Visit, tenant: Tenant, database: Database, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=20)
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/system")
    worries = page.get_by_role("alert")
    await expect(worries).to_contain_text("没有后台进程在运行")
    await expect(worries).to_contain_text("没有备份记录")
    await expect(page.get_by_text("还没有核对过")).to_be_visible()

    await keep_health(database, tenant.id)
    async with database.transaction(tenant.id) as tx:
        facts = {"bytes": 12_400_000, "sha256": "0" * 64}
        await record(tx, tenant.id, "cli", [Event(MADE, SUBJECT, facts)])
    await page.reload()
    await expect(page.get_by_text("全部相符")).to_be_visible()
    proved = page.get_by_role("list", name="证明了什么").get_by_role("listitem")
    await expect(proved).to_have_count(len([*(files(kashu.reports) / "invariants").iterdir()]))
    await expect(worries).not_to_contain_text("备份")
    await expect(page.get_by_text("12.4 MB")).to_be_visible()
    await owner.accessible()
    await owner.look("system")

    await page.get_by_role("button", name="更换密钥").click()
    await page.get_by_role("dialog").get_by_role("button", name="更换密钥").click()
    await expect(page.get_by_text("已启用新密钥")).to_be_visible()
    await expect(page.get_by_text("已重新加密")).to_be_visible()
    async with database.transaction(tenant.id) as tx:
        found = select(data_keys.c.version).where(data_keys.c.tenant_id == tenant.id)
        versions = (await tx.execute(found.where(data_keys.c.purpose == "seal"))).scalars().all()
    assert sorted(versions) == [1, 2]


async def test_an_auditor_finds_who_did_what_to_what_and_takes_it_along(
    visit: Visit, world: World, tenant: Tenant, database: Database, tmp_path: Path
) -> None:
    thing = new_id()
    async with database.transaction(tenant.id) as tx:
        facts = {"reason": "到期停用", "count": 3}
        await record(tx, tenant.id, "cli", [Event("lot.frozen", thing, facts)])
    auditor = await visit(Role.AUDITOR)
    page = await auditor.open("/settings/audit")
    rows = page.get_by_role("table").locator("tbody tr.ant-table-row")
    frozen = rows.filter(has_text="批次 · 冻结").first
    await expect(frozen).to_contain_text("到期停用")
    await auditor.accessible()
    await auditor.look("audit")
    await frozen.get_by_role("link").first.click()
    details = page.get_by_role("dialog")
    await expect(details).to_contain_text("到期停用")
    await auditor.look("audit-details")
    await details.get_by_role("button", name="它的全部记录").click()
    await expect(rows).to_have_count(1)
    assert f"subject={thing}" in page.url
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="导出 CSV").click()
    file = tmp_path / "audit.csv"
    await (await coming.value).save_as(file)
    lines = file.read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "批次 · 冻结" in lines[1]

    await page.get_by_role("button", name="清除筛选").click()
    await page.get_by_label("做了什么").click()
    await page.get_by_label("做了什么").fill("下单")
    assert world.things
    reader = await visit(Role.FINANCE)
    page = await reader.open("/settings/audit")
    await expect(page.get_by_text("您没有权限看这一页")).to_be_visible()


async def test_the_shop_is_renamed_moved_and_asks_for_a_second_step(
    visit: Visit, tenant: Tenant, database: Database
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/settings/shop")
    await page.get_by_role("button", name="修改名称与时区").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("名称").fill("大橘会员")
    await form.get_by_label("时区").fill("Urumqi")
    await page.get_by_title("Asia/Urumqi").click()
    await form.get_by_role("button", name="保存").click()
    await expect(page.locator(".shell-top")).to_contain_text("大橘会员")
    await page.get_by_label("财务").click()  # who has no second step may not ask others for one
    await expect(page.get_by_text("您自己还没有两步验证")).to_be_visible()
    await expect(page.get_by_label("财务")).not_to_be_checked()
    await page.get_by_role("button", name="填写汇率").click()
    await form.get_by_label("币种").fill("usd")
    await form.get_by_label("一单位值多少人民币").fill("7.1234")
    await form.get_by_role("button", name="保存汇率").click()
    await expect(page.get_by_text("1 单位 = ¥7.1234")).to_be_visible()
    await owner.accessible()
    await owner.look("shop")

    page = await owner.open("/finance/trial-balance")  # its hours are the shop's from now on
    await page.get_by_label("截至时刻").fill("2026-11-23 10:00:00")
    await page.get_by_label("截至时刻").press("Enter")
    await expect(page).to_have_url(re.compile("at=2026-11-23T04%3A00%3A00"))
    await expect(page.get_by_label("截至时刻")).to_have_value("2026-11-23 10:00:00")
    page = await owner.open("/finance/profit")
    await page.get_by_label("起始日").fill("2026-11-01")
    await page.get_by_label("截止日").fill("2026-11-20")
    await page.get_by_role("heading", level=1).click()  # leaving the field is enough
    await expect(page).to_have_url(re.compile("from=2026-11-01&to=2026-11-20"))
    await page.get_by_label("截止日").fill("2026-10-05")  # before its beginning: that one day
    await page.get_by_role("heading", level=1).click()
    await expect(page).to_have_url(re.compile("from=2026-10-05&to=2026-10-05"))
    async with database.transaction(tenant.id) as tx:
        row = (await tx.execute(select(tenants).where(tenants.c.id == tenant.id))).one()
    assert (row.name, row.timezone) == ("大橘会员", "Asia/Urumqi")
    assert row.second_factor_roles == []


async def test_somebody_far_away_chooses_their_own_language_and_clocks(visit: Visit) -> None:
    person = await visit(Role.OPS)
    page = await person.open("/account")
    await page.get_by_label("时间显示").fill("Los Angeles")
    await page.get_by_title("America/Los Angeles").click()
    await page.get_by_text("English", exact=True).last.click()
    await expect(page.get_by_role("heading", level=1, name="My account")).to_be_visible()
    await page.get_by_role("button", name="My account: ").click()
    await expect(page.get_by_text("Time zone: America/Los_Angeles")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("America/Los Angeles")).to_be_visible()
    await person.accessible()
    await person.look("account-zone")
