"""HTTP of imports: preview, import, follow, undo, and the rejected rows as a file."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, QueryParameter
from litestar.response import Stream

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import parse_amount
from kashu.core.sheets.rows import FILE_BYTES
from kashu.stock.imports import import_file, preview
from kashu.stock.imports_corrections import (
    RejectedRows,
    corrected,
    read_corrections,
    rejected_rows,
)
from kashu.stock.imports_doubts import question
from kashu.stock.imports_errors import FileAndText, FileChanged, FileNeeded, Sha256Wrong
from kashu.stock.imports_intake import Intake, find_intake
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.stock.imports_rejects import RejectsFormat, write_rejects
from kashu.stock.imports_report import ImportReport
from kashu.stock.imports_state import PAGE_MAX, ImportRow, import_of, list_imports
from kashu.stock.imports_undo import undo
from kashu.stock.recognise import RejectClass
from kashu.stock.tables import ImportState

FORM_BYTES: Final = 64 * 1024  # of a form around its file
STREAM_BYTES: Final = 64 * 1024
_OPEN_FILES: Final = Path("/proc/self/fd")  # Linux: opens a file without a name once more
_SHA256: Final = re.compile("[0-9a-fA-F]{64}").fullmatch
_MEDIA_TYPES: Final = {
    RejectsFormat.CSV: "text/csv",
    RejectsFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass
class ImportForm:
    """A form with a file, or with pasted text, and on what terms its cards come in."""

    sku: str
    warehouse: str
    supplier: str
    unit_cost: str
    file: UploadFile | None = None
    text: str | None = None
    expires_on: date | None = None  # of cards that state none
    max_uses: int | None = None  # of shared cards only
    sold_elsewhere: bool = False  # somebody has them: kept to be known, at a unit cost of 0
    dry_run: bool = False
    expect_sha256: str | None = None  # of the file that was previewed
    corrections: str | None = None  # [{"row": 17, "cells": ["…"]}]: read in place of the file's own
    sure: bool = False  # somebody has checked what is far from what is usual


@dataclass
class RejectedForm(ImportForm):
    """The same form; `reason`: only rows of one class."""

    reason: RejectClass | None = None


@dataclass
class RejectsForm(ImportForm):
    """The same form; `import_id` where it has been imported since."""

    import_id: UUID | None = None
    written_as: RejectsFormat = RejectsFormat.CSV


class ImportShown(msgspec.Struct, frozen=True):
    """An import as it stands."""

    id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    actor: str
    file_name: str
    sha256: str
    state: ImportState
    read: int
    accepted: int
    rejected: int
    classes: dict[str, int]
    started_at: datetime
    beat_at: datetime
    ended_at: datetime | None
    can: Sequence[str]


class ImportPage(msgspec.Struct, frozen=True):
    """Some imports, the latest first."""

    imports: list[ImportShown]
    next_before: UUID | None


@post(
    "/v1/imports",
    operation_id="importCards",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=FILE_BYTES + FORM_BYTES,
)
async def post_import(
    data: MultipartBody[ImportForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> ImportReport:
    """Import a file of cards, all of its good rows or nothing; or say what would happen.

    With `dry_run` nothing is written. To confirm, send the file again with the preview's `sha256`
    as `expect_sha256`: the server keeps no card in clear meanwhile. A cost or a quantity far from
    what is usual is refused as `looks_mistyped`, unless it is sent with `sure`.
    """
    expected = _sha256(data.expect_sha256)
    intake = await _intake(data, caller, database)
    with _given(data) as given:
        source = await asyncio.to_thread(given)
        if not (data.dry_run or data.sure):
            _check(source, expected)
            async with database.transaction(caller.tenant_id) as tx:
                await question(tx, caller.tenant_id, intake, source, keyrings=keyrings)
        if data.dry_run:
            _check(source, expected)
            async with database.transaction(caller.tenant_id) as tx:
                outcome = await preview(tx, caller.tenant_id, intake, source, keyrings=keyrings)
        else:
            outcome = await import_file(
                database,
                caller.tenant_id,
                caller.actor,
                intake,
                source,
                keyrings=keyrings,
                expect_sha256=expected,
            )
    return outcome.report


@post(
    "/v1/imports/rejected",
    operation_id="listRejected",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=FILE_BYTES + FORM_BYTES,
)
async def post_rejected(
    data: MultipartBody[RejectedForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> RejectedRows:
    """Show the first rejected rows as the file has them, to whoever has the file in hand.

    Put them right and send them as `corrections` with the file. Nothing is written or kept.
    """
    expected = _sha256(data.expect_sha256)
    intake = await _intake(data, caller, database)
    with _given(data) as given:
        source = await asyncio.to_thread(given)
        _check(source, expected)
        async with database.transaction(caller.tenant_id) as tx:
            outcome = await preview(tx, caller.tenant_id, intake, source, keyrings=keyrings)
        return await asyncio.to_thread(
            rejected_rows, source, intake, outcome.duplicates, data.reason
        )


@post(
    "/v1/imports/rejects",
    operation_id="downloadRejects",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    opt={FILES: tuple(_MEDIA_TYPES.values())},
    status_code=200,
    request_max_body_size=FILE_BYTES + FORM_BYTES,
)
async def post_rejects(
    data: MultipartBody[RejectsForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Stream:
    """Give the file's rejected rows back as a file, each with what is wrong and what to do.

    Correct them there and import that file: the added columns are ignored. After the import, give
    its id as `import_id`, or all of its cards count as duplicates of themselves.
    """
    expected = _sha256(data.expect_sha256)
    intake = await _intake(data, caller, database)
    # As the upload: a file without a name, which nobody else can open and no crash leaves behind.
    target = tempfile.TemporaryFile()  # noqa: SIM115  (the stream closes it)
    try:
        with _given(data) as given:
            source = await asyncio.to_thread(given)
            _check(source, expected)
            async with database.transaction(caller.tenant_id) as tx:
                outcome = await preview(
                    tx,
                    caller.tenant_id,
                    intake,
                    source,
                    keyrings=keyrings,
                    besides=data.import_id,
                )
            await asyncio.to_thread(
                write_rejects,
                source,
                intake,
                outcome.duplicates,
                target,
                language=caller.language,
                written_as=data.written_as,
            )
    except BaseException:
        target.close()
        raise
    name = f"rejects-{intake.today.isoformat()}.{data.written_as.value}"
    return Stream(
        _streamed(target),
        media_type=_MEDIA_TYPES[data.written_as],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@get("/v1/imports", operation_id="listImports", guards=[requires(Permission.STOCK_READ)])
async def get_imports(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> ImportPage:
    """List imports, the latest first, running ones with how far they are."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_imports(tx, caller.tenant_id, before=before, limit=limit)
    more = found[-1].id if len(found) == limit else None
    return ImportPage([_shown(caller, row) for row in found], more)


