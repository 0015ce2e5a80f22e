"""How the program is doing, over HTTP: what it knows, and null where it doesn't."""

import httpx
import psycopg
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.core.jobs import join_workers, listen, take_lead
from kashu.entry.sweeps import SWEEPS
from kashu.reports.sweeps import keep_health
from tests.api.calls import staff_client
from tests.api.world import make_world
from tests.conftest import MASTERS, Tenant


@pytest.fixture
async def auditor(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.AUDITOR)


async def test_it_says_what_it_knows_and_null_where_it_does_not(
    auditor: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    told = (await auditor.get("/v1/system")).json()
    assert told["version"]
    assert told["database"]["bytes"] > 1_000_000
    assert told["workers"] == 0
    assert {sweep["name"] for sweep in told["sweeps"]} == {sweep.name for sweep in SWEEPS}
    assert not any(sweep["led"] for sweep in told["sweeps"])
    assert told["verify"] is None
    assert (told["last_backup_at"], told["last_backup_bytes"]) == (None, None)
    assert told["keys"] == {"version": 1, "retiring": [], "under_an_earlier_master": 0}
    assert all((queue["due"], queue["oldest_at"]) == (0, None) for queue in told["queues"])

    await keep_health(database, tenant.id)
    async with database.transaction(tenant.id) as tx:
        await rotate_data_key(tx, tenant.id, MASTERS)
    told = (await auditor.get("/v1/system")).json()
    assert told["verify"]["ok"]
    assert told["keys"]["retiring"] == [1]


async def test_it_knows_which_sweeps_somebody_leads(
    auditor: httpx.AsyncClient, owner_url: str
) -> None:
    worker: psycopg.AsyncConnection[object] = await listen(owner_url)
    try:
        await join_workers(worker)
        await take_lead(worker, ["deliver_due", "publish_stock"])
        told = (await auditor.get("/v1/system")).json()
    finally:
        await worker.close()
    assert told["workers"] == 1
    led = {sweep["name"] for sweep in told["sweeps"] if sweep["led"]}
    assert led == {"deliver_due", "publish_stock"}


async def test_it_counts_what_waits_in_this_shop_only(
    app: Litestar,
    auditor: httpx.AsyncClient,
    database: Database,
    keyrings: Keyrings,
    other_tenant: Tenant,
) -> None:
    await make_world(app, database, keyrings, other_tenant)
    told = (await auditor.get("/v1/system")).json()
    assert all(queue["due"] == 0 for queue in told["queues"])
    theirs = await staff_client(app, database, other_tenant.id, Role.OWNER)
    queues = {
        each["name"]: each["due"] for each in (await theirs.get("/v1/system")).json()["queues"]
    }
    assert queues["supplier_orders_for_a_person"] == 1
    assert sum(queues.values()) > 1


async def test_a_data_key_is_changed_while_no_other_change_is_under_way(
    app: Litestar, auditor: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    refused = await auditor.post("/v1/system/rotate-data-key", json={"version": 1})
    assert refused.status_code == 403
    made = await owner.post("/v1/system/rotate-data-key", json={"version": 1})
    assert made.json() == {"version": 2, "retiring": [1], "under_an_earlier_master": 0}
    for version in (1, 2):  # clicked twice, or before the first is over
        again = await owner.post("/v1/system/rotate-data-key", json={"version": version})
        assert (again.status_code, again.json()["code"]) == (409, "rotation_under_way")
    assert (await auditor.get("/v1/system")).json()["keys"]["version"] == 2
    events = (await auditor.get("/v1/events?kind=keys.rotated")).json()["events"]
    assert [each["facts"] for each in events] == [{"version": 2}]
