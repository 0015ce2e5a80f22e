"""Heard: that a platform told us something by itself, so that a person sees whether it does."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import func, or_, update

from kashu.channels.connections import Connection
from kashu.channels.tables import connections
from kashu.core.clock import now
from kashu.core.db import Database

ONCE_IN: Final = timedelta(seconds=30)  # often enough for the eye, seldom enough for a busy shop


async def note_heard(
    database: Database, tenant_id: int, connections_heard: Iterable[Connection]
) -> None:
    """Note that stores' platforms told us something, at most twice a minute.

    In a transaction of its own, so that nobody waits for orders with it.
    Locks: a connection at a time.
    """
    before = now() - ONCE_IN
    for each in connections_heard:
        if each.pushed_at is not None and each.pushed_at > before:
            continue
        async with database.transaction(tenant_id) as tx:
            await tx.execute(
                update(connections)
                .where(
                    connections.c.tenant_id == tenant_id, connections.c.store_id == each.store_id
                )
                .where(or_(connections.c.pushed_at.is_(None), connections.c.pushed_at < before))
                .values(pushed_at=func.now())
            )
