"""Customers and agents: terms, prices, goods, logins told once, money that two people move."""

from playwright.async_api import Page, expect
from sqlalchemy import select

from kashu.access.permissions import Role
from kashu.customers.tables import agents, customers
from tests.api.world import World
from tests.console.conftest import Visit

KEPT = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"


async def wallets(world: World) -> dict[str, int]:
    """What each agent has, by its code."""
    async with world.database.transaction(world.tenant.id) as tx:
        found = await tx.execute(
            select(customers.c.code, agents.c.wallet_e4)
            .join(customers, customers.c.id == agents.c.customer_id)
            .where(agents.c.tenant_id == world.tenant.id)
            .where(customers.c.tenant_id == world.tenant.id)
        )
        return {row.code: row.wallet_e4 for row in found}


async def fill(page: Page, label: str, value: str) -> None:
    """Type into a field of the form that is open."""
    await page.locator(".ant-drawer-open").get_by_label(label, exact=True).fill(value)


async def submit(page: Page, verb: str) -> None:
    """Press the form's own button: another of the same name opened it."""
    footer = page.locator(".ant-drawer-open .ant-drawer-footer")
    await footer.get_by_role("button", name=verb).click()


async def test_a_customer_becomes_an_agent_with_prices_and_a_login_told_once(
    visit: Visit, world: World
) -> None:
    owner = await visit(Role.OWNER)
    page = await owner.open("/customers")
    await expect(page.get_by_role("status").first).to_contain_text("共 1 条")
    await page.get_by_role("button", name="添加客户").click()
    await fill(page, "名称", "小王的店")
    await fill(page, "编码", "wang")
    await submit(page, "添加客户")
    await expect(page.get_by_role("heading", name="小王的店")).to_be_visible()
    await page.get_by_role("button", name="设为代理").click()
    await fill(page, "授信额度", "500")
    await submit(page, "设为代理")
    await expect(page.get_by_text("¥500.00").first).to_be_visible()
    assert await wallets(world) == {"acme": 0, "wang": 0}

    await page.get_by_role("tab", name="价目表").click()
    await page.get_by_role("button", name="添加价格").click()
    await page.locator(".ant-drawer-open").get_by_role("combobox", name="规格").click()
    await page.locator(".ant-select-item-option").first.click()
    await fill(page, "单价", "14.50")
    await submit(page, "保存")
    await expect(page.get_by_role("cell", name="¥14.50")).to_be_visible()
    await owner.look("agent-prices")
    await owner.accessible()

    await page.get_by_role("tab", name="接口登录").click()
    await page.get_by_role("button", name="新建登录").click()
    await fill(page, "名称", "独角站")
    await submit(page, "新建登录")
    told = page.locator(".once code")
    await expect(told).to_be_visible()
    secret = await told.inner_text()
    await owner.look("agent-login-once")
    await page.get_by_role("button", name="我已保存").click()
    await expect(told).to_have_count(0)
    assert secret not in await page.content()
    assert secret not in await page.evaluate(KEPT)
    await page.get_by_role("button", name="吊销").click()
    await page.get_by_role("dialog").get_by_role("button", name="吊销").click()
    await expect(page.get_by_role("cell", name="已吊销")).to_be_visible()


async def test_money_of_an_agent_is_noted_by_one_and_approved_by_another(
    visit: Visit, world: World
) -> None:
    before = (await wallets(world))["acme"]
    one = await visit(Role.FINANCE)
    page = await one.open("/customers/acme")
    await page.get_by_role("button", name="记一笔充值").click()
    await fill(page, "金额", "300")
    await fill(page, "流水号", "2026112300001")
    await submit(page, "记一笔充值")
    row = page.get_by_role("row", name="2026112300001")
    await expect(row).to_contain_text("待审批")
    await expect(row.get_by_role("button", name="批准")).to_have_attribute("aria-disabled", "true")
    await one.look("agent-wallet")
    await one.accessible()
    assert (await wallets(world))["acme"] == before

    another = await visit(Role.OWNER)
    page = await another.open("/customers/wallet-moves?state=asked")
    row = page.get_by_role("row", name="2026112300001")
    await row.get_by_role("button", name="批准").click()
    await expect(page.get_by_role("dialog")).to_contain_text("2026112300001")
    await page.get_by_role("dialog").get_by_role("button", name="批准").click()
    await expect(row).to_have_count(0)
    await another.look("wallet-moves")
    assert (await wallets(world))["acme"] == before + 300_0000

    page = await another.open("/customers/acme")
    await expect(page.get_by_role("cell", name="代理充值")).to_be_visible()
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="下载对账单").click()
    assert (await downloading.value).suggested_filename == "acme.csv"
    await another.look("agent-wallet-posted")


async def test_goods_are_put_on_sale_to_agents_and_taken_off(visit: Visit, world: World) -> None:
    assert world.things["sku"]
    owner = await visit(Role.OWNER)
    page = await owner.open("/customers/goods")
    await page.get_by_role("button", name="停止开放").click()
    await expect(page.get_by_role("cell", name="未开放")).to_be_visible()
    await page.get_by_role("button", name="开放给代理").click()
    await expect(page.get_by_role("cell", name="已开放")).to_be_visible()
    await owner.look("agent-goods")

    service = await visit(Role.SERVICE, language="en")
    page = await service.open("/customers/acme")
    await expect(page.get_by_role("tab", name="Wallet")).to_be_visible()
    for name in ("Note a deposit", "Change terms"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    for name in ("Prices", "Logins"):
        await expect(page.get_by_role("tab", name=name)).to_have_count(0)
    nav = page.get_by_role("navigation")
    await expect(nav.get_by_text("Agents' money")).to_have_count(0)
