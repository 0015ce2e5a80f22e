"""Checks: told how far they are, and stopped when nobody listens."""

import asyncio
import json

import pytest

from kashu.stock import imports_check
from kashu.stock.imports_check import Check, ChecksUnderWay, turns, watched
from kashu.stock.imports_report import ImportReport


async def test_whoever_watches_is_told_how_far_it_is_and_it_stops_when_they_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports_check, "BEAT_EVERY_S", 0.01)
    stopped = asyncio.Event()

    async def work(_: Check) -> ImportReport:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        raise AssertionError

    lines = watched("zh", work)
    assert json.loads(await anext(lines)) == {"progress": {"read": 0, "share": 0.0, "ms": 0}}
    await lines.aclose()
    await asyncio.wait_for(stopped.wait(), 5)


async def test_a_bug_on_the_way_is_told_with_its_number_and_without_what_was_read() -> None:
    async def work(_: Check) -> ImportReport:
        raise ValueError("MG0001FAKE")

    [line] = [json.loads(line) async for line in watched("en", work)]
    assert line["refused"]["code"] == "check_failed"
    assert "MG0001FAKE" not in str(line)


async def test_a_merchant_has_a_few_files_checked_at_once_and_is_told_when_there_are_more() -> None:
    most = imports_check.AT_ONCE + imports_check.WAITING_MAX
    free = asyncio.Event()

    async def one() -> None:
        async with turns.turn(7):
            await free.wait()

    there = [asyncio.create_task(one()) for _ in range(most)]
    await asyncio.sleep(0)
    with pytest.raises(ChecksUnderWay):
        async with turns.turn(7):
            pass
    async with turns.turn(8):  # another merchant waits for none of them
        free.set()
    await asyncio.gather(*there)
    async with turns.turn(7):
        pass
