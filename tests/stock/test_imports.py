"""Imports: a file becomes stock, all of its good rows or nothing."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.catalog.tables import skus
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.events import events_of
from kashu.core.ids import new_ids
from kashu.core.sheets.errors import SheetUnreadable
from kashu.core.sheets.rows import Row
from kashu.ledger.tables import transfers
from kashu.stock.allocate import allocate
from kashu.stock.imports import import_file
from kashu.stock.imports_errors import FileChanged, ImportLost
from kashu.stock.imports_reading import CHUNK_ROWS, Source, open_pasted
from kashu.stock.imports_report import ImportReport
from kashu.stock.imports_state import fail_silent_imports, import_of, list_imports
from kashu.stock.plan import Demand
from kashu.stock.secret import decode
from kashu.stock.strategy import FEFO
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


# -- all or nothing


def broken_after(rows: int, error: Exception) -> Source:
    """A table whose file turns out to be damaged after so many rows."""
    source = as_source(numbers(rows))

    def opened() -> Iterator[Row]:
        for n, number in enumerate(numbers(rows), start=1):
            yield Row(n, (number,))
        raise error

    seen = []

    def first_whole_then_broken() -> Iterator[Row]:
        seen.append(1)  # detect_columns looks at the first rows
        return source.sheet.rows() if len(seen) == 1 else opened()

    return replace(source, sheet=replace(source.sheet, _open=first_whole_then_broken))


async def test_a_file_that_is_damaged_deep_inside_leaves_only_a_failed_import(shop: Shop) -> None:
    before = await shop.counts()
    broken = broken_after(2 * CHUNK_ROWS + 1, SheetUnreadable(part="sheet1.xml"))
    with pytest.raises(SheetUnreadable):
        await shop.bring_in(broken)
    after = await shop.counts()
    assert {name: after[name] - before[name] for name in after} == {
        "cards": 0, "lots": 0, "imports": 1, "levels": 0, "transfers": 0, "events": 1,
    }  # fmt: skip
    async with shop.database.transaction(shop.tenant.id) as tx:
        row = (await tx.execute(select(imports))).one()
        (failed,) = await events_of(tx, shop.tenant.id, row.id)
    assert (row.state, failed.facts) == ("failed", {"because": "sheet_unreadable"})


async def test_what_the_database_refuses_at_the_end_leaves_nothing(shop: Shop) -> None:
    intake = await shop.intake(unit_cost_e4=10**15)  # two of them are more than the books hold
    before = await shop.counts()
    with pytest.raises(KashuError):
        await shop.bring_in(numbers(2), intake)
    after = await shop.counts()
    assert (after["cards"], after["lots"], after["transfers"]) == (0, 0, 0)
    assert after["imports"] == before["imports"] + 1


async def test_a_cancelled_import_leaves_nothing(shop: Shop) -> None:
    reached = asyncio.Event()
    task = asyncio.create_task(
        import_file(
            shop.database,
            shop.tenant.id,
            "cli",
            await shop.intake(),
            as_source(numbers(3 * CHUNK_ROWS)),
            keyrings=shop.keyrings,
            on_progress=lambda _: reached.set(),
        )
    )
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await shop.count(cards) == 0
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(imports.c.state))).scalar_one() == "failed"
    again = await shop.bring_in(numbers(3 * CHUNK_ROWS))
    assert again.report.accepted == 3 * CHUNK_ROWS


@dataclass
class Halting:
    """A file of two chunks whose reading halts in the second until it may go on."""

    source: Source
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, lines: list[str]) -> "Halting":
        assert len(lines) > CHUNK_ROWS
        source = as_source(lines)
        loop = asyncio.get_running_loop()

        def opened() -> Iterator[Row]:
            for row in source.sheet.rows():
                if row.number == CHUNK_ROWS + 1:
                    loop.call_soon_threadsafe(halting.reached.set)
                    asyncio.run_coroutine_threadsafe(halting.go_on.wait(), loop).result()
                yield row

        halting = cls(replace(source, sheet=replace(source.sheet, _open=opened)))
        return halting


async def test_an_import_that_was_taken_for_dead_does_not_come_back(shop: Shop) -> None:
    halting = Halting.of(numbers(CHUNK_ROWS + 1))
    importing = asyncio.create_task(shop.bring_in(halting.source))
    await halting.reached.wait()
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(imports).values(state="failed", ended_at=func.now()))
    halting.go_on.set()
    with pytest.raises(ImportLost):
        await importing
    assert await shop.count(cards) == 0
    assert await shop.count(lots) == 0


async def test_selling_goes_on_while_an_import_runs_and_sees_none_of_it(shop: Shop) -> None:
    await shop.bring_in(numbers(2, start=500_000))
    intake = await shop.intake()
    halting = Halting.of(numbers(CHUNK_ROWS + 1))
    importing = asyncio.create_task(shop.bring_in(halting.source))
    await halting.reached.wait()
    async with shop.database.transaction(shop.tenant.id) as tx:
        demands = [Demand(line_id, intake.sku.id, 1, FEFO) for line_id in new_ids(3)]
        served = await allocate(tx, shop.tenant.id, demands, TODAY)
    halting.go_on.set()
    assert [bool(takings) for takings in served] == [True, True, False]
    assert (await importing).report.accepted == CHUNK_ROWS + 1


async def test_how_far_it_is_can_be_read_while_it_runs(shop: Shop) -> None:
    halting = Halting.of(numbers(CHUNK_ROWS + 1))
    importing = asyncio.create_task(shop.bring_in(halting.source))
    await halting.reached.wait()
    told: list[tuple[str, int]] = []
    while (("running", CHUNK_ROWS)) not in told:  # it says so twice a second
        async with shop.database.transaction(shop.tenant.id) as tx:
            told += [(row.state, row.read_count) for row in await list_imports(tx, shop.tenant.id)]
    assert set(told) <= {("running", 0), ("running", CHUNK_ROWS)}
    halting.go_on.set()
    await importing


async def test_the_sweep_fails_what_is_silent_for_a_minute_and_nothing_else(shop: Shop) -> None:
    await shop.bring_in(["MG0001"])
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(
            update(imports).values(
                state="running", ended_at=None, beat_at=func.now() - date.resolution * 1
            )
        )
    assert await fail_silent_imports(shop.database, shop.tenant.id)
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(imports.c.state))).scalar_one() == "failed"
        await tx.execute(update(imports).values(state="running", ended_at=None, beat_at=func.now()))
    assert not await fail_silent_imports(shop.database, shop.tenant.id)


# -- many at once


async def test_two_imports_of_one_file_at_once_bring_each_card_once(shop: Shop) -> None:
    lines = numbers(CHUNK_ROWS + 500)
    backwards = list(reversed(lines))
    first, second = await asyncio.gather(shop.bring_in(lines), shop.bring_in(backwards))
    accepted = [first.report.accepted, second.report.accepted]
    assert sorted(accepted) == [0, CHUNK_ROWS + 500]
    assert await shop.count(cards) == CHUNK_ROWS + 500
    async with shop.database.transaction(shop.tenant.id) as tx:
        counted = (await tx.execute(select(func.sum(lots.c.available)))).scalar_one()
    assert counted == CHUNK_ROWS + 500


async def test_secrets_stay_out_of_the_record_and_the_report(shop: Shop) -> None:
    card = "MG99887766554433"
    source = replace(open_pasted(f"{card}\n{card}\n"), name=f"{card}.txt")
    report = (await shop.bring_in(source)).report
    assert "99887766" not in str(report)
    async with shop.database.transaction(shop.tenant.id) as tx:
        row = (await tx.execute(select(imports))).one()
    assert row.file_name == "•••.txt"
