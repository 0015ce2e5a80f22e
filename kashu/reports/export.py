"""The profit report as a file or a table in a terminal: the same figures everywhere."""

import io
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Final

from rich.table import Table
from rich.text import Text

from kashu.core.money import format_amount
from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.reports.dimensions import NAMED, TITLES, Dimension
from kashu.reports.errors import UnknownFormat
from kashu.reports.profit import Figures, Key, Named, ProfitReport


class Format(StrEnum):
    """What a report can be written as."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Final[dict[Format, str]] = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_FIGURES: Final = (
    ("币种", "Currency"),
    ("销量", "Units"),
    ("收入", "Revenue"),
    ("成本", "Cost"),
    ("售后损失", "After-sales loss"),
    ("平台费用", "Channel fees"),
    ("过期损失", "Expired stock"),
    ("库存损失", "Stock loss"),
    ("利润", "Profit"),
    ("利润率", "Margin"),
)
_TOTAL: Final = ("合计", "Total")
_CODE: Final = ("编码", " code")


def parse_format(written: str) -> Format:
    """Read a format's name. Raises: UnknownFormat."""
    try:
        return Format(written.lower())
    except ValueError:
        raise UnknownFormat(format=written[:40], known=", ".join(Format)) from None


def header(report: ProfitReport, language: str = "zh") -> list[str]:
    """Name the columns: a dimension with a code and a name has two."""
    which = 0 if language.startswith("zh") else 1
    titles = []
    for dimension in report.by:
        if dimension in NAMED:
            titles.append(TITLES[dimension][which] + _CODE[which])
        titles.append(TITLES[dimension][which])
    return titles + [title[which] for title in _FIGURES]


def lines(report: ProfitReport, language: str = "zh") -> Iterator[list[Value]]:
    """Yield the rows and then the totals, with exact decimals, under `header`."""
    for row in report.rows:
        keys = [
            cell
            for dimension, key in zip(report.by, row.keys, strict=True)
            for cell in _cells(dimension, key)
        ]
        yield [*keys, row.currency, *_amounts(row.figures)]
    if not report.by:  # its one row is the total
        return
    width = sum(2 if dimension in NAMED else 1 for dimension in report.by)
    label = _TOTAL[0 if language.startswith("zh") else 1]
    for total in report.totals:
        blanks: list[Value] = [None] * (width - 1)
        yield [label, *blanks, total.currency, *_amounts(total.figures)]


def to_csv(report: ProfitReport, language: str = "zh") -> bytes:
    """Write it as CSV that a spreadsheet opens safely."""
    target = io.BytesIO()
    write_csv(target, header(report, language), lines(report, language))
    return target.getvalue()


def to_xlsx(report: ProfitReport, language: str = "zh") -> bytes:
    """Write it as a workbook; amounts are numbers, nothing is a formula."""
    target = io.BytesIO()
    title = "利润" if language.startswith("zh") else "Profit"
    write_xlsx(target, header(report, language), lines(report, language), title=title)
    return target.getvalue()


def to_table(report: ProfitReport, language: str = "zh") -> Table:
    """Lay it out for a terminal."""
    table = Table()
    titles = header(report, language)
    numbers = len(_FIGURES) - 1  # all after the currency
    for place, title in enumerate(titles):
        is_number = place >= len(titles) - numbers
        table.add_column(title, justify="right" if is_number else "left", no_wrap=is_number)
    written = [
        [Text("" if cell is None else str(cell)) for cell in row]  # Text: a name is no markup
        for row in lines(report, language)
    ]
    body = len(report.rows)
    for place, cells in enumerate(written):
        table.add_row(*cells, end_section=place == body - 1 and body < len(written))
    return table


def _cells(dimension: Dimension, key: Key) -> list[Value]:
    if dimension in NAMED:
        return [key.code, key.name] if isinstance(key, Named) else [None, None]
    assert not isinstance(key, Named)
    return [key]


def _amounts(figures: Figures) -> list[Value]:
    return [
        figures.units,
        *(
            Decimal(format_amount(amount_e4))
            for amount_e4 in (
                figures.revenue_e4,
                figures.cost_e4,
                figures.after_sales_loss_e4,
                figures.channel_fees_e4,
                figures.expired_stock_e4,
                figures.stock_loss_e4,
                figures.profit_e4,
            )
        ),
        figures.margin,
    ]
