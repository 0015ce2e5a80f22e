"""Capital by SKU: how old the stock is, how long it lasts, and what will expire unsold."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final
from uuid import UUID

from kashu.catalog.reads import skus_by_id
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.money import CURRENCY
from kashu.core.sql import Statement
from kashu.ledger.sold import sold_by_day
from kashu.reports.capital import DAYS
from kashu.stock.outlook import Pace, fates
from kashu.stock.strategies import strategies_for
from kashu.stock.strategy import Offered, Strategy

AGES: Final = (30, 60, 90)  # days since it came; what is older comes last
_SOON: Final = 30  # days
_WHOLE_COVER: Final = 366  # of what nobody is advised about here


@dataclass(frozen=True, slots=True)
class SkuCapital:
    """What is tied up in a SKU's stock at cost, or in all SKUs': then `code` is empty.

    `by_age_e4`: of the stock, by days since it came: see AGES. `lost_e4`: what has expired, or
    will before it is sold at the pace of the last `days`, in the order its strategy gives.
    """

    sku_id: UUID | None
    code: str
    name_zh: str
    name_en: str
    units: int
    stock_e4: int
    by_age_e4: tuple[int, ...]
    expiring_e4: int  # within 30 days, or expired
    lost_e4: int
    sold: int
    lasts_days: Decimal | None  # None: nothing was sold


@dataclass(frozen=True, slots=True)
class _Lot(Offered):
    """An Offered, frozen or not, with what else is known of it."""

    reserved: int
    state: str
    aside: int  # held back before anybody had them: nobody is given these
    age_days: int
    known_days: int

    @property
    def units(self) -> int:
        return self.available + self.reserved + self.aside

    @property
    def cost_e4(self) -> int:
        return self.units * self.unit_cost_e4


_lots = Statement(__file__, "capital_lots.sql", _Lot)


async def capital_by_sku(
    tx: Tx,
    tenant_id: int,
    at: datetime,
    timezone: str,
    *,
    days: int = DAYS,
    supplier_id: UUID | None = None,
    currency: str = CURRENCY,
) -> tuple[list[SkuCapital], SkuCapital]:
    """Read what is tied up by SKU, most first, and in all; `supplier_id`: in what they supplied.

    How long it lasts and what will be lost follows from all the stock of a SKU, whoever it is from.
    """
    today = day_of(at, timezone)
    lots = await _lots(tx, tenant_id=tenant_id, today=today, timezone=timezone, currency=currency)
    of_sku = {sku_id: list(held) for sku_id, held in groupby(lots, lambda lot: lot.sku_id)}
    sold: defaultdict[UUID, int] = defaultdict(int)
    tomorrow = today + timedelta(days=1)
    for row in await sold_by_day(
        tx, tenant_id, of_sku.keys(), since=tomorrow - timedelta(days=days), until=tomorrow
    ):
        sold[row.sku_id] += row.units
    strategies = await strategies_for(tx, tenant_id, [(sku_id, None, None) for sku_id in of_sku])
    skus = await skus_by_id(tx, tenant_id, list(of_sku))
    found = []
    for (sku_id, held), strategy in zip(of_sku.items(), strategies, strict=True):
        pace = Pace(max(sold[sku_id], 0), max(min(days, held[0].known_days), 1))
        lost = _unsold(held, strategy, pace, today, fresh_days=days)
        wanted = [lot for lot in held if supplier_id in {None, lot.supplier_id}]
        if wanted:
            sku = skus[sku_id]
            figures = _figures(wanted, lost, today)
            lasts = _lasts(held, pace)
            found.append(
                SkuCapital(
                    sku_id,
                    sku.code,
                    sku.name_zh,
                    sku.name_en,
                    *figures,
                    pace.sold,
                    lasts,
                )
            )
    return sorted(found, key=lambda each: (-each.stock_e4, each.code)), _whole(found)


def _unsold(
    held: Sequence[_Lot], strategy: Strategy, pace: Pace, today: date, *, fresh_days: int
) -> dict[UUID, int]:
    """Units of each lot that are expired, or will be before they are sold.

    Where nothing was sold yet, nobody knows how what came in the last `fresh_days` will sell.
    """
    offered = [
        lot for lot in held if lot.state == "open" and (pace.sold or lot.age_days >= fresh_days)
    ]
    foreseen = fates(strategy, offered, pace, today=today, cover=_WHOLE_COVER)
    unsold = {lot_id: fate.unsold for lot_id, fate in foreseen.items()}
    gone = {
        lot.lot_id: lot.available
        for lot in held
        if lot.expires_on is not None and lot.expires_on < today
    }
    return unsold | gone


def _figures(
    held: Sequence[_Lot], unsold: dict[UUID, int], today: date
) -> tuple[int, int, tuple[int, ...], int, int]:
    by_age = [0] * (len(AGES) + 1)
    for lot in held:
        by_age[sum(lot.age_days > age for age in AGES)] += lot.cost_e4
    soon = today + timedelta(days=_SOON)
    expiring = sum(
        lot.cost_e4 for lot in held if lot.expires_on is not None and lot.expires_on <= soon
    )
    lost = sum(unsold.get(lot.lot_id, 0) * lot.unit_cost_e4 for lot in held)
    return sum(lot.units for lot in held), sum(by_age), tuple(by_age), expiring, lost


def _lasts(held: Sequence[_Lot], pace: Pace) -> Decimal | None:
    if not pace.sold:
        return None
    units = sum(lot.available + lot.reserved for lot in held)
    return (Decimal(units) * pace.days / pace.sold).quantize(Decimal("0.1"))


def _whole(found: Sequence[SkuCapital]) -> SkuCapital:
    return SkuCapital(
        sku_id=None,
        code="",
        name_zh="",
        name_en="",
        units=sum(each.units for each in found),
        stock_e4=sum(each.stock_e4 for each in found),
        by_age_e4=tuple(
            sum(each.by_age_e4[place] for each in found) for place in range(len(AGES) + 1)
        ),
        expiring_e4=sum(each.expiring_e4 for each in found),
        lost_e4=sum(each.lost_e4 for each in found),
        sold=sum(each.sold for each in found),
        lasts_days=None,
    )
