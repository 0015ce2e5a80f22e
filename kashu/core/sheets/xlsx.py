"""Read an xlsx as a stream: one row at a time, formulas and number formats seen."""

import posixpath
import re
import zipfile
from array import array
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element

from kashu.core.sheets.errors import SheetEmpty, SheetNotATable, SheetTooLarge, SheetUnreadable
from kashu.core.sheets.numbers import PLAIN, NumberFormat, number_cell, number_format
from kashu.core.sheets.package import Far, children, open_package, small_part
from kashu.core.sheets.rows import COLUMNS, MIB, NO_TRAITS, Row, Source, Trait, bounded

SHARED_BYTES: Final = 128 * MIB
SHARED_COUNT: Final = 8_000_000
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_COLUMN_LETTERS: Final = re.compile(r"[A-Za-z]{1,3}")
_DATE_1904: Final = frozenset({"1", "true"})
_FIRST_ROWS: Final = 1000  # a sheet blank for so long is taken as empty


@dataclass(frozen=True, slots=True)
class Book:
    """What the workbook says of itself: visible sheets in order, and where the rest is."""

    worksheets: dict[str, str]  # name → part
    shared_part: str | None
    styles_part: str | None
    is_1904: bool
    shared: list["SharedStrings"] = field(default_factory=list, repr=False)  # once they are read
    far: Far = field(default_factory=Far, repr=False)  # the last pass through a worksheet


def read_book(source: Source) -> Book:
    """Read the table of contents. Raises SheetNotATable where the zip is no workbook."""
    with source() as stream, closing(open_package(stream)) as package:
        names = set(package.namelist())
        workbook = _workbook_part(package, names)
        targets: dict[str, tuple[str, str]] = {}
        folder, base = posixpath.split(workbook)
        relations = f"{folder}/_rels/{base}.rels".lstrip("/")
        if relations in names:
            for name, attributes in small_part(package, relations):
                if name == "Relationship" and attributes.get("TargetMode") != "External":
                    path = posixpath.join("/", folder, attributes.get("Target", ""))
                    kind = attributes.get("Type", "").rsplit("/", 1)[-1]
                    part = posixpath.normpath(path).lstrip("/")
                    targets[attributes.get("Id", "")] = (kind, part)
        worksheets: dict[str, str] = {}
        is_1904 = False
        for name, attributes in small_part(package, workbook):
            if name == "workbookPr":
                is_1904 = attributes.get("date1904", "").lower() in _DATE_1904
            elif name == "sheet" and attributes.get("state", "visible") == "visible":
                kind, part = targets.get(attributes.get("id", ""), ("", ""))
                if kind == "worksheet" and part in names:
                    worksheets[attributes.get("name", part)] = part
    parts = {kind: part for kind, part in targets.values() if part in names}
    if not worksheets:
        raise SheetEmpty
    return Book(worksheets, parts.get("sharedStrings"), parts.get("styles"), is_1904)


def _workbook_part(package: zipfile.ZipFile, names: set[str]) -> str:
    if "_rels/.rels" in names:
        for name, attributes in small_part(package, "_rels/.rels"):
            if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                part = posixpath.normpath("/" + attributes.get("Target", "")).lstrip("/")
                if part in names and part.endswith(".xml") and "word" not in part:
                    return part
    if any(name.endswith("workbook.bin") for name in names):
        raise SheetNotATable(found="二进制工作簿 xlsb", found_en="a binary workbook (xlsb)")
    if "content.xml" in names:
        raise SheetNotATable(found=" OpenDocument 文件", found_en="an OpenDocument file")
    raise SheetNotATable(found="压缩包或其他文档", found_en="an archive or another document")


def first_worksheet(source: Source, book: Book) -> str:
    """Choose the first visible worksheet with something in it. Raises SheetEmpty."""
    for name in book.worksheets:
        with closing(read_rows(source, book, name)) as rows:
            for count, row in enumerate(rows):
                if row.is_filled:
                    return name
                if count >= _FIRST_ROWS:
                    break
    raise SheetEmpty


class SharedStrings:
    """The workbook's table of strings, packed: a million take their own bytes and 4 more each."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("I", [0])

    def add(self, text: str) -> None:
        """Append a string: it has the next index."""
        self._text += text.encode("utf-8", "surrogatepass")
        if len(self._text) > SHARED_BYTES or len(self._ends) > SHARED_COUNT:
            raise SheetTooLarge(
                what="文本总量", what_en="the text in it", limit_mib=SHARED_BYTES // MIB
            )
        self._ends.append(len(self._text))

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise SheetUnreadable(part="sharedStrings")
        span = self._text[self._ends[index] : self._ends[index + 1]]
        return span.decode("utf-8", "surrogatepass")


def _shared_strings(package: zipfile.ZipFile, part: str) -> SharedStrings:
    shared = SharedStrings()
    for entry in children(package, part, None):
        shared.add(_text_of(entry))
    return shared


def read_rows(source: Source, book: Book, worksheet: str) -> Generator[Row]:
    """Stream the rows that the worksheet has. Row numbers are Excel's; absent rows are skipped."""
    with source() as stream, closing(open_package(stream)) as package:
        formats = _formats(package, book)
        part = book.worksheets[worksheet]
        book.far.begin(package, part)
        rows = children(package, part, "sheetData", book.far)
        first = next(rows, None)
        if first is None:
            return
        if not book.shared and book.shared_part:
            book.shared.append(_shared_strings(package, book.shared_part))
        shared = book.shared[0] if book.shared else SharedStrings()
        cell_of = _cell_reader(formats, shared, is_1904=book.is_1904)
        number = 0
        for element in _chain(first, rows):
            if element.tag[-4:] != "}row":
                continue
            number = _row_number(element, number, part)
            yield _row(number, element, cell_of)
        book.far.end()


