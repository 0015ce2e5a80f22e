"""Mistyped: a quantity or a price far from what a SKU was sold by lately is questioned, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kashu.catalog.reads import skus_by_code
from kashu.core.db import Tx
from kashu.core.errors import KashuError, Problem
from kashu.core.mistyped import LooksMistyped
from kashu.core.money import format_amount, parse_price
from kashu.core.sql import Statement
from kashu.orders.bodies import OrderBody

DAYS: Final = 30  # of history
LINES: Final = 500  # of a SKU, the latest; more wouldn't change much
TIMES: Final = 3  # the largest quantity of these days
OFF_PERCENT: Final = 20  # below the lowest usual price, or above the highest


@dataclass(frozen=True, slots=True)
class _Usual:
    sku_id: UUID
    sold: int
    most: int
    low_e4: int
    high_e4: int


_usual = Statement(__file__, "mistyped.sql", _Usual)


async def check_typing(
    tx: Tx, tenant_id: int, bodies: Sequence[OrderBody], *, at: datetime
) -> None:
    """Question what is over three times, or a fifth off, what its SKU was sold by in 30 days.

    Usual prices are those between the twentieth part that was cheapest and the one that was
    dearest. A SKU that wasn't sold lately is never questioned. Raises: LooksMistyped.
    """
    codes = {line.sku for body in bodies for line in body.lines}
    skus = await skus_by_code(tx, tenant_id, codes)
    ids = [sku.id for sku in skus.values()]
    rows = await _usual(tx, tenant=tenant_id, skus=ids, since=at - timedelta(days=DAYS), most=LINES)
    usual = {row.sku_id: row for row in rows}
    problems: list[Problem] = []
    for n, body in enumerate(bodies):
        for m, line in enumerate(body.lines):
            known = skus.get(line.sku)
            was = None if known is None else usual.get(known.id)
            if was is None:
                continue
            where = f"/orders/{n}/lines/{m}"
            if line.quantity > TIMES * was.most:
                problems.append(_quantity(f"{where}/quantity", line.quantity, was.most))
            unit_e4 = _unit_price(line.price, line.quantity)
            if unit_e4 is not None and _is_off(unit_e4, was):
                problems.append(_price(f"{where}/price", unit_e4, was))
    if problems:
        raise LooksMistyped(problems=problems)


def _unit_price(written: str | None, quantity: int) -> int | None:
    """What one unit is sold for; None where that isn't said, or can't be read: that is told."""
    try:
        return None if written is None else parse_price(written) // quantity
    except KashuError:
        return None


def _is_off(unit_e4: int, was: _Usual) -> bool:
    low, high = 100 - OFF_PERCENT, 100 + OFF_PERCENT
    return unit_e4 * 100 < was.low_e4 * low or unit_e4 * 100 > was.high_e4 * high


def _quantity(at: str, quantity: int, most: int) -> Problem:
    return Problem(
        at,
        "quantity_unusual",
        f"近 30 天这个规格一行最多卖 {most} 件，这次是 {quantity} 件。",
        f"In 30 days at most {most} of this SKU were sold in a line; these are {quantity}.",
    )


def _price(at: str, unit_e4: int, was: _Usual) -> Problem:
    unit, low, high = (
        format_amount(amount // 100 * 100) for amount in (unit_e4, was.low_e4, was.high_e4)
    )
    return Problem(
        at,
        "price_unusual",
        f"合每件 {unit} 元；近 30 天每件卖 {low} 至 {high} 元。",
        f"That is {unit} for one; in 30 days one was sold for {low} to {high}.",
    )
