"""A shop that sells to an agent."""

import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from tests.api.calls import shared_app
from tests.conftest import Tenant
from tests.downstream.agents import Selling, make_selling


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


@pytest.fixture
async def selling(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Selling:
    return await make_selling(app, database, keyrings, tenant)
