"""Who reaches what: each role and each scope on each endpoint of access."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.api import routes
from kashu.access.guards import Requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from tests.api.calls import (
    counts,
    key_client,
    problem,
    staff_client,
)
from tests.conftest import Tenant

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
    public = {"acceptInvitation"}
    listed = {
        (method, path.replace("key_id:str", "key_id"))
        for handler in routes
        if handler.operation_id not in public
        for path in handler.paths
        for method in handler.http_methods
    }
    assert len(listed) == len(ENDPOINTS)
    assert {handler.operation_id for handler in routes if handler.opt.get("public")} == public
    unguarded = {"readMe"} | public
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
