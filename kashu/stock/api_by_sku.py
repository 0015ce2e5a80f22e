"""HTTP of stock at a glance: each SKU, what wants to be looked at first."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.core.prefixes import typed
from kashu.stock.by_sku import Need, SkuStock, stock_by_sku
from kashu.stock.names import Called


class FrozenWhy(msgspec.Struct, frozen=True):
    """How much is frozen for a reason."""

    reason: str
    units: int
    lots: int


class SkuStockOut(msgspec.Struct, frozen=True):
    """What there is of a SKU; held = available + reserved + frozen + expired.

    `unit`: card, or use where its cards are shared. `by_expiry` is of what is held. `lasts_days`:
    how long what is available lasts at the pace of the last 7 days; null: nothing was sold in them.
    `needs`: what wants to be looked at, the most urgent first. `costs` by currency, of what is
    held, only for who may see reports.
    """

    sku: Called
    unit: str
    lots: int
    held: int
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
    by_expiry: dict[str, int]
    next_expiry_on: date | None
    sold_7: int
    sold_30: int
    lasts_days: int | None
    frozen_why: list[FrozenWhy]
    low: int | None
    enough: int | None
    needs: list[Need]
    costs: dict[str, str] | None
    can: Sequence[str]


class StockTotals(msgspec.Struct, frozen=True):
    """Of all SKUs of these lots, whatever is left out of the list."""

    skus: int
    available: int
    reserved: int
    frozen: int
    expired: int
    by_expiry: dict[str, int]
    needs: dict[str, int]
    costs: dict[str, str] | None


class StockBySku(msgspec.Struct, frozen=True):
    """Each SKU, what wants to be looked at first; and what all of them come to."""

    as_of: date
    skus: list[SkuStockOut]
    total: StockTotals


@get("/v1/stock/skus", operation_id="listStockBySku", guards=[requires(Permission.STOCK_READ)])
async def list_by_sku(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    q: Annotated[str, QueryParameter(max_length=100, description="Part of a name or code")] = "",
    need: FromQuery[Need | None] = None,
    sku_id: FromQuery[UUID | None] = None,
    warehouse_id: FromQuery[UUID | None] = None,
    supplier_id: FromQuery[UUID | None] = None,
) -> StockBySku:
    """Tell what there is of each SKU, how long it lasts, and what wants to be looked at first.

    `warehouse_id` and `supplier_id` narrow what is counted; sales are the SKU's everywhere.
    """
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        found = await stock_by_sku(
            tx,
            caller.tenant_id,
            today=today,
            timezone=caller.timezone,
            sku_id=sku_id,
            warehouse_id=warehouse_id,
            supplier_id=supplier_id,
        )
    told = [(each, each.needs) for each in found]
    shown = [
        _shown(caller, each, needs)
        for each, needs in told
        if (need is None or need in needs) and _is_called(each, typed(q).lower())
    ]
    return StockBySku(today, shown, _total(caller, told))


def _is_called(each: SkuStock, part: str) -> bool:
    return any(part in name.lower() for name in (each.code, each.name_zh, each.name_en))


def _costs(caller: Caller, costs_e4: dict[str, int]) -> dict[str, str] | None:
    if not caller.may(Permission.REPORTS_READ):
        return None
    return {currency: format_amount(cost_e4) for currency, cost_e4 in costs_e4.items()}


def _shown(caller: Caller, each: SkuStock, needs: list[Need]) -> SkuStockOut:
    counts = {name: getattr(each, name) for name in _COUNTS}
    name = each.name_zh if caller.language.startswith("zh") else each.name_en
    return SkuStockOut(
        sku=Called(each.sku_id, each.code, name),
        unit=each.unit,
        lots=each.lots,
        held=each.held,
        **counts,
        by_expiry=each.by_expiry,
        next_expiry_on=each.next_expiry_on,
        sold_7=each.sold_7,
        sold_30=each.sold_30,
        lasts_days=each.lasts_days,
        frozen_why=[FrozenWhy(**why) for why in each.frozen_why],
        low=each.low,
        enough=each.enough,
        needs=needs,
        costs=_costs(caller, each.costs_e4),
        can=("set_levels",) if caller.may(Permission.STOCK_MOVE) else (),
    )


_COUNTS: Final = (
    "available",
    "reserved",
    "frozen",
    "expired",
    "allocated",
    "revealed",
    "redeemed",
    "quarantined",
    "void",
    "returned",
)


def _total(caller: Caller, told: Sequence[tuple[SkuStock, list[Need]]]) -> StockTotals:
    by_expiry: Counter[str] = Counter()
    costs_e4: Counter[str] = Counter()
    for each, _ in told:
        by_expiry.update(each.by_expiry)
        costs_e4.update(each.costs_e4)
    return StockTotals(
        skus=len(told),
        available=sum(each.available for each, _ in told),
        reserved=sum(each.reserved for each, _ in told),
        frozen=sum(each.frozen for each, _ in told),
        expired=sum(each.expired for each, _ in told),
        by_expiry=dict(by_expiry),
        needs=dict(Counter(need.value for _, needs in told for need in needs)),
        costs=_costs(caller, costs_e4),
    )


routes: Final[Sequence[Any]] = (list_by_sku,)
