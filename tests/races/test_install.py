"""Two processes furnish the same new merchant at once."""

import asyncio

from kashu.catalog.install import Installed, begin_tenant
from kashu.catalog.reads import sku_list
from kashu.catalog.shipped import shipped
from kashu.core.db import Database
from kashu.core.events import events_of
from tests.conftest import Tenant


async def test_a_catalogue_installed_twice_at_once_is_there_once(
    database: Database, tenant: Tenant
) -> None:
    async def begin() -> Installed:
        async with database.transaction(tenant.id) as tx:
            return await begin_tenant(tx, tenant.id, "cli")

    outcomes = await asyncio.gather(*(begin() for _ in range(4)))
    codes = sorted(sku.code for brand in shipped() for sku in brand.skus)
    assert sorted(code for outcome in outcomes for code in outcome.added) == codes
    async with database.transaction(tenant.id) as tx:
        listed = await sku_list(tx, tenant.id, limit=1_000)
        assert [row.sku.code for row in listed] == codes
        happened = await events_of(tx, tenant.id, listed[0].sku.id)
        assert [event.kind for event in happened] == ["sku.added"]
