"""Read csv, txt and pasted text as a stream: lines of bounded length, split into cells."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from kashu.core.sheets.encodings import detect_encoding
from kashu.core.sheets.errors import SheetEmpty
from kashu.core.sheets.rows import (
    CELL_CHARS,
    COLUMNS,
    NO_TRAITS,
    ROW_CHARS,
    Flaw,
    Row,
    Separator,
    Source,
)
from kashu.core.sheets.separators import QUOTED, detect_separator, splitter

CHUNK_CHARS: Final = 64 * 1024
SAMPLE_LINES: Final = 400
QUOTED_LINES: Final = 50  # a quoted cell has no more lines: past it the quote is a stray one
_DOS_END: Final = "\x1a"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text is laid out, as told from its first lines."""

    encoding: str
    separator: Separator
    labels: tuple[str, ...]


def read_layout(source: Source, *, encoding: str | None = None) -> Layout:
    """Look at the first lines. Raises SheetEmpty, SheetNotATable, SheetEncodingUnknown."""
    encoding = encoding or detect_encoding(source)
    sample: list[str] = []
    for block in _blocks(source, encoding):
        sample += [line for line in block if line.strip()][: SAMPLE_LINES - len(sample)]
        if len(sample) >= SAMPLE_LINES:
            break
    if not any(line.strip("\ufeff\x1a\x00 \t\u3000") for line in sample):
        raise SheetEmpty
    separator, labels = detect_separator(sample)
    return Layout(encoding, separator, labels)


def _blocks(source: Source, encoding: str) -> Iterator[list[str]]:
    """Stream the lines in blocks, without their ends; one over the limit is cut just past it."""
    with source() as stream:
        # A damaged byte becomes U+FFFD, and its row is refused for it.
        text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)
        tail = ""
        while chunk := text.read(CHUNK_CHARS):
            lines = (tail + chunk).split("\n")
            tail = lines.pop()[: ROW_CHARS + 1]
            if any(len(line) > ROW_CHARS for line in lines):
                lines = [line[: ROW_CHARS + 1] for line in lines]
            yield lines
        if tail.strip(_DOS_END):
            yield [tail.rstrip(_DOS_END)]


def read_rows(source: Source, layout: Layout) -> Iterator[Row]:
    """Stream the rows. `number` is the line that the row begins on, as an editor counts."""
    delimiter = QUOTED.get(layout.separator)
    if delimiter is not None:
        yield from _quoted_rows(_blocks(source, layout.encoding), delimiter)
        return
    split = splitter(layout.separator, layout.labels)
    number = 0
    for block in _blocks(source, layout.encoding):
        for line in block:
            number += 1
            yield _row(number, tuple(split(line)), len(line))


def _quoted_rows(blocks: Iterator[list[str]], delimiter: str) -> Iterator[Row]:
    number = 0
    waiting: deque[str] = deque()
    for block in chain(blocks, [None]):
        waiting.extend(block or ())
        # A quoted cell may go on in later lines: some stay here until the next block is read.
        keep = 0 if block is None else QUOTED_LINES
        while len(waiting) > keep:
            number += 1
            line = waiting.popleft()
            if '"' in line:
                row, joined = _quoted(number, line, delimiter, waiting)
                number += joined
                yield row
            else:
                yield _row(number, tuple(line.split(delimiter)), len(line))


def _quoted(number: int, line: str, delimiter: str, waiting: deque[str]) -> tuple[Row, int]:
    """Read a row with quotes in it, and say how many of the waiting lines belonged to it."""
    if len(line) > ROW_CHARS:
        return _row(number, (line,), len(line)), 0
    text = line
    for joined in range(min(QUOTED_LINES, len(waiting)) + 1):
        if joined:
            text += "\n" + waiting[joined - 1]
        if len(text) > ROW_CHARS:
            break
        try:
            cells = tuple(next(csv.reader([text], delimiter=delimiter, strict=True)))
        except csv.Error as trouble:
            if "unexpected end" in str(trouble):
                continue  # the quote is still open: the cell may go on in the next line
            break
        for _ in range(joined):
            waiting.popleft()
        return _row(number, cells, len(text)), joined
    return Row(number, tuple(line.split(delimiter))[:COLUMNS], NO_TRAITS, Flaw.BROKEN_QUOTE), 0


def _row(number: int, cells: tuple[str, ...], length: int) -> Row:
    """Make a row, flagged where it is over the limits; a long one of short cells is fine."""
    if length <= CELL_CHARS and len(cells) <= COLUMNS:
        return Row(number, cells)
    if length > ROW_CHARS or any(len(cell) > CELL_CHARS for cell in cells):
        return Row(number, tuple(c[:CELL_CHARS] for c in cells[:16]), NO_TRAITS, Flaw.TOO_LONG)
    if len(cells) > COLUMNS:
        return Row(number, cells[:COLUMNS], NO_TRAITS, Flaw.TOO_WIDE)
    return Row(number, cells)
