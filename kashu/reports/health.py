"""Health: what the last self-checks of a tenant found."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.events import Event, events, record
from kashu.reports.verify import Verified

SUBJECT: Final = UUID("0193586e-0000-7000-8000-766572696679")  # of these events: the shop's books
DONE: Final = "verify.done"
VIOLATED: Final = "verify.violated"
KEPT_EVERY: Final = timedelta(hours=1)  # while nothing changes


@dataclass(frozen=True, slots=True)
class Health:
    """What was found at a time. `broken`: how many rows break each rule that is broken."""

    ok: bool
    at: datetime
    broken: dict[str, int]
    rows_checked: int


async def last_health(tx: Tx, tenant_id: int) -> Health | None:
    """The latest finding that was kept; None before the first."""
    found = await tx.execute(
        select(events.c.kind, events.c.at, events.c.facts)
        .where(events.c.tenant_id == tenant_id, events.c.subject_id == SUBJECT)
        .order_by(events.c.id.desc())
        .limit(1)
    )
    row = found.one_or_none()
    if row is None:
        return None
    facts: dict[str, Any] = row.facts
    return Health(row.kind == DONE, row.at, facts["broken"], facts["rows_checked"])


async def keep(tx: Tx, tenant_id: int, verified: Verified, at: datetime) -> None:
    """Record a finding, if it differs from the last or that is an hour old."""
    broken = {
        violation.rule: violation.total
        for checked in verified.checked
        for violation in checked.violations
    }
    last = await last_health(tx, tenant_id)
    if last is not None and last.broken == broken and at - last.at < KEPT_EVERY:
        return
    facts = {
        "broken": broken,
        "rows_checked": sum(checked.rows_checked for checked in verified.checked),
        "took_ms": verified.took_ms,
    }
    await record(
        tx, tenant_id, "system", [Event(DONE if verified.ok else VIOLATED, SUBJECT, facts)]
    )
