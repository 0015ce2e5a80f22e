"""Commands of backups: make one, restore one."""

import asyncio
import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from kashu.access.keyring import Keyrings
from kashu.access.tenants import all_tenants
from kashu.core.db import APP_ROLE, Database
from kashu.core.migrate import migrate
from kashu.core.postgres import OWNER_ROLE, SUPERUSER, start
from kashu.core.secrets import MasterKeyMissing
from kashu.entry.backup import Manifest, back_up
from kashu.entry.backups_made import note_backup
from kashu.entry.restore import restore as restore_from
from kashu.entry.settings import Settings, load_settings
from kashu.entry.shop import ACTOR
from kashu.entry.taught import Command
from kashu.entry.terminal import Words, json_option, say, show, table, word
from kashu.entry.words import TABLES
from kashu.reports.verify import verify

VIOLATED: Final = 1

file_argument = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
url_option = click.option(
    "--url", metavar="URL", help="改用另一个数据库账号或库。 Another role or database."
)


class Restored(msgspec.Struct, frozen=True):
    """What was restored, whether its books are right, and whether its cards can be opened."""

    manifest: Manifest
    ok: bool
    opens: bool


@click.command("backup", cls=Command)
@file_argument
@url_option
@json_option
def backup(*, path: Path, url: str | None, as_json: bool) -> None:
    """备份整个数据库到一个文件（某一时刻的一致快照），不停业。主密钥不在其中，请另行保管。

    Back the whole database up into one file, of one moment, while everybody works. The master key
    is never in it: keep that elsewhere, or nobody will open the cards.

    kashu backup kashu-2026-11-22.backup
    """
    settings = load_settings()
    wanted = url or settings.database_url
    if wanted is not None:
        manifest = back_up(wanted, path)
        noted = asyncio.run(note_backup(wanted, manifest, ACTOR))
    else:
        server = start(settings.data_dir)
        try:
            manifest = back_up(server.url(role=SUPERUSER), path)
            noted = asyncio.run(note_backup(server.url(role=SUPERUSER), manifest, ACTOR))
        finally:
            server.close()
    if noted is None:
        say(
            "备份已完成，但这个数据库账号不能写入，控制台不会显示这次备份。",
            "The backup is whole, but this role may not write: the console won't show it.",
        )
    show(manifest, lambda: table(str(path), *_counts(manifest)), as_json=as_json)


@click.command("restore", cls=Command)
@file_argument
@url_option
@json_option
def restore(*, path: Path, url: str | None, as_json: bool) -> None:
    """把备份恢复到一个空库，然后核对全部不变式。已有数据的库会被拒绝。

    Restore a backup into an empty database and prove its invariants. One with data in it is
    refused. All or nothing.

    KASHU_DATA_DIR=/srv/kashu-restored kashu restore kashu-2026-11-22.backup
    """
    settings = load_settings()
    wanted = url or settings.database_url
    if wanted is not None:
        manifest = restore_from(wanted, path)
        migrate(wanted)
        ok, opens = asyncio.run(_prove(wanted, settings))
    else:
        server = start(settings.data_dir)
        try:
            manifest = restore_from(server.url(role=SUPERUSER), path, owner=OWNER_ROLE)
            migrate(server.url(role=OWNER_ROLE))
            ok, opens = asyncio.run(_prove(server.url(role=APP_ROLE), settings))
        finally:
            server.close()
    if not opens:
        say(
            f"卡密打不开：请把原来的主密钥（{', '.join(manifest.master_keys)}）放回再启动。",
            f"The cards don't open: put the master key ({', '.join(manifest.master_keys)}) back "
            "before you start.",
        )
    restored = Restored(manifest, ok, opens)
    show(restored, lambda: table(str(path), *_counts(manifest)), as_json=as_json)
    if not ok:
        say("核对有误，请运行 kashu verify 查看。", "Violations were found: run kashu verify.")
        sys.exit(VIOLATED)


async def _prove(url: str, settings: Settings) -> tuple[bool, bool]:
    """Tell whether all invariants hold, and whether our master key opens every tenant's keys."""
    database = Database(url, role=APP_ROLE)
    try:
        async with database.transaction(None) as tx:
            tenants = await all_tenants(tx)
        ok, opens = True, _has_master_key(settings)
        for tenant in tenants:
            async with database.transaction(tenant.id) as tx:
                ok = (await verify(tx, tenant.id)).ok and ok
            if opens:
                opens = await _opens(database, tenant.id, settings)
    finally:
        await database.close()
    return ok, opens


async def _opens(database: Database, tenant_id: int, settings: Settings) -> bool:
    keyrings = Keyrings(settings.load_master_keys())
    try:
        async with database.transaction(tenant_id) as tx:
            await keyrings.of(tx, tenant_id)
    except MasterKeyMissing:
        return False
    return True


def _has_master_key(settings: Settings) -> bool:
    """Whether there is one; asking for it would make a new one."""
    file = settings.master_key_file or settings.data_dir / "master.key"
    return settings.master_key is not None or file.exists()


def _counts(manifest: Manifest) -> tuple[list[Words], list[tuple[str, int]]]:
    rows = [(word(TABLES, name), count) for name, count in sorted(manifest.counts.items()) if count]
    return [("表", "Table"), ("行", "Rows")], rows
