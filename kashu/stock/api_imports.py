"""HTTP of imports: preview, import, and the rejected rows, on the screen or as a file."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import MultipartBody
from litestar.response import Stream

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.downloads import download, in_its_thread
from kashu.stock.api_import_forms import (
    FORM_BYTES,
    ImportForm,
    RejectedForm,
    RejectsForm,
    check_sha256,
    given,
    intake_of,
    sha256_of,
)
from kashu.stock.imports import import_file, preview
from kashu.stock.imports_corrections import RejectedRows, rejected_rows
from kashu.stock.imports_doubts import question
from kashu.stock.imports_rejects import RejectsFormat, write_rejects
from kashu.stock.imports_report import ImportReport

STREAM_BYTES: Final = 64 * 1024
_MEDIA_TYPES: Final = {
    RejectsFormat.CSV: "text/csv",
    RejectsFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@post(
    "/v1/imports",
    operation_id="importCards",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=FORM_BYTES,
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
    expected = sha256_of(data.expect_sha256)
    intake = await intake_of(data, caller, database)
    with given(data) as opening:
        source = await asyncio.to_thread(opening)
        if not (data.dry_run or data.sure):
            check_sha256(source, expected)
            async with database.transaction(caller.tenant_id) as tx:
                await question(tx, caller.tenant_id, intake, source, keyrings=keyrings)
        if data.dry_run:
            check_sha256(source, expected)
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
    request_max_body_size=FORM_BYTES,
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
    expected = sha256_of(data.expect_sha256)
    intake = await intake_of(data, caller, database)
    with given(data) as opening:
        source = await asyncio.to_thread(opening)
        check_sha256(source, expected)
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
    request_max_body_size=FORM_BYTES,
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
    expected = sha256_of(data.expect_sha256)
    intake = await intake_of(data, caller, database)
    # As the upload: a file without a name, which nobody else can open and no crash leaves behind.
    target = tempfile.TemporaryFile()  # noqa: SIM115  (the stream closes it)
    try:
        with given(data) as opening:
            source = await asyncio.to_thread(opening)
            check_sha256(source, expected)
            async with database.transaction(caller.tenant_id) as tx:
                outcome = await preview(
                    tx,
                    caller.tenant_id,
                    intake,
                    source,
                    keyrings=keyrings,
                    besides=data.import_id,
                )
            async with download(caller.tenant_id):
                await in_its_thread(
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


async def _streamed(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while part := await asyncio.to_thread(file.read, STREAM_BYTES):
            yield part


routes: Final = (post_import, post_rejected, post_rejects)
