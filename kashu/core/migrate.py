"""Bring a database to this program's schema, and keep every tenant's rows apart."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, ProgrammingError

from kashu.core.db import APP_ROLE
from kashu.core.errors import Invalid
from kashu.core.schema import metadata

MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
POSTGRES_MIN: Final = 150_000

_LOCK: Final = 0x6B61_7368  # "kash": one migrator at a time, whichever process it is in


_OURS: Final = "tenant_id = nullif(current_setting('kashu.tenant_id', true), '')::bigint"

# Each table: is its security on, forced and by our one policy; what may the program's role do?
_AS_IT_IS: Final = """
SELECT n.nspname || '.' || t.relname AS name,
       t.relrowsecurity AND t.relforcerowsecurity
       AND (SELECT count(*) = 1 AND bool_and(p.polname = 'only_its_tenant')
              FROM pg_policy p WHERE p.polrelid = t.oid) AS is_secured,
       has_table_privilege(:role, t.oid, 'SELECT') AS may_select,
       has_table_privilege(:role, t.oid, 'INSERT') AS may_insert,
       has_table_privilege(:role, t.oid, 'UPDATE') AS may_update,
       has_table_privilege(:role, t.oid, 'DELETE') AS may_delete,
       has_schema_privilege(:role, n.oid, 'USAGE') AS may_use
  FROM pg_class t
  JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE t.relkind IN ('r', 'p')
   AND n.nspname = ANY (:schemas)
"""


class PostgresTooOld(Invalid):
    """We need what PostgreSQL 15 brought (NULLS NOT DISTINCT)."""

    code = "postgres_too_old"
    zh = "PostgreSQL 版本太旧（{version}），需要 15 或更高。请升级数据库后再启动。"
    en = "PostgreSQL {version} is too old: 15 or newer is needed. Upgrade it, then start again."


class RoleMissing(Invalid):
    """The URL's role can neither make the program's role nor become it."""

    code = "database_role_missing"
    zh = (
        "数据库账号 {user} 不能使用角色 kashu_app。请让数据库管理员执行："
        "CREATE ROLE kashu_app NOLOGIN; GRANT kashu_app TO {user};"
    )
    en = (
        "The database user {user} can't use the role kashu_app. Ask the administrator to run: "
        "CREATE ROLE kashu_app NOLOGIN; GRANT kashu_app TO {user};"
    )


def migrate(owner_url: str) -> None:
    """Bring the database to this program's schema, as the role that owns it.

    Locks: one migrator at a time, over the whole of it. Safe to repeat and to kill: everything is
    one transaction.
    Raises: PostgresTooOld, RoleMissing.
    """
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            _check_version(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _make_role(connection)
            _upgrade(connection)
            _keep_tenants_apart(connection)
    finally:
        engine.dispose()


def _check_version(connection: Connection) -> None:
    version = connection.execute(text("SHOW server_version_num")).scalar_one()
    if int(version) < POSTGRES_MIN:
        shown = connection.execute(text("SHOW server_version")).scalar_one()
        raise PostgresTooOld(version=shown)


def _make_role(connection: Connection) -> None:
    """See that APP_ROLE exists, is not mighty, and that we may become it."""
    role = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role"),
        {"role": APP_ROLE},
    ).scalar_one_or_none()
    may_create = connection.execute(
        text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    ).scalar_one()
    user = connection.execute(text("SELECT current_user")).scalar_one()
    if role is None and may_create:
        with suppress(IntegrityError, ProgrammingError), connection.begin_nested():
            # Roles belong to the whole server, our lock to this database: another one of ours on
            # the same server may be making the role just now.
            connection.execute(text(f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS"))
        connection.execute(text(f'GRANT {APP_ROLE} TO "{user}"'))
    elif role is None or role:
        raise RoleMissing(user=user)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS core"))
    context = MigrationContext.configure(
        connection,
        opts={
            "fn": lambda revision, _: script._upgrade_revs("head", revision),  # noqa: SLF001
            "version_table_schema": "core",
            "version_table": "migrations",
            "transactional_ddl": True,
        },
    )
    with Operations.context(context):
        context.run_migrations()


def _keep_tenants_apart(connection: Connection) -> None:
    """Give each table with a tenant row-level security, and the program's role its rights.

    Looked at after every migration, so that a new table can't be forgotten. Only what is missing
    is changed: that locks a table against everybody, and at most starts nothing is missing.
    """
    schemas = sorted({table.schema for table in metadata.tables.values() if table.schema})
    found = {
        row.name: row
        for row in connection.execute(text(_AS_IT_IS), {"schemas": schemas, "role": APP_ROLE})
    }
    for table in metadata.sorted_tables:
        name = f"{table.schema}.{table.name}"
        may_change = not table.info.get("append_only")
        row = found[name]
        rights = (row.may_select, row.may_insert, row.may_update, row.may_delete, row.may_use)
        if rights != (True, True, may_change, may_change, True):
            changing = ", UPDATE, DELETE" if may_change else ""
            connection.execute(text(f"GRANT USAGE ON SCHEMA {table.schema} TO {APP_ROLE}"))
            connection.execute(text(f"REVOKE ALL ON {name} FROM {APP_ROLE}"))
            connection.execute(text(f"GRANT SELECT, INSERT{changing} ON {name} TO {APP_ROLE}"))
        if "tenant_id" in table.columns and not row.is_secured:
            connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
            connection.execute(text(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"))
            connection.execute(text(f"DROP POLICY IF EXISTS only_its_tenant ON {name}"))
            connection.execute(
                text(
                    f"CREATE POLICY only_its_tenant ON {name} USING ({_OURS}) WITH CHECK ({_OURS})"
                )
            )
