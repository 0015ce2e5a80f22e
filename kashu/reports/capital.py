"""Capital: what is tied up in stock and with suppliers, how fast it turns, and what it costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.money import CURRENCY
from kashu.core.sql import Statement
from kashu.reports.capital_others import Other, others_by_supplier, together

DAYS: Final = 30  # what turnover is reckoned over
RATE_PPM: Final = 60_000  # a year: what money costs where nobody says otherwise
_YEAR: Final = 365
_PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Row:
    supplier_id: UUID
    code: str
    name: str
    stock_e4: int
    units: int
    old_e4: int
    expiring_e4: int
    prepaid_e4: int
    in_doubt_e4: int
    recoveries_e4: int
    payable_e4: int
    sold_e4: int


@dataclass(frozen=True, slots=True)
class Capital:
    """What is tied up with one supplier, or with all of them: then `code` is empty.

    `old_e4`: of the stock, what came over 90 days ago; `expiring_e4`: what expires within 30.
    """

    code: str
    name: str
    stock_e4: int
    units: int
    old_e4: int
    expiring_e4: int
    prepaid_e4: int
    in_doubt_e4: int
    recoveries_e4: int
    payable_e4: int
    sold_e4: int  # its cost, in `days`
    days: int
    rate_ppm: int
    overdrawn_e4: int  # of what is prepaid, where it is less than nothing: they lend it to us
    others: tuple[Other, ...]  # in other currencies; all the above is what the books have in ours

    @property
    def tied_e4(self) -> int:
        """Stock at cost, prepaid, in doubt, to be got back: our money that isn't ours to use.

        What is in other currencies counts as what it is in ours at the rate last entered.
        """
        prepaid_e4 = self.prepaid_e4 + self.overdrawn_e4
        tied_e4 = self.stock_e4 + prepaid_e4 + self.in_doubt_e4 + self.recoveries_e4
        return tied_e4 + self.others_e4

    @property
    def others_e4(self) -> int:
        """Of what is tied up: what is in other currencies, in ours."""
        return sum(each.tied_ours_e4 for each in self.others)

    @property
    def net_e4(self) -> int:
        """What is tied up, less what suppliers lend us: five accounts of the books, added up."""
        owed_e4 = sum(each.owed_ours_e4 for each in self.others)
        return self.tied_e4 - self.payable_e4 - self.overdrawn_e4 - owed_e4

    @property
    def turnover_days(self) -> Decimal | None:
        """How many days' sales at cost are tied up; None: nothing was sold."""
        if self.sold_e4 <= 0:
            return None
        return (Decimal(self.tied_e4) * self.days / self.sold_e4).quantize(Decimal("0.1"))

    @property
    def cost_e4(self) -> int:
        """What tying it up costs in `days`, at the rate."""
        return self.tied_e4 * self.rate_ppm * self.days // (_PPM * _YEAR)


_capital = Statement(__file__, "capital.sql", _Row)


async def capital(
    tx: Tx,
    tenant_id: int,
    at: datetime,
    timezone: str,
    *,
    days: int = DAYS,
    rate_ppm: int = RATE_PPM,
) -> tuple[list[Capital], Capital]:
    """Read what is tied up by supplier, most first, and in all."""
    others = await others_by_supplier(tx, tenant_id)
    rows = await _capital(
        tx,
        tenant_id=tenant_id,
        at=at,
        today=day_of(at, timezone),
        days=days,
        currency=CURRENCY,
    )
    found = [
        Capital(
            **{name: getattr(row, name) for name in _NUMBERS},
            code=row.code,
            name=row.name,
            days=days,
            rate_ppm=rate_ppm,
            overdrawn_e4=max(-row.prepaid_e4, 0),
            others=tuple(others.get(row.supplier_id, ())),
        )
        for row in rows
    ]
    sums = {name: sum(getattr(each, name) for each in found) for name in _SUMMED}
    whole = Capital(
        **sums,
        code="",
        name="",
        days=days,
        rate_ppm=rate_ppm,
        others=together(other for each in found for other in each.others),
    )
    return sorted(found, key=lambda each: (-each.tied_e4, each.code)), whole


_AMOUNTS: Final = [name for name in _Row.__dataclass_fields__ if name.endswith("_e4")]
_NUMBERS: Final = (*_AMOUNTS, "units")
_SUMMED: Final = (*_NUMBERS, "overdrawn_e4")
