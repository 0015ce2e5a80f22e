"""Health: what the last self-checks of a tenant found, and what the next one must look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from kashu.core.db import Tx
from kashu.core.events import Event, events, record
from kashu.reports.verify import Scope, Verified

SUBJECT: Final = UUID("0193586e-0000-7000-8000-766572696679")  # of these events: the shop's books
DONE: Final = "verify.done"
VIOLATED: Final = "verify.violated"

ALL_EVERY: Final = timedelta(days=1)
KEPT_EVERY: Final = timedelta(minutes=15)  # while nothing changes
# A transaction that took longer, or a clock that is further behind, waits for the proof of all.
OVERLAP: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Health:
    """What was found on a snapshot taken `at`. `broken`: how many rows break each broken rule."""

    ok: bool
    at: datetime
    broken: dict[str, int]
    rows_checked: int
    scope: Scope
    since: datetime | None  # where it is recent


async def last_health(tx: Tx, tenant_id: int) -> Health | None:
    """The latest finding that was kept; None before the first."""
    return await _first(tx, _findings(tenant_id))


async def next_since(tx: Tx, tenant_id: int, moment: datetime) -> datetime | None:
    """From when on the next proof must look; None: at everything.

    Everything once a day, and as long as something is broken; between, what something happened to
    since the last proof. All of it is read from what was kept: a restart changes nothing.
    """
    last = await last_health(tx, tenant_id)
    # Before there were recent ones, each was of everything and didn't say so.
    of_all = events.c.facts["scope"].as_string().is_distinct_from(Scope.RECENT.value)
    whole = await _first(tx, _findings(tenant_id).where(of_all))
    if last is None or whole is None or not last.ok or moment - whole.at >= ALL_EVERY:
        return None
    return last.at - OVERLAP


async def keep(tx: Tx, tenant_id: int, verified: Verified) -> None:
    """Record a finding: each of everything, others if they differ from the last, or that is old."""
    broken = {
        violation.rule: violation.total
        for checked in verified.checked
        for violation in checked.violations
    }
    last = await last_health(tx, tenant_id)
    if (
        verified.scope is Scope.RECENT
        and last is not None
        and last.broken == broken
        and verified.at - last.at < KEPT_EVERY
    ):
        return
    facts = {
        "scope": verified.scope.value,
        "since": None if verified.since is None else verified.since.isoformat(),
        "at": verified.at.isoformat(),
        "broken": broken,
        "rows_checked": sum(checked.rows_checked for checked in verified.checked),
        "took_ms": verified.took_ms,
    }
    await record(
        tx, tenant_id, "system", [Event(DONE if verified.ok else VIOLATED, SUBJECT, facts)]
    )


def _findings(tenant_id: int) -> Select[Any]:
    return (
        select(events.c.kind, events.c.at, events.c.facts)
        .where(events.c.tenant_id == tenant_id, events.c.subject_id == SUBJECT)
        .order_by(events.c.id.desc())
        .limit(1)
    )


async def _first(tx: Tx, found: Select[Any]) -> Health | None:
    row = (await tx.execute(found)).one_or_none()
    if row is None:
        return None
    facts: dict[str, Any] = row.facts
    return Health(
        row.kind == DONE,
        msgspec.convert(facts.get("at"), datetime | None) or row.at,
        facts["broken"],
        facts["rows_checked"],
        Scope(facts.get("scope", Scope.ALL)),
        msgspec.convert(facts.get("since"), datetime | None),
    )
