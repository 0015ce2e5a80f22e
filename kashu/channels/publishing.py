"""Publishing: how much of what could be sold a store shows on its platform."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import func, select, update

from kashu.channels.errors import StoreNotConnected
from kashu.channels.tables import connections, listings
from kashu.core.change import chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record


class PublishingChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what could be sold so many percent are shown, less so many; what is unset stays."""

    share_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] | UnsetType = UNSET
    buffer: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | UnsetType = UNSET


async def change_publishing(
    tx: Tx, tenant_id: int, actor: str, store_id: UUID, changes: PublishingChanges
) -> None:
    """Say how much of what could be sold a store shows; it is told at once.

    Locks: the connection, then its listings. Raises: StoreNotConnected.
    """
    wanted: dict[str, Any] = chosen(changes)
    ours = (connections.c.tenant_id == tenant_id) & (connections.c.store_id == store_id)
    found = await tx.execute(
        select(connections.c.share_percent, connections.c.buffer).where(ours).with_for_update()
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise StoreNotConnected
    after = {name: value for name, value in wanted.items() if row[name] != value}
    if not after:
        return
    await tx.execute(update(connections).where(ours).values(**after))
    ids = (
        select(listings.c.id)
        .where(listings.c.tenant_id == tenant_id, listings.c.store_id == store_id)
        .where(listings.c.sku_id.is_not(None), listings.c.publishes)
        .order_by(listings.c.id)
        .with_for_update()
    )
    due = listings.c.tenant_id == tenant_id, listings.c.id.in_(ids)
    await tx.execute(update(listings).where(*due).values(publish_at=func.now()))
    facts = {"before": {name: row[name] for name in after}, "after": after}
    await record(tx, tenant_id, actor, [Event("store.publishing_changed", store_id, facts)])
