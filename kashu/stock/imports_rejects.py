"""Rejects: the rows that didn't get in, as a file to correct and import again.

They hold secrets in clear. They are read again from the file in hand, and written to whoever asked;
nothing of them is kept.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from kashu.core.errors import Invalid
from kashu.core.sheets.rows import Row, Separator
from kashu.core.sheets.separators import splitter
from kashu.core.sheets.write import write_csv, write_xlsx
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_reading import Source, outcomes_of
from kashu.stock.imports_tally import Duplicates
from kashu.stock.recognise import Columns, Reject, RejectClass, corrections, detect_columns

_NOT_THE_CARD: Final = frozenset({RejectClass.FORMULA, RejectClass.NUMBER_LOST_DIGITS})
_FILL_IN: Final = "#N/A"  # is refused wherever it is left
WORKBOOK_ROWS_MAX: Final = 100_000  # a workbook is made in memory, so that no clear text is stored


class RejectsFormat(StrEnum):
    """What the file is to be."""

    CSV = "csv"
    XLSX = "xlsx"


class RejectsTooMany(Invalid):
    """A workbook of that size would not fit into memory."""

    code = "rejects_too_many"
    zh = "被拒的行超过 {most} 行，请改用 CSV 格式下载。"
    en = "More than {most} rows were rejected: ask for them as CSV."


def write_rejects(
    source: Source,
    intake: Intake,
    duplicates: Duplicates,
    target: Path | BinaryIO,
    *,
    language: str = "zh",
    written_as: RejectsFormat = RejectsFormat.CSV,
) -> int:
    """Write each rejected row as it was, with what is wrong and what to do. Returns how many.

    The columns added on the right have names that an import leaves alone. Reads the file again:
    call it in a thread. `duplicates` are what the database found.
    Raises: RejectsTooMany, and what `sheet.rows()` raises.
    """
    columns = detect_columns(source.sheet)
    rejects = _Rejects(source, intake, columns, duplicates)
    header, rows = corrections(columns, rejects, language)
    header.append("首行号" if language.startswith("zh") else "First row")
    complete = ([*row, rejects.first_row] for row in rows)
    if written_as is RejectsFormat.XLSX:
        return write_xlsx(target, header, _at_most(complete, WORKBOOK_ROWS_MAX))
    return write_csv(target, header, complete, guard_digits=True)


class _Rejects:
    """The rejected rows in order. `first_row`: where the row just given is a repeat of another."""

    def __init__(
        self, source: Source, intake: Intake, columns: Columns, duplicates: Duplicates
    ) -> None:
        self.first_row = ""
        self._source = source
        self._outcomes = outcomes_of(source, intake, columns)
        self._duplicates = iter(duplicates)
        self._columns = columns
        is_split = columns.separator is not Separator.NONE
        self._split = splitter(columns.separator, columns.labels) if is_split else None

    def __iter__(self) -> Iterator[Reject]:
        duplicate = next(self._duplicates, None)
        for row, outcome in zip(self._source.sheet.rows(), self._outcomes, strict=True):
            self.first_row = ""
            if isinstance(outcome, Reject):
                yield _defused(outcome)
            elif duplicate is not None and duplicate[0] == row.number:
                number, first_row, reason = duplicate
                self.first_row = str(first_row) if first_row != number else ""
                yield Reject(number, reason, None, self._cells(row))
                duplicate = next(self._duplicates, None)

    def _cells(self, row: Row) -> tuple[str, ...]:
        if self._split is None or self._columns.only_column >= len(row.cells):
            return row.cells
        return tuple(self._split(row.cells[self._columns.only_column]))


def _defused(reject: Reject) -> Reject:
    """Take out what a plain text would make pass: the result of a formula, rounded digits."""
    if reject.reason not in _NOT_THE_CARD or reject.column is None:
        return reject
    cells = list(reject.cells)
    if reject.column < len(cells):
        cells[reject.column] = _FILL_IN
    return Reject(reject.row, reject.reason, reject.column, tuple(cells))


def _at_most(rows: Iterator[list[str]], most: int) -> Iterator[list[str]]:
    for count, row in enumerate(rows, start=1):
        if count > most:
            raise RejectsTooMany(most=most)
        yield row
