"""Slow stock: what doesn't sell, the capital in it, and what could be done before it expires."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from kashu.catalog.errors import UnknownSku
from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.sql import Statement
from kashu.stock.outlook import Fate, Pace, fates
from kashu.stock.strategies import strategies_for
from kashu.stock.strategy import Offered

DAYS: Final = 30  # of sales that a pace is taken from
COVER: Final = 90  # days of cover above which stock is slow
DAYS_MAX: Final = 366
COVER_MAX: Final = 3_660


class SpanWrong(Invalid):
    """A pace of no days, or of more than are looked at."""

    code = "span_wrong"
    zh = "统计天数须为 1 到 {days_max}，可售天数须为 0 到 {cover_max}。请修改。"
    en = "Look back 1 to {days_max} days, for a cover of 0 to {cover_max} days. Change them."


@dataclass(frozen=True, slots=True)
class SlowSku:
    """What is held of a SKU in a currency, in units, and how it sells.

    `held`: available or reserved; `cost_e4`: what that cost. `sold` in the last `days`, fewer where
    it came later. `days_of_cover`: how long all that is held of the SKU lasts at that pace; None:
    nothing was sold. `by_age` and `cost_by_age` are by days since it came.
    """

    sku_id: UUID
    currency: str
    held: int
    cost_e4: int
    oldest_days: int
    days: int
    sold: int
    days_of_cover: int | None
    by_age: dict[str, int]
    cost_by_age: dict[str, int]


@dataclass(frozen=True, slots=True)
class SlowLot:
    """A lot with what is to be expected of it, and what could be done.

    `place`: when it is given from, by the strategy in force for the SKU, from 1; None: it isn't.
    `gone_in_days`: at the SKU's pace; None: not before it expires, or nobody knows. `unsold`: units
    that will be left then. `advice`: see outlook.Advice.
    """

    lot_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    state: str
    available: int
    reserved: int
    currency: str
    unit_cost_e4: int
    cost_e4: int
    unsold_cost_e4: int
    expires_on: date | None
    age_days: int
    place: int | None
    gone_in_days: int | None
    unsold: int
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Held(Offered):
    """An Offered, frozen or not, with what else is known of it."""

    reserved: int
    currency: str
    state: str
    age_days: int


_skus = Statement(__file__, "slow_skus.sql", SlowSku)
_lots = Statement(__file__, "slow_lots.sql", _Held)


async def slow_skus(
    tx: Tx,
    tenant_id: int,
    *,
    today: date,
    timezone: str,
    days: int = DAYS,
    cover: int = COVER,
) -> list[SlowSku]:
    """Tell which SKUs are held for more than `cover` days at the pace of the last `days`.

    Also those of which nothing was sold in them though there was stock. The most capital first.
    Raises: SpanWrong.
    """
    if not (1 <= days <= DAYS_MAX and 0 <= cover <= COVER_MAX):
        raise SpanWrong(days_max=DAYS_MAX, cover_max=COVER_MAX)
    return await _skus(
        tx, tenant=tenant_id, today=today, timezone=timezone, days=days, cover=cover, sku=None
    )


async def slow_lots(
    tx: Tx,
    tenant_id: int,
    sku_id: UUID,
    *,
    today: date,
    timezone: str,
    days: int = DAYS,
    cover: int = COVER,
) -> list[SlowLot]:
    """Tell of each lot of a SKU that holds anything when it will be gone, in order of giving.

    What isn't given from comes last. The pace is that of the last `days`; a lot that won't be gone
    in `cover` days is slow. Raises: SpanWrong, UnknownSku.
    """
    if not (1 <= days <= DAYS_MAX and 0 <= cover <= COVER_MAX):
        raise SpanWrong(days_max=DAYS_MAX, cover_max=COVER_MAX)
    if not await skus_by_id(tx, tenant_id, [sku_id]):
        raise UnknownSku(sku=sku_id)
    held = await _lots(tx, tenant=tenant_id, sku=sku_id, today=today, timezone=timezone)
    paced = await _skus(
        tx, tenant=tenant_id, today=today, timezone=timezone, days=days, cover=None, sku=sku_id
    )
    if not held or not paced:
        return []
    [strategy] = await strategies_for(tx, tenant_id, [(sku_id, None, None)])
    offered = [lot for lot in held if lot.state == "open"]
    pace = Pace(paced[0].sold, paced[0].days)
    foreseen = fates(strategy, offered, pace, today=today, cover=cover)
    if not pace.sold:  # of what came within the days nobody knows yet how it sells
        fresh = {lot.lot_id for lot in held if lot.age_days < days}
        for lot_id in fresh & foreseen.keys():
            foreseen[lot_id] = Fate(foreseen[lot_id].place)
    told = [_told(lot, foreseen.get(lot.lot_id, Fate()), today) for lot in held]
    return sorted(told, key=lambda lot: (lot.place is None, lot.place or 0, lot.lot_id))


def _told(lot: _Held, fate: Fate, today: date) -> SlowLot:
    expired = lot.expires_on is not None and lot.expires_on < today
    unsold = lot.available if expired else fate.unsold
    return SlowLot(
        lot_id=lot.lot_id,
        warehouse_id=lot.warehouse_id,
        supplier_id=lot.supplier_id,
        state=lot.state,
        available=lot.available,
        reserved=lot.reserved,
        currency=lot.currency,
        unit_cost_e4=lot.unit_cost_e4,
        cost_e4=(lot.available + lot.reserved) * lot.unit_cost_e4,
        unsold_cost_e4=unsold * lot.unit_cost_e4,
        expires_on=lot.expires_on,
        age_days=lot.age_days,
        place=fate.place,
        gone_in_days=fate.gone_in_days,
        unsold=unsold,
        advice=("write_off",) if expired else fate.advice,
    )
