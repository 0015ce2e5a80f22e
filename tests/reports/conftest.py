"""What tests of reports stand on."""

import pytest

from kashu.core.db import Database
from tests.conftest import Tenant
from tests.reports.sound import Sound, make_sound


@pytest.fixture
async def sound(database: Database, owner_url: str, tenant: Tenant) -> Sound:
    """A shop in which everything agrees."""
    return await make_sound(database, owner_url, tenant)
