"""Read an xls (Excel 97-2003) as a stream of rows, formulas and number formats seen."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kashu.core.sheets.errors import (
    SheetEmpty,
    SheetEncrypted,
    SheetNotATable,
    SheetTooLarge,
    SheetUnreadable,
)
from kashu.core.sheets.numbers import PLAIN, NumberFormat, number_cell, number_format
from kashu.core.sheets.ole import CompoundFile
from kashu.core.sheets.rows import MIB, NO_TRAITS, Row, Source, Trait, bounded

XLS_BYTES: Final = 32 * MIB  # 65 536 rows, which is all it can have, take a third of it
STRINGS: Final = 1_000_000

# Record types. Source: [MS-XLS] 2.3.
_FORMULA, _EOF, _DATEMODE, _FILEPASS, _CONTINUE = 0x06, 0x0A, 0x22, 0x2F, 0x3C
_BOUNDSHEET, _MULRK, _RSTRING, _XF, _SST, _LABELSST = 0x85, 0xBD, 0xD6, 0xE0, 0xFC, 0xFD
_NUMBER, _LABEL, _BOOLERR, _STRING, _RK, _FORMAT, _BOF = (
    0x203, 0x204, 0x205, 0x207, 0x27E, 0x41E, 0x809,
)  # fmt: skip
_BIFF8: Final = 0x600
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!"}

_Cell = tuple[int, int, str, Trait | None]  # row, column, text, trait


@dataclass(slots=True)
class Book:
    """The workbook's globals: visible sheets in order with where they start, strings, styles."""

    stream: bytes
    worksheets: dict[str, int] = field(default_factory=dict)
    strings: list[str] = field(default_factory=list, repr=False)
    formats: list[NumberFormat] = field(default_factory=list)
    is_1904: bool = False


