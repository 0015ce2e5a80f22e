"""HTTP of "which of these have gone out?": a list of cards, and what became of each. Masked."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import FILES, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.downloads import download, in_its_thread
from kashu.desk.which import Standing, Which, which
from kashu.desk.which_sheet import to_csv, to_xlsx
from kashu.reports.export import MEDIA_TYPES, Format, parse_format
from kashu.stock.errors import CardQuestionsUsed

MOST: Final = 5_000  # cards in a request
_FORMATS: Final = "json, csv or xlsx"


class WhichBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cards by their whole values, one each; a line with number and password will do."""

    values: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=2_000)], ...],
        msgspec.Meta(min_length=1, max_length=MOST),
    ]

    def __repr__(self) -> str:
        """Hide them."""
        return "WhichBody(•••)"


class WhichShown(msgspec.Struct, frozen=True):
    """What became of a row, counted from 1. `order`: as its source calls it."""

    row: int
    status: Standing
    tail: str
    card_id: UUID | None
    sku: str | None
    lot_id: UUID | None
    expires_on: date | None
    order_id: UUID | None
    order: str | None
    given_at: datetime | None
    seen_at: datetime | None


class WhichAnswer(msgspec.Struct, frozen=True):
    """One row for each value, in order; and how many of each status there are."""

    rows: list[WhichShown]
    counts: dict[str, int]


@post(
    "/v1/stock/cards/which",
    operation_id="whichCards",
    guards=[requires(Permission.STOCK_READ)],
    status_code=200,
    responses={
        200: ResponseSpec(WhichAnswer, generate_examples=False, description="JSON, CSV or xlsx")
    },
    opt={FILES: (MEDIA_TYPES[Format.CSV], MEDIA_TYPES[Format.XLSX])},
)
async def post_which(
    data: JSONBody[WhichBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
    *,
    written_as: Annotated[str, QueryParameter(name="format", description=_FORMATS)] = "json",
) -> Response[Any]:
    """Say of up to 5 000 cards what became of each: never had, in stock, given to which order.

    Nothing is shown in clear, and no reveal is recorded: nothing is opened. The values are kept
    and logged nowhere; a file names rows, not values. That somebody asked, and how many were found,
    is on record. Whoever asks about more than 1 000 values an hour that we never had is refused.
    """
    form = parse_format(written_as)
    async with database.transaction(caller.tenant_id) as tx:
        told = await which(tx, caller, keyrings, data.values)
    if isinstance(told, CardQuestionsUsed):
        raise told
    if form is Format.JSON:
        counts = Counter(each.standing.value for each in told)
        return Response(WhichAnswer([_shown(each) for each in told], dict(counts)))
    write = to_csv if form is Format.CSV else to_xlsx
    async with download(caller.tenant_id):
        body = await in_its_thread(write, told, caller.language)
    headers = {"Content-Disposition": f'attachment; filename="cards.{form.value}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


def _shown(each: Which) -> WhichShown:
    return WhichShown(
        each.row,
        each.standing,
        each.tail,
        each.card_id,
        None if each.sku is None else each.sku.code,
        each.lot_id,
        each.expires_on,
        None if each.order is None else each.order.order_id,
        None if each.order is None else each.order.external_id,
        each.given_at,
        each.seen_at,
    )


routes: Final = (post_which,)
