"""Restore: a backup becomes a database again, all of it or none, and only where there is none."""

from pathlib import Path
from typing import Any

import psycopg

from kashu.core.errors import Conflict
from kashu.entry.backup import BLOCK, DUMP, SCHEMAS, Manifest, count_rows, opened
from kashu.entry.postgres_tools import tools_for


class DatabaseInUse(Conflict):
    """A restore never replaces data."""

    code = "database_in_use"
    zh = (
        "目标数据库不是空的（已有 {schema}），没有恢复任何数据。"
        "请用 KASHU_DATA_DIR 或 --url 换一个空库。"
    )
    en = (
        "The database isn't empty (it has {schema}); nothing was restored. Use KASHU_DATA_DIR or "
        "--url to name an empty one."
    )


class RestoreDiffers(Conflict):
    """What was restored isn't what was backed up."""

    code = "restore_differs"
    zh = "恢复后的行数与备份清单不一致（{tables}）。请不要使用这个库，换一份备份恢复到新的空库。"
    en = (
        "The rows restored aren't those of the manifest ({tables}). Don't use this database; "
        "restore another backup into an empty one."
    )


def restore(url: str, source: Path, *, owner: str | None = None) -> Manifest:
    """Fill the empty database at `url` from a backup; then migrate() it.

    In one transaction: killed midway, the database is as empty as before. `owner`: the role that
    shall own it, if not the URL's own.
    Raises: BackupUnreadable, DatabaseInUse, PostgresToolsMissing, PostgresProgramFailed,
    RestoreDiffers.
    """
    with opened(source) as (manifest, archive):
        with psycopg.connect(url, autocommit=True) as connection:
            _refuse_unless_empty(connection)
            tools = tools_for(connection, url)
        arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl"]
        arguments += [f"--dbname={tools.database}"]
        if owner is not None:
            arguments += [f"--role={owner}"]
        with (
            archive.open(DUMP) as dump,
            tools.running("pg_restore", arguments, feeding=True) as pipe,
        ):
            while block := dump.read(BLOCK):
                pipe.write(block)
    with psycopg.connect(url, autocommit=True) as connection:
        restored = count_rows(connection, manifest.counts)
        connection.execute("ANALYZE")
    differ = [name for name, count in manifest.counts.items() if restored[name] != count]
    if differ:
        raise RestoreDiffers(tables=", ".join(differ))
    return manifest


def _refuse_unless_empty(connection: "psycopg.Connection[Any]") -> None:
    found = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY (%s) ORDER BY 1 LIMIT 1", [SCHEMAS]
    ).fetchone()
    if found is not None:
        raise DatabaseInUse(schema=found[0])
