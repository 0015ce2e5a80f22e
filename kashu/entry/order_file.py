"""A file of orders: read whole, checked whole, then handed in by parts that can be repeated."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from kashu.catalog.reads import skus_by_code
from kashu.channels.reads import stores_by_code
from kashu.core.db import Tx
from kashu.core.errors import Invalid, KashuError, Problem
from kashu.core.sheets.read import read_sheet
from kashu.core.sheets.rows import Row, Trait
from kashu.customers.reads import customers_by_code
from kashu.orders.bodies import (
    LINES_MAX,
    ORDERS_MAX,
    OWN,
    UNITS_MAX,
    Known,
    LineBody,
    Named,
    OrderBody,
    OrdersBody,
    read_orders,
)
from kashu.orders.write import Submission
from kashu.stock.kinds import BULK_MAX

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("external_id", "订单号", "订单编号"),
    "store": ("store", "店铺"),
    "customer": ("customer", "客户"),
    "sku": ("sku", "规格", "规格编码"),
    "quantity": ("quantity", "数量"),
    "price": ("price", "金额", "实付金额"),
}
NEEDED: Final = ("external_id", "sku", "quantity", "price")
CODE_CHARS: Final = 64
PRICE_CHARS: Final = 40
PROBLEMS_MAX: Final = 1_000  # more help nobody
ROWS_MAX: Final = 200_000

_WHERE: Final = re.compile(r"/orders/(\d+)(?:/lines/(\d+))?(?:/(\w+))?")


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


@dataclass(slots=True)
class _Draft:
    """The rows of one order, as they come together."""

    store: str | None
    customer: str | None
    external_id: str
    lines: list[LineBody] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A file's orders, in order of first appearance, and the rows of each one's lines."""

    digest: str
    orders: tuple[OrderBody, ...]
    rows: tuple[tuple[int, ...], ...]


def read_order_file(path: Path) -> OrderFile:
    """Read a csv or xlsx. Rows of one store and order number are the lines of one order.

    Raises: OrderFileWrong with every row that can't be read, OrderFileTooLong, what read_sheet()
    raises.
    """
    drafts: dict[tuple[str | None, str], _Draft] = {}
    problems: list[Problem] = []
    rows = (row for row in read_sheet(path).rows() if row.is_filled)
    columns = _columns(next(rows, None))
    count = 0
    for row in rows:
        count += 1
        if count > ROWS_MAX:
            raise OrderFileTooLong(limit=ROWS_MAX)
        cells = {name: _cell(row, place) for name, place in columns.items()}
        found = list(_wrong(row, cells, columns))
        problems += found
        if found:
            continue
        key = (cells.get("store") or None, cells["external_id"])
        customer = cells.get("customer") or None
        draft = drafts.setdefault(key, _Draft(key[0], customer, key[1]))
        if draft.customer != customer:
            problems.append(_another_customer(row.number, draft.rows[0]))
        draft.lines.append(LineBody(cells["sku"], int(cells["quantity"]), cells["price"]))
        draft.rows.append(row.number)
    problems += [_too_many_lines(each) for each in drafts.values() if len(each.lines) > LINES_MAX]
    _refuse(problems)
    return OrderFile(
        _digest(path),
        tuple(
            OrderBody(each.external_id, tuple(each.lines), each.store, each.customer)
            for each in drafts.values()
        ),
        tuple(tuple(each.rows) for each in drafts.values()),
    )


async def check_order_file(tx: Tx, tenant_id: int, file: OrderFile, at: datetime) -> None:
    """See that every order of the file could be taken. Raises: OrderFileWrong, by row."""
    known = await _known(tx, tenant_id, file.orders)
    problems: list[Problem] = []
    begin = 0
    for part in _parts(file.orders):
        try:
            read_orders(part, known, actor="cli", at=at, own=OWN)
        except KashuError as wrong:
            problems += [_at_row(each, file.rows[begin:]) for each in wrong.problems]
        begin += len(part)
    _refuse(problems)


