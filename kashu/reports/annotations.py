"""Annotations: what explains a curve, on the day it happened."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.reports.errors import NoSuchAnnotation
from kashu.reports.tables import annotations

MOST: Final = 500  # in one answer


@dataclass(frozen=True, slots=True)
class Annotation:
    """Who wrote what about a day of the merchant's."""

    id: UUID
    on_day: date
    text: str
    actor: str
    made_at: datetime


_COLUMNS: Final = [annotations.c[name] for name in Annotation.__dataclass_fields__]


async def annotate(tx: Tx, tenant_id: int, actor: str, on_day: date, text: str) -> Annotation:
    """Write something at a day."""
    made = await tx.execute(
        insert(annotations)
        .values(tenant_id=tenant_id, id=new_id(), on_day=on_day, text=text, actor=actor)
        .returning(*_COLUMNS)
    )
    annotation = Annotation(*made.one())
    facts = {"on_day": on_day.isoformat(), "text": text}
    await record(tx, tenant_id, actor, [Event("annotation.added", annotation.id, facts)])
    return annotation


async def remove(tx: Tx, tenant_id: int, actor: str, annotation_id: UUID) -> None:
    """Take an annotation away. Raises: NoSuchAnnotation."""
    gone = await tx.execute(
        delete(annotations)
        .where(annotations.c.tenant_id == tenant_id, annotations.c.id == annotation_id)
        .returning(annotations.c.on_day, annotations.c.text)
    )
    row = gone.one_or_none()
    if row is None:
        raise NoSuchAnnotation
    facts = {"on_day": row.on_day.isoformat(), "text": row.text}
    await record(tx, tenant_id, actor, [Event("annotation.removed", annotation_id, facts)])


async def annotations_of(tx: Tx, tenant_id: int, since: date, until: date) -> list[Annotation]:
    """List what was written at the days [since, until], oldest first."""
    found = await tx.execute(
        select(*_COLUMNS)
        .where(annotations.c.tenant_id == tenant_id)
        .where(annotations.c.on_day.between(since, until))
        .order_by(annotations.c.on_day, annotations.c.id)
        .limit(MOST)
    )
    return [Annotation(*row) for row in found]
