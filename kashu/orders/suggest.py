"""Suggest: which SKU a listing may stand for, from what its seller wrote. A person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.catalog.kinds import SkuState
from kashu.catalog.reads import ListedSku, sku_list
from kashu.catalog.titles import likely
from kashu.channels.listings import KnownListing, listings_of
from kashu.core.db import Tx

SKUS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A SKU that a listing may stand for. `because`: merchant_code or title."""

    sku_id: UUID
    sku: str
    because: str


async def suggest(
    tx: Tx, tenant_id: int, store_id: UUID, *, limit: int = 100
) -> list[tuple[KnownListing, list[Candidate]]]:
    """Suggest SKUs for a store's listings that stand for none; the likeliest first."""
    unmapped = await listings_of(tx, tenant_id, store_id, mapped=False, limit=limit)
    skus = await sku_list(tx, tenant_id, state=SkuState.ACTIVE, limit=SKUS_MAX)
    return [(listing, candidates(listing, skus)) for listing in unmapped]


def candidates(listing: KnownListing, skus: Sequence[ListedSku]) -> list[Candidate]:
    """The seller's own code decides where it is one of ours; else what the title says.

    A bundle is suggested by its code only.
    """
    code = listing.merchant_code.strip().casefold()
    exact = [each for each in skus if code and each.sku.code.casefold() == code]
    if exact:
        return [Candidate(each.sku.id, each.sku.code, "merchant_code") for each in exact]
    found = likely(f"{listing.title} {listing.properties}", skus)
    return [Candidate(each.sku.id, each.sku.code, "title") for each in found]
