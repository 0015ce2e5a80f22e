"""Cards: found by whatever a clerk has, always masked; seen for half a minute with a reason."""

import re

from playwright.async_api import Locator, Page, expect
from sqlalchemy import text

from kashu.access.permissions import Role
from tests.api.world import World
from tests.console.conftest import Visit

KEPT = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"


def rows_of(page: Page) -> Locator:
    return page.locator("tr[data-row-key]")


async def tick(row: Locator) -> None:
    """Choose a row. Not check(), which doesn't wait until a busy machine has drawn it."""
    await row.get_by_role("checkbox").click()
    await expect(row.get_by_role("checkbox")).to_be_checked()


async def look_for(page: Page, written: str) -> None:
    """Type it where cards are looked for."""
    await page.get_by_label("查卡密").fill(written)
    await page.get_by_role("button", name=re.compile("查 ?找")).click()


async def count_of(world: World, sql: str) -> object:
    async with world.database.transaction(world.tenant.id) as tx:
        return (await tx.execute(text(sql))).scalar_one()


async def bought_by(world: World, buyer: str) -> None:
    """Let the platform's order that we know be the one that was sold, to a buyer."""
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.execute(
            text("UPDATE channels.shop_orders SET order_id = :order, buyer = :buyer"),
            {"order": world.things["order_id"], "buyer": buyer},
        )


async def test_a_card_is_found_by_order_buyer_and_value_and_seen_for_half_a_minute(
    visit: Visit, world: World
) -> None:
    await bought_by(world, "13800001234")
    service = await visit(Role.SERVICE)
    await service.page.clock.install()
    page = await service.open("/stock/cards")
    for written, by in (("W1", "订单号"), ("1234", "买家")):
        await look_for(page, written)
        await expect(rows_of(page)).to_have_count(2)
        await expect(rows_of(page).first).to_contain_text(by)
    await look_for(page, "MG01")
    await expect(rows_of(page)).to_have_count(1)
    await expect(rows_of(page).first).to_contain_text("整张卡密")
    assert "MG01" not in page.url
    await look_for(page, "W1")
    await expect(rows_of(page)).to_have_count(2)
    assert "MG01" not in await page.content()
    await service.look("cards")
    await service.accessible()

    await rows_of(page).first.get_by_role("link").first.click()
    panel = page.get_by_role("dialog", name=re.compile("卡密 ••••"))
    await expect(panel).to_contain_text("发出前没有人看过")
    await panel.get_by_role("button", name=re.compile("查 ?看")).click()
    form = page.get_by_role("dialog", name="查看 1 张卡密")
    await form.get_by_role("button", name=re.compile("查 ?看")).click()
    await expect(form.get_by_text("请写明理由")).to_be_visible()
    assert await count_of(world, "SELECT count(*) FROM stock.reveals") == 0
    await form.get_by_label("理由").fill("买家没收到，工单 8123")
    await form.get_by_role("button", name=re.compile("查 ?看")).click()
    shown = page.locator(".once code")
    await expect(shown).to_have_count(1)
    secret = (await shown.inner_text()).split()[0]
    assert re.fullmatch(r"C\d{11}", secret)
    assert secret not in page.url
    await service.look("card-shown")
    await page.clock.run_for(31_000)
    await expect(shown).to_have_count(0)
    assert secret not in await page.content()
    assert secret not in await page.evaluate(KEPT)
    story = panel.locator('[data-kind="revealed"]')
    await expect(story).to_contain_text("买家没收到，工单 8123")
    await expect(story).to_contain_text("service")
    assert await count_of(world, "SELECT count(*) FROM stock.reveals") == 1
    await service.look("card")
    await service.accessible()
    await page.emulate_media(media="print")  # for a platform: the evidence alone
    await expect(panel).to_contain_text("发出前没有人看过")
    await expect(panel.get_by_text(re.compile("卡密举证 · service"))).to_be_visible()
    await expect(panel.get_by_role("button")).to_have_count(0)
    await expect(page.get_by_role("heading", name="卡密查询")).to_have_count(0)


async def test_three_cards_are_voided_with_a_reason_and_one_is_checked_by_burning_it(
    visit: Visit, world: World
) -> None:
    ops = await visit(Role.OPS)
    lots = "SELECT id FROM stock.lots ORDER BY available DESC LIMIT 1"
    page = await ops.open(f"/stock/cards?lot={await count_of(world, lots)}&state=available")
    await expect(rows_of(page).first).to_be_visible()
    before = await rows_of(page).count()
    for place in range(3):
        await tick(rows_of(page).nth(place))
    await page.get_by_role("button", name="作废（3 张）").click()
    form = page.get_by_role("dialog", name="作废 3 张卡密")
    await form.get_by_label("原因").fill("供应商确认坏卡")
    await form.get_by_role("button", name="作废 3 张").click()
    await expect(page.get_by_text("已作废 3 张")).to_be_visible()
    await expect(rows_of(page)).to_have_count(before - 3)
    void = "SELECT count(*) FROM stock.moves WHERE to_state = 'void' AND reason = '供应商确认坏卡'"
    assert await count_of(world, void) == 3

    await rows_of(page).first.get_by_role("link").first.click()
    panel = page.get_by_role("dialog", name=re.compile("卡密 ••••"))
    await panel.get_by_role("button", name=re.compile("验 ?卡")).click()
    form = page.get_by_role("dialog", name="验卡：看了就不能再卖")
    await form.get_by_label("理由").fill("买家说打不开")
    await form.get_by_role("button", name="验卡并停卖").click()
    await expect(page.locator(".once code")).to_have_count(1)
    await (
        page.get_by_role("dialog", name="卡密", exact=True)
        .get_by_role("button", name=re.compile("关 ?闭"))
        .last.click()
    )
    await expect(panel).to_contain_text("隔离")
    assert await count_of(world, "SELECT sum(quarantined) FROM stock.lots") == 1


async def test_who_may_not_see_cards_finds_them_masked_and_is_told_why(
    visit: Visit, world: World
) -> None:
    finance = await visit(Role.FINANCE, language="en")
    page = await finance.open(f"/stock/cards?order={world.things['order_id']}")
    await expect(rows_of(page)).to_have_count(2)
    await rows_of(page).first.get_by_role("link").first.click()
    panel = page.get_by_role("dialog", name=re.compile("Card ••••"))
    reveal = panel.get_by_role("button", name="Reveal")
    await expect(reveal).to_have_attribute("aria-disabled", "true")
    await finance.look("card-en")
