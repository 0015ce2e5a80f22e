"""Burn: how fast prepaid money is used, when it will be gone, and what to deposit."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kashu.core.clock import day_bounds, day_of
from kashu.core.db import Tx
from kashu.core.money import E4
from kashu.ledger.supplier_money import SupplierDay, supplier_days
from kashu.suppliers.exposure import Exposure

AVERAGE_DAYS: Final = 14
COVER_DAYS: Final = 7  # what a suggested deposit should last
ROUNDED_E4: Final = 100 * E4  # a suggested deposit is a multiple of this
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Burn:
    """How prepaid money is used, and how long what is there will last at the faster pace."""

    today_e4: int
    recent_a_day_e4: int  # since yesterday began
    average_a_day_e4: int  # of the last 14 whole days, or since it began to be used
    hours_left: int | None  # None: it isn't being used
    suggested_e4: int  # a deposit that makes it last a week

    @property
    def a_day_e4(self) -> int:
        """The faster of both paces: what a sudden rise costs is seen on its first day."""
        return max(self.recent_a_day_e4, self.average_a_day_e4)


async def burn_of(
    tx: Tx, tenant_id: int, exposures: Collection[Exposure], at: datetime, timezone: str
) -> dict[UUID, Burn]:
    """Forecast for some suppliers, from what the books say that each day bought goods.

    In the currency of each exposure.
    """
    today = day_of(at, timezone)
    days = await supplier_days(
        tx,
        tenant_id,
        [each.supplier_id for each in exposures],
        since=today - timedelta(days=AVERAGE_DAYS),
        until=today,
        currency={each.supplier_id: each.currency for each in exposures},
    )
    began_at, _ = day_bounds(today, timezone)
    so_far_s = max((at - began_at).total_seconds(), 0)
    return {
        each.supplier_id: _forecast(each, days[each.supplier_id], at, timezone, so_far_s)
        for each in exposures
    }


def _forecast(
    exposure: Exposure, days: Sequence[SupplierDay], at: datetime, timezone: str, so_far_s: float
) -> Burn:
    today = day_of(at, timezone)
    spent = {day.posted_on: max(day.spent_e4, 0) for day in days}
    today_e4 = spent.get(today, 0)
    yesterday = today - timedelta(days=1)
    recent_e4 = round((today_e4 + spent.get(yesterday, 0)) * _DAY_S / (_DAY_S + so_far_s))
    whole = {day: e4 for day, e4 in spent.items() if day < today and e4}
    average_e4 = 0
    if whole:
        average_e4 = sum(whole.values()) // min((today - min(whole)).days, AVERAGE_DAYS)
    a_day_e4 = max(recent_e4, average_e4)
    hours_left = None
    if a_day_e4:
        hours_left = max(exposure.available_e4, 0) * 24 // a_day_e4
    return Burn(today_e4, recent_e4, average_e4, hours_left, _suggested(exposure, a_day_e4))


def _suggested(exposure: Exposure, a_day_e4: int) -> int:
    wanted_e4 = a_day_e4 * COVER_DAYS + (exposure.balance_low_e4 or 0) - exposure.available_e4
    rounded_e4 = math.ceil(max(wanted_e4, 0) / ROUNDED_E4) * ROUNDED_E4
    if exposure.exposure_max_e4 is None:
        return rounded_e4
    return max(min(rounded_e4, exposure.exposure_max_e4 - exposure.exposed_e4), 0)
