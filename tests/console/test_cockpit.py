"""The cockpit: every number is the books', leads to its rows, and moves with what is delivered."""

import re
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import text

from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.reports.profit import profit
from kashu.reports.pulse import count_pulse
from tests.api.world import World
from tests.conftest import Tenant
from tests.console.conftest import Visit

BY_ITSELF_MS = 5_000  # what happens is on the screen within


def part_of(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


async def put_step(database: Database, world: World, step: str, event: str) -> None:
    """Let the platform's order be somewhere, as the program would tell of it."""
    id_ = UUID(world.things["known_id"])
    async with database.transaction(world.tenant.id) as tx:
        await tx.execute(
            text(
                "UPDATE channels.shop_orders SET step = :step, order_id = :order"
                " WHERE tenant_id = :tenant AND id = :id"
            ),
            {
                "step": step,
                "order": None if step == "unmapped" else world.things["order_id"],
                "tenant": world.tenant.id,
                "id": id_,
            },
        )
        await record(tx, world.tenant.id, "system", [Event(event, id_, {})])


async def test_numbers_are_those_of_the_books_and_lead_to_their_rows(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    await put_step(database, world, "unmapped", "shop_order.seen")
    await count_pulse(database, tenant.id)
    today = day_of(now())
    async with database.transaction(tenant.id) as tx:
        [total] = (await profit(tx, tenant.id, since=today, until=today)).totals
        counted = await tx.execute(text("SELECT count(*) FROM orders.orders"))
    orders, revenue = counted.scalar_one(), f"¥{format_amount(total.figures.revenue_e4)}"
    owner = await visit(Role.OWNER)
    page = await owner.open("/cockpit")
    earned = page.get_by_role("link", name="今日收入")
    await expect(earned).to_contain_text(revenue)
    # What it means, and when it was computed, by keyboard as well.
    await earned.focus()
    await expect(page.get_by_role("tooltip")).to_contain_text("减去退款")
    await expect(page.get_by_role("tooltip")).to_contain_text(f"计算于 {today}")
    placed = page.get_by_role("link", name="今日订单")
    await expect(placed).to_contain_text(str(orders))
    await expect(
        page.get_by_role("img", name=re.compile("平台订单的去向：平台来单 1"))
    ).to_be_visible()
    await owner.accessible()
    await placed.click()
    await expect(page.locator("tr[data-row-key]")).to_have_count(orders)

    await owner.open("/cockpit?trend=table&metric=orders")
    sold = part_of(page, "销售走势")
    await expect(sold.get_by_role("row", name="合计").locator("td").first).to_have_text(str(orders))
    best = part_of(page, "热销").get_by_role("row").nth(1)
    await expect(best).to_contain_text(revenue)
    stuck = part_of(page, "订单走到哪里").get_by_role("link", name="商品未映射 1")
    await stuck.click()
    await expect(page.locator("tr[data-row-key]")).to_have_count(1)


async def test_an_order_that_is_delivered_moves_the_figures_by_itself(
    visit: Visit, world: World, database: Database
) -> None:
    await put_step(database, world, "unmapped", "shop_order.seen")
    ops = await visit(Role.OPS)
    page = await ops.open("/cockpit?flow=table")
    flow = part_of(page, "订单走到哪里")
    last = flow.get_by_role("row", name="回填确认").locator("td")
    await expect(last).to_have_text("0")
    await expect(flow.get_by_role("row", name="商品未映射")).to_have_count(1)
    await put_step(database, world, "confirmed", "order.confirmed")
    await expect(last).to_have_text("1", timeout=BY_ITSELF_MS)
    await expect(flow.get_by_role("row", name="商品未映射")).to_have_count(0)
    # Who reads no reports sees what was sold, and no money.
    await expect(page.get_by_role("link", name="今日订单")).to_be_visible()
    await expect(page.get_by_text("今日收入")).to_have_count(0)
    await expect(page.get_by_role("region", name="表现")).to_have_count(0)


async def test_a_note_explains_a_day_until_somebody_removes_it(
    visit: Visit, world: World, database: Database, tenant: Tenant
) -> None:
    assert world.things
    ops, service = await visit(Role.OPS), await visit(Role.SERVICE)
    page = await ops.open("/cockpit?by=day")
    notes = page.get_by_role("complementary", name="标注")
    await notes.get_by_role("button", name="添加标注").click()
    form = page.get_by_role("dialog", name="添加标注")
    await form.get_by_role("button", name="添加标注").click()
    await expect(form.get_by_text("请填写")).to_be_visible()
    await form.get_by_role("textbox", name="发生了什么").fill("《新剧》开播")
    await form.get_by_role("button", name="添加标注").click()
    await expect(notes.get_by_role("listitem")).to_contain_text("《新剧》开播 ops")

    theirs = await service.open("/cockpit?by=day")
    seen = theirs.get_by_role("complementary", name="标注")
    await expect(seen.get_by_role("listitem")).to_contain_text("《新剧》开播")
    await expect(seen.get_by_role("button")).to_have_count(0)

    await notes.get_by_role("button", name="删除标注「《新剧》开播」").click()
    await expect(notes.get_by_role("listitem")).to_have_count(0)
    async with database.transaction(tenant.id) as tx:
        kept = await tx.execute(
            text("SELECT count(*) FROM reports.annotations WHERE text LIKE '《%'")
        )
        assert kept.scalar_one() == 0


@pytest.mark.parametrize("looks", ["light", "dark"])
async def test_the_wall_shows_figures_alone_and_all_of_them_at_once(
    visit: Visit, world: World, database: Database, looks: str
) -> None:
    await count_pulse(database, world.tenant.id)
    owner = await visit(Role.OWNER, size=(1920, 1080), looks="dark" if looks == "dark" else "light")
    page = await owner.open("/cockpit?wall=1")
    await expect(page.get_by_role("link", name="今日订单")).to_be_visible()
    await expect(page.get_by_role("img", name=re.compile("走势"))).to_be_visible()
    await expect(page.get_by_role("navigation")).to_have_count(0)
    size = await page.locator(".figure-value").first.evaluate(
        "each => getComputedStyle(each).fontSize"
    )
    assert float(size.removesuffix("px")) >= 48
    beyond = await page.evaluate("() => document.documentElement.scrollHeight - innerHeight")
    assert beyond <= 0
    await owner.look(f"wall-{looks}")
    await owner.accessible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
