"""A real PostgreSQL for every test: one template a run, one database a worker, no mocks."""

import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from kashu.access.keyring import Keyrings, make_keys
from kashu.access.tables import tenants
from kashu.core.clock import SHANGHAI
from kashu.core.db import APP_ROLE, Database, Tx
from kashu.core.migrate import migrate
from kashu.core.postgres import start
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys
from kashu.entry import modules  # noqa: F401  (declares every table)
from tests.emptied import Emptier

MASTERS = MasterKeys(MasterKey.of(b"k" * KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of a test."""

    id: int
    code: str
    timezone: str = SHANGHAI


@pytest.fixture(scope="session", autouse=True)
def _programs_can_be_interrupted() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and all it starts in turn."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _nobody_outside_is_called() -> Iterator[None]:
    """Names outside this machine don't exist for tests."""
    known = socket.getaddrinfo

    def look_up(host: Any, *others: Any, **more: Any) -> Any:  # noqa: ANN401  (as the original)
        name = host.decode() if isinstance(host, bytes) else host or "localhost"
        if name == "localhost" or name.replace(".", "").isdecimal() or ":" in name:
            return known(host, *others, **more)
        raise socket.gaierror(socket.EAI_NONAME, "tests call nobody outside")

    socket.getaddrinfo = look_up
    yield
    socket.getaddrinfo = known


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A server where databases may be made: KASHU_TEST_DATABASE_URL, or the embedded one.

    The workers of one run share the embedded server; its folder outlives the run, so that the
    next one starts at once.
    """
    given = os.environ.get("KASHU_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = start(Path(os.environ.get("KASHU_TEST_DIR", "/tmp/kashu-tests")))  # noqa: S108
    yield server.url(role="postgres", database="postgres")
    server.close()


@pytest.fixture(scope="session")
def owner_url(server_url: str) -> Iterator[str]:
    """A migrated database of this worker's own, as a role that owns its tables."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type, unused-ignore]
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    migrate(url)
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type, unused-ignore]


@pytest.fixture(scope="session")
def empty(owner_url: str) -> Iterator[Emptier]:
    """Called, it empties this worker's database."""
    emptier = Emptier(owner_url)
    yield emptier
    emptier.close()


@pytest.fixture
async def database(owner_url: str, empty: Emptier) -> AsyncIterator[Database]:
    """An empty database, as the program's own role."""
    empty()
    opened = Database(owner_url, role=APP_ROLE)
    yield opened
    await opened.close()


@pytest.fixture
def keyrings() -> Keyrings:
    """Opens the data keys of tests' tenants."""
    return Keyrings(MASTERS)


async def make_tenant(database: Database, code: str) -> Tenant:
    """Make a bare tenant with data keys, outside the verbs under test."""
    async with database.transaction(None) as tx:
        made = insert(tenants).values(code=code, name=code).returning(tenants.c.id)
        tenant_id: int = (await tx.execute(made)).scalar_one()
    async with database.transaction(tenant_id) as tx:
        await make_keys(tx, tenant_id, MASTERS)
    return Tenant(tenant_id, code)


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    """A tenant with data keys and nothing else."""
    return await make_tenant(database, "shop")


@pytest.fixture
async def other_tenant(database: Database, tenant: Tenant) -> Tenant:  # noqa: ARG001  (second)
    """Somebody else."""
    return await make_tenant(database, "rival")


@pytest.fixture
async def tx(database: Database, tenant: Tenant) -> AsyncIterator[Tx]:
    """A transaction of the tenant's that is rolled back at the end."""
    async with database.transaction(tenant.id) as opened:
        yield opened
        await opened.rollback()
