"""Rows of a file as they were read, for whoever has it in hand: its first ones, or of one kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from kashu.core.sheets.rows import Row, Trait
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_reading import Source, outcomes_of
from kashu.stock.imports_tally import Duplicates
from kashu.stock.recognise import Reject, RejectClass, detect_columns
from kashu.stock.recognise_outcomes import CardWarning

FIRST_ROWS: Final = 8  # enough to see how a file was read
SHOWN_MAX: Final = 500
# What stands in such a cell isn't the card: nobody shall take it for one.
_NOT_THE_CARD: Final = frozenset({Trait.FORMULA, Trait.LOSSY, Trait.ERROR})


class ReadRow(msgspec.Struct, frozen=True):
    """A row as the file has it, and what it turned out to be. It may hold secrets."""

    row: int
    reason: RejectClass | None  # null: it is a card
    warnings: tuple[CardWarning, ...]
    first_row: int | None  # which row has the same card
    cells: list[str]

    def __repr__(self) -> str:
        return f"ReadRow(row={self.row}, reason={self.reason}, cells=•••)"


class ReadRows(msgspec.Struct, frozen=True):
    """Rows in order, the first of them; `complete`: all of them."""

    rows: list[ReadRow]
    complete: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of one class, or with one warning; neither: the first of the file."""

    reason: RejectClass | None = None
    warning: CardWarning | None = None

    def has(self, row: ReadRow) -> bool:
        """Say whether it is one of them."""
        if self.warning is not None and self.warning not in row.warnings:
            return False
        return self.reason is None or row.reason is self.reason

    @property
    def most(self) -> int:
        """How many are shown."""
        return FIRST_ROWS if self.reason is None and self.warning is None else SHOWN_MAX


def read_rows(
    source: Source, intake: Intake, duplicates: Duplicates | None, wanted: Wanted
) -> ReadRows:
    """Show rows. `duplicates` are what the database found. Reads the file again: in a thread."""
    found: list[ReadRow] = []
    for row in every_row(source, intake, duplicates):
        if not wanted.has(row):
            continue
        if len(found) == wanted.most:
            return ReadRows(found, complete=False)
        found.append(row)
    return ReadRows(found, complete=True)


def every_row(source: Source, intake: Intake, duplicates: Duplicates | None) -> Iterator[ReadRow]:
    """Read a file row by row, once more. Raises what `sheet.rows()` raises."""
    away = iter(duplicates or ())
    repeat = next(away, None)
    outcomes = outcomes_of(source, intake, detect_columns(source.sheet))
    for row, outcome in zip(source.sheet.rows(), outcomes, strict=True):
        if isinstance(outcome, Reject):
            yield ReadRow(row.number, outcome.reason, (), None, _cells(row))
        elif repeat is not None and repeat[0] == row.number:
            first = repeat[1] if repeat[1] != row.number else None
            yield ReadRow(row.number, repeat[2], outcome.warnings, first, _cells(row))
            repeat = next(away, None)
        else:
            yield ReadRow(row.number, None, outcome.warnings, None, _cells(row))


def _cells(row: Row) -> list[str]:
    return [
        "" if row.traits.get(column) in _NOT_THE_CARD else cell
        for column, cell in enumerate(row.cells)
    ]
