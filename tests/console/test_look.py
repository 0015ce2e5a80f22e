"""Every page at three widths, light and dark, in both languages: readable, and it fits."""

import os

import pytest
from playwright.async_api import expect

from kashu.access.permissions import Role
from tests.api.world import World
from tests.console.conftest import Language, Looks, Visit

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
    "staff": "/settings/staff",
    "keys": "/settings/keys",
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


def pages_in(view: int) -> list[tuple[str, str]]:
    """All pages in the first view, in each other a third of them: each page twice.

    `KASHU_TEST_LOOKS=all` has each page opened in every view, which takes minutes.
    """
    others = len(VIEWS) - 1
    wanted = enumerate(PAGES.items())
    whole = view == 0 or os.environ.get("KASHU_TEST_LOOKS") == "all"
    return [page for place, page in wanted if whole or place % others == view - 1]


@pytest.mark.parametrize("view", range(len(VIEWS)))
async def test_pages_fit_and_can_be_read(visit: Visit, world: World, view: int) -> None:
    assert world.things
    size, looks, language = VIEWS[view]
    owner = await visit(Role.OWNER, size=size, looks=looks, language=language)
    for name, path in pages_in(view):
        page = await owner.open(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        await owner.look(f"{name}-{size[0]}-{looks}-{language}")
        await owner.accessible()
        wide = await page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{path} scrolls sideways by {wide} px"
