"""Missed: what changed on a platform while nobody could ask, and that it doesn't tell any more."""

from typing import Final
from uuid import UUID

from sqlalchemy import func, update

from kashu.channels.channel import Window
from kashu.channels.connections import Connection, connection_of
from kashu.channels.errors import NothingMissed
from kashu.channels.tables import connections
from kashu.core.db import Tx
from kashu.core.events import Event, record

MISSED: Final = "history_missed"  # what is said of a store until a person looked


async def note_missed(tx: Tx, tenant_id: int, store_id: UUID, missed: Window) -> None:
    """Note that an outage outlasted the platform's memory: orders of that time may be unknown."""
    await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == store_id)
        .values(
            missed_from=func.least(connections.c.missed_from, missed.begin),
            missed_until=func.greatest(connections.c.missed_until, missed.end),
        )
    )
    facts = {"from": missed.begin.isoformat(), "until": missed.end.isoformat()}
    await record(tx, tenant_id, "system", [Event("store.history_missed", store_id, facts)])


async def acknowledge_missed(tx: Tx, tenant_id: int, actor: str, store_id: UUID) -> Connection:
    """Say that a person looked in the platform's console after what was missed.

    Raises: StoreNotConnected, NothingMissed.
    """
    before = await connection_of(tx, tenant_id, store_id)
    cleared = await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == store_id)
        .where(connections.c.missed_from == before.missed_from)
        .where(connections.c.missed_until == before.missed_until)
        .values(missed_from=None, missed_until=None)
    )
    if not cleared.rowcount or before.missed_from is None or before.missed_until is None:
        raise NothingMissed
    facts = {"from": before.missed_from.isoformat(), "until": before.missed_until.isoformat()}
    await record(
        tx, tenant_id, actor, [Event("store.missed_history_looked_after", store_id, facts)]
    )
    return await connection_of(tx, tenant_id, store_id)
