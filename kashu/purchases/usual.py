"""Usual: what a purchase is held against, so that a slip of the finger is asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.ledger.sold import sold_by_day

TIMES: Final = 3  # the usual quantity, above which we ask
OFF_PPM: Final = 200_000  # of the usual price, more or less than which we ask
SOLD_DAYS: Final = 28
PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Usual:
    """What was usual; None: nothing is known. `sold`: units in the last 28 days."""

    quantity: int | None
    unit_cost_e4: int | None
    sold: int


@dataclass(frozen=True, slots=True)
class _Late:
    quantity: int | None
    unit_cost_e4: int | None


_late = Statement(__file__, "usual.sql", _Late)


async def usual(tx: Tx, tenant_id: int, sku_id: UUID, today: date) -> Usual:
    """Say how many of a SKU are usually bought at once, for what, and how it sells."""
    [late] = await _late(tx, tenant=tenant_id, sku=sku_id)
    days = await sold_by_day(
        tx, tenant_id, [sku_id], since=today - timedelta(days=SOLD_DAYS), until=today
    )
    return Usual(late.quantity, late.unit_cost_e4, max(sum(day.units for day in days), 0))


def questions(
    seen: Usual,
    *,
    quantity: int,
    unit_cost_e4: int | None,
    offered_e4: int | None,
    selling_e4: int | None,
) -> Sequence[Problem]:
    """Ask about what differs much from what is usual. Pure.

    `unit_cost_e4`: what one may cost; `offered_e4`: the best offer, where nothing was bought yet;
    `selling_e4`: what one sells for.
    """
    asked = []
    often = seen.quantity if seen.quantity is not None else seen.sold or None
    if often is not None and quantity > TIMES * often:
        asked.append(_quantity(quantity, often, bought=seen.quantity is not None))
    usual_e4 = seen.unit_cost_e4 if seen.unit_cost_e4 is not None else offered_e4
    if unit_cost_e4 is not None and usual_e4 is not None:
        off = abs(unit_cost_e4 - usual_e4) * PPM > OFF_PPM * usual_e4
        if off:
            asked.append(_price(unit_cost_e4, usual_e4))
    if unit_cost_e4 is not None and selling_e4 is not None and unit_cost_e4 > selling_e4:
        asked.append(_loss(unit_cost_e4, selling_e4))
    return asked


def _quantity(quantity: int, often: int, *, bought: bool) -> Problem:
    zh = "通常每次采购" if bought else "最近 28 天共售出"
    en = "usually bought at once" if bought else "sold in the last 28 days"
    return Problem(
        "/quantity",
        "quantity_unusual",
        f"数量 {quantity} 超过{zh} {often} 的 {TIMES} 倍",
        f"{quantity} is more than {TIMES} times the {often} {en}",
    )


def _price(unit_cost_e4: int, usual_e4: int) -> Problem:
    written, was = format_amount(unit_cost_e4), format_amount(usual_e4)
    return Problem(
        "/unit_cost_max",
        "price_unusual",
        f"单价 {written} 与以往的 {was} 相差超过 {OFF_PPM // 10_000}%",
        f"{written} for one is more than {OFF_PPM // 10_000} % off the usual {was}",
    )


def _loss(unit_cost_e4: int, selling_e4: int) -> Problem:
    written, sold_for = format_amount(unit_cost_e4), format_amount(selling_e4)
    return Problem(
        "/unit_cost_max",
        "sold_at_a_loss",
        f"单价上限 {written} 高于最低售价 {sold_for}，会亏本",
        f"{written} for one is above the lowest price {sold_for} that it sells for: a loss",
    )
