"""Rejects: the rows that didn't get in come back as a file, are corrected and get in."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.stock import imports_rejects
from kashu.stock.imports_reading import Source, open_file
from kashu.stock.imports_rejects import RejectsFormat, RejectsTooMany, write_rejects
from kashu.stock.tables import cards
from tests.conftest import Tenant
from tests.stock.importing import Shop, as_source, by_class, open_shop, sample


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


async def rejects_of(shop: Shop, source: Source, language: str = "zh") -> list[list[str]]:
    intake = await shop.intake()
    outcome = await shop.try_out(source, intake)
    file = io.BytesIO()
    count = write_rejects(source, intake, outcome.duplicates, file, language=language)
    assert count == outcome.report.rejected
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))


LINES = [
    "卡号,密码,有效期,备注",
    "MG0001,pw1,2027-12-31,first",
    "MG0002,pw2,2020-01-01,long gone",
    "MG0003,,2027-12-31,no password",
    "",
    "MG0001,pw1,2027-12-31,again",
    "MG0004,#N/A,2027-12-31,",
]


async def test_each_rejected_row_is_there_as_it_was_and_says_what_to_do(shop: Shop) -> None:
    header, *rows = await rejects_of(shop, as_source(LINES))
    assert header[:3] == ["卡号", "密码", "有效期"]
    assert header[-3:] == ["原因", "行号", "首行号"]
    assert [(row[0], row[3], row[-2], row[-1]) for row in rows] == [
        ("MG0002", "long gone", "3", ""),
        ("MG0003", "no password", "4", ""),
        ("MG0001", "again", "6", "2"),
        ("MG0004", "", "7", ""),
    ]
    assert "已过有效期" in rows[0][-3]


async def test_the_reasons_are_in_the_readers_language(shop: Shop) -> None:
    header, *rows = await rejects_of(shop, as_source(LINES), language="en")
    assert header[-3:] == ["Reason", "Row", "First row"]
    assert rows[0][-3].startswith("Already expired")


@pytest.mark.parametrize("written_as", list(RejectsFormat))
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_corrected_rejects_come_in(
    shop: Shop, tmp_path: Path, written_as: RejectsFormat, language: str
) -> None:
    source, intake = as_source(LINES), await shop.intake()
    outcome = await shop.bring_in(source, intake)
    file = tmp_path / f"rejects.{written_as}"
    write_rejects(
        source, intake, outcome.duplicates, file, language=language, written_as=written_as
    )
    correct(file, written_as, {"2020-01-01": "2027-01-01", "#N/A": "pw4"})
    again = (await shop.bring_in(open_file(file), intake)).report
    assert again.accepted == 2
    assert by_class(again) == {"heading": 1, "incomplete": 1, "duplicate_in_stock": 1}


@pytest.mark.parametrize("written_as", list(RejectsFormat))
async def test_untouched_rejects_are_rejected_again_for_the_same_reasons(
    shop: Shop, tmp_path: Path, written_as: RejectsFormat
) -> None:
    source, intake = sample("mgtv-month-messy.xlsx"), await shop.intake()
    outcome = await shop.bring_in(source, intake)
    file = tmp_path / "rejects"
    count = write_rejects(source, intake, outcome.duplicates, file, written_as=written_as)
    before = await shop.count(cards)
    again = (await shop.bring_in(open_file(file), intake)).report
    assert again.rejected == count == outcome.report.rejected
    assert again.accepted == 0
    assert await shop.count(cards) == before


async def test_a_cell_that_held_several_parts_is_split_into_columns(shop: Shop) -> None:
    source = as_source(["MG000001----pw111111", "MG000002----pw222222", "MG000001----pw111111"])
    _, row = await rejects_of(shop, source)
    assert row[:2] == ["MG000001", "pw111111"]


async def test_long_digits_survive_a_spreadsheet(shop: Shop) -> None:
    digits = "00123456789012345678"
    _, row = await rejects_of(shop, as_source([f"{digits}", f"{digits}"]))
    assert row[0] == f'="{digits}"'  # Excel shows it exactly, and an import unwraps it


async def test_too_many_rejects_for_a_workbook_are_asked_for_as_csv(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_rejects, "WORKBOOK_ROWS_MAX", 2)
    source, intake = as_source(LINES), await shop.intake()
    outcome = await shop.try_out(source, intake)
    with pytest.raises(RejectsTooMany):
        write_rejects(
            source, intake, outcome.duplicates, io.BytesIO(), written_as=RejectsFormat.XLSX
        )


CELLS = st.sampled_from(
    [
        "MG0001",
        "MG0002",
        "MG0003",
        "",
        " ",
        "#N/A",
        "=A1",
        "卡号",
        "2027-12-31",
        "2020-01-01",
    ]
)


LINE = st.lists(CELLS, min_size=1, max_size=4).map("\t".join)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(LINE, min_size=1, max_size=30))
async def test_every_row_is_accepted_rejected_or_skipped(shop: Shop, lines: list[str]) -> None:
    source = as_source(["MG9999\t-", *lines])
    intake = await shop.intake()
    foreseen = (await shop.try_out(source, intake)).report
    before = await shop.count(cards)
    outcome = await shop.bring_in(source, intake)
    report = outcome.report
    assert report.accepted + report.rejected + report.skipped == report.read
    assert (by_class(report), report.accepted) == (by_class(foreseen), foreseen.accepted)
    assert await shop.count(cards) - before == report.accepted
    file = io.BytesIO()
    assert write_rejects(source, intake, outcome.duplicates, file) == report.rejected


def correct(file: Path, written_as: RejectsFormat, by: dict[str, str]) -> None:
    """As somebody would in a spreadsheet."""
    if written_as is RejectsFormat.CSV:
        text = file.read_text("utf-8-sig")
        for wrong, right in by.items():
            assert wrong in text
            text = text.replace(wrong, right)
        file.write_text(text, "utf-8-sig")
        return
    book = openpyxl.load_workbook(file)
    assert book.active is not None
    for row in book.active.iter_rows():
        for cell in row:
            if cell.value in by:
                cell.value = by[str(cell.value)]
    book.save(file)
