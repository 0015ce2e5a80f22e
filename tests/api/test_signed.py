"""API keys and signed requests over HTTP."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.kinds import ChannelKind
from kashu.channels.stores import open_store
from kashu.core.clock import now
from kashu.core.db import Database
from tests.api.calls import (
    KeyClient,
    add_staff,
    app_of,
    client_of,
    counts,
    key_client,
    problem,
)
from tests.conftest import Tenant


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
    store = {"code": "tb-1", "name": "旗舰店", "channel": "taobao"}
    store_id = (await owner.post("/v1/stores", json=store)).json()["id"]
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


async def test_a_key_is_bound_only_to_what_the_shop_has(
    owner: httpx.AsyncClient, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(other_tenant.id) as tx:
        theirs = await open_store(
            tx, other_tenant.id, "cli", code="tb-1", name="店", channel=ChannelKind.TAOBAO
        )
    for bound in (
        {"store_id": str(uuid4())},
        {"customer_id": str(uuid4())},
        {"store_id": str(theirs.id)},
    ):
        wanted = {"name": "k", "scopes": ["orders.write"]} | bound
        problem(await owner.post("/v1/keys", json=wanted), 404, "key_bound_unknown")
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
