"""Text files: whatever the encoding and the separator, rows come out as a person sees them."""

import codecs
import time

import pytest

from kashu.core.sheets.errors import SheetEmpty, SheetNotATable, SheetTooLarge
from kashu.core.sheets.read import read_bytes, read_text
from kashu.core.sheets.rows import ROW_CHARS, Flaw, Separator
from kashu.core.sheets.separators import detect_separator, splitter

TABLE = "卡号,卡密\r\nA1,B1\r\nA2,B2\r\n"


def cells(content: bytes | str) -> list[tuple[str, ...]]:
    sheet = read_text(content) if isinstance(content, str) else read_bytes(content)
    return [row.cells for row in sheet.rows()]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TABLE.encode(), "utf-8-sig"),
        (TABLE.encode("gbk"), "gb18030"),
        ((TABLE + "㐂,𠀀\r\n").encode("gb18030"), "gb18030"),
        (TABLE.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "utf-16"),
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_each_encoding_gives_the_same_rows(content: bytes, encoding: str) -> None:
    sheet = read_bytes(content)
    rows = list(sheet.rows())
    assert sheet.encoding == encoding
    assert [row.cells for row in rows[:3]] == [("卡号", "卡密"), ("A1", "B1"), ("A2", "B2")]
    assert [row.number for row in rows[:3]] == [1, 2, 3]


def test_a_damaged_byte_costs_its_row_and_not_the_letter_beside_it() -> None:
    content = "卡号,卡密\n".encode() * 20 + b"A\xe51,B1\n" + b"A2,B2\n"
    rows = cells(content)
    assert read_bytes(content).encoding == "utf-8"
    assert rows[20] == ("A\ufffd1", "B1")
    assert rows[21] == ("A2", "B2")


@pytest.mark.parametrize(
    ("line", "separator", "expected"),
    [
        ("A1\tB1", Separator.TAB, ("A1", "B1")),
        ("A1,B1", Separator.COMMA, ("A1", "B1")),
        ("A1;B1", Separator.SEMICOLON, ("A1", "B1")),
        ("A1----B1", Separator.DASHES, ("A1", "B1")),
        ("AB-12--CD-34", Separator.DASHES, ("AB-12", "CD-34")),
        ("A1——B1", Separator.DASHES, ("A1", "B1")),
        ("A1|B1", Separator.BAR, ("A1", "B1")),
        ("A12   B1", Separator.SPACES, ("A12", "B1")),
        ("A12\u3000B1", Separator.SPACES, ("A12", "B1")),
        ("A1，B1", Separator.FULL_WIDTH_COMMA, ("A1", "B1")),
        ("A1；B1", Separator.FULL_WIDTH_SEMICOLON, ("A1", "B1")),
        ("A1：B1", Separator.COLON, ("A1", "B1")),
        ("A1:B1", Separator.COLON, ("A1", "B1")),
        ("卡号：A1 卡密：B1", Separator.LABELS, ("A1", "B1")),
        ("卡号:A1,密码:B1", Separator.LABELS, ("A1", "B1")),
        ("链接：https://a.cn/x 有效期：2030-12-31 23:59:59", Separator.LABELS,
         ("https://a.cn/x", "2030-12-31 23:59:59")),
        ("ABCD-1234-EFGH", Separator.NONE, ("ABCD-1234-EFGH",)),
        ("ABCD 1234 EFGH", Separator.NONE, ("ABCD 1234 EFGH",)),
        ("ABCD 1234 EFGH 5678", Separator.NONE, ("ABCD 1234 EFGH 5678",)),
        ("https://a.cn/x?a=1,2--3|4", Separator.NONE, ("https://a.cn/x?a=1,2--3|4",)),
        ("A1,2030-12-31 23:59:59", Separator.COMMA, ("A1", "2030-12-31 23:59:59")),
    ],
)  # fmt: skip
def test_the_separator_is_told_from_the_lines(
    line: str, separator: Separator, expected: tuple[str, ...]
) -> None:
    sheet = read_text("\n".join(line.replace("A1", f"A{place}") for place in range(1, 6)))
    assert sheet.separator is separator
    assert next(sheet.rows()).cells == expected


