"""Exports: the figures of the screen, in a file that a spreadsheet opens safely."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from rich.console import Console

from kashu.reports.dimensions import Dimension
from kashu.reports.errors import UnknownFormat
from kashu.reports.export import Format, header, parse_format, to_csv, to_table, to_xlsx
from kashu.reports.profit import Figures, Named, ProfitReport, ProfitRow

SOLD = Figures(3, 594_000, 423_750, 0, 1_234, 0, 0, 169_016)
LOST = Figures(0, 0, 0, 0, 0, 100_001, 0, -100_001)
BOTH = Figures(3, 594_000, 423_750, 0, 1_234, 100_001, 0, 69_015)
REPORT = ProfitReport(
    (Dimension.DAY, Dimension.STORE, Dimension.WEEK),
    None,
    None,
    [
        ProfitRow((date(2026, 7, 1), Named("t-1", "=cmd()|店"), "2026-W27"), "CNY", SOLD),
        ProfitRow((date(2026, 7, 1), None, "2026-W27"), "CNY", LOST),
    ],
    [ProfitRow((), "CNY", BOTH)],
)
FIGURES_ZH = [
    "币种",
    "销量",
    "收入",
    "成本",
    "售后损失",
    "平台费用",
    "过期损失",
    "库存损失",
    "利润",
    "利润率",
]


def test_csv_has_every_figure_exactly_and_a_total() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(REPORT).decode("utf-8-sig"))))
    assert rows == [
        ["日期", "店铺编码", "店铺", "周", *FIGURES_ZH],
        [
            *("2026-07-01", "t-1", "'=cmd()|店", "2026-W27", "CNY", "3", "59.40", "42.3750"),
            *("0.00", "0.1234", "0.00", "0.00", "16.9016", "0.2845"),
        ],
        [
            *("2026-07-01", "", "", "2026-W27", "CNY", "0", "0.00", "0.00"),
            *("0.00", "0.00", "10.0001", "0.00", "-10.0001", ""),
        ],
        [
            *("合计", "", "", "", "CNY", "3", "59.40", "42.3750"),
            *("0.00", "0.1234", "10.0001", "0.00", "6.9015", "0.1162"),
        ],
    ]


def test_headers_are_in_the_readers_language() -> None:
    assert header(REPORT, "en")[:5] == ["Day", "Store code", "Store", "Week", "Currency"]


def test_a_workbook_has_numbers_as_numbers_and_no_formula() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(REPORT))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert sheet.title == "利润"
    assert rows[0] == ("日期", "店铺编码", "店铺", "周", *FIGURES_ZH)
    assert rows[1][:5] == (datetime(2026, 7, 1), "t-1", "=cmd()|店", "2026-W27", "CNY")  # noqa: DTZ001
    assert rows[1][5:] == (3, 59.4, 42.375, 0, 0.1234, 0, 0, 16.9016, 0.2845)
    assert rows[3][0] == "合计"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_a_table_for_a_terminal_has_all_rows() -> None:
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(to_table(REPORT, "en"))
    shown = console.export_text()
    for text in ("2026-07-01", "=cmd()|店", "16.9016", "-10.0001", "Total", "6.9015"):
        assert text in shown


def test_markup_in_a_name_is_shown_as_it_is_written() -> None:
    row = ProfitRow((Named("x", "[red]店[/red]"),), "CNY", SOLD)
    report = ProfitReport((Dimension.STORE,), None, None, [row], [ProfitRow((), "CNY", SOLD)])
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(to_table(report))
    assert "[red]店[/red]" in console.export_text()


def test_a_report_without_dimensions_has_its_total_once() -> None:
    report = ProfitReport(
        (), None, None, [ProfitRow((), "CNY", SOLD)], [ProfitRow((), "CNY", SOLD)]
    )
    rows = list(csv.reader(io.StringIO(to_csv(report, "en").decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][:3] == ["CNY", "3", "59.40"]


def test_big_amounts_stay_exact() -> None:
    big = Figures(1, 10**18 + 1, 1, 0, 0, 0, 0, 10**18)
    report = ProfitReport((), None, None, [ProfitRow((), "CNY", big)], [])
    assert b"100000000000000.0001" in to_csv(report)
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(report))).worksheets[0]
    cells = [cell.value for cell in list(sheet.iter_rows())[1]]
    assert Decimal(str(cells[2])) == Decimal("100000000000000.0001")


def test_formats_are_read_by_name_and_others_are_refused() -> None:
    assert parse_format("XLSX") is Format.XLSX
    with pytest.raises(UnknownFormat, match="json, csv, xlsx"):
        parse_format("pdf")