@get(
    "/v1/imports/{import_id:uuid}",
    operation_id="readImport",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def get_import(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ImportShown:
    """Tell how an import stands; while it runs, `read` grows twice a second."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await import_of(tx, caller.tenant_id, import_id))


@post(
    "/v1/imports/{import_id:uuid}/undo",
    operation_id="undoImport",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_undo(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ImportShown:
    """Take an import back as if it had never been, while none of its cards has left."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        undone = await undo(tx, caller.tenant_id, caller.actor, import_id, posted_on=today)
        return _shown(caller, undone)


async def _intake(data: ImportForm, caller: Caller, database: Database) -> Intake:
    async with database.transaction(caller.tenant_id) as tx:
        return await find_intake(
            tx,
            caller.tenant_id,
            sku=data.sku,
            warehouse=data.warehouse,
            supplier=data.supplier,
            unit_cost_e4=parse_amount(data.unit_cost),
            today=day_of(now(), caller.timezone),
            expires_on=data.expires_on,
            max_uses=data.max_uses,
            sold_elsewhere=data.sold_elsewhere,
        )


@contextmanager
def _given(data: ImportForm) -> Iterator[Callable[[], Source]]:
    """What was uploaded or pasted, to be opened in a thread; it can be read until the end."""
    corrections = read_corrections(data.corrections) if data.corrections else {}
    if data.file is not None and data.text is not None:
        raise FileAndText
    if data.text is not None:
        text = data.text
        yield lambda: corrected(open_pasted(text), corrections)
        return
    if data.file is None:
        raise FileNeeded
    upload, name = data.file.file, data.file.filename
    upload.rollover()  # to a file of mode 0600 without a name, where it isn't one yet
    with upload:
        if _OPEN_FILES.exists():
            path = _OPEN_FILES / str(upload.fileno())
            yield lambda: corrected(open_file(path, name), corrections)
            return
        with tempfile.NamedTemporaryFile() as copy:  # no way to open it a second time here
            shutil.copyfileobj(upload, copy)
            copy.flush()
            yield lambda: corrected(open_file(Path(copy.name), name), corrections)


def _sha256(written: str | None) -> bytes | None:
    if written is None:
        return None
    if not _SHA256(written):
        raise Sha256Wrong
    return bytes.fromhex(written)


def _check(source: Source, expected: bytes | None) -> None:
    if expected is not None and expected != source.sha256:
        raise FileChanged


async def _streamed(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while part := await asyncio.to_thread(file.read, STREAM_BYTES):
            yield part


def _shown(caller: Caller, row: ImportRow) -> ImportShown:
    may_undo = row.state == ImportState.DONE and caller.may(Permission.STOCK_IMPORT)
    return ImportShown(
        id=row.id,
        sku_id=row.sku_id,
        warehouse_id=row.warehouse_id,
        supplier_id=row.supplier_id,
        actor=row.actor,
        file_name=row.file_name,
        sha256=row.file_sha256.hex(),
        state=ImportState(row.state),
        read=row.read_count,
        accepted=row.accepted_count,
        rejected=row.rejected_count,
        classes=row.classes,
        started_at=row.started_at,
        beat_at=row.beat_at,
        ended_at=row.ended_at,
        can=("undo",) if may_undo else (),
    )


routes: Final = (post_import, post_rejected, post_rejects, get_imports, get_import, post_undo)
