"""Listings: what is for sale on a platform, and which SKU of ours it stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, case, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from kashu.channels.channel import Listing, ShopLine
from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.errors import UnknownListing, UnknownListingSku
from kashu.channels.kinds import ACTS, GrantState, Mode
from kashu.channels.left_to_people import look_again
from kashu.channels.mode_locks import begin_mode_change
from kashu.channels.shop_orders import storable
from kashu.channels.tables import connections, listings
from kashu.channels.unmapped import wake_unmapped
from kashu.core.change import chosen
from kashu.core.db import Tx, on_violation
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.jobs import wake
from kashu.core.prefixes import contains
from kashu.core.sql import Statement

on_violation("listing_knows_its_sku", UnknownListingSku)

SETTLING: Final = timedelta(minutes=2)  # what we published later than that may not show yet

Name: TypeAlias = tuple[UUID, str, str]  # store, the platform's item and variant


@dataclass(frozen=True, slots=True)
class KnownListing:
    """A listing as we know it. `sku_id` is None while nobody has mapped it."""

    id: UUID
    store_id: UUID
    item_id: str
    variant_id: str
    title: str
    properties: str
    merchant_code: str
    price_e4: int | None
    on_sale: bool
    sku_id: UUID | None
    units: int
    sends_card: bool
    confirms: bool
    publishes: bool
    published: int | None
    mode: Mode | None  # None: as the store
    published_at: datetime | None
    publish_said: str  # the code of why its stock isn't shown there as it should; empty: it is
    reads_accounts: bool  # somebody said where buyers write the account to be topped up

    @property
    def name(self) -> Name:
        """What names it."""
        return self.store_id, self.item_id, self.variant_id


@dataclass(frozen=True, slots=True)
class ToPublish:
    """A listing, and how much of what can be sold its store shows."""

    listing: KnownListing
    share_percent: int
    buffer: int

    def of(self, for_sale: int) -> int:
        """How many of it to show, where so many units of its SKU can be sold."""
        shown = max(for_sale * self.share_percent // 100 - self.buffer, 0)
        return shown // self.listing.units


class ListingChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is."""

    sku_id: UUID | UnsetType | None = UNSET  # null: mapped no more
    units: Annotated[int, msgspec.Meta(ge=1, le=1_000)] | UnsetType = UNSET
    sends_card: bool | UnsetType = UNSET
    confirms: bool | UnsetType = UNSET
    publishes: bool | UnsetType = UNSET
    mode: Mode | UnsetType | None = UNSET  # null: as the store


@dataclass(frozen=True, slots=True)
class _Noted:
    id: UUID


_note_published = Statement(__file__, "listings_note_published.sql", _Noted)


async def see_listings(tx: Tx, tenant_id: int, store_id: UUID, told: Iterable[Listing]) -> None:
    """Note what a platform has for sale; how it is mapped stays.

    What it shows as stock is what counts as published, so that a difference is put right.
    Locks: those we know, in order of id.
    """
    latest = {(each.item_id, each.sku_id): each for each in told}
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "store_id": store_id,
            "item_id": each.item_id,
            "variant_id": each.sku_id,
            "title": storable(each.title),
            "properties": storable(each.properties),
            "merchant_code": storable(each.merchant_code),
            "price_e4": each.price_e4,
            "on_sale": each.on_sale,
            "published": each.quantity,
        }
        for _, each in sorted(latest.items())
    ]
    if not rows:
        return
    await lock_listings(tx, tenant_id, store_id, latest)
    wanted = insert(listings).values(rows)
    fresh = ("title", "properties", "merchant_code", "price_e4", "on_sale")
    settled = func.coalesce(listings.c.published_at < func.now() - SETTLING, True)
    told = case((settled, wanted.excluded.published), else_=listings.c.published)
    await tx.execute(
        wanted.on_conflict_do_update(
            index_elements=[
                listings.c.tenant_id,
                listings.c.store_id,
                listings.c.item_id,
                listings.c.variant_id,
            ],
            set_={name: wanted.excluded[name] for name in fresh}
            | {"seen_at": func.now(), "published": told},
        )
    )


