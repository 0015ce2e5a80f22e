"""HTTP of offers: what suppliers ask, what it was before, and what is held."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.money import parse_amount
from kashu.suppliers.connections import connection_of
from kashu.suppliers.held_offers import hold_offer, refuse_offer, release_offer
from kashu.suppliers.kinds import OfferState, Told
from kashu.suppliers.offer_shapes import OfferShown, shown_offer, shown_offers, written
from kashu.suppliers.offers import (
    Narrowed,
    offer_by_id,
    offer_count,
    offer_page,
    price_history,
)
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.read_prices import refresh_offer
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.rules import price_rules

COUNTED_MAX: Final = 10_000  # of a list: further on it is "more than"
Limit = Annotated[int, QueryParameter(ge=1, le=500)]


class OfferPage(msgspec.Struct, frozen=True):
    """Offers in the order they were first seen; the next page begins after `next_after`.

    `total`: how many there are on all pages; with `more` at least so many.
    """

    offers: list[OfferShown]
    next_after: UUID | None
    total: int
    more: bool


class PriceShown(msgspec.Struct, frozen=True):
    """What an offer was from a moment on. `held`: that price wasn't taken."""

    at: datetime
    price: str | None
    stock: int | None
    in_stock: bool
    on_sale: bool
    told: Told
    held: str | None


class HeldBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The held price that you looked at, null where there is none; and why, if you like."""

    price: str | None
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get(
    "/v1/offers",
    operation_id="listOffers",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def list_offers(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    supplier: FromQuery[str | None] = None,
    sku: FromQuery[str | None] = None,
    in_state: Annotated[OfferState | None, QueryParameter(name="state")] = None,
    mapped: FromQuery[bool | None] = None,
    stale: FromQuery[bool] = False,
    text: Annotated[str, QueryParameter(max_length=100)] = "",
    after: FromQuery[UUID | None] = None,
    limit: Limit = 100,
) -> OfferPage:
    """List offers; each condition narrows it. `text`: in the title or the supplier's number.

    `stale`: only those whose price is too old to be bought at.
    """
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        of = None if supplier is None else await supplier_by_code(tx, tenant_id, supplier)
        stands_for = None if sku is None else await sku_by_code(tx, tenant_id, sku)
        rules = await price_rules(tx, tenant_id)
        narrowed = Narrowed(
            supplier_id=None if of is None else of.id,
            sku_id=None if stands_for is None else stands_for.id,
            state=in_state,
            mapped=mapped,
            text=text,
            stale_at=now() if stale else None,
            stale_s=rules.stale_s,
            file_stale_s=rules.file_stale_s,
        )
        found = await offer_page(tx, tenant_id, narrowed, after=after, limit=limit + 1)
        counted = await offer_count(tx, tenant_id, narrowed, most=COUNTED_MAX + 1)
        shown = await shown_offers(tx, caller, found[:limit])
    return OfferPage(
        offers=shown,
        next_after=shown[-1].id if len(found) > limit else None,
        total=min(counted, COUNTED_MAX),
        more=counted > COUNTED_MAX,
    )


@get(
    "/v1/offers/{offer_id:uuid}",
    operation_id="readOffer",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def read_offer(
    offer_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> OfferShown:
    """Read one offer."""
    async with database.transaction(caller.tenant_id) as tx:
        return await shown_offer(tx, caller, offer_id)


@get(
    "/v1/offers/{offer_id:uuid}/prices",
    operation_id="readPriceHistory",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def read_prices_of(
    offer_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    before: FromQuery[datetime | None] = None,
    limit: Limit = 100,
) -> list[PriceShown]:
    """What an offer was, the latest first: each change of price and of being for sale."""
    async with database.transaction(caller.tenant_id) as tx:
        await offer_by_id(tx, caller.tenant_id, offer_id)
        found = await price_history(tx, caller.tenant_id, offer_id, before=before, limit=limit)
    return [
        PriceShown(
            each.at,
            written(each.unit_cost_e4),
            each.stock,
            each.in_stock,
            each.on_sale,
            each.told,
            each.held_because,
        )
        for each in found
    ]


@post(
    "/v1/offers/{offer_id:uuid}/release",
    operation_id="releaseOffer",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_release(
    offer_id: FromPath[UUID],
    data: JSONBody[HeldBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> OfferShown:
    """Take the price that is held: from now on it can be bought at it."""
    price_e4 = None if data.price is None else parse_amount(data.price)
    tenant_id, actor, at = caller.tenant_id, caller.actor, upstreams.now()
    async with database.transaction(tenant_id) as tx:
        await release_offer(
            tx, tenant_id, actor, offer_id, price_e4=price_e4, at=at, reason=data.reason.strip()
        )
        return await shown_offer(tx, caller, offer_id)


@post(
    "/v1/offers/{offer_id:uuid}/refuse",
    operation_id="refuseOffer",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_refuse(
    offer_id: FromPath[UUID],
    data: JSONBody[HeldBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> OfferShown:
    """Don't believe the price that is held: it stays so until the supplier tells another."""
    price_e4 = None if data.price is None else parse_amount(data.price)
    tenant_id, actor, at = caller.tenant_id, caller.actor, upstreams.now()
    async with database.transaction(tenant_id) as tx:
        await refuse_offer(
            tx, tenant_id, actor, offer_id, price_e4=price_e4, at=at, reason=data.reason.strip()
        )
        return await shown_offer(tx, caller, offer_id)


@post(
    "/v1/offers/{offer_id:uuid}/hold",
    operation_id="holdOffer",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_hold(
    offer_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> OfferShown:
    """Hold an offer by hand: nothing buys it by itself until somebody releases it."""
    async with database.transaction(caller.tenant_id) as tx:
        await hold_offer(tx, caller.tenant_id, caller.actor, offer_id, at=upstreams.now())
        return await shown_offer(tx, caller, offer_id)


@post(
    "/v1/offers/{offer_id:uuid}/refresh",
    operation_id="refreshOffer",
    guards=[requires(Permission.SUPPLIERS_READ)],
    status_code=200,
    responses=problems(404, 409, 502),
)
async def post_refresh(
    offer_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> OfferShown:
    """Ask the supplier for this product now; where it can't tell, its whole list is read soon."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        offer = await offer_by_id(tx, tenant_id, offer_id)
        connection = await connection_of(tx, tenant_id, offer.supplier_id)
    await refresh_offer(database, tenant_id, upstreams, connection, offer.ref)
    async with database.transaction(tenant_id) as tx:
        return await shown_offer(tx, caller, offer_id)


routes: Final = (
    list_offers,
    read_offer,
    read_prices_of,
    post_release,
    post_refuse,
    post_hold,
    post_refresh,
)
