from sqlalchemy import text

from kashu.access.invite import accept_invitation
from kashu.access.tenants import make_tenant
from kashu.catalog.reads import sku_by_code
from kashu.channels.reads import store_by_code
from kashu.core.db import Database
from kashu.entry.begin import begin_tenant, welcome_first
from kashu.stock.warehouses import warehouse_by_code
from tests.conftest import MASTERS


async def count(database: Database, tenant_id: int, table: str) -> int:
    async with database.transaction(tenant_id) as tx:
        found = await tx.execute(
            text(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant"), {"tenant": tenant_id}
        )
        return int(found.scalar_one())


async def test_a_new_merchant_can_begin_at_once(database: Database) -> None:
    begun = await begin_tenant(database, MASTERS, code="main", name="店", owner_login="boss")
    tenant = begun.tenant
    assert begun.token not in repr(begun)
    async with database.transaction(tenant.id) as tx:
        assert (await sku_by_code(tx, tenant.id, "mgtv-month")).fulfilment == "card"
        assert (await store_by_code(tx, tenant.id, "direct")).state == "open"
        assert (await warehouse_by_code(tx, tenant.id, "main")).name == "主仓"
        invited = await accept_invitation(tx, tenant.id, begun.token, "a hash")
    assert invited.login == "boss"


async def test_an_empty_database_gets_its_first_merchant_and_a_link_until_one_is_used(
    database: Database,
) -> None:
    first = await welcome_first(database, MASTERS, code="main", name="main")
    again = await welcome_first(database, MASTERS, code="main", name="main")
    assert first is not None
    assert again is not None
    assert first.token != again.token
    async with database.transaction(first.tenant.id) as tx:
        await accept_invitation(tx, first.tenant.id, again.token, "a hash")
    assert await welcome_first(database, MASTERS, code="main", name="main") is None


async def test_who_can_start_the_program_gets_no_link_into_a_database_with_other_merchants(
    database: Database,
) -> None:
    begun = await begin_tenant(database, MASTERS, code="rival", name="店")
    assert await welcome_first(database, MASTERS, code="main", name="main") is None
    assert await count(database, begun.tenant.id, "access.staff") == 1


async def test_a_beginning_that_was_cut_off_is_finished_by_the_next_start(
    database: Database,
) -> None:
    tenant, _ = await make_tenant(
        database, MASTERS, code="main", name="main", owner_login="owner", owner_name="owner"
    )
    assert await count(database, tenant.id, "stock.warehouses") == 0
    begun = await welcome_first(database, MASTERS, code="main", name="main")
    assert begun is not None
    assert begun.tenant.id == tenant.id
    assert await count(database, tenant.id, "stock.warehouses") == 1
    assert await count(database, tenant.id, "channels.stores") == 1
    assert await count(database, tenant.id, "catalog.skus") > 50
