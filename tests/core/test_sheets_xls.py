"""Old workbooks: read as another library reads them, and flagged where that one can't."""

import io
from datetime import date
from pathlib import Path

import pytest
import xlwt
from python_calamine import CalamineWorkbook

from kashu.core.sheets.errors import SheetEncrypted, SheetNotATable, SheetUnreadable
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.rows import Trait

SAMPLE = Path(__file__).parents[2] / "samples" / "qqmusic-month.xls"


def workbook(*cells: object, formats: tuple[str, ...] = ()) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("卡密")
    for column, cell in enumerate(cells):
        shown = formats[column] if column < len(formats) else "General"
        sheet.write(0, column, cell, xlwt.easyxf(num_format_str=shown))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_each_kind_of_cell_is_read_exactly_or_flagged() -> None:
    content = workbook(
        "00012345678901234567",
        123456789012345,
        6212345678901234.0,
        42,
        120000,
        date(2030, 12, 31),
        xlwt.Formula('"A" & "B"'),
        12.5,
        "汉字",
        -7,
        formats=("@", "General", "General", "000000", "0.00E+00", "yyyy-mm-dd"),
    )
    (row,) = read_bytes(content).rows()
    assert row.cells[0] == "00012345678901234567"
    assert row.cells[1] == "123456789012345"
    assert row.cells[3:6] == ("000042", "120000", "2030-12-31")
    assert row.cells[7:] == ("12.5", "汉字", "-7")
    assert row.traits == {
        1: Trait.NUMBER,
        2: Trait.LOSSY,
        3: Trait.NUMBER,
        4: Trait.LOSSY,
        5: Trait.DATE,
        6: Trait.FORMULA,
        7: Trait.NUMBER,
        9: Trait.NUMBER,
    }


def test_strings_that_break_into_continuation_records_are_whole() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("s")
    texts = [f"{'汉' if place % 3 else 'x'}{place:05d}" * (place % 40 + 1) for place in range(3000)]
    for place, text in enumerate(texts):
        sheet.write(place, 0, text)
    stream = io.BytesIO()
    book.save(stream)
    assert [row.cells[0] for row in read_bytes(stream.getvalue()).rows()] == texts


def test_text_is_read_as_another_library_reads_it() -> None:
    theirs = CalamineWorkbook.from_path(SAMPLE).get_sheet_by_index(0).to_python()
    ours = list(read_bytes(SAMPLE.read_bytes()).rows())
    texts = [(row.number, row.cells[0]) for row in ours if 0 not in row.traits]
    assert len(texts) > 100
    assert all(theirs[number - 1][0] == text for number, text in texts)


def test_a_cut_off_or_looping_file_is_said_to_be_damaged() -> None:
    content = workbook("A1")
    with pytest.raises(SheetUnreadable):
        read_bytes(content[:1000])
    looping = bytearray(content)
    fat = int.from_bytes(content[76:80], "little")
    looping[(fat + 1) * 512 : (fat + 2) * 512] = (0).to_bytes(4, "little") * 128
    with pytest.raises(SheetUnreadable):
        list(read_bytes(bytes(looping)).rows())


def test_an_encrypted_workbook_is_said_to_need_its_password() -> None:
    content = bytearray(workbook("A1"))
    name = "Workbook".encode("utf-16-le")
    at = content.find(name)
    longer = "EncryptedPackage".encode("utf-16-le")
    content[at : at + len(longer)] = longer
    content[at + 64 : at + 66] = (len(longer) + 2).to_bytes(2, "little")
    with pytest.raises(SheetEncrypted):
        read_bytes(bytes(content))


def test_a_word_document_is_no_table() -> None:
    content = bytearray(workbook("A1"))
    at = content.find("Workbook".encode("utf-16-le"))
    content[at : at + 16] = "WordDocu".encode("utf-16-le")
    with pytest.raises(SheetNotATable):
        read_bytes(bytes(content), name="cards.xls")
