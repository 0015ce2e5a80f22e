"""HTTP of cards that came by mail or chat: look at the file, then take it as an order's."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_amount
from kashu.core.sheets.rows import MIB
from kashu.purchases.kinds import AttemptState
from kashu.purchases.moves import Occasion
from kashu.purchases.receive_file import (
    RULES,
    Handed,
    expect,
    find_cards,
    foresee,
    receive_file,
)
from kashu.stock.imports_errors import FileAndText, FileNeeded
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.stock.imports_report import ImportReport

RECEIVED_BYTES: Final = 20 * MIB
FORM_BYTES: Final = 64 * 1024


@dataclass
class ReceivedForm:
    """A file of cards, or pasted text. `charged`: in all, where it isn't as ordered.

    In the order's currency.
    """

    file: UploadFile | None = None
    text: str | None = None
    charged: str | None = None
    as_it_is: bool = False  # what is missing is missing: it is asked back
    dry_run: bool = False


class CardsReceived(msgspec.Struct, frozen=True):
    """What became of a file, or would: `report` is the preview, without any card."""

    number: str
    supplier_id: str
    ordered: int
    total: str
    state: AttemptState
    received: int
    turned_away: int
    report: ImportReport
    currency: str  # of `total`


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/cards",
    operation_id="receiveCards",
    guards=[requires(Permission.PURCHASES_WRITE), requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=RECEIVED_BYTES + FORM_BYTES,
)
async def post_received(
    attempt_id: FromPath[UUID],
    data: MultipartBody[ReceivedForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> CardsReceived:
    """Take a file's cards as those of an order at a supplier, all at once, once.

    Rows that are no cards, or another number of them than ordered, are refused with their rows
    named (422 received_file_not_whole) until `as_it_is`. With `dry_run` nothing is written.
    """
    tenant_id = caller.tenant_id
    occasion = Occasion(tenant_id, caller.actor, now(), caller.timezone, keyrings, RULES)
    charged_e4 = None if data.charged is None else parse_amount(data.charged)
    async with database.transaction(tenant_id) as tx:
        expected = await expect(tx, occasion, attempt_id)
    with _given(data) as given:
        source = await asyncio.to_thread(given)
        async with database.transaction(tenant_id) as tx:
            report = await foresee(tx, tenant_id, expected, source, keyrings=keyrings)
        attempt = expected.attempt
        if not data.dry_run:
            found = await find_cards(expected, source)
            handed = Handed(charged_e4, data.as_it_is)
            async with database.transaction(tenant_id) as tx:
                attempt = await receive_file(tx, occasion, expected, found, handed)
    return CardsReceived(
        attempt.number,
        str(attempt.supplier_id),
        expected.ordered,
        format_amount(attempt.total_e4),
        attempt.state,
        attempt.received_count,
        attempt.turned_away_count,
        report,
        attempt.currency,
    )


@contextmanager
def _given(data: ReceivedForm) -> Iterator[Callable[[], Source]]:
    """What was uploaded or pasted, to be opened in a thread; it can be read until the end."""
    if data.file is not None and data.text is not None:
        raise FileAndText
    if data.text is not None:
        text = data.text
        yield lambda: open_pasted(text)
        return
    if data.file is None:
        raise FileNeeded
    name = data.file.filename
    with data.file.file as upload, tempfile.NamedTemporaryFile() as copy:  # mode 0600
        upload.seek(0)
        shutil.copyfileobj(upload, copy)
        copy.flush()
        yield lambda: open_file(Path(copy.name), name)


routes = (post_received,)
