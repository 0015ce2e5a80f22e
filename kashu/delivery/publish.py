"""Publish: every listing shows what can be sold, never more, within seconds of a change."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from kashu.catalog.bundles import goods_by_id
from kashu.channels.ask import Outside, fetch_listings
from kashu.channels.channel import Can, StockLevel
from kashu.channels.connections import Connection, connections_by_store, granted_connections
from kashu.channels.errors import GrantLost
from kashu.channels.listings import KnownListing, ToPublish, listings_to_publish, note_published
from kashu.channels.promised import promised
from kashu.core.clock import day_of
from kashu.core.db import Database, Tx
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
        open_ = await _with_stock(tx, tenant_id, open_)
        counts = await _for_sale(tx, tenant_id, open_, day_of(at, timezone)) if open_ else []
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


async def _with_stock(tx: Tx, tenant_id: int, open_: Sequence[ToPublish]) -> list[ToPublish]:
    """Leave out listings of which all is topped up: how many they show is the merchant's word."""
    named = {each.listing.sku_id for each in open_ if each.listing.sku_id is not None}
    goods = await goods_by_id(tx, tenant_id, named)
    only_topups = {
        sku_id
        for sku_id, each in goods.items()
        if each.parts and len(each.topups) == len(each.parts)
    }
    return [each for each in open_ if each.listing.sku_id not in only_topups]


async def _for_sale(tx: Tx, tenant_id: int, open_: Sequence[ToPublish], today: date) -> list[int]:
    """Say how many of each listing's SKU can be sold: of a bundle, as many as its parts allow.

    What buyers paid for already, and isn't taken in yet, isn't for sale any more, on any platform.
    """
    sold = [each.listing.sku_id for each in open_]
    owed = await promised(tx, tenant_id)
    named = {sku_id for sku_id in sold if sku_id is not None}
    goods = await goods_by_id(tx, tenant_id, named | owed.keys())
    gone: Counter[UUID] = Counter()
    for sku_id, units in owed.items():
        for part in goods[sku_id].parts if sku_id in goods else ():
            gone[part.sku.id] += units * part.units
    given = {
        sku_id: [part for part in each.parts if part.sku not in each.topups]
        for sku_id, each in goods.items()
        if each.is_sold
    }
    of_listing = [[] if sku_id is None else given.get(sku_id, []) for sku_id in sold]
    wanted = {
        (part.sku.id, each.listing.store_id)
        for each, parts in zip(open_, of_listing, strict=True)
        for part in parts
    }
    names = sorted(wanted)
    counts = dict(zip(names, await for_sale(tx, tenant_id, names, today), strict=True))
    return [
        min(
            (
                max(counts[part.sku.id, each.listing.store_id] - gone[part.sku.id], 0) // part.units
                for part in parts
            ),
            default=0,
        )
        for each, parts in zip(open_, of_listing, strict=True)
    ]


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
        refused = isinstance(error, Refused) and not isinstance(error, GrantLost)
        wait = REFUSED if refused else RETRY
        if isinstance(error, GrantLost):
            await outside.renew_or_lose(database, tenant_id, connection, error)
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
