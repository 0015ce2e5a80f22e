"""Breaker: judge by how orders went of late whether a supplier is ordered from at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select

from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.ids import new_id
from kashu.purchases.kinds import Placing
from kashu.purchases.tables_rules import placings
from kashu.suppliers.breaker import (
    Breaker,
    break_again,
    breaker_of,
    close_breaker,
    hold_open,
    open_breaker,
    pause_after,
)

LATE: Final = 20  # orders that are looked back at …
LATE_FOR: Final = timedelta(minutes=10)  # … that aren't older than this
IN_A_ROW: Final = 5  # failures that break at once
ENOUGH: Final = 10  # orders from which on shares tell anything
FAILING_PERCENT: Final = 50
SLOW_MS: Final = 10_000
SLOW_PERCENT: Final = 50
KEPT: Final = timedelta(days=1)
HELD_MAX: Final = timedelta(days=7)  # by a person; for longer the connection is stopped

_FAILING: Final = frozenset({Placing.UNAVAILABLE, Placing.UNCLEAR, Placing.FAILED})


class BreakTooLong(Invalid):
    """A breaker isn't the way to stop for good."""

    code = "break_too_long"
    zh = "暂停下单的时间须在现在之后、{days} 天之内，没有改动。长期停用请停用供应商的接入。"
    en = "Pause until a time from now on, within {days} days. To stop for longer, stop the link."


@dataclass(frozen=True, slots=True)
class Late:
    """How one order went."""

    at: datetime
    outcome: Placing
    latency_ms: int


async def note(
    tx: Tx,
    tenant_id: int,
    supplier_id: UUID,
    outcome: Placing,
    latency_ms: int,
    *,
    at: datetime | None = None,
) -> None:
    """Note how sending an order went, and open or close the supplier's breaker by it.

    While it is open only the order that tries counts: what was sent before tells nothing new.
    A refusal is an answer, so that it neither opens nor keeps open.
    """
    at = at or now()
    await tx.execute(
        insert(placings).values(
            tenant_id=tenant_id,
            id=new_id(),
            supplier_id=supplier_id,
            at=at,
            outcome=outcome,
            latency_ms=min(max(latency_ms, 0), 2**31 - 1),
        )
    )
    breaker = await breaker_of(tx, tenant_id, supplier_id)
    if breaker.breaks:
        await _after_trying(tx, tenant_id, supplier_id, breaker, outcome=outcome, at=at)
        return
    because = why_break(await late(tx, tenant_id, supplier_id, at))
    if because is not None:
        until = at + pause_after(1)
        await open_breaker(tx, tenant_id, "system", supplier_id, until=until, because=because)


async def _after_trying(
    tx: Tx,
    tenant_id: int,
    supplier_id: UUID,
    breaker: Breaker,
    *,
    outcome: Placing,
    at: datetime,
) -> None:
    if breaker.trying_until is None:
        return
    if outcome in _FAILING:
        await break_again(tx, tenant_id, supplier_id, at=at, because=outcome.value)
    elif await close_breaker(tx, tenant_id, "system", supplier_id, tried=True):
        await _forget_late(tx, tenant_id, supplier_id)


async def close_by_hand(tx: Tx, tenant_id: int, actor: str, supplier_id: UUID) -> Breaker:
    """Order from a supplier again at once: a person says that it works. It is judged anew.

    Raises: SupplierNotConnected.
    """
    if await close_breaker(tx, tenant_id, actor, supplier_id):
        await _forget_late(tx, tenant_id, supplier_id)
    return await breaker_of(tx, tenant_id, supplier_id)


async def open_by_hand(
    tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, *, until: datetime, at: datetime
) -> Breaker:
    """Order nothing from a supplier until then; after that one order tries.

    Raises: BreakTooLong, SupplierNotConnected.
    """
    if not at < until <= at + HELD_MAX:
        raise BreakTooLong(days=HELD_MAX.days)
    await hold_open(tx, tenant_id, actor, supplier_id, until=until, because="by_hand")
    return await breaker_of(tx, tenant_id, supplier_id)


def why_break(seen: Sequence[Late]) -> str | None:
    """Say on what grounds orders of late, the newest first, break; None: on none. Pure."""
    answered = [each for each in seen if each.outcome != Placing.REFUSED]
    row = answered[:IN_A_ROW]
    if len(row) == IN_A_ROW and all(each.outcome in _FAILING for each in row):
        return "failures_in_a_row"
    if len(seen) < ENOUGH:
        return None
    failing = sum(each.outcome in _FAILING for each in seen)
    if failing * 100 >= FAILING_PERCENT * len(seen):
        return "failure_rate"
    slow = sum(each.latency_ms >= SLOW_MS for each in seen)
    if slow * 100 >= SLOW_PERCENT * len(seen):
        return "slow"
    return None


async def late(tx: Tx, tenant_id: int, supplier_id: UUID, at: datetime) -> list[Late]:
    """How the last orders at a supplier went, the newest first."""
    found = await tx.execute(
        select(placings.c.at, placings.c.outcome, placings.c.latency_ms)
        .where(placings.c.tenant_id == tenant_id, placings.c.supplier_id == supplier_id)
        .where(placings.c.at > at - LATE_FOR)
        .order_by(placings.c.at.desc(), placings.c.id.desc())
        .limit(LATE)
    )
    return [Late(row.at, Placing(row.outcome), row.latency_ms) for row in found]


async def forget_placings(tx: Tx, tenant_id: int, before: datetime) -> int:
    """Drop what no breaker looks at any more. Returns how many."""
    dropped = await tx.execute(
        delete(placings).where(placings.c.tenant_id == tenant_id, placings.c.at < before)
    )
    return dropped.rowcount


async def _forget_late(tx: Tx, tenant_id: int, supplier_id: UUID) -> None:
    """Begin anew: what broke it doesn't break it again."""
    await tx.execute(
        delete(placings).where(
            placings.c.tenant_id == tenant_id, placings.c.supplier_id == supplier_id
        )
    )
