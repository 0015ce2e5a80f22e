"""HTTP of mapping by file: what a store's listings stand for, out and in."""

import asyncio
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.permissions import Permission
from kashu.channels.errors import UnknownStore
from kashu.channels.reads import Store, store_by_code
from kashu.core.db import Database, Tx
from kashu.core.downloads import download
from kashu.core.naming import Code
from kashu.orders.errors import MappingFileChanged
from kashu.orders.mapping_file import MappingReport, map_by_file, write_mapping
from kashu.orders.mapping_rows import FILE_BYTES, RowClass, read_mapping_file
from kashu.orders.mapping_words import WORDS

FORM_BYTES: Final = 64 * 1024  # of a form around its file


class SheetFormat(StrEnum):
    """What the file can be written as."""

    XLSX = "xlsx"
    CSV = "csv"


_MEDIA_TYPES: Final = {
    SheetFormat.CSV: "text/csv",
    SheetFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass
class MappingForm:
    """A form with a file: .xlsx, .csv or .txt, whose first row names the columns."""

    file: UploadFile
    dry_run: bool = False
    expect_sha256: str | None = None  # of the file that was looked at


class MappingRowShown(msgspec.Struct, frozen=True):
    """What came of a row, or would. `was`: what its listing stood for before."""

    row: int
    outcome: RowClass
    item_id: str
    variant_id: str
    title: str
    sku: str
    units: int
    was: str
    zh: str
    en: str


class MappingShown(msgspec.Struct, frozen=True):
    """What a file does, row by row; `counts`: how many rows of each outcome."""

    dry_run: bool
    sha256: str
    counts: dict[str, int]
    rows: list[MappingRowShown]


@post(
    "/v1/stores/{code:str}/mapping",
    operation_id="mapListings",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=FILE_BYTES + FORM_BYTES,
)
async def post_mapping(
    code: FromPath[Code],
    data: MultipartBody[MappingForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MappingShown:
    """Map a store's listings by a file: all of its good rows at once; or say what would happen.

    A row names a listing by `item_id` 商品ID and `variant_id` 规格ID, or by its `merchant_code`
    商家编码, and says `sku` 规格编码 and `units` 数量 (one, if left out). Rows that can't be are
    left out and told, each with its class. With `dry_run` nothing is written; to confirm, send the
    file again, with the `sha256` of that answer as `expect_sha256`. Waiting orders go on at once.
    """
    content = await data.file.read()
    file = await asyncio.to_thread(read_mapping_file, content)
    if data.expect_sha256 and data.expect_sha256.casefold() != file.sha256:
        raise MappingFileChanged
    async with database.transaction(caller.tenant_id) as tx:
        store = await _store(tx, caller, code)
        report = await map_by_file(
            tx, caller.tenant_id, caller.actor, store, file, dry_run=data.dry_run
        )
    return mapping_shown(report, dry_run=data.dry_run)


@get(
    "/v1/stores/{code:str}/mapping",
    operation_id="downloadMapping",
    guards=[requires(Permission.CATALOG_READ)],
    responses=problems(404),
    opt={FILES: tuple(_MEDIA_TYPES.values())},
)
async def get_mapping(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    written_as: FromQuery[SheetFormat] = SheetFormat.XLSX,
) -> Response[bytes]:
    """Give a store's listings and what they stand for as a file, to be filled in and sent again."""
    target = io.BytesIO()
    async with download(caller.tenant_id), database.transaction(caller.tenant_id) as tx:
        store = await _store(tx, caller, code)
        await write_mapping(
            tx,
            caller.tenant_id,
            store,
            target,
            as_xlsx=written_as is SheetFormat.XLSX,
            language=caller.language,
        )
    name = f"listings-{store.code}.{written_as.value}"
    return Response(
        target.getvalue(),
        media_type=_MEDIA_TYPES[written_as],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def mapping_shown(report: MappingReport, *, dry_run: bool) -> MappingShown:
    """Tell what a file does."""
    rows = [
        MappingRowShown(
            each.row,
            each.outcome,
            each.item_id,
            each.variant_id,
            each.title,
            each.sku,
            each.units,
            each.was,
            *WORDS[each.outcome],
        )
        for each in report.rows
    ]
    return MappingShown(dry_run, report.sha256, report.counts, rows)


async def _store(tx: Tx, caller: Caller, code: str) -> Store:
    store = await store_by_code(tx, caller.tenant_id, code)
    if caller.bound and caller.store_id != store.id:
        raise UnknownStore(store=code)
    return store


routes: Final = (post_mapping, get_mapping)
