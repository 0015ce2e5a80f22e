"""Each role sees its own pages, and no other: in the navigation, and by typing the address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from tests.console.conftest import Visit

SOURCES: Final = Path(__file__).parents[2] / "console/src"
PAGE: Final = re.compile(r'^ +\{ name: "(\w+)", path: "([^"]+)"(.*)$', re.MULTILINE)
MAY: Final = re.compile(r' may: (?:"([\w.]+)"|\[([^\]]+)\]|([A-Z_]+)),')

# What must hold whatever the site says: pages that a role's work has nothing to do with.
NEVER: Final = {
    Role.OPS: {"profit", "trial_balance", "staff", "keys", "shop", "personal", "audit", "system"},
    Role.FINANCE: {"staff", "keys", "shop", "personal", "audit", "system", "import_new"},
    Role.SERVICE: {"profit", "trial_balance", "staff", "keys", "shop", "personal", "audit"},
    Role.AUDITOR: {"staff", "keys", "shop", "personal", "bulk", "import_new"},
    Role.OWNER: set[str](),
}


@dataclass(frozen=True)
class SitePage:
    """A page of routes.tsx: one of `may` is enough; everybody may without."""

    name: str
    path: str
    may: frozenset[str]
    inner: bool

    def is_for(self, role: Role) -> bool:
        return not self.may or bool(self.may & {each.value for each in ROLE_PERMISSIONS[role]})

    @property
    def address(self) -> str:
        return re.sub(r":\w+", str(UUID(int=0)), self.path)


def site() -> Iterator[SitePage]:
    for name, path, rest in PAGE.findall((SOURCES / "routes.tsx").read_text()):
        found = MAY.search(rest)
        may = permissions_in(*found.groups()) if found else frozenset[str]()
        yield SitePage(name, path, may, " inner: true" in rest)


def permissions_in(one: str | None, several: str | None, named: str | None) -> frozenset[str]:
    if one:
        return frozenset({one})
    if several is None:
        declared = re.compile(rf"export const {named}\b[^=]*= \[(.*?)\]", re.DOTALL)
        texts = (file.read_text() for file in SOURCES.rglob("*.ts*"))
        [several] = [found[1] for found in map(declared.search, texts) if found]
    return frozenset(re.findall(r'"([\w.]+)"', several))


SITE: Final = tuple(site())


def test_every_page_asks_for_permissions_that_there_are() -> None:
    assert len(SITE) > 15
    known = {each.value for each in Permission}
    assert [page.name for page in SITE if not page.may <= known] == []
    letters = re.findall(r' go: "(\w)"', (SOURCES / "routes.tsx").read_text())
    assert len(letters) == len(set(letters)), "a letter after g leads to one page"
    for role, names in NEVER.items():
        assert [page.name for page in SITE if page.name in names and page.is_for(role)] == []


@pytest.mark.parametrize("role", Role)
async def test_a_role_sees_its_pages_and_no_other(visit: Visit, role: Role) -> None:
    person = await visit(role)
    page = await person.open("/help")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    wanted = {each.path for each in SITE if each.is_for(role) and not each.inner}
    assert await navigation(page) == wanted
    for each in SITE:
        if not each.is_for(role):
            await go(page, each.address)
            await expect(page.get_by_text("您没有权限看这一页"), each.name).to_be_visible()


async def navigation(page: Page) -> set[str]:
    """Where the navigation leads, all its groups opened."""
    bar = page.get_by_role("navigation", name="主导航")
    closed = bar.locator(".ant-menu-submenu:not(.ant-menu-submenu-open) > .ant-menu-submenu-title")
    while await closed.count():
        before = await closed.count()
        await closed.first.click()
        await expect(closed).to_have_count(before - 1)
    links = await bar.get_by_role("link").evaluate_all("all => all.map(a => a.pathname)")
    return {link.removeprefix("/console") or "/" for link in links}


async def go(page: Page, path: str) -> None:
    """As the browser's own back button does: without loading everything anew."""
    await page.evaluate(
        "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }",
        f"/console{path}",
    )
