"""Outlook: when each lot will be gone at the pace a SKU sells, and what could be done. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil
from uuid import UUID

from kashu.stock.strategy import FEFO, Offered, Strategy, in_order


class Advice(StrEnum):
    """What could be done with a lot."""

    GIVE_FIRST = "give_first"  # fewer would expire if it were given from by earliest expiry
    DISCOUNT = "discount"  # it sells, too slowly
    RETURN = "return"  # nothing was sold: ask its supplier to take it back
    WRITE_OFF = "write_off"  # it has expired


@dataclass(frozen=True, slots=True)
class Pace:
    """So many units were sold in so many days."""

    sold: int
    days: int

    def units_in(self, days: Fraction) -> Fraction:
        """How many are sold in that time."""
        return days * self.sold / self.days

    def days_for(self, units: int) -> Fraction:
        """How long it takes to sell so many; only where anything is sold."""
        return Fraction(units * self.days, self.sold)


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to be expected of a lot: see slow.SlowLot."""

    place: int | None = None
    gone_in_days: int | None = None
    unsold: int = 0
    advice: tuple[str, ...] = ()


def fates(
    strategy: Strategy, lots: Sequence[Offered], pace: Pace, *, today: date, cover: int
) -> dict[UUID, Fate]:
    """Say what is to be expected of each lot that a strategy gives from.

    The lots are given one after another, each until it is gone or its last day is over; today
    still sells. What the strategy keeps back is left out.
    """
    ordered = in_order(strategy, lots, today)
    ends = _sell(ordered, pace, today)
    best = _sell(in_order(FEFO, lots, today), pace, today)
    found = {}
    for place, lot in enumerate(ordered, start=1):
        gone_in_days, unsold = ends[lot.lot_id]
        slow = gone_in_days is None or gone_in_days > cover
        advice = []
        if unsold > best[lot.lot_id][1]:
            advice.append(Advice.GIVE_FIRST)
        if unsold or slow:
            advice.append(Advice.DISCOUNT if pace.sold else Advice.RETURN)
        found[lot.lot_id] = Fate(place, gone_in_days, unsold, tuple(advice))
    return found


def _sell(
    ordered: Sequence[Offered], pace: Pace, today: date
) -> dict[UUID, tuple[int | None, int]]:
    """Sell lots one after another: in how many days each is gone, and how many units are left."""
    at = Fraction(0)  # days from this morning
    ends: dict[UUID, tuple[int | None, int]] = {}
    for lot in ordered:
        last = None if lot.expires_on is None else Fraction((lot.expires_on - today).days + 1)
        if not pace.sold:
            ends[lot.lot_id] = (None, 0 if last is None else lot.available)
            continue
        until = at + pace.days_for(lot.available)
        if last is None or until <= last:
            ends[lot.lot_id] = (ceil(until), 0)
            at = until
        else:
            sold = pace.units_in(max(last - at, Fraction(0)))
            ends[lot.lot_id] = (None, lot.available - int(sold))
            at = max(at, last)
    return ends
