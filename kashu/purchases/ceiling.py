"""Ceiling: what one unit may cost when it is bought by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kashu.channels.prices import lowest_price
from kashu.core.db import Tx
from kashu.purchases.rules import Limits

PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that one unit may cost, and how it comes about; None: nothing bounds it."""

    unit_cost_max_e4: int | None
    facts: dict[str, Any]


async def ceiling(
    tx: Tx,
    tenant_id: int,
    limits: Limits,
    *,
    sku_id: UUID,
    store_id: UUID | None,
    selling_e4: int | None,
    at: datetime,
) -> Ceiling:
    """Say what one unit of a SKU may cost now, by the rules in force and what it sells for.

    `selling_e4`: the price of the line that waits; None: the lowest of its listings counts.
    """
    if selling_e4 is None:
        selling_e4 = await lowest_price(tx, tenant_id, sku_id, store_id=store_id)
    return reckon(limits, selling_e4, at)


def reckon(limits: Limits, selling_e4: int | None, at: datetime) -> Ceiling:
    """Take the lower of the limit and what leaves the margin. Pure.

    Without a rule the margin is 0: nothing is sold at a loss unless a person allowed it, which
    only counts until its end and only up to its limit.
    """
    facts: dict[str, Any] = {}
    bounds: dict[str, int] = {}
    if limits.unit_cost_max_e4 is not None:
        bounds["unit_cost_max"] = limits.unit_cost_max_e4
    loss_allowed = limits.loss_until_at is not None and at < limits.loss_until_at
    if loss_allowed:
        assert limits.loss_until_at is not None
        facts["loss_until_at"] = limits.loss_until_at.isoformat()
    if selling_e4 is not None:
        facts["selling_e4"] = selling_e4
        if not loss_allowed:
            margin_ppm = limits.margin_min_ppm or 0
            facts["margin_min_ppm"] = margin_ppm
            bounds["margin"] = selling_e4 * (PPM - margin_ppm) // PPM
    if not bounds:
        return Ceiling(None, facts)
    by = min(bounds, key=lambda name: (bounds[name], name))
    facts |= {"by": by, "bounds_e4": bounds}
    return Ceiling(bounds[by], facts)
