"""Breaker: judge by how orders went of late whether a supplier is ordered from at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
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


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


@dataclass(frozen=True, slots=True)
class _Seen:
    supplier_id: UUID
    breaks: int
    at: datetime
    outcome: str
    latency_ms: int


_note = Statement(__file__, "breaker_note.sql", _Nothing)
_late_of = Statement(__file__, "breaker_late.sql", _Seen)


@dataclass(frozen=True, slots=True)
class Noted:
    """How sending one order went."""

    supplier_id: UUID
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
    """Note how sending one order went: see note_all()."""
    await note_all(tx, tenant_id, [Noted(supplier_id, outcome, latency_ms)], at=at or now())


async def note_all(tx: Tx, tenant_id: int, noted: Sequence[Noted], *, at: datetime) -> None:
    """Note how sending some orders went, in order; open or close their suppliers' breakers by it.

    While one is open only the order that tries counts: what was sent before tells nothing new.
    A refusal is an answer, so that it neither opens nor keeps open.
    """
    if not noted:
        return
    ids = new_ids(len(noted))
    suppliers = sorted({each.supplier_id for each in noted})
    await _note(
        tx,
        tenant=tenant_id,
        ids=ids,
        suppliers=[each.supplier_id for each in noted],
        at=at,
        outcomes=[each.outcome.value for each in noted],
        latencies=[min(max(each.latency_ms, 0), 2**31 - 1) for each in noted],
    )
    seen = await _late_of(
        tx, tenant=tenant_id, suppliers=suppliers, since=at - LATE_FOR, most=LATE + len(noted)
    )
    for supplier_id in suppliers:
        new = [each for each in noted if each.supplier_id == supplier_id]
        of_it = [each for each in seen if each.supplier_id == supplier_id]
        if of_it and not of_it[0].breaks:
            late_ones = [Late(each.at, Placing(each.outcome), each.latency_ms) for each in of_it]
            await _judge(tx, tenant_id, supplier_id, late_ones, new=new, at=at)
        else:
            await _one_by_one(tx, tenant_id, supplier_id, new, at)


async def _judge(
    tx: Tx,
    tenant_id: int,
    supplier_id: UUID,
    late_ones: Sequence[Late],
    *,
    new: Sequence[Noted],
    at: datetime,
) -> None:
    """Look back from each new one, the oldest first, as though they had been told one by one."""
    for newer in reversed(range(len(new))):
        because = why_break(late_ones[newer : newer + LATE])
        if because is not None:
            until = at + pause_after(1)
            await open_breaker(tx, tenant_id, "system", supplier_id, until=until, because=because)
            return  # what else was sent before it opened doesn't count


async def _one_by_one(
    tx: Tx, tenant_id: int, supplier_id: UUID, new: Sequence[Noted], at: datetime
) -> None:
    """An open breaker: what each tells is told to it as it stands then."""
    for each in new:
        breaker = await breaker_of(tx, tenant_id, supplier_id)
        if breaker.breaks:
            await _after_trying(tx, tenant_id, supplier_id, breaker, outcome=each.outcome, at=at)


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
    """How the last orders at a supplier that is connected went, the newest first."""
    since = at - LATE_FOR
    rows = await _late_of(tx, tenant=tenant_id, suppliers=[supplier_id], since=since, most=LATE)
    return [Late(row.at, Placing(row.outcome), row.latency_ms) for row in rows]


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
