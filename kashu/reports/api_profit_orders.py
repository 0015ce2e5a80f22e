"""HTTP of the orders behind a part of the profit report."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.money import E4, format_amount
from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.reports.dimensions import Dimension
from kashu.reports.export import MEDIA_TYPES, Format
from kashu.reports.profit import Filters
from kashu.reports.profit_orders import UNSAID, OrderProfit, profit_orders

FILE_ROWS: Final = 100_000  # in one file; narrow it to get the others
_TITLES: Final = (
    ("订单号", "Order"),
    ("店铺", "Store"),
    ("入账时间", "Posted at"),
    ("币种", "Currency"),
    ("销量", "Units"),
    ("收入", "Revenue"),
    ("成本", "Cost"),
    ("利润", "Profit"),
    ("订单编号", "Order id"),
)
_OF_NO_ORDER: Final = ("不属于订单", "Of no order")


class OrderProfitShown(msgspec.Struct, frozen=True):
    """What an order did to profit in these days. `order_id` null: what is of no order."""

    order_id: UUID | None
    order_number: str | None
    store_name: str | None
    at: datetime
    currency: str
    units: int
    revenue: str
    cost: str
    profit: str


class OrderProfitTotal(msgspec.Struct, frozen=True):
    """What all of them come to in a currency: as the report says."""

    currency: str
    units: int
    revenue: str
    cost: str
    profit: str


class OrderProfits(msgspec.Struct, frozen=True):
    """A page of them, the latest first; ask on with `after` = `next_after` where there are more."""

    orders: list[OrderProfitShown]
    totals: list[OrderProfitTotal]
    total: int
    next_after: int | None


@dataclass(frozen=True, slots=True)
class PartOfProfit:
    """A part of the report: its days, its filters, and what the books don't name."""

    since: date | None
    until: date | None
    filters: Filters
    unsaid: tuple[Dimension, ...]


def read_part(
    *,
    since: Annotated[date | None, QueryParameter(name="from")] = None,
    until: Annotated[date | None, QueryParameter(name="to")] = None,
    store: FromQuery[list[str] | None] = None,
    supplier: FromQuery[list[str] | None] = None,
    brand: FromQuery[list[str] | None] = None,
    product: FromQuery[list[str] | None] = None,
    sku: FromQuery[list[str] | None] = None,
    period: FromQuery[list[str] | None] = None,
    customer: FromQuery[list[str] | None] = None,
    unsaid: Annotated[
        list[Dimension] | None,
        QueryParameter(description="Where the books name none: sku, store, supplier, customer"),
    ] = None,
) -> PartOfProfit:
    """Take a part of the report from the address, in the report's own words."""
    filters = {
        Dimension.STORE: store or [],
        Dimension.SUPPLIER: supplier or [],
        Dimension.BRAND: brand or [],
        Dimension.PRODUCT: product or [],
        Dimension.SKU: sku or [],
        Dimension.PERIOD: period or [],
        Dimension.CUSTOMER: customer or [],
    }
    return PartOfProfit(
        since, until, filters, tuple(each for each in unsaid or () if each in UNSAID)
    )


_PART: Final = {"part": Provide(read_part, sync_to_thread=False)}


@get(
    "/v1/reports/profit/orders",
    operation_id="listProfitOrders",
    guards=[requires(Permission.REPORTS_READ)],
    dependencies=_PART,
    responses=problems(404),
)
async def list_profit_orders(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    part: NamedDependency[PartOfProfit],
    *,
    after: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> OrderProfits:
    """List the orders behind a part of the profit report: they add up to it, to the unit."""
    rows = await _read(database, caller, part, after=after, limit=limit)
    found = rows[0].found if rows else 0
    totals = {row.currency: row for row in rows}
    return OrderProfits(
        [_shown(row) for row in rows],
        [
            OrderProfitTotal(
                currency,
                row.all_units,
                format_amount(row.all_revenue_e4),
                format_amount(row.all_cost_e4),
                format_amount(row.all_profit_e4),
            )
            for currency, row in sorted(totals.items())
        ],
        found,
        after + len(rows) if after + len(rows) < found else None,
    )


@get(
    "/v1/reports/profit/orders/file",
    operation_id="downloadProfitOrders",
    guards=[requires(Permission.REPORTS_READ)],
    dependencies=_PART,
    responses=problems(404),
    opt={FILES: (MEDIA_TYPES[Format.CSV], MEDIA_TYPES[Format.XLSX])},
)
async def download_profit_orders(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    part: NamedDependency[PartOfProfit],
    *,
    written_as: Annotated[Format, QueryParameter(name="format")] = Format.XLSX,
) -> Response[bytes]:
    """Give the orders behind a part of the profit report as a file; the first 100 000 of them."""
    rows = await _read(database, caller, part, after=0, limit=FILE_ROWS)
    form = Format.CSV if written_as is Format.CSV else Format.XLSX
    body = await asyncio.to_thread(_write, rows, form, caller)
    headers = {"Content-Disposition": f'attachment; filename="profit-orders.{form.value}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


async def _read(
    database: Database, caller: Caller, part: PartOfProfit, *, after: int, limit: int
) -> Sequence[OrderProfit]:
    async with database.transaction(caller.tenant_id) as tx:
        return await profit_orders(
            tx,
            caller.tenant_id,
            since=part.since,
            until=part.until,
            filters=part.filters,
            unsaid=part.unsaid,
            behind=after,
            limit=limit,
        )


def _shown(row: OrderProfit) -> OrderProfitShown:
    return OrderProfitShown(
        row.order_id,
        row.number,
        row.store_name,
        row.at,
        row.currency,
        row.units,
        format_amount(row.revenue_e4),
        format_amount(row.cost_e4),
        format_amount(row.profit_e4),
    )


def _write(rows: Sequence[OrderProfit], form: Format, caller: Caller) -> bytes:
    which = 0 if caller.language.startswith("zh") else 1
    zone = ZoneInfo(caller.timezone)

    def cells(row: OrderProfit) -> list[Value]:
        return [
            row.number or _OF_NO_ORDER[which],
            row.store_name,
            row.at.astimezone(zone),
            row.currency,
            row.units,
            Decimal(row.revenue_e4) / E4,
            Decimal(row.cost_e4) / E4,
            Decimal(row.profit_e4) / E4,
            None if row.order_id is None else str(row.order_id),
        ]

    write = write_csv if form is Format.CSV else write_xlsx
    target = io.BytesIO()
    write(target, [title[which] for title in _TITLES], (cells(row) for row in rows))
    return target.getvalue()


routes: Final = (list_profit_orders, download_profit_orders)
