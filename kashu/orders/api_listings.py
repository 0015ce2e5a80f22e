"""HTTP of listings: what a store has for sale on its platform, and what each stands for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail, problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.kinds import SkuState
from kashu.catalog.reads import Sku, sku_list, skus_by_code, skus_by_id
from kashu.channels.errors import UnknownListing, UnknownListingSku
from kashu.channels.kinds import Mode
from kashu.channels.listings import (
    KnownListing,
    ListingChanges,
    change_listing,
    count_listings,
    listings_by_id,
    listings_of,
)
from kashu.channels.map_listings import Mapping as Mapped
from kashu.channels.map_listings import map_listings
from kashu.channels.unmapped import waiting_for
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.money import format_amount
from kashu.core.naming import Code
from kashu.orders.errors import MappedSkuRetired
from kashu.orders.own_store import own_store
from kashu.orders.suggest import SKUS_MAX, Candidate, candidates

MOST: Final = 500  # listings in a request


class ListingCandidate(msgspec.Struct, frozen=True):
    """A SKU that a listing may stand for. `because`: merchant_code, or title."""

    sku_id: UUID
    sku: str
    name_zh: str
    name_en: str
    because: str


class ListingShown(msgspec.Struct, frozen=True):
    """A listing. `sku` is null while nobody has mapped it; `units` go out for one sold.

    `waiting`: so many orders wait for it to be mapped. `publish_said`: the code of why its stock
    isn't shown there; `candidates`: what it may stand for, where that was asked for.
    """

    id: UUID
    item_id: str
    variant_id: str
    title: str
    properties: str
    merchant_code: str
    price: str | None
    on_sale: bool
    sku_id: UUID | None
    sku: str | None
    sku_name_zh: str | None
    sku_name_en: str | None
    units: int
    sends_card: bool
    confirms: bool
    publishes: bool
    published: int | None
    published_at: datetime | None
    publish_said: str
    mode: Mode | None  # null: as the store
    reads_accounts: bool
    waiting: int
    candidates: list[ListingCandidate]
    can: list[str]


class ListingPage(msgspec.Struct, frozen=True):
    """Listings; the next page begins after `next_after`, null on the last one. `total`: of all."""

    listings: list[ListingShown]
    next_after: UUID | None
    total: int


class MappingWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A listing, and what it stands for: so many units of a SKU, by its code, for one sold."""

    listing_id: UUID
    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    units: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1


class MappingsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 500 listings of one store; each is named once."""

    listings: Annotated[list[MappingWanted], msgspec.Meta(min_length=1, max_length=MOST)]


class MappingOutcome(msgspec.Struct, frozen=True):
    """What came of a listing: null where it is mapped, or why it isn't."""

    id: UUID
    problem: ProblemDetail | None


class MappingOutcomes(msgspec.Struct, frozen=True):
    """One outcome for each listing of the request, in its order; `done`: how many were changed."""

    done: int
    outcomes: list[MappingOutcome]


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
    on_sale: FromQuery[bool | None] = None,
    q: Annotated[str, QueryParameter(max_length=100)] = "",
    suggest: FromQuery[bool] = False,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ListingPage:
    """What a store has for sale: all, only what stands for a SKU, or only what doesn't.

    `q`: has this in its title, code or id. `suggest`: also say which SKUs those that stand for
    none may be; confirm with `mapManyListings`.
    """
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        store = await own_store(tx, caller, code)
        those = {"mapped": mapped, "on_sale": on_sale, "written": q.strip()}
        found = await listings_of(tx, tenant_id, store.id, **those, after=after, limit=limit + 1)  # type: ignore[arg-type]
        total = await count_listings(tx, tenant_id, store.id, **those)  # type: ignore[arg-type]
        shown = await _all_shown(tx, caller, store.id, found[:limit], suggesting=suggest)
    more = shown[-1].id if len(found) > limit else None
    return ListingPage(shown, more, total)


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
        changed = await change_listing(tx, caller.tenant_id, caller.actor, listing_id, data)
        [shown] = await _all_shown(tx, caller, changed.store_id, [changed], suggesting=False)
        return shown


