"""What tests of reports stand on."""

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from tests.conftest import Tenant
from tests.reports.floor import Floor, make_floor
from tests.reports.sound import Sound, make_sound


@pytest.fixture
async def sound(database: Database, owner_url: str, tenant: Tenant) -> Sound:
    """A shop in which everything agrees."""
    return await make_sound(database, owner_url, tenant)


@pytest.fixture
async def floor(database: Database, tenant: Tenant, keyrings: Keyrings) -> Floor:
    """A shop that works by the real verbs."""
    return await make_floor(database, tenant, keyrings)
