"""HTTP of the capital report."""

from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.reports.capital import DAYS, RATE_PPM, Capital, capital


class CapitalRow(msgspec.Struct, frozen=True):
    """What is tied up with a supplier. `turnover_days`: null: nothing was sold."""

    supplier: str  # empty: all of them
    name: str
    stock: str
    units: int
    over_90_days: str
    expiring_in_30_days: str
    prepaid: str
    in_doubt: str
    recoveries: str
    payable: str
    tied_up: str
    net: str  # less what suppliers lend us
    sold_at_cost: str
    turnover_days: str | None
    cost_of_capital: str


class CapitalSheet(msgspec.Struct, frozen=True):
    """What is tied up by supplier, most first, and in all, over `days` at a rate a year."""

    days: int
    rate_ppm: int
    rows: list[CapitalRow]
    total: CapitalRow


@get(
    "/v1/reports/capital",
    operation_id="readCapital",
    guards=[requires(Permission.REPORTS_READ)],
)
async def read_capital(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=366)] = DAYS,
    rate_ppm: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = RATE_PPM,
) -> CapitalSheet:
    """Read what is tied up in stock and with suppliers, how fast it turns, and what it costs."""
    async with database.transaction(caller.tenant_id) as tx:
        rows, whole = await capital(
            tx, caller.tenant_id, now(), caller.timezone, days=days, rate_ppm=rate_ppm
        )
    return sheet_of(rows, whole)


def sheet_of(rows: list[Capital], whole: Capital) -> CapitalSheet:
    """Write a report as it is answered."""
    return CapitalSheet(whole.days, whole.rate_ppm, [_row(row) for row in rows], _row(whole))


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
    )


routes: Final = (read_capital,)
