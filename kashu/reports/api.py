"""HTTP of the reports."""

import asyncio
from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.downloads import download, in_its_thread
from kashu.reports.dimensions import Dimension, parse_dimensions
from kashu.reports.export import MEDIA_TYPES, Format, parse_format, to_csv, to_xlsx
from kashu.reports.profit import profit
from kashu.reports.shapes import ProfitSheet, sheet_of

_BY: Final = (
    "Any of day, week, month, store, supplier, brand, product, sku, period and customer, "
    "separated by commas; none for the totals alone"
)
_FORMATS: Final = "json, csv or xlsx"


@get(
    "/v1/reports/profit",
    operation_id="readProfit",
    guards=[requires(Permission.REPORTS_READ)],
    responses={
        200: ResponseSpec(ProfitSheet, generate_examples=False, description="JSON, CSV or xlsx"),
        **problems(404),
    },
    opt={FILES: (MEDIA_TYPES[Format.CSV], MEDIA_TYPES[Format.XLSX])},
)
async def read_profit(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    by: Annotated[str, QueryParameter(description=_BY, max_length=200)] = "",
    since: Annotated[date | None, QueryParameter(name="from")] = None,
    until: Annotated[date | None, QueryParameter(name="to")] = None,
    written_as: Annotated[str, QueryParameter(name="format", description=_FORMATS)] = "json",
    store: FromQuery[list[str] | None] = None,
    supplier: FromQuery[list[str] | None] = None,
    brand: FromQuery[list[str] | None] = None,
    product: FromQuery[list[str] | None] = None,
    sku: FromQuery[list[str] | None] = None,
    period: FromQuery[list[str] | None] = None,
    customer: FromQuery[list[str] | None] = None,
) -> Response[Any]:
    """Break the profit of the merchant's days down by dimensions, filtered by their codes.

    A filter that is given several times takes any of its codes; different filters must all hold.
    """
    dimensions, form = parse_dimensions(by), parse_format(written_as)
    filters = {
        Dimension.STORE: store or [],
        Dimension.SUPPLIER: supplier or [],
        Dimension.BRAND: brand or [],
        Dimension.PRODUCT: product or [],
        Dimension.SKU: sku or [],
        Dimension.PERIOD: period or [],
        Dimension.CUSTOMER: customer or [],
    }
    async with database.transaction(caller.tenant_id) as tx:
        report = await profit(
            tx,
            caller.tenant_id,
            dimensions,
            since=since,
            until=until,
            filters=filters,
            language=caller.language,
        )
    if form is Format.JSON:
        return Response(await asyncio.to_thread(sheet_of, report))
    write = to_csv if form is Format.CSV else to_xlsx  # in a thread: large ones take seconds
    async with download(caller.tenant_id):
        body = await in_its_thread(write, report, caller.language)
    name = "-".join(["profit", *dimensions])
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form.value}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


routes = (read_profit,)
