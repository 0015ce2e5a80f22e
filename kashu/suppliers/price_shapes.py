"""How compared prices are shown, whichever way they are asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from kashu.catalog.reads import Sku
from kashu.core.money import format_amount
from kashu.suppliers.compare import Ranked, WhyNot
from kashu.suppliers.kinds import Goods
from kashu.suppliers.margins import Margin
from kashu.suppliers.offer_shapes import written
from kashu.suppliers.trends import Trend
from kashu.suppliers.words import WHY_NOT, told_reason


class Told(msgspec.Struct, frozen=True):
    """A code in words."""

    code: str
    zh: str
    en: str


class LandedShown(msgspec.Struct, frozen=True):
    """What one unit of ours costs: total = price + fee − rebate + risk + capital, in yuan."""

    price: str
    fee: str
    rebate: str
    risk: str
    capital: str
    total: str


class MovedShown(msgspec.Struct, frozen=True):
    """A price that isn't what it was an hour ago: what it was, and since when it is what it is."""

    before: str
    at: datetime


class RankedShown(msgspec.Struct, frozen=True):
    """An offer beside the others of its SKU. `price`: of one of theirs, in their currency.

    `why_not`: why nothing buys it by itself; empty: it may be. `at_most`: so many of ours can one
    order bring; null: as many as are wanted. `trend`: what one of theirs cost at the end of each
    of the days asked for, oldest first; null: it wasn't known yet.
    """

    rank: int
    offer_id: UUID
    supplier: str
    supplier_name: str
    ref: str
    title: str
    goods: Goods
    units: int
    price: str | None
    currency: str
    stock: int | None
    at_most: int | None
    seen_at: datetime
    success_ppm: int | None
    p95_ms: int | None
    landed: LandedShown | None
    buyable: bool
    why_not: list[Told]
    reasons: list[Told]
    trend: list[str | None] = []
    moved: MovedShown | None = None


class SkuPrices(msgspec.Struct, frozen=True):
    """The offers of a SKU: those that can be bought first, the cheapest first."""

    sku: str
    name_zh: str
    name_en: str
    offers: list[RankedShown]


class MarginShown(msgspec.Struct, frozen=True):
    """What one of a listing leaves: its price less the landed cost of what it is made of.

    The platform's own fees aren't in it. null: no price, or nobody sells one of its parts.
    """

    listing_id: UUID
    store: str
    title: str
    item_id: str
    variant_id: str
    price: str | None
    cost: str | None
    margin: str | None
    loss: bool


class SkuCompared(msgspec.Struct, frozen=True):
    """The offers of one SKU, and what one of them leaves on each listing, the least first.

    `margins_of`: the offer that the margins are reckoned with; null: none can be bought.
    """

    sku: str
    name_zh: str
    name_en: str
    offers: list[RankedShown]
    margins_of: UUID | None
    margins: list[MarginShown]
    loss_count: int


_NO_TREND: Final = Trend()


def sku_prices(
    sku: Sku, ranked: list[Ranked], trends: Mapping[UUID, Trend] | None = None
) -> SkuPrices:
    """Show the offers of a SKU, in words."""
    known = trends or {}
    shown = [ranked_shown(each, known.get(each.offer_id, _NO_TREND)) for each in ranked]
    return SkuPrices(sku.code, sku.name_zh, sku.name_en, shown)


def margin_shown(margin: Margin) -> MarginShown:
    """Show what a listing leaves."""
    return MarginShown(
        margin.listing_id,
        margin.store,
        margin.title,
        margin.item_id,
        margin.variant_id,
        written(margin.price_e4),
        written(margin.cost_e4),
        written(margin.margin_e4),
        margin.is_loss,
    )


def ranked_shown(ranked: Ranked, trend: Trend = _NO_TREND) -> RankedShown:
    """Show an offer beside the others of its SKU, in words."""
    moved = trend.moved
    return RankedShown(
        rank=ranked.rank,
        offer_id=ranked.offer_id,
        supplier=ranked.supplier,
        supplier_name=ranked.supplier_name,
        ref=ranked.ref,
        title=ranked.title,
        goods=ranked.goods,
        units=ranked.units,
        price=written(ranked.unit_cost_e4),
        currency=ranked.currency,
        stock=ranked.stock,
        at_most=ranked.at_most,
        seen_at=ranked.seen_at,
        success_ppm=ranked.success_ppm,
        p95_ms=ranked.p95_ms,
        landed=_landed(ranked),
        buyable=ranked.buyable,
        why_not=[Told(why.value, *WHY_NOT[WhyNot(why)]) for why in ranked.why_not],
        reasons=[Told(each.why.value, *told_reason(each)) for each in ranked.reasons],
        trend=[written(each) for each in trend.days],
        moved=None if moved is None else MovedShown(format_amount(moved.before_e4), moved.at),
    )


def _landed(ranked: Ranked) -> LandedShown | None:
    landed = ranked.landed
    if landed is None:
        return None
    return LandedShown(
        format_amount(landed.price_e4),
        format_amount(landed.fee_e4),
        format_amount(landed.rebate_e4),
        format_amount(landed.risk_e4),
        format_amount(landed.capital_e4),
        format_amount(landed.total_e4),
    )
