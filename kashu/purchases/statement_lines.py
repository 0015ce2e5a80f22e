"""Lines of a supplier's statement: read from a table, row by row, with what is wrong with each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kashu.core.errors import Problem
from kashu.core.money import AMOUNT_MAX_E4, E4
from kashu.core.sheets.rows import Row, Sheet, Trait
from kashu.purchases.errors_statements import StatementTooLong
from kashu.purchases.kinds_statements import TimedBy
from kashu.purchases.statement_columns import Part, check_columns, columns_of, lacking

LINES_MAX: Final = 500_000
HEADING_WITHIN: Final = 30  # rows: above it stand a title, whose account it is, a period
PROBLEMS_KEPT: Final = 50
TEXT_MAX: Final = 200
NUMBER_MAX: Final = 100

_TOTALS: Final = ("合计", "总计", "小计", "总额", "汇总", "total", "sum", "subtotal")
_FAILED: Final = ("失败", "已取消", "取消", "已关闭", "交易关闭", "fail", "cancel", "closed")
_REFUNDED: Final = ("退款", "退回", "返还", "冲正", "refund", "reversal", "return")
_PARTLY: Final = ("部分", "part")
_MONEY: Final = re.compile(r"[-+]?\d{1,12}(\.\d{1,10})?", re.ASCII)
_TIME: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
    r"(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)
_SECONDS: Final = re.compile(r"1\d{9}(\d{3})?", re.ASCII)


class Line(NamedTuple):
    """One line. `amount_e4` below 0: money came back."""

    row_number: int
    number: str
    their_number: str
    amount_e4: int
    quantity: int | None
    ordered_at: datetime | None
    completed_at: datetime | None
    said: str
    title: str


@dataclass(slots=True)
class Lines:
    """All lines of a statement, and what couldn't be read."""

    lines: list[Line] = field(default_factory=list)
    wrong_count: int = 0
    problems: list[Problem] = field(default_factory=list)  # the first of them
    timed_by: TimedBy = TimedBy.EITHER  # as its columns suggest

    def wrong(self, row: Row, code: str, zh: str, en: str) -> None:
        """Count a row that can't be read. Its values aren't told: they may be anybody's."""
        self.wrong_count += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(Problem(f"row {row.number}", code, zh, en))


class _Unreadable(Exception):
    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en


def read_lines(sheet: Sheet, timezone: str) -> Lines:
    """Read a table; times without an offset are the merchant's. Call it in a thread.

    Raises: StatementColumnsUnknown, StatementTooLong, and what reading a sheet raises.
    """
    zone = ZoneInfo(timezone)
    rows = sheet.rows()
    columns = _heading(rows, sheet.labels)
    found = Lines(timed_by=_timed_by(columns))
    for row in rows:
        if not row.is_filled or _is_total(row) or _is_heading(row, columns):
            continue
        try:
            found.lines.append(_line(row, columns, zone))
        except _Unreadable as error:
            found.wrong(row, error.code, error.zh, error.en)
        if len(found.lines) > LINES_MAX:
            raise StatementTooLong(limit=LINES_MAX)
    if Part.KIND not in columns and all(line.amount_e4 <= 0 for line in found.lines):
        # They write what they took from our balance as less than 0.
        found.lines = [line._replace(amount_e4=-line.amount_e4) for line in found.lines]
    return found


def _heading(rows: Iterator[Row], labels: Sequence[str]) -> dict[Part, int]:
    best = columns_of(labels)
    if not lacking(best):
        return best
    for _, row in zip(range(HEADING_WITHIN), rows, strict=False):
        columns = columns_of(row.cells)
        if not lacking(columns):
            return columns
        best = max(best, columns, key=len)
    check_columns(best)
    raise AssertionError("what lacks nothing was returned")


def _timed_by(columns: Mapping[Part, int]) -> TimedBy:
    ordered, completed = Part.ORDERED_AT in columns, Part.COMPLETED_AT in columns
    if ordered == completed:
        return TimedBy.EITHER
    return TimedBy.ORDERED if ordered else TimedBy.COMPLETED


def _is_total(row: Row) -> bool:
    first = next((cell.strip() for cell in row.cells if cell.strip()), "")
    return first.casefold().startswith(_TOTALS) and len(first) <= 12  # noqa: PLR2004  (a word)


def _is_heading(row: Row, columns: Mapping[Part, int]) -> bool:
    """Tell whether the names of the columns stand here again, as on each page of a print."""
    return columns_of(row.cells) == columns


