"""HTTP of imports: preview, import, follow, undo, and the rejected rows as a file."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
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
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import parse_amount
from kashu.core.sheets.rows import FILE_BYTES
from kashu.stock.imports import import_file, preview
from kashu.stock.imports_errors import FileAndText, FileNeeded, Sha256Wrong
from kashu.stock.imports_intake import Intake, find_intake
from kashu.stock.imports_rejects import RejectsFormat, write_rejects
from kashu.stock.imports_report import ImportReport
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.stock.imports_state import PAGE_MAX, ImportRow, import_of, list_imports
from kashu.stock.imports_undo import undo
from kashu.stock.tables import ImportState

FORM_BYTES: Final = 64 * 1024  # of a form around its file
STREAM_BYTES: Final = 64 * 1024
_SHA256_HEX: Final = 64
_OPEN_FILES: Final = Path("/proc/self/fd")


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
    dry_run: bool = False
    expect_sha256: str | None = None  # of the file that was previewed


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
    as `expect_sha256`: the server keeps no card in clear meanwhile.
    """
    expected = _sha256(data.expect_sha256)
    async with database.transaction(caller.tenant_id) as tx:
        intake = await find_intake(tx, caller.tenant_id, **_terms(data, caller))
    with _given(data) as opening:
        source = await opening.open()
        if data.dry_run:
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
