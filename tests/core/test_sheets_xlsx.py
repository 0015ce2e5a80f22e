"""Workbooks: exact digits, formulas seen, and no file that can hurt us."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from kashu.core.sheets.errors import (
    SheetEmpty,
    SheetEncrypted,
    SheetNotATable,
    SheetTooLarge,
    SheetUnreadable,
    SheetUnsafe,
    WorksheetUnknown,
)
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.rows import Flaw, Row, Trait

SHEET = "xl/worksheets/sheet1.xml"


def workbook(fill: Callable[[Worksheet], None], *, is_1904: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    if is_1904:
        book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - openpyxl's own constant
    fill(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Rewrite one part of a workbook."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return stream.getvalue()


def with_rows(xml: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet = f"{head}<sheetData>{xml}</sheetData></worksheet>".encode()
    return with_part(workbook(lambda _: None), SHEET, lambda _: sheet)


def rows(content: bytes) -> list[Row]:
    return list(read_bytes(content).rows())


@pytest.mark.parametrize(
    ("value", "shown", "text", "trait"),
    [
        ("00012345678901234567", None, "00012345678901234567", None),
        ("12345678901234567890", None, "12345678901234567890", None),
        (123456789012345, None, "123456789012345", Trait.NUMBER),
        (1234567890123456, None, "1234567890123456", Trait.LOSSY),
        (12345678901234567890, None, "1.234567890123457e+19", Trait.LOSSY),
        (1e20, None, "1e+20", Trait.LOSSY),
        (42, "000000", "000042", Trait.NUMBER),
        (42, "0", "42", Trait.NUMBER),
        (120000, "0.00E+00", "120000", Trait.LOSSY),
        (12.5, None, "12.5", Trait.NUMBER),
        (date(2030, 12, 31), None, "2030-12-31", Trait.DATE),
        (datetime(2030, 12, 31, 23, 59, 59), None, "2030-12-31 23:59:59", Trait.DATE),  # noqa: DTZ001
        (47848, 'yyyy"年"m"月"d"日"', "2030-12-31", Trait.DATE),
        (47848, None, "47848", Trait.NUMBER),
        ("=A1&B1", None, "", Trait.FORMULA),
        ("=cmd|' /C calc'!A0", None, "", Trait.FORMULA),
        ('=HYPERLINK("http://x.cn","x")', None, "", Trait.FORMULA),
        ("#N/A", None, "#N/A", Trait.ERROR),
        (True, None, "TRUE", None),
    ],
)
def test_a_cell_is_read_exactly_or_flagged(
    value: object, shown: str | None, text: str, trait: Trait | None
) -> None:
    def fill(sheet: Worksheet) -> None:
        cell = sheet["B1"]
        cell.value = value
        if shown:
            cell.number_format = shown

    (row,) = rows(workbook(fill))
    assert row.cells[1] == text
    assert row.traits.get(1) == trait


def test_the_result_saved_with_a_formula_is_read_and_flagged() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_formula(0, 0, '="A"&"B"', None, "AB")
    (row,) = rows(stream.getvalue())
    assert row.cells == ("AB",)
    assert row.traits == {0: Trait.FORMULA}


def test_days_of_a_1904_workbook_are_its_own() -> None:
    content = workbook(lambda sheet: sheet.append([date(2030, 12, 31)]), is_1904=True)
    assert read_bytes(content).is_1904
    assert rows(content)[0].cells == ("2030-12-31",)


def test_row_numbers_are_those_that_excel_shows() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A3"] = "x"
        sheet["C7"] = "y"

    assert [(row.number, row.cells) for row in rows(workbook(fill))] == [
        (3, ("x",)),
        (7, ("", "", "y")),
    ]


def test_cells_without_references_follow_one_another() -> None:
    content = with_rows(
        "<row><c><v>1</v></c><c t='str'><v>b</v></c></row><row><c><v>2</v></c></row>"
    )
    assert [(row.number, row.cells) for row in rows(content)] == [(1, ("1", "b")), (2, ("2",))]


def test_rich_text_is_joined_and_its_phonetic_guide_left_out() -> None:
    content = with_rows(
        "<row r='1'><c r='A1' t='inlineStr'><is><r><t>AB</t></r><r><t>CD</t></r>"
        "<rPh sb='0' eb='1'><t>xx</t></rPh></is></c>"
        "<c r='B1' t='inlineStr'><is><t>a_x000D_b_x005F_</t></is></c></row>"
    )
    assert rows(content)[0].cells == ("ABCD", "a\rb_")


def test_the_first_visible_worksheet_with_content_is_read() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "空"
    hidden, cards = book.create_sheet("旧"), book.create_sheet("卡密")
    hidden["A1"], cards["A1"] = "old", "new"
    hidden.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    sheet = read_bytes(stream.getvalue())
    assert (sheet.worksheet, sheet.worksheets) == ("卡密", ("空", "卡密"))
    assert [row.cells for row in sheet.rows()] == [("new",)]
    with pytest.raises(WorksheetUnknown):
        read_bytes(stream.getvalue(), worksheet="旧")


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(SheetEmpty):
        read_bytes(workbook(lambda _: None))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<a/>")
        package.writestr("xl/workbook.xml", b"\0" * 64 * 1024 * 1024)
    with pytest.raises(SheetUnsafe):
        read_bytes(stream.getvalue())


def test_a_declared_size_over_the_limit_is_refused() -> None:
    content = bytearray(workbook(lambda sheet: sheet.append(["A1"])))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = (2**31).to_bytes(4, "little")
    with pytest.raises(SheetTooLarge):
        read_bytes(bytes(content))


def test_a_size_declared_too_small_gives_no_more_than_that() -> None:
    def fill(sheet: Worksheet) -> None:
        for place in range(500):
            sheet.append(["A" * 50, place])

    content = bytearray(workbook(fill))
    for at in range(len(content) - 46):
        if content[at : at + 4] == b"PK\x01\x02" and SHEET.encode() in content[at : at + 80]:
            content[at + 24 : at + 28] = (900).to_bytes(4, "little")
    with pytest.raises(SheetUnreadable):
        list(read_bytes(bytes(content)).rows())


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_a_dtd_is_refused_in_each_part(part: str) -> None:
    dtd = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    def add(xml: bytes) -> bytes:
        at = xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        return xml[:at] + dtd + xml[at:]

    content = with_part(workbook(lambda sheet: sheet.append(["A1"])), part, add)
    with pytest.raises(SheetUnsafe):
        list(read_bytes(content).rows())


def test_a_dtd_hidden_in_utf_16_is_refused_too() -> None:
    xml = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "A">]><x>&e;</x>'
    content = with_part(
        workbook(lambda sheet: sheet.append(["A1"])), SHEET, lambda _: xml.encode("utf-16")
    )
    with pytest.raises(SheetUnsafe):
        list(read_bytes(content).rows())


@pytest.mark.parametrize("encoding", ["x-none", "shift_jis"])
def test_xml_in_an_encoding_that_no_workbook_has_is_said_to_be_damaged(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    content = with_part(
        workbook(lambda sheet: sheet.append(["A1"])), "xl/workbook.xml", lambda xml: head + xml
    )
    with pytest.raises(SheetUnreadable):
        read_bytes(content)


def test_a_row_without_end_is_refused() -> None:
    with pytest.raises(SheetUnsafe):
        rows(with_rows("<row>" + "".join(f"<c><v>{i}</v></c>" for i in range(400_000)) + "</row>"))


def test_a_cell_of_a_megabyte_costs_its_row_only() -> None:
    content = with_rows(
        f"<row r='1'><c r='A1' t='inlineStr'><is><t>{'x' * 1_000_000}</t></is></c></row>"
        "<row r='2'><c r='A2'><v>7</v></c></row>"
    )
    first, second = rows(content)
    assert first.flaw is Flaw.TOO_LONG
    assert len(first.cells[0]) == 4096
    assert second.cells == ("7",)


def test_a_cell_far_to_the_right_makes_no_thousands_of_cells() -> None:
    (row,) = rows(with_rows("<row r='1'><c r='A1'><v>1</v></c><c r='XFD1'><v>2</v></c></row>"))
    assert row.flaw is Flaw.TOO_WIDE
    assert len(row.cells) == 256


@pytest.mark.parametrize(
    "rows_xml",
    [
        "<row r='1'><c r='A1' t='s'><v>7</v></c></row>",
        "<row r='1'><c r='A1' t='s'><v>x</v></c></row>",
        "<row r='x'><c><v>1</v></c></row>",
        "<row r='1'><c r='A1'><v>1</v></row>",
    ],
)
def test_damage_inside_is_said_clearly(rows_xml: str) -> None:
    with pytest.raises(SheetUnreadable):
        rows(with_rows(rows_xml))


def test_a_cut_off_workbook_is_said_to_be_damaged() -> None:
    content = workbook(lambda sheet: sheet.append(["A1"]))
    with pytest.raises(SheetUnreadable):
        read_bytes(content[: len(content) // 2])


def test_an_encrypted_entry_is_said_to_need_its_password() -> None:
    content = bytearray(workbook(lambda sheet: sheet.append(["A1"])))
    content[content.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SheetEncrypted):
        read_bytes(bytes(content))


@pytest.mark.parametrize("name", ["word/document.xml", "content.xml", "xl/workbook.bin", "a.txt"])
def test_another_kind_of_zip_is_no_table(name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr(name, "x")
    with pytest.raises(SheetNotATable):
        read_bytes(stream.getvalue(), name="cards.csv")
