"""HTTP of the orders behind a part of the profit report."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
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
from kashu.core.downloads import download, in_its_thread
from kashu.core.money import E4, format_amount
from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.ledger.errors import PageUnreadable
from kashu.reports.dimensions import UNSAID, Dimension
from kashu.reports.export import MEDIA_TYPES, Format
from kashu.reports.profit import Filters, profit
from kashu.reports.profit_orders import Mark, OrderProfit, all_profit_orders, profit_orders

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
    """What an order did to profit in these days, or what is of no order: `order_id` is null then.

    `subject_id`: the order, or what else its postings are about, such as a lot that expired.
    """

    subject_id: UUID
    order_id: UUID | None
    lot_id: UUID | None
    order_number: str | None
    store_name: str | None
    at: datetime
    currency: str
    units: int
    revenue: str
    cost: str
    profit: str


class OrderProfitTotal(msgspec.Struct, frozen=True):
    """What all of them, on every page, come to in a currency: as the report says."""

    currency: str
    units: int
    revenue: str
    cost: str
    profit: str


class OrderProfits(msgspec.Struct, frozen=True):
    """A page of them, the latest first; ask on with `after` = `next_after` where there are more."""

    orders: list[OrderProfitShown]
    totals: list[OrderProfitTotal]
    next_after: str | None


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
    after: Annotated[str | None, QueryParameter(max_length=120)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> OrderProfits:
    """List the orders behind a part of the profit report: they add up to it, to the unit."""
    behind = None if after is None else _read_mark(after)
    async with database.transaction(caller.tenant_id) as tx:
        whole = await profit(tx, caller.tenant_id, **asdict(part))
        rows = await profit_orders(
            tx, caller.tenant_id, **asdict(part), after=behind, limit=limit + 1
        )
    shown = rows[:limit]
    return OrderProfits(
        [_shown(row) for row in shown],
        [
            OrderProfitTotal(
                total.currency,
                total.figures.units,
                format_amount(total.figures.revenue_e4),
                format_amount(total.figures.cost_e4),
                format_amount(total.figures.profit_e4),
            )
            for total in whole.totals
        ],
        _write_mark(shown[-1].mark) if len(rows) > limit else None,
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
    form = Format.CSV if written_as is Format.CSV else Format.XLSX
    async with download(caller.tenant_id):
        async with database.transaction(caller.tenant_id) as tx:
            rows = await all_profit_orders(tx, caller.tenant_id, **asdict(part), limit=FILE_ROWS)
        body = await in_its_thread(_write, rows, form, caller)
    headers = {"Content-Disposition": f'attachment; filename="profit-orders.{form.value}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


def _write_mark(mark: Mark) -> str:
    # "Z": a plus in an address means a space to those who forget to write it otherwise.
    at = mark.at.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{at}Z_{mark.key}_{mark.currency}"


def _read_mark(written: str) -> Mark:
    try:
        moment, key, currency = written.split("_")
        at, key_id = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        raise PageUnreadable from None
    if at.tzinfo is None or not currency.isprintable():
        raise PageUnreadable
    return Mark(at, key_id, currency)


def _shown(row: OrderProfit) -> OrderProfitShown:
    return OrderProfitShown(
        row.key,
        row.order_id,
        row.lot_id,
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
