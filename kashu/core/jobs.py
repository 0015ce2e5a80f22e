"""Jobs: wake who works without being asked. The work is a state of a row; a lost call delays it.

A call is a PostgreSQL notification: it is sent when the caller's transaction commits, takes no
lock before that, and writes no row. See docs/decisions/0002-sweeps-without-a-job-queue.md.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import psycopg
from sqlalchemy import text

from kashu.core.db import APP_ROLE, Tx

CHANNEL: Final = "kashu_wake"

# A worker whose machine is gone is cut off after 5 + 3 × 3 s, so that another takes the lead over.
# (Over TCP only; through a socket in the file system a death is noticed at once.)
_SESSION: Final = (
    f"-c timezone=UTC -c role={APP_ROLE} -c application_name=kashu-worker"
    " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3"
)

_CALL: Final = text("SELECT pg_notify(:channel, :call)")
_LEAD: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_GIVE_UP: Final = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"

# Workers are told from each other by their connections. Each holds this lock beside the others.
_JOIN: Final = "SELECT pg_advisory_lock_shared(hashtextextended('workers', 0))"
_WORKERS: Final = """
SELECT held.pid = pg_backend_pid()
  FROM pg_locks AS held, hashtextextended('workers', 0) AS wanted
 WHERE held.locktype = 'advisory' AND held.granted AND held.mode = 'ShareLock'
   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (held.classid::bigint << 32 | held.objid::bigint) = wanted
   AND held.objsubid = 1
 ORDER BY held.pid
"""

Connection: TypeAlias = "psycopg.AsyncConnection[Any]"


@dataclass(frozen=True, slots=True)
class Call:
    """A tenant has something to do about `topic`."""

    topic: str
    tenant_id: int


async def wake(tx: Tx, tenant_id: int, topic: str) -> None:
    """Call who works on `topic`, once `tx` has committed. The same call again in `tx` is one."""
    await tx.execute(_CALL, {"channel": CHANNEL, "call": f"{topic}:{tenant_id}"})


async def listen(url: str) -> Connection:
    """Open a connection of its own on which calls arrive, and which can hold the lead."""
    connection = await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        options=_SESSION,
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=3,
        keepalives_count=3,
    )
    await connection.execute(f"LISTEN {CHANNEL}")
    return connection


async def calls(connection: Connection, *, for_s: float) -> AsyncIterator[Call]:
    """Yield the calls that arrive on a listening connection within `for_s` seconds."""
    async for heard in connection.notifies(timeout=for_s):
        topic, _, tenant = heard.payload.rpartition(":")
        if topic and tenant.isdecimal():
            yield Call(topic, int(tenant))


async def take_lead(connection: Connection, names: Iterable[str]) -> set[str]:
    """Try to become the only one who works on each of `names`; return those we got.

    The lead is ours until `connection` ends, however it ends.
    """
    led = set()
    for name in names:
        answer = await connection.execute(_LEAD, [f"sweep {name}"])
        row = await answer.fetchone()
        if row and row[0]:
            led.add(name)
    return led


async def give_up_lead(connection: Connection, name: str) -> None:
    """Let another have a lead of ours. Nothing of it may be under way."""
    await connection.execute(_GIVE_UP, [f"sweep {name}"])


async def join_workers(connection: Connection) -> None:
    """Be counted among the workers, until `connection` ends, however it ends."""
    await connection.execute(_JOIN)


async def place_among(connection: Connection) -> tuple[int, int]:
    """Which of all who joined we are, from 0, and how many there are."""
    rows = await (await connection.execute(_WORKERS)).fetchall()
    return [is_us for (is_us,) in rows].index(True), len(rows)
