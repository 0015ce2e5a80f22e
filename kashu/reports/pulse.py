"""The pulse: what was sold in each ten minutes, so that a day's curve always costs the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select

from kashu.core.clock import Clock, now
from kashu.core.db import Database, Tx, one_at_a_time
from kashu.core.sql import Statement
from kashu.ledger.kinds import PROFIT_KINDS
from kashu.reports.tables import pulse

STEP: Final = timedelta(minutes=10)
# A transaction may commit long after it posted: what is younger is added up again.
OPEN_FOR: Final = timedelta(minutes=20)
BEGINS_WITH: Final = timedelta(days=35)  # what the first count looks back
KEPT: Final = timedelta(days=400)
_PROFIT: Final = sorted(PROFIT_KINDS)


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_count = Statement(__file__, "pulse.sql", _Nothing)


def step_of(moment: datetime) -> datetime:
    """The beginning of the ten minutes that a moment is in."""
    epoch = datetime(2020, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // STEP * STEP


async def count_pulse(
    database: Database, tenant_id: int, clock: Clock = now, *, again: bool = False
) -> bool:
    """Add up what was sold lately, again where it may still have grown. False: nothing is left.

    `again`: as the first time, for whoever wrote something into days that were counted.
    """
    async with database.transaction(tenant_id) as tx:
        await one_at_a_time(tx, f"pulse {tenant_id}")
        moment = clock()
        first = step_of(moment - BEGINS_WITH)
        since = first if again else await _open_since(tx, tenant_id, moment)
        await _count_since(tx, tenant_id, since)
        await tx.execute(
            delete(pulse).where(pulse.c.tenant_id == tenant_id, pulse.c.begins_at < moment - KEPT)
        )
    return False


async def _open_since(tx: Tx, tenant_id: int, moment: datetime) -> datetime:
    last = await tx.execute(
        select(func.max(pulse.c.begins_at)).where(pulse.c.tenant_id == tenant_id)
    )
    counted_at = last.scalar_one()
    if counted_at is None:
        return step_of(moment - BEGINS_WITH)
    return step_of(min(counted_at, moment) - OPEN_FOR)


async def _count_since(tx: Tx, tenant_id: int, since: datetime) -> None:
    await tx.execute(
        delete(pulse).where(pulse.c.tenant_id == tenant_id, pulse.c.begins_at >= since)
    )
    await _count(tx, tenant_id=tenant_id, since=since, profit_kinds=_PROFIT)
