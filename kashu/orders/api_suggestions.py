"""HTTP of suggestions: which SKUs a store's listings may stand for."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.naming import Code
from kashu.orders.own_store import own_store
from kashu.orders.suggest import suggest


class CandidateShown(msgspec.Struct, frozen=True):
    """A SKU that it may be. `because`: the seller's own code, or what the title says."""

    sku_id: UUID
    sku: str
    because: str


class SuggestionShown(msgspec.Struct, frozen=True):
    """A listing that stands for nothing yet, with up to three SKUs, the likeliest first."""

    listing_id: UUID
    title: str
    properties: str
    merchant_code: str
    candidates: list[CandidateShown]


@get(
    "/v1/stores/{code:str}/suggestions",
    operation_id="suggestSkus",
    guards=[requires(Permission.CATALOG_READ)],
    responses=problems(404),
)
async def list_suggestions(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> list[SuggestionShown]:
    """Suggest SKUs for listings that stand for none. Confirm one with `changeListing`."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await own_store(tx, caller, code)
        found = await suggest(tx, caller.tenant_id, store.id, limit=limit)
    return [
        SuggestionShown(
            listing.id,
            listing.title,
            listing.properties,
            listing.merchant_code,
            [CandidateShown(each.sku_id, each.sku, each.because) for each in candidates],
        )
        for listing, candidates in found
    ]


routes: Final = (list_suggestions,)
