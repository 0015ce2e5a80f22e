"""What every reader gives: rows of text cells, with a trait where a cell was more than text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO, Final, TypeAlias

import msgspec

MIB: Final = 1024 * 1024
FILE_BYTES: Final = 200 * MIB
ROW_CHARS: Final = 64 * 1024
CELL_CHARS: Final = 4 * 1024
COLUMNS: Final = 256
ALMOST: Final = 0.999  # the last bytes have been read, and their rows not yet

# Opens the same bytes again, from the start, each time it is called.
Source: TypeAlias = Callable[[], BinaryIO]


class Trait(StrEnum):
    """What a cell was, if not text."""

    NUMBER = "number"  # the file holds a number, and the text is all of its digits
    LOSSY = "lossy"  # a number of which digits may be gone: over 15 digits, or shown as 1.2E+15
    DATE = "date"  # a real date cell; the text is 2026-12-31 or 2026-12-31 23:59:59
    FORMULA = "formula"  # computed; the text is the result that was saved with it, if any
    ERROR = "error"  # #N/A, #REF! and their kind


class Flaw(StrEnum):
    """Why a row could not be kept whole."""

    TOO_LONG = "too_long"  # the row or a cell is over the limit; what is kept is cut off
    TOO_WIDE = "too_wide"  # there is something right of column 256, which is not kept
    BROKEN_QUOTE = "broken_quote"  # a quoted CSV field that never ends; the line is kept as it is


class Separator(StrEnum):
    """What is between the cells of a text line."""

    NONE = "none"  # one cell a line
    TAB = "tab"
    LABELS = "labels"  # 卡号：A1 卡密：B2
    DASHES = "dashes"  # two or more in a row: one dash belongs to the code it is in
    BAR = "bar"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    FULL_WIDTH_COMMA = "full_width_comma"
    FULL_WIDTH_SEMICOLON = "full_width_semicolon"
    SPACES = "spaces"
    COLON = "colon"  # either width


NO_TRAITS: Final[Mapping[int, Trait]] = MappingProxyType({})


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row. `number` is what Excel or an editor shows beside it; columns count from 0.

    `traits` names only the cells that aren't plain text. Cells may be secrets: the repr hides them.
    """

    number: int
    cells: tuple[str, ...]
    traits: Mapping[int, Trait] = NO_TRAITS
    flaw: Flaw | None = None

    @property
    def is_filled(self) -> bool:
        """Say whether any cell holds something; a formula does, even without a result."""
        return bool(self.traits) or any(cell.strip() for cell in self.cells)

    def __repr__(self) -> str:
        return f"Row(number={self.number}, cells=<{len(self.cells)} hidden>, flaw={self.flaw})"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that has been opened. `rows()` streams it, again from the start at each call.

    A damage deep inside shows only when its row is reached: `rows()` raises what `read_sheet` does.
    """

    kind: str  # "xlsx" | "xls" | "csv" | "text"
    name: str | None  # of the file, for messages
    encoding: str | None  # text kinds only
    separator: Separator | None  # text kinds only
    labels: tuple[str, ...]  # the names of the cells where the separator is LABELS
    worksheet: str | None  # workbooks only: the one that is read …
    worksheets: tuple[str, ...]  # … of these that are visible
    is_1904: bool  # a bare number meant as a date counts from 1904
    _open: Callable[[], Iterator[Row]] = field(repr=False)
    # Which part of the file the pass that was begun last has read; 1: all of it.
    share: Callable[[], float] = field(default=lambda: 1.0, repr=False)

    def rows(self) -> Iterator[Row]:
        """Stream the rows, from the first."""
        return self._open()


class Passes:
    """The same bytes, opened again at each call; knows how far who opened them last has read."""

    def __init__(self, source: Source, size: int) -> None:
        """Open `source`, of so many bytes."""
        self._source = source
        self._size = max(size, 1)
        self._last: BinaryIO | None = None

    def __call__(self) -> BinaryIO:
        """Begin a pass."""
        self._last = self._source()
        return self._last

    def share(self) -> float:
        """Say which part the last pass has read; 1 once it has ended. From any thread."""
        if self._last is None:
            return 0.0
        try:
            return min(self._last.tell() / self._size, ALMOST)
        except ValueError:  # closed
            return 1.0


def bounded(number: int, cells: tuple[str, ...], traits: Mapping[int, Trait]) -> Row:
    """Make a row of a workbook's cells, cut to the limits and flagged where it was over them."""
    flaw: Flaw | None = None
    if len(cells) > COLUMNS:
        cells, flaw = cells[:COLUMNS], Flaw.TOO_WIDE
        traits = {column: trait for column, trait in traits.items() if column < COLUMNS}
    length = sum(map(len, cells))
    if length > CELL_CHARS and (
        length > ROW_CHARS or any(len(cell) > CELL_CHARS for cell in cells)
    ):
        cells, flaw = tuple(cell[:CELL_CHARS] for cell in cells)[:16], Flaw.TOO_LONG
        traits = {column: trait for column, trait in traits.items() if column < len(cells)}
    return Row(number, cells, traits, flaw)
