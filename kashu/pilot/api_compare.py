"""HTTP of comparing: the old way's sheet of a store's day, beside what Kashu decided or did."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, MultipartBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.errors import KeyIsBound
from kashu.access.guards import FILES, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.channels.errors import UnknownStore
from kashu.channels.reads import Store, store_by_code
from kashu.core.db import Database, Tx
from kashu.core.downloads import download, in_its_thread
from kashu.core.naming import Code
from kashu.core.sheets.read import read_bytes, read_text
from kashu.core.sheets.rows import Sheet
from kashu.pilot.compare import compare, day_of_sheet, days_compared, keep_comparison
from kashu.pilot.export import ComparisonShown, shown, to_csv, to_xlsx
from kashu.pilot.sheet import read_rows
from kashu.reports.export import MEDIA_TYPES, Format
from kashu.stock.imports_errors import FileAndText, FileNeeded
from kashu.stock.questions import Where, note_question

SHEET_BYTES: Final = 20 << 20
FORM_BYTES: Final = 64 * 1024  # of a form around its file


@dataclass
class CompareForm:
    """A form with the sheet, or its rows pasted. `day`: where the sheet itself doesn't tell."""

    file: UploadFile | None = None
    text: str | None = None
    day: date | None = None
    written_as: Format = Format.JSON


@post(
    "/v1/stores/{code:str}/pilot/compare",
    operation_id="compareWithOldWay",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses={
        200: ResponseSpec(
            ComparisonShown, generate_examples=False, description="JSON, CSV or xlsx"
        ),
        **problems(404),
    },
    opt={FILES: (MEDIA_TYPES[Format.CSV], MEDIA_TYPES[Format.XLSX])},
    request_max_body_size=SHEET_BYTES + FORM_BYTES,
)
async def post_compare(
    code: FromPath[Code],
    data: MultipartBody[CompareForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[Any]:
    """Compare a day of the old way's sheet with what Kashu decided or did: each line, with a cause.

    Orders are changed by none of it, and of the sheet only totals are kept. Columns are known by
    their headings: 订单号 is needed; 商品, 规格, 数量, 金额, 卡号, 时间 are compared where given.
    Not for keys of one store or customer: it tells of any card whether the shop has it. That
    somebody asked about so many cards is on record.
    """
    if caller.bound:
        raise KeyIsBound
    async with database.transaction(caller.tenant_id) as tx:
        store = await own_store(tx, caller, code)
    sheet = await _opened(data)
    rows = await asyncio.to_thread(read_rows, sheet)
    day = day_of_sheet(rows, data.day)
    async with database.transaction(caller.tenant_id) as tx:
        compared = await compare(
            tx,
            caller.tenant_id,
            store,
            rows,
            day,
            timezone=caller.timezone,
            keyrings=keyrings,
        )
        await keep_comparison(tx, caller.tenant_id, caller.actor, store, compared)
        if compared.cards:
            cards, known = compared.cards, compared.cards_known
            await note_question(tx, caller, Where.PILOT, values=cards, found=known, unknown=0)
    if data.written_as is Format.JSON:
        return Response(await asyncio.to_thread(shown, compared))
    write = to_csv if data.written_as is Format.CSV else to_xlsx
    async with download(caller.tenant_id):
        body = await in_its_thread(write, compared, caller.language)
    name = f"compare-{store.code}-{day.isoformat()}.{data.written_as.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=MEDIA_TYPES[data.written_as], headers=headers)


class DayShown(msgspec.Struct, frozen=True):
    """A day's totals as they were when it was compared last."""

    day: date
    compared_at: datetime
    by: str
    same: int
    missed: int
    extra: int
    different: int
    unexplained: int


class DaysShown(msgspec.Struct, frozen=True):
    """The days that were compared, the newest first."""

    days: list[DayShown]


@get(
    "/v1/stores/{code:str}/pilot/comparisons",
    operation_id="listComparisons",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def list_comparisons(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 14,
) -> DaysShown:
    """Tell how the latest days compared: totals only, since of the sheets nothing else is kept."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await own_store(tx, caller, code)
        found = await days_compared(tx, caller.tenant_id, store.id, limit=limit)
    return DaysShown(
        [
            DayShown(
                each.day,
                each.compared_at,
                each.actor,
                each.same,
                each.missed,
                each.extra,
                each.different,
                each.unexplained,
            )
            for each in found
        ]
    )


async def own_store(tx: Tx, caller: Caller, code: str) -> Store:
    """Read a store that the caller may see. Raises: UnknownStore."""
    store = await store_by_code(tx, caller.tenant_id, code)
    if caller.customer_id is not None or caller.store_id not in {None, store.id}:
        raise UnknownStore(store=code)
    return store


async def _opened(data: CompareForm) -> Sheet:
    if data.file is not None and data.text is not None:
        raise FileAndText
    if data.text is not None:
        return await asyncio.to_thread(read_text, data.text)
    if data.file is None:
        raise FileNeeded
    content = await data.file.read()
    return await asyncio.to_thread(
        read_bytes, content, name=data.file.filename, most_bytes=SHEET_BYTES
    )


routes: Final = (post_compare, list_comparisons)
