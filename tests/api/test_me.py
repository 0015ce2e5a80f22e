"""One's own account over HTTP: sessions, password, preferences, saved views."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from kashu.access.guards import COOKIE, CSRF_HEADER
from kashu.access.permissions import Role
from kashu.access.tables import saved_views, sessions
from kashu.access.views import VIEWS_MAX
from kashu.core.clock import now
from kashu.core.db import Database
from tests.api.calls import KeyClient, client_of, problem, staff_client
from tests.api.test_second_factor import PASSWORD, sign_in, somebody
from tests.conftest import Tenant

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture
async def ann(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    await somebody(database, tenant, "ann", Role.OPS)
    client = client_of(app, **{"User-Agent": CHROME})
    await sign_in(client)
    return client


async def test_sessions_are_listed_without_addresses_and_ended(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    phone = client_of(app, **{"User-Agent": "Mozilla/5.0 (iPhone; CPU) Version/18 Safari/604.1"})
    await sign_in(phone)
    listed = (await ann.get("/v1/me/sessions")).json()["sessions"]
    assert [(each["device"], each["current"]) for each in listed] == [
        ("Safari · iOS", False),
        ("Chrome · Windows", True),
    ]
    assert set(listed[0]) == {"id", "device", "created_at", "seen_at", "expires_at", "current"}
    assert (await ann.delete(f"/v1/me/sessions/{listed[0]['id']}")).status_code == 204
    problem(await phone.get("/v1/me"), 401, "session_over")
    problem(await ann.delete(f"/v1/me/sessions/{listed[0]['id']}"), 404, "session_unknown")
    await sign_in(phone)
    ended = await ann.delete("/v1/me/sessions?keep_this=true")
    assert ended.json() == {"ended": 1}
    problem(await phone.get("/v1/me"), 401, "session_over")
    assert (await ann.delete("/v1/me/sessions")).json() == {"ended": 1}
    assert COOKIE not in ann.cookies


async def test_when_somebody_was_last_seen_is_known_within_five_minutes(
    ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async def seen() -> object:
        async with database.transaction(tenant.id) as tx:
            return (await tx.execute(select(sessions.c.seen_at))).scalar_one()

    before = await seen()
    await ann.get("/v1/me")
    assert await seen() == before
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(sessions).values(seen_at=now() - timedelta(minutes=6)))
    long_ago = await seen()
    await ann.get("/v1/me")
    assert await seen() != long_ago


async def test_another_password_ends_the_other_sessions(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    elsewhere = client_of(app)
    await sign_in(elsewhere)
    path, new = "/v1/me/password", "another horse 43"
    problem(await ann.put(path, json={"old": "wrong", "new": new}), 403, "proof_wrong")
    problem(await ann.put(path, json={"old": PASSWORD, "new": "short"}), 422, "password_weak")
    assert (await elsewhere.get("/v1/me")).status_code == 200
    before = ann.cookies[COOKIE]
    changed = await ann.put(path, json={"old": PASSWORD, "new": new})
    assert changed.status_code == 200
    assert ann.cookies[COOKIE] != before
    assert changed.json()["csrf_token"] != ann.headers[CSRF_HEADER]
    assert (await ann.get("/v1/me")).status_code == 200
    problem(await elsewhere.get("/v1/me"), 401, "session_over")
    problem(await sign_in(client_of(app)), 401, "sign_in_failed")


async def test_a_stolen_session_gives_no_guesses_at_the_password(ann: httpx.AsyncClient) -> None:
    body = {"old": "wrong", "new": "another horse 43"}
    for _ in range(5):
        problem(await ann.put("/v1/me/password", json=body), 403, "proof_wrong")
    right = body | {"old": PASSWORD}
    problem(await ann.put("/v1/me/password", json=right), 403, "proof_wrong")


async def test_name_language_and_preferences_are_kept(ann: httpx.AsyncClient) -> None:
    me = (await ann.get("/v1/me")).json()
    assert (me["language"], me["preferences"], me["must_enrol"]) == (None, {}, False)
    changed = await ann.patch("/v1/me", json={"name": "安", "language": "en"})
    assert (changed.json()["name"], changed.json()["language"]) == ("安", "en")
    assert (await ann.patch("/v1/me", json={"language": None})).json()["language"] is None
    kept = {"theme": "dark", "columns": {"orders": ["sku", "store"]}, "ticks": ["import"]}
    kept |= {"timezone": "Asia/Urumqi"}
    assert (await ann.put("/v1/me/preferences", json=kept)).json() == kept
    assert (await ann.get("/v1/me")).json()["preferences"] == kept
    for wrong in (
        {"theme": "pink"},
        {"timezone": "Asia/Shanghai; DROP"},
        {"token": "x"},
        {"columns": {"orders": ["<script>"]}},
        {"columns": {"orders": ["a"] * 61}},
    ):
        problem(await ann.put("/v1/me/preferences", json=wrong), 422, "fields_wrong")
    nowhere = await ann.put("/v1/me/preferences", json={"timezone": "Asia/Nowhere"})
    problem(nowhere, 422, "timezone_unknown")
    large = {"columns": {f"p{n}": ["a" * 60] * 10 for n in range(60)}}
    problem(await ann.put("/v1/me/preferences", json=large), 422, "preferences_too_large")
    assert (await ann.get("/v1/me")).json()["preferences"] == kept
    problem(await ann.patch("/v1/me", json={"language": "fr"}), 422, "fields_wrong")


async def test_views_are_ones_own_until_they_are_shared(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    ben = await staff_client(app, database, tenant.id, Role.SERVICE)
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    body = {"page": "orders", "name": "今天缺货", "query": "state=short&store=tb"}
    made = await ann.post("/v1/views", json=body)
    assert made.status_code == 201
    view = made.json()
    assert view["mine"]
    assert view["can"] == ["change", "remove"]
    problem(await ann.post("/v1/views", json=body), 409, "view_name_taken")
    path = f"/v1/views/{view['id']}"
    assert (await ben.get("/v1/views")).json() == {"views": []}
    problem(await ben.delete(path), 404, "view_unknown")
    changed = await ann.patch(path, json={"shared": True, "name": "缺货"})
    assert (changed.json()["shared"], changed.json()["name"]) == (True, "缺货")
    [seen] = (await ben.get("/v1/views?page=orders")).json()["views"]
    assert (seen["name"], seen["by"], seen["mine"], seen["can"]) == ("缺货", "ops", False, [])
    assert (await ben.get("/v1/views?page=stock")).json() == {"views": []}
    problem(await ben.delete(path), 403, "not_allowed")
    problem(await ben.patch(path, json={"name": "x"}), 403, "not_allowed")
    assert (await owner.delete(path)).status_code == 204
    assert (await ann.get("/v1/views")).json() == {"views": []}


@pytest.mark.parametrize("query", ["a b", "x#y", "a\nb", "a" * 2001])
async def test_a_view_is_a_query_and_nothing_else(ann: httpx.AsyncClient, query: str) -> None:
    body = {"page": "orders", "name": "n", "query": query}
    problem(await ann.post("/v1/views", json=body), 422, "fields_wrong")
    assert (await ann.get("/v1/views")).json() == {"views": []}


async def test_views_have_a_limit_and_another_shop_sees_none(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    made = await ann.post(
        "/v1/views", json={"page": "orders", "name": "n", "query": "", "shared": True}
    )
    async with database.transaction(tenant.id) as tx:
        row = (await tx.execute(select(saved_views))).one()._asdict()
        for n in range(VIEWS_MAX - 1):
            await tx.execute(saved_views.insert().values(row | {"id": uuid4(), "name": f"n{n}"}))
    body = {"page": "orders", "name": "one more", "query": ""}
    problem(await ann.post("/v1/views", json=body), 409, "views_too_many")
    rival = await staff_client(app, database, other_tenant.id, Role.OWNER)
    assert (await rival.get("/v1/views")).json() == {"views": []}
    problem(await rival.delete(f"/v1/views/{made.json()['id']}"), 404, "view_unknown")


async def test_a_program_sees_shared_views_and_has_none(program: KeyClient) -> None:
    assert (await program.call("GET", "/v1/views")).json() == {"views": []}
    assert (await program.call("GET", "/v1/me/sessions")).json() == {"sessions": []}
    for method, path, body in (
        ("PUT", "/v1/me/preferences", {}),
        ("PATCH", "/v1/me", {}),
        ("DELETE", "/v1/me/sessions", None),
        ("POST", "/v1/views", {"page": "orders", "name": "n", "query": ""}),
    ):
        problem(await program.call(method, path, body), 403, "only_for_people")
