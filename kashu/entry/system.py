"""System: how the program is doing, as far as it knows; what it doesn't know is null."""

from datetime import datetime
from importlib.metadata import version
from typing import Final

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import text

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.key_state import KeyStanding, key_standing
from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.entry.backups_made import last_backup
from kashu.entry.sweeps import SWEEPS
from kashu.reports.health import last_health
from kashu.reports.queues import read_queues

# Who leads a sweep holds a lock of its name: see core/jobs.py. What is led by nobody isn't done.
_LED: Final = text("""
SELECT wanted.name,
       EXISTS (SELECT 1
                 FROM pg_locks AS held
                WHERE held.locktype = 'advisory' AND held.granted AND held.mode = 'ExclusiveLock'
                  AND held.database = (SELECT oid FROM pg_database
                                        WHERE datname = current_database())
                  AND (held.classid::bigint << 32 | held.objid::bigint) = wanted.lock
                  AND held.objsubid = 1) AS led
  FROM (SELECT name, hashtextextended('sweep ' || name, 0) AS lock
          FROM unnest(CAST(:names AS text[])) AS name) AS wanted
 ORDER BY wanted.name
""")
_WORKERS: Final = text("""
SELECT count(*)
  FROM pg_locks AS held, hashtextextended('workers', 0) AS wanted
 WHERE held.locktype = 'advisory' AND held.granted AND held.mode = 'ShareLock'
   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (held.classid::bigint << 32 | held.objid::bigint) = wanted
   AND held.objsubid = 1
""")
_DATABASE: Final = text("""
SELECT current_setting('server_version') AS version,
       pg_database_size(current_database()) AS bytes,
       pg_postmaster_start_time() AS started_at
""")


class RotationUnderWay(Conflict):
    """Cards are still being resealed under the key in force."""

    code = "rotation_under_way"
    zh = "上一次换密钥还没有完成：旧卡密仍在重新加密。请等它完成后再换。"
    en = "The last change of keys isn't over: cards are still being resealed. Wait until it is."


class DatabaseStanding(msgspec.Struct, frozen=True):
    """The database, as it tells."""

    version: str
    bytes: int
    started_at: datetime


class SweepStanding(msgspec.Struct, frozen=True):
    """Something the workers look after. `led`: whether one of them does now."""

    name: str
    every_s: float
    led: bool


class QueueStanding(msgspec.Struct, frozen=True):
    """What waits: how much is due, and how long its first has waited."""

    name: str
    due: int
    oldest_at: datetime | None
    waiting_s: int


class VerifyStanding(msgspec.Struct, frozen=True):
    """The last proof that the books and the stock add up."""

    ok: bool
    at: datetime
    broken: dict[str, int]
    rows_checked: int
    scope: str


class KeysStanding(msgspec.Struct, frozen=True):
    """The renewal of keys; nothing of the keys themselves."""

    version: int  # of the sealing key in force
    retiring: list[int]  # earlier ones: cards under them are being resealed
    under_an_earlier_master: int  # data keys: `kashu keys rewrap`


class RotationAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which key is to be replaced: asked twice, it is replaced once."""

    version: int  # of the sealing key in force


class SystemStanding(msgspec.Struct, frozen=True):
    """How the program is doing. Null: unknown."""

    version: str
    at: datetime
    database: DatabaseStanding
    workers: int
    sweeps: list[SweepStanding]
    queues: list[QueueStanding]
    verify: VerifyStanding | None  # null before the first
    keys: KeysStanding
    last_backup_at: datetime | None  # by `kashu backup`; null: none, or they are made otherwise
    last_backup_bytes: int | None


@get("/v1/system", operation_id="readSystem", guards=[requires(Permission.AUDIT_READ)])
async def read_system(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> SystemStanding:
    """Say how the program is doing: database, workers, what waits, the last self-check, keys."""
    async with database.transaction(caller.tenant_id) as tx:
        at = now()
        found = (await tx.execute(_DATABASE)).one()
        health = await last_health(tx, caller.tenant_id)
        keys = await key_standing(tx, caller.tenant_id, keyrings.masters)
        backup = await last_backup(tx, caller.tenant_id)
        return SystemStanding(
            version=version("kashu"),
            at=at,
            database=DatabaseStanding(found.version, found.bytes, found.started_at),
            workers=(await tx.execute(_WORKERS)).scalar_one(),
            sweeps=await _sweeps(tx),
            queues=[
                QueueStanding(
                    each.name, each.due, each.oldest_at, _seconds_since(each.oldest_at, at)
                )
                for each in await read_queues(tx, caller.tenant_id)
            ],
            verify=None
            if health is None
            else VerifyStanding(
                health.ok, health.at, health.broken, health.rows_checked, health.scope.value
            ),
            keys=_keys(keys),
            last_backup_at=None if backup is None else backup.at,
            last_backup_bytes=None if backup is None else backup.facts.get("bytes"),
        )


@post(
    "/v1/system/rotate-data-key",
    operation_id="rotateDataKey",
    guards=[requires(Permission.KEYS_MANAGE)],
    status_code=200,
    responses=problems(409),
)
async def post_rotate(
    data: JSONBody[RotationAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> KeysStanding:
    """Put a new data key in force, while everybody works: what is new is sealed under it at once.

    The worker reseals the rest and erases the old key then. Not while an earlier change is still
    under way. The master key is changed on the server: `kashu keys rotate --master`.
    """
    async with database.transaction(caller.tenant_id) as tx:
        version = await rotate_data_key(tx, caller.tenant_id, keyrings.masters)
        standing = await key_standing(tx, caller.tenant_id, keyrings.masters)
        if version != data.version + 1 or len(standing.retiring) > 1:
            raise RotationUnderWay
        facts = {"version": version}
        await record(tx, caller.tenant_id, caller.actor, [Event("keys.rotated", new_id(), facts)])
    return _keys(standing)


def _keys(standing: KeyStanding) -> KeysStanding:
    return KeysStanding(standing.version, list(standing.retiring), standing.elsewhere)


async def _sweeps(tx: Tx) -> list[SweepStanding]:
    every_s = {sweep.name: sweep.every_s for sweep in SWEEPS}
    rows = await tx.execute(_LED, {"names": sorted(every_s)})
    return [SweepStanding(row.name, every_s[row.name], row.led) for row in rows]


def _seconds_since(moment: datetime | None, at: datetime) -> int:
    return 0 if moment is None else max(int((at - moment).total_seconds()), 0)


routes = (read_system, post_rotate)
