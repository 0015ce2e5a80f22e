"""The house rules of the database, read from its own catalogue."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from kashu.core.migrate import migrate
from kashu.core.schema import metadata

OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'procrastinate')"


def test_every_key_starts_with_the_tenant(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        keys = connection.execute(
            "SELECT c.conname, c.conrelid::regclass::text, a.attname"
            " FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
            " JOIN pg_namespace n ON n.oid = t.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]"
            f" WHERE c.contype IN ('p', 'u', 'f') AND {OURS}"
            " AND c.conrelid::regclass::text NOT IN ('access.tenants', 'core.migrations')"
        ).fetchall()
    assert len(keys) > 40
    assert [key for key in keys if key[2] != "tenant_id"] == []


def test_every_unique_index_starts_with_the_tenant(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        indexes = connection.execute(
            "SELECT i.indexrelid::regclass::text, a.attname"
            " FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid"
            " JOIN pg_namespace n ON n.oid = t.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
            f" WHERE {OURS}"
            " AND i.indrelid::regclass::text NOT IN ('access.tenants', 'core.migrations')"
        ).fetchall()
    assert len(indexes) > 60
    assert [found for found in indexes if found[1] != "tenant_id"] == []


def test_row_level_security_is_forced_on_every_table_with_a_tenant(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        tables = connection.execute(
            "SELECT t.oid::regclass::text, t.relrowsecurity AND t.relforcerowsecurity,"
            " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid)"
            " FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id'"
            f" WHERE t.relkind IN ('r', 'p') AND {OURS}"
        ).fetchall()
    assert len(tables) > 25
    assert [table for table in tables if not table[1] or table[2] != 1] == []


def test_the_programs_role_is_not_mighty(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole,"
            " (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = 'kashu_app'"
        ).fetchone()
    assert role == (False, False, False, 0)


def test_the_migrations_make_what_the_tables_declare(owner_url: str) -> None:
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    schemas = {table.schema for table in metadata.tables.values()}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
                "include_object": lambda found, _name, kind, _reflected, _to: (
                    kind != "table" or f"{found.schema}.{found.name}" != "core.migrations"
                ),
                "compare_type": True,
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_a_start_beside_a_running_program_locks_nothing(owner_url: str) -> None:
    """A reader would hold up a migrator that alters its table, and so everybody else."""
    with psycopg.connect(owner_url) as reader:
        reader.execute("SELECT count(*) FROM orders.lines")
        migrate(owner_url)