@post(
    "/v1/stores/{code:str}/listings/map",
    operation_id="mapManyListings",
    guards=[requires(Permission.CATALOG_WRITE)],
    status_code=200,
    responses=problems(404),
)
async def post_map(
    code: FromPath[Code],
    data: JSONBody[MappingsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MappingOutcomes:
    """Say of up to 500 listings what each stands for, as a person has confirmed it.

    All good ones in one transaction; one that can't be is told, and holds up none of the others.
    """
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        store = await own_store(tx, caller, code)
        known = await listings_by_id(tx, tenant_id, [each.listing_id for each in data.listings])
        skus = await skus_by_code(tx, tenant_id, {each.sku for each in data.listings})
        refused: dict[int, KashuError] = {}
        wanted: dict[UUID, Mapped] = {}
        for n, each in enumerate(data.listings):
            listing, sku = known.get(each.listing_id), skus.get(each.sku)
            if listing is None or listing.store_id != store.id:
                refused[n] = UnknownListing()
            elif sku is None:
                refused[n] = UnknownListingSku()
            elif sku.state is not SkuState.ACTIVE:
                refused[n] = MappedSkuRetired(sku=sku.code)
            else:
                mapped = Mapped(listing.item_id, listing.variant_id, sku.id, each.units)
                wanted[each.listing_id] = mapped
        done = (
            await map_listings(tx, tenant_id, caller.actor, store.id, list(wanted.values()))
            if wanted
            else 0
        )
    outcomes = [
        MappingOutcome(each.listing_id, _problem(caller, n, refused.get(n)))
        for n, each in enumerate(data.listings)
    ]
    return MappingOutcomes(done, outcomes)


def _problem(caller: Caller, n: int, error: KashuError | None) -> ProblemDetail | None:
    if error is None:
        return None
    return ProblemDetail(f"/listings/{n}", error.code, error.text(caller.language))


async def _all_shown(
    tx: Tx, caller: Caller, store_id: UUID, found: Sequence[KnownListing], *, suggesting: bool
) -> list[ListingShown]:
    tenant_id = caller.tenant_id
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in found if each.sku_id})
    unmapped = [each for each in found if each.sku_id is None]
    waiting = await waiting_for(tx, tenant_id, store_id) if unmapped else {}
    maybe: dict[UUID, list[ListingCandidate]] = {}
    if suggesting and unmapped:
        listed = await sku_list(tx, tenant_id, state=SkuState.ACTIVE, limit=SKUS_MAX)
        of = {each.sku.id: each.sku for each in listed}
        maybe = {
            each.id: [_candidate(may_be, of) for may_be in candidates(each, listed)]
            for each in unmapped
        }
    can = ["map", "change"] if caller.may(Permission.CATALOG_WRITE) and not caller.bound else []
    return [
        _shown(
            each,
            skus.get(each.sku_id) if each.sku_id else None,
            waiting.get((each.item_id, each.variant_id), 0) if each.sku_id is None else 0,
            maybe.get(each.id, []),
            can,
        )
        for each in found
    ]


def _candidate(found: Candidate, of: Mapping[UUID, Sku]) -> ListingCandidate:
    sku = of[found.sku_id]
    return ListingCandidate(sku.id, sku.code, sku.name_zh, sku.name_en, found.because)


def _shown(
    listing: KnownListing,
    sku: Sku | None,
    waiting: int,
    may_be: Sequence[ListingCandidate],
    can: Sequence[str],
) -> ListingShown:
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
        sku=None if sku is None else sku.code,
        sku_name_zh=None if sku is None else sku.name_zh,
        sku_name_en=None if sku is None else sku.name_en,
        units=listing.units,
        sends_card=listing.sends_card,
        confirms=listing.confirms,
        publishes=listing.publishes,
        published=listing.published,
        published_at=listing.published_at,
        publish_said=listing.publish_said,
        mode=listing.mode,
        reads_accounts=listing.reads_accounts,
        waiting=waiting,
        candidates=list(may_be),
        can=list(can),
    )


routes: Final = (list_listings, patch_listing, post_map)
