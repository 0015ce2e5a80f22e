"""Alerts of suppliers: people are told once, and once more when the cause is gone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.tables_prepaid import alerts


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alert would be about. `step`: how grave; people are told again at each higher one."""

    supplier_id: UUID
    kind: AlertKind
    facts: Mapping[str, Any]
    subject_id: UUID | None = None  # None: the supplier
    step: int = 0


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands, or stood."""

    id: UUID
    supplier_id: UUID
    kind: AlertKind
    subject_id: UUID
    step: int
    facts: Mapping[str, Any]
    raised_at: datetime
    cleared_at: datetime | None


async def raise_alert(tx: Tx, tenant_id: int, cause: Cause, at: datetime) -> bool:
    """Tell people, unless they were told before and it isn't graver now. Says whether it did."""
    subject_id = cause.subject_id or cause.supplier_id
    values = {"step": cause.step, "facts": dict(cause.facts)}
    told = await tx.execute(
        insert(alerts)
        .values(
            tenant_id=tenant_id,
            id=new_id(),
            supplier_id=cause.supplier_id,
            kind=cause.kind,
            subject_id=subject_id,
            raised_at=at,
            **values,
        )
        .on_conflict_do_update(
            index_elements=[alerts.c.tenant_id, alerts.c.subject_id, alerts.c.kind],
            index_where=alerts.c.cleared_at.is_(None),
            set_=values,
            where=alerts.c.step < cause.step,
        )
        .returning(alerts.c.id)
    )
    if told.one_or_none() is None:
        return False
    facts = {"supplier_id": str(cause.supplier_id), **cause.facts}
    event = Event(f"supplier.{cause.kind.value}", subject_id, facts)
    await record(tx, tenant_id, "system", [event])
    return True


async def clear_alerts(
    tx: Tx, tenant_id: int, kind: AlertKind, subject_ids: Collection[UUID], at: datetime
) -> int:
    """Say that the cause is gone, where an alert stands. Returns how many stood."""
    cleared = await tx.execute(
        update(alerts)
        .where(alerts.c.tenant_id == tenant_id, alerts.c.kind == kind)
        .where(alerts.c.subject_id.in_(subject_ids), alerts.c.cleared_at.is_(None))
        .values(cleared_at=at)
        .returning(alerts.c.subject_id, alerts.c.supplier_id)
    )
    gone = cleared.all()
    happened = [
        Event(
            f"supplier.{kind.value}_cleared", row.subject_id, {"supplier_id": str(row.supplier_id)}
        )
        for row in gone
    ]
    await record(tx, tenant_id, "system", happened)
    return len(gone)


async def alert_list(
    tx: Tx,
    tenant_id: int,
    *,
    supplier_id: UUID | None = None,
    kind: AlertKind | None = None,
    standing: bool = True,
    limit: int = 500,
) -> list[Alert]:
    """Read alerts, the latest first; those that stand, or all."""
    wanted = (
        select(*(alerts.c[name] for name in Alert.__dataclass_fields__))
        .where(alerts.c.tenant_id == tenant_id)
        .order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
        .limit(limit)
    )
    if standing:
        wanted = wanted.where(alerts.c.cleared_at.is_(None))
    if supplier_id is not None:
        wanted = wanted.where(alerts.c.supplier_id == supplier_id)
    if kind is not None:
        wanted = wanted.where(alerts.c.kind == kind)
    found = []
    for row in await tx.execute(wanted):
        values = row._asdict()
        found.append(Alert(**{**values, "kind": AlertKind(values["kind"])}))
    return found