def submissions_of(
    file: OrderFile, caller: str, deliver: Literal["answer", "later"]
) -> Iterator[Submission]:
    """Yield the file's orders in requests named by its content: the same file has one effect."""
    for number, part in enumerate(_parts(file.orders), start=1):
        body = OrdersBody(tuple(part), deliver)
        digest = hashlib.sha256(msgspec.json.encode(body)).digest()
        yield Submission(caller, f"file:{file.digest}:{number}", digest, body)


def _parts(orders: Sequence[OrderBody]) -> Iterator[list[OrderBody]]:
    """Cut into requests; where is told by the orders alone, so that it is the same each time."""
    part: list[OrderBody] = []
    units = 0
    for order in orders:
        more = sum(line.quantity for line in order.lines)
        if part and (len(part) == ORDERS_MAX or units + more > UNITS_MAX):
            yield part
            part, units = [], 0
        part.append(order)
        units += more
    if part:
        yield part


def _columns(header: Row | None) -> dict[str, int]:
    titles = [cell.strip().lower() for cell in header.cells] if header else []
    columns = {
        name: titles.index(title)
        for name, known in COLUMNS.items()
        for title in known
        if title in titles
    }
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        named = ", ".join(f"{name}（{COLUMNS[name][1]}）" for name in missing)
        problem = Problem(
            "row 1",
            "column_missing",
            f"第一行要有列名，缺少：{named}。",
            f"The first row names the columns; missing: {', '.join(missing)}.",
        )
        raise OrderFileWrong(problems=[problem], count=1)
    return columns


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _wrong(row: Row, cells: Mapping[str, str], columns: Mapping[str, int]) -> Iterator[Problem]:
    for name, place in columns.items():
        at = f"row {row.number}, {name}"
        if row.flaw is not None or len(cells[name]) > (
            PRICE_CHARS if name == "price" else CODE_CHARS
        ):
            yield Problem(at, "too_long", "内容太长，请核对。", "Too long; check it.")
        elif row.traits.get(place) in {Trait.LOSSY, Trait.ERROR, Trait.FORMULA}:
            yield Problem(
                at,
                "cell_unsafe",
                "单元格是公式、错误值或被表格软件截断的长数字，请改成文本。",
                "A formula, an error or a long number that lost digits: make it text.",
            )
        elif name in NEEDED and not cells[name]:
            yield Problem(at, "missing", "不能为空。", "It can't be empty.")
        elif name == "quantity" and not _is_quantity(cells[name]):
            yield Problem(
                at,
                "quantity_wrong",
                f"数量须为 1 到 {BULK_MAX} 的整数。",
                f"A quantity is a whole number from 1 to {BULK_MAX}.",
            )


def _is_quantity(written: str) -> bool:
    return written.isascii() and written.isdecimal() and 1 <= int(written[:9]) <= BULK_MAX


def _another_customer(row: int, first: int) -> Problem:
    return Problem(
        f"row {row}, customer",
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


def _at_row(problem: Problem, rows: Sequence[Sequence[int]]) -> Problem:
    found = _WHERE.match(problem.at)
    if found is None:
        return problem
    row = rows[int(found[1])][int(found[2] or 0)]
    at = f"row {row}, {found[3]}" if found[3] else f"row {row}"
    return msgspec.structs.replace(problem, at=at)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise OrderFileWrong(problems=problems[:PROBLEMS_MAX], count=len(problems))


async def _known(tx: Tx, tenant_id: int, orders: Sequence[OrderBody]) -> Known:
    skus = sorted({line.sku for order in orders for line in order.lines})
    stores = sorted({order.store or OWN.store for order in orders})
    customers = sorted({order.customer for order in orders if order.customer})
    return Known(
        await skus_by_code(tx, tenant_id, skus),
        {
            code: Named(store.id, store.state == "open", store.partial_allowed)
            for code, store in (await stores_by_code(tx, tenant_id, stores)).items()
        },
        {
            code: Named(customer.id, open=True, partial_allowed=customer.partial_allowed)
            for code, customer in (await customers_by_code(tx, tenant_id, customers)).items()
        },
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:40]
