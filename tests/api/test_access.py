"""Sessions, invitations and staff over HTTP: the real application, whole bodies."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from kashu.access.guards import COOKIE, CSRF_HEADER
from kashu.access.invite import invite
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.access.tables import invitations, sessions, staff
from kashu.core.clock import now
from kashu.core.db import Database
from tests.api.calls import (
    add_staff,
    client_of,
    client_of_staff,
    counts,
    key_client,
    problem,
)
from tests.conftest import Tenant

PASSWORD = "correct horse 42"  # noqa: S105  (nobody's)


async def invited(database: Database, tenant: Tenant, login: str = "ann") -> str:
    async with database.transaction(tenant.id) as tx:
        made = await invite(tx, tenant.id, "cli", login=login, name="Ann", role=Role.OPS)
    return made.token


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


async def test_staff_are_changed_and_disabled(
    app: Litestar, owner: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    caller = await add_staff(database, tenant.id, Role.OPS, "ann")
    ann, ann_id = await client_of_staff(app, database, caller), caller.actor.removeprefix("staff:")
    assert (await ann.get("/v1/me")).json()["role"] == "ops"
    changed = await owner.patch(f"/v1/staff/{ann_id}", json={"role": "auditor"})
    assert changed.json()["role"] == "auditor"
    assert changed.json()["can"] == [
        "invite_again",
        "change_role",
        "remove_second_factor",
        "disable",
    ]
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
