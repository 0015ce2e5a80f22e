"""Leases of price lists: whose prices are due, one reader at a time, and how a reading ended."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update

from kashu.core.db import Tx
from kashu.suppliers.connections import Connection, connections_by_supplier
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.tables import connections

LEASE: Final = timedelta(minutes=5)  # longer than any list may take: see read_prices
PAUSE_MAX_S: Final = 900  # between attempts while a supplier is out of order


async def lease_due(
    tx: Tx, tenant_id: int, protocols: Collection[str], at: datetime, limit: int
) -> list[Connection]:
    """Take up to `limit` open connections whose prices are due: nobody else reads them meanwhile.

    Locks: those, skipping what somebody else leases just now.
    """
    due = (
        select(connections.c.supplier_id)
        .where(connections.c.tenant_id == tenant_id)
        .where(connections.c.state == ConnectionState.OPEN, connections.c.prices_at <= at)
        .where(func.coalesce(connections.c.prices_leased_until, at) <= at)
        .where(connections.c.protocol.in_(protocols))
        .order_by(connections.c.prices_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    supplier_ids = list((await tx.execute(due)).scalars())
    if not supplier_ids:
        return []
    await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.supplier_id.in_(supplier_ids))
        .values(
            prices_leased_until=at + LEASE,
            prices_at=at + func.make_interval(0, 0, 0, 0, 0, 0, connections.c.prices_every_s),
        )
    )
    leased = await connections_by_supplier(tx, tenant_id, supplier_ids)
    return [leased[supplier_id] for supplier_id in supplier_ids]


async def end_lease(
    tx: Tx,
    tenant_id: int,
    leased: Connection,
    at: datetime,
    *,
    said: str = "",
    whole_at: datetime | None = None,
    pauses: bool = True,
) -> bool:
    """Note how reading a price list ended, and when the next is due. False: it isn't ours any more.

    `said`: a failure's code; the pause doubles with each in a row, where it `pauses`. `whole_at`:
    all was read and told a price; it is as things were then.
    """
    values: dict[str, Any] = {"prices_said": said, "prices_leased_until": None}
    if said and pauses:
        every_s = leased.prices_every_s
        pause_s = max(min(every_s * 2 ** min(leased.prices_failures + 1, 10), PAUSE_MAX_S), every_s)
        values["prices_failures"] = connections.c.prices_failures + 1
        values["prices_at"] = at + timedelta(seconds=pause_s)
    else:
        values["prices_failures"] = 0
    if whole_at is not None:
        values["prices_ok_at"] = whole_at
    ended = await tx.execute(update(connections).where(*_ours(tenant_id, leased)).values(**values))
    return bool(ended.rowcount)


async def holds_lease(tx: Tx, tenant_id: int, leased: Connection) -> bool:
    """Whether a lease is still ours; if so it stays until `tx` ends. Locks: the connection."""
    row = await tx.execute(
        select(connections.c.supplier_id)
        .where(*_ours(tenant_id, leased))
        .with_for_update(key_share=True)
    )
    return row.one_or_none() is not None


async def ask_soon(tx: Tx, tenant_id: int, supplier_id: UUID, at: datetime) -> None:
    """Have a supplier's whole list read at the next look; once more, if it is being read."""
    await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.supplier_id == supplier_id)
        .where(connections.c.prices_at > at)
        .values(prices_at=at)
    )


def _ours(tenant_id: int, leased: Connection) -> tuple[Any, ...]:
    return (
        connections.c.tenant_id == tenant_id,
        connections.c.supplier_id == leased.supplier_id,
        connections.c.prices_leased_until == leased.prices_leased_until,
    )
