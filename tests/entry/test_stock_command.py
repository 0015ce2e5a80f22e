"""`kashu stock`: what is held, and what of it can be given."""

import csv
import io
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import sku_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Tx
from kashu.stock.freeze import freeze
from kashu.stock.tables import lots
from tests.entry.conftest import Terminal
from tests.stock.builders import make_warehouse, put_cards

TODAY = day_of(now())


def shelve(
    terminal: Terminal,
    count: int,
    *,
    warehouse: str = "main",
    expires_on: date | None = None,
    frozen: bool = False,
    reserved: int = 0,
) -> None:
    async def put(tx: Tx, tenant_id: int, keyrings: Keyrings) -> None:
        sku_id = (await sku_by_code(tx, tenant_id, "mgtv-month")).id
        place_id: UUID = await make_warehouse(tx, tenant_id, warehouse)
        made = await put_cards(
            tx,
            tenant_id,
            count,
            sku_id=sku_id,
            keyrings=keyrings,
            warehouse_id=place_id,
            expires_on=expires_on,
        )
        if frozen:
            await freeze(tx, tenant_id, "cli", lot_ids=[made.id], reason="doubtful")
        if reserved:
            counts = {"available": lots.c.available - reserved, "reserved": reserved}
            await tx.execute(update(lots).where(lots.c.id == made.id).values(**counts))

    terminal.in_shop(put)


def stocked(terminal: Terminal) -> None:
    shelve(terminal, 5, expires_on=TODAY + timedelta(days=9), reserved=2)
    shelve(terminal, 4, expires_on=TODAY + timedelta(days=3))
    shelve(terminal, 1, expires_on=TODAY + timedelta(days=3))
    shelve(terminal, 3, frozen=True)
    shelve(terminal, 2, expires_on=TODAY - timedelta(days=1))
    shelve(terminal, 7, warehouse="spare")


def test_what_is_held_adds_up_by_sku_and_warehouse(terminal: Terminal) -> None:
    stocked(terminal)
    here, there = terminal.ask("stock")
    assert here == {
        "sku": "mgtv-month",
        "name_zh": "芒果TV会员月卡",
        "name_en": "Mango TV VIP, 1 month",
        "warehouse": "main",
        "held": 15,
        "available": 8,
        "reserved": 2,
        "frozen": 3,
        "expired": 2,
        "expires_on": (TODAY + timedelta(days=3)).isoformat(),
        "expiring": 5,
        "currency": "CNY",
        "cost": "150.00",
    }
    assert (there["warehouse"], there["held"], there["available"]) == ("spare", 7, 7)
    assert (there["expires_on"], there["expiring"]) == (None, 0)


def test_what_can_be_given_is_what_an_order_gets(terminal: Terminal) -> None:
    stocked(terminal)
    can_give = sum(shelf["available"] for shelf in terminal.ask("stock"))
    place = ["order", "place", "--sku", "mgtv-month", "--price", "1", "--quantity"]
    assert terminal.ask(*place, str(can_give + 1))["orders"][0]["state"] == "short"
    assert terminal.ask(*place, str(can_give))["orders"][0]["state"] == "filled"
    assert sum(shelf["available"] for shelf in terminal.ask("stock")) == 0


def test_one_sku_or_one_warehouse_can_be_asked_about(terminal: Terminal) -> None:
    stocked(terminal)
    terminal.stock(1, "iqiyi-month")
    found = terminal.ask("stock", "--sku", "iqiyi-month")
    assert [shelf["sku"] for shelf in found] == ["iqiyi-month"]
    found = terminal.ask("stock", "--warehouse", "spare", "--sku", "mgtv-month")
    assert [(shelf["warehouse"], shelf["held"]) for shelf in found] == [("spare", 7)]
    assert "nothing" in terminal.refused("stock", "--sku", "nothing")
    assert "nowhere" in terminal.refused("stock", "--warehouse", "nowhere")


def test_a_spreadsheet_and_a_terminal_show_the_same(terminal: Terminal) -> None:
    stocked(terminal)
    done = terminal.run("stock", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert [(row["仓库"], row["在库"], row["成本额"]) for row in rows] == [
        ("main", "15", "150.00"),
        ("spare", "7", "70.00"),
    ]
    drawn = terminal.run("stock", "--format", "table").stdout
    assert "合计" in drawn
    assert "220.00" in drawn
    code, screen = terminal.see("stock")
    assert code == 0
    assert [line.split() for line in screen.splitlines()][-1] == [
        *("合计", "22", "15", "2", "3", "2", "220.00"),
    ]


def test_an_empty_stock_says_how_to_fill_it(terminal: Terminal) -> None:
    assert terminal.ask("stock") == []
    done = terminal.run("stock", "--format", "table")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "kashu import" in done.stderr
