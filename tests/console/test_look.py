"""Every page at three widths, light and dark, in both languages: readable, and it fits."""

import re

import pytest
from playwright.async_api import expect

from kashu.access.permissions import Role
from tests.api.world import World
from tests.console.conftest import Language, Looks, Visit
from tests.console.test_roles import SITE, go

PAGES = {
    "home": "/",
    "cockpit": "/cockpit",
    "capital": "/finance/capital",
    "desk": "/desk",
    "stores": "/stores",
    "store": "/stores/tb",
    "listings": "/stores/tb/listings",
    "pilot": "/stores/tb/pilot",
    "connect-store": "/connect-store",
    "shop-orders": "/shop-orders",
    "shop-refunds": "/shop-refunds",
    "orders": "/orders",
    "order-new": "/orders?show=new",
    "bulk": "/orders/bulk",
    "approvals": "/orders/approvals",
    "limits": "/settings/limits",
    "profit-orders": "/finance/profit/orders",
    "stock": "/stock",
    "cards": "/stock/cards",
    "lots": "/stock/lots",
    "reservations": "/stock/reservations",
    "stocktakes": "/stock/stocktakes",
    "strategies": "/stock/strategies?sku=mgtv-month",
    "warehouses": "/stock/warehouses",
    "skus": "/skus",
    "imports": "/stock/imports",
    "import-new": "/stock/imports/new",
    "which": "/stock/which",
    "customers": "/customers",
    "customer": "/customers/acme",
    "agent-goods": "/customers/goods",
    "wallet-moves": "/customers/wallet-moves",
    "prices": "/supply/prices",
    "offers": "/supply/offers",
    "suppliers": "/supply/suppliers",
    "supplier": "/supply/suppliers/fulu",
    "purchases": "/supply/purchases",
    "doubt": "/supply/doubt",
    "reorder": "/supply/reorder",
    "purchase-rules": "/supply/rules",
    "prepaid": "/supply/prepaid",
    "movements": "/supply/prepaid?view=movements",
    "statements": "/supply/statements",
    "profit": "/finance/profit",
    "trial-balance": "/finance/trial-balance",
    "openings": "/finance/openings?show=post",
    "staff": "/settings/staff",
    "keys": "/settings/keys",
    "webhooks": "/settings/webhooks",
    "account": "/account",
    "shop": "/settings/shop",
    "personal": "/settings/personal",
    "audit": "/settings/audit",
    "system": "/settings/system",
    "help": "/help",
    "guide": "/help/work-the-desk",
}


VIEWS: tuple[tuple[tuple[int, int], Looks, Language], ...] = (
    ((1440, 900), "light", "zh"),
    ((1024, 768), "dark", "en"),
    ((390, 844), "light", "en"),
    ((390, 844), "dark", "zh"),
)


# They need what the world of tests has none of; each is looked at by its own test.
ELSEWHERE = {"order", "purchase", "supplier_statement", "account_statement", "store_permitted"}


def test_every_page_is_looked_at() -> None:
    shown = {path.split("?")[0] for path in PAGES.values()}
    plain = {each.path for each in SITE}
    left = {
        each.name
        for each in SITE
        if each.path not in shown
        and not any(
            re.fullmatch(re.sub(r":\w+", "[^/]+", each.path), path) for path in shown - plain
        )
    }
    assert left == ELSEWHERE, left


@pytest.mark.parametrize(("size", "looks", "language"), VIEWS)
async def test_pages_fit_and_can_be_read(
    visit: Visit, world: World, size: tuple[int, int], looks: Looks, language: Language
) -> None:
    assert world.things
    owner = await visit(Role.OWNER, size=size, looks=looks, language=language)
    page = await owner.open("/help/close-the-day")
    for name, path in PAGES.items():
        if "?" in path:  # perhaps the same page as before, whose title would not change
            await owner.open(path)
        else:  # loading everything anew takes most of the time
            await page.evaluate("() => { document.title = 'leaving' }")
            await go(page, path)
            await expect(page).not_to_have_title("leaving")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        await owner.look(f"{name}-{size[0]}-{looks}-{language}")
        await owner.accessible()
        wide = await page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{path} scrolls sideways by {wide} px"
