"""The report of an import or of its preview: the same counts, whether or not it was written."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from kashu.stock.imports_intake import Intake
from kashu.stock.imports_notes import History, Note, notes_on
from kashu.stock.imports_reading import Source
from kashu.stock.imports_state import masked_name
from kashu.stock.imports_tally import Duplicates, Repeat, RowsOf, Tally
from kashu.stock.receive import NewLot

LOTS_MAX: Final = 100  # a file may have an expiry for each day of years


class LotMade(msgspec.Struct, frozen=True):
    """A lot that an import made."""

    id: UUID
    expires_on: date | None
    cards: int
    units: int


class ImportReport(msgspec.Struct, frozen=True):
    """What became of a file. read = accepted + rejected + skipped.

    `skipped` are blank lines and headings (classes `blank`, `heading`): nothing is to be corrected.
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report, and what is needed to write the rejected rows out."""

    report: ImportReport
    duplicates: Duplicates


def outcome_of(
    source: Source,
    intake: Intake,
    tally: Tally,
    history: History,
    *,
    import_id: UUID | None,
    lots: list[NewLot],
    took_s: float,
) -> Outcome:
    """Put together what is known at the end."""
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
    )
    return Outcome(report, tally.duplicates)
