"""Four eyes: which purchases a second person approves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from kashu.access.tenants import tenant_by_id
from kashu.core.clock import day_bounds, day_of
from kashu.core.db import Tx, one_at_a_time
from kashu.core.events import events_of
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.rules import Limits
from kashu.purchases.tables import purchases

# Of these nothing was spent, or nothing is decided.
_NOT_SPENT = (PurchaseState.DRAFT, PurchaseState.CANCELLED, PurchaseState.ENDED)


async def why_ask(
    tx: Tx,
    tenant_id: int,
    limits: Limits,
    amount_e4: int | None,
    at: datetime,
    *,
    besides: UUID | None = None,
) -> dict[str, Any]:
    """Say which limits a purchase is above, with the numbers; empty: nobody need approve it.

    What nobody can say the amount of is above every limit. `besides`: a purchase that isn't
    counted with the day, since it is the one that is looked at. Locks: where the day is limited,
    all purchases of the tenant's that are being decided, until `tx` ends: so that two together
    don't slip under it.
    """
    why: dict[str, Any] = {}
    limited = (limits.approval_above_e4, limits.daily_max_e4) != (None, None)
    if limited and amount_e4 is None:
        return {"amount_unknown": True}
    if amount_e4 is None:
        return {}
    if limits.approval_above_e4 is not None and amount_e4 > limits.approval_above_e4:
        why["above_limit"] = {"amount_e4": amount_e4, "limit_e4": limits.approval_above_e4}
    if limits.daily_max_e4 is not None:
        await one_at_a_time(tx, f"purchases of the day {tenant_id}")
        spent_e4 = await _spent(tx, tenant_id, at, besides)
        if spent_e4 + amount_e4 > limits.daily_max_e4:
            why["above_daily"] = {
                "amount_e4": amount_e4,
                "spent_e4": spent_e4,
                "limit_e4": limits.daily_max_e4,
            }
    return why


async def _spent(tx: Tx, tenant_id: int, at: datetime, besides: UUID | None) -> int:
    """What purchases of the merchant's day come to."""
    timezone = (await tenant_by_id(tx, tenant_id)).timezone
    since, until = day_bounds(day_of(at, timezone), timezone)
    wanted = (
        select(func.coalesce(func.sum(purchases.c.amount_e4), 0))
        .where(purchases.c.tenant_id == tenant_id)
        .where(purchases.c.created_at >= since, purchases.c.created_at < until)
        .where(purchases.c.state.not_in(_NOT_SPENT))
    )
    if besides is not None:
        wanted = wanted.where(purchases.c.id != besides)
    return int((await tx.execute(wanted)).scalar_one())


async def people_behind(tx: Tx, tenant_id: int, actor: str) -> frozenset[str]:
    """Say whose doing an actor's is: its own, and of a key also its maker's."""
    kind, _, written = actor.partition(":")
    if kind != "key":
        return frozenset({actor})
    made = [
        event.actor
        for event in await events_of(tx, tenant_id, UUID(written))
        if event.kind == "key.made"
    ]
    return frozenset({actor, *made})
