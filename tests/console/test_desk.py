"""The exception desk: worked through by keyboard, by two people at once, and it empties itself."""

import asyncio
import re
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.core.matters import Matter
from kashu.delivery.by_hand import try_again
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.desk.cases import CASES, put_shop_order
from tests.desk.floor import ANN, make_floor

SEEDED = (
    Matter.SHORT_LINE,
    Matter.LISTING_UNMAPPED,
    Matter.ORDER_OVERDUE,
    Matter.PURCHASE_TO_APPROVE,
    Matter.PURCHASE_TO_DECIDE,
    Matter.STATEMENT_FINDING,
    Matter.OFFER_HELD,
    Matter.PRICE_MOVED,
    Matter.STOCK_LOW,
)
BY_ITSELF_MS = 5_000  # what is solved leaves within
NUMBERS = ("T771", "T772", "T773")


@dataclass(frozen=True, slots=True)
class Queue:
    """A desk with several kinds on it, and three orders in trouble."""

    database: Database
    tenant: Tenant

    async def step(self, number: str) -> str:
        """How far one of the orders is."""
        return await self._one("SELECT step FROM channels.shop_orders WHERE number = :n", number)

    async def tries(self) -> str:
        """How often somebody said: try again."""
        return await self._one(
            "SELECT count(*) FROM core.events WHERE kind = 'shop_order.tried_again' AND :n = ''", ""
        )

    async def solve(self, number: str) -> None:
        """Solve it elsewhere, as a colleague would."""
        async with self.database.transaction(self.tenant.id) as tx:
            rows = await tx.execute(
                text("SELECT id FROM channels.shop_orders WHERE tenant_id = :t AND number = :n"),
                {"t": self.tenant.id, "n": number},
            )
            await try_again(tx, self.tenant.id, ANN, rows.scalar_one())

    async def _one(self, sql: str, number: str) -> str:
        async with self.database.transaction(self.tenant.id) as tx:
            rows = await tx.execute(text(sql), {"n": number})
            return str(rows.scalar_one())


@pytest_asyncio.fixture(loop_scope="session")
async def queue(database: Database, keyrings: Keyrings, tenant: Tenant) -> Queue:
    async with database.transaction(tenant.id) as tx:
        floor = await make_floor(tx, tenant.id, keyrings)
        for kind in SEEDED:
            await CASES[kind](floor)
        # The order at a supplier whose outcome isn't known is for the line that is short.
        await floor.run(
            "UPDATE purchases.purchases SET cause = 'short', unit_cost_max_e4 = 1,"
            " subject_id = (SELECT id FROM orders.lines)"
            " WHERE id IN (SELECT purchase_id FROM purchases.attempts)"
        )
        for number in NUMBERS:
            await put_shop_order(floor, "trouble", "order_changed", number=number)
    return Queue(database, tenant)


def row_of(page: Page, words: str) -> Locator:
    return page.locator("tr[data-row-key]").filter(has_text=words)


async def walk_to(page: Page, words: str) -> None:
    """Press j until the row's link has the focus."""
    link = row_of(page, words).locator("[data-row-link]")
    await expect(link).to_be_visible()
    for _ in range(len(SEEDED) + len(NUMBERS)):
        await page.keyboard.press("j")
        if await link.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(words)


