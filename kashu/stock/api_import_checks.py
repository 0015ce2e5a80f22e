"""HTTP of checks: what would become of a file while it is read, and of other terms without it."""

import asyncio
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, MultipartBody
from litestar.response import Stream

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.stock.api_import_forms import (
    FORM_BYTES,
    ImportForm,
    TermsAsked,
    given,
    intake_of,
    sha256_of,
)
from kashu.stock.imports import preview
from kashu.stock.imports_check import Check, CheckFirst, turns, watched
from kashu.stock.imports_errors import Sha256Wrong
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_notes import Note, history_of, notes_on
from kashu.stock.imports_reading import Source
from kashu.stock.imports_report import ImportReport, recognised_of
from kashu.stock.imports_rows import Wanted, read_rows
from kashu.stock.recognise import detect_columns

MEDIA_TYPE: Final = "application/x-ndjson"
_HEADERS: Final = {"X-Accel-Buffering": "no"}  # or a proxy would hold lines back. Source: nginx


class TermsNoted(msgspec.Struct, frozen=True):
    """What to check about them."""

    notes: list[Note]


@post(
    "/v1/imports/check",
    operation_id="checkImport",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    opt={FILES: (MEDIA_TYPE,)},
    status_code=200,
    request_max_body_size=FORM_BYTES,
)
async def post_check(
    data: MultipartBody[ImportForm],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Stream:
    """Preview a file and say twice a second how far it is: one JSON object a line.

    `first`: how it is read, and the first rows; `progress`; at the end `report`, as a preview
    answers, or `refused`. Hang up to stop it. Nothing is written or kept.
    """
    intake = await intake_of(data, caller, database)

    async def work(check: Check) -> ImportReport:
        async with turns.turn(caller.tenant_id):
            with given(data) as opening:
                source = await asyncio.to_thread(opening)
                check.opened(source, await asyncio.to_thread(_first_of, source, intake))
                async with database.transaction(caller.tenant_id) as tx:
                    outcome = await preview(
                        tx,
                        caller.tenant_id,
                        intake,
                        source,
                        keyrings=keyrings,
                        on_progress=check.has_read,
                    )
        return outcome.report

    request_id = str(request.scope["state"].get("request_id", ""))
    lines = watched(caller.language, work, request_id=request_id, path="/v1/imports/check")
    return Stream(lines, media_type=MEDIA_TYPE, headers=_HEADERS)


@post(
    "/v1/imports/terms",
    operation_id="checkImportTerms",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404),
    status_code=200,
)
async def post_terms(
    data: JSONBody[TermsAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> TermsNoted:
    """Check other terms for a file that was checked, without sending it again.

    Warehouse, supplier, cost, uses and the default expiry change nothing about its rows; of
    another SKU, or sold elsewhere, check the file again. Nothing is written.
    """
    sha256 = sha256_of(data.sha256)
    if sha256 is None:
        raise Sha256Wrong
    intake = await intake_of(data, caller, database)
    async with database.transaction(caller.tenant_id) as tx:
        history = await history_of(tx, caller.tenant_id, intake, sha256)
    return TermsNoted(notes_on(intake, history, data.accepted))


def _first_of(source: Source, intake: Intake) -> CheckFirst:
    recognised = recognised_of(source, detect_columns(source.sheet))
    return CheckFirst(recognised, read_rows(source, intake, None, Wanted()).rows)


routes: Final = (post_check, post_terms)
