"""`kashu purchase receive`: what it prints, what it writes, and how it exits."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.entry.cli import main
from tests.conftest import MASTERS, Tenant
from tests.purchases.by_hand import CARDS, CODE, COST_E4, open_by_hand, ordered
from tests.purchases.world import World


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    return await open_by_hand(database, tenant, keyrings)


@pytest.fixture(autouse=True)
def settings(owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = base64.b64encode(MASTERS.current.key).decode()
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KASHU_MASTER_KEY", key)
    monkeypatch.setenv("KASHU_TENANT", "shop")


async def run(file: Path | str, number: str, *options: str, typed: str = "") -> Result:
    arguments = ["purchase", "receive", str(file), "--attempt", number, *options]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, input=typed)


async def test_a_file_is_foreseen_and_then_taken(world: World, tmp_path: Path) -> None:
    attempt = await ordered(world)
    file = tmp_path / "cards.csv"
    file.write_text(CARDS, "utf-8")
    foreseen = await run(file, attempt.number, "--dry-run", "--json")
    assert foreseen.exit_code == 0, foreseen.output
    assert json.loads(foreseen.stdout)["accepted"] == 3
    assert await world.stock_count() == 0
    taken = await run(file, attempt.number, "--yes")
    assert taken.exit_code == 0, taken.output
    assert "KAMI" not in taken.output
    assert await world.stock_count() == 3
    again = await run(file, attempt.number, "--yes")
    assert (again.exit_code, await world.stock_count()) == (1, 3)
    assert "attempt_settled" in again.output


async def test_what_is_typed_is_taken_as_it_is(world: World) -> None:
    attempt = await ordered(world)
    two = CARDS.replace("KAMI00000003,MIMA00000003\n", "")
    refused = await run("-", attempt.number, typed=two)
    assert refused.exit_code == 1
    assert "received_file_not_whole" in refused.output
    assert await world.stock_count() == 0
    taken = await run("-", attempt.number, "--as-it-is", "--charged", "￥18.00", typed=two)
    assert taken.exit_code == 0, taken.output
    assert await world.stock_count() == 2
    money = await world.money(CODE)
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, 180_000 - 2 * (180_000 // 3))
    assert COST_E4 == 90_000
    await world.proved()


async def test_a_file_that_is_not_there_and_a_number_of_nobody_are_refused(
    world: World, tmp_path: Path
) -> None:
    attempt = await ordered(world)
    nowhere = await run(tmp_path / "nowhere.csv", attempt.number, "--yes")
    nobody = await run("-", "K0000000000", "--yes", typed=CARDS)
    assert (nowhere.exit_code, nobody.exit_code) == (1, 1)
    assert "unknown_attempt" in nobody.output
    assert await world.stock_count() == 0
