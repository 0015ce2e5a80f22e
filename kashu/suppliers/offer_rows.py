"""The rows of a price file: what each says, and what is wrong with its shape."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kashu.core.errors import Invalid
from kashu.core.money import AmountUnreadable, parse_amount
from kashu.core.sheets.read import read_bytes, read_text
from kashu.core.sheets.rows import MIB, Row, Sheet, Trait
from kashu.suppliers.kinds import Goods
from kashu.suppliers.offers import COST_MAX_E4, UNITS_MAX

FILE_BYTES: Final = 10 * MIB
ROWS_MAX: Final = 20_000
CELL_CHARS: Final = 200
STOCK_MAX: Final = 10**9

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ref": ("商品编号", "商品编码", "商品id", "编号", "ref", "product_id", "product id"),
    "title": ("商品名称", "名称", "商品", "标题", "title", "name"),
    "price": ("价格", "进价", "单价", "成本", "成本价", "供货价", "price", "cost"),
    "stock": ("库存", "库存数量", "stock"),
    "goods": ("类型", "交付方式", "goods", "kind"),
    "face": ("面值", "官方价", "face", "face_value", "face value"),
    "least": ("起购", "起购数量", "最少", "least"),
    "sku": ("规格编码", "sku", "sku编码", "sku code"),
    "units": ("数量", "units"),
}

_GOODS: Final[Mapping[str, Goods]] = {
    "": Goods.CARD,
    "卡密": Goods.CARD,
    "card": Goods.CARD,
    "直充": Goods.TOPUP,
    "充值": Goods.TOPUP,
    "topup": Goods.TOPUP,
    "链接": Goods.LINK,
    "券码链接": Goods.LINK,
    "link": Goods.LINK,
}
_NONE_LEFT: Final = ("缺货", "售罄", "无货", "sold out")
_IN_STOCK: Final = ("有货", "充足", "现货", "in stock")


class RowWrong(StrEnum):
    """What is wrong with a row, so that it is left out."""

    UNREADABLE = "unreadable"  # a formula, an error, a date, or digits that a spreadsheet lost
    NAMELESS = "nameless"  # neither a number of the product's nor a title
    BAD_PRICE = "bad_price"
    BAD_STOCK = "bad_stock"
    BAD_GOODS = "bad_goods"
    BAD_FACE = "bad_face"
    BAD_UNITS = "bad_units"
    TWICE = "twice"
    UNKNOWN_SKU = "unknown_sku"


class OfferFileHeadless(Invalid):
    """The first row doesn't name the columns."""

    code = "offer_file_headless"
    zh = "第一行要有列名：名称（或商品编号）和价格；或每行只写“名称 价格”两列。什么都没有写入。"
    en = (
        "The first row names the columns: title (or ref) and price; or each row has two, a title "
        "and a price. Nothing was written."
    )


class OfferFileTooLong(Invalid):
    """Too many rows for one file."""

    code = "offer_file_too_long"
    zh = "文件超过 {limit} 行，什么都没有写入。请拆成几个文件。"
    en = "The file has over {limit} rows; nothing was written. Split it into several files."


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What a row says. `wrong`: why it is left out."""

    row: int
    ref: str
    title: str
    cost_e4: int = 0
    stock: int | None = None
    in_stock: bool = True
    goods: Goods = Goods.CARD
    face_e4: int | None = None
    least: int = 1
    sku: str = ""
    units: int = 1
    wrong: RowWrong | None = None


@dataclass(frozen=True, slots=True)
class OfferFile:
    """A file's rows, and its hash, by which it is known again."""

    sha256: str
    rows: tuple[OfferRow, ...]


def read_offer_file(content: bytes) -> OfferFile:
    """Read an xlsx, csv or txt of prices; rows of nothing are left out.

    Raises: OfferFileHeadless, OfferFileTooLong, what read_bytes() raises.
    """
    sheet = read_bytes(content, most_bytes=FILE_BYTES)
    return OfferFile(hashlib.sha256(content).hexdigest(), _rows(sheet))


def read_pasted_offers(pasted: str) -> OfferFile:
    """Read prices out of a chat or a mail, as read_offer_file() does with a file."""
    sha256 = hashlib.sha256(pasted.encode("utf-8", "surrogatepass")).hexdigest()
    return OfferFile(sha256, _rows(read_text(pasted)))


