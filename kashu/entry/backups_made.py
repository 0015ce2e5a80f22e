"""Backups that were made: each shop's own trail says when the whole database was last copied."""

from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError

from kashu.access.tenants import all_tenants
from kashu.core.db import Database, DatabaseBusy, Tx
from kashu.core.events import Event, Recorded, record
from kashu.core.events_search import Wanted, search_events
from kashu.entry.backup import Manifest

SUBJECT: Final = UUID("0193586e-0000-7000-8000-6261636b7570")  # of these events: the database
MADE: Final = "backup.made"


async def note_backup(url: str, manifest: Manifest, actor: str) -> datetime | None:
    """Write into every shop's trail that a backup was made; None: this role may not write.

    The backup itself is whole either way, and was made before.
    """
    facts = {
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "migration": manifest.migration,
        "made_at": manifest.created_at.isoformat(),
    }
    database = Database(url)
    try:
        async with database.transaction(None) as tx:
            tenants = await all_tenants(tx)
        for tenant in tenants:
            async with database.transaction(tenant.id) as tx:
                await record(tx, tenant.id, actor, [Event(MADE, SUBJECT, facts)])
    except (DBAPIError, psycopg.Error, DatabaseBusy):
        return None
    finally:
        await database.close()
    return manifest.created_at


async def last_backup(tx: Tx, tenant_id: int) -> Recorded | None:
    """The latest backup that was noted, or None."""
    found = await search_events(tx, tenant_id, Wanted(kind=MADE), 1)
    return found[0] if found else None
