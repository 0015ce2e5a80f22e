"""Trends: what offers cost at the end of each of the last days, and what moved within an hour."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from kashu.core.clock import day_bounds, day_of
from kashu.core.db import Tx
from kashu.core.sql import Statement

JUST_NOW: Final = timedelta(hours=1)  # how long a move is news


@dataclass(frozen=True, slots=True)
class Moved:
    """A price that isn't what it was an hour ago. `before_e4`: what it was."""

    offer_id: UUID
    before_e4: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Trend:
    """What one of an offer cost at the end of each day, oldest first; None: not known yet."""

    days: tuple[int | None, ...] = ()
    moved: Moved | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    offer_id: UUID
    day: date
    unit_cost_e4: int | None


_trends = Statement(__file__, "trends.sql", _Told)
_moved = Statement(__file__, "moved.sql", Moved)


async def trends_of(
    tx: Tx, tenant_id: int, offer_ids: Collection[UUID], *, days: int, at: datetime, timezone: str
) -> dict[UUID, Trend]:
    """Read some offers' trends, those of their prices that were taken; held ones don't count."""
    wanted = list(set(offer_ids))
    today = day_of(at, timezone)
    first = today - timedelta(days=days - 1)
    since, _ = day_bounds(first, timezone)
    told: dict[UUID, dict[date, int | None]] = {}
    for row in await _trends(tx, tenant=tenant_id, offers=wanted, since=since, timezone=timezone):
        told.setdefault(row.offer_id, {})[max(row.day, first - timedelta(days=1))] = (
            row.unit_cost_e4
        )
    moved = {
        row.offer_id: row
        for row in await _moved(tx, tenant=tenant_id, offers=wanted, since=at - JUST_NOW)
    }
    return {
        offer_id: Trend(_every_day(told.get(offer_id, {}), first, days), moved.get(offer_id))
        for offer_id in wanted
    }


def _every_day(told: dict[date, int | None], first: date, days: int) -> tuple[int | None, ...]:
    """What it cost day by day: what was told on an earlier day holds until something else is."""
    cost_e4 = told.get(first - timedelta(days=1))
    every = []
    for place in range(days):
        day = first + timedelta(days=place)
        cost_e4 = told.get(day, cost_e4)
        every.append(cost_e4)
    return tuple(every)
