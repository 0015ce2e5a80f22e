"""The audit trail over HTTP: who did what, found by each of its names, a page at a time."""

import csv
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.events_search import Wanted, found_by
from kashu.core.ids import new_id
from tests.api.calls import add_staff, key_client, problem, staff_client
from tests.conftest import Tenant


@pytest.fixture
async def auditor(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.AUDITOR)


async def happen(database: Database, tenant: Tenant, kind: str, actor: str = "cli") -> UUID:
    subject = new_id()
    async with database.transaction(tenant.id) as tx:
        await record(tx, tenant.id, actor, [Event(kind, subject, {"from": 1})])
    return subject


async def found(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


async def test_what_happened_is_found_by_kind_actor_subject_and_time(
    app: Litestar,
    auditor: httpx.AsyncClient,
    database: Database,
    keyrings: Keyrings,
    tenant: Tenant,
) -> None:
    caller = await add_staff(database, tenant.id, Role.OPS)
    key = await key_client(app, database, keyrings, tenant.id, Permission.STOCK_READ)
    frozen = await happen(database, tenant, "lot.frozen", caller.actor)
    [key_made] = await found(auditor, kind="key.made")
    by_key = f"key:{key_made['subject_id']}"
    await happen(database, tenant, "order.filled", by_key)
    await happen(database, tenant, "order.filled", "system")

    [event] = await found(auditor, subject=str(frozen))
    assert event["kind"] == "lot.frozen"
    assert (event["actor"], event["actor_name"]) == (caller.actor, "ops")
    assert (event["subject"], event["facts"]) == ("lot", {"from": 1})
    assert [each["actor_name"] for each in await found(auditor, actor=by_key)] == ["program"]
    assert len(await found(auditor, actor="system", kind="order.filled")) == 1
    assert len(await found(auditor, kind="order.filled")) == 2
    assert await found(auditor, kind="order.nothing") == []
    moment = now()
    later = await happen(database, tenant, "lot.frozen")
    after = await found(auditor, kind="lot.frozen", **{"from": moment.isoformat()})
    assert [each["subject_id"] for each in after] == [str(later)]
    before = await found(auditor, kind="lot.frozen", to=moment.isoformat())
    assert [each["subject_id"] for each in before] == [str(frozen)]
    assert key.name


async def test_pages_go_on_where_the_one_before_ended(
    auditor: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    made = [str(await happen(database, tenant, "order.filled")) for _ in range(5)]
    query, seen = {"kind": "order.filled", "limit": "2"}, []
    while True:
        page = (await auditor.get("/v1/events", params=query)).json()
        seen += [each["subject_id"] for each in page["events"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
        if len(seen) == 2:  # what happens meanwhile is on no later page
            await happen(database, tenant, "order.filled")
    assert seen == made[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "x' OR 1"},
        {"actor": "anybody"},
        {"subject": "1"},
        {"limit": "201"},
        {"before": "x"},
        {"from": "yesterday"},
    ],
)
async def test_what_is_no_search_is_refused(
    auditor: httpx.AsyncClient, query: dict[str, str]
) -> None:
    problem(await auditor.get("/v1/events", params=query), 422, "fields_wrong")


async def test_the_far_past_and_the_far_future_have_nothing(auditor: httpx.AsyncClient) -> None:
    assert await found(auditor, to="0001-01-01T00:00:00Z") == []
    assert await found(auditor, to="2026-01-01T00:00:00") == []  # of UTC
    assert await found(auditor, **{"from": "9999-12-31T00:00:00Z"}) == []


@pytest.mark.parametrize("role", [Role.OPS, Role.FINANCE, Role.SERVICE])
async def test_only_owners_and_auditors_see_who_did_what(
    app: Litestar, database: Database, tenant: Tenant, role: Role
) -> None:
    client = await staff_client(app, database, tenant.id, role)
    for path in ("/v1/events", "/v1/system"):
        problem(await client.get(path), 403, "not_allowed")


async def test_another_shop_is_not_in_it(
    auditor: httpx.AsyncClient, database: Database, other_tenant: Tenant
) -> None:
    theirs = await happen(database, other_tenant, "lot.frozen")
    assert await found(auditor, kind="lot.frozen") == []
    assert await found(auditor, subject=str(theirs)) == []


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "events_key"),
        (Wanted(kind="staff.role_changed"), "events_of_a_kind"),
        (Wanted(actor="staff:1"), "events_by_somebody"),
        (Wanted(subject_id=UUID(int=1)), "events_of_a_subject"),
        (Wanted(since=now() - timedelta(days=1), until=now()), "events_key"),
    ],
)
async def test_each_way_to_look_has_an_index_that_gives_the_order_too(
    database: Database, tenant: Tenant, wanted: Wanted, index: str
) -> None:
    fill = text(
        "INSERT INTO core.events (tenant_id, id, kind, at, actor, subject_id, facts)"
        " SELECT :tenant, gen_random_uuid(), 'order.filled', now(), 'key:' || (n % 7),"
        " gen_random_uuid(), '{}' FROM generate_series(1, 20000) AS n"
    )
    async with database.transaction(tenant.id) as tx:
        await tx.execute(fill, {"tenant": tenant.id})
        await tx.execute(text("SET LOCAL enable_sort = off"))  # no detour where there is a way
        sentence = found_by(tenant.id, wanted, 50).compile(
            dialect=tx.dialect, compile_kwargs={"literal_binds": True}
        )
        plan = list((await tx.execute(text(f"EXPLAIN {sentence}".replace(":", "\\:")))).scalars())
        await tx.rollback()
    told = "\n".join(plan)
    assert index in told, told
    assert "Sort" not in told, told