def read_book(source: Source) -> Book:
    """Read the globals. Raises SheetEncrypted, SheetNotATable, SheetTooLarge, SheetUnreadable."""
    with source() as file:
        content = file.read(XLS_BYTES + 1)
    if len(content) > XLS_BYTES:
        raise SheetTooLarge(what=" xls 文件", what_en="an xls file", limit_mib=XLS_BYTES // MIB)
    compound = CompoundFile(content)
    if "EncryptedPackage" in compound:
        raise SheetEncrypted
    if "Workbook" not in compound:
        if "Book" in compound:
            raise SheetNotATable(found=" Excel 95 的旧格式", found_en="an Excel 95 workbook")
        raise SheetNotATable(found=" Office 文档", found_en="another Office document")
    book = Book(compound.stream("Workbook"))
    try:
        _read_globals(book)
    except (struct.error, IndexError) as damage:
        raise SheetUnreadable(part="xls") from damage
    if not book.worksheets:
        raise SheetEmpty
    return book


def first_worksheet(book: Book) -> str:
    """Choose the first visible worksheet with something in it. Raises SheetEmpty."""
    for name in book.worksheets:
        for row in read_rows(book, name):
            if row.is_filled:
                return name
    raise SheetEmpty


def read_rows(book: Book, worksheet: str) -> Iterator[Row]:
    """Stream the rows that the worksheet has, numbered as Excel does."""
    number = -1
    cells: dict[int, tuple[str, Trait | None]] = {}
    try:
        for row, column, text, trait in _cells(book, book.worksheets[worksheet]):
            if row != number:
                if cells:
                    yield _row(number, cells)
                if row < number:
                    raise SheetUnreadable(part=worksheet)
                number, cells = row, {}
            cells[column] = (text, trait)
    except (struct.error, IndexError) as damage:
        raise SheetUnreadable(part=worksheet) from damage
    if cells:
        yield _row(number, cells)


def _row(number: int, cells: dict[int, tuple[str, Trait | None]]) -> Row:
    blank = ("", None)
    texts = tuple(cells.get(column, blank)[0] for column in range(min(max(cells), 256) + 1))
    traits = {column: trait for column, (_, trait) in cells.items() if trait is not None}
    return bounded(number + 1, texts, traits or NO_TRAITS)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Stream (type, body) up to the end of the substream that starts at `at`."""
    depth = 0
    while at + 4 <= len(stream):
        type_, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        if len(body) < size:
            raise SheetUnreadable(part="xls")
        at += 4 + size
        if type_ == _BOF:  # a chart inside a sheet is a substream of its own
            depth += 1
        if depth == 1:
            yield type_, body
        if type_ == _EOF:
            depth -= 1
            if depth <= 0:
                return


def _read_globals(book: Book) -> None:
    codes: dict[int, str] = {}
    styles: list[int] = []
    shared: list[bytes] = []
    previous = 0
    for type_, body in _records(book.stream, 0):
        if type_ == _SST or (type_ == _CONTINUE and previous == _SST):
            shared.append(body)
            previous = _SST
            continue
        previous = type_
        if type_ == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _string(body, 2)
        elif type_ == _XF:
            styles.append(struct.unpack_from("<H", body, 2)[0])
        else:
            _read_global(book, type_, body)
    for id_ in styles:
        shown = number_format(id_, codes.get(id_))
        book.formats.append(PLAIN if shown == PLAIN else shown)
    if shared:
        book.strings = _SharedStrings(shared).all()


def _read_global(book: Book, type_: int, body: bytes) -> None:
    if type_ == _FILEPASS:
        raise SheetEncrypted
    if type_ == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
        raise SheetNotATable(found=" Excel 95 的旧格式", found_en="an Excel 95 workbook")
    if type_ == _BOUNDSHEET:
        start, state, kind = struct.unpack_from("<IBB", body)
        if state & 3 == 0 and kind == 0:
            book.worksheets[_string(body, 6, wide_count=False)] = start
    elif type_ == _DATEMODE:
        book.is_1904 = struct.unpack_from("<H", body)[0] == 1


def _string(body: bytes, at: int, *, wide_count: bool = True) -> str:
    """Decode a string that lies in one record: count, flags, characters."""
    count: int = struct.unpack_from("<H" if wide_count else "<B", body, at)[0]
    at += 2 if wide_count else 1
    if body[at] & 1:
        return body[at + 1 : at + 1 + count * 2].decode("utf-16-le", "replace")
    return body[at + 1 : at + 1 + count].decode("latin-1")


class _SharedStrings:
    """The table of strings, which may break anywhere into continuation records."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self._part = 0
        self._at = 8

    def all(self) -> list[str]:
        """Decode them in order; fewer than announced where the table was cut off."""
        count: int = struct.unpack_from("<I", self._parts[0], 4)[0]
        if count > STRINGS:
            raise SheetUnreadable(part="SST")
        strings: list[str] = []
        for _ in range(count):
            if self._at >= len(self._parts[self._part]):
                self._part, self._at = self._part + 1, 0
            if self._part >= len(self._parts):
                break
            strings.append(self._next())
        return strings

    def _next(self) -> str:
        left, flags = self._take("<HB", 3)
        runs = self._take("<H", 2)[0] if flags & 0x08 else 0
        extra = self._take("<I", 4)[0] if flags & 0x04 else 0
        pieces: list[str] = []
        while True:
            part = self._parts[self._part]
            width = 1 + (flags & 1)
            taken = min(left, (len(part) - self._at) // width)
            piece = part[self._at : self._at + taken * width]
            pieces.append(piece.decode("utf-16-le" if width > 1 else "latin-1", "replace"))
            self._at += taken * width
            left -= taken
            if not left:
                break
            # Broken inside its characters: the next record begins with a new flags byte.
            self._part, self._at = self._part + 1, 1
            flags = self._parts[self._part][0]
        self._skip(runs * 4 + extra)
        return "".join(pieces)

    def _take(self, shape: str, size: int) -> tuple[int, ...]:
        values = struct.unpack_from(shape, self._parts[self._part], self._at)
        self._at += size
        return values

    def _skip(self, size: int) -> None:
        self._at += size
        while self._at > len(self._parts[self._part]):
            self._at -= len(self._parts[self._part])
            self._part += 1


def _cells(book: Book, start: int) -> Iterator[_Cell]:
    """Stream the cells of one sheet, as the file orders them."""
    formula: tuple[int, int] | None = None
    for type_, body in _records(book.stream, start):
        if type_ == _STRING and formula is not None:
            yield *formula, _string(body, 0), Trait.FORMULA
            formula = None
        elif type_ == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for offset in range((len(body) - 6) // 6):
                style, number = struct.unpack_from("<HI", body, 4 + offset * 6)
                yield row, first + offset, *_number(book, style, _rk(number))
        elif type_ in {_LABELSST, _NUMBER, _RK, _LABEL, _RSTRING, _BOOLERR, _FORMULA}:
            row, column, style = struct.unpack_from("<HHH", body)
            if type_ == _FORMULA:
                formula = None
                if body[12:14] == b"\xff\xff":  # the result is no number
                    if body[6] == 0:
                        formula = (row, column)  # it follows in a record of its own
                    else:
                        yield row, column, "", Trait.FORMULA
                    continue
                text, _ = _number(book, style, struct.unpack_from("<d", body, 6)[0])
                yield row, column, text, Trait.FORMULA
            else:
                yield row, column, *_value(book, type_, style, body)


def _value(book: Book, type_: int, style: int, body: bytes) -> tuple[str, Trait | None]:
    if type_ == _LABELSST:
        return book.strings[struct.unpack_from("<I", body, 6)[0]], None
    if type_ == _NUMBER:
        return _number(book, style, struct.unpack_from("<d", body, 6)[0])
    if type_ == _RK:
        return _number(book, style, _rk(struct.unpack_from("<I", body, 6)[0]))
    if type_ == _BOOLERR:
        if body[7]:
            return _ERRORS.get(body[6], "#N/A"), Trait.ERROR
        return ("TRUE" if body[6] else "FALSE"), None
    return _string(body, 6), None


def _rk(packed: int) -> float:
    """Unpack a number of 30 bits: an integer or the top of a double, perhaps in hundredths."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value


def _number(book: Book, style: int, value: float) -> tuple[str, Trait]:
    shown = book.formats[style] if style < len(book.formats) else PLAIN
    text = str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)  # noqa: PLR2004
    return number_cell(text, shown, is_1904=book.is_1904)