def _line(row: Row, columns: Mapping[Part, int], zone: ZoneInfo) -> Line:
    def cell(part: Part) -> str:
        column = columns.get(part)
        if column is None or column >= len(row.cells):
            return ""
        return row.cells[column].strip().lstrip("'\u200b\ufeff")

    if row.flaw is not None:
        raise _Unreadable("row_broken", "这一行不完整，请检查格式。", "The row isn't whole.")
    for part in (Part.NUMBER, Part.THEIR_NUMBER):
        if row.traits.get(columns.get(part, -1)) is Trait.LOSSY:
            raise _Unreadable(
                "number_lossy",
                "订单号被表格软件改成了科学计数，请以文本格式重新导出。",
                "A spreadsheet has dropped digits of the order number: export it as text.",
            )
    said, kind = cell(Part.SAID)[:TEXT_MAX], cell(Part.KIND)
    ordered_at, completed_at = (
        _moment(cell(part), zone) for part in (Part.ORDERED_AT, Part.COMPLETED_AT)
    )
    number, theirs = cell(Part.NUMBER)[:NUMBER_MAX], cell(Part.THEIR_NUMBER)[:NUMBER_MAX]
    if not (number or theirs or ordered_at or completed_at):
        raise _Unreadable(
            "nothing_to_match",
            "没有订单号也没有时间，无法对账，请补上其中一项。",
            "Neither an order number nor a time: give one of them.",
        )
    amount_e4 = _signed(_amount(cell(Part.AMOUNT)), _amount(cell(Part.REFUND) or "0"), said, kind)
    quantity = _quantity(cell(Part.QUANTITY))
    title = cell(Part.TITLE)[:TEXT_MAX]
    return Line(
        row.number, number, theirs, amount_e4, quantity, ordered_at, completed_at, said, title
    )


def _signed(amount_e4: int, refund_e4: int, said: str, kind: str) -> int:
    """Say what a row took: a failed order took nothing, a refund gives back.

    An order shown as refunded took nothing in the end, unless how much came back stands beside it.
    """
    words, state = kind.casefold(), said.casefold()
    if any(word in words for word in _REFUNDED):
        return -abs(amount_e4 or refund_e4)
    if refund_e4:
        return amount_e4 - abs(refund_e4)
    if any(word in state for word in _FAILED):
        return 0
    refunded = any(word in state for word in _REFUNDED)
    if refunded and amount_e4 > 0 and not any(word in state for word in _PARTLY):
        return 0
    return abs(amount_e4) if kind else amount_e4


def _amount(text: str) -> int:
    plain = text.replace(",", "").replace("，", "").strip("¥￥$€£元 ").replace("−", "-")
    if _MONEY.fullmatch(plain):
        try:
            exact = Decimal(plain) * E4
        except InvalidOperation:
            exact = Decimal("NaN")
        amount_e4 = int(exact)
        if exact == amount_e4 and abs(amount_e4) <= AMOUNT_MAX_E4:
            return amount_e4
    raise _Unreadable(
        "amount_unreadable",
        "金额无法识别，请写成最多四位小数的数字。",
        "The amount can't be read: at most four decimals.",
    )


def _quantity(text: str) -> int | None:
    if not text:
        return None
    plain = text.removesuffix(".0").removesuffix(".00")
    if plain.isascii() and plain.isdecimal() and len(plain) <= 7:  # noqa: PLR2004  (digits)
        return int(plain)
    raise _Unreadable(
        "quantity_unreadable", "数量无法识别，请写成整数。", "The quantity is no number."
    )


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text or text in {"-", "--", "/", "0000-00-00 00:00:00"}:
        return None
    found = _TIME.fullmatch(text)
    try:
        if found is not None:
            offset = found[7]
            parts = [int(part or 0) for part in found.groups()[:6]]
            there = datetime(*parts, tzinfo=zone if offset is None else UTC)  # type: ignore[arg-type, misc]
            return there.astimezone(UTC) - _offset(offset)
        if (digits := _DIGITS.fullmatch(text)) is not None:
            parts = [int(part) for part in digits.groups()]
            return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type, misc]
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), UTC)
    except ValueError:
        pass
    raise _Unreadable(
        "time_unreadable",
        "时间无法识别，请写成 2026-11-30 08:00:00。",
        "The time can't be read: write it like 2026-11-30 08:00:00.",
    )


def _offset(written: str | None) -> timedelta:
    if written is None or written == "Z":
        return timedelta()
    hours, minutes = int(written[1:3]), int(written[-2:])
    ahead = timedelta(hours=hours, minutes=minutes)
    return ahead if written[0] == "+" else -ahead