async def test_what_may_be_asked_for_is_what_happened_in_words(
    app: Litestar, auditor: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    someone = await add_staff(database, tenant.id, Role.OPS)
    for kind, actor in (("lot.frozen", someone.actor), ("order.refunded", "cli")):
        await happen(database, tenant, kind, actor)
        await happen(database, tenant, kind, "system")
    told = (await auditor.get("/v1/events/choices")).json()
    says = {each["kind"]: each["says"] for each in told["kinds"]}
    assert (says["lot.frozen"], says["order.refunded"]) == ("批次 · 冻结", "订单 · 退款")
    names = {each["actor"]: each["name"] for each in told["actors"]}
    assert (names[someone.actor], names["cli"], names["system"]) == ("ops", "命令行", "系统")
    reasons = {each["code"]: each["says"] for each in told["reasons"]}
    assert (reasons["not_reached"], reasons["above_amount"]) == ("没有连上对方", "金额超过上限")
    english = await auditor.get("/v1/events/choices", headers={"Accept-Language": "en"})
    assert {"kind": "lot.frozen", "says": "Lot · frozen"} in english.json()["kinds"]
    service = await staff_client(app, database, tenant.id, Role.SERVICE)
    for path in ("choices", "file"):
        assert (await service.get(f"/v1/events/{path}")).status_code == 403


async def test_the_trail_is_a_file_of_the_same_rows(
    auditor: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    first = await happen(database, tenant, "lot.frozen")
    await happen(database, tenant, "lot.unfrozen")
    async with database.transaction(tenant.id) as tx:
        await record(tx, tenant.id, "cli", [Event("lot.frozen", first, {"reason": "=1+1"})])
    file = await auditor.get("/v1/events/file", params={"subject": str(first)})
    assert file.headers["content-type"].startswith("text/csv")
    assert "attachment" in file.headers["content-disposition"]
    rows = list(csv.reader(file.content.decode("utf-8-sig").splitlines()))
    assert rows[0][:4] == ["时间", "谁", "做了什么", "代码"]
    assert [row[1:4] for row in rows[1:]] == [["命令行", "批次 · 冻结", "lot.frozen"]] * 2
    assert json.loads(rows[1][6]) == {"reason": "=1+1"}  # JSON, which no spreadsheet computes
