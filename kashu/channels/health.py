"""Health: how stores stand with their platforms, and what waits there, for whoever looks at it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select

from kashu.channels.kinds import GrantState, Mode, Step
from kashu.channels.tables import connections, listings, shop_orders
from kashu.core.db import Tx

# As the index `shop_orders_to_do` says it: few rows, whatever the history.
_TO_DO = tuple(
    literal(each.value, literal_execute=True)
    for each in (Step.DUE, Step.UNMAPPED, Step.HELD, Step.TAKEN, Step.SENT, Step.TROUBLE)
)


@dataclass(frozen=True, slots=True)
class Offered:
    """How many listings a store has, how many are on sale, and how many of these stand for none."""

    listings: int = 0
    on_sale: int = 0
    unmapped: int = 0
    own_modes: int = 0  # that don't do as their store


@dataclass(frozen=True, slots=True)
class Health:
    """How a store stands with its platform. No secret of its connection is in it."""

    grant: GrantState
    shop_name: str | None
    expires_at: datetime | None
    renewable: bool  # we have what it takes to renew it without the seller
    mode: Mode
    shadow_from: datetime | None
    orders_until: datetime
    ok_at: datetime | None
    next_at: datetime
    pushed_at: datetime | None
    failures: int
    said: str
    missed_from: datetime | None
    missed_until: datetime | None
    share_percent: int
    buffer: int
    offered: Offered = field(default_factory=Offered)
    waiting: Mapping[Step, int] = field(default_factory=dict)


async def health_of(tx: Tx, tenant_id: int, store_ids: Collection[UUID]) -> dict[UUID, Health]:
    """Say how some stores stand; those that aren't connected are left out."""
    rows = await tx.execute(
        select(connections).where(
            connections.c.tenant_id == tenant_id, connections.c.store_id.in_(store_ids)
        )
    )
    found = rows.all()
    if not found:
        return {}
    offered = await _offered(tx, tenant_id, store_ids)
    waiting = await waiting_of(tx, tenant_id, store_ids)
    return {
        row.store_id: _health(
            row, offered.get(row.store_id, Offered()), waiting.get(row.store_id, {})
        )
        for row in found
    }


async def waiting_of(
    tx: Tx, tenant_id: int, store_ids: Collection[UUID]
) -> dict[UUID, dict[Step, int]]:
    """Count the orders of some stores that wait, for us or for somebody, by step."""
    rows = await tx.execute(
        select(shop_orders.c.store_id, shop_orders.c.step, func.count())
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.step.in_(_TO_DO))
        .where(shop_orders.c.store_id.in_(store_ids))
        .group_by(shop_orders.c.store_id, shop_orders.c.step)
    )
    counts: dict[UUID, dict[Step, int]] = {}
    for store_id, step, count in rows:
        counts.setdefault(store_id, {})[Step(step)] = count
    return counts


async def _offered(tx: Tx, tenant_id: int, store_ids: Collection[UUID]) -> dict[UUID, Offered]:
    on_sale, unmapped = listings.c.on_sale, listings.c.sku_id.is_(None)
    rows = await tx.execute(
        select(
            listings.c.store_id,
            func.count(),
            func.count().filter(on_sale),
            func.count().filter(on_sale, unmapped),
            func.count(listings.c.mode),
        )
        .where(listings.c.tenant_id == tenant_id, listings.c.store_id.in_(store_ids))
        .group_by(listings.c.store_id)
    )
    return {store_id: Offered(*counts) for store_id, *counts in rows}


def _health(row: Any, offered: Offered, waiting: Mapping[Step, int]) -> Health:  # noqa: ANN401
    return Health(
        grant=GrantState(row.grant_state),
        shop_name=row.shop_name,
        expires_at=row.expires_at,
        renewable=row.sealed_refresh is not None,
        mode=Mode(row.mode),
        shadow_from=row.shadow_from,
        orders_until=row.orders_until,
        ok_at=row.ok_at,
        next_at=row.next_at,
        pushed_at=row.pushed_at,
        failures=row.failures,
        said=row.said,
        missed_from=row.missed_from,
        missed_until=row.missed_until,
        share_percent=row.share_percent,
        buffer=row.buffer,
        offered=offered,
        waiting=waiting,
    )
