"""The rows of a file of orders: read whole, with everything that is wrong with their shape."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kashu.core.errors import Invalid, Problem
from kashu.core.sheets.read import read_sheet
from kashu.core.sheets.rows import Row, Trait
from kashu.entry.amounts import AmountMistyped, plain_amount, plain_count
from kashu.orders.account_rule import ACCOUNT_MAX
from kashu.orders.bodies import LINES_MAX, OWN, LineBody, OrderBody
from kashu.stock.kinds import BULK_MAX

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("external_id", "订单号", "订单编号"),
    "store": ("store", "店铺"),
    "customer": ("customer", "客户"),
    "sku": ("sku", "规格", "规格编码"),
    "quantity": ("quantity", "数量"),
    "price": ("price", "金额", "实付金额"),
    "account": ("account", "充值账号"),
}
NEEDED: Final = ("external_id", "sku", "quantity", "price")
CODE_CHARS: Final = 64
PRICE_CHARS: Final = 40
PROBLEMS_MAX: Final = 1_000  # more help nobody
ROWS_MAX: Final = 200_000

# What stands in for a cell that is wrong, so that the others of its row can be looked up.
_HARMLESS: Final = {
    "external_id": "x",
    "store": "",
    "customer": "",
    "sku": "x",
    "quantity": "1",
    "account": "",
}


class OrderFileWrong(Invalid):
    """Something in the file is wrong: nothing of it is taken."""

    code = "order_file_wrong"
    zh = "文件中有 {count} 处错误，没有下任何订单。请按行号修改后重新执行。"
    en = "The file has {count} mistakes; no order was placed. Correct the rows and run it again."


class OrderFileTooLong(Invalid):
    """Too many rows for one file."""

    code = "order_file_too_long"
    zh = "文件超过 {limit} 行，没有下任何订单。请拆成几个文件。"
    en = "The file has over {limit} rows; no order was placed. Split it into several files."


class OrderFileWithoutOrders(Invalid):
    """Only a heading."""

    code = "order_file_without_orders"
    zh = "文件里只有表头，没有订单。请在表头下面每行写一个订单行，再重新执行。"
    en = "The file has a heading and no orders. Write an order's line in each row below it."


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A row whose shape is wrong in some columns, with harmless values in their place."""

    row: int
    columns: frozenset[str]
    order: OrderBody


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A file's orders, in order of first appearance, and the rows of each one's lines.

    `problems`, and `spoilt` rows that are in no order: what is wrong with its shape. `titles` are
    the columns as the file calls them.
    """

    digest: str
    orders: tuple[OrderBody, ...]
    rows: tuple[tuple[int, ...], ...]
    problems: tuple[Problem, ...]
    spoilt: tuple[Spoilt, ...]
    titles: Mapping[str, str]


@dataclass(slots=True)
class _Draft:
    """The rows of one order, as they come together."""

    store: str | None
    customer: str | None
    external_id: str
    lines: list[LineBody] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """One pass through a file."""

    titles: Mapping[str, str]
    drafts: dict[tuple[str, str], _Draft] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spoilt: list[Spoilt] = field(default_factory=list)

    def take(self, row: Row, places: Mapping[str, int]) -> None:
        """Put a row where it belongs: to its order, or to the spoilt ones."""
        cells = {name: _cell(row, place) for name, place in places.items()}
        cells["quantity"] = plain_count(cells["quantity"])
        wrong = dict(_wrong(row, cells, places))
        if "price" not in wrong:
            try:
                cells["price"] = plain_amount(cells["price"])
            except AmountMistyped as amount:
                zh, en = str(amount.facts["hint_zh"]), str(amount.facts["hint_en"])
                wrong["price"] = (amount.code, zh, en[:1].upper() + en[1:])
        for name, found in wrong.items():
            self.problems.append(Problem(f"row {row.number}, {self.titles[name]}", *found))
        if wrong:
            harmless = {name: _HARMLESS.get(name, "0") for name in wrong}
            order = _order_of(cells | harmless)
            self.spoilt.append(Spoilt(row.number, frozenset(wrong), order))
            return
        self._add(row.number, _order_of(cells))

    def _add(self, row: int, order: OrderBody) -> None:
        key = (order.store or OWN.store, order.external_id)
        draft = self.drafts.setdefault(key, _Draft(order.store, order.customer, order.external_id))
        if draft.customer != order.customer:
            at = f"row {row}, {self.titles['customer']}"
            self.problems.append(_another_customer(at, draft.rows[0]))
        draft.lines += order.lines
        draft.rows.append(row)


def read_order_file(path: Path) -> OrderFile:
    """Read a csv or xlsx. Rows of one store and order number are the lines of one order.

    What is wrong with a row is in the answer, for check_order_file() to tell with all else.
    Raises: OrderFileWrong where columns are missing, OrderFileWithoutOrders, OrderFileTooLong,
    what read_sheet() raises.
    """
    rows = (row for row in read_sheet(path).rows() if row.is_filled)
    places, titles = _columns(next(rows, None))
    reading = _Reading(titles)
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > ROWS_MAX:
            raise OrderFileTooLong(limit=ROWS_MAX)
        reading.take(row, places)
    if not count:
        raise OrderFileWithoutOrders
    drafts = list(reading.drafts.values())
    reading.problems += [_too_many_lines(each) for each in drafts if len(each.lines) > LINES_MAX]
    return OrderFile(
        _digest(path),
        tuple(
            OrderBody(each.external_id, tuple(each.lines), each.store, each.customer)
            for each in drafts
        ),
        tuple(tuple(each.rows) for each in drafts),
        tuple(reading.problems),
        tuple(reading.spoilt),
        titles,
    )


def _columns(header: Row | None) -> tuple[dict[str, int], dict[str, str]]:
    """Find the columns by their titles; return their places, and what the file calls them."""
    written = [cell.strip() for cell in header.cells] if header else []
    titles = [title.lower() for title in written]
    places = {
        name: titles.index(title)
        for name, known in COLUMNS.items()
        for title in known
        if title in titles
    }
    missing = [name for name in NEEDED if name not in places]
    if missing:
        named = ", ".join(f"{name}（{COLUMNS[name][1]}）" for name in missing)
        problem = Problem(
            "row 1",
            "column_missing",
            f"第一行要有列名，缺少：{named}。",
            f"The first row names the columns; missing: {', '.join(missing)}.",
        )
        raise OrderFileWrong(problems=[problem], count=1)
    return places, {name: written[place] for name, place in places.items()}


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _order_of(cells: Mapping[str, str]) -> OrderBody:
    account = cells.get("account") or None
    line = LineBody(cells["sku"], int(cells["quantity"]), cells["price"], account=account)
    store, customer = cells.get("store") or None, cells.get("customer") or None
    return OrderBody(cells["external_id"], (line,), store, customer)


def _wrong(
    row: Row, cells: Mapping[str, str], places: Mapping[str, int]
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the columns of a row that can't be read: a code, and words in both languages."""
    for name, place in places.items():
        most = {"price": PRICE_CHARS, "account": ACCOUNT_MAX}.get(name, CODE_CHARS)
        if row.flaw is not None or len(cells[name]) > most:
            yield name, ("too_long", "内容太长，请核对。", "Too long; check it.")
        elif row.traits.get(place) in {Trait.LOSSY, Trait.ERROR, Trait.FORMULA}:
            yield (
                name,
                (
                    "cell_unsafe",
                    "单元格是公式、错误值或被表格软件截断的长数字，请改成文本。",
                    "A formula, an error or a long number that lost digits: make it text.",
                ),
            )
        elif name in NEEDED and not cells[name]:
            yield name, ("missing", "不能为空。", "It can't be empty.")
        elif name == "quantity" and not _is_quantity(cells[name]):
            yield (
                name,
                (
                    "quantity_wrong",
                    f"数量须为 1 到 {BULK_MAX} 的整数。",
                    f"A quantity is a whole number from 1 to {BULK_MAX}.",
                ),
            )


def _is_quantity(written: str) -> bool:
    return written.isascii() and written.isdecimal() and 1 <= int(written[:9]) <= BULK_MAX


def _another_customer(at: str, first: int) -> Problem:
    return Problem(
        at,
        "another_customer",
        f"同一订单的客户与第 {first} 行不同，请统一。",
        f"The same order has another customer in row {first}: make them the same.",
    )


def _too_many_lines(draft: _Draft) -> Problem:
    return Problem(
        f"row {draft.rows[LINES_MAX]}",
        "too_many_lines",
        f"一个订单最多 {LINES_MAX} 行，请分成几个订单号。",
        f"An order has at most {LINES_MAX} lines: use several order numbers.",
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:40]
