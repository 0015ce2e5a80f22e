"""What stock does without being asked."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database
from kashu.stock.levels import look_at_expiry, look_at_levels
from kashu.stock.reseal import FIRST, reseal, retire_if_unused
from kashu.stock.reserve import ReservationEnded, release_reservation
from kashu.stock.tables import ReservationState, reservations

DUE_AT_ONCE: Final = 100
CHUNKS_AT_ONCE: Final = 100  # of 500 cards


async def release_due_reservations(database: Database, tenant_id: int, clock: Clock = now) -> bool:
    """Give back what is reserved beyond its time, one in a transaction. True: there may be more."""
    at = clock()
    due: list[UUID]
    async with database.transaction(tenant_id) as tx:
        found = await tx.execute(
            select(reservations.c.id)
            .where(reservations.c.tenant_id == tenant_id, reservations.c.until_at <= at)
            .where(reservations.c.state == ReservationState.HELD)
            .order_by(reservations.c.until_at)
            .limit(DUE_AT_ONCE)
        )
        due = list(found.scalars())
    for reservation_id in due:
        try:
            async with database.transaction(tenant_id) as tx:
                await release_reservation(
                    tx, tenant_id, "system", reservation_id, because="ran out", due_at=at
                )
        except ReservationEnded:  # used, released or extended since we looked
            continue
    return len(due) == DUE_AT_ONCE


async def watch_stock(
    database: Database, tenant_id: int, timezone: str, clock: Clock = now
) -> bool:
    """Raise and clear the alerts of stock that is low, out, or about to expire."""
    at = clock()
    today = day_of(at, timezone)
    async with database.transaction(tenant_id) as tx:
        await look_at_levels(tx, tenant_id, today, at)
        await look_at_expiry(tx, tenant_id, today, at)
    return False


async def reseal_cards(
    database: Database,
    tenant_id: int,
    keyrings: Keyrings,
    clock: Clock = now,
    *,
    chunks: int = CHUNKS_AT_ONCE,
) -> bool:
    """Bring cards under the sealing key in force; when none is left, erase the old keys.

    True: there is more to reseal at once.
    """
    last: UUID | None = FIRST
    for _ in range(chunks):
        assert last is not None
        async with database.transaction(tenant_id) as tx:
            last = await reseal(tx, tenant_id, keyrings, after=last)
        if last is None:
            break
    else:
        return True
    async with database.transaction(tenant_id) as tx:
        await retire_if_unused(tx, tenant_id, now=clock())
    return False
