"""Callers for the tests of the web interface: the real application, in this process."""

import json as written
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from sqlalchemy import func, insert, select

from kashu.access.api_keys import make_key, wire_name
from kashu.access.caller import Caller
from kashu.access.doorkeeper import csrf_token
from kashu.access.guards import COOKIE, CSRF_HEADER
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.access.sign_in import Candidate, begin_session
from kashu.access.signatures import sign
from kashu.access.tables import StaffState, api_keys, invitations, nonces, sessions, staff
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.entry.means import gather
from kashu.entry.settings import Settings
from kashu.entry.web import make_app
from tests.conftest import Tenant

ORIGIN = "http://kashu.test"


SETTINGS = Settings(access_log=False)


def app_of(database: Database, keyrings: Keyrings) -> Litestar:
    """The whole application, as it is served."""
    made = make_app(database, keyrings, SETTINGS)
    made.state.live_lasts_s = 0.0  # a client in this process gets an answer when it is whole
    return made


def shared_app(database: Database, keyrings: Keyrings) -> Litestar:
    """The application of all tests in this process, which is this test's from now on."""
    if not _shared:
        new = app_of(database, keyrings)
        _shared.append((new, new.state.dict()))
    [(made, state)] = _shared
    made.state.update(state)  # a test may have changed it
    made.state.means.become(gather(database, keyrings, SETTINGS))
    return made


_shared: list[tuple[Litestar, dict[str, Any]]] = []


def client_of(app: Litestar, **headers: str) -> httpx.AsyncClient:
    """A client that is nobody."""
    transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


async def add_staff(database: Database, tenant_id: int, role: Role, login: str = "") -> Caller:
    """Somebody who may sign in, but whose password nobody knows."""
    staff_id = new_id()
    async with database.transaction(tenant_id) as tx:
        await tx.execute(
            insert(staff).values(
                tenant_id=tenant_id,
                id=staff_id,
                login=login or f"{role.value}-{staff_id.hex[-6:]}",
                name=role.value,
                role=role.value,
                password_hash="unknown",
                state=StaffState.ACTIVE,
            )
        )
    return Caller(tenant_id, f"staff:{staff_id}", ROLE_PERMISSIONS[role])


async def staff_client(
    app: Litestar, database: Database, tenant_id: int, role: Role
) -> httpx.AsyncClient:
    """A client that is signed in in a role, and sends the anti-forgery token."""
    caller = await add_staff(database, tenant_id, role)
    return await client_of_staff(app, database, caller)


async def client_of_staff(app: Litestar, database: Database, caller: Caller) -> httpx.AsyncClient:
    """A client of one of the staff."""
    staff_id = UUID(caller.actor.removeprefix("staff:"))
    async with database.transaction(caller.tenant_id) as tx:
        token = await begin_session(tx, Candidate(caller.tenant_id, staff_id, "unknown"))
    client = client_of(app, **{CSRF_HEADER: csrf_token(token)})
    client.cookies.set(COOKIE, token)
    return client


@dataclass
class KeyClient:
    """A program with an API key."""

    client: httpx.AsyncClient
    name: str
    secret: str = field(repr=False)

    def headers(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """What a signed request carries."""
        return sign(
            method,
            path,
            body,
            key=self.name,
            secret=self.secret,
            timestamp=int(now().timestamp()) if timestamp is None else timestamp,
            nonce=nonce or uuid4().hex,
        )

    async def call(
        self, method: str, path: str, json: object = None, **headers: str
    ) -> httpx.Response:
        """Sign and send."""
        body = b"" if json is None else written.dumps(json).encode()
        signed = self.headers(method, path, body)
        if body:
            signed["Content-Type"] = "application/json"
        return await self.client.request(
            method, path, content=body or None, headers=signed | headers
        )


async def key_client(
    app: Litestar,
    database: Database,
    keyrings: Keyrings,
    tenant_id: int,
    *scopes: Permission,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> KeyClient:
    """A program with a new key that may do this."""
    owner = Caller(tenant_id, "cli", frozenset(Permission))
    async with database.transaction(tenant_id) as tx:
        made = await make_key(
            tx,
            owner,
            keyrings.masters,
            name="program",
            scopes=scopes,
            store_id=store_id,
            customer_id=customer_id,
        )
    return KeyClient(client_of(app), wire_name(tenant_id, made.key), made.secret.clear)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The refusal in an answer, which is this one and has the form that all have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


async def counts(database: Database, tenant: Tenant) -> dict[str, int]:
    """How many rows access has of each kind: nothing changed where these stay."""
    tables = (staff, invitations, sessions, api_keys, nonces)
    async with database.transaction(tenant.id) as tx:
        return {
            table.name: (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for table in tables
        }
