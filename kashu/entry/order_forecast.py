"""What placing a file of orders would come to, told before it is placed. Nothing is locked."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from rich.console import RenderableType
from rich.text import Text

from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.entry.terminal import language, stacked, table
from kashu.orders.order import NewOrder
from kashu.orders.reads import outcomes_of
from kashu.stock.allocate import offers
from kashu.stock.plan import Demand, plan
from kashu.stock.strategies import strategies_for
from kashu.stock.strategy import FEFO, keeps

NAMES_AT_ONCE: Final = 5_000


class SkuForecast(msgspec.Struct, frozen=True):
    """A SKU, in units: what is wanted, what can be given now, and how many of those would wait."""

    sku: str
    wanted: int
    available: int
    short: int


class FileForecast(msgspec.Struct, frozen=True):
    """What a file would come to. Units, amount and SKUs are of the orders that are new."""

    orders: int
    placed_before: int
    new: int
    units: int
    amount: str
    short_orders: int
    skus: list[SkuForecast]


async def foresee(
    tx: Tx, tenant_id: int, orders: Sequence[NewOrder], *, today: date
) -> FileForecast:
    """Serve the file's orders, in its order, from what is in stock now, as they would be.

    Orders of others that come meanwhile, and refunds told before their order, aren't foreseen.
    """
    before = await _placed_before(tx, tenant_id, orders)
    new = [order for order in orders if (order.source, order.external_id) not in before]
    units = {line.id: line.quantity for order in new for line in order.lines}
    given, available = await _serve(tx, tenant_id, new, today)
    wanted: defaultdict[UUID, int] = defaultdict(int)
    short: defaultdict[UUID, int] = defaultdict(int)
    for order in new:
        for line in order.lines:
            wanted[line.sku_id] += line.quantity
            short[line.sku_id] += line.quantity - given[line.id]
    named = {sku.id: sku.code for sku in (await skus_by_id(tx, tenant_id, wanted)).values()}
    return FileForecast(
        orders=len(orders),
        placed_before=len(orders) - len(new),
        new=len(new),
        units=sum(units.values()),
        amount=format_amount(sum(line.price_e4 for order in new for line in order.lines)),
        short_orders=sum(
            any(given[line.id] < line.quantity for line in order.lines) for order in new
        ),
        skus=[
            SkuForecast(code, wanted[sku_id], available[sku_id], short[sku_id])
            for sku_id, code in sorted(named.items(), key=lambda each: each[1])
            if sku_id in wanted
        ],
    )


async def _placed_before(
    tx: Tx, tenant_id: int, orders: Sequence[NewOrder]
) -> set[tuple[str, str]]:
    names = [(order.source, order.external_id) for order in orders]
    found: set[tuple[str, str]] = set()
    for begin in range(0, len(names), NAMES_AT_ONCE):
        found |= set(await outcomes_of(tx, tenant_id, names[begin : begin + NAMES_AT_ONCE]))
    return found


async def _serve(
    tx: Tx, tenant_id: int, orders: Sequence[NewOrder], today: date
) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Plan as the allocator does; return the units each line would get, and what each SKU has."""
    wanting = [
        (line, (line.sku_id, order.store_id, order.customer_id))
        for order in orders
        for line in order.lines
    ]
    whom = list(dict.fromkeys(served for _, served in wanting))
    sku_ids = sorted({line.sku_id for line, _ in wanting})
    available = dict.fromkeys(sku_ids, 0)
    if not wanting:
        return {}, available
    strategies = dict(zip(whom, await strategies_for(tx, tenant_id, whom), strict=True))
    lots = await offers(tx, tenant_id, sku_ids)
    for lot in lots:
        available[lot.sku_id] += lot.available if keeps(FEFO, lot, today) else 0
    demands = [
        Demand(
            line.id,
            line.sku_id,
            line.quantity,
            strategies[served],
            partial_allowed=line.partial_allowed,
        )
        for line, served in wanting
    ]
    served = plan(lots, demands, today)
    given = {
        demand.line_id: sum(taking.count for taking in takings)
        for demand, takings in zip(demands, served, strict=True)
    }
    return given, available


def foreseen(forecast: FileForecast, command: str) -> RenderableType:
    """Draw a forecast; `command` places the file."""
    titles = (
        ("订单", "Orders"),
        ("已下过", "Placed before"),
        ("新订单", "New"),
        ("件数", "Units"),
        ("金额", "Amount"),
        ("会缺货", "Would be short"),
    )
    row = (
        forecast.orders,
        forecast.placed_before,
        forecast.new,
        forecast.units,
        forecast.amount,
        forecast.short_orders,
    )
    parts: list[RenderableType] = [table(("预检", "Preview"), titles, [row])]
    if forecast.skus:
        sku_titles = (
            ("规格", "SKU"),
            ("需要", "Wanted"),
            ("可发", "Available"),
            ("会缺", "Would be short"),
        )
        rows = [(each.sku, each.wanted, each.available, each.short) for each in forecast.skus]
        parts.append(table("", sku_titles, rows))
    zh, en = _conclusion(forecast, command)
    parts.append(Text(zh if language() == "zh" else en))
    return stacked(parts)


def _conclusion(forecast: FileForecast, command: str) -> tuple[str, str]:
    if not forecast.new:
        return (
            "这些订单都已经下过，再执行也不会重复。",
            "All of these orders were placed before; running it again places none twice.",
        )
    if forecast.short_orders:
        count = forecast.short_orders
        whole = any(each.short > max(0, each.wanted - each.available) for each in forecast.skus)
        zh = f"⚠ {count} 单会缺货：按各规格的缺货策略等待补发或拒绝。"
        en = f"⚠ {count} orders would be short: they wait, or are refused where the SKU says so."
        if whole:
            zh += "\n不允许部分发货的订单行，不够就一张都不发。"
            en += "\nA line gets all its cards or none, unless partial delivery is allowed."
        return (
            f"{zh}\n可以先补货，也可以直接下单：{command}",
            f"{en}\nBring in stock first, or place them: {command}",
        )
    return (
        f"✓ 没有错误，库存足够。下单：{command}",
        f"✓ No mistakes, and enough in stock. To place them: {command}",
    )
