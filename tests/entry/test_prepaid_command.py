"""`kashu prepaid ask`: in what a supplier is paid, unless it is said otherwise."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.entry.cli import main
from kashu.suppliers.movement_reads import movement_list
from tests.conftest import MASTERS, Tenant
from tests.purchases.abroad import HOUSE, make_world_abroad
from tests.purchases.world import World


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with a supplier that is paid in euros, and one that is paid in yuan."""
    world = await make_world_abroad(database, tenant, keyrings)
    await world.add("fulu")
    return world


@pytest.fixture(autouse=True)
def settings(owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KASHU_MASTER_KEY", base64.b64encode(MASTERS.current.key).decode())
    monkeypatch.setenv("KASHU_TENANT", "shop")


async def ask(supplier: str, *more: str) -> Result:
    asked = ["prepaid", "ask", supplier, "2000", "--method", "bank", "--reason", "充值", *more]
    return await asyncio.to_thread(CliRunner().invoke, main, asked)


async def asked_for(world: World) -> list[tuple[int, str]]:
    async with world.database.transaction(world.tenant.id) as tx:
        found = await movement_list(tx, world.tenant.id, limit=10)
    return [(each.amount_e4, each.currency) for each in found]


@pytest.mark.parametrize(
    ("supplier", "more", "currency"),
    [
        (HOUSE, (), "EUR"),
        ("fulu", (), "CNY"),
        (HOUSE, ("--currency", "usd"), "USD"),
        (HOUSE, ("--currency", "CNY"), "CNY"),
    ],
)
async def test_a_deposit_is_in_what_the_supplier_is_paid_in(
    world: World, supplier: str, more: tuple[str, ...], currency: str
) -> None:
    done = await ask(supplier, *more)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["amount"], told["currency"]) == ("2000.00", currency)
    assert await asked_for(world) == [(20_000_000, currency)]


async def test_what_is_no_currency_is_refused(world: World) -> None:
    refused = await ask(HOUSE, "--currency", "欧元")
    assert refused.exit_code == 1
    assert "EUR" in refused.output
    assert await asked_for(world) == []
