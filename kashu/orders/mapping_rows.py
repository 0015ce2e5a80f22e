"""The rows of a file of mappings: what each says, and what is wrong with its shape."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kashu.core.errors import Invalid
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.rows import MIB, Row, Trait

FILE_BYTES: Final = 10 * MIB
ROWS_MAX: Final = 20_000
UNITS_MAX: Final = 1_000
CELL_CHARS: Final = 128

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "store": ("店铺", "店铺编码", "store"),
    "item_id": ("商品id", "商品编号", "商品数字id", "item_id", "item id"),
    "variant_id": ("规格id", "skuid", "sku_id", "variant_id", "variant id"),
    "merchant_code": ("商家编码", "merchant_code", "merchant code"),
    "sku": ("规格编码", "sku", "sku编码", "sku code"),
    "units": ("数量", "units", "quantity"),
}


class RowClass(StrEnum):
    """What a row comes to. Those up to SAME are fine; the rest are left out."""

    MAPS = "maps"  # a listing that stands for nothing yet
    CHANGES = "changes"  # one that stands for something else now
    LEARNS = "learns"  # one that we don't know yet, named by the platform's ids
    SAME = "same"  # it stands for that already
    BLANK = "blank"  # no SKU: left as it is
    UNREADABLE = "unreadable"  # a formula, an error, or digits that a spreadsheet lost
    NO_LISTING = "no_listing"  # neither ids nor a merchant code
    UNKNOWN_LISTING = "unknown_listing"
    SEVERAL_LISTINGS = "several_listings"  # one merchant code of several listings
    TWICE = "twice"
    OTHER_STORE = "other_store"
    UNKNOWN_SKU = "unknown_sku"
    SKU_NOT_SOLD = "sku_not_sold"
    BAD_UNITS = "bad_units"


WRITES: Final = frozenset({RowClass.MAPS, RowClass.CHANGES, RowClass.LEARNS})
FINE: Final = WRITES | {RowClass.SAME, RowClass.BLANK}


class MappingFileHeadless(Invalid):
    """The first row doesn't name the columns."""

    code = "mapping_file_headless"
    zh = "第一行要有列名：商品ID（或商家编码）和规格编码。请先导出模板再填写，没有改动任何映射。"
    en = (
        "The first row names the columns: item_id (or merchant_code) and sku. Export the template "
        "and fill it in; nothing was changed."
    )


class MappingFileTooLong(Invalid):
    """Too many rows for one file."""

    code = "mapping_file_too_long"
    zh = "文件超过 {limit} 行，没有改动任何映射。请拆成几个文件。"
    en = "The file has over {limit} rows; nothing was changed. Split it into several files."


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """What a row says. `wrong`: why it can't be looked up."""

    row: int
    store: str
    item_id: str
    variant_id: str
    merchant_code: str
    sku: str
    units: int
    wrong: RowClass | None


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A file's rows, and its hash, by which it is known again."""

    sha256: str
    rows: tuple[WrittenRow, ...]


def read_mapping_file(content: bytes) -> MappingFile:
    """Read an xlsx, csv or txt whose first row names the columns; rows of nothing are left out.

    Raises: MappingFileHeadless, MappingFileTooLong, what read_bytes() raises.
    """
    sheet = read_bytes(content, most_bytes=FILE_BYTES)
    rows = (row for row in sheet.rows() if row.is_filled)
    places = _columns(next(rows, None))
    written: list[WrittenRow] = []
    for row in rows:
        if len(written) == ROWS_MAX:
            raise MappingFileTooLong(limit=ROWS_MAX)
        written.append(_row(row, places))
    return MappingFile(hashlib.sha256(content).hexdigest(), tuple(written))


def _columns(header: Row | None) -> dict[str, int]:
    titles = [cell.strip().casefold() for cell in header.cells] if header else []
    places = {
        name: titles.index(title)
        for name, known in COLUMNS.items()
        for title in reversed(known)
        if title in titles
    }
    if "sku" not in places or not {"item_id", "merchant_code"} & places.keys():
        raise MappingFileHeadless
    return places


def _row(row: Row, places: Mapping[str, int]) -> WrittenRow:
    cells = {name: _cell(row, places.get(name)) for name in COLUMNS}
    wrong = next(_wrong(row, cells, places), None)
    units = _units(cells["units"])
    if wrong is None and units is None:
        wrong = RowClass.BAD_UNITS
    named = {name: cells[name][:CELL_CHARS] for name in COLUMNS if name != "units"}
    return WrittenRow(row.number, **named, units=units or 0, wrong=wrong)


def _wrong(row: Row, cells: Mapping[str, str], places: Mapping[str, int]) -> Iterator[RowClass]:
    unsafe = {Trait.LOSSY, Trait.ERROR, Trait.FORMULA, Trait.DATE}
    too_long = row.flaw is not None or any(len(cell) > CELL_CHARS for cell in cells.values())
    if too_long or any(row.traits.get(place) in unsafe for place in places.values()):
        yield RowClass.UNREADABLE
    if not cells["item_id"] and not cells["merchant_code"]:
        yield RowClass.NO_LISTING


def _cell(row: Row, place: int | None) -> str:
    """Read a cell; the mark that keeps a spreadsheet from computing it is taken off."""
    if place is None or place >= len(row.cells):
        return ""
    cell = row.cells[place].strip()
    if cell.startswith('="') and cell.endswith('"') and cell[2:-1].isdecimal():
        return cell[2:-1]
    return cell[1:] if cell[:1] == "'" and not cell[1:2].isalnum() else cell


def _units(written: str) -> int | None:
    """Read how many of the SKU one listing stands for; nothing written: one."""
    if not written:
        return 1
    whole = written.removesuffix(".0")
    if not (whole.isascii() and whole.isdecimal() and len(whole) <= len(str(UNITS_MAX))):
        return None
    return int(whole) if 1 <= int(whole) <= UNITS_MAX else None