async def test_the_queue_is_worked_through_with_the_keyboard_alone(
    visit: Visit, queue: Queue
) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("e")
    first = page.locator("tr[data-row-key]").first
    await expect(first).to_contain_text("发货超时")  # what is late stands first
    await expect(first).to_contain_text("超时 1 分钟")
    await expect(page.get_by_role("status").filter(has_text="共")).to_contain_text("11")

    await walk_to(page, "T771")
    await page.keyboard.press("n")
    box = page.get_by_role("textbox", name="写备注")
    await expect(box).to_be_focused()
    await page.keyboard.type("已联系买家")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("ops ·")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(row_of(page, "T771")).to_contain_text("已联系买家")
    await expect(row_of(page, "T771").locator("[data-row-link]")).to_be_focused()

    await page.keyboard.press("c")
    await expect(row_of(page, "T771")).to_contain_text("我在处理")
    await page.keyboard.press("a")
    await expect(page.locator(".desk-choice button").first).to_be_focused()
    await expect(page.get_by_role("dialog", name="怎么处理")).to_be_visible()
    await ops.accessible()
    await page.keyboard.press("1")
    await expect(row_of(page, "T771")).to_have_count(0)
    assert await queue.step("T771") != "trouble"
    # Who was on it goes on at the row that took its place.
    await expect(row_of(page, "T772").locator("[data-row-link]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("T772")
    await expect(page).to_have_url(re.compile("show=order_in_trouble"))


async def test_two_clerks_see_each_other_and_nothing_is_done_twice(
    visit: Visit, queue: Queue
) -> None:
    first, second = await visit(Role.OPS), await visit(Role.SERVICE)
    hers, his = await first.open("/desk"), await second.open("/desk")
    await expect(row_of(his, "T772")).to_be_visible()
    await walk_to(hers, "T772")
    await hers.keyboard.press("c")
    await expect(row_of(hers, "T772")).to_contain_text("我在处理")
    await expect(row_of(his, "T772")).to_contain_text("处理中 · ops", timeout=BY_ITSELF_MS)

    await walk_to(his, "T772")
    await his.keyboard.press("a")
    await his.keyboard.press("1")
    taken = his.get_by_role("dialog", name="ops 正在处理这一条")
    await expect(taken).to_contain_text("处理中：ops")
    await his.keyboard.press("Enter")  # "not now" is what Enter means
    await expect(taken).to_have_count(0)
    assert await queue.tries() == "0"
    assert await queue.step("T772") == "trouble"

    await hers.keyboard.press("a")
    await hers.keyboard.press("1")
    await expect(row_of(hers, "T772")).to_have_count(0)
    await expect(row_of(his, "T772")).to_have_count(0, timeout=BY_ITSELF_MS)
    assert await queue.tries() == "1"

    await walk_to(hers, "T773")
    await hers.keyboard.press("c")
    await expect(row_of(his, "T773")).to_contain_text("处理中 · ops", timeout=BY_ITSELF_MS)
    await walk_to(his, "T773")
    await his.keyboard.press("c")
    await his.get_by_role("button", name="接手").click()
    await expect(row_of(his, "T773")).to_contain_text("我在处理")
    await expect(row_of(hers, "T773")).to_contain_text("处理中 · service", timeout=BY_ITSELF_MS)
    await first.look("desk-two")


async def test_what_is_solved_elsewhere_leaves_and_the_rest_stays_as_it_is(
    visit: Visit, queue: Queue
) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open("/desk?group=orders")
    await walk_to(page, "T772")
    badge = page.get_by_role("link", name=re.compile("^异常台"))
    before = await badge.inner_text()
    await queue.solve("T771")
    await expect(row_of(page, "T771")).to_have_count(0, timeout=BY_ITSELF_MS)
    await expect(row_of(page, "T772").locator("[data-row-link]")).to_be_focused()
    await expect(badge).not_to_have_text(before)
    await page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text("T772")
    await queue.solve("T772")
    await expect(panel).to_contain_text("这一条已离开异常台", timeout=BY_ITSELF_MS)
    await expect(panel).to_contain_text("T772")


async def test_many_are_done_at_once_with_an_outcome_for_each(visit: Visit, queue: Queue) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open("/desk?kind=order_in_trouble")
    for number in NUMBERS:
        await row_of(page, number).get_by_role("checkbox").check()
    await expect(page.get_by_text("已选 3 条")).to_be_visible()
    await page.get_by_role("button", name="再试一次（3 条）").click()
    await expect(page.get_by_text("再试一次：3 条已完成")).to_be_visible()
    for number in NUMBERS:
        await expect(row_of(page, number)).to_have_count(0)
        assert await queue.step(number) != "trouble"


async def test_an_act_asks_for_what_it_needs_and_says_what_is_wrong_beside_it(
    visit: Visit, queue: Queue
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/desk?kind=statement_finding")
    await row_of(page, "11月.xlsx").get_by_role("link").click()
    await page.get_by_role("button", name="处理", exact=True).click()
    form = page.get_by_role("dialog", name="处理", exact=True)
    await form.get_by_role("button", name="处理", exact=True).click()
    await expect(form.get_by_text("请填写")).to_have_count(2)
    await owner.accessible()
    await form.get_by_label("怎么处理").click()
    await page.get_by_title("说明原因，不动账").click()
    await form.get_by_label("理由").fill("手续费")
    await form.get_by_role("button", name="处理", exact=True).click()
    await expect(row_of(page, "11月.xlsx")).to_have_count(0)
    async with queue.database.transaction(queue.tenant.id) as tx:
        rows = await tx.execute(text("SELECT kind, reason FROM purchases.resolutions"))
        assert [tuple(row) for row in rows] == [("explained", "手续费")]


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize(
    ("role", "sees", "doesnt"),
    [
        (Role.SERVICE, "订单异常", "采购待审批"),
        (Role.FINANCE, "采购待审批", "自检不通过"),
    ],
)
async def test_a_role_sees_its_own_kinds(visit: Visit, role: Role, sees: str, doesnt: str) -> None:
    somebody = await visit(role)
    page = await somebody.open("/desk")
    await expect(row_of(page, sees).first).to_be_visible()
    await expect(row_of(page, doesnt)).to_have_count(0)


async def test_an_auditor_reads_the_desk_and_can_do_nothing(visit: Visit, queue: Queue) -> None:
    auditor = await visit(Role.AUDITOR)
    page = await auditor.open("/desk")
    await row_of(page, "T771").get_by_role("link").click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text("T771")
    for name in ("再试一次", "我来处理", "保存备注"):
        await expect(panel.get_by_role("button", name=name)).to_have_count(0)
    assert await queue.step("T771") == "trouble"


async def test_an_empty_desk_says_what_would_be_on_it(visit: Visit) -> None:
    ops = await visit(Role.OPS, language="en", looks="dark")
    page = await ops.open("/desk")
    await expect(page.get_by_text("Nothing waits for anybody")).to_be_visible()
    await ops.accessible()


@pytest.mark.usefixtures("queue")
async def test_the_bell_tells_what_is_new_until_it_was_looked_at(visit: Visit) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open("/")
    await expect(page).to_have_title(re.compile(r"^\(1\) "))
    await page.get_by_role("button", name=re.compile("通知：11 件新的")).click()
    await expect(page.get_by_role("listitem").filter(has_text="订单异常")).to_contain_text("新增 3")
    await ops.accessible()
    await ops.look("bell")
    async with page.expect_response(re.compile("/v1/me/preferences$")) as kept:
        await page.get_by_role("link", name="订单异常").click()
    assert (await kept.value).ok
    await expect(page).to_have_url(re.compile("kind=order_in_trouble"))
    await expect(page.get_by_role("button", name="通知", exact=True)).to_be_visible()
    again = await ops.open("/")
    await expect(again.get_by_role("button", name="通知", exact=True)).to_be_visible()


@pytest.mark.usefixtures("queue")
async def test_the_desk_in_both_languages_and_on_a_phone(visit: Visit) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/desk")
    await expect(row_of(page, "T771")).to_be_visible()
    await owner.accessible()
    await owner.look("desk-1440-light-zh")
    await row_of(page, "久查不清").get_by_role("link").click()
    doubt = page.get_by_role("dialog")
    await expect(doubt).to_contain_text("订单 S1 在等它")
    await expect(doubt.get_by_role("link", name="S1", exact=True)).to_have_attribute(
        "href", re.compile("/orders/")
    )
    await owner.look("desk-doubt-zh")
    english = await visit(Role.OWNER, language="en", looks="dark", size=(1024, 768))
    page = await english.open("/desk")
    await row_of(page, "T771").get_by_role("link").click()
    await expect(page.get_by_role("dialog")).to_contain_text("It can't go on")
    await english.accessible()
    await english.look("desk-1024-dark-en")
    phone = await visit(Role.OWNER, size=(390, 844))
    page = await phone.open("/desk?group=orders")
    await expect(row_of(page, "T771")).to_be_visible()
    await expect(row_of(page, "T771")).to_contain_text("不限时")
    await expect(row_of(page, "T771")).to_contain_text("淘宝店")
    wide = await page.locator(".list .ant-table-content").evaluate_all(
        "all => all.filter(each => each.scrollWidth > each.clientWidth).length"
    )
    assert wide == 0, "rows are read without scrolling sideways"
    await phone.look("desk-390-light-zh")


async def test_an_act_shows_that_it_is_under_way_and_is_done_once(
    visit: Visit, queue: Queue
) -> None:
    ops = await visit(Role.OPS)
    page = await ops.open("/desk")
    await row_of(page, "T771").get_by_role("link").click()
    panel = page.get_by_role("dialog")
    again = panel.get_by_role("button", name="再试一次")
    sent: list[str] = []
    release = asyncio.Event()

    async def hold(route: Route) -> None:
        sent.append(route.request.url)
        await release.wait()
        await route.continue_()

    await page.route("**/v1/desk/claims", hold)
    await again.dblclick()
    await expect(again).to_have_class(re.compile("ant-btn-loading"))
    await expect(panel.get_by_role("button", name="我来处理")).to_be_disabled()
    assert len(sent) == 1
    release.set()
    await expect(row_of(page, "T771")).to_have_count(0)
    assert len(sent) == 1
    assert await queue.tries() == "1"
