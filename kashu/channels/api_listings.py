"""HTTP of listings: what a store has for sale on its platform, and what it stands for."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside, fetch_listings
from kashu.channels.connections import connection_of
from kashu.channels.errors import UnknownStore
from kashu.channels.kinds import Mode
from kashu.channels.listings import (
    KnownListing,
    ListingChanges,
    change_listing,
    listings_of,
)
from kashu.channels.reads import store_by_code
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.core.naming import Code


class ListingShown(msgspec.Struct, frozen=True):
    """A listing. `sku_id` is null while nobody has mapped it; `units` go out for one sold."""

    id: UUID
    item_id: str
    variant_id: str
    title: str
    properties: str
    merchant_code: str
    price: str | None
    on_sale: bool
    sku_id: UUID | None
    units: int
    sends_card: bool
    confirms: bool
    publishes: bool
    published: int | None
    mode: Mode | None  # null: as the store


class ListingPage(msgspec.Struct, frozen=True):
    """Listings; the next page begins after `next_after`, null on the last one."""

    listings: list[ListingShown]
    next_after: UUID | None


@get(
    "/v1/stores/{code:str}/listings",
    operation_id="listListings",
    guards=[requires(Permission.CATALOG_READ)],
    responses=problems(404),
)
async def list_listings(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    mapped: FromQuery[bool | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ListingPage:
    """What a store has for sale: all, only what stands for a SKU, or only what doesn't."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        if caller.bound and caller.store_id != store.id:
            raise UnknownStore(store=code)
        found = await listings_of(
            tx, caller.tenant_id, store.id, mapped=mapped, after=after, limit=limit + 1
        )
    shown = found[:limit]
    more = shown[-1].id if len(found) > limit else None
    return ListingPage([_shown(each) for each in shown], more)


@post(
    "/v1/stores/{code:str}/listings/fetch",
    operation_id="fetchListings",
    guards=[requires(Permission.CATALOG_WRITE)],
    status_code=204,
    responses=problems(404, 409, 502),
)
async def post_fetch(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> None:
    """Read from the platform, now, what the store has for sale."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        connection = await connection_of(tx, caller.tenant_id, store.id)
    await fetch_listings(database, caller.tenant_id, outside, connection)


@patch(
    "/v1/listings/{listing_id:uuid}",
    operation_id="changeListing",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404),
)
async def patch_listing(
    listing_id: FromPath[UUID],
    data: JSONBody[ListingChanges],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ListingShown:
    """Say which SKU a listing stands for. Orders that waited for it go on at once."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(await change_listing(tx, caller.tenant_id, caller.actor, listing_id, data))


def _shown(listing: KnownListing) -> ListingShown:
    return ListingShown(
        id=listing.id,
        item_id=listing.item_id,
        variant_id=listing.variant_id,
        title=listing.title,
        properties=listing.properties,
        merchant_code=listing.merchant_code,
        price=None if listing.price_e4 is None else format_amount(listing.price_e4),
        on_sale=listing.on_sale,
        sku_id=listing.sku_id,
        units=listing.units,
        sends_card=listing.sends_card,
        confirms=listing.confirms,
        publishes=listing.publishes,
        published=listing.published,
        mode=listing.mode,
    )


routes: Final = (list_listings, post_fetch, patch_listing)
