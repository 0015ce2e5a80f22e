"""Compare: who sells a SKU, what one unit costs us there all told, and who can be bought from."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.suppliers.kinds import Goods
from kashu.suppliers.rules import price_rules

TRIED: Final = 20  # orders from which on a supplier's own record says more than what is usual
DAY_S: Final = 86_400
BEST: Final = 20  # offers of a SKU that are told; of what follows nobody buys


class WhyNot(StrEnum):
    """Why nothing is bought from an offer by itself; the order is that of telling."""

    HELD = "held"  # its price is implausible: a person decides
    GONE = "gone"  # not in the supplier's list any more
    OFF_SALE = "off_sale"
    SOLD_OUT = "sold_out"
    NO_PRICE = "no_price"  # none was told
    NO_RATE = "no_rate"  # in a currency for which nobody entered a rate
    STALE = "stale"  # seen too long ago
    TOO_FEW = "too_few"  # in stock, for what is wanted
    BELOW_LEAST = "below_least"  # fewer are wanted than it sells at once
    FROZEN = "frozen"  # people froze the supplier, or its quality did
    NOT_CONNECTED = "not_connected"
    STOPPED = "stopped"
    LOCKED_OUT = "locked_out"  # the supplier doesn't accept our login
    BROKEN = "broken"  # the breaker is open


class Why(StrEnum):
    """What makes an offer what it is beside the others of its SKU."""

    CHEAPEST = "cheapest"  # of those that can be bought from
    LEVEL = "level"  # costs the same as the best; success, then freshness decide
    DEARER = "dearer"  # than the best: facts say by how much, and which part most
    CHEAPER = "cheaper"  # than the best, but can't be bought from
    UNTRIED = "untried"  # little was bought there: it is reckoned as usual suppliers are
    MORE_THAN_WANTED = "more_than_wanted"  # it only sells so many at once


@dataclass(frozen=True, slots=True)
class Landed:
    """What ONE unit of a SKU costs us at an offer, in ten-thousandths of CNY, part by part.

    Costs are rounded up and the rebate down, each once: never told cheaper than it is, and by less
    than one ten-thousandth a part. total = price + fee − rebate + risk + capital, exactly.
    """

    price_e4: int
    fee_e4: int
    rebate_e4: int
    risk_e4: int  # what failures and invalid cards are expected to cost
    capital_e4: int  # of the money tied up; less than 0: it is ours for longer than the goods
    total_e4: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Something to be told of an offer's rank; kashu/suppliers/words.py has the words."""

    why: Why
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """An offer of a SKU: those that can be bought first, the cheapest first."""

    sku_id: UUID
    rank: int  # from 1, of all offers of the SKU
    offer_id: UUID
    supplier_id: UUID
    supplier: str  # its code
    supplier_name: str
    ref: str
    title: str
    goods: Goods
    units: int  # of ours that one of theirs is
    unit_cost_e4: int | None  # of one of theirs, in `currency`; what an order says
    currency: str
    rate_e6: int | None  # what one of it costs in ours, in millionths; None: nobody entered it
    stock: int | None  # of theirs; None: not told in numbers
    least: int  # of theirs, in one order
    most: int | None
    wanted: int  # of theirs, for the quantity asked for
    seen_at: datetime
    breaks: int  # in a row: more than 0, and not BROKEN: one order tries
    attempts: int  # of the last 30 days
    success_ppm: int | None  # None: not tried
    p95_ms: int | None
    landed: Landed | None  # None: no price, or no rate
    why_not: tuple[WhyNot, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def buyable(self) -> bool:
        """Whether it may be bought without a person's word."""
        return not self.why_not

    @property
    def at_most(self) -> int | None:
        """How many of ours one order can bring; None: as many as are wanted."""
        bounds = [each for each in (self.stock, self.most) if each is not None]
        return min(bounds) * self.units if bounds else None


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of compare.sql."""

    sku_id: UUID
    rank: int
    offer_id: UUID
    supplier_id: UUID
    supplier: str
    supplier_name: str
    ref: str
    title: str
    goods: str
    units: int
    unit_cost_e4: int | None
    currency: str
    rate_e6: int | None
    stock: int | None
    least: int
    most: int | None
    wanted: int
    seen_at: datetime
    breaks: int
    attempts: int
    success_ppm: int | None
    p95_ms: int | None
    price_e4: int | None
    fee_e4: int | None
    rebate_e4: int | None
    risk_e4: int | None
    capital_e4: int | None
    total_e4: int | None
    why_not: list[str]
    quantity: int


_compare = Statement(__file__, "compare.sql", _Row)


async def compare(
    tx: Tx,
    tenant_id: int,
    sku_ids: Collection[UUID],
    *,
    quantity: int = 1,
    at: datetime,
    stock_days: int | None = None,
    best: int = BEST,
    lasting: bool = False,
) -> dict[UUID, list[Ranked]]:
    """Rank the offers mapped to some SKUs, for `quantity` units of ours; SKUs without any: [].

    `stock_days`: how long it will lie before it is sold; None: as the merchant's rules say, 0 for
    what is bought for an order that waits. `best`: no more offers of each SKU are told. `lasting`:
    what passes by itself, a breaker and a list that is late by up to a day, keeps none from buying:
    for looking at prices, never for ordering.
    """
    rules = await price_rules(tx, tenant_id)
    late_s = DAY_S if lasting else 0
    rows = await _compare(
        tx,
        tenant=tenant_id,
        skus=list(set(sku_ids)),
        quantity=quantity,
        at=at,
        best=best,
        lasting=lasting,
        stale_s=rules.stale_s + late_s,
        file_stale_s=rules.file_stale_s + late_s,
        failure_cost_e4=rules.failure_cost_e4,
        invalid_cost_e4=rules.invalid_cost_e4,
        usual_failure_ppm=rules.usual_failure_ppm,
        usual_invalid_ppm=rules.usual_invalid_ppm,
        capital_ppm=rules.capital_ppm,
        prepaid_days=rules.prepaid_days,
        stock_days=rules.stock_days if stock_days is None else stock_days,
    )
    found: dict[UUID, list[Ranked]] = {sku_id: [] for sku_id in sku_ids}
    for row in rows:
        offers = found[row.sku_id]
        offers.append(_ranked(row, offers[0] if offers else None))
    return found


def _ranked(row: _Row, best: Ranked | None) -> Ranked:
    parts = row.price_e4, row.fee_e4, row.rebate_e4, row.risk_e4, row.capital_e4, row.total_e4
    known = tuple(part for part in parts if part is not None)
    landed = Landed(*known) if len(known) == len(parts) else None
    why_not = tuple(map(WhyNot, row.why_not))
    return Ranked(
        sku_id=row.sku_id,
        rank=row.rank,
        offer_id=row.offer_id,
        supplier_id=row.supplier_id,
        supplier=row.supplier,
        supplier_name=row.supplier_name,
        ref=row.ref,
        title=row.title,
        goods=Goods(row.goods),
        units=row.units,
        unit_cost_e4=row.unit_cost_e4,
        currency=row.currency,
        rate_e6=row.rate_e6,
        stock=row.stock,
        least=row.least,
        most=row.most,
        wanted=row.wanted,
        seen_at=row.seen_at,
        breaks=row.breaks,
        attempts=row.attempts,
        success_ppm=row.success_ppm,
        p95_ms=row.p95_ms,
        landed=landed,
        why_not=why_not,
        reasons=tuple(_reasons(row, landed, best, buyable=not why_not)),
    )


def _reasons(
    row: _Row, landed: Landed | None, best: Ranked | None, *, buyable: bool
) -> Iterator[Reason]:
    if landed is not None and buyable and best is None:
        yield Reason(Why.CHEAPEST, {"total": format_amount(landed.total_e4)})
    if landed is not None and best is not None and best.landed is not None:
        more_e4 = landed.total_e4 - best.landed.total_e4
        whose = {"supplier": best.supplier, "name": best.supplier_name}
        if more_e4 > 0:
            part, part_e4 = _dearest_part(landed, best.landed)
            facts = {"more": format_amount(more_e4), **whose}
            yield Reason(Why.DEARER, facts | {"part": part, "by": format_amount(part_e4)})
        elif more_e4 < 0 and not buyable:
            yield Reason(Why.CHEAPER, {"less": format_amount(-more_e4), **whose})
        elif buyable:
            yield Reason(Why.LEVEL, whose)
    if row.attempts < TRIED:
        yield Reason(Why.UNTRIED, {"attempts": str(row.attempts)})
    if row.wanted * row.units > row.quantity:
        yield Reason(Why.MORE_THAN_WANTED, {"units": str(row.wanted * row.units)})


def _dearest_part(landed: Landed, best: Landed) -> tuple[str, int]:
    """Which part makes an offer dearer than the best one, more than the others do."""
    differences = {
        "price": landed.price_e4 - best.price_e4,
        "fee": landed.fee_e4 - best.fee_e4,
        "rebate": best.rebate_e4 - landed.rebate_e4,
        "risk": landed.risk_e4 - best.risk_e4,
        "capital": landed.capital_e4 - best.capital_e4,
    }
    return max(differences.items(), key=lambda part: part[1])
