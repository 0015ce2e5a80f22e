"""How compared prices are shown, whichever way they are asked for."""

from datetime import datetime
from uuid import UUID

import msgspec

from kashu.catalog.reads import Sku
from kashu.core.money import format_amount
from kashu.suppliers.compare import Ranked, WhyNot
from kashu.suppliers.kinds import Goods
from kashu.suppliers.offer_shapes import written
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


class RankedShown(msgspec.Struct, frozen=True):
    """An offer beside the others of its SKU. `price`: of one of theirs, in their currency.

    `why_not`: why nothing buys it by itself; empty: it may be. `at_most`: so many of ours can one
    order bring; null: as many as are wanted.
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


class SkuPrices(msgspec.Struct, frozen=True):
    """The offers of a SKU: those that can be bought first, the cheapest first."""

    sku: str
    name_zh: str
    name_en: str
    offers: list[RankedShown]


def sku_prices(sku: Sku, ranked: list[Ranked]) -> SkuPrices:
    """Show the offers of a SKU, in words."""
    return SkuPrices(sku.code, sku.name_zh, sku.name_en, [ranked_shown(each) for each in ranked])


def ranked_shown(ranked: Ranked) -> RankedShown:
    """Show an offer beside the others of its SKU, in words."""
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
