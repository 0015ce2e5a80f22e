"""Orders: the list, one order's story and money, cards shown once, typed by hand, refunds."""

import re

from playwright.async_api import expect
from sqlalchemy import text

from kashu.access.permissions import Role
from tests.api.world import World
from tests.console.conftest import Visit


async def test_an_order_tells_why_this_card_and_its_money_adds_up(
    visit: Visit, world: World
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/orders")
    await expect(page.get_by_role("status").first).to_contain_text("共 1 条")
    await owner.accessible()
    await owner.look("orders")
    await page.get_by_role("link", name="W1").click()
    given = page.locator('[data-kind="cards.given"]').first
    await expect(given).to_contain_text("策略")
    await expect(given).to_contain_text("每张成本")
    net = await page.get_by_test_id("net").inner_text()
    async with world.database.transaction(world.tenant.id) as tx:
        booked = await tx.execute(
            text(
                "SELECT sum(CASE reason WHEN 'sale' THEN amount_e4 ELSE -amount_e4 END)"
                " FROM ledger.transfers WHERE tenant_id = :tenant AND subject_id = :line"
            ),
            {"tenant": world.tenant.id, "line": world.things["line_id"]},
        )
        assert int(net.replace("¥", "").replace(".", "")) * 100 == booked.scalar_one()
    await owner.accessible()
    await owner.look("order")


async def test_cards_are_shown_once_and_leave_no_trace(visit: Visit, world: World) -> None:
    service = await visit(Role.SERVICE)
    page = await service.open(f"/orders/{world.things['order_id']}")
    await page.get_by_role("button", name="查看卡密").click()
    await page.get_by_label("理由").fill("买家没收到")
    await page.get_by_label("给谁").fill("买家 A")
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("查 ?看")).click()
    shown = page.locator(".once code")
    await expect(shown).to_have_count(2)
    secret = (await shown.first.inner_text()).split()[0]
    assert secret not in page.url
    await page.get_by_role("dialog", name="卡密").get_by_role("button", name="关闭").last.click()
    await expect(shown).to_have_count(0)
    assert secret not in await page.content()
    kept = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"
    assert secret not in await page.evaluate(kept)
    await expect(page.locator('[data-kind="cards.seen"]')).to_contain_text("买家没收到")
