"""HTTP of the capital report."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database, one_snapshot
from kashu.core.downloads import download, in_its_thread
from kashu.core.money import CURRENCY, format_amount
from kashu.reports.capital import DAYS, RATE_PPM, Capital, capital
from kashu.reports.capital_books import Beside, beside_books
from kashu.reports.capital_others import Other
from kashu.reports.capital_sheet import sku_file, supplier_file
from kashu.reports.capital_skus import SkuCapital, capital_by_sku
from kashu.reports.export import MEDIA_TYPES, Format, parse_format
from kashu.suppliers.rates import written_rate
from kashu.suppliers.reads import supplier_by_code

_FORMATS: Final = "json, csv or xlsx"
_Form = Annotated[str, QueryParameter(name="format", description=_FORMATS)]


class OtherCapital(msgspec.Struct, frozen=True):
    """What is tied up and owed in another currency, and in ours at the rate that was last entered.

    `rate`, `in_ours`: null: nobody entered one; it is in no total.
    """

    currency: str
    tied_up: str
    owed: str
    rate: str | None
    in_ours: str | None  # of what is tied up


class CapitalRow(msgspec.Struct, frozen=True):
    """What is tied up with a supplier. `turnover_days`: null: nothing was sold.

    `other_currencies`: what is with it in them, in ours; it is in `tied_up`. `others`: by currency.
    """

    supplier: str  # empty: all of them
    name: str
    stock: str
    units: int
    over_90_days: str
    expiring_in_30_days: str
    prepaid: str  # less than nothing: they lend it to us, and it is no part of what is tied up
    in_doubt: str
    recoveries: str
    payable: str
    tied_up: str
    net: str  # less what suppliers lend us
    sold_at_cost: str
    turnover_days: str | None
    cost_of_capital: str
    other_currencies: str
    others: list[OtherCapital]


class BesideShown(msgspec.Struct, frozen=True):
    """An account: what the report tells of it, and what the trial balance does."""

    account: str
    told: str
    booked: str
    agrees: bool


class CapitalSheet(msgspec.Struct, frozen=True):
    """What is tied up by supplier, most first, and in all, over `days` at a rate a year.

    `books`: beside the trial balance of the same moment, where that was asked for.
    """

    days: int
    rate_ppm: int
    rows: list[CapitalRow]
    total: CapitalRow
    at: datetime
    currency: str
    books: list[BesideShown] | None = None


class SkuCapitalRow(msgspec.Struct, frozen=True):
    """What is tied up in a SKU's stock, at cost. `stock_days`: null: nothing was sold."""

    sku: str  # empty: all of them
    name: str
    units: int
    stock: str
    up_to_30_days: str  # since it came
    up_to_60_days: str
    up_to_90_days: str
    older: str
    expiring_in_30_days: str  # or expired
    expected_loss: str  # expired, or will be before it is sold
    sold: int
    stock_days: str | None
    sku_id: UUID | None


class SkuCapitalSheet(msgspec.Struct, frozen=True):
    """What is tied up by SKU, most first, and in all; sold in the last `days`."""

    days: int
    currency: str
    rows: list[SkuCapitalRow]
    total: SkuCapitalRow
    at: datetime


@get(
    "/v1/reports/capital",
    operation_id="readCapital",
    guards=[requires(Permission.REPORTS_READ)],
    responses={
        200: ResponseSpec(CapitalSheet, generate_examples=False, description="JSON, CSV or xlsx")
    },
    opt={FILES: (MEDIA_TYPES[Format.CSV], MEDIA_TYPES[Format.XLSX])},
)
async def read_capital(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=366)] = DAYS,
    rate_ppm: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = RATE_PPM,
    books: Annotated[bool, QueryParameter(description="Also what the trial balance says")] = False,
    written_as: _Form = "json",
) -> Response[Any]:
    """Read what is tied up in stock and with suppliers, how fast it turns, and what it costs."""
    form, at = parse_format(written_as), now()
    async with database.transaction(caller.tenant_id) as tx:
        await one_snapshot(tx)
        rows, whole = await capital(
            tx, caller.tenant_id, at, caller.timezone, days=days, rate_ppm=rate_ppm
        )
        beside = await beside_books(tx, caller.tenant_id, whole) if books else None
    if form is Format.JSON:
        return Response(sheet_of(rows, whole, at, beside))
    return await _file(caller, "capital", form, supplier_file, rows, whole)


