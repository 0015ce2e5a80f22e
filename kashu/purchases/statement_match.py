"""Match: a statement's lines with our orders, set by set, in tables of this transaction's own."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from kashu.core.db import Tx, driver
from kashu.core.sql import Statement
from kashu.purchases.kinds_statements import FindingKind, TimedBy
from kashu.purchases.statement_lines import Line

TOLERANCE_E4: Final = 100  # 0.01: what rounding may differ
WINDOW: Final = timedelta(minutes=15)  # between our time of an order and theirs, without a number
SLACK: Final = timedelta(minutes=5)  # how far clocks may differ at the ends of a period
REACH: Final = timedelta(days=35)  # before the period: made then, and completed within it
ROUNDS_MAX: Final = 20

_TABLES: Final = (
    (
        "CREATE TEMPORARY TABLE IF NOT EXISTS arrived_lines ("
        " row_number integer NOT NULL, number text NOT NULL, their_number text NOT NULL,"
        " amount_e4 bigint NOT NULL, quantity integer, ordered_at timestamptz,"
        " completed_at timestamptz, said text NOT NULL, title text NOT NULL, at timestamptz,"
        " attempt_id uuid, matched_by text) ON COMMIT DROP"
    ),
    (
        "CREATE TEMPORARY TABLE IF NOT EXISTS our_orders ("
        " attempt_id uuid NOT NULL, charge_e4 bigint NOT NULL, refund_e4 bigint NOT NULL,"
        " quantity integer NOT NULL, units integer NOT NULL, state text NOT NULL,"
        " live boolean NOT NULL, made_at timestamptz NOT NULL, done_at timestamptz NOT NULL,"
        " inside boolean NOT NULL) ON COMMIT DROP"
    ),
    (
        "CREATE TEMPORARY TABLE IF NOT EXISTS open_orders ("
        " attempt_id uuid NOT NULL, amount_e4 bigint NOT NULL, quantity integer NOT NULL,"
        " units integer NOT NULL, at timestamptz NOT NULL, bucket bigint NOT NULL) ON COMMIT DROP"
    ),
    "CREATE INDEX IF NOT EXISTS open_orders_near ON pg_temp.open_orders (bucket, at)",
    "TRUNCATE pg_temp.arrived_lines, pg_temp.our_orders, pg_temp.open_orders",
)
_COPY: Final = (
    "COPY pg_temp.arrived_lines (row_number, number, their_number, amount_e4, quantity, ordered_at,"
    " completed_at, said, title, at) FROM STDIN"
)
_OPEN: Final = text(
    "INSERT INTO pg_temp.open_orders"
    " SELECT attempt_id, charge_e4, quantity, units,"
    " CASE WHEN :by_completion THEN done_at ELSE made_at END, charge_e4 / :bucket"
    " FROM pg_temp.our_orders AS ours"
    " WHERE charge_e4 > 0 AND NOT EXISTS ("
    " SELECT FROM pg_temp.arrived_lines AS l WHERE l.attempt_id = ours.attempt_id)"
)
_TALLY: Final = text(
    "SELECT count(*), count(*) FILTER (WHERE attempt_id IS NOT NULL),"
    " count(*) FILTER (WHERE matched_by = 'amount_and_time'),"
    " coalesce(sum(amount_e4) FILTER (WHERE amount_e4 > 0), 0)::bigint,"
    " coalesce(-sum(amount_e4) FILTER (WHERE amount_e4 < 0), 0)::bigint"
    " FROM pg_temp.arrived_lines"
)


@dataclass(frozen=True, slots=True)
class Period:
    """What a statement is about: orders of a supplier in [begins_at, ends_at), by what time."""

    supplier_id: UUID
    begins_at: datetime
    ends_at: datetime
    timed_by: TimedBy
    currency: str
    tolerance_e4: int = TOLERANCE_E4


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is wrong. `row_number`: the first line of it; None: there is none."""

    kind: FindingKind
    what: str
    row_number: int | None
    attempt_id: UUID | None
    ours_e4: int
    theirs_e4: int


@dataclass(frozen=True, slots=True)
class Matched:
    """How a statement and our orders agree."""

    line_count: int
    matched_count: int
    near_count: int  # of them by amount and time alone
    charged_e4: int
    refunded_e4: int
    findings: list[Found]


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


@dataclass(frozen=True, slots=True)
class _One:
    one: int


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    what: str
    row_number: int | None
    attempt_id: UUID | None
    ours_e4: int
    theirs_e4: int


_begin = Statement(__file__, "statement_begin.sql", _Nothing)
_pool = Statement(__file__, "statement_pool.sql", _Nothing)
_near = Statement(__file__, "statement_near.sql", _One)
_findings = Statement(__file__, "statement_findings.sql", _Found)


async def match(tx: Tx, tenant_id: int, period: Period, lines: Iterable[Line]) -> Matched:
    """Match lines with our orders: by our number, by theirs, then by amount and time.

    Reads what the books say of orders and changes nothing; lines and whose they are stand in the
    temporary table `arrived_lines` until `tx` ends.
    """
    for statement in _TABLES:
        await tx.exec_driver_sql(statement)
    await _copy(tx, period.timed_by, lines)
    # As many rows as there are, once: plan for that, not for a prepared statement's usual.
    await tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
    await tx.exec_driver_sql("SET LOCAL work_mem = '64MB'")
    await tx.exec_driver_sql("ANALYZE pg_temp.arrived_lines")
    ours = {
        "tenant_id": tenant_id,
        "supplier_id": period.supplier_id,
        "currency": period.currency,
    }
    await _begin(tx, **ours)
    await _pool(
        tx,
        **ours,
        begins_at=period.begins_at,
        ends_at=period.ends_at,
        timed_by=period.timed_by.value,
        slack=SLACK,
        reach=SLACK if period.timed_by is TimedBy.ORDERED else REACH,
    )
    await _match_near(tx, period)
    await tx.exec_driver_sql("ANALYZE pg_temp.arrived_lines, pg_temp.our_orders")
    found = await _findings(tx, tolerance_e4=period.tolerance_e4)
    lines_, matched, near, charged_e4, refunded_e4 = (await tx.execute(_TALLY)).one()
    findings = [Found(FindingKind(row.kind), *astuple(row)[1:]) for row in found]
    return Matched(lines_, matched, near, charged_e4, refunded_e4, findings)


async def _copy(tx: Tx, timed_by: TimedBy, lines: Iterable[Line]) -> None:
    by_completion = timed_by is TimedBy.COMPLETED
    connection = await driver(tx)
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for line in lines:
            first, second = line.ordered_at, line.completed_at
            if by_completion:
                first, second = second, first
            await copy.write_row((*line, first or second))


async def _match_near(tx: Tx, period: Period) -> None:
    bucket_e4 = max(period.tolerance_e4, 1)
    by_completion = period.timed_by is TimedBy.COMPLETED
    await tx.execute(_OPEN, {"by_completion": by_completion, "bucket": bucket_e4})
    await tx.exec_driver_sql("ANALYZE pg_temp.open_orders")
    for _ in range(ROUNDS_MAX):
        if not await _near(
            tx,
            bucket_e4=bucket_e4,
            tolerance_e4=period.tolerance_e4,
            window_s=int(WINDOW.total_seconds()),
        ):
            return
