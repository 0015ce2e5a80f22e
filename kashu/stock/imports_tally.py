"""The tally of an import: every row counted once, and which rows of a class there are."""

from array import array
from collections.abc import Iterator
from typing import Final

import msgspec

from kashu.stock.recognise import RejectClass

RANGES_MAX: Final = 100  # of a class in an answer; the counts and the reject file are complete
REPEATS_MAX: Final = 100


class RowsOf(msgspec.Struct, frozen=True):
    """How many rows, and which: [first, last] pairs in order. `complete`: all are listed."""

    count: int
    ranges: list[tuple[int, int]]
    complete: bool


class Repeat(msgspec.Struct, frozen=True):
    """A row that holds the same card as an earlier one."""

    row: int
    first_row: int


TURNED_AWAY: Final = (  # found against the database
    RejectClass.DUPLICATE_IN_FILE,
    RejectClass.DUPLICATE_IN_STOCK,
    RejectClass.SOLD_ELSEWHERE,
    RejectClass.STILL_FOR_SALE,
)


class Rows:
    """Row numbers, added in rising order, kept as ranges."""

    def __init__(self) -> None:
        self.count = 0
        self._ranges: list[list[int]] = []
        self._complete = True

    def add(self, row: int) -> None:
        """Count a row."""
        self.count += 1
        if self._complete and self._ranges and self._ranges[-1][1] == row - 1:
            self._ranges[-1][1] = row
        elif len(self._ranges) < RANGES_MAX:
            self._ranges.append([row, row])
        else:
            self._complete = False

    def listed(self) -> RowsOf:
        """As it is answered."""
        return RowsOf(self.count, [(a, b) for a, b in self._ranges], self._complete)


class Duplicates:
    """Which rows were turned away as duplicates, in nine bytes each: there may be a million."""

    def __init__(self) -> None:
        self._rows = array("I")
        self._first_rows = array("I")
        self._reasons = array("b")

    def add(self, row: int, first_row: int, reason: RejectClass) -> None:
        """Remember one; rows come in rising order."""
        self._rows.append(row)
        self._first_rows.append(first_row)
        self._reasons.append(TURNED_AWAY.index(reason))

    def __iter__(self) -> Iterator[tuple[int, int, RejectClass]]:
        for row, first_row, reason in zip(self._rows, self._first_rows, self._reasons, strict=True):
            yield row, first_row, TURNED_AWAY[reason]


class Tally:
    """What became of each row: read = accepted + rejected + skipped.

    Skipped are blank lines, headings and totals: nothing was lost with them, nothing is to be
    corrected.
    """

    def __init__(self) -> None:
        self.read = 0
        self.classes: dict[RejectClass, Rows] = {}
        self.warnings: dict[str, Rows] = {}
        self.repeats: list[Repeat] = []
        self.duplicates = Duplicates()

    def reject(self, row: int, reason: RejectClass) -> None:
        """Count a row that is no card."""
        if reason not in self.classes:
            self.classes[reason] = Rows()
        self.classes[reason].add(row)

    def turn_away(self, row: int, first_row: int, reason: RejectClass) -> None:
        """Count a card that we have, or that the file has above."""
        self.reject(row, reason)
        self.duplicates.add(row, first_row, reason)
        if reason is RejectClass.DUPLICATE_IN_FILE and len(self.repeats) < REPEATS_MAX:
            self.repeats.append(Repeat(row, first_row))

    def warn(self, row: int, warning: str) -> None:
        """Count a row that somebody should look at."""
        if warning not in self.warnings:
            self.warnings[warning] = Rows()
        self.warnings[warning].add(row)

    @property
    def rejected(self) -> int:
        """Rows to be corrected."""
        return sum(rows.count for reason, rows in self.classes.items() if reason.needs_correction)

    @property
    def skipped(self) -> int:
        """Blank lines, headings and totals."""
        return sum(
            rows.count for reason, rows in self.classes.items() if not reason.needs_correction
        )

    @property
    def accepted(self) -> int:
        """Rows that became cards, or would."""
        return self.read - self.rejected - self.skipped

    def counts(self) -> dict[str, int]:
        """How many rows each class has."""
        return {reason.value: rows.count for reason, rows in sorted(self.classes.items())}
