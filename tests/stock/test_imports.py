"""Imports: a file becomes stock, all of its good rows or nothing."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from kashu.access.keyring import Keyrings
from kashu.catalog.tables import skus
from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.ledger.tables import transfers
from kashu.stock import imports_reading
from kashu.stock.imports import import_file
from kashu.stock.imports_errors import FileChanged
from kashu.stock.imports_reading import open_pasted
from kashu.stock.imports_report import ImportReport
from kashu.stock.imports_state import import_of, list_imports, masked_name
from kashu.stock.secret import decode
from kashu.stock.tables import CardState, cards, imports, levels, lots
from tests.conftest import Tenant
from tests.stock.builders import make_sku
from tests.stock.importing import (
    DEFAULT_EXPIRY,
    SAMPLES,
    TODAY,
    Shop,
    as_source,
    by_class,
    open_shop,
    sample,
)

EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))


CHUNK_ROWS = 500  # enough to have several


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports_reading, "CHUNK_ROWS", CHUNK_ROWS)


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


def numbers(count: int, *, start: int = 0) -> list[str]:
    return [f"MG{n:012d}" for n in range(start, start + count)]


def row_numbers(report: ImportReport, of: str) -> list[tuple[int, int]]:
    return report.classes[of].ranges


# -- what comes in


async def test_each_good_row_becomes_a_card_that_opens_again(shop: Shop) -> None:
    outcome = await shop.bring_in(["卡号,密码,有效期", "MG0001,pw1,2027-12-31", "MG0002,pw2,"])
    async with shop.database.transaction(shop.tenant.id) as tx:
        keyring = await shop.keyrings.of(tx, shop.tenant.id)
        rows = (await tx.execute(select(cards).order_by(cards.c.position))).all()
        kept = {lot.id: lot for lot in await tx.execute(select(lots))}
    opened = [
        decode(keyring.open(row.sealed, row.key_version, kind=row.sku_id, owner=row.id).clear)
        for row in rows
    ]
    assert [(card.number, card.password) for card in opened] == [
        ("MG0001", "pw1"),
        ("MG0002", "pw2"),
    ]
    assert [row.position for row in rows] == [2, 3]  # the rows of the file
    assert [kept[row.lot_id].expires_on for row in rows] == [date(2027, 12, 31), DEFAULT_EXPIRY]
    assert {lot.import_id for lot in kept.values()} == {outcome.report.import_id}
    assert {lot.available for lot in kept.values()} == {1}


async def test_the_import_is_on_record_with_its_counts(shop: Shop) -> None:
    outcome = await shop.bring_in(["卡号", "MG0001", "", "MG0002", "MG0001", "#N/A"])
    report = outcome.report
    assert report.import_id is not None
    async with shop.database.transaction(shop.tenant.id) as tx:
        row = await import_of(tx, shop.tenant.id, report.import_id)
        happened = await events_of(tx, shop.tenant.id, report.import_id)
        assert await list_imports(tx, shop.tenant.id) == [row]
    assert (row.state, row.actor) == ("done", "cli")
    assert (row.read_count, row.accepted_count, row.rejected_count) == (6, 2, 2)
    assert row.classes == by_class(report)
    assert row.ended_at is not None
    assert [event.kind for event in happened] == ["import.done"]


async def test_the_cost_is_in_the_books_and_the_sku_is_woken(shop: Shop) -> None:
    await shop.bring_in(numbers(7))
    async with shop.database.transaction(shop.tenant.id) as tx:
        posted = (await tx.execute(select(transfers))).one()
        level = (await tx.execute(select(levels))).one()
    assert (posted.amount_e4, posted.quantity, posted.posted_on) == (7 * 141_250, 7, TODAY)
    assert level.replenished_at is not None


@pytest.mark.parametrize("name", sorted(EXPECTED["files"]))
async def test_a_sample_comes_in_as_it_was_planted(shop: Shop, name: str) -> None:
    if EXPECTED["files"][name]["duplicates_of_earlier"]:
        await shop.bring_in(sample("mgtv-month-earlier.txt"))
    before = await shop.count(cards)
    expected = EXPECTED["files"][name]
    classes = dict(expected["rejected"])
    if expected["duplicates_in_file"]:
        classes["duplicate_in_file"] = expected["duplicates_in_file"]
    if expected["duplicates_of_earlier"]:
        classes["duplicate_in_stock"] = expected["duplicates_of_earlier"]
    foreseen = (await shop.try_out(sample(name))).report
    report = (await shop.bring_in(sample(name))).report
    assert by_class(report) == by_class(foreseen) == classes
    assert report.read == foreseen.read == expected["rows_read"]
    assert report.accepted == foreseen.accepted == expected["new"]
    assert report.accepted + report.rejected + report.skipped == report.read
    assert await shop.count(cards) - before == expected["new"]


async def test_a_shared_sku_counts_uses(shop: Shop) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await make_sku(tx, shop.tenant.id, "cloud-shared", fulfilment="shared")
    await shop.bring_in(["ABCD1234"], await shop.intake(sku="cloud-shared", max_uses=500))
    async with shop.database.transaction(shop.tenant.id) as tx:
        lot = (await tx.execute(select(lots))).one()
    assert (lot.shared, lot.available) == (True, 500)


# -- what doesn't


async def test_rejects_are_listed_by_class_with_their_rows(shop: Shop) -> None:
    lines = ["卡号", "MG0001", "MG0002", "=A1+B1", "MG0001", "#N/A", "", "", "MG0003", "MG0001"]
    report = (await shop.bring_in(lines)).report
    assert row_numbers(report, "heading") == [(1, 1)]
    assert row_numbers(report, "formula") == [(4, 4)]
    assert row_numbers(report, "error_value") == [(6, 6)]
    assert row_numbers(report, "blank") == [(7, 8)]
    assert row_numbers(report, "duplicate_in_file") == [(5, 5), (10, 10)]
    assert [(repeat.row, repeat.first_row) for repeat in report.repeats] == [(5, 2), (10, 2)]
    assert (report.read, report.accepted, report.rejected, report.skipped) == (10, 3, 4, 3)


async def test_the_list_of_rows_is_capped_and_says_so_but_the_count_is_whole(shop: Shop) -> None:
    lines = [line for number in numbers(150) for line in (number, "#N/A")]
    report = (await shop.bring_in(lines)).report
    refused = report.classes["error_value"]
    assert (refused.count, len(refused.ranges), refused.complete) == (150, 100, False)


@pytest.mark.parametrize("state", [state for state in CardState if state != CardState.RESERVED])
async def test_a_card_that_was_ever_in_stock_is_a_duplicate(shop: Shop, state: CardState) -> None:
    await shop.bring_in(["MG0001", "MG0002"])
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(cards).values(state=state))
    report = (await shop.bring_in(["MG0002", "MG0003", "MG0002"])).report
    assert by_class(report) == {"duplicate_in_stock": 2}
    assert row_numbers(report, "duplicate_in_stock") == [(1, 1), (3, 3)]
    assert report.accepted == 1


async def test_repeats_are_found_across_chunks(shop: Shop) -> None:
    lines = [*numbers(CHUNK_ROWS + 10), *numbers(5)]
    report = (await shop.bring_in(lines)).report
    assert report.accepted == CHUNK_ROWS + 10
    assert row_numbers(report, "duplicate_in_file") == [(CHUNK_ROWS + 11, CHUNK_ROWS + 15)]
    assert (report.repeats[0].row, report.repeats[0].first_row) == (CHUNK_ROWS + 11, 1)


async def test_the_same_file_again_brings_nothing_and_says_when_it_came(shop: Shop) -> None:
    await shop.bring_in(sample("iqiyi-month-gbk.csv"))
    before = await shop.counts()
    report = (await shop.bring_in(sample("iqiyi-month-gbk.csv"))).report
    assert report.accepted == 0
    assert report.classes["duplicate_in_stock"].count == 300
    assert "file_imported_before" in [note.code for note in report.notes]
    after = await shop.counts()
    assert (after["cards"], after["lots"], after["transfers"]) == (
        before["cards"],
        before["lots"],
        before["transfers"],
    )


async def test_an_import_of_nothing_new_does_not_wake_the_sku(shop: Shop) -> None:
    await shop.bring_in(["MG0001"])
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(levels).values(replenished_at=None))
    await shop.bring_in(["MG0001"])
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(levels.c.replenished_at))).scalar_one() is None


# -- preview


async def test_a_preview_writes_nothing_at_all(shop: Shop) -> None:
    before = await shop.counts()
    foreseen = (await shop.try_out(["卡号", "MG0001", "MG0002", "MG0001", "#N/A"])).report
    assert foreseen.import_id is None
    assert by_class(foreseen) == {"heading": 1, "error_value": 1, "duplicate_in_file": 1}
    assert foreseen.accepted == 2
    assert await shop.counts() == before


async def test_only_the_file_that_was_previewed_is_imported(shop: Shop) -> None:
    before = await shop.counts()
    with pytest.raises(FileChanged):
        await import_file(
            shop.database,
            shop.tenant.id,
            "cli",
            await shop.intake(),
            as_source(["MG0001"]),
            keyrings=shop.keyrings,
            expect_sha256=as_source(["MG0002"]).sha256,
        )
    assert await shop.counts() == before


# -- warnings


async def test_cards_of_another_shape_come_in_with_a_warning(shop: Shop) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(skus).values(card_pattern="MG[0-9]{4}"))
    report = (await shop.bring_in(["MG0001", "XX0002", "MG0003"])).report
    assert report.accepted == 3
    assert report.warnings["off_pattern"].ranges == [(2, 2)]


@pytest.mark.parametrize(
    ("unit_cost_e4", "codes"),
    [
        (100_000, []),
        (120_000, []),
        (120_001, ["cost_unusual"]),
        (79_999, ["cost_unusual"]),
        (250_001, ["cost_unusual", "cost_over_face_value"]),
    ],
)
async def test_an_unusual_cost_is_pointed_out(
    shop: Shop, unit_cost_e4: int, codes: list[str]
) -> None:
    await shop.bring_in(numbers(1), await shop.intake(unit_cost_e4=100_000))
    report = (
        await shop.try_out(numbers(1, start=1), await shop.intake(unit_cost_e4=unit_cost_e4))
    ).report
    assert [note.code for note in report.notes] == codes


async def test_over_three_times_the_usual_quantity_is_pointed_out(shop: Shop) -> None:
    await shop.bring_in(numbers(10))
    usual = await shop.try_out(numbers(30, start=100))
    assert usual.report.notes == []
    many = await shop.bring_in(numbers(31, start=100))
    assert [note.code for note in many.report.notes] == ["count_unusual"]


async def test_secrets_stay_out_of_the_record_and_the_report(shop: Shop) -> None:
    card = "MG99887766554433"
    source = replace(open_pasted(f"{card}\n{card}\n"), name=f"{card}.txt")
    report = (await shop.bring_in(source)).report
    assert "99887766" not in str(report)
    async with shop.database.transaction(shop.tenant.id) as tx:
        row = (await tx.execute(select(imports))).one()
    assert row.file_name == "•••.txt"


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-供应商.txt",
        "2026-11-23.csv",
        "supplier-2026-11.xlsx",
        "MGTV-2026-11-23.xlsx",
        "芒果月卡2026.11.23.xlsx",
        "price list.csv",
    ],
)
def test_a_day_in_a_files_name_stays_to_be_read(name: str) -> None:
    assert masked_name(name) == name


@pytest.mark.parametrize(
    "stem",
    [
        "MG99887766554433",
        "20261123",
        "ABCD-2026-11",
        "MG8K-2026-11-23",
        "1234-2026-11-23",
        "ABCDEFGH-2026-11-23",
        "2026-1123-1199",
        "2026-11-23.12345678",
        "abcd2026-11-23",
    ],
)
def test_what_may_be_a_code_in_a_files_name_is_hidden(stem: str) -> None:
    assert masked_name(f"{stem}.txt") == "•••.txt"
