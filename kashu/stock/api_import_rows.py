"""HTTP of a file's rows: how it was read, and the rows of a class, for who has it in hand."""

import asyncio
from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import MultipartBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.stock.api_import_forms import (
    FORM_BYTES,
    RowsForm,
    check_sha256,
    given,
    intake_of,
    sha256_of,
)
from kashu.stock.imports import preview
from kashu.stock.imports_rows import ReadRows, Wanted, read_rows
from kashu.stock.imports_tally import TURNED_AWAY


@post(
    "/v1/imports/rows",
    operation_id="listImportRows",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=FORM_BYTES,
)
async def post_rows(
    data: MultipartBody[RowsForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> ReadRows:
    """Show rows of a file as they were read, to whoever has it in hand.

    The first few; with `reason` or `warning` those of one kind, up to five hundred. Whether a card
    is known already is asked only for the classes that say so. Nothing is written or kept.
    """
    expected = sha256_of(data.expect_sha256)
    intake = await intake_of(data, caller, database)
    with given(data) as opening:
        source = await asyncio.to_thread(opening)
        check_sha256(source, expected)
        duplicates = None
        if data.reason in TURNED_AWAY:
            async with database.transaction(caller.tenant_id) as tx:
                outcome = await preview(tx, caller.tenant_id, intake, source, keyrings=keyrings)
            duplicates = outcome.duplicates
        wanted = Wanted(data.reason, data.warning)
        return await asyncio.to_thread(read_rows, source, intake, duplicates, wanted)


routes: Final = (post_rows,)
