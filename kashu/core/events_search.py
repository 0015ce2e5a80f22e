"""Search what happened: by kind, by whom, to what, when; the newest first, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from kashu.core.db import Tx
from kashu.core.events import Recorded, events
from kashu.core.ids import first_id_at
from kashu.core.sql import Statement

BY_SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is left out doesn't matter."""

    kind: str | None = None
    actor: str | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None  # not this moment itself
    before: UUID | None = None  # the last id of the page before


async def search_events(tx: Tx, tenant_id: int, wanted: Wanted, limit: int) -> list[Recorded]:
    """Find events, the newest first, `limit` at most."""
    return [Recorded(*row) for row in await tx.execute(found_by(tenant_id, wanted, limit))]


def found_by(tenant_id: int, wanted: Wanted, limit: int) -> Select[Any]:
    """Say what is looked for. Each way to look has an index, which gives the order too.

    Ids begin with the moment at which they were made, so time is a range of them.
    """
    found = select(
        events.c.id,
        events.c.kind,
        events.c.at,
        events.c.actor,
        events.c.subject_id,
        events.c.facts,
    ).where(events.c.tenant_id == tenant_id)
    if wanted.kind is not None:
        found = found.where(events.c.kind == wanted.kind)
    if wanted.actor is not None:
        found = found.where(events.c.actor == wanted.actor)
        if wanted.actor != BY_SYSTEM:  # the index leaves out most of what the program itself does
            found = found.where(events.c.actor != BY_SYSTEM)
    if wanted.subject_id is not None:
        found = found.where(events.c.subject_id == wanted.subject_id)
    if wanted.since is not None:
        found = found.where(events.c.id >= first_id_at(wanted.since))
    if wanted.until is not None:
        found = found.where(events.c.id < first_id_at(wanted.until))
    if wanted.before is not None:
        found = found.where(events.c.id < wanted.before)
    return found.order_by(events.c.id.desc()).limit(limit)


@dataclass(frozen=True, slots=True)
class _Name:
    name: str


_kinds = Statement(__file__, "events_kinds.sql", _Name)
_actors = Statement(__file__, "events_actors.sql", _Name)


async def kinds_there_are(tx: Tx, tenant_id: int) -> list[str]:
    """The kinds of which something happened, in order."""
    return [each.name for each in await _kinds(tx, tenant=tenant_id)]


async def actors_there_are(tx: Tx, tenant_id: int) -> list[str]:
    """Who did something, in order; not the program itself."""
    return [each.name for each in await _actors(tx, tenant=tenant_id)]
