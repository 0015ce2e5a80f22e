"""A browser in front of the real server. Each test has a shop of its own; none is emptied."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final, Literal, Protocol
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from pytest_asyncio import is_async_test
from sqlalchemy.engine import make_url

from kashu.access.guards import COOKIE
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.access.sign_in import Candidate, begin_session
from kashu.core.db import APP_ROLE, Database
from kashu.core.migrate import migrate
from tests.api.calls import add_staff, shared_app
from tests.api.world import World, make_world
from tests.conftest import Tenant, make_tenant
from tests.console.seeded import Seeded, make_seeded
from tests.console.served import DIST, IN_CI, find_browser, serving
from tests.console.visitor import PATIENCE_MS, Visitor

Language = Literal["zh", "en"]
Looks = Literal["light", "dark"]
DESK: Final = (1440, 900)
# Without these Chromium calls its maker at every start.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop for all tests of the console: the browser and the pool live longer than a test."""
    for item in items:
        if "tests/console/" in item.nodeid and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is. Where none can be had these tests are left out, never in CI."""
    found = find_browser()
    if found is None:
        said = "no Chromium: apt-get install chromium, or say where with KASHU_CHROMIUM"
        if IN_CI:
            pytest.fail(said)
        pytest.skip(said)
    if not (DIST / "index.html").is_file():
        said = "the console isn't built: ./run console"
        if IN_CI:
            pytest.fail(said)
        pytest.skip(said)
    return found


@pytest.fixture(scope="session")
def console_url(server_url: str, chromium: str) -> Iterator[str]:  # noqa: ARG001  (or none is needed)
    """A database of the console's own: the server remembers keys of tenants, so none may go."""
    name = f"console_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type, unused-ignore]
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    migrate(url)
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type, unused-ignore]


@pytest.fixture(scope="session")
def origin(console_url: str) -> Iterator[str]:
    """Where the real server serves."""
    with serving(console_url) as at:
        yield at


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def database(console_url: str) -> AsyncIterator[Database]:
    """The server's database, to prepare things in and to look whether they happened."""
    opened = Database(console_url, role=APP_ROLE)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(database: Database) -> Tenant:
    """A shop of this test's own, with nothing in it."""
    return await make_tenant(database, f"shop-{uuid4().hex[:8]}")


@pytest_asyncio.fixture(loop_scope="session")
async def world(database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    """The same shop with one of everything in it."""
    return await make_world(shared_app(database, keyrings), database, keyrings, tenant)


@pytest_asyncio.fixture(loop_scope="session")
async def seeded(database: Database, keyrings: Keyrings, tenant: Tenant) -> Seeded:
    """The same shop with stock, stores and a customer; nothing is sold yet."""
    return await make_seeded(shared_app(database, keyrings), database, keyrings, tenant)


class Visit(Protocol):
    """Opens a browser for somebody: `visit(Role.OWNER)`, or `visit(None)` for a stranger."""

    def __call__(
        self,
        role: Role | None,
        *,
        language: Language = "zh",
        size: tuple[int, int] = DESK,
        looks: Looks = "light",
    ) -> Awaitable[Visitor]: ...


@pytest_asyncio.fixture(loop_scope="session")
async def visit(
    browser: Browser, origin: str, database: Database, tenant: Tenant
) -> AsyncIterator[Visit]:
    """Visitors of the test's shop. At its end none of them may have seen an error."""
    visitors: list[Visitor] = []

    async def come(
        role: Role | None,
        *,
        language: Language = "zh",
        size: tuple[int, int] = DESK,
        looks: Looks = "light",
    ) -> Visitor:
        context = await browser.new_context(
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            viewport={"width": size[0], "height": size[1]},
            color_scheme=looks,
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(PATIENCE_MS)
        if role is not None:
            token = await session_of(database, tenant, role)
            await context.add_cookies([{"name": COOKIE, "value": token, "url": origin}])
        visitor = Visitor(await context.new_page(), context, origin)
        visitor.watch()
        visitors.append(visitor)
        return visitor

    yield come
    for visitor in visitors:
        with suppress(asyncio.CancelledError):
            await visitor.context.close()
    assert [each for visitor in visitors for each in visitor.wrong] == []


async def session_of(database: Database, tenant: Tenant, role: Role) -> str:
    """Begin a session of somebody new in a role."""
    caller = await add_staff(database, tenant.id, role)
    staff_id = UUID(caller.actor.removeprefix("staff:"))
    async with database.transaction(tenant.id) as tx:
        return await begin_session(tx, Candidate(tenant.id, staff_id, "unknown"))


SignedIn = Callable[[Role], Awaitable[Visitor]]
