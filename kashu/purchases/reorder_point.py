"""Reorder point: when a SKU is to be bought again, and how many. Pure; every step is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

from kashu.stock.kinds import BULK_MAX

WEEK: Final = 7
MONTH: Final = 28  # four of each weekday
TREND_MIN: Final = Fraction(1, 2)  # a week more out of line than this is taken for chance
TREND_MAX: Final = Fraction(2)
SAFETY_DAYS: Final = 2  # where no rule says
COVER_DAYS: Final = 7
LEAD_HOURS: Final = 24  # where neither a rule says nor a supplier has shown it


@dataclass(frozen=True, slots=True)
class Sales:
    """What of a SKU was sold, by day; `until` isn't over yet and doesn't count."""

    by_day: Mapping[date, int]
    until: date

    @property
    def days(self) -> int:
        """Of how many days anything can be said: since its first sale, a week at least.

        What sold in the first of the four weeks is taken to have been for sale in all of it.
        """
        first = min((day for day, units in self.by_day.items() if units), default=None)
        if first is None:
            return MONTH
        days = (self.until - first).days
        return MONTH if days > MONTH - WEEK else max(days, WEEK)

    def last(self, days: int) -> int:
        """Units sold in the last so many days."""
        since = self.until - timedelta(days=days)
        sold = sum(n for day, n in self.by_day.items() if since <= day < self.until)
        return max(sold, 0)

    @property
    def speed(self) -> Fraction:
        """Units a day."""
        return Fraction(self.last(self.days), self.days)

    @property
    def trend(self) -> Fraction:
        """How the last week was beside the whole time."""
        if not self.speed:
            return Fraction(1)
        return min(max(Fraction(self.last(WEEK), WEEK) / self.speed, TREND_MIN), TREND_MAX)

    def demand(self, days: Fraction) -> Fraction:
        """What will be sold in so many days from `until` on: by weekday, with the trend."""
        if self.days < MONTH:
            return self.speed * self.trend * days
        whole = floor(days)
        sold = sum(
            (self._weekday(self.until + timedelta(days=n)) for n in range(whole)), Fraction(0)
        )
        part = self._weekday(self.until + timedelta(days=whole)) * (days - whole)
        return (sold + part) * self.trend

    def _weekday(self, day: date) -> Fraction:
        """What is sold on such a weekday, of the last four."""
        before = (day - self.until).days // WEEK + 1
        last = day - timedelta(weeks=before)
        sold = sum(self.by_day.get(last - timedelta(weeks=n), 0) for n in range(MONTH // WEEK))
        return Fraction(max(sold, 0), MONTH // WEEK)


@dataclass(frozen=True, slots=True)
class Held:
    """What of a SKU there is, and will be."""

    available: int
    reserved: int = 0  # told, and not counted: it is promised
    unsold: int = 0  # of what is available, that expires before it is sold
    on_order: int = 0  # for stock; what orders wait for isn't counted
    promised: int = 0  # paid for on platforms, not taken in yet
    tied_e4: int = 0  # what is held and on order has cost

    @property
    def position(self) -> int:
        """What can be counted on."""
        return self.available - self.unsold + self.on_order - self.promised


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be kept to."""

    lead_days: Fraction
    safety_days: int = SAFETY_DAYS
    cover_days: int = COVER_DAYS
    stock_days_max: int | None = None
    shelf_days: int | None = None
    budget_e4: int | None = None
    unit_cost_e4: int | None = None  # landed, at the best offer; None: nobody can be bought from
    units: int = 1  # of ours that one of theirs is, there
    least: int = 1  # of theirs in one order, there


@dataclass(frozen=True, slots=True)
class Suggested:
    """How many to buy now, and how that comes about. `why`: a code."""

    quantity: int
    why: str
    facts: dict[str, Any] = field(default_factory=dict)


def suggest(sales: Sales, held: Held, terms: Terms) -> Suggested:
    """Say how many of a SKU to buy now.

    The reorder point is what is sold until bought cards are there, and for the days of safety
    after that. At or below it so many are bought that they last for the cover as well; never more
    than sell before they expire, than the days of stock allow, or than the budget pays.
    """
    until_there = terms.lead_days + terms.safety_days
    point = ceil(sales.demand(until_there))
    up_to = ceil(sales.demand(until_there + terms.cover_days))
    facts = _facts(sales, held, terms) | {"reorder_point": point, "up_to": up_to}
    if not sales.speed:
        return Suggested(0, "no_sales", facts)
    if held.position > point:
        return Suggested(0, "enough", facts)
    bounds = _bounds(sales, held, terms) | {"up_to": up_to - held.position}
    by = min(bounds, key=lambda name: (bounds[name], name))
    packs = bounds[by] // terms.units
    if by == "up_to":  # a pack that is begun is bought whole, where nothing else forbids it
        most = min(bounds[name] for name in bounds if name != "up_to")
        packs = min(-(-bounds[by] // terms.units), most // terms.units)
    quantity = max(packs, 0) * terms.units
    facts |= {"bounds": bounds, "by": by}
    if terms.unit_cost_e4 is not None:
        facts["amount_e4"] = quantity * terms.unit_cost_e4
    if quantity < max(terms.least, 1) * terms.units:
        return Suggested(0, "bounded", facts)
    return Suggested(quantity, "low", facts)


def _bounds(sales: Sales, held: Held, terms: Terms) -> dict[str, int]:
    """How many more each limit allows; below 0: too many are there already."""
    bounds = {"at_once": BULK_MAX}
    if terms.stock_days_max is not None:
        most = floor(sales.demand(Fraction(terms.stock_days_max)))
        bounds["stock_days_max"] = most - held.position
    if terms.shelf_days is not None:
        most = floor(sales.demand(max(terms.shelf_days - terms.lead_days, Fraction(0))))
        bounds["shelf_days"] = most - held.position
    if terms.budget_e4 is not None and terms.unit_cost_e4:
        bounds["budget"] = (terms.budget_e4 - held.tied_e4) // terms.unit_cost_e4
    return bounds


def _facts(sales: Sales, held: Held, terms: Terms) -> dict[str, Any]:
    return {
        "sold_7_days": sales.last(WEEK),
        "sold_28_days": sales.last(MONTH),
        "days": sales.days,
        "speed": two_decimals(sales.speed),
        "trend": two_decimals(sales.trend),
        "available": held.available,
        "reserved": held.reserved,
        "unsold": held.unsold,
        "on_order": held.on_order,
        "promised": held.promised,
        "position": held.position,
        "tied_e4": held.tied_e4,
        "lead_days": two_decimals(terms.lead_days),
        "safety_days": terms.safety_days,
        "cover_days": terms.cover_days,
        "stock_days_max": terms.stock_days_max,
        "shelf_days": terms.shelf_days,
        "budget_e4": terms.budget_e4,
        "unit_cost_e4": terms.unit_cost_e4,
        "units": terms.units,
        "least": terms.least,
    }


def two_decimals(value: Fraction) -> str:
    """Write a number for people."""
    hundredths = round(value * 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"
