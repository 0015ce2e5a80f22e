"""By SKU: what is held of each, how long it lasts, and what wants to be looked at first."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.stock.slow import COVER

SOON: Final = ("within_7", "within_30")  # buckets of what expires soon


class Need(StrEnum):
    """Why a SKU's stock wants to be looked at; the most urgent first."""

    OUT = "out"  # nothing can be given, and it sells or has a level
    LOW = "low"  # at its level or below, or an alert stands
    EXPIRING = "expiring"  # some of it within 30 days
    EXPIRED = "expired"  # some of it has, and wasn't written off
    FROZEN = "frozen"  # some of it can't be given until somebody unfreezes it
    SLOW = "slow"  # it lasts longer than 90 days, or doesn't sell


@dataclass(frozen=True, slots=True)
class SkuStock:
    """What there is of a SKU, in units: `unit` says of what. held = the first four together.

    `available`: open, not expired, promised to nobody. `by_expiry` and `costs_e4` (by currency) are
    of what is held. Sold: what went into the cost of goods, less what came back, everywhere, in
    so many of the last 7 and 30 days as there was any. `frozen_why`: reason, units and lots.
    """

    sku_id: UUID
    code: str
    name_zh: str
    name_en: str
    unit: str
    lots: int
    available: int
    reserved: int
    frozen: int
    expired: int
    allocated: int
    revealed: int
    redeemed: int
    quarantined: int
    void: int
    returned: int
    next_expiry_on: date | None
    week_days: int | None
    sold_7: int
    month_days: int | None
    sold_30: int
    oldest_days: int | None
    by_expiry: dict[str, int]
    costs_e4: dict[str, int]
    frozen_why: list[dict[str, Any]]
    alerts: list[str]
    low: int | None
    enough: int | None

    @property
    def held(self) -> int:
        """How many there are that nobody has bought."""
        return self.available + self.reserved + self.frozen + self.expired

    @property
    def lasts_days(self) -> int | None:
        """For how many whole days what can be given lasts, at the pace of the last 7 days.

        None: nothing was sold in them.
        """
        if not self.sold_7 or not self.week_days:
            return None
        return self.available * self.week_days // self.sold_7

    @property
    def needs(self) -> list[Need]:
        """Say what wants to be looked at, the most urgent first."""
        wanted = self.low is not None or self.sold_30 > 0
        is_so = {
            Need.OUT: "out" in self.alerts or (wanted and not self.available),
            Need.LOW: "low" in self.alerts or (self.low is not None and self.available <= self.low),
            Need.EXPIRING: any(self.by_expiry.get(bucket) for bucket in SOON),
            Need.EXPIRED: self.expired > 0,
            Need.FROZEN: self.frozen > 0,
            Need.SLOW: self._is_slow(),
        }
        return [need for need in Need if is_so[need]]

    def _is_slow(self) -> bool:
        """Tell it by the rule of slow_skus()."""
        if not self.held or self.month_days is None or self.oldest_days is None:
            return False
        if not self.sold_30:
            return self.oldest_days >= self.month_days
        return self.held * self.month_days > COVER * self.sold_30


_by_sku = Statement(__file__, "by_sku.sql", SkuStock)
_LAST: Final = len(Need)


async def stock_by_sku(
    tx: Tx,
    tenant_id: int,
    *,
    today: date,
    timezone: str,
    sku_id: UUID | None = None,
    warehouse_id: UUID | None = None,
    supplier_id: UUID | None = None,
) -> list[SkuStock]:
    """Tell what there is of each SKU that was ever stocked, has a level or was sold of late.

    What wants to be looked at comes first; then what lasts the shortest. Reads each lot once.
    """
    found = await _by_sku(
        tx,
        tenant=tenant_id,
        today=today,
        timezone=timezone,
        sku=sku_id,
        warehouse=warehouse_id,
        supplier=supplier_id,
    )
    return sorted(found, key=_urgency)


def _urgency(of: SkuStock) -> tuple[int, bool, bool, int, str]:
    needs = of.needs
    first = list(Need).index(needs[0]) if needs else _LAST
    lasts = of.lasts_days
    return first, not of.held, lasts is None, lasts or 0, of.code
