"""Backup: the whole database and a manifest in one file, of one moment, while everybody works.

The file is a zip of `database.dump` (pg_dump's custom format) and `manifest.json`. The cards in it
are sealed as they are in the database; the master key is never in it.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import psycopg
from psycopg import sql

from kashu.core.clock import now
from kashu.core.errors import Conflict, Invalid
from kashu.core.schema import metadata
from kashu.entry import modules  # noqa: F401  (declares every table)
from kashu.entry.postgres_tools import tools_for

FORMAT: Final = 1
DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
BLOCK: Final = 1 << 20

TABLES: Final = sorted(metadata.tables)  # "stock.cards"
SCHEMAS: Final = sorted({table.partition(".")[0] for table in TABLES})


class BackupThere(Conflict):
    """A backup never replaces another."""

    code = "backup_there"
    zh = "文件 {file} 已经存在，没有覆盖。请换一个文件名。"
    en = "There is a file {file} already; it was left alone. Choose another name."


class BackupSeesTooLittle(Invalid):
    """Row-level security would hide the tenants' rows from the dump."""

    code = "backup_sees_too_little"
    zh = (
        "数据库账号 {user} 看不到所有商户的数据，备份会不完整，因此没有进行。"
        "请用 --url 给出超级用户或带 BYPASSRLS 的账号。"
    )
    en = (
        "The database user {user} doesn't see every tenant's rows, so the backup would lack them; "
        "none was made. Give a superuser, or a role with BYPASSRLS, by --url."
    )


class BackupUnreadable(Invalid):
    """Not a backup of ours, or not all of one."""

    code = "backup_unreadable"
    zh = "{file} 不是完整的卡枢备份（{reason}），没有恢复任何数据。请换一份备份。"
    en = "{file} isn't a whole backup of Kashu ({reason}); nothing was restored. Use another one."


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `master_keys`: the ids of those its cards need, never the keys."""

    format: int
    version: str
    postgres: str
    migration: str
    created_at: datetime
    master_keys: list[str]
    counts: dict[str, int]
    bytes: int
    sha256: str


def back_up(url: str, target: Path) -> Manifest:
    """Write a backup of the database at `url`, which changes nothing and blocks nobody.

    `url`: as a role that sees every row. The file appears under its name when it is whole.
    Raises: BackupThere, BackupSeesTooLittle, PostgresToolsMissing, PostgresProgramFailed.
    """
    if target.exists():
        raise BackupThere(file=str(target))
    with psycopg.connect(url) as connection, _made_whole(target) as file:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = _one(connection, sql.SQL("SELECT pg_export_snapshot()"))
        counts = count_rows(connection, TABLES)
        tools = tools_for(connection, url)
        digest, size = hashlib.sha256(), 0
        arguments = ["--format=custom", f"--snapshot={snapshot}"]
        arguments += [f"--schema={schema}" for schema in SCHEMAS]
        with zipfile.ZipFile(file, "w") as archive:
            with (
                tools.running("pg_dump", arguments, feeding=False) as output,
                archive.open(DUMP, "w", force_zip64=True) as member,
            ):
                while block := output.read(BLOCK):
                    digest.update(block)
                    size += len(block)
                    member.write(block)
            manifest = Manifest(
                format=FORMAT,
                version=version("kashu"),
                postgres=tools.major,
                migration=_one(connection, sql.SQL("SELECT version_num FROM core.migrations")),
                created_at=now(),
                master_keys=_master_keys(connection),
                counts=counts,
                bytes=size,
                sha256=digest.hexdigest(),
            )
            archive.writestr(MANIFEST, msgspec.json.encode(manifest))
    return manifest


@contextmanager
def opened(source: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """Open a backup for the block, proved whole. Raises: BackupUnreadable."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
            if manifest.format != FORMAT:
                raise BackupUnreadable(file=str(source), reason=f"format {manifest.format}")
            digest = hashlib.sha256()
            with archive.open(DUMP) as member:
                while block := member.read(BLOCK):
                    digest.update(block)
            if digest.hexdigest() != manifest.sha256:
                raise BackupUnreadable(file=str(source), reason="sha256")
            yield manifest, archive
    except (zipfile.BadZipFile, KeyError, EOFError, msgspec.MsgspecError) as error:
        raise BackupUnreadable(file=str(source), reason=type(error).__name__) from error


def count_rows(connection: "psycopg.Connection[Any]", tables: Iterable[str]) -> dict[str, int]:
    """Count the rows of tables, of all tenants. Raises: BackupSeesTooLittle."""
    connection.execute("SET row_security = off")  # rather an error than half of the rows
    try:
        return {
            table: _one(
                connection,
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split("."))),
            )
            for table in tables
        }
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupSeesTooLittle(user=connection.info.user) from error


def _master_keys(connection: "psycopg.Connection[Any]") -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT master_key_id FROM access.data_keys WHERE state <> 'retired' ORDER BY 1"
    )
    return [row[0] for row in rows]


def _one(connection: "psycopg.Connection[Any]", question: sql.SQL | sql.Composed) -> Any:  # noqa: ANN401
    row = connection.execute(question).fetchone()
    assert row, "it always has an answer"
    return row[0]


@contextmanager
def _made_whole(target: Path) -> Iterator[IO[bytes]]:
    """Write a file under another name, for us alone, and give it its name when it is on disk."""
    part = target.with_name(f"{target.name}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
