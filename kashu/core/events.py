"""What happened: append-only, in the transaction that made it so. Audit trail and outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Column, DateTime, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.schema import index, tenant_table
from kashu.core.sql import Statement

events: Final = tenant_table(
    "core",
    "events",
    Column("kind", Text(), nullable=False),  # past tense: "order.filled"
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text(), nullable=False),  # "staff:…", "key:…", "login:…", "cli", "system"
    Column("subject_id", Uuid(), nullable=False),  # the order, lot, card … it is about
    Column("facts", JSONB(), nullable=False),  # never a secret
    index("events_of_a_subject", "subject_id", "id"),
    index("events_of_a_kind", "kind", "id"),
    index("events_by_somebody", "actor", "id", where="actor <> 'system'"),
    append_only=True,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to `subject_id`. `facts` are plain JSON values, never secrets."""

    kind: str
    subject_id: UUID
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it is read back."""

    id: UUID
    kind: str
    at: Any
    actor: str
    subject_id: UUID
    facts: Any


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


@dataclass(frozen=True, slots=True)
class Hint:
    """That something happened, and to what: no facts."""

    id: UUID
    kind: str
    subject_id: UUID


_record = Statement(__file__, "events_record.sql", _Nothing)
_of = Statement(__file__, "events_of.sql", Recorded)
_since = Statement(__file__, "events_since.sql", Hint)


async def record(tx: Tx, tenant_id: int, actor: str, happened: Sequence[Event]) -> None:
    """Write down what happened, in order, in this transaction."""
    if not happened:
        return
    await _record(
        tx,
        tenant=tenant_id,
        actor=actor,
        ids=new_ids(len(happened)),
        kinds=[event.kind for event in happened],
        subjects=[event.subject_id for event in happened],
        facts=[msgspec.json.encode(event.facts).decode() for event in happened],
    )


async def events_of(tx: Tx, tenant_id: int, subject_id: UUID) -> list[Recorded]:
    """All that happened to a subject, oldest first."""
    return await _of(tx, tenant=tenant_id, subject=subject_id)


async def hints_since(tx: Tx, tenant_id: int, since: UUID, limit: int) -> list[Hint]:
    """What was written down since an id, the newest first, `limit` at most.

    Ids are given when an event is written and seen when it is committed: what is committed late
    appears between others that were read before.
    """
    return await _since(tx, tenant=tenant_id, since=since, limit=limit)
