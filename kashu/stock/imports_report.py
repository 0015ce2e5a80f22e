"""The report of an import or of its preview: the same counts, whether or not it was written."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from kashu.core.sheets.rows import Separator
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_notes import History, Note, notes_on
from kashu.stock.imports_reading import Reading, Source
from kashu.stock.imports_state import masked_name
from kashu.stock.imports_tally import Duplicates, Repeat, RowsOf
from kashu.stock.receive import NewLot
from kashu.stock.recognise import Columns

LOTS_MAX: Final = 100  # a file may have an expiry for each day of years


class LotMade(msgspec.Struct, frozen=True):
    """A lot that an import made."""

    id: UUID
    expires_on: date | None
    cards: int
    units: int


class Recognised(msgspec.Struct, frozen=True):
    """How a file was read. `columns`: what is in it → which column, counted from 0."""

    kind: str  # xlsx, xls, csv, text
    encoding: str | None
    separator: str | None
    worksheet: str | None
    worksheets: list[str]  # all that there are: one is read, and the others are not
    names: list[str]  # of the columns, where the file has a row of names
    columns: dict[str, int]  # of number, password, url, expires_on


class ImportReport(msgspec.Struct, frozen=True):
    """What became of a file. read = accepted + rejected + skipped.

    `skipped` are blank lines, headings and totals (their classes are `blank`, `heading`, `totals`):
    nothing is to be corrected.
    `import_id` is null for a preview, which has written nothing.
    """

    import_id: UUID | None
    file_name: str
    sha256: str
    read: int
    accepted: int
    rejected: int
    skipped: int
    classes: dict[str, RowsOf]
    repeats: list[Repeat]  # the first of them: which row has the card that a later one repeats
    warnings: dict[str, RowsOf]  # accepted, but somebody should look
    notes: list[Note]
    lots: list[LotMade]  # the first hundred, by expiry
    lot_count: int
    took_ms: int
    recognised: Recognised


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and what is needed to write the rejected rows out."""

    report: ImportReport
    duplicates: Duplicates


def outcome_of(
    source: Source,
    intake: Intake,
    reading: Reading,
    history: History,
    *,
    import_id: UUID | None,
    lots: list[NewLot],
    took_s: float,
) -> Outcome:
    """Put together what is known at the end."""
    tally = reading.tally
    report = ImportReport(
        import_id=import_id,
        file_name=masked_name(source.name),
        sha256=source.sha256.hex(),
        read=tally.read,
        accepted=tally.accepted,
        rejected=tally.rejected,
        skipped=tally.skipped,
        classes={reason.value: rows.listed() for reason, rows in sorted(tally.classes.items())},
        repeats=tally.repeats,
        warnings={name: rows.listed() for name, rows in sorted(tally.warnings.items())},
        notes=notes_on(intake, history, tally.accepted),
        lots=[LotMade(lot.lot_id, lot.expires_on, lot.cards, lot.units) for lot in lots[:LOTS_MAX]],
        lot_count=len(lots),
        took_ms=round(took_s * 1000),
        recognised=recognised_of(source, reading.columns),
    )
    return Outcome(report, tally.duplicates)


def recognised_of(source: Source, columns: Columns) -> Recognised:
    """Tell how a file is read."""
    sheet = source.sheet
    inside = columns.separator is not Separator.NONE  # the only column of a workbook
    separator = columns.separator if inside else sheet.separator
    found = {
        "number": columns.number,
        "password": columns.password,
        "url": columns.url,
        "expires_on": columns.expires_on,
    }
    return Recognised(
        kind=sheet.kind,
        encoding=sheet.encoding,
        separator=separator.value if separator else None,
        worksheet=sheet.worksheet,
        worksheets=list(sheet.worksheets),
        names=list(columns.names) if columns.heading_row or columns.labels else [],
        columns={name: place for name, place in found.items() if place is not None},
    )
