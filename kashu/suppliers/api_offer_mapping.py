"""HTTP of mapping offers: what each stands for, one by one, in bulk, and what it may be."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import skus_by_code
from kashu.core.db import Database, Tx
from kashu.suppliers.map_offers import MapOutcome, OfferMapping, map_offers, suggest_skus
from kashu.suppliers.offer_shapes import OfferShown, shown_offers
from kashu.suppliers.offers import offer_by_id
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.words import MAPPED

BULK: Final = 1_000

Units = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class MappingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an offer stands for; `sku` null: nothing any more."""

    sku: str | None
    units: Units = 1
    despite: bool = False  # also where its words or price contradict the SKU: you looked


class OneMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one of several offers stands for."""

    offer_id: UUID
    sku: str | None
    units: Units = 1


class MappingsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What several offers stand for."""

    mappings: Annotated[list[OneMapping], msgspec.Meta(min_length=1, max_length=BULK)]
    despite: bool = False


class MappedShown(msgspec.Struct, frozen=True):
    """What came of mapping an offer, in words."""

    offer_id: UUID
    outcome: MapOutcome
    zh: str
    en: str


class SuggestedSku(msgspec.Struct, frozen=True):
    """A SKU that an offer may stand for."""

    id: UUID
    sku: str
    name_zh: str
    name_en: str


class OfferSuggestion(msgspec.Struct, frozen=True):
    """An offer that stands for nothing, with up to three SKUs, the likeliest first."""

    offer: OfferShown
    skus: list[SuggestedSku]


@get(
    "/v1/offers/suggestions",
    operation_id="suggestOfferSkus",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def list_offer_suggestions(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    supplier: FromQuery[str | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> list[OfferSuggestion]:
    """Suggest SKUs for offers that stand for none. Confirm with `mapOffers`."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        of = None if supplier is None else await supplier_by_code(tx, tenant_id, supplier)
        found = await suggest_skus(
            tx,
            tenant_id,
            supplier_id=None if of is None else of.id,
            after=after,
            limit=limit,
        )
        shown = await shown_offers(tx, caller, [offer for offer, _ in found])
    return [
        OfferSuggestion(
            offer,
            [
                SuggestedSku(each.sku.id, each.sku.code, each.sku.name_zh, each.sku.name_en)
                for each in listed
            ],
        )
        for offer, (_, listed) in zip(shown, found, strict=True)
    ]


@post(
    "/v1/offers/map",
    operation_id="mapOffers",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
)
async def post_mappings(
    data: JSONBody[MappingsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> list[MappedShown]:
    """Say what offers stand for: those that can be are, each has its outcome, in order."""
    async with database.transaction(caller.tenant_id) as tx:
        outcomes = await _map(tx, caller, upstreams.now(), data.mappings, despite=data.despite)
    return [
        MappedShown(each.offer_id, outcome, *MAPPED[outcome])
        for each, outcome in zip(data.mappings, outcomes, strict=True)
    ]


@patch(
    "/v1/offers/{offer_id:uuid}",
    operation_id="mapOffer",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    responses=problems(404),
)
async def patch_offer(
    offer_id: FromPath[UUID],
    data: JSONBody[MappingBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> MappedShown:
    """Say what an offer stands for; the outcome says whether that could be."""
    wanted = [OneMapping(offer_id, data.sku, data.units)]
    async with database.transaction(caller.tenant_id) as tx:
        await offer_by_id(tx, caller.tenant_id, offer_id)
        (outcome,) = await _map(tx, caller, upstreams.now(), wanted, despite=data.despite)
    return MappedShown(offer_id, outcome, *MAPPED[outcome])


async def _map(
    tx: Tx, caller: Caller, at: datetime, mappings: list[OneMapping], *, despite: bool
) -> list[MapOutcome]:
    codes = {each.sku for each in mappings if each.sku is not None}
    skus = await skus_by_code(tx, caller.tenant_id, codes)
    known = [each for each in mappings if each.sku is None or each.sku in skus]
    wanted = [
        OfferMapping(each.offer_id, None if each.sku is None else skus[each.sku].id, each.units)
        for each in known
    ]
    done = await map_offers(tx, caller.tenant_id, caller.actor, wanted, at=at, despite=despite)
    outcomes = iter(done)
    return [
        next(outcomes) if each.sku is None or each.sku in skus else MapOutcome.SKU_UNKNOWN
        for each in mappings
    ]


routes: Final = (list_offer_suggestions, post_mappings, patch_offer)
