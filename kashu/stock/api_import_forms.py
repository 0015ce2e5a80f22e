"""The forms that bring cards in: what they hold, and what is read from them."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from kashu.access.caller import Caller
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import parse_amount
from kashu.core.sheets.rows import FILE_BYTES
from kashu.stock.imports_corrections import corrected, read_corrections
from kashu.stock.imports_errors import FileAndText, FileChanged, FileNeeded, Sha256Wrong
from kashu.stock.imports_intake import Intake, find_intake
from kashu.stock.imports_reading import ROWS_MAX, Source, open_file, open_pasted
from kashu.stock.imports_rejects import RejectsFormat
from kashu.stock.recognise import RejectClass
from kashu.stock.recognise_outcomes import CardWarning

FORM_BYTES: Final = FILE_BYTES + 64 * 1024  # a file, and what is around it
_OPEN_FILES: Final = Path("/proc/self/fd")  # Linux: opens a file without a name once more
_SHA256: Final = re.compile("[0-9a-fA-F]{64}").fullmatch


@dataclass
class ImportForm:
    """A form with a file, or with pasted text, and on what terms its cards come in."""

    sku: str
    warehouse: str
    supplier: str
    unit_cost: str
    file: UploadFile | None = None
    text: str | None = None
    worksheet: str | None = None  # of a workbook: the first one with something in it otherwise
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


@dataclass
class RowsForm(ImportForm):
    """The same form; which rows: of one class, with one warning, or else the first ones."""

    reason: RejectClass | None = None
    warning: CardWarning | None = None


class TermsAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On what terms the cards of a file that was checked come in, and what the check told."""

    sku: str
    warehouse: str
    supplier: str
    unit_cost: str
    sha256: str
    accepted: Annotated[int, Meta(ge=0, le=ROWS_MAX)]
    expires_on: date | None = None
    max_uses: int | None = None
    sold_elsewhere: bool = False


async def intake_of(data: ImportForm | TermsAsked, caller: Caller, database: Database) -> Intake:
    """Find what the stated codes name. Raises what find_intake() raises."""
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
def given(data: ImportForm) -> Iterator[Callable[[], Source]]:
    """Yield what was uploaded or pasted, to be opened in a thread; it can be read until the end."""
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
            yield lambda: corrected(open_file(path, name, data.worksheet), corrections)
            return
        with tempfile.NamedTemporaryFile() as copy:  # no way to open it a second time here
            shutil.copyfileobj(upload, copy)
            copy.flush()
            there = Path(copy.name)
            yield lambda: corrected(open_file(there, name, data.worksheet), corrections)


def sha256_of(written: str | None) -> bytes | None:
    """Read a digest as a preview tells it. Raises: Sha256Wrong."""
    if written is None:
        return None
    if not _SHA256(written):
        raise Sha256Wrong
    return bytes.fromhex(written)


def check_sha256(source: Source, expected: bytes | None) -> None:
    """Refuse another file than the one that was previewed. Raises: FileChanged."""
    if expected is not None and expected != source.sha256:
        raise FileChanged
