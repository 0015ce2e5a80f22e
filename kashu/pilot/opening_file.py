"""A file of opening balances: whose, which, how much; read whole, with all that is wrong by row."""

from collections.abc import Iterator, Mapping
from typing import Final

from kashu.core.errors import Problem
from kashu.core.money import AmountUnreadable, parse_amount
from kashu.core.sheets.rows import Row, Sheet, Trait
from kashu.pilot.errors import OpeningWrong
from kashu.pilot.opening import Balance, BalanceKind
from kashu.pilot.sheet import bare_amount, plain

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("类型", "科目", "kind"),
    "owner": ("编码", "对象", "代码", "owner", "code"),
    "amount": ("金额", "余额", "amount"),
}
KINDS: Final[Mapping[str, BalanceKind]] = {
    "供应商预付": BalanceKind.SUPPLIER_PREPAID,
    "预付": BalanceKind.SUPPLIER_PREPAID,
    "欠供应商": BalanceKind.SUPPLIER_OWED,
    "应付": BalanceKind.SUPPLIER_OWED,
    "店铺应收": BalanceKind.STORE_RECEIVABLE,
    "应收": BalanceKind.STORE_RECEIVABLE,
    "客户欠款": BalanceKind.CUSTOMER_OWES,
    "客户余额": BalanceKind.CUSTOMER_BALANCE,
} | {kind.value: kind for kind in BalanceKind}
ROWS_MAX: Final = 10_000
CELL_CHARS: Final = 64


def read_balances(sheet: Sheet) -> list[Balance]:
    """Read a sheet of balances. Raises: OpeningWrong, and what reading a sheet raises."""
    rows = (row for row in sheet.rows() if row.is_filled)
    places = _places(next(rows, None))
    balances: list[Balance] = []
    problems: list[Problem] = []
    for row in rows:
        wrong = list(_wrong(row, places))
        problems += wrong
        if not wrong:
            cells = {name: _cell(row, place) for name, place in places.items()}
            kind = KINDS[plain(cells["kind"])]
            amount_e4 = parse_amount(bare_amount(cells["amount"]))
            balances.append(Balance(kind, cells["owner"], amount_e4, f"row {row.number}"))
        if len(balances) + len(problems) > ROWS_MAX:
            break
    if not balances and not problems:
        zh, en = "表头下面没有余额。", "There is no balance below the headings."
        problems = [Problem("row 2", "missing", zh, en)]
    if problems:
        raise OpeningWrong(problems=problems, count=len(problems))
    return balances


def _places(header: Row | None) -> dict[str, int]:
    titles = [plain(cell) for cell in header.cells] if header else []
    places = {
        name: titles.index(title)
        for name, known in COLUMNS.items()
        for title in known
        if title in titles
    }
    if places.keys() != COLUMNS.keys():
        zh = "第一行要有列名：类型、编码、金额。"
        en = "The first row names the columns: kind, owner, amount."
        raise OpeningWrong(problems=[Problem("row 1", "column_missing", zh, en)], count=1)
    return places


def _wrong(row: Row, places: Mapping[str, int]) -> Iterator[Problem]:
    for name, place in places.items():
        cell, at = _cell(row, place), f"row {row.number}, {COLUMNS[name][0]}"
        if row.traits.get(place) in {Trait.FORMULA, Trait.ERROR} or len(cell) > CELL_CHARS:
            zh, en = "单元格是公式、错误值或太长。", "A formula, an error, or too long."
            yield Problem(at, "cell_unsafe", zh, en)
        elif name == "kind" and plain(cell) not in KINDS:
            zh = "类型须为：供应商预付、欠供应商、店铺应收、客户欠款、客户余额。"
            en = f"One of: {', '.join(BalanceKind)}."
            yield Problem(at, "kind_unknown", zh, en)
        elif name == "owner" and not cell:
            yield Problem(at, "missing", "不能为空。", "It can't be empty.")
        elif name == "amount" and not _is_amount(cell):
            zh, en = "金额须大于 0，例如 1250.00。", "An amount above 0, such as 1250.00."
            yield Problem(at, "amount_wrong", zh, en)


def _is_amount(cell: str) -> bool:
    try:
        return parse_amount(bare_amount(cell)) > 0
    except AmountUnreadable:
        return False


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""
