"""`kashu prepaid show` and `kashu statement import` say what their amounts are in."""

import asyncio
import base64
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from rich.console import Console
from sqlalchemy import update

from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.entry.cli import main
from kashu.entry.commands.prepaid import _standings
from kashu.purchases.tables import attempts
from kashu.suppliers.currency import set_currency
from kashu.suppliers.kinds_prepaid import MovementKind
from kashu.suppliers.movements import WantedMovement, approve_movement, ask_for_movement
from kashu.suppliers.prepaid import standings
from tests.conftest import MASTERS, Tenant
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import ANNA, BERT, TODAY, deposit, make_supplier


@pytest.fixture(autouse=True)
def settings(owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KASHU_MASTER_KEY", base64.b64encode(MASTERS.current.key).decode())
    monkeypatch.setenv("KASHU_TENANT", "shop")


@pytest.fixture
async def supplier_id(database: Database, tenant: Tenant) -> UUID:
    """A supplier that is paid in euros: with 1000 of ours, and 5 yuan."""
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await set_currency(tx, tenant.id, "cli", supplier_id, "EUR")
        await deposit(tx, tenant.id, supplier_id, 10_000_000)
        opening = WantedMovement(supplier_id, MovementKind.OPENING, 50_000, "期初", currency="CNY")
        asked = await ask_for_movement(tx, tenant.id, ANNA, opening)
        await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    return supplier_id


async def run(*command: str) -> Any:  # noqa: ANN401  (JSON)
    done = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def test_each_currency_with_a_supplier_stands_on_a_line_of_its_own(
    supplier_id: UUID, database: Database, tenant: Tenant
) -> None:
    [told] = await run("prepaid", "show")
    assert (told["currency"], told["available"]) == ("EUR", "1000.00")
    assert [(each["currency"], each["available"]) for each in told["others"]] == [("CNY", "5.00")]
    async with database.transaction(tenant.id) as tx:
        found = await standings(tx, tenant.id, now(), "Asia/Shanghai")
    screen = StringIO()
    Console(file=screen, width=120).print(_standings(found))
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert [line[:3] for line in lines if line and line[0] == "fulu"] == [
        ["fulu", "EUR", "1000.00"],
        ["fulu", "CNY", "5.00"],
    ]
    assert supplier_id == found[0].supplier_id


async def test_a_statement_is_taken_in_as_what_its_supplier_is_paid_in(
    supplier_id: UUID, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    at = now() - timedelta(hours=2)
    async with database.transaction(tenant.id) as tx:
        await put_orders(tx, tenant.id, supplier_id, [Ordered("K000001", at, 2_000_000)])
        abroad = update(attempts).where(attempts.c.tenant_id == tenant.id)
        await tx.execute(abroad.values(currency="EUR", rate_e6=7_500_000))
    there = (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    path = tmp_path / "a.csv"
    path.write_text(f"商户订单号,金额,下单时间\nK000001,200,{there}\n")
    today = day_of(now())
    days = ("--from", str(today - timedelta(days=1)), "--to", str(today))
    for more in (("--dry-run",), ()):
        told = await run("statement", "import", str(path), "--supplier", "fulu", *days, *more)
        assert (told["currency"], told["matched"], told["findings"]) == ("EUR", 1, [])
