"""Statements: what a supplier says it charged, taken in once, matched with our orders."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.clock import day_bounds
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id, new_ids
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.purchases.errors_statements import (
    StatementEmpty,
    StatementNotOfPeriod,
    StatementPeriodWrong,
    StatementRowsWrong,
)
from kashu.purchases.kinds_statements import StatementSource, TimedBy
from kashu.purchases.statement_lines import Line, Lines
from kashu.purchases.statement_match import TOLERANCE_E4, Found, Matched, Period, match
from kashu.purchases.tables_statements import statements
from kashu.suppliers.currency import currency_of

DAYS_MAX: Final = 366


@dataclass(frozen=True, slots=True)
class Arrived:
    """A statement that somebody sent, or that was fetched. Days are the merchant's, inclusive."""

    supplier_id: UUID
    first_on: date
    last_on: date
    lines: Lines
    sha256: bytes
    file_name: str
    source: StatementSource = StatementSource.FILE
    timed_by: TimedBy | None = None  # None: as its columns suggest
    currency: str | None = None  # None: what the supplier is paid in
    tolerance_e4: int = TOLERANCE_E4
    skip_wrong: bool = False  # leave rows out that can't be read


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a statement."""

    timed_by: TimedBy
    wrong_count: int
    matched: Matched
    currency: str


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_keep = Statement(__file__, "statement_keep.sql", _Nothing)
_keep_findings = Statement(__file__, "statement_keep_findings.sql", _Nothing)


async def preview_statement(tx: Tx, tenant_id: int, arrived: Arrived, *, timezone: str) -> Preview:
    """Match a statement with our orders, and keep nothing. Wrong rows are counted and left out.

    Raises: StatementPeriodWrong, StatementEmpty, StatementNotOfPeriod.
    """
    period = await _period(tx, tenant_id, arrived, timezone)
    lines = _lines(replace(arrived, skip_wrong=True), period)
    matched = await match(tx, tenant_id, period, lines)
    return Preview(period.timed_by, arrived.lines.wrong_count, matched, period.currency)


async def take_statement(
    tx: Tx, tenant_id: int, actor: str, arrived: Arrived, *, timezone: str
) -> tuple[UUID, bool]:
    """Match a statement with our orders, and keep both it and what was found; nothing is posted.

    Returns its id, and whether it is new: the same file of a supplier is taken in once.
    Raises: StatementPeriodWrong, StatementRowsWrong, StatementEmpty, StatementNotOfPeriod.
    """
    known = await _known(tx, tenant_id, arrived)
    if known is not None:
        return known, False
    period = await _period(tx, tenant_id, arrived, timezone)
    lines = _lines(arrived, period)
    matched = await match(tx, tenant_id, period, lines)
    statement_id = new_id()
    made = await tx.execute(
        insert(statements)
        .values(
            tenant_id=tenant_id,
            id=statement_id,
            supplier_id=arrived.supplier_id,
            begins_at=period.begins_at,
            ends_at=period.ends_at,
            timed_by=period.timed_by,
            source=arrived.source,
            file_name=arrived.file_name,
            sha256=arrived.sha256,
            currency=period.currency,
            tolerance_e4=arrived.tolerance_e4,
            wrong_count=arrived.lines.wrong_count,
            line_count=matched.line_count,
            charged_e4=matched.charged_e4,
            refunded_e4=matched.refunded_e4,
            matched_count=matched.matched_count,
            near_count=matched.near_count,
            actor=actor,
        )
        .on_conflict_do_nothing()
        .returning(statements.c.id)
    )
    if made.one_or_none() is None:  # somebody sent the same file at the same time
        known = await _known(tx, tenant_id, arrived)
        assert known is not None, "the row that we ran into"
        return known, False
    await _keep(tx, tenant_id=tenant_id, statement_id=statement_id)
    await _keep_found(tx, tenant_id, statement_id, matched.findings)
    facts = {
        "supplier_id": str(arrived.supplier_id),
        "first_on": arrived.first_on.isoformat(),
        "last_on": arrived.last_on.isoformat(),
        "lines": matched.line_count,
        "charged": format_amount(matched.charged_e4),
        "currency": period.currency,
        "findings": len(matched.findings),
    }
    await record(tx, tenant_id, actor, [Event("statement.taken", statement_id, facts)])
    return statement_id, True


async def _known(tx: Tx, tenant_id: int, arrived: Arrived) -> UUID | None:
    found = await tx.execute(
        select(statements.c.id).where(
            statements.c.tenant_id == tenant_id,
            statements.c.supplier_id == arrived.supplier_id,
            statements.c.sha256 == arrived.sha256,
        )
    )
    known: UUID | None = found.scalar_one_or_none()
    return known


async def _keep_found(tx: Tx, tenant_id: int, statement_id: UUID, found: Sequence[Found]) -> None:
    await _keep_findings(
        tx,
        tenant_id=tenant_id,
        statement_id=statement_id,
        ids=new_ids(len(found)),
        kinds=[each.kind for each in found],
        whats=[each.what for each in found],
        rows=[each.row_number for each in found],
        attempts=[each.attempt_id for each in found],
        ours=[each.ours_e4 for each in found],
        theirs=[each.theirs_e4 for each in found],
    )


def _lines(arrived: Arrived, period: Period) -> Sequence[Line]:
    """Give the lines, if they can be matched. Raises: as take_statement()."""
    if arrived.lines.wrong_count and not arrived.skip_wrong:
        raise StatementRowsWrong(problems=arrived.lines.problems, count=arrived.lines.wrong_count)
    lines = arrived.lines.lines
    if not lines:
        raise StatementEmpty
    outside = sum(_is_outside(line, period) for line in lines)
    if 2 * outside > len(lines):
        raise StatementNotOfPeriod(outside=outside, count=len(lines))
    return lines


def _is_outside(line: Line, period: Period) -> bool:
    times = [at for at in (line.ordered_at, line.completed_at) if at is not None]
    return bool(times) and not any(period.begins_at <= at < period.ends_at for at in times)


async def _period(tx: Tx, tenant_id: int, arrived: Arrived, timezone: str) -> Period:
    if not 0 <= (arrived.last_on - arrived.first_on).days < DAYS_MAX:
        raise StatementPeriodWrong(days=DAYS_MAX)
    begins_at, _ = day_bounds(arrived.first_on, timezone)
    _, ends_at = day_bounds(arrived.last_on, timezone)
    timed_by = arrived.timed_by or arrived.lines.timed_by
    currency = arrived.currency or await currency_of(tx, tenant_id, arrived.supplier_id)
    return Period(arrived.supplier_id, begins_at, ends_at, timed_by, currency, arrived.tolerance_e4)
