"""HTTP of the audit trail: who did what, to what, when."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.events_search import Wanted, search_events


class EventShown(msgspec.Struct, frozen=True):
    """Something that happened. Facts never hold a secret."""

    id: UUID
    kind: str  # "order.filled"
    at: datetime
    actor: str  # "staff:…", "key:…", "cli", "system"
    actor_name: str | None  # of one of the staff, or of a key
    subject: str  # "order": what subject_id is the id of
    subject_id: UUID
    facts: Any


class EventPage(msgspec.Struct, frozen=True):
    """The newest first. `next`: as `before`, it gives the page after this one."""

    events: list[EventShown]
    next: UUID | None


@get("/v1/events", operation_id="searchEvents", guards=[requires(Permission.AUDIT_READ)])
async def read_events(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    kind: Annotated[
        str | None, QueryParameter(name="kind", pattern=r"^[a-z_]{1,40}\.[a-z_]{1,60}$")
    ] = None,
    actor: Annotated[
        str | None,
        QueryParameter(name="actor", pattern=r"^(cli|system|(staff|key|login):[0-9a-f-]{36})$"),
    ] = None,
    subject: Annotated[UUID | None, QueryParameter(name="subject")] = None,
    since: Annotated[datetime | None, QueryParameter(name="from")] = None,
    until: Annotated[datetime | None, QueryParameter(name="to")] = None,
    before: Annotated[UUID | None, QueryParameter(name="before")] = None,
    limit: Annotated[int, QueryParameter(name="limit", ge=1, le=200)] = 50,
) -> EventPage:
    """Search what happened: the newest first. `to` is not included; pages go on by `before`.

    A moment without its offset is in UTC.
    """
    wanted = Wanted(kind, actor, subject, _in_utc(since), _in_utc(until), before)
    async with database.transaction(caller.tenant_id) as tx:
        found = await search_events(tx, caller.tenant_id, wanted, limit + 1)
        shown = found[:limit]
        names = await names_of(tx, caller.tenant_id, [each.actor for each in shown])
    return EventPage(
        [
            EventShown(
                each.id,
                each.kind,
                each.at,
                each.actor,
                names.get(each.actor),
                each.kind.partition(".")[0],
                each.subject_id,
                each.facts,
            )
            for each in shown
        ],
        shown[-1].id if len(found) > limit else None,
    )


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


routes = (read_events,)
