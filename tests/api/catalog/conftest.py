"""A shop with the catalogue that ships, a counter, a customer and a supplier."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import Role
from kashu.catalog.install import begin_tenant as install_catalogue
from kashu.channels.stores import begin_tenant as open_counter
from kashu.core.db import Database
from kashu.customers.add import add_customer
from kashu.suppliers.add import add_supplier
from tests.api.calls import staff_client
from tests.api.catalog.answers import everything
from tests.conftest import Tenant


@pytest.fixture
async def shop(database: Database, tenant: Tenant) -> Tenant:
    """A shop with the catalogue, a counter, a customer and a supplier."""
    async with database.transaction(tenant.id) as tx:
        await install_catalogue(tx, tenant.id, "cli")
        await open_counter(tx, tenant.id, "cli")
        await add_customer(tx, tenant.id, "cli", code="acme", name="极致企业")
        await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄")
    return tenant


@pytest.fixture
async def owner(
    app: Litestar, database: Database, shop: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, shop.id, Role.OWNER) as client:
        yield client


@pytest.fixture
async def nothing_changes(database: Database, shop: Tenant) -> AsyncIterator[None]:
    """For a test of a refusal: what there is afterwards is what there was."""
    before = await everything(database, shop)
    yield
    assert await everything(database, shop) == before
