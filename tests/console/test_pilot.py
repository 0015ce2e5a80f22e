"""A pilot: compared with the old sheet, its checks, one switch forward and one back."""

from playwright.async_api import expect
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import SHANGHAI, day_of, now
from kashu.core.db import Database
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.console.platform import SKU, STORE, platform_of


async def test_a_pilot_is_compared_and_gone_over_with_a_reason(
    visit: Visit, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    async with platform_of(database, keyrings, tenant) as platform:
        await platform.connect()
        await platform.become("shadow")
        order = platform.street.shop.sell((platform.item, 1))
        await platform.work()
        assert await platform.steps() == ["shadowed"]
        owner = await visit(Role.OWNER)
        page = await owner.open(f"/stores/{STORE}/pilot")
        await expect(page.get_by_text("还有 1 项没有通过。")).to_be_visible()
        await expect(page.get_by_text("还没有比对过")).to_be_visible()
        rows = [f"{number}\t{SKU}\t1\t19.90" for number in (order.order_id, "888")]
        sheet = "\n".join(["订单号\t商品\t数量\t金额", *rows])
        await page.get_by_label("或直接粘贴几行").fill(sheet)
        today = day_of(now(), SHANGHAI)
        await page.get_by_label("哪一天").fill(str(today))
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="比对", exact=True).click()
        await expect(page.get_by_text(f"{today} 的比对结果")).to_be_visible()
        line = page.locator("tr[data-row-key]").filter(has_text="888")
        await expect(line).to_contain_text("卡枢没有")
        await expect(line).to_contain_text("平台没有告诉过我们这个订单")
        await owner.accessible()
        await owner.look("pilot-compared")

        await page.get_by_role("button", name="切换到自动").click()
        asked = page.get_by_role("dialog")
        await asked.get_by_role("button", name="改为自动").click()
        await expect(asked).to_contain_text("未解释 1 行")
        await owner.look("pilot-not-ready")
        assert await platform.mode() == "shadow"
        await asked.get_by_role("checkbox").check()
        await asked.get_by_role("textbox", name="原因").fill("888 是抄错的单号，已核对")
        await asked.get_by_role("button", name="仍要改为自动").click()
        await expect(page.get_by_text("已改为自动")).to_be_visible()
        assert await platform.mode() == "automatic"
        async with database.transaction(tenant.id) as tx:
            found = await tx.execute(
                text("SELECT facts->>'reason' FROM core.events WHERE kind = 'store.forced'")
            )
            assert found.scalar_one() == "888 是抄错的单号，已核对"

        await page.get_by_role("button", name="退回：停止自动").click()
        await page.get_by_role("dialog").get_by_role("button", name="停止自动").click()
        await expect(page.get_by_role("dialog", name="1 家店铺已停止自动")).to_be_visible()
        assert await platform.mode() == "stopped"
        assert await platform.given() == 0


async def test_an_auditor_sees_a_pilot_and_changes_nothing(
    visit: Visit, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    async with platform_of(database, keyrings, tenant) as platform:
        await platform.connect()
        await platform.become("shadow")
        auditor = await visit(Role.AUDITOR, language="en", looks="dark", size=(390, 844))
        page = await auditor.open(f"/stores/{STORE}/pilot")
        await expect(page.get_by_text("Before it goes by itself")).to_be_visible()
        for name in ("Go by itself", "Back: stop automation", "Compare"):
            await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        await auditor.accessible()
        await auditor.look("pilot-390-en-dark")
        assert await platform.mode() == "shadow"
