"""A database of version 0.1 with rows in it comes up to what stock needs now."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from kashu.core.migrate import MIGRATIONS

OURS = "nullif(current_setting('kashu.tenant_id', true), '')::bigint"
RUNS = (
    "SELECT tenant_id, card_id, first_use, last_use FROM stock.free_uses"
    f" WHERE tenant_id = {OURS} ORDER BY last_use"
)


@pytest.fixture
def old(server_url: str) -> Iterator[Connection]:
    """A database at the first migration, owned by who isn't mighty, with security in force."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} NOSUPERUSER NOBYPASSRLS")  # type: ignore[arg-type, unused-ignore]
        admin.execute(f"CREATE DATABASE {name} OWNER {name}")  # type: ignore[arg-type, unused-ignore]
    engine = create_engine(make_url(server_url).set(drivername="postgresql+psycopg", database=name))
    with engine.connect() as connection:
        connection.execute(text(f"SET ROLE {name}"))
        connection.execute(text("CREATE SCHEMA core"))
        upgrade(connection, "0001")
        tables = connection.execute(
            text(
                "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns"
                " WHERE column_name = 'tenant_id' AND table_schema NOT LIKE 'pg_%'"
            )
        ).scalars()
        for table in tables.all():
            connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
            connection.execute(text(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"))
            connection.execute(text(f"CREATE POLICY o ON {table} USING (tenant_id = {OURS})"))
        yield connection
        connection.rollback()
    engine.dispose()
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type, unused-ignore]
        admin.execute(f"DROP ROLE {name}")  # type: ignore[arg-type, unused-ignore]


def upgrade(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    context = MigrationContext.configure(
        connection,
        opts={
            "fn": lambda revision, _: script._upgrade_revs(to, revision),
            "version_table_schema": "core",
            "version_table": "migrations",
            "transactional_ddl": True,
        },
    )
    with Operations.context(context):
        context.run_migrations()


# A shared card of six uses and an ordinary one, an alert and a stocktake. Of the uses, somebody has
# the first; the second came back unseen; somebody has the third and saw it; the fourth came back
# seen. N stands for the tenant, '1' … '5' for ids.
SHOP = """
INSERT INTO catalog.brands (tenant_id, id, code, name_zh, name_en) VALUES (N, '1', '', '', '');
INSERT INTO catalog.products (tenant_id, id, brand_id, code, name_zh, name_en)
VALUES (N, '1', '1', '', '', '');
INSERT INTO catalog.skus (tenant_id, id, product_id, code, name_zh, name_en, period, days,
                          terminal, account_type, fulfilment, face_value_e4, returnable)
VALUES (N, '1', '1', '', '', '', 'month', 31, 'phone', 'phone', 'shared', 1, true);
INSERT INTO stock.warehouses (tenant_id, id, code, name) VALUES (N, '1', '', '');
INSERT INTO suppliers.suppliers (tenant_id, id, code, name) VALUES (N, '1', '', '');
INSERT INTO stock.lots (tenant_id, id, sku_id, warehouse_id, supplier_id, unit_cost_e4, shared)
VALUES (N, '1', '1', '1', '1', 1, true), (N, '2', '1', '1', '1', 1, false);
INSERT INTO stock.cards (tenant_id, id, sku_id, lot_id, position, max_uses, sealed, key_version,
                         blind_index, tail)
VALUES (N, '3', '1', '1', 1, 6, '', 1, 'a', ''), (N, '4', '1', '2', 1, 1, '', 1, 'b', '');
INSERT INTO stock.choices (tenant_id, id, lot_id, facts) VALUES (N, '5', '1', '{}');
INSERT INTO stock.allocations (tenant_id, id, card_id, use_number, line_id, lot_id, choice_id,
                               revealed_at, released_at, released_because)
SELECT N, gen_random_uuid(), '3', use, '1', '1', '5',
       CASE WHEN use IN (3, 4) THEN now() END, CASE WHEN use IN (2, 4) THEN now() END,
       CASE WHEN use IN (2, 4) THEN 'refund' END
  FROM generate_series(1, 4) AS use;
INSERT INTO stock.alerts (tenant_id, id, kind, sku_id, facts, raised_at)
VALUES (N, '1', 'low', '1', '{}', '2026-06-01Z');
INSERT INTO stock.stocktakes (tenant_id, id, sku_id, warehouse_id, actor, matched_count,
                              differences)
VALUES (N, '1', '1', '1', 's', 1,
        '{"missing": {"count": 2, "cards": [{}, {}]}, "unknown": {"count": 0, "cards": []}}');
"""


def add_shop(connection: Connection, tenant: int) -> None:
    connection.exec_driver_sql(f"INSERT INTO access.tenants (code, name) VALUES ('{tenant}', '')")
    connection.exec_driver_sql(f"SET LOCAL kashu.tenant_id = '{tenant}'")
    numbered = re.sub(r"'([1-5])'", lambda id_: f"'{UUID(int=int(id_[1]))}'", SHOP)
    connection.exec_driver_sql(re.sub(r"\bN\b", str(tenant), numbered))


def test_what_a_shared_card_has_left_is_found_for_every_merchant(old: Connection) -> None:
    for tenant in (1, 2):
        add_shop(old, tenant)
    upgrade(old, "0002")
    for tenant in (1, 2):
        old.exec_driver_sql(f"SET LOCAL kashu.tenant_id = '{tenant}'")
        assert old.execute(text(RUNS)).all() == [
            (tenant, UUID(int=3), 2, 2),
            (tenant, UUID(int=3), 5, 6),
        ]
        told = old.execute(text("SELECT told_at = raised_at FROM stock.alerts")).scalars().all()
        assert told == [True]
        counts = old.execute(text("SELECT counts FROM stock.stocktakes")).scalars().all()
        assert counts == [{"missing": 2, "unknown": 0}]


def test_an_empty_database_comes_up_too(old: Connection) -> None:
    upgrade(old, "0002")
    assert old.execute(text(RUNS)).all() == []
