"""Suggest: which SKU a listing may stand for, from what its seller wrote. A person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.catalog.entries import Terminal
from kashu.catalog.kinds import Fulfilment, Period, SkuState
from kashu.catalog.reads import ListedSku, sku_list
from kashu.channels.listings import KnownListing, listings_of
from kashu.core.db import Tx

MOST: Final = 3  # candidates for a listing
SKUS_MAX: Final = 1_000

_PERIODS: Final = {
    Period.WEEK: ("周卡", "7天", "一周", "1周"),
    Period.MONTH: ("月卡", "1个月", "一个月", "30天", "31天"),
    Period.QUARTER: ("季卡", "3个月", "三个月", "90天", "季度"),
    Period.YEAR: ("年卡", "12个月", "一年", "1年", "365天", "年费"),
}
_TV: Final = ("tv", "电视", "大屏")


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
    """The seller's own code decides where it is one of ours; else brand and period must be named.

    Among those, one whose product is named too comes first, then one for the right terminal. A
    bundle is suggested by its code only: its name says nothing of its parts.
    """
    code = listing.merchant_code.strip().casefold()
    exact = [each for each in skus if code and each.sku.code.casefold() == code]
    if exact:
        return [Candidate(each.sku.id, each.sku.code, "merchant_code") for each in exact]
    written = _plain(f"{listing.title} {listing.properties}")
    plain = [each for each in skus if each.sku.fulfilment is not Fulfilment.BUNDLE]
    scored = [(_score(written, each), each) for each in plain]
    best = sorted(
        (pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].sku.code)
    )
    return [Candidate(each.sku.id, each.sku.code, "title") for _, each in best[:MOST]]


def _score(written: str, listed: ListedSku) -> int:
    """Say how well what is written fits; 0 where it doesn't."""
    if _plain(listed.brand.name_zh) not in written:
        return 0
    words = _PERIODS.get(listed.period, ())
    if not any(word in written for word in words):
        return 0
    names_product = _plain(listed.product.name_zh) in written
    for_tv = any(word in written.replace(_plain(listed.brand.name_zh), "") for word in _TV)
    fits = listed.terminal is Terminal.ALL or for_tv == (listed.terminal is Terminal.TV)
    return 1 + 4 * fits + 2 * names_product


def _plain(text: str) -> str:
    return "".join(text.casefold().split())
