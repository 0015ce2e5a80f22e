"""The application and its callers, for every test of the web interface."""

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from tests.api.calls import (
    KeyClient,
    client_of,
    key_client,
    shared_app,
    staff_client,
)
from tests.conftest import Tenant


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


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
