"""Files that take long are made a few at a time; nothing else waits for them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.core.downloads import AT_ONCE, WAITING_MAX, download, in_its_thread
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant

FILES = (
    "/v1/events/file",
    "/v1/orders/file",
    "/v1/orders/file?format=csv",
    "/v1/reports/profit?by=store&format=csv",
    "/v1/reports/profit/orders/file",
    "/v1/reports/capital?format=xlsx",
    "/v1/reports/capital/skus?format=csv",
)


@pytest.fixture
async def owner(
    app: Litestar, database: Database, tenant: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, tenant.id, Role.OWNER) as client:
        yield client


async def test_pages_and_answers_dont_wait_while_every_download_is_busy(
    owner: httpx.AsyncClient,
) -> None:
    free = threading.Event()
    held = [asyncio.ensure_future(in_its_thread(free.wait)) for _ in range(8)]
    try:
        for path in ("/console", "/v1/orders", "/v1/reports/profit?by=store"):
            answer = await asyncio.wait_for(owner.get(path), timeout=30)
            assert answer.status_code in {200, 503}, path  # 503: the console wasn't built here
        file = asyncio.ensure_future(owner.get("/v1/events/file"))
        done, _ = await asyncio.wait({file}, timeout=0.2)
        assert not done
    finally:
        free.set()
        await asyncio.gather(*held)
    assert (await file).status_code == 200


async def test_a_merchant_has_a_few_files_made_at_once_and_is_told_when_there_are_more(
    app: Litestar,
    owner: httpx.AsyncClient,
    database: Database,
    tenant: Tenant,
    other_tenant: Tenant,
) -> None:
    stranger = await staff_client(app, database, other_tenant.id, Role.OWNER)
    async with AsyncExitStack() as others:
        for _ in range(AT_ONCE):
            await others.enter_async_context(download(tenant.id))
        waiting = [asyncio.ensure_future(owner.get(FILES[0])) for _ in range(WAITING_MAX)]
        done, _ = await asyncio.wait(waiting, timeout=1)
        assert not done
        for path in FILES:
            answer = await owner.get(path, headers={"Accept-Language": "en"})
            told = problem(answer, 503, "downloads_under_way")
            assert "Try again when one of them has come" in told["detail"], path
            assert int(answer.headers["retry-after"]) > 1
        assert (await stranger.get(FILES[0])).status_code == 200
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    for path in FILES:
        assert (await owner.get(path)).status_code == 200, path


async def test_a_file_that_fails_gives_its_turn_back(tenant: Tenant) -> None:
    for _ in range(AT_ONCE + WAITING_MAX + 1):
        with pytest.raises(ZeroDivisionError):
            async with download(tenant.id):
                raise ZeroDivisionError