def _chain(first: Element, rest: Iterator[Element]) -> Iterator[Element]:
    yield first
    yield from rest


def _row_number(element: Element, previous: int, part: str) -> int:
    stated = element.get("r")
    if stated is None:
        return previous + 1
    if not (stated.isascii() and stated.isdigit()) or len(stated) > 8:  # noqa: PLR2004 - 1 048 576
        raise SheetUnreadable(part=part)
    return int(stated)


def _formats(package: zipfile.ZipFile, book: Book) -> list[NumberFormat]:
    """List the number format of each cell style, in the order that cells refer to them."""
    codes: dict[int, str] = {}
    formats: list[NumberFormat] = []
    is_cell_style = False
    for name, attributes in small_part(package, book.styles_part) if book.styles_part else ():
        if name == "numFmt":
            codes[_integer(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            is_cell_style = name == "cellXfs"
        elif name == "xf" and is_cell_style:
            id_ = _integer(attributes.get("numFmtId"))
            shown = number_format(id_, codes.get(id_))
            formats.append(PLAIN if shown == PLAIN else shown)
    return formats


def _integer(text: str | None) -> int:
    return int(text) if text and len(text) < 10 and text.isascii() and text.isdigit() else 0  # noqa: PLR2004


_Cell: TypeAlias = tuple[str, Trait | None]


def _cell_reader(
    formats: list[NumberFormat], shared: SharedStrings, *, is_1904: bool
) -> Callable[[Element], _Cell]:
    def of_value(value: str, type_: str | None, style: str | None) -> _Cell:
        if type_ == "s":
            return shared[_index(value)], None
        if type_ and type_ != "n":
            return _of_other_type(value, type_)
        index = _integer(style)
        shown = formats[index] if index < len(formats) else PLAIN
        return number_cell(value.strip(), shown, is_1904=is_1904)

    def cell_of(cell: Element) -> _Cell:
        value: str | None = None
        text = ""
        is_formula = False
        for child in cell:
            tag = child.tag[-2:]
            if tag == "}v":
                value = child.text
            elif tag == "is":
                text = _text_of(child)
            elif tag == "}f":
                is_formula = True
        trait: Trait | None = None
        if value is not None:
            text, trait = of_value(value, cell.get("t"), cell.get("s"))
        return text, Trait.FORMULA if is_formula else trait

    return cell_of


def _of_other_type(value: str, type_: str) -> _Cell:
    if type_ == "e":
        return value, Trait.ERROR
    if type_ == "b":
        return ("TRUE" if value == "1" else "FALSE"), None
    if type_ == "d":
        return value.replace("T", " ").removesuffix(" 00:00:00"), Trait.DATE
    return _unescape(value), None


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:  # noqa: PLR2004 - of SHARED_COUNT
        raise SheetUnreadable(part="sharedStrings")
    return int(text)


def _row(number: int, element: Element, cell_of: Callable[[Element], _Cell]) -> Row:
    cells: list[str] = []
    traits: dict[int, Trait] = {}
    for cell in element:
        column = _column(cell.get("r"), len(cells))
        if column >= COLUMNS:
            text, _ = cell_of(cell)
            if text.strip():
                cells.extend([""] * (COLUMNS + 1 - len(cells)))
            continue
        text, trait = cell_of(cell)
        if column == len(cells):
            cells.append(text)
        else:
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text
        if trait is not None:
            traits[column] = trait
    return bounded(number, tuple(cells), traits or NO_TRAITS)


def _column(reference: str | None, following: int) -> int:
    """Turn the letters of B7 into 1. Writers may leave the reference out: then it is the next."""
    if reference is None:
        return following
    if "A" <= reference[:1] <= "Z" and "0" <= reference[1:2] <= "9":
        return ord(reference[0]) - 65
    letters = _COLUMN_LETTERS.match(reference)
    if letters is None:
        return following
    column = 0
    for letter in letters[0].upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def _text_of(entry: Element) -> str:
    """Join the text of a string entry, without the phonetic guides that Excel adds to it."""
    if len(entry) == 1 and entry[0].tag[-2:] == "}t":  # nearly all are so
        return _unescape(entry[0].text or "")
    parts: list[str] = []
    for child in entry:
        tag = child.tag[-2:]
        if tag == "}t":
            parts.append(child.text or "")
        elif tag == "}r":
            parts.extend(run.text or "" for run in child if run.tag[-2:] == "}t")
    return _unescape("".join(parts))


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