@get(
    "/v1/reports/capital/skus",
    operation_id="readCapitalBySku",
    guards=[requires(Permission.REPORTS_READ)],
    responses={
        200: ResponseSpec(
            SkuCapitalSheet, generate_examples=False, description="JSON, CSV or xlsx"
        ),
        **problems(404),
    },
    opt={FILES: (MEDIA_TYPES[Format.CSV], MEDIA_TYPES[Format.XLSX])},
)
async def read_capital_by_sku(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=366)] = DAYS,
    supplier: FromQuery[str | None] = None,
    written_as: _Form = "json",
) -> Response[Any]:
    """Read how old the stock of each SKU is, how long it lasts, and what will expire unsold.

    `supplier`: only what came from them; how long it lasts follows from all the stock of the SKU.
    """
    form, at = parse_format(written_as), now()
    async with database.transaction(caller.tenant_id) as tx:
        wanted = supplier and (await supplier_by_code(tx, caller.tenant_id, supplier)).id
        rows, whole = await capital_by_sku(
            tx, caller.tenant_id, at, caller.timezone, days=days, supplier_id=wanted or None
        )
    if form is Format.JSON:
        shown = [_sku_row(row, caller) for row in rows]
        return Response(SkuCapitalSheet(days, CURRENCY, shown, _sku_row(whole, caller), at))
    return await _file(caller, "capital-skus", form, sku_file, rows, whole)


def sheet_of(
    rows: Sequence[Capital],
    whole: Capital,
    at: datetime,
    beside: Sequence[Beside] | None = None,
) -> CapitalSheet:
    """Write a report as it is answered."""
    return CapitalSheet(
        whole.days,
        whole.rate_ppm,
        [_row(row) for row in rows],
        _row(whole),
        at,
        CURRENCY,
        None if beside is None else [_beside(each) for each in beside],
    )


async def _file(
    caller: Caller, name: str, form: Format, write: Callable[..., bytes], *given: object
) -> Response[Any]:
    async with download(caller.tenant_id):
        body = await in_its_thread(write, *given, form, caller.language)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form.value}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


def _beside(each: Beside) -> BesideShown:
    told, booked = format_amount(each.told_e4), format_amount(each.booked_e4)
    return BesideShown(each.account.value, told, booked, each.agrees)


def _row(row: Capital) -> CapitalRow:
    return CapitalRow(
        row.code,
        row.name,
        format_amount(row.stock_e4),
        row.units,
        format_amount(row.old_e4),
        format_amount(row.expiring_e4),
        format_amount(row.prepaid_e4),
        format_amount(row.in_doubt_e4),
        format_amount(row.recoveries_e4),
        format_amount(row.payable_e4),
        format_amount(row.tied_e4),
        format_amount(row.net_e4),
        format_amount(row.sold_e4),
        None if row.turnover_days is None else str(row.turnover_days),
        format_amount(row.cost_e4),
        format_amount(row.others_e4),
        [_other(each) for each in row.others],
    )


def _other(each: Other) -> OtherCapital:
    rate_e6 = each.rate_e6
    return OtherCapital(
        each.currency,
        format_amount(each.tied_e4),
        format_amount(each.owed_e4),
        None if rate_e6 is None else written_rate(rate_e6),
        None if rate_e6 is None else format_amount(each.tied_ours_e4),
    )


def _sku_row(row: SkuCapital, caller: Caller) -> SkuCapitalRow:
    up_to_30, up_to_60, up_to_90, older = map(format_amount, row.by_age_e4)
    return SkuCapitalRow(
        row.code,
        row.name_zh if caller.language.startswith("zh") else row.name_en,
        row.units,
        format_amount(row.stock_e4),
        up_to_30,
        up_to_60,
        up_to_90,
        older,
        format_amount(row.expiring_e4),
        format_amount(row.lost_e4),
        row.sold,
        None if row.lasts_days is None else str(row.lasts_days),
        row.sku_id,
    )


routes: Final = (read_capital, read_capital_by_sku)
