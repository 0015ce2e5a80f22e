"""The old way's sheet: who was given what, as people keep it in a table."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

import msgspec

from kashu.core.errors import Problem
from kashu.core.money import AmountUnreadable, parse_amount
from kashu.core.sheets.rows import Row, Separator, Sheet, Trait
from kashu.core.sheets.separators import splitter
from kashu.pilot.errors import SheetTooLong, SheetWithoutOrders, SheetWrong

# Titles that people give to columns, without their spaces and in small letters.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": (
        *("订单号", "订单编号", "平台订单号", "主订单编号", "主订单号", "交易号", "单号"),
        *("order", "ordernumber", "orderno", "orderid", "number", "external_id"),
    ),
    "item": (
        *("sku", "规格", "规格编码", "sku编码", "商家编码", "商品编码", "商品", "商品名称"),
        *("商品标题", "宝贝标题", "宝贝", "卡种", "item", "product", "title"),
    ),
    "quantity": ("数量", "张数", "件数", "购买数量", "quantity", "qty", "count"),
    "amount": (
        *("金额", "实付金额", "实付", "付款金额", "实收", "总价", "价格"),
        *("amount", "paid", "price", "total"),
    ),
    "card": (
        *("卡号", "卡密", "卡号卡密", "兑换码", "激活码", "卡密内容"),
        *("card", "code", "cardnumber"),
    ),
    "time": (
        *("时间", "发货时间", "付款时间", "发卡时间", "日期", "发货日期", "下单时间"),
        *("time", "date", "at", "day"),
    ),
}
ROWS_MAX: Final = 200_000
HEADING_WITHIN: Final = 10  # filled rows: titles may stand above the headings
CELL_CHARS: Final = 500
NUMBER_CHARS: Final = 64
QUANTITY_DIGITS: Final = 7
PROBLEMS_MAX: Final = 1_000

_SEPARATORS: Final = (
    Separator.TAB,
    Separator.COMMA,
    Separator.FULL_WIDTH_COMMA,
    Separator.SEMICOLON,
    Separator.BAR,
)
_TOTAL: Final = frozenset({"合计", "总计", "小计", "total", "sum"})
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT].*)?")
_AMOUNT_DRESS: Final = re.compile(r"^¥|元$|\s|,(?=\d{3}\b)")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What was given by the old way, as one row says it. What a row doesn't say is None."""

    row: int
    number: str
    items: tuple[str, ...]  # what it calls the thing, in one column or several
    quantity: int | None
    amount_e4: int | None
    day: date | None
    card: str | None = field(repr=False)


def read_rows(sheet: Sheet) -> list[SheetRow]:
    """Read a sheet whole; reading it works as long as it is long: call it in a thread.

    Raises: SheetWrong with all that can't be read by row, SheetTooLong, SheetWithoutOrders, and
    what reading a sheet raises.
    """
    rows = (row for row in _rows(sheet) if row.is_filled)
    places = _places(rows)
    found: list[SheetRow] = []
    problems: list[Problem] = []
    for row in rows:
        number = plain(_cell(row, places["number"][0]))
        if number in _TOTAL or (not number and any(plain(cell) in _TOTAL for cell in row.cells)):
            continue
        wrong = list(_wrong(row, places))
        problems += wrong
        if not wrong:
            found.append(_read(row, places))
        if len(found) + len(problems) > ROWS_MAX:
            raise SheetTooLong(limit=ROWS_MAX)
    if problems:
        raise SheetWrong(problems=problems[:PROBLEMS_MAX], count=len(problems))
    if not found:
        raise SheetWithoutOrders
    return found


def plain(written: str) -> str:
    """Write a name as it is compared: narrow, in small letters, without spaces."""
    return "".join(unicodedata.normalize("NFKC", written).lower().split())


def bare_amount(written: str) -> str:
    """Write an amount without what people put around it: "￥1,250.00" as "1250.00"."""
    return _AMOUNT_DRESS.sub("", unicodedata.normalize("NFKC", written).strip())


def _rows(sheet: Sheet) -> Iterator[Row]:
    """Yield the rows; of a short text that nothing seems to separate, split as its headings are."""
    if sheet.separator is not Separator.NONE:
        return sheet.rows()
    for separator in _SEPARATORS:
        split = splitter(separator)
        lines = islice((row for row in sheet.rows() if row.is_filled), HEADING_WITHIN)
        parts = [split(row.cells[0]) for row in lines]
        if any(len(each) > 1 and _is_heading(each) for each in parts):
            return (
                msgspec.structs.replace(row, cells=tuple(split(row.cells[0])))
                for row in sheet.rows()
            )
    return sheet.rows()


