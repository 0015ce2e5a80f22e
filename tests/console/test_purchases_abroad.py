"""A purchase in euros: what was paid is shown in euros, what it comes to in yuan."""

from dataclasses import replace

import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.suppliers.upstream import BoughtCard
from tests.conftest import Tenant
from tests.console.conftest import Visit
from tests.purchases.abroad import HOUSE, make_world_abroad
from tests.purchases.buying import AT
from tests.purchases.counterpart import Fault
from tests.purchases.world import World


@pytest_asyncio.fixture(loop_scope="session")
async def market(database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    """A supplier that sells in euros."""
    market = await make_world_abroad(database, tenant, keyrings)
    await market.later(seconds=(now() - AT).total_seconds())
    return market


async def test_where_its_money_is_stands_in_euros_and_in_yuan(visit: Visit, market: World) -> None:
    good, bad = BoughtCard("A1234567890123456", "PW123456"), BoughtCard("库存不足，请联系客服")
    market.houses[HOUSE].told = lambda told: replace(told, cards=(good, bad))
    await market.want(2)
    await market.place()
    ops = await visit(Role.OPS)
    page = await ops.open("/supply/purchases")
    await expect(page.locator("tr[data-row-key]")).to_contain_text("¥156.2469")
    await page.locator("tr[data-row-key]").get_by_role("link").first.click()
    await expect(page.get_by_text("2 件 · €20.00")).to_be_visible()
    came = page.get_by_role("row", name="入库成本")
    await expect(came).to_have_text(["入库成本€10.00", "入库成本¥78.1235"])
    await expect(page.get_by_role("row", name="应收赔付")).to_have_count(2)
    await expect(page.get_by_role("heading", name="折合人民币")).to_be_visible()
    told = page.locator("[data-kind='attempt.succeeded']")
    await expect(told).to_contain_text("kinguin · €20.00")
    await ops.accessible()
    await ops.look("purchase-euros")
    english = await visit(Role.OPS, language="en")
    page = await english.open(page.url.partition("/console")[2])
    await expect(page.get_by_role("heading", name="In yuan")).to_be_visible()
    await english.look("purchase-euros-en")


async def test_what_was_charged_is_typed_in_euros(visit: Visit, market: World) -> None:
    market.houses[HOUSE].faults.append(Fault.LOST_BEFORE)
    await market.want(2)
    await market.place()
    async with market.database.transaction(market.tenant.id) as tx:
        await tx.execute(text("UPDATE purchases.attempts SET state = 'manual', said = 'deadline'"))
    ops = await visit(Role.OPS)
    page = await ops.open("/supply/doubt")
    row = page.locator("tr[data-row-key]")
    await expect(row).to_contain_text("€20.00")
    await expect(page.locator(".figure").first).to_contain_text("¥156.2469")
    await row.get_by_role("link").click()
    await page.get_by_role("dialog").get_by_role("button", name="买到了").click()
    form = page.get_by_role("dialog", name="买到了")
    await expect(form.locator(".ant-input-prefix")).to_have_text("€")
    await expect(form).to_contain_text("€20.00")
    await ops.look("bought-euros")

    page = await ops.open("/desk")  # its row tells yuan: they aren't what was charged
    row = page.locator("tr[data-row-key]")
    await expect(row).to_contain_text("156.2469 元")
    await row.get_by_role("link").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="买到了").click()
    form = page.get_by_role("dialog", name="买到了")
    charged = form.get_by_label("实际扣款")
    await expect(charged).to_have_value("")
    await expect(form.locator(".ant-input-prefix")).to_have_text("€")
    await ops.look("desk-bought-euros")