async def lock_listings(
    tx: Tx, tenant_id: int, store_id: UUID, names: Iterable[tuple[str, str]]
) -> None:
    """Lock those of some listings (item, variant) that we know, in order of id as everybody does.

    Whoever then writes them in the order of their names waits for nobody crosswise.
    """
    key = tuple_(listings.c.item_id, listings.c.variant_id)
    await tx.execute(
        select(listings.c.id)
        .where(listings.c.tenant_id == tenant_id, listings.c.store_id == store_id)
        .where(key.in_(sorted(names)))
        .order_by(listings.c.id)
        .with_for_update()
    )


async def learn_listings(tx: Tx, tenant_id: int, store_id: UUID, lines: Sequence[ShopLine]) -> None:
    """Note listings that we only know from orders, so that somebody can map them."""
    rows = [
        {
            "tenant_id": tenant_id,
            "id": new_id(),
            "store_id": store_id,
            "item_id": line.item_id,
            "variant_id": line.sku_id,
            "title": storable(line.title),
            "merchant_code": storable(line.merchant_code),
        }
        for line in sorted(lines, key=lambda line: (line.item_id, line.sku_id))
    ]
    if rows:
        await tx.execute(insert(listings).values(rows).on_conflict_do_nothing())


async def listings_by_name(
    tx: Tx, tenant_id: int, names: Iterable[Name], *, kept: bool = False
) -> dict[Name, KnownListing]:
    """Some listings; those we don't know are left out. `kept`: nobody changes them meanwhile."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    key = tuple_(listings.c.store_id, listings.c.item_id, listings.c.variant_id)
    found_by = select(listings).where(listings.c.tenant_id == tenant_id, key.in_(wanted))
    if kept:
        found_by = found_by.order_by(listings.c.id).with_for_update(read=True)
    found = map(_known, await tx.execute(found_by))
    return {each.name: each for each in found}


async def listings_of(
    tx: Tx,
    tenant_id: int,
    store_id: UUID,
    *,
    mapped: bool | None = None,
    on_sale: bool | None = None,
    written: str = "",
    after: UUID | None = None,
    limit: int = 100,
) -> list[KnownListing]:
    """A store's listings in order of id; only those that are mapped, or only those that aren't.

    `on_sale`: only those, or only the others. `written`: they have it in title, code or id.
    """
    conditions = _those(tenant_id, store_id, mapped=mapped, on_sale=on_sale, written=written)
    wanted = select(listings).where(*conditions)
    if after is not None:
        wanted = wanted.where(listings.c.id > after)
    return [_known(row) for row in await tx.execute(wanted.order_by(listings.c.id).limit(limit))]


async def count_listings(
    tx: Tx,
    tenant_id: int,
    store_id: UUID,
    *,
    mapped: bool | None = None,
    on_sale: bool | None = None,
    written: str = "",
) -> int:
    """Say how many `listings_of` has on all its pages."""
    conditions = _those(tenant_id, store_id, mapped=mapped, on_sale=on_sale, written=written)
    counted = await tx.execute(select(func.count()).select_from(listings).where(*conditions))
    return counted.scalar_one()


def _those(
    tenant_id: int, store_id: UUID, *, mapped: bool | None, on_sale: bool | None, written: str
) -> list[ColumnElement[bool]]:
    conditions = [listings.c.tenant_id == tenant_id, listings.c.store_id == store_id]
    if mapped is not None:
        is_mapped = listings.c.sku_id.is_not(None)
        conditions.append(is_mapped if mapped else ~is_mapped)
    if on_sale is not None:
        conditions.append(listings.c.on_sale.is_(on_sale))
    if written:
        named = (listings.c.title, listings.c.properties, listings.c.merchant_code)
        ids = (listings.c.item_id, listings.c.variant_id)
        conditions.append(or_(*(contains(each, written) for each in (*named, *ids))))
    return conditions


async def listings_by_id(
    tx: Tx, tenant_id: int, listing_ids: Iterable[UUID]
) -> dict[UUID, KnownListing]:
    """Some listings; those that aren't this merchant's are left out."""
    wanted = listings.c.tenant_id == tenant_id, listings.c.id.in_(set(listing_ids))
    return {row.id: _known(row) for row in await tx.execute(select(listings).where(*wanted))}


async def listings_to_publish(tx: Tx, tenant_id: int, at: datetime) -> list[ToPublish]:
    """Listings whose stock may be published now: mapped, for sale, of stores that work."""
    rows = await tx.execute(
        select(listings, connections.c.share_percent, connections.c.buffer)
        .join(
            connections,
            (connections.c.tenant_id == tenant_id)
            & (connections.c.store_id == listings.c.store_id),
        )
        .where(listings.c.tenant_id == tenant_id, listings.c.sku_id.is_not(None))
        .where(listings.c.publishes, listings.c.on_sale, listings.c.publish_at <= at)
        .where(connections.c.mode != Mode.STOPPED)
        .where(func.coalesce(listings.c.mode, connections.c.mode).in_(ACTS))
        .where(connections.c.grant_state == GrantState.GRANTED)
        .order_by(listings.c.store_id, listings.c.id)
    )
    return [ToPublish(_known(row), row.share_percent, row.buffer) for row in rows]


async def note_published(
    tx: Tx,
    tenant_id: int,
    listing_ids: Sequence[UUID],
    quantities: Sequence[int | None],
    *,
    next_at: datetime,
    said: str = "",
) -> None:
    """Note what the platform shows now, None where we can't know; not again before `next_at`.

    Locks: the listings, in order of id.
    """
    await _note_published(
        tx,
        tenant=tenant_id,
        ids=list(listing_ids),
        quantities=list(quantities),
        next_at=next_at,
        said=said,
    )


async def change_listing(
    tx: Tx, tenant_id: int, actor: str, listing_id: UUID, changes: ListingChanges
) -> KnownListing:
    """Map a listing to a SKU, or set its switches. Orders that waited for it go on at once.

    Raises: UnknownListing.
    """
    values = chosen(changes)
    ours = (listings.c.tenant_id == tenant_id) & (listings.c.id == listing_id)
    if "mode" in values:
        of_store = select(listings.c.store_id).where(ours)
        for store_id in (await tx.execute(of_store)).scalars():
            await begin_mode_change(tx, tenant_id, store_id)
    if values:
        after_shadow = {"acts_from": _acts_from(tenant_id)} if "mode" in values else {}
        await tx.execute(update(listings).where(ours).values(**values, **after_shadow))
    row = (await tx.execute(select(listings).where(ours))).one_or_none()
    if row is None:
        raise UnknownListing
    listing = _known(row)
    if values:
        facts = {name: str(value) for name, value in values.items()}
        await record(tx, tenant_id, actor, [Event("listing.changed", listing.id, facts)])
        if "mode" in values:
            await look_again(tx, tenant_id, listing.store_id)
            await wake(tx, tenant_id, SHOP_ORDERS_DUE)
        if listing.sku_id is not None:
            await wake_unmapped(tx, tenant_id, listing.store_id)
    return listing


def _acts_from(tenant_id: int) -> ColumnElement[datetime | None]:
    """What a listing's orders were paid in shadow is left to people, whatever comes after it."""
    of_store = (
        select(connections.c.mode)
        .where(connections.c.tenant_id == tenant_id)
        .where(connections.c.store_id == listings.c.store_id)
        .scalar_subquery()
    )
    was_in_shadow = func.coalesce(listings.c.mode, of_store) == Mode.SHADOW
    return case((was_in_shadow, func.now()), else_=listings.c.acts_from)


def _known(row: Any) -> KnownListing:  # noqa: ANN401 (a row of SQLAlchemy's)
    return KnownListing(
        row.id,
        row.store_id,
        row.item_id,
        row.variant_id,
        row.title,
        row.properties,
        row.merchant_code,
        row.price_e4,
        row.on_sale,
        row.sku_id,
        row.units,
        row.sends_card,
        row.confirms,
        row.publishes,
        row.published,
        None if row.mode is None else Mode(row.mode),
        row.published_at,
        row.publish_said,
        row.account_rule is not None,
    )
