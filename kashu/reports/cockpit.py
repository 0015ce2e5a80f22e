"""The cockpit: how the day goes beside other days, where orders are stuck, and what sells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from kashu.core.clock import day_bounds, day_of
from kashu.core.db import Tx
from kashu.core.money import CURRENCY
from kashu.core.sql import Statement
from kashu.reports.errors import SpanBackwards, SpanTooLong
from kashu.reports.pulse import step_of

MARGIN_PLACES: Final = Decimal("0.0001")
POINTS_MAX: Final = 1_000
BEATS: Final = 60  # seconds


class Grain(StrEnum):
    """How long a point of a curve is: an hour, or a day or week (from Monday) of the merchant's."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


_LASTS: Final = {
    Grain.HOUR: timedelta(hours=1),
    Grain.DAY: timedelta(days=1),
    Grain.WEEK: timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold from `begins_at` until `ends_at`. Units and money less what came back."""

    begins_at: datetime
    ends_at: datetime
    orders: int
    units: int
    revenue_e4: int
    profit_e4: int

    @property
    def margin(self) -> Decimal | None:
        """Profit as a part of revenue, to four places; None without revenue."""
        return margin_of(self.profit_e4, self.revenue_e4)


@dataclass(frozen=True, slots=True)
class Strip:
    """Today up to the last full ten minutes; yesterday and a week ago up to the same hour."""

    today: Sales
    yesterday: Sales
    week_ago: Sales


@dataclass(frozen=True, slots=True)
class Now:
    """What is so just now. `beats`: orders accepted in each of the last 60 seconds."""

    beats: list[int]  # oldest first
    last_order_at: datetime | None
    short_lines: int  # wait for stock
    short_units: int

    @property
    def last_minute(self) -> int:
        """Orders accepted in the last minute."""
        return sum(self.beats)


@dataclass(frozen=True, slots=True)
class Seller:
    """A SKU's sales in some days, and what can be sold of it now."""

    code: str
    name_zh: str
    name_en: str
    units: int
    revenue_e4: int
    profit_e4: int
    available: int

    @property
    def margin(self) -> Decimal | None:
        """Profit as a part of revenue, to four places."""
        return margin_of(self.profit_e4, self.revenue_e4)

    def lasts_days(self, days: int) -> Decimal:
        """How many days the stock lasts at the pace of those `days`."""
        return (Decimal(self.available) * days / self.units).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class _Span:
    place: int
    orders: int
    units: int
    revenue_e4: int
    profit_e4: int


@dataclass(frozen=True, slots=True)
class _SoFar:
    orders: int
    units: int
    revenue_e4: int
    profit_e4: int


@dataclass(frozen=True, slots=True)
class _Waits:
    last_order_at: datetime | None
    short_lines: int
    short_units: int


@dataclass(frozen=True, slots=True)
class _Beat:
    ago: int
    orders: int


@dataclass(frozen=True, slots=True)
class _Point:
    begins_at: datetime
    orders: int
    units: int
    revenue_e4: int
    profit_e4: int


_strip = Statement(__file__, "cockpit_strip.sql", _Span)
_trend = Statement(__file__, "cockpit_trend.sql", _Point)
_so_far = Statement(__file__, "cockpit_so_far.sql", _SoFar)
_waits = Statement(__file__, "cockpit_waits.sql", _Waits)
_beats = Statement(__file__, "cockpit_beats.sql", _Beat)
_best = Statement(__file__, "best_sellers.sql", Seller)


def margin_of(profit_e4: int, revenue_e4: int) -> Decimal | None:
    """Profit as a part of revenue, to four places; None without revenue."""
    if revenue_e4 <= 0:
        return None
    return (Decimal(profit_e4) / Decimal(revenue_e4)).quantize(MARGIN_PLACES)


async def strip(
    tx: Tx, tenant_id: int, at: datetime, timezone: str, *, currency: str = CURRENCY
) -> Strip:
    """Read today's sales beside yesterday's and those of a week ago, all up to the same hour."""
    today = day_of(at, timezone)
    spans = [_until_this_hour(at, today - timedelta(days=back), today, timezone) for back in _BACK]
    rows = await _strip(
        tx,
        tenant_id=tenant_id,
        currency=currency,
        begins=[begins for begins, _ in spans],
        ends=[ends for _, ends in spans],
    )
    found = [
        Sales(*span, row.orders, row.units, row.revenue_e4, row.profit_e4)
        for span, row in zip(spans, rows, strict=True)
    ]
    return Strip(*found)


_BACK: Final = (0, 1, 7)


def _until_this_hour(
    at: datetime, day: date, today: date, timezone: str
) -> tuple[datetime, datetime]:
    """From a day's midnight as long as it is since today's, in full ten minutes."""
    begins = day_bounds(day, timezone)[0]
    gone = step_of(at) - day_bounds(today, timezone)[0]
    return begins, begins + max(gone, timedelta(0))


async def trend(
    tx: Tx,
    tenant_id: int,
    grain: Grain,
    since: date,
    until: date,
    *,
    timezone: str,
    currency: str = CURRENCY,
) -> list[Sales]:
    """Read the curve of the merchant's days [since, until]; points without sales are left out.

    Raises: SpanBackwards, SpanTooLong (more than a thousand points).
    """
    if until < since:
        raise SpanBackwards(since=since, until=until)
    lasts = _LASTS[grain]
    if (until - since + timedelta(days=1)) / lasts > POINTS_MAX:
        raise SpanTooLong(points=POINTS_MAX)
    points = await _trend(
        tx,
        tenant_id=tenant_id,
        step=grain.value,
        zone=timezone,
        currency=currency,
        since=day_bounds(since, timezone)[0],
        until=day_bounds(until, timezone)[1],
    )
    return [
        Sales(
            point.begins_at,
            _end_of(point.begins_at, grain, timezone),
            point.orders,
            point.units,
            point.revenue_e4,
            point.profit_e4,
        )
        for point in points
    ]


def _end_of(begins_at: datetime, grain: Grain, timezone: str) -> datetime:
    if grain is Grain.HOUR:
        return begins_at + _LASTS[grain]
    last_day = day_of(begins_at, timezone) + _LASTS[grain] - timedelta(days=1)
    return day_bounds(last_day, timezone)[1]


async def so_far(
    tx: Tx, tenant_id: int, at: datetime, timezone: str, *, currency: str = CURRENCY
) -> Sales:
    """Read what was sold today until this moment, as the list of orders and the books have it."""
    today = day_of(at, timezone)
    midnight = day_bounds(today, timezone)[0]
    [found] = await _so_far(
        tx, tenant_id=tenant_id, currency=currency, midnight=midnight, today=today
    )
    return Sales(midnight, at, found.orders, found.units, found.revenue_e4, found.profit_e4)


async def read_now(tx: Tx, tenant_id: int, at: datetime) -> Now:
    """Read what is so just now."""
    [waits] = await _waits(tx, tenant_id=tenant_id)
    beats = [0] * BEATS
    for beat in await _beats(tx, tenant_id=tenant_id, at=at):
        beats[BEATS - 1 - beat.ago] = beat.orders
    return Now(beats, waits.last_order_at, waits.short_lines, waits.short_units)


async def best_sellers(
    tx: Tx,
    tenant_id: int,
    since: date,
    until: date,
    *,
    limit: int,
    currency: str = CURRENCY,
) -> Sequence[Seller]:
    """Read what sold best on the merchant's days [since, until], by revenue."""
    if until < since:
        raise SpanBackwards(since=since, until=until)
    return await _best(
        tx, tenant_id=tenant_id, currency=currency, since=since, until=until, limit=limit
    )
