"""Quality: how suppliers did in the last 30 days, day by day, and who is frozen for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database, Tx
from kashu.core.sql import Statement
from kashu.purchases.tables_quality import quality_days
from kashu.suppliers.alerts import Cause, raise_alert
from kashu.suppliers.errors import (
    AccountRefused,
    BalanceShort,
    ClockRefused,
    InputMissing,
    InputRefused,
    LoginRefused,
)
from kashu.suppliers.freeze import freeze_supplier
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.quality_kept import Quality, QualityRule, keep_quality, quality_rule

DAYS: Final = 30
ASKED_ABOUT: Final = timedelta(days=4)  # attempts end by then: orders are asked about for 72 h
OURS: Final = tuple(
    error.code
    for error in (
        AccountRefused,
        BalanceShort,
        ClockRefused,
        InputMissing,
        InputRefused,
        LoginRefused,
    )
)
GOODS_MIN: Final = 50  # received units before a share of bad ones says anything


@dataclass(frozen=True, slots=True)
class QualityDay:
    """How one day went at a supplier."""

    day: date
    attempts: int
    succeeded: int
    unclear: int
    received: int
    invalid: int
    price_changes: int


@dataclass(frozen=True, slots=True)
class _Sums:
    supplier_id: UUID
    attempts: int
    success_ppm: int
    p95_ms: int | None
    invalid_ppm: int
    price_changes: int
    unclear: int
    received: int


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_days = Statement(__file__, "quality_days.sql", _Nothing)
_sums = Statement(__file__, "quality_sums.sql", _Sums)


async def reckon_quality(
    database: Database, tenant_id: int, timezone: str, clock: Clock = now
) -> bool:
    """Count the last days again, add up 30, and freeze whom the rule says. Repeatable.

    Attempts of the last four days are counted; what became of goods, of 30 days, once a day.
    """
    at = clock()
    today = day_of(at, timezone)
    async with database.transaction(tenant_id) as tx:
        last = await tx.execute(
            select(func.max(quality_days.c.day)).where(quality_days.c.tenant_id == tenant_id)
        )
        counted_on = last.scalar_one()
        whole = today - timedelta(days=DAYS - 1)
        first_on = whole if counted_on != today else today - ASKED_ABOUT
        await _days(
            tx,
            tenant_id=tenant_id,
            timezone=timezone,
            first_on=first_on,
            goods_on=first_on,
            ours=list(OURS),
        )
        kept = await _add_up(tx, tenant_id, today, timezone, since_thawed=False)
        await keep_quality(tx, tenant_id, [_quality(row) for row in kept], at)
        rule = await quality_rule(tx, tenant_id)
        if rule.freezes:
            judged = await _add_up(tx, tenant_id, today, timezone, since_thawed=True)
            await _freeze(tx, tenant_id, rule, judged, at)
    return False


async def quality_series(
    tx: Tx, tenant_id: int, supplier_id: UUID, today: date, days: int = DAYS
) -> list[QualityDay]:
    """Read a supplier's last days, oldest first, the idle ones too."""
    names = QualityDay.__dataclass_fields__
    first = today - timedelta(days=days - 1)
    rows = await tx.execute(
        select(*(quality_days.c[name] for name in names))
        .where(quality_days.c.tenant_id == tenant_id, quality_days.c.supplier_id == supplier_id)
        .where(quality_days.c.day.between(first, today))
    )
    found = {row.day: QualityDay(*row) for row in rows}
    every = [first + timedelta(days=place) for place in range(days)]
    return [found.get(day) or QualityDay(day, 0, 0, 0, 0, 0, 0) for day in every]


async def _add_up(
    tx: Tx, tenant_id: int, today: date, timezone: str, *, since_thawed: bool
) -> list[_Sums]:
    return await _sums(
        tx,
        tenant_id=tenant_id,
        since=today - timedelta(days=DAYS - 1),
        until=today,
        timezone=timezone,
        since_thawed=since_thawed,
    )


def _quality(row: _Sums) -> Quality:
    return Quality(
        supplier_id=row.supplier_id,
        attempts=row.attempts,
        success_ppm=row.success_ppm,
        p95_ms=row.p95_ms,
        invalid_ppm=row.invalid_ppm,
        price_changes=row.price_changes,
        unclear=row.unclear,
    )


async def _freeze(
    tx: Tx, tenant_id: int, rule: QualityRule, judged: Sequence[_Sums], at: datetime
) -> None:
    for row in judged:
        because = why_frozen(rule, row)
        if because is None:
            continue
        if await freeze_supplier(tx, tenant_id, "system", row.supplier_id, because):
            facts = {"why": because, "attempts": row.attempts}
            cause = Cause(row.supplier_id, AlertKind.QUALITY_DROPPED, facts)
            await raise_alert(tx, tenant_id, cause, at)


def why_frozen(rule: QualityRule, row: _Sums) -> str | None:
    """Say why the rule freezes a supplier; None: it doesn't. Few attempts say nothing."""
    if row.attempts >= rule.attempts_min and row.success_ppm < rule.success_min_ppm:
        return f"success {row.success_ppm / 10_000:.1f} % < {rule.success_min_ppm / 10_000:.1f} %"
    if row.received >= GOODS_MIN and row.invalid_ppm > rule.invalid_max_ppm:
        return f"invalid {row.invalid_ppm / 10_000:.1f} % > {rule.invalid_max_ppm / 10_000:.1f} %"
    return None
