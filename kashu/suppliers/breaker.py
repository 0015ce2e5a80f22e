"""Breaker: a supplier that fails isn't ordered from for a while; then one order tries.

How long, and on what grounds, is decided by who orders: kashu/purchases/breaker.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.suppliers.errors import SupplierNotConnected
from kashu.suppliers.tables import connections

TRYING: Final = timedelta(minutes=2)  # for the one order to be answered; then another may try
PAUSE: Final = timedelta(seconds=30)  # after the first break; doubles with each in a row, up to …
PAUSE_MAX: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a supplier is ordered from. Closed: it is; `trying_until`: one order tries."""

    broken_until: datetime | None
    breaks: int  # in a row; 0: closed
    because: str
    trying_until: datetime | None


def pause_after(breaks: int) -> timedelta:
    """For how long nothing is ordered after so many breaks in a row."""
    pause: timedelta = PAUSE * 2 ** min(breaks - 1, 16)
    return min(pause, PAUSE_MAX)


async def breaker_of(tx: Tx, tenant_id: int, supplier_id: UUID) -> Breaker:
    """Read a supplier's breaker. Raises: SupplierNotConnected."""
    wanted = select(
        connections.c.broken_until,
        connections.c.breaks,
        connections.c.broken_because,
        connections.c.trying_until,
    ).where(*_ours(tenant_id, supplier_id))
    row = (await tx.execute(wanted)).one_or_none()
    if row is None:
        raise SupplierNotConnected(supplier=supplier_id)
    return Breaker(*row)


async def open_breaker(
    tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, *, until: datetime, because: str
) -> bool:
    """Order nothing from a supplier until then. False: it wasn't closed, and stays as it is."""
    return await _break(
        tx, tenant_id, actor, supplier_id, until, because, connections.c.breaks == 0, breaks=1
    )


async def hold_open(
    tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, *, until: datetime, because: str
) -> bool:
    """Order nothing from a supplier until then, whatever its breaker says: a person's word."""
    seen = await breaker_of(tx, tenant_id, supplier_id)
    breaks = max(seen.breaks, 1)
    return await _break(tx, tenant_id, actor, supplier_id, until, because, None, breaks=breaks)


async def try_once(tx: Tx, tenant_id: int, supplier_id: UUID, at: datetime) -> bool:
    """Let one order through a breaker whose pause is over. False: another one is under way.

    Locks: the connection, until `tx` ends: of two that ask at once, one is told False.
    """
    free = connections.c.trying_until.is_(None) | (connections.c.trying_until <= at)
    changed = await tx.execute(
        update(connections)
        .where(*_ours(tenant_id, supplier_id), connections.c.breaks > 0, free)
        .where(connections.c.broken_until <= at)
        .values(trying_until=at + TRYING)
    )
    if changed.rowcount:
        event = Event("supplier.breaker_half_opened", supplier_id)
        await record(tx, tenant_id, "system", [event])
        return True
    closed = select(connections.c.supplier_id).where(
        *_ours(tenant_id, supplier_id), connections.c.breaks == 0
    )
    return (await tx.execute(closed)).first() is not None  # closed meanwhile


async def break_again(
    tx: Tx, tenant_id: int, supplier_id: UUID, *, at: datetime, because: str
) -> bool:
    """The order that tried failed: pause for longer. False: none was trying."""
    seen = await breaker_of(tx, tenant_id, supplier_id)
    breaks = seen.breaks + 1
    trying = connections.c.trying_until.is_not(None) & (connections.c.breaks == seen.breaks)
    until = at + pause_after(breaks)
    return await _break(tx, tenant_id, "system", supplier_id, until, because, trying, breaks=breaks)


async def close_breaker(
    tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, *, tried: bool = False
) -> bool:
    """Order from a supplier again; `tried`: only if an order is trying. False: nothing changed."""
    wanted = update(connections).where(*_ours(tenant_id, supplier_id), connections.c.breaks > 0)
    if tried:
        wanted = wanted.where(connections.c.trying_until.is_not(None))
    changed = await tx.execute(
        wanted.values(broken_until=None, breaks=0, broken_because="", trying_until=None)
    )
    if changed.rowcount:
        await record(tx, tenant_id, actor, [Event("supplier.breaker_closed", supplier_id)])
    return bool(changed.rowcount)


async def _break(  # noqa: PLR0917  (all of it is one statement)
    tx: Tx,
    tenant_id: int,
    actor: str,
    supplier_id: UUID,
    until: datetime,
    because: str,
    only: ColumnElement[bool] | None,
    *,
    breaks: int,
) -> bool:
    wanted = update(connections).where(*_ours(tenant_id, supplier_id))
    if only is not None:
        wanted = wanted.where(only)
    changed = await tx.execute(
        wanted.values(broken_until=until, breaks=breaks, broken_because=because, trying_until=None)
    )
    if changed.rowcount:
        facts: dict[str, Any] = {
            "because": because,
            "until": until.isoformat(),
            "breaks": breaks,
        }
        await record(tx, tenant_id, actor, [Event("supplier.breaker_opened", supplier_id, facts)])
    return bool(changed.rowcount)


def _ours(tenant_id: int, supplier_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return connections.c.tenant_id == tenant_id, connections.c.supplier_id == supplier_id
