"""Written tables: inert and exact in a spreadsheet, and the same when they come back."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.rows import Trait
from kashu.core.sheets.write import CellTooLong, Value, is_formula_like, write_csv, write_xlsx

HEADER = ["卡号", "金额", "有效期"]
TEXTS = ["=cmd|' /C calc'!A0", "+A1", "-1", "@x", "\tx", "＝1", "0012", "12345678901234567890"]


def csv_of(*rows: Sequence[Value], guard_digits: bool = False) -> bytes:
    stream = io.BytesIO()
    write_csv(stream, HEADER, rows, guard_digits=guard_digits)
    return stream.getvalue()


def test_a_csv_opens_in_excel_with_its_chinese_and_without_formulas() -> None:
    lines: list[list[Value]] = [[t, Decimal("-12.3400"), date(2030, 12, 31)] for t in TEXTS]
    content = csv_of(*lines)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(read_bytes(content).rows())
    assert rows[0].cells == tuple(HEADER)
    assert [row.cells[0] for row in rows[1:]] == [
        *("'" + text for text in TEXTS[:6]),
        *TEXTS[6:],
    ]
    assert rows[1].cells[1:] == ("-12.3400", "2030-12-31")


def test_digits_can_be_guarded_from_excel() -> None:
    content = csv_of(["0012", None, None], ["123456", None, None], guard_digits=True)
    assert b'"=""0012"""' in content
    assert b"\r\n123456," in content


def test_a_comma_a_quote_and_a_line_in_a_cell_come_back() -> None:
    assert list(read_bytes(csv_of(['a,"b"\nc', 1, ""])).rows())[1].cells == ('a,"b"\nc', "1", "")


@pytest.mark.parametrize("is_spilled", [False, True])
def test_a_workbook_keeps_text_as_text_and_amounts_as_amounts(
    tmp_path: Path, *, is_spilled: bool
) -> None:
    path = tmp_path / "out.xlsx"
    rows: list[list[Value]] = [
        [text, Decimal("1234567.8901"), date(2030, 12, 31)] for text in TEXTS
    ]
    assert write_xlsx(path, HEADER, rows, spill=tmp_path if is_spilled else None) == len(TEXTS)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    read = list(sheet.iter_rows(min_row=2))
    assert [row[0].value for row in read] == TEXTS
    assert all(row[0].data_type == "s" and row[0].number_format == "@" for row in read)
    assert all(row[1].value == 1234567.8901 and row[1].number_format == "0.0000" for row in read)
    ours = list(read_bytes(path.read_bytes()).rows())[1:]
    assert [row.cells[0] for row in ours] == TEXTS
    assert all(row.traits == {1: Trait.NUMBER, 2: Trait.DATE} for row in ours)


def test_numbers_that_excel_would_round_are_text() -> None:
    stream = io.BytesIO()
    write_xlsx(stream, ["a", "b"], [[10**15, Decimal("1234567890123.4567")]])
    row = list(read_bytes(stream.getvalue()).rows())[1]
    assert row.cells == ("1000000000000000", "1234567890123.4567")
    assert not row.traits


def test_a_cell_too_long_for_a_workbook_is_refused_rather_than_cut() -> None:
    with pytest.raises(CellTooLong):
        write_xlsx(io.BytesIO(), ["a"], [["x" * 40_000]])


@pytest.mark.parametrize("text", ["=1", "=cmd|x!A0", "+cmd|x!A0", "-2+3+cmd|x!A0", "@SUM(1,2)"])
def test_what_a_spreadsheet_would_compute_is_formula_like(text: str) -> None:
    assert is_formula_like(text)


@pytest.mark.parametrize("text", ["-123", "+8613800000000", "@name", "-", "A=1", "-ABC-123"])
def test_a_sign_before_plain_text_is_no_formula(text: str) -> None:
    assert not is_formula_like(text)
