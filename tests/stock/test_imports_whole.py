"""Imports: all or nothing, whatever breaks, and many at once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.events import events_of
from kashu.core.ids import new_ids
from kashu.core.sheets.errors import SheetUnreadable
from kashu.core.sheets.rows import Row
from kashu.stock import imports_reading
from kashu.stock.allocate import allocate
from kashu.stock.imports import import_file
from kashu.stock.imports_errors import ImportLost
from kashu.stock.imports_reading import Source
from kashu.stock.imports_state import fail_silent_imports, list_imports
from kashu.stock.plan import Demand
from kashu.stock.strategy import FEFO
from kashu.stock.tables import cards, imports, lots
from tests.conftest import Tenant
from tests.stock.importing import (
    TODAY,
    Shop,
    as_source,
    open_shop,
)

CHUNK_ROWS = 500  # enough to have several


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports_reading, "CHUNK_ROWS", CHUNK_ROWS)


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


def numbers(count: int, *, start: int = 0) -> list[str]:
    return [f"MG{n:012d}" for n in range(start, start + count)]


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


async def test_two_imports_of_one_file_at_once_bring_each_card_once(shop: Shop) -> None:
    lines = numbers(8 * CHUNK_ROWS)
    backwards = list(reversed(lines))
    first, second = await asyncio.gather(shop.bring_in(lines), shop.bring_in(backwards))
    accepted = [first.report.accepted, second.report.accepted]
    assert sorted(accepted) == [0, 8 * CHUNK_ROWS]
    assert await shop.count(cards) == 8 * CHUNK_ROWS
    async with shop.database.transaction(shop.tenant.id) as tx:
        counted = (await tx.execute(select(func.sum(lots.c.available)))).scalar_one()
    assert counted == 8 * CHUNK_ROWS
