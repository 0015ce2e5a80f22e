"""`kashu import`: what it prints, what it writes, and how it exits."""

import asyncio
import base64
import re
import stat
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook
from rich.console import Console
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.entry.cli import main
from kashu.entry.commands.import_progress import rows_in
from kashu.entry.commands.imports import picture
from kashu.stock.imports_reading import open_file
from kashu.stock.imports_report import ImportReport
from kashu.stock.tables import cards, lots
from tests.conftest import MASTERS, Tenant
from tests.stock.importing import SAMPLES, Shop, open_shop

GOOD = "MG000000000001\nMG000000000002\n"
MIXED = "卡号\nMG000000000001\n#N/A\nMG000000000001\n"


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


@pytest.fixture(autouse=True)
def settings(owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = base64.b64encode(MASTERS.current.key).decode()
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KASHU_MASTER_KEY", key)
    monkeypatch.setenv("KASHU_TENANT", "shop")


async def run(tmp_path: Path, content: str, *options: str) -> Result:
    file = tmp_path / "cards.txt"
    file.write_text(content, "utf-8")
    return await run_file(file, *options)


async def run_file(file: Path, *options: str) -> Result:
    terms = ("--sku", "mgtv-month", "--warehouse", "main", "--supplier", "fulu", "--cost", "14.125")
    arguments = ["import", str(file), *terms, *options]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


def report_of(result: Result) -> ImportReport:
    return msgspec.json.decode(result.stdout, type=ImportReport)


async def test_a_clean_file_exits_0_and_tells_a_program_in_json(shop: Shop, tmp_path: Path) -> None:
    result = await run(tmp_path, GOOD)
    assert result.exit_code == 0, result.output
    report = report_of(result)
    assert (report.accepted, report.rejected) == (2, 0)
    assert report.import_id is not None
    assert await shop.count(cards) == 2


async def test_rejected_rows_exit_3_and_are_written_for_their_owner_only(
    shop: Shop, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    result = await run(tmp_path, MIXED, "--rejects", str(rejects))
    assert result.exit_code == 3, result.output
    assert await shop.count(cards) == 1
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    again = await shop.try_out(open_file(rejects))
    assert (again.report.read, again.report.rejected) == (3, 2)


async def test_a_dry_run_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    before = await shop.counts()
    result = await run(tmp_path, MIXED, "--dry-run")
    assert result.exit_code == 3
    assert report_of(result).import_id is None
    assert await shop.counts() == before


async def test_what_is_refused_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    before = await shop.counts()
    result = await run(tmp_path, GOOD, "--sku", "nothing")
    assert result.exit_code == 1
    assert "nothing" in result.stderr
    assert await shop.counts() == before


async def test_an_existing_rejects_file_is_not_overwritten(shop: Shop, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("mine")
    before = await shop.counts()
    result = await run(tmp_path, MIXED, "--rejects", str(rejects))
    assert result.exit_code == 2
    assert rejects.read_text() == "mine"
    assert await shop.counts() == before


@pytest.mark.parametrize("option", [("--max-uses", "0"), ("--expires", "31.12.2026")])
async def test_options_that_cannot_be_exit_2(
    shop: Shop, tmp_path: Path, option: tuple[str, str]
) -> None:
    before = await shop.counts()
    assert (await run(tmp_path, GOOD, *option)).exit_code == 2
    assert await shop.counts() == before


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--yes",)])
async def test_a_file_with_only_a_heading_is_an_error_and_writes_nothing(
    shop: Shop, tmp_path: Path, options: tuple[str, ...]
) -> None:
    before = await shop.counts()
    result = await run(tmp_path, "卡号\n\n\n", *options)
    assert result.exit_code == 1
    assert "只有表头或空行" in result.stderr
    assert await shop.counts() == before


async def test_a_cost_may_be_written_as_people_do(shop: Shop, tmp_path: Path) -> None:
    result = await run(tmp_path, GOOD, "--cost", "￥1,014.125")
    assert result.exit_code == 0, result.output
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(lots.c.unit_cost_e4))).scalar_one() == 10_141_250


async def test_a_cost_that_could_mean_two_things_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    before = await shop.counts()
    result = await run(tmp_path, GOOD, "--cost", "14,125.5,0")
    assert result.exit_code == 1
    assert "14,125.5,0" in result.stderr
    assert await shop.counts() == before


async def test_of_a_workbook_the_worksheet_that_is_named_is_read(
    shop: Shop, tmp_path: Path
) -> None:
    book = Workbook()
    for name, number in (("一月", "MG000000000001"), ("二月", "MG000000000002")):
        book.create_sheet(name).append([number])
    file = tmp_path / "cards.xlsx"
    book.save(file)
    wrong = await run_file(file, "--worksheet", "三月")
    assert wrong.exit_code == 1
    assert "一月、二月" in wrong.output
    plain = await run(tmp_path, GOOD, "--worksheet", "二月")
    assert plain.exit_code == 2, plain.output
    assert await shop.count(cards) == 0
    result = await run_file(file, "--worksheet", "二月")
    assert result.exit_code == 0, result.output
    report = report_of(result)
    assert (report.recognised.worksheet, report.accepted) == ("二月", 1)
    console = Console(width=200)
    with console.capture() as printed:
        console.print(picture(report))
    assert "一月" in printed.get()


def rows_of(path: Path) -> int | None:
    return rows_in(path, open_file(path))


def test_the_rows_of_a_text_are_counted_in_any_encoding(tmp_path: Path) -> None:
    file = tmp_path / "cards.txt"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        for content, rows in (("卡号一\n卡号二\n", 2), ("卡号一\r\n卡号二\r\n卡号三", 3)):
            file.write_bytes(content.encode(encoding))
            assert rows_of(file) == rows


def test_the_rows_of_a_workbook_are_those_it_states(tmp_path: Path) -> None:
    assert rows_of(SAMPLES / "mgtv-month-messy.xlsx") == 10_002
    assert rows_of(SAMPLES / "qqmusic-month.xls") is None
    silent = tmp_path / "silent.xlsx"
    with ZipFile(SAMPLES / "mgtv-month-messy.xlsx") as known, ZipFile(silent, "w") as written:
        for part in known.namelist():
            content = re.sub(rb"<dimension [^>]*/>", b"", known.read(part))
            written.writestr(part, content)
    assert rows_of(silent) is None


async def test_a_cost_far_from_the_last_ones_is_refused_unless_somebody_is_sure(
    shop: Shop, tmp_path: Path
) -> None:
    await run(tmp_path, GOOD)
    before = await shop.counts()
    refused = await run(tmp_path, "MG000000000003\n", "--cost", "1.4125")
    assert refused.exit_code == 1
    assert "1.4125" in refused.stderr
    assert "14.1250" in refused.stderr
    assert await shop.counts() == before
    taken = await run(tmp_path, "MG000000000003\n", "--cost", "1.4125", "--sure")
    assert taken.exit_code == 0, taken.output
    assert report_of(taken).accepted == 1