def test_a_title_and_a_remark_do_not_hide_the_separator() -> None:
    sheet = read_text("芒果TV月卡\nA1----B1\nA2----B2\nA3----B3\n谢谢")
    assert sheet.separator is Separator.DASHES


def test_a_line_with_other_labels_stays_whole() -> None:
    text = "卡号：A1 卡密：B1\n" * 2 + "卡号：A3 密语：B3\n"
    assert cells(text)[2] == ("卡号：A3 密语：B3",)


def test_a_quoted_cell_may_hold_separators_quotes_and_lines() -> None:
    rows = list(read_text('A1,"x,""y""\nz"\nA2,B2\nA3,B3\n').rows())
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("A1", 'x,"y"\nz')),
        (3, ("A2", "B2")),
        (4, ("A3", "B3")),
    ]


def test_a_stray_quote_swallows_no_other_row() -> None:
    text = 'A0,B0\n"A1,B1\n' + "".join(f"A{i},B{i}\n" for i in range(2, 400))
    rows = list(read_text(text).rows())
    assert len(rows) == 400
    assert rows[1].flaw is Flaw.BROKEN_QUOTE
    assert rows[2].cells == ("A2", "B2")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_kind_of_line_end_ends_a_line(end: str) -> None:
    assert cells(f"A1,B1{end}{end}A2,B2".encode()) == [("A1", "B1"), ("",), ("A2", "B2")]


def test_other_breaks_do_not_end_a_line() -> None:
    assert cells("A\u20281,B\x0b1\nA2,B2") == [("A\u20281", "B\x0b1"), ("A2", "B2")]


def test_a_dos_end_of_file_is_no_row() -> None:
    assert cells(b"A1,B1\r\nA2,B2\r\n\x1a") == [("A1", "B1"), ("A2", "B2")]


def test_a_row_and_a_cell_over_the_limit_are_flagged_and_cut() -> None:
    content = "A1,B1\n" + "x" * 1_000_000 + ",B2\nA3," + "y" * 5000 + "\nA4,B4\n"
    rows = list(read_text(content).rows())
    assert [row.flaw for row in rows] == [None, Flaw.TOO_LONG, Flaw.TOO_LONG, None]
    assert all(len(cell) <= 4096 for row in rows for cell in row.cells)


def test_a_row_of_many_short_cells_is_too_wide() -> None:
    assert list(read_text("A1,B1\n" * 9 + "x," * 300).rows())[9].flaw is Flaw.TOO_WIDE


@pytest.mark.parametrize("content", [b"", b"\n \r\n\t\n", codecs.BOM_UTF8, b"\xff\xfe"])
def test_a_file_with_nothing_in_it_is_refused(content: bytes) -> None:
    with pytest.raises(SheetEmpty):
        read_bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 ...", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"\x1f\x8b\x08", b"Rar!\x1a",
        b"  <html><table><tr><td>1", b"<!DOCTYPE html><p>", b"<table>", b"<?xml version='1'?><a/>",
        bytes(range(32)) * 50, b"SQLite format 3\x00",
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(SheetNotATable) as refused:
        read_bytes(content, name="cards.xlsx")
    assert "另存为" in refused.value.text("zh")


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(SheetTooLarge):
        read_bytes(b"A1,B1\n" * 1000, most_bytes=1000)


def test_one_nul_costs_its_own_row_only() -> None:
    assert cells(b"A1,B1\nA\x002,B2\nA3,B3\n") == [("A1", "B1"), ("A\x002", "B2"), ("A3", "B3")]


def test_rows_can_be_streamed_again() -> None:
    sheet = read_text(TABLE)
    assert list(sheet.rows()) == list(sheet.rows())


def test_no_repr_shows_a_cell() -> None:
    sheet = read_text("SECRET1,SECRET2\n" * 3)
    assert "SECRET" not in repr(sheet)
    assert "SECRET" not in repr(next(sheet.rows()))


@pytest.mark.parametrize("end", ["b", "1:", "b:1", "--"])
def test_a_long_run_of_blanks_costs_no_more_than_its_length(end: str) -> None:
    line = "a" + " " * ROW_CHARS + end
    began = time.process_time()
    separator, labels = detect_separator([line] * 3)
    for each in Separator:
        splitter(each, labels)(line)
    assert time.process_time() - began < 10, separator  # each blank tried as the first: minutes
