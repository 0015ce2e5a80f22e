"""A comparison as JSON, a file or a table in a terminal: the same lines everywhere."""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from kashu.core.money import format_amount
from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.pilot.causes import UNEXPLAINED, Cause, Outcome
from kashu.pilot.compare import Compared, Comparison, by_cause

OUTCOMES: Final = {
    Outcome.SAME: ("一致", "Same"),
    Outcome.MISSED: ("卡枢没有", "Missed"),
    Outcome.EXTRA: ("旧方式没有", "Extra"),
    Outcome.DIFFERENT: ("不同", "Different"),
}
TITLES: Final = (
    ("结果", "Outcome"),
    ("订单号", "Order"),
    ("表格行", "Rows"),
    ("表格商品", "Sheet's item"),
    ("规格", "SKU"),
    ("表格数量", "Sheet's quantity"),
    ("平台数量", "Quantity"),
    ("应发张数", "Units"),
    ("表格金额", "Sheet's amount"),
    ("平台金额", "Amount"),
    ("原因", "Cause"),
    ("已解释", "Explained"),
    ("说明", "What to do"),
)


class ComparedShown(msgspec.Struct, frozen=True):
    """One line. `cause` is null where both agree; `rows` are the sheet's."""

    outcome: Outcome
    cause: Cause | None
    explained: bool
    order: str  # the platform's number
    rows: list[int]
    item: str
    sku: str
    sheet_quantity: int | None
    quantity: int | None
    units: int | None
    sheet_amount: str | None
    amount: str | None


class CauseShown(msgspec.Struct, frozen=True):
    """A cause, how many lines have it, and what to do about it."""

    cause: Cause
    lines: int
    explained: bool
    zh: str
    en: str


class ComparisonShown(msgspec.Struct, frozen=True):
    """A day of a store. Percentages of 100 with two decimals; they are rounded down."""

    store: str
    day: str
    rows: int
    rows_of_other_days: int
    same: int
    missed: int
    extra: int
    different: int
    unexplained: int
    explained_percent: str
    orders: int
    automatic: int
    automatic_percent: str
    causes: list[CauseShown]
    lines: list[ComparedShown]


def shown(comparison: Comparison) -> ComparisonShown:
    """Write it for a program."""
    return ComparisonShown(
        comparison.store,
        comparison.day.isoformat(),
        comparison.rows,
        comparison.rows_of_other_days,
        comparison.count(Outcome.SAME),
        comparison.count(Outcome.MISSED),
        comparison.count(Outcome.EXTRA),
        comparison.count(Outcome.DIFFERENT),
        comparison.unexplained,
        str(comparison.explained_percent),
        comparison.orders,
        comparison.automatic,
        str(comparison.automatic_percent),
        [
            CauseShown(cause, count, cause not in UNEXPLAINED, cause.text("zh"), cause.text("en"))
            for cause, count in by_cause(comparison).items()
        ],
        [_line(each) for each in comparison.lines],
    )


def header(language: str = "zh") -> list[str]:
    """Name the columns."""
    return [title[0 if language.startswith("zh") else 1] for title in TITLES]


def cells(comparison: Comparison, language: str = "zh") -> Iterator[list[Value]]:
    """Yield the lines under `header`, with exact decimals."""
    which = 0 if language.startswith("zh") else 1
    yes_no = (("否", "是"), ("no", "yes"))[which]
    for each in comparison.lines:
        yield [
            OUTCOMES[each.outcome][which],
            each.number,
            ", ".join(map(str, each.rows)),
            each.item,
            each.sku,
            each.sheet_quantity,
            each.quantity,
            each.units,
            _decimal(each.sheet_amount_e4),
            _decimal(each.amount_e4),
            each.cause.value if each.cause else "",
            yes_no[each.is_explained],
            each.cause.text(language) if each.cause else "",
        ]


def to_csv(comparison: Comparison, language: str = "zh") -> bytes:
    """Write it as CSV that a spreadsheet opens safely."""
    target = io.BytesIO()
    write_csv(target, header(language), cells(comparison, language))
    return target.getvalue()


def to_xlsx(comparison: Comparison, language: str = "zh") -> bytes:
    """Write it as a workbook; nothing in it is a formula, and order numbers keep their digits."""
    target = io.BytesIO()
    title = "比对" if language.startswith("zh") else "Comparison"
    write_xlsx(target, header(language), cells(comparison, language), title=title)
    return target.getvalue()


def _line(each: Compared) -> ComparedShown:
    return ComparedShown(
        each.outcome,
        each.cause,
        each.is_explained,
        each.number,
        list(each.rows),
        each.item,
        each.sku,
        each.sheet_quantity,
        each.quantity,
        each.units,
        None if each.sheet_amount_e4 is None else format_amount(each.sheet_amount_e4),
        None if each.amount_e4 is None else format_amount(each.amount_e4),
    )


def _decimal(amount_e4: int | None) -> Decimal | None:
    return None if amount_e4 is None else Decimal(format_amount(amount_e4))