def _is_heading(cells: Sequence[str]) -> bool:
    return any(plain(cell) in COLUMNS["number"] for cell in cells)


def _places(rows: Iterator[Row]) -> dict[str, list[int]]:
    """Find the headings; say in which columns each is. Raises: SheetWrong."""
    first = 1
    for seen, row in enumerate(rows):
        first = row.number if not seen else first
        titles = [plain(cell) for cell in row.cells]
        places = {
            name: [place for place, title in enumerate(titles) if title in known]
            for name, known in COLUMNS.items()
        }
        if places["number"]:
            return places
        if seen + 1 >= HEADING_WITHIN:
            break
    problem = Problem(
        f"row {first}",
        "column_missing",
        "没有找到表头：要有一列叫「订单号」，另可有 商品/规格、数量、金额、卡号、时间。",
        "No headings: a column must be called “order” (订单号); item, quantity, amount, card and "
        "time may stand beside it.",
    )
    raise SheetWrong(problems=[problem], count=1)


def _wrong(row: Row, places: Mapping[str, list[int]]) -> Iterator[Problem]:
    """Yield what can't be read in a row; never the cell itself: it may be a card."""
    for name, columns in places.items():
        for place in columns[: None if name == "item" else 1]:
            told = _flaw(name, _cell(row, place), row.traits.get(place))
            if row.flaw is not None and name == "number":
                told = (
                    "too_long",
                    "这一行太长或太宽，请核对。",
                    "The row is too long or too wide.",
                )
            if told is not None:
                yield Problem(f"row {row.number}, {COLUMNS[name][0]}", *told)


def _flaw(name: str, cell: str, trait: Trait | None) -> tuple[str, str, str] | None:
    loses = name in {"number", "card"} and trait is Trait.LOSSY
    if loses or trait in {Trait.FORMULA, Trait.ERROR}:
        return (
            "cell_unsafe",
            "单元格是公式、错误值或丢了位数的长数字，请把该列设为文本后重新填写。",
            "A formula, an error or a long number that lost digits: make the column text.",
        )
    if name == "number" and not 0 < len(cell) <= NUMBER_CHARS:
        return ("number_wrong", "订单号不能为空或过长。", "The number is missing or too long.")
    if len(cell) > CELL_CHARS:
        return ("too_long", "内容太长，请核对。", "Too long; check it.")
    if cell and name in _READ and _READ[name](cell) is None:
        return _UNREADABLE[name]
    return None


def _read(row: Row, places: Mapping[str, list[int]]) -> SheetRow:
    cells = {name: _cell(row, columns[0]) if columns else "" for name, columns in places.items()}
    items = tuple(filter(None, (_cell(row, place) for place in places["item"])))
    return SheetRow(
        row.number,
        cells["number"],
        items,
        _quantity(cells["quantity"]),
        _amount(cells["amount"]),
        _day(cells["time"]),
        cells["card"] or None,
    )


def _cell(row: Row, place: int) -> str:
    written = row.cells[place] if place < len(row.cells) else ""
    return unicodedata.normalize("NFKC", written).strip().lstrip("'`").strip()


def _quantity(written: str) -> int | None:
    bare = written.replace(",", "").removesuffix(".0").removesuffix(".00")
    if not (bare.isascii() and bare.isdecimal() and len(bare) <= QUANTITY_DIGITS):
        return None
    return int(bare) or None


def _amount(written: str) -> int | None:
    try:
        amount_e4 = parse_amount(bare_amount(written))
    except AmountUnreadable:
        return None
    return amount_e4 if amount_e4 >= 0 else None


def _day(written: str) -> date | None:
    found = _DAY.fullmatch(written)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "quantity": _quantity,
    "amount": _amount,
    "time": _day,
}
_UNREADABLE: Final = {
    "quantity": (
        "quantity_wrong",
        "数量须为正整数。",
        "A quantity is a whole number above 0.",
    ),
    "amount": ("amount_wrong", "金额无法识别，例如 19.80。", "Not an amount, such as 19.80."),
    "time": (
        "time_wrong",
        "时间请写成 2026-11-22 13:05。",
        "Write a time as 2026-11-22 13:05.",
    ),
}
