"""Publish: every listing shows what can be sold, never more, within seconds of a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from kashu.channels.ask import Outside, fetch_listings
from kashu.channels.channel import Can, StockLevel
from kashu.channels.connections import Connection, connections_by_store, granted_connections
from kashu.channels.listings import KnownListing, listings_to_publish, note_published
from kashu.core.clock import day_of
from kashu.core.db import Database
from kashu.core.errors import OutsideError, Refused, Unavailable
from kashu.stock.for_sale import for_sale

AT_ONCE: Final = 20  # listings in a call
SETTLE: Final = timedelta(seconds=3)  # between two of one listing: a rush is published once
RETRY: Final = timedelta(seconds=15)
REFUSED: Final = timedelta(minutes=10)  # before what was refused is tried again


@dataclass(frozen=True, slots=True)
class _Change:
    listing: KnownListing
    quantity: int


async def publish_stock(
    database: Database, tenant_id: int, timezone: str, outside: Outside
) -> bool:
    """Tell the platforms what changed since they were told."""
    at = outside.now()
    async with database.transaction(tenant_id) as tx:
        open_ = await listings_to_publish(tx, tenant_id, at)
        names = [(each.listing.sku_id or UUID(int=0), each.listing.store_id) for each in open_]
        counts = await for_sale(tx, tenant_id, names, day_of(at, timezone)) if open_ else []
        changes = [
            _Change(each.listing, each.of(count))
            for each, count in zip(open_, counts, strict=True)
            if each.of(count) != each.listing.published
        ]
        stores = sorted({change.listing.store_id for change in changes})
        found = await connections_by_store(tx, tenant_id, stores)
    for store_id, of_store in groupby(changes, key=lambda change: change.listing.store_id):
        members = list(of_store)
        for n in range(0, len(members), AT_ONCE):
            part = members[n : n + AT_ONCE]
            await _publish(database, tenant_id, outside, found[store_id], part)
    return False


async def _publish(
    database: Database,
    tenant_id: int,
    outside: Outside,
    connection: Connection,
    part: Sequence[_Change],
) -> None:
    if connection.channel not in outside.channels:
        return
    channel, link = outside.reach(tenant_id, connection)
    if Can.PUBLISH_STOCK not in channel.can:
        return
    levels = [
        StockLevel(change.listing.item_id, change.listing.variant_id, change.quantity)
        for change in part
    ]
    said, wait = "", SETTLE
    quantities: list[int | None] = [change.quantity for change in part]
    try:
        await channel.publish_stock(link, levels)
    except OutsideError as error:
        said = error.code
        wait = REFUSED if isinstance(error, Refused) else RETRY
        if not isinstance(error, Unavailable):  # some of it may have happened
            quantities = [None] * len(part)
        else:
            quantities = [change.listing.published for change in part]
    async with database.transaction(tenant_id) as tx:
        await note_published(
            tx,
            tenant_id,
            [change.listing.id for change in part],
            quantities,
            next_at=outside.now() + wait,
            said=said,
        )


async def check_drift(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Read what the platforms really show; what differs is published again."""
    async with database.transaction(tenant_id) as tx:
        connections = await granted_connections(tx, tenant_id)
    for connection in connections:
        channel = outside.channels.get(connection.channel)
        if channel is None or not channel.can >= {Can.LIST_LISTINGS, Can.PUBLISH_STOCK}:
            continue
        try:
            await fetch_listings(database, tenant_id, outside, connection)
        except OutsideError:  # it is noted where orders are asked for, and looked at next hour
            continue
    return False
