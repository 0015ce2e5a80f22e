"""Write tables that a spreadsheet opens as they are: no formula comes alive, no digit is lost."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kashu.core.errors import Invalid

Value: TypeAlias = str | int | Decimal | date | datetime | None

SHEET_ROWS: Final = 1_048_576
CELL_CHARS: Final = 32_767  # Excel's own limit
EXACT_DIGITS: Final = 15

_STARTS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_CALL: Final = re.compile(r"[+\-@].*[\w.')]\s?[(|!]", re.DOTALL | re.ASCII)
_MANGLED: Final = re.compile(r"0\d+|\d{12,}")


def is_formula_like(text: str) -> bool:
    """Say whether a spreadsheet would compute this: it starts with =, or with + - @ and calls.

    A sign before digits, or before a word that calls nothing, is no formula.
    """
    return text.startswith("=") or (text[:1] in {"+", "-", "@"} and bool(_CALL.match(text)))


def write_csv(
    target: Path | BinaryIO,
    header: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    guard_digits: bool = False,
) -> int:
    """Write a CSV that Excel opens in the right encoding. Returns how many rows it has.

    Text that starts like a formula gets an apostrophe in front, as Excel itself marks text. Excel
    shows long digits in scientific notation and drops leading zeros; `guard_digits` writes such
    text as ="0012", which Excel shows exactly and programs must know to unwrap.
    """
    file = CsvFile(target, header, guard_digits=guard_digits)
    try:
        return file.add(rows)
    finally:
        file.close()


class CsvFile:
    """A CSV that is written bit by bit: as write_csv() writes it whole."""

    def __init__(
        self, target: Path | BinaryIO, header: Sequence[str], *, guard_digits: bool = False
    ) -> None:
        """Begin with its header."""
        self._own = target.open("wb") if isinstance(target, Path) else None
        stream = self._own or cast("BinaryIO", target)
        self._text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", errors="replace")
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._guard_digits = guard_digits
        self._writer.writerow([_csv_text(name, guard_digits=False) for name in header])

    def add(self, rows: Iterable[Sequence[Value]]) -> int:
        """Write some more rows. Returns how many."""
        count = 0
        for row in rows:
            self._writer.writerow(
                [_csv_text(value, guard_digits=self._guard_digits) for value in row]
            )
            count += 1
        return count

    def close(self) -> None:
        """End it; a stream that was given stays open."""
        self._text.flush()
        self._text.detach()
        if self._own is not None:
            self._own.close()


def _csv_text(value: Value, *, guard_digits: bool) -> str:
    if not isinstance(value, str):
        return _plain(value)
    if value[:1] in _STARTS:
        return "'" + value
    if guard_digits and _MANGLED.fullmatch(value):
        return f'="{value}"'
    return value


def _plain(value: int | Decimal | date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def write_xlsx(
    target: Path | BinaryIO,
    header: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    title: str = "Sheet1",
    spill: Path | None = None,
) -> int:
    """Write a workbook. Text stays text, whatever it looks like. Returns how many rows.

    Goes on in another worksheet where one is full. Numbers of over 15 digits, which Excel would
    round, are written as text. Without `spill` all is held in memory and nothing clear touches the
    disk; with it, memory is bounded and the temporary files lie in that folder until the end.
    """
    file = XlsxFile(target, header, title=title, spill=spill)
    count = file.add(rows)
    file.close()
    return count


class XlsxFile:
    """A workbook that is written bit by bit: as write_xlsx() writes it whole."""

    def __init__(
        self,
        target: Path | BinaryIO,
        header: Sequence[str],
        *,
        title: str = "Sheet1",
        spill: Path | None = None,
    ) -> None:
        """Begin it; nothing is in `target` before close()."""
        options: dict[str, object] = {
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "in_memory": spill is None,
            "constant_memory": spill is not None,
        }
        if spill is not None:
            options["tmpdir"] = str(spill)
        self._book = xlsxwriter.Workbook(
            str(target) if isinstance(target, Path) else target, options
        )
        self._formats = _Formats(self._book)
        self._header, self._title = header, title
        self._sheet: Worksheet | None = None
        self._line = 0

    def add(self, rows: Iterable[Sequence[Value]]) -> int:
        """Write some more rows. Returns how many."""
        count = 0
        for row in rows:
            if self._sheet is None or self._line == SHEET_ROWS:
                self._sheet = _begin(self._book, self._formats, self._header, self._title)
                self._line = 1
            for column, value in enumerate(row):
                _write(self._sheet, self._line, column, value, self._formats)
            self._line += 1
            count += 1
        return count

    def close(self) -> None:
        """End it and write it out."""
        if self._sheet is None:
            _begin(self._book, self._formats, self._header, self._title)
        self._book.close()


class CellTooLong(Invalid):
    """A cell that xlsx has no room for. It is never cut off silently."""

    code = "cell_too_long"
    zh = "第 {row} 行有一格超过 {limit} 个字符，xlsx 放不下。请导出为 CSV。"
    en = "A cell of row {row} has over {limit} characters, more than xlsx holds. Export as CSV."


class _Formats:
    """The cell formats of one workbook, made once each."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def __getitem__(self, code: str) -> Format:
        if code not in self._made:
            self._made[code] = self._book.add_format({"num_format": code})
        return self._made[code]


def _begin(
    book: xlsxwriter.Workbook, formats: _Formats, header: Sequence[str], title: str
) -> Worksheet:
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet(title if number == 1 else f"{title[:26]} {number}")
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.set_column(column, column, 20)
        _write(sheet, 0, column, name, formats)
    return sheet


def _write(sheet: Worksheet, line: int, column: int, value: Value, formats: _Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None)
        sheet.write_datetime(line, column, moment, formats["yyyy-mm-dd hh:mm:ss"])
    elif isinstance(value, date):
        sheet.write_datetime(line, column, value, formats["yyyy-mm-dd"])
    elif isinstance(value, str):
        if len(value) > CELL_CHARS:
            raise CellTooLong(row=line + 1, limit=CELL_CHARS)
        sheet.write_string(line, column, value, formats["@"])
    elif isinstance(value, Decimal):
        digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
        if isinstance(exponent, int) and len(digits) <= EXACT_DIGITS and -10 <= exponent <= 0:  # noqa: PLR2004
            places = f"0.{'0' * -exponent}" if exponent else "0"
            sheet.write_number(line, column, float(value), formats[places])
        else:
            sheet.write_string(line, column, format(value, "f"), formats["@"])
    elif abs(value) < 10**EXACT_DIGITS:
        sheet.write_number(line, column, value, formats["0"])
    else:
        sheet.write_string(line, column, str(value), formats["@"])