def _rows(sheet: Sheet) -> tuple[OfferRow, ...]:
    filled: list[Row] = []
    for row in sheet.rows():
        if not row.is_filled:
            continue
        if len(filled) > ROWS_MAX:
            raise OfferFileTooLong(limit=ROWS_MAX)
        filled.append(row)
    places = _columns(filled[0]) if filled else {}
    if places:
        return _once([_row(row, places) for row in filled[1:]])
    places = {"title": 0, "price": 1}
    if not filled or any(len(row.cells) < len(places) for row in filled):
        raise OfferFileHeadless
    read = [_row(row, places) for row in filled]
    if read[0].wrong is not None:
        raise OfferFileHeadless
    return _once(read)


def _once(rows: Sequence[OfferRow]) -> tuple[OfferRow, ...]:
    """Refuse all rows of a product that is named twice: nobody knows which one is meant."""
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.ref] = seen.get(row.ref, 0) + 1
    return tuple(
        OfferRow(row.row, row.ref, row.title, wrong=RowWrong.TWICE)
        if row.wrong is None and seen[row.ref] > 1
        else row
        for row in rows
    )


def _columns(header: Row) -> dict[str, int]:
    titles = [cell.strip().casefold() for cell in header.cells]
    places = {
        name: titles.index(title)
        for name, known in COLUMNS.items()
        for title in reversed(known)
        if title in titles
    }
    return places if "price" in places and {"ref", "title"} & places.keys() else {}


def _row(row: Row, places: Mapping[str, int]) -> OfferRow:
    cells = {name: _cell(row, places.get(name)) for name in COLUMNS}
    ref, title = cells["ref"] or cells["title"], cells["title"] or cells["ref"]
    try:
        return _read(row, cells, places, ref=ref, title=title)
    except _Wrong as error:
        return OfferRow(row.number, ref[:CELL_CHARS], title[:CELL_CHARS], wrong=error.why)


class _Wrong(Exception):
    def __init__(self, why: RowWrong) -> None:
        super().__init__(why.value)
        self.why = why


def _read(
    row: Row, cells: Mapping[str, str], places: Mapping[str, int], *, ref: str, title: str
) -> OfferRow:
    unsafe = {Trait.LOSSY, Trait.ERROR, Trait.FORMULA, Trait.DATE}
    too_long = row.flaw is not None or any(len(cell) > CELL_CHARS for cell in cells.values())
    if too_long or any(row.traits.get(place) in unsafe for place in places.values()):
        raise _Wrong(RowWrong.UNREADABLE)
    if not ref:
        raise _Wrong(RowWrong.NAMELESS)
    goods = _GOODS.get(cells["goods"].casefold())
    if goods is None:
        raise _Wrong(RowWrong.BAD_GOODS)
    stock, in_stock = _stock(cells["stock"])
    return OfferRow(
        row.number,
        ref,
        title,
        _amount(cells["price"], RowWrong.BAD_PRICE),
        stock,
        in_stock,
        goods,
        _amount(cells["face"], RowWrong.BAD_FACE) if cells["face"] else None,
        _count(cells["least"], RowWrong.BAD_STOCK) if cells["least"] else 1,
        cells["sku"],
        _count(cells["units"], RowWrong.BAD_UNITS) if cells["units"] else 1,
    )


def _amount(written: str, wrong: RowWrong) -> int:
    """Read a price: above zero, at most four decimals. A mark of the currency may stand by it."""
    plain = written.strip("¥￥元 ").replace(",", "")
    try:
        amount_e4 = parse_amount(plain)
    except AmountUnreadable:
        raise _Wrong(wrong) from None
    if not 0 < amount_e4 <= COST_MAX_E4:
        raise _Wrong(wrong)
    return amount_e4


def _stock(written: str) -> tuple[int | None, bool]:
    plain = written.casefold()
    if not plain or plain in _IN_STOCK:
        return None, True
    if plain in _NONE_LEFT:
        return None, False
    whole = plain.removesuffix(".0")
    if not (whole.isascii() and whole.isdecimal() and int(whole[:12]) <= STOCK_MAX):
        raise _Wrong(RowWrong.BAD_STOCK)
    return int(whole[:12]), int(whole[:12]) > 0


def _count(written: str, wrong: RowWrong) -> int:
    whole = written.removesuffix(".0")
    if not (whole.isascii() and whole.isdecimal() and 1 <= int(whole[:8]) <= UNITS_MAX):
        raise _Wrong(wrong)
    return int(whole[:8])


def _cell(row: Row, place: int | None) -> str:
    if place is None or place >= len(row.cells):
        return ""
    cell = row.cells[place].strip()
    return cell[1:] if cell[:1] == "'" and not cell[1:2].isalnum() else cell
