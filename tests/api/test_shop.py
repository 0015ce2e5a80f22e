"""The shop itself over HTTP: its name and its time zone."""

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant


@pytest.fixture
async def owner(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.OWNER)


async def test_it_is_renamed_and_moved_and_that_is_on_record(owner: httpx.AsyncClient) -> None:
    wanted = {"name": "新名字", "timezone": "Asia/Urumqi"}
    answer = await owner.patch("/v1/settings/shop", json=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"code": "shop", **wanted}
    assert (await owner.get("/v1/me")).json()["tenant"] == answer.json()
    assert (await owner.patch("/v1/settings/shop", json=wanted)).json() == answer.json()
    events = (await owner.get("/v1/events?kind=tenant.changed")).json()["events"]
    assert [each["facts"]["timezone"] for each in events] == [["Asia/Shanghai", "Asia/Urumqi"]]


async def test_a_zone_that_isn_t_one_and_somebody_else_are_refused(
    owner: httpx.AsyncClient, app: Litestar, database: Database, tenant: Tenant
) -> None:
    before = (await owner.get("/v1/me")).json()["tenant"]
    wrong = await owner.patch("/v1/settings/shop", json={"timezone": "Asia/Nowhere"})
    problem(wrong, 422, "timezone_unknown")
    ops = await staff_client(app, database, tenant.id, Role.OPS)
    problem(await ops.patch("/v1/settings/shop", json={"name": "x"}), 403, "not_allowed")
    assert (await owner.get("/v1/me")).json()["tenant"] == before
