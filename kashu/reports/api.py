"""HTTP of the reports."""

from datetime import date
from typing import Annotated, Any

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.ledger.errors import BooksAreWhole
from kashu.reports.dimensions import Dimension, parse_dimensions
from kashu.reports.export import MEDIA_TYPES, Format, parse_format, to_csv, to_xlsx
from kashu.reports.profit import profit
from kashu.reports.shapes import ProfitSheet, sheet_of

_BY = (
    "day, week, month, store, supplier, brand, product, sku, period, customer: any of them, crossed"
)


@get(
    "/v1/reports/profit",
    operation_id="readProfit",
    guards=[requires(Permission.REPORTS_READ)],
    responses={
        200: ResponseSpec(ProfitSheet, generate_examples=False, description="JSON, CSV or xlsx"),
        **problems(404),
    },
)
async def read_profit(
    *,
    caller: Caller,
    database: Database,
    by: Annotated[str, Parameter(description=_BY, max_length=200)] = "",
    since: Annotated[date | None, Parameter(query="from")] = None,
    until: Annotated[date | None, Parameter(query="to")] = None,
    written_as: Annotated[str, Parameter(query="format", description="json, csv, xlsx")] = "json",
    store: list[str] | None = None,
    supplier: list[str] | None = None,
    brand: list[str] | None = None,
    product: list[str] | None = None,
    sku: list[str] | None = None,
    period: list[str] | None = None,
    customer: list[str] | None = None,
) -> Response[Any]:
    """Break the profit of the merchant's days down by dimensions, filtered by their codes.

    A filter that is given several times takes any of its codes; different filters must all hold.
    """
    if caller.store_id is not None or caller.customer_id is not None:
        raise BooksAreWhole
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
        return Response(sheet_of(report))
    body = (
        to_csv(report, caller.language) if form is Format.CSV else to_xlsx(report, caller.language)
    )
    name = "-".join(["profit", *dimensions])
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form.value}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


routes = (read_profit,)
