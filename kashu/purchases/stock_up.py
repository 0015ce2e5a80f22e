"""Stock up, or buy just in time: what a unit costs either way, with the arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Final
from uuid import UUID

from kashu.catalog.reads import Sku
from kashu.channels.prices import lowest_price
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.ledger.sold import sold_by_day
from kashu.purchases.choose import TRIED_ENOUGH
from kashu.purchases.reorder_point import MONTH, Sales, two_decimals
from kashu.stock.kinds import BULK_MAX
from kashu.stock.shelf_life import shelf_days
from kashu.suppliers.compare import Ranked, WhyNot, compare
from kashu.suppliers.rules import price_rules

PPM: Final = 1_000_000
DAYS: Final = (7, 14, 30, 60)  # of sales, for which stocking up is reckoned

_TWICE: Final = {WhyNot.TOO_FEW}  # it has fewer than are wanted: the price is its price still


@dataclass(frozen=True, slots=True)
class JustInTime:
    """What one unit costs when it is bought for the order that waits."""

    supplier: str
    landed_e4: int  # price, fee, rebate, risk; its money isn't tied up
    failing_ppm: int  # how likely all who sell it fail at once, as they did of late
    lost_e4: int  # the margin of a sale, which is lost then
    stock_out_e4: int  # what that costs a unit
    total_e4: int


@dataclass(frozen=True, slots=True)
class StockUp:
    """What one unit costs when so many days' sales are bought at once."""

    days: int
    quantity: int
    supplier: str
    landed_e4: int  # at this quantity, without the cost of capital
    held_days: str  # how long a unit lies on average
    capital_e4: int
    unsold: int  # that expire before they are sold
    expiry_e4: int  # what these cost each unit that is sold
    total_e4: int
    saves_e4: int  # a unit, beside just in time; less than 0: it costs more


@dataclass(frozen=True, slots=True)
class Advice:
    """Which is cheaper, and by how much in all. `why`: a code where nothing can be said."""

    advice: str  # just_in_time, stock_up, none
    why: str
    speed: str  # units a day
    shelf_days: int | None
    capital_ppm: int  # what money costs in a year
    just_in_time: JustInTime | None
    stock_up: list[StockUp]
    best: StockUp | None
    saves_in_all_e4: int


async def stock_up_or_not(
    tx: Tx, tenant_id: int, sku: Sku, *, timezone: str, at: datetime
) -> Advice:
    """Compare buying for each order as it comes with buying for 7, 14, 30 and 60 days of sales.

    Just in time = landed + the chance that nobody can deliver × the margin lost. Stocking up =
    landed at that quantity + capital × half the time + what expires unsold, spread over the rest.
    """
    today = day_of(at, timezone)
    sales = await _sales(tx, tenant_id, sku.id, today)
    lasting = (await shelf_days(tx, tenant_id, [sku.id], timezone=timezone)).get(sku.id)
    capital_ppm = (await price_rules(tx, tenant_id)).capital_ppm
    speed = two_decimals(sales.speed)
    now_sold = await _ranked(tx, tenant_id, sku.id, 1, at)
    if not sales.speed or not now_sold:
        why = "no_sales" if not sales.speed else "no_offer"
        return Advice("none", why, speed, lasting, capital_ppm, None, [], None, 0)
    price_e4 = await lowest_price(tx, tenant_id, sku.id)
    just_in_time = reckon_just_in_time(now_sold, price_e4)
    ways = []
    for days in DAYS:
        quantity = min(ceil(sales.demand(Fraction(days))), BULK_MAX)
        at_once = await _ranked(tx, tenant_id, sku.id, quantity, at)
        if quantity and at_once:
            ways.append(
                reckon_stock_up(
                    at_once[0],
                    sales,
                    days=days,
                    quantity=quantity,
                    lasting=lasting,
                    capital_ppm=capital_ppm,
                    beside_e4=just_in_time.total_e4,
                )
            )
    best = max(ways, key=lambda way: way.saves_e4, default=None)
    if best is None or best.saves_e4 <= 0:
        return Advice(
            "just_in_time", "cheaper", speed, lasting, capital_ppm, just_in_time, ways, None, 0
        )
    saves_e4 = best.saves_e4 * (best.quantity - best.unsold)
    return Advice(
        "stock_up", "cheaper", speed, lasting, capital_ppm, just_in_time, ways, best, saves_e4
    )


def reckon_just_in_time(sold_now: Sequence[Ranked], price_e4: int | None) -> JustInTime:
    """Reckon one unit bought for its order. Pure.

    Who was tried too little of late isn't counted on; when nobody was tried enough the cheapest
    is taken to fail as usual suppliers do, which its landed cost holds already.
    """
    best = sold_now[0]
    assert best.landed is not None
    landed_e4 = best.landed.total_e4 - best.landed.capital_e4
    succeeding: dict[UUID, int] = {}
    for each in sold_now:
        if each.success_ppm is not None and each.attempts >= TRIED_ENOUGH:
            succeeding.setdefault(each.supplier_id, each.success_ppm)
    failing = Fraction(1 if succeeding else 0)
    for success_ppm in succeeding.values():
        failing *= Fraction(PPM - success_ppm, PPM)
    lost_e4 = 0 if price_e4 is None else max(price_e4 - landed_e4, 0)
    stock_out_e4 = ceil(failing * lost_e4)
    return JustInTime(
        best.supplier,
        landed_e4,
        round(failing * PPM),
        lost_e4,
        stock_out_e4,
        landed_e4 + stock_out_e4,
    )


def reckon_stock_up(
    offer: Ranked,
    sales: Sales,
    *,
    days: int,
    quantity: int,
    lasting: int | None,
    capital_ppm: int,
    beside_e4: int,
) -> StockUp:
    """Reckon one of so many units that are bought at once. Pure."""
    assert offer.landed is not None
    landed_e4 = offer.landed.total_e4 - offer.landed.capital_e4
    until = days if lasting is None else min(days, lasting)
    sold = min(quantity, floor(sales.demand(Fraction(until))))
    unsold = quantity - sold
    held = Fraction(until, 2)
    capital_e4 = ceil(Fraction(landed_e4 * capital_ppm, PPM * 365) * held)
    expiry_e4 = ceil(Fraction(unsold * landed_e4, sold)) if sold else landed_e4 * quantity
    total_e4 = landed_e4 + capital_e4 + expiry_e4
    return StockUp(
        days=days,
        quantity=quantity,
        supplier=offer.supplier,
        landed_e4=landed_e4,
        held_days=two_decimals(held),
        capital_e4=capital_e4,
        unsold=unsold,
        expiry_e4=expiry_e4,
        total_e4=total_e4,
        saves_e4=beside_e4 - total_e4,
    )


async def _sales(tx: Tx, tenant_id: int, sku_id: UUID, today: date) -> Sales:
    since = today - timedelta(days=MONTH)
    days = await sold_by_day(tx, tenant_id, [sku_id], since=since, until=today)
    return Sales({each.day: each.units for each in days}, today)


async def _ranked(
    tx: Tx, tenant_id: int, sku_id: UUID, quantity: int, at: datetime
) -> list[Ranked]:
    """Who sells so many now, the cheapest first; also those that want to be asked twice for it."""
    found = await compare(tx, tenant_id, [sku_id], quantity=quantity, at=at, stock_days=0)
    return [each for each in found[sku_id] if each.landed and set(each.why_not) <= _TWICE]
