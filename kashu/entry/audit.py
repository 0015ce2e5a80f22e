"""HTTP of the audit trail as people read it: what may be asked for, and all of it as a file."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import FILES, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.downloads import download, in_its_thread
from kashu.core.events import Recorded
from kashu.core.events_search import Wanted, actors_there_are, kinds_there_are, search_events
from kashu.core.sheets.write import CsvFile, Value
from kashu.desk.words import code_words
from kashu.entry.event_words import event_words, noun_of
from kashu.entry.hints import subject_of
from kashu.entry.words import ACTORS

FILE_EVENTS: Final = 100_000  # in one file; narrow it to get the others
AT_ONCE: Final = 2_000

_TITLES: Final = (
    ("时间", "谁", "做了什么", "代码", "对象", "对象编号", "细节"),
    ("time", "who", "what", "code", "thing", "id of the thing", "details"),
)


class EventKind(msgspec.Struct, frozen=True):
    """Something that happened at least once, and how it is said."""

    kind: str
    says: str  # "订单 · 退款"


class EventActor(msgspec.Struct, frozen=True):
    """Somebody who did something."""

    actor: str
    name: str


class EventReason(msgspec.Struct, frozen=True):
    """A code that facts give as a reason, and how it is said."""

    code: str
    says: str


class EventChoices(msgspec.Struct, frozen=True):
    """By what the audit trail can be narrowed; and what the reasons in its facts mean."""

    kinds: list[EventKind]
    actors: list[EventActor]
    reasons: list[EventReason]


@get(
    "/v1/events/choices", operation_id="readEventChoices", guards=[requires(Permission.AUDIT_READ)]
)
async def read_choices(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> EventChoices:
    """List what has happened so far, in words, who did something, and what reasons mean."""
    async with database.transaction(caller.tenant_id) as tx:
        kinds = await kinds_there_are(tx, caller.tenant_id)
        actors = await actors_there_are(tx, caller.tenant_id)
        names = await names_of(tx, caller.tenant_id, actors)
    chinese = caller.language.startswith("zh")
    return EventChoices(
        [EventKind(kind, event_words(kind, chinese=chinese)) for kind in kinds],
        [
            EventActor(actor, names.get(actor) or _named(actor, chinese=chinese))
            for actor in [*actors, "system"]
        ],
        [EventReason(code, says) for code, says in sorted(code_words(caller.language).items())],
    )


@get(
    "/v1/events/file",
    operation_id="downloadEvents",
    guards=[requires(Permission.AUDIT_READ)],
    opt={FILES: ("text/csv",)},
)
async def download_events(
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
) -> Response[bytes]:
    """Give what happened as a CSV file, the newest first; the first 100 000 of it.

    What looks like a formula is text in it. A moment without its offset is in UTC. A merchant has
    two files made at once; four more wait.
    """
    wanted = Wanted(kind, actor, subject, _in_utc(since), _in_utc(until))
    chinese = caller.language.startswith("zh")
    content = BytesIO()
    async with download(caller.tenant_id):
        file = CsvFile(content, _TITLES[0 if chinese else 1])
        async for found, names in _pages(database, caller.tenant_id, wanted):
            rows = _rows(found, names, ZoneInfo(caller.timezone), chinese=chinese)
            await in_its_thread(file.add, rows)
        file.close()
    name = f"audit-{day_of(now(), caller.timezone)}.csv"
    return Response(
        content.getvalue(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _rows(
    found: Sequence[Recorded], names: Mapping[str, str], zone: ZoneInfo, *, chinese: bool
) -> Iterator[list[Value]]:
    for each in found:
        yield [
            each.at.astimezone(zone),
            names.get(each.actor) or _named(each.actor, chinese=chinese),
            event_words(each.kind, chinese=chinese),
            each.kind,
            noun_of(subject_of(each.kind), chinese=chinese),
            str(each.subject_id),
            msgspec.json.encode(each.facts).decode() if each.facts else "",
        ]


async def _pages(
    database: Database, tenant_id: int, wanted: Wanted
) -> AsyncIterator[tuple[list[Recorded], dict[str, str]]]:
    """Read it page by page, each in a transaction of its own: none is open for long."""
    for _ in range(FILE_EVENTS // AT_ONCE):
        async with database.transaction(tenant_id) as tx:
            found = await search_events(tx, tenant_id, wanted, AT_ONCE)
            names = await names_of(tx, tenant_id, [each.actor for each in found])
        if found:
            yield found, names
        if len(found) < AT_ONCE:
            return
        wanted = Wanted(
            wanted.kind, wanted.actor, wanted.subject_id, wanted.since, wanted.until, found[-1].id
        )


def _named(actor: str, *, chinese: bool) -> str:
    """What an actor without a name of its own is called."""
    sort, _, rest = actor.partition(":")
    called = ACTORS.get(sort, sort) if chinese else sort
    return f"{called} {rest[-8:]}" if rest else called


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


routes: Final = (read_choices, download_events)
