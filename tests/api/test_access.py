"""Access over HTTP: the real application on the real database, whole bodies."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select, update

from kashu.access.api import routes
from kashu.access.guards import COOKIE, CSRF_HEADER, Requires
from kashu.access.invite import invite
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.access.tables import api_keys, invitations, nonces, sessions, staff
from kashu.core.clock import now
from kashu.core.db import Database
from tests.api.calls import (
    KeyClient,
    add_staff,
    app_of,
    client_of,
    client_of_staff,
    key_client,
    staff_client,
)
from tests.conftest import Tenant

PASSWORD = "correct horse 42"  # noqa: S105  (nobody's)


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return app_of(database, keyrings)


@pytest.fixture
def anybody(app: Litestar) -> httpx.AsyncClient:
    return client_of(app)


@pytest.fixture
async def owner(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.OWNER)


@pytest.fixture
async def program(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> KeyClient:
    return await key_client(app, database, keyrings, tenant.id, Permission.STOCK_READ)


async def invited(database: Database, tenant: Tenant, login: str = "ann") -> str:
    async with database.transaction(tenant.id) as tx:
        made = await invite(tx, tenant.id, "cli", login=login, name="Ann", role=Role.OPS)
    return made.token


async def counts(database: Database, tenant: Tenant) -> dict[str, int]:
    tables = (staff, invitations, sessions, api_keys, nonces)
    async with database.transaction(tenant.id) as tx:
        return {
            table.name: (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for table in tables
        }


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


async def sign_in(client: httpx.AsyncClient, shop: Tenant, **other: str) -> httpx.Response:
    wanted = {"tenant": shop.code, "login": "ann", "password": PASSWORD} | other
    return await client.post("/v1/session", json=wanted)


async def test_an_invitation_becomes_a_password_and_a_session(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    accepted = await anybody.post(
        "/v1/invitations/accept", json={"token": token, "password": PASSWORD}
    )
    assert accepted.status_code == 200
    assert accepted.json() == {"tenant": "shop", "login": "ann"}

    signed_in = await sign_in(anybody, tenant)
    assert signed_in.status_code == 201
    cookie = signed_in.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "max-age=43200" in cookie
    me = signed_in.json()
    assert me["role"] == "ops"
    assert me["tenant"] == {"code": "shop", "name": "shop", "timezone": "Asia/Shanghai"}
    assert me["permissions"] == sorted(ROLE_PERMISSIONS[Role.OPS])
    assert (await anybody.get("/v1/me")).json() == me

    anybody.headers[CSRF_HEADER] = me["csrf_token"]
    signed_out = await anybody.delete("/v1/session")
    assert signed_out.status_code == 204
    assert "max-age=0" in signed_out.headers["set-cookie"].lower()
    anybody.cookies.set(COOKIE, cookie.partition("=")[2].partition(";")[0])
    problem(await anybody.get("/v1/me"), 401, "session_over")


async def test_the_cookie_is_only_for_https_where_we_are_reached_by_it(
    app: Litestar, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    app.state.secure_cookies = True
    anybody = client_of(app)
    await anybody.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    assert "secure" in (await sign_in(anybody, tenant)).headers["set-cookie"].lower()


async def test_a_one_time_link_is_used_once(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    body = {"token": token, "password": PASSWORD}
    twice = await asyncio.gather(
        *(anybody.post("/v1/invitations/accept", json=body) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in twice) == [200, 404]
    other = {"token": token, "password": "another horse 42"}
    problem(await anybody.post("/v1/invitations/accept", json=other), 404, "invitation_unusable")
    assert (await sign_in(anybody, tenant)).status_code == 201
    answer = await sign_in(anybody, tenant, password="another horse 42")
    problem(answer, 401, "sign_in_failed")


async def test_a_link_ends_after_three_days(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    async with database.transaction(tenant.id) as tx:
        expires_at = (await tx.execute(select(invitations.c.expires_at))).scalar_one()
        assert timedelta(hours=71) < expires_at - now() <= timedelta(hours=72)
        await tx.execute(update(invitations).values(expires_at=now()))
    body = {"token": token, "password": PASSWORD}
    problem(await anybody.post("/v1/invitations/accept", json=body), 404, "invitation_unusable")
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(select(staff.c.state))).scalar_one() == "invited"


@pytest.mark.parametrize(
    "token", ["", "1.short", f"1.{'a' * 43}", f"999999.{'a' * 43}", f"٣.{'a' * 43}", "x" * 50]
)
async def test_what_is_not_a_link_opens_nothing(
    anybody: httpx.AsyncClient, tenant: Tenant, token: str
) -> None:
    assert tenant.id == 1
    body = {"token": token, "password": PASSWORD}
    answer = await anybody.post("/v1/invitations/accept", json=body)
    if token:
        problem(answer, 404, "invitation_unusable")
    else:
        problem(answer, 422, "fields_wrong")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "xxannxx-1234567"])
async def test_a_password_that_is_guessed_first_is_refused(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant, password: str
) -> None:
    token = await invited(database, tenant)
    body = {"token": token, "password": password}
    answer = await anybody.post("/v1/invitations/accept", json=body)
    assert password not in answer.text
    assert problem(answer, 422, "password_weak")["facts"] == {"minimum": 10}
    body["password"] = PASSWORD  # the link wasn't used up
    assert (await anybody.post("/v1/invitations/accept", json=body)).status_code == 200


async def test_sign_in_never_tells_what_was_wrong(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    await invited(database, tenant, "ben")  # never chose a password
    await anybody.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    told = set()
    for wrong in (
        {"password": "wrong horse 42"},
        {"login": "nobody"},
        {"login": "ben"},
        {"tenant": "nowhere"},
    ):
        answer = problem(await sign_in(anybody, tenant, **wrong), 401, "sign_in_failed")
        told.add((answer["detail"], answer["title"], str(answer.get("facts"))))
    assert len(told) == 1
    assert COOKIE not in anybody.cookies
    assert (await counts(database, tenant))["sessions"] == 0


async def test_repeated_failures_lock_even_the_right_password_out_for_a_while(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    await anybody.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    for _ in range(5):
        problem(await sign_in(anybody, tenant, password="wrong horse 42"), 401, "sign_in_failed")
    problem(await sign_in(anybody, tenant), 401, "sign_in_failed")
    async with database.transaction(tenant.id) as tx:
        row = (await tx.execute(select(staff.c.failed_count, staff.c.locked_until))).one()
        assert row.failed_count == 5
        assert timedelta(seconds=20) < row.locked_until - now() <= timedelta(seconds=30)
        await tx.execute(update(staff).values(locked_until=now()))
    problem(await sign_in(anybody, tenant, password="wrong horse 42"), 401, "sign_in_failed")
    async with database.transaction(tenant.id) as tx:
        row = (await tx.execute(select(staff.c.failed_count, staff.c.locked_until))).one()
        assert row.failed_count == 6
        assert timedelta(seconds=50) < row.locked_until - now() <= timedelta(seconds=60)
        await tx.execute(update(staff).values(locked_until=now()))
    assert (await sign_in(anybody, tenant)).status_code == 201
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(select(staff.c.failed_count))).scalar_one() == 0


async def test_each_sign_in_has_its_own_token_and_none_is_kept(
    app: Litestar, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    first, second = client_of(app), client_of(app)
    await first.post("/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    second.cookies.set(COOKIE, "1.chosen-by-an-attacker")
    await sign_in(first, tenant)
    answer = await sign_in(second, tenant)
    given = answer.cookies[COOKIE]
    assert given != first.cookies[COOKIE]
    assert len(given.partition(".")[2]) == 43
    async with database.transaction(tenant.id) as tx:
        kept = list((await tx.execute(select(sessions.c.token_hash))).scalars())
    assert len(kept) == 2
    assert all(len(token_hash) == 32 and given.encode() not in token_hash for token_hash in kept)


async def test_a_session_ends_by_itself(
    owner: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    assert (await owner.get("/v1/me")).status_code == 200
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(sessions).values(expires_at=now()))
    problem(await owner.get("/v1/me"), 401, "session_over")


@pytest.mark.parametrize("sent", ["", "wrong", "0" * 64])
async def test_a_change_by_cookie_needs_the_anti_forgery_token(
    owner: httpx.AsyncClient, database: Database, tenant: Tenant, sent: str
) -> None:
    before = await counts(database, tenant)
    owner.headers[CSRF_HEADER] = sent
    assert (await owner.get("/v1/me")).status_code == 200
    for method, path, body in (
        ("POST", "/v1/invitations", {"login": "ann", "name": "Ann", "role": "ops"}),
        ("POST", "/v1/keys", {"name": "k", "scopes": ["stock.read"]}),
        ("DELETE", "/v1/session", None),
        ("DELETE", "/v1/keys/ak_1_00000000000000000000000000000000", None),
        ("PATCH", f"/v1/staff/{uuid4()}", {"state": "disabled"}),
    ):
        problem(await owner.request(method, path, json=body), 403, "csrf_token_wrong")
    assert await counts(database, tenant) == before
    assert (await owner.get("/v1/me")).status_code == 200


async def test_a_form_of_another_site_changes_nothing(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    form = {"tenant": "shop", "login": "ann", "password": PASSWORD}
    problem(await anybody.post("/v1/session", data=form), 415, "media_type_wrong")
    text = {"Content-Type": "text/plain"}
    body = b'{"tenant":"shop","login":"ann","password":"x"}'
    problem(await anybody.post("/v1/session", content=body, headers=text), 415, "media_type_wrong")
    del owner.headers[CSRF_HEADER]
    problem(await owner.post("/v1/invitations", data={"a": "b"}), 403, "csrf_token_wrong")


# What each endpoint needs; None: signed in is enough.
ENDPOINTS: tuple[tuple[str, str, Any, Permission | None], ...] = (
    ("GET", "/v1/me", None, None),
    ("GET", "/v1/staff", None, Permission.STAFF_MANAGE),
    (
        "POST",
        "/v1/invitations",
        {"login": "new", "name": "New", "role": "auditor"},
        Permission.STAFF_MANAGE,
    ),
    ("POST", f"/v1/staff/{uuid4()}/invitations", None, Permission.STAFF_MANAGE),
    ("PATCH", f"/v1/staff/{uuid4()}", {"role": "ops"}, Permission.STAFF_MANAGE),
    ("GET", "/v1/keys", None, Permission.KEYS_MANAGE),
    ("POST", "/v1/keys", {"name": "k", "scopes": ["stock.read"]}, Permission.KEYS_MANAGE),
    ("DELETE", "/v1/keys/ak_1_00000000000000000000000000000000", None, Permission.KEYS_MANAGE),
)


def test_every_endpoint_is_in_the_matrix(app: Litestar) -> None:
    public = {"signIn", "acceptInvitation"}
    listed = {
        (method, path.replace("key_id:str", "key_id"))
        for handler in routes
        if handler.operation_id not in public
        for path in handler.paths
        for method in handler.http_methods
    }
    assert len(listed) == len(ENDPOINTS) + 1  # signOut would end the others' session
    assert {handler.operation_id for handler in routes if handler.opt.get("public")} == public
    unguarded = {"signOut", "readMe"} | public
    for handler in routes:
        guards = [guard for guard in handler.guards or () if isinstance(guard, Requires)]
        assert bool(guards) != (handler.operation_id in unguarded), handler.operation_id
    assert app.openapi_schema.paths


@pytest.mark.parametrize("role", Role)
async def test_each_role_reaches_what_the_table_says(
    app: Litestar, database: Database, tenant: Tenant, role: Role
) -> None:
    client = await staff_client(app, database, tenant.id, role)
    before = await counts(database, tenant)
    for method, path, body, permission in ENDPOINTS:
        answer = await client.request(method, path, json=body)
        if permission is None or permission in ROLE_PERMISSIONS[role]:
            assert answer.status_code in {200, 201, 204, 404}, (path, answer.text)
        else:
            document = problem(answer, 403, "not_allowed")
            assert document["facts"] == {"permission": permission.value}
    if role is not Role.OWNER:
        assert await counts(database, tenant) == before


@pytest.mark.parametrize("scope", Permission)
async def test_each_scope_reaches_what_it_says(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant, scope: Permission
) -> None:
    program = await key_client(app, database, keyrings, tenant.id, scope)
    for method, path, body, permission in ENDPOINTS:
        answer = await program.call(method, path, body)
        if permission is None:
            assert answer.json()["permissions"] == [scope.value]
        elif permission is not scope:
            problem(answer, 403, "not_allowed")


async def test_nobody_unknown_reaches_anything(
    anybody: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    before = await counts(database, tenant)
    for method, path, body, _ in ENDPOINTS:
        answer = await anybody.request(method, path, json=body)
        problem(answer, 401, "not_signed_in")
        assert answer.headers["www-authenticate"] == "KASHU-HMAC-SHA256"
    assert await counts(database, tenant) == before


async def test_a_signed_request_is_answered_once(
    program: KeyClient, database: Database, tenant: Tenant
) -> None:
    headers = program.headers("GET", "/v1/me")
    first = await program.client.get("/v1/me", headers=headers)
    assert first.status_code == 200
    assert first.json()["actor"].startswith("key:")
    assert first.json()["csrf_token"] is None
    problem(await program.client.get("/v1/me", headers=headers), 401, "nonce_used")
    assert (await counts(database, tenant))["nonces"] == 1


async def test_of_many_copies_at_once_one_is_answered(program: KeyClient) -> None:
    headers = program.headers("GET", "/v1/me")
    answers = await asyncio.gather(
        *(program.client.get("/v1/me", headers=headers) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19


async def test_a_replay_in_another_process_is_refused(
    program: KeyClient, database: Database, keyrings: Keyrings
) -> None:
    other = client_of(app_of(database, keyrings))
    headers = program.headers("GET", "/v1/me")
    answers = await asyncio.gather(
        program.client.get("/v1/me", headers=headers), other.get("/v1/me", headers=headers)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401]


@pytest.mark.parametrize("off_s", [-301, -100_000, 301, 100_000])
async def test_a_request_from_another_time_is_refused(
    program: KeyClient, database: Database, tenant: Tenant, off_s: int
) -> None:
    headers = program.headers("GET", "/v1/me", timestamp=int(now().timestamp()) + off_s)
    answer = problem(await program.client.get("/v1/me", headers=headers), 401, "timestamp_outside")
    assert answer["facts"]["limit_s"] == 300
    assert (await counts(database, tenant))["nonces"] == 0


@pytest.mark.parametrize("off_s", [-290, 290])
async def test_clocks_may_differ_by_five_minutes(program: KeyClient, off_s: int) -> None:
    headers = program.headers("GET", "/v1/me", timestamp=int(now().timestamp()) + off_s)
    assert (await program.client.get("/v1/me", headers=headers)).status_code == 200


async def test_whatever_is_changed_after_signing_is_noticed(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    program = await key_client(app, database, keyrings, tenant.id, *Permission)
    before = await counts(database, tenant)
    body = b'{"name":"k","scopes":["stock.read"]}'
    good = program.headers("POST", "/v1/keys", body) | {"Content-Type": "application/json"}
    claims_another = dict(good)
    del claims_another["X-Kashu-Content-SHA256"]
    for method, path, content, changed in (
        ("POST", "/v1/keys", body.replace(b"read", b"move"), {}),
        ("POST", "/v1/keys", body + b" ", {}),
        ("POST", "/v1/keys?x=1", body, {}),
        ("POST", "/v1/invitations", body, {}),
        ("PUT", "/v1/keys", body, {}),
        ("POST", "/v1/keys", body, {"X-Kashu-Nonce": uuid4().hex}),
        ("POST", "/v1/keys", body, {"X-Kashu-Timestamp": str(int(now().timestamp()) - 9)}),
        ("POST", "/v1/keys", body, {"X-Kashu-Content-SHA256": "0" * 64}),
    ):
        answer = await program.client.request(method, path, content=content, headers=good | changed)
        if method == "PUT":
            problem(answer, 405, "method_not_allowed")
        else:
            problem(answer, 401, "signature_wrong")
    changed_body = await program.client.post(
        "/v1/keys", content=body + b" ", headers=claims_another
    )
    problem(changed_body, 401, "signature_wrong")
    assert await counts(database, tenant) == before
    assert (await program.client.post("/v1/keys", content=body, headers=good)).status_code == 201


async def test_the_query_is_signed_in_any_order(program: KeyClient) -> None:
    headers = program.headers("GET", "/v1/me?b=2&a=1&a=0")
    answer = await program.client.get("/v1/me?a=0&b=2&a=1", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Authorization", "Bearer x"),
        ("Authorization", "KASHU-HMAC-SHA256 key=ak_1_x, signature=00"),
        ("X-Kashu-Timestamp", ""),
        ("X-Kashu-Timestamp", "1e9"),
        ("X-Kashu-Timestamp", "-5"),
        ("X-Kashu-Timestamp", "9" * 30),
        ("X-Kashu-Nonce", "short"),
        ("X-Kashu-Nonce", "a" * 65),
        ("X-Kashu-Nonce", "with spaces and more"),
        ("X-Kashu-Content-SHA256", "short"),
    ],
)
async def test_malformed_headers_are_named(program: KeyClient, header: str, value: str) -> None:
    headers = program.headers("GET", "/v1/me") | {header: value}
    answer = await program.client.get("/v1/me", headers=headers)
    assert problem(answer, 401, "signature_unreadable")["facts"] == {"header": header}


async def test_a_key_is_good_in_its_own_shop_only(
    program: KeyClient, other_tenant: Tenant, database: Database
) -> None:
    moved = KeyClient(
        program.client, program.name.replace("ak_1_", f"ak_{other_tenant.id}_"), program.secret
    )
    problem(await moved.call("GET", "/v1/me"), 401, "signature_wrong")
    nowhere = KeyClient(program.client, program.name.replace("ak_1_", "ak_9_"), program.secret)
    problem(await nowhere.call("GET", "/v1/me"), 401, "signature_wrong")
    assert (await counts(database, other_tenant))["nonces"] == 0


async def test_keys_are_shown_once_and_listed_without_secrets(
    app: Litestar, owner: httpx.AsyncClient
) -> None:
    store_id = str(uuid4())
    wanted = {
        "name": "店铺对接",
        "scopes": ["orders.write", "orders.read", "orders.read"],
        "store_id": store_id,
        "expires_at": (now() + timedelta(days=1)).isoformat(),
    }
    made = await owner.post("/v1/keys", json=wanted)
    assert made.status_code == 201
    key, secret = made.json()["key"], made.json()["secret"]
    assert key["scopes"] == ["orders.read", "orders.write"]
    assert key["store_id"] == store_id
    assert key["can"] == ["revoke"]
    listed = await owner.get("/v1/keys")
    assert listed.json() == {"keys": [key]}
    assert secret not in listed.text
    program = KeyClient(client_of(app), key["id"], secret)
    assert (await program.call("GET", "/v1/me")).json()["permissions"] == key["scopes"]
    used = (await owner.get("/v1/keys")).json()["keys"][0]
    assert used["last_used_at"] is not None


async def test_a_revoked_key_is_refused(
    app: Litestar,
    owner: httpx.AsyncClient,
    program: KeyClient,
    database: Database,
    keyrings: Keyrings,
) -> None:
    assert (await program.call("GET", "/v1/me")).status_code == 200
    assert (await owner.delete(f"/v1/keys/{program.name}")).status_code == 204
    problem(await owner.delete(f"/v1/keys/{program.name}"), 404, "key_unknown")
    fresh = KeyClient(client_of(app_of(database, keyrings)), program.name, program.secret)
    problem(await fresh.call("GET", "/v1/me"), 401, "signature_wrong")
    revoked = (await owner.get("/v1/keys")).json()["keys"][0]
    assert revoked["revoked_at"] is not None
    assert revoked["can"] == []
    assert app.state.secure_cookies is False


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"scopes": []}, "fields_wrong"),
        ({"name": ""}, "fields_wrong"),
        ({"scopes": ["stock.fly"]}, "fields_wrong"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "key_expiry_past"),
        ({"expires_at": "2030-01-01"}, "fields_wrong"),
        ({"expires_at": "2030-01-01T00:00:00"}, "fields_wrong"),
        ({"store_id": "1"}, "fields_wrong"),
        ({"more": 1}, "fields_wrong"),
    ],
)
async def test_a_key_that_means_nothing_is_not_made(
    owner: httpx.AsyncClient,
    database: Database,
    tenant: Tenant,
    wanted: dict[str, object],
    code: str,
) -> None:
    key = {"name": "k", "scopes": ["stock.read"]} | wanted
    problem(await owner.post("/v1/keys", json=key), 422, code)
    assert (await counts(database, tenant))["api_keys"] == 0


async def test_nobody_gives_more_than_they_have(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    program = await key_client(
        app, database, keyrings, tenant.id, Permission.KEYS_MANAGE, Permission.STAFF_MANAGE
    )
    before = await counts(database, tenant)
    owner_id = (await add_staff(database, tenant.id, Role.OWNER)).actor.removeprefix("staff:")
    before["staff"] += 1
    wanted = {"name": "k", "scopes": ["keys.manage", "stock.reveal"]}
    problem(await program.call("POST", "/v1/keys", wanted), 403, "more_than_you_have")
    wanted_staff = {"login": "ann", "name": "Ann", "role": "owner"}
    problem(await program.call("POST", "/v1/invitations", wanted_staff), 403, "more_than_you_have")
    for method, path, body in (
        ("PATCH", f"/v1/staff/{owner_id}", {"state": "disabled"}),
        ("PATCH", f"/v1/staff/{owner_id}", {"role": "auditor"}),
        ("POST", f"/v1/staff/{owner_id}/invitations", None),
    ):
        problem(await program.call(method, path, body), 403, "more_than_you_have")
    after = await counts(database, tenant)
    assert after | {"nonces": 0} == before | {"nonces": 0}


async def test_staff_are_changed_and_disabled(
    app: Litestar, owner: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    caller = await add_staff(database, tenant.id, Role.OPS, "ann")
    ann, ann_id = await client_of_staff(app, database, caller), caller.actor.removeprefix("staff:")
    assert (await ann.get("/v1/me")).json()["role"] == "ops"
    changed = await owner.patch(f"/v1/staff/{ann_id}", json={"role": "auditor"})
    assert changed.json()["role"] == "auditor"
    assert changed.json()["can"] == ["invite_again", "change_role", "disable"]
    assert (await ann.get("/v1/me")).json()["role"] == "auditor"
    disabled = await owner.patch(f"/v1/staff/{ann_id}", json={"state": "disabled"})
    assert disabled.json()["state"] == "disabled"
    problem(await ann.get("/v1/me"), 401, "session_over")
    again = await owner.post(f"/v1/staff/{ann_id}/invitations")
    problem(again, 409, "staff_disabled")
    enabled = await owner.patch(f"/v1/staff/{ann_id}", json={"state": "active"})
    assert enabled.json()["state"] == "active"
    problem(await ann.get("/v1/me"), 401, "session_over")  # the old session stays ended
    listed = (await owner.get("/v1/staff")).json()["staff"]
    assert [person["login"] for person in listed][1:] == ["ann"]


async def test_an_invitation_again_resets_the_password(
    anybody: httpx.AsyncClient, owner: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    token = await invited(database, tenant)
    ann_id = (await owner.get("/v1/staff")).json()["staff"][1]["id"]
    again = await owner.post(f"/v1/staff/{ann_id}/invitations")
    assert again.status_code == 201
    stale = {"token": token, "password": PASSWORD}
    problem(await anybody.post("/v1/invitations/accept", json=stale), 404, "invitation_unusable")
    fresh = {"token": again.json()["token"], "password": PASSWORD}
    assert (await anybody.post("/v1/invitations/accept", json=fresh)).status_code == 200
    assert (await sign_in(anybody, tenant)).status_code == 201


async def test_a_shop_keeps_an_owner(
    owner: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    me = (await owner.get("/v1/me")).json()["actor"].removeprefix("staff:")
    for body in ({"role": "ops"}, {"state": "disabled"}):
        problem(await owner.patch(f"/v1/staff/{me}", json=body), 409, "last_owner")
    assert (await owner.get("/v1/me")).json()["role"] == "owner"
    await add_staff(database, tenant.id, Role.OWNER)
    assert (await owner.patch(f"/v1/staff/{me}", json={"role": "ops"})).status_code == 200


async def test_another_shops_staff_and_keys_are_not_found(
    app: Litestar,
    owner: httpx.AsyncClient,
    database: Database,
    keyrings: Keyrings,
    other_tenant: Tenant,
) -> None:
    theirs = await key_client(app, database, keyrings, other_tenant.id, Permission.STOCK_READ)
    person = (await add_staff(database, other_tenant.id, Role.OPS)).actor.removeprefix("staff:")
    problem(await owner.delete(f"/v1/keys/{theirs.name}"), 404, "key_unknown")
    renamed = theirs.name.replace(f"ak_{other_tenant.id}_", "ak_1_")
    problem(await owner.delete(f"/v1/keys/{renamed}"), 404, "key_unknown")
    problem(
        await owner.patch(f"/v1/staff/{person}", json={"state": "disabled"}), 404, "staff_unknown"
    )
    problem(await owner.post(f"/v1/staff/{person}/invitations"), 404, "staff_unknown")
    assert (await theirs.call("GET", "/v1/me")).status_code == 200
    assert (await owner.get("/v1/keys")).json() == {"keys": []}
