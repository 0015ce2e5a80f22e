"""Cancellations that an earlier version wrote are found where they are looked for now."""

import importlib.util
from types import ModuleType

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.migrate import MIGRATIONS
from kashu.orders.fulfil import fulfil
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine, refund
from tests.conftest import Tenant
from tests.orders.builders import make_shop, order_of


def migration(name: str) -> ModuleType:
    found = importlib.util.spec_from_file_location(name, MIGRATIONS / f"{name}.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def migrate_again(connection: Connection, name: str) -> None:
    """Do once more what a migration does."""
    with Operations.context(MigrationContext.configure(connection)):
        migration(name).upgrade()


async def test_what_was_cancelled_before_stays_cancelled_once(
    database: Database, owner_url: str, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=6)
        orders = [order_of(shop, 2, external_id=f"T{n}") for n in range(2)]
        await fulfil(tx, tenant.id, orders, shop.today)
    cancelled, taken = orders

    async def told(number: str, wanted: Wanted, order: str) -> RefundOutcome:
        new = NewRefund(cancelled.source, number, order, wanted)
        async with database.transaction(tenant.id) as tx:
            return await refund(tx, tenant.id, "test", new, shop.today)

    one = Wanted((WantedLine(1, 1),))
    first = await told("cancel:T0", CANCEL, cancelled.external_id)
    refunded = await told("cancel:T1", one, taken.external_id)
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:  # as it was written before
        connection.execute(text("UPDATE orders.refunds SET source = :was"), {"was": taken.source})
        migrate_again(connection, "0003_cancellations_apart")
    engine.dispose()

    again = await told("cancel:T0", CANCEL, cancelled.external_id)
    assert (again.new, again.refund_id) == (False, first.refund_id)
    again = await told("cancel:T1", one, taken.external_id)
    assert (again.new, again.refund_id) == (False, refunded.refund_id)
    last = await told("cancel:T1", CANCEL, taken.external_id)
    assert (last.new, last.amount_e4) == (True, 99_000)
