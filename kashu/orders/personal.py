"""Personal data of orders: accounts that were topped up, and buyers; of both masks are left."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.orders.tables import BuyingState, buyers, buying, lines, orders


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """An account of which an order's line keeps a mask, and until it is over the whole."""

    order_id: UUID
    external_id: str
    store_id: UUID | None
    accepted_at: datetime
    line_id: UUID
    masked_account: str
    is_over: bool  # nothing is waited for any more: the whole account is erased
    sku_id: UUID
    sealed_account: bytes | None = field(repr=False)
    key_version: int | None


@dataclass(frozen=True, slots=True)
class BoughtBy:
    """An order that names its buyer itself: no platform told of it."""

    order_id: UUID
    external_id: str
    store_id: UUID | None
    accepted_at: datetime
    buyer: str
    is_over: bool  # none of its lines waits for anything


async def bought_by(tx: Tx, tenant_id: int, order_ids: Collection[UUID]) -> list[BoughtBy]:
    """The buyers of some orders; those that name none are left out."""
    waits = exists().where(
        lines.c.tenant_id == tenant_id, lines.c.order_id == orders.c.id, lines.c.waiting_count > 0
    )
    of = orders.c
    its_own = (of.tenant_id == tenant_id) & (of.id == buyers.c.order_id)
    rows = await tx.execute(
        select(of.id, of.external_id, of.store_id, of.accepted_at, buyers.c.buyer, ~waits)
        .join_from(buyers, orders, its_own)
        .where(buyers.c.tenant_id == tenant_id, buyers.c.order_id.in_(set(order_ids)))
    )
    return [BoughtBy(*row) for row in rows]


async def erase_bought_by(tx: Tx, tenant_id: int, order_ids: Collection[UUID]) -> None:
    """Erase whose some orders are. Locks: what says so."""
    await tx.execute(
        delete(buyers).where(buyers.c.tenant_id == tenant_id, buyers.c.order_id.in_(set(order_ids)))
    )


async def topped_up_for(tx: Tx, tenant_id: int, order_ids: Collection[UUID]) -> list[ToppedUp]:
    """The accounts of some orders' lines."""
    return await _read(tx, _topped_up(tenant_id).where(orders.c.id.in_(set(order_ids))))


async def topped_up_under(
    tx: Tx, tenant_id: int, masks: Collection[str], *, limit: int
) -> list[ToppedUp]:
    """Those that look like one of these, the newest first."""
    asked = _topped_up(tenant_id).where(buying.c.masked_account.in_(set(masks)))
    return await _read(tx, asked.limit(limit))


async def open_topped_up(
    tx: Tx, tenant_id: int, keyrings: Keyrings, found: Collection[ToppedUp]
) -> list[str]:
    """Open the accounts that are still kept whole, for whoever they are of. Raises: SealBroken."""
    opened = []
    for each in found:
        if each.sealed_account is not None and each.key_version is not None:
            keyring = await keyrings.of(tx, tenant_id, version=each.key_version)
            secret = keyring.open(
                each.sealed_account, each.key_version, kind=each.sku_id, owner=each.line_id
            )
            opened.append(secret.clear)
    return list(dict.fromkeys(opened))


async def erase_topped_up(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> set[UUID]:
    """Erase the masks of lines that wait for nothing any more; returns which lines.

    Locks: what is bought for them.
    """
    erased = await tx.execute(
        update(buying)
        .where(buying.c.tenant_id == tenant_id, buying.c.line_id.in_(set(line_ids)))
        .where(buying.c.state == BuyingState.OVER)
        .values(masked_account="")
        .returning(buying.c.line_id)
    )
    return set(erased.scalars())


def _topped_up(tenant_id: int) -> Select[Any]:
    return (
        select(
            orders.c.id,
            orders.c.external_id,
            orders.c.store_id,
            orders.c.accepted_at,
            lines.c.id,
            buying.c.masked_account,
            buying.c.state == BuyingState.OVER,
            buying.c.sku_id,
            buying.c.sealed_account,
            buying.c.key_version,
        )
        .join(lines, (lines.c.tenant_id == tenant_id) & (lines.c.id == buying.c.line_id))
        .join(orders, (orders.c.tenant_id == tenant_id) & (orders.c.id == lines.c.order_id))
        .where(buying.c.tenant_id == tenant_id, buying.c.masked_account != "")
        .order_by(orders.c.accepted_at.desc(), lines.c.id)
    )


async def _read(tx: Tx, asked: Select[Any]) -> list[ToppedUp]:
    return [ToppedUp(*row) for row in await tx.execute(asked)]
