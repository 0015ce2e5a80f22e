import psycopg
import pytest
from sqlalchemy import text

from kashu.core.db import APP_ROLE, AlreadyThere, Database, DatabaseBusy, driver
from tests.conftest import Tenant


async def test_a_connection_that_died_while_idle_is_replaced_unseen(
    owner_url: str, database: Database
) -> None:
    async with database.transaction(None) as tx:
        await tx.execute(text("SELECT 1"))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    async with database.transaction(None) as tx:
        assert (await tx.execute(text("SELECT 1"))).scalar_one() == 1


async def test_a_transaction_sees_its_tenant_only(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    for who in (tenant, other_tenant):
        async with database.transaction(who.id) as tx:
            seen = await tx.execute(text("SELECT DISTINCT tenant_id FROM access.data_keys"))
            assert list(seen.scalars()) == [who.id]
    async with database.transaction(None) as tx:
        assert (await tx.execute(text("SELECT count(*) FROM access.data_keys"))).scalar_one() == 0


async def test_a_row_of_another_tenant_cannot_be_written(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with pytest.raises(Exception, match="row-level security"):
        async with database.transaction(tenant.id) as tx:
            await tx.execute(
                text(
                    "INSERT INTO access.nonces (tenant_id, key_id, nonce)"
                    " VALUES (:other, gen_random_uuid(), 'n')"
                ),
                {"other": other_tenant.id},
            )


async def test_what_a_block_raises_rolls_back(database: Database, tenant: Tenant) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(tenant.id) as tx:
            await tx.execute(text("DELETE FROM access.data_keys"))
            raise ZeroDivisionError
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(text("SELECT count(*) FROM access.data_keys"))).scalar_one() == 2


async def test_a_broken_rule_of_uniqueness_is_a_conflict(
    database: Database, tenant: Tenant
) -> None:
    with pytest.raises(AlreadyThere) as caught:
        async with database.transaction(tenant.id) as tx:
            await tx.execute(
                text(
                    "INSERT INTO access.data_keys SELECT tenant_id, version, purpose, wrapped,"
                    " master_key_id, state FROM access.data_keys"
                )
            )
    assert "data_key" in caught.value.text("en") or "one_current" in caught.value.text("en")


async def test_a_lock_that_is_not_to_be_had_in_time_is_busy(
    owner_url: str, database: Database, tenant: Tenant
) -> None:
    with psycopg.connect(owner_url) as holder:
        holder.execute("LOCK TABLE access.nonces")
        with pytest.raises(DatabaseBusy):
            async with database.transaction(tenant.id) as tx:
                await tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
                await tx.execute(text("DELETE FROM access.nonces"))


async def test_no_connection_in_time_is_busy_and_not_an_error_of_ours(owner_url: str) -> None:
    small = Database(owner_url, role=APP_ROLE, pool_size=1, pool_timeout_s=0.05)
    async with small.transaction(None), small.transaction(None):
        with pytest.raises(DatabaseBusy):
            async with small.transaction(None):
                pytest.fail("there are two connections, and both are taken")
    await small.close()


async def test_the_programs_role_cannot_change_what_is_append_only(database: Database) -> None:
    for table in ("ledger.transfers", "core.events", "stock.reveals", "stock.moves"):
        for statement in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET id = id",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(Exception, match="permission denied"):
                async with database.transaction(1) as tx:
                    await tx.execute(text(statement))


@pytest.mark.parametrize(
    "code",
    [
        "08006",  # connection failure
        "25006",  # read-only: a standby
        "40001",  # serialization failure
        "40P01",  # deadlock
        "53100",  # disk full
        "53300",  # too many connections
        "55P03",  # lock not available
        "57014",  # cancelled by a time-out
        "57P01",  # administrator's shutdown
        "57P02",  # another backend crashed
        "57P03",  # starting up
    ],
)
async def test_what_passes_by_itself_is_busy_and_nothing_was_done(
    database: Database, code: str
) -> None:
    with pytest.raises(DatabaseBusy):
        async with database.transaction(None):
            raise psycopg.errors.lookup(code)


async def test_what_we_did_wrong_stays_an_error_of_ours(database: Database) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with database.transaction(None) as tx:
            connection = await driver(tx)
            await connection.execute("SELECT * FROM nowhere")
