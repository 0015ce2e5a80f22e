"""The suppliers' part of the demo's board: it fits, and tells what happened in words."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from rich.console import Console, Group

from kashu.access.keyring import Keyrings
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.entry.begin import Begun
from kashu.entry.demo.board_suppliers import SuppliersPart
from kashu.entry.demo.drama import Drama
from kashu.entry.demo.happenings import Failover, Happenings
from kashu.entry.demo.stage import Stage
from kashu.entry.demo.statement import Settler
from kashu.entry.demo.supply import Supply
from kashu.entry.demo.wares import DRAMA, WARES, Requests
from kashu.entry.simulation.wholesale import open_wholesale
from kashu.orders.intake import Intake
from tests.conftest import Tenant

FIRST, SECOND, SKU = new_id(), new_id(), new_id()


def happenings_of(database: Database, tenant: Tenant) -> Happenings:
    return Happenings(database, tenant.id, {FIRST: "甲", SECOND: "乙"}, {SKU: DRAMA})


async def happen(database: Database, tenant: Tenant, *events: Event) -> None:
    async with database.transaction(tenant.id) as tx:
        await record(tx, tenant.id, "system", events)


def wanted(purchase: UUID) -> Event:
    return Event("purchase.wanted", purchase, {"sku_id": str(SKU)})


def attempt(kind: str, purchase: UUID, id_: UUID, supplier: UUID, **facts: str) -> Event:
    about = {"attempt_id": str(id_), "supplier_id": str(supplier)}
    return Event(f"attempt.{kind}", purchase, about | facts)


async def test_an_order_that_is_refused_and_taken_elsewhere_is_a_failover(
    database: Database, tenant: Tenant
) -> None:
    seen = happenings_of(database, tenant)
    purchase, one, other = new_id(), new_id(), new_id()
    await happen(
        database,
        tenant,
        wanted(purchase),
        attempt("sent", purchase, one, FIRST, total="43.00"),
        attempt("refused", purchase, one, FIRST, said="supplier_sold_out"),
    )
    await seen.look()
    assert seen.failovers == []
    await happen(
        database,
        tenant,
        attempt("sent", purchase, other, SECOND, total="44.00"),
        attempt("succeeded", purchase, other, SECOND),
        Event("purchase.done", purchase),
    )
    for _ in range(2):  # what was read is read again, and counts once
        await seen.look()

    assert seen.failovers == [Failover("甲", "supplier_sold_out", "乙")]
    assert (seen.done, seen.unclear) == (1, 0)
    [story] = seen.stories
    assert story.text == "转单 芒果TV会员 季卡：甲 拒绝（售罄）→ 乙"


async def test_money_in_doubt_is_told_when_it_is_and_when_it_is_not_any_more(
    database: Database, tenant: Tenant
) -> None:
    seen = happenings_of(database, tenant)
    purchase, one = new_id(), new_id()
    await happen(
        database,
        tenant,
        wanted(purchase),
        attempt("sent", purchase, one, FIRST, total="43.1234"),
        attempt("unclear", purchase, one, FIRST),
        attempt("unclear", purchase, one, FIRST),  # asked about in vain
    )
    await seen.look()
    assert (seen.unclear, seen.unclear_resolved, seen.settled_e4) == (1, 0, 0)
    await happen(database, tenant, attempt("succeeded", purchase, one, FIRST))
    await seen.look()

    assert (seen.unclear, seen.unclear_resolved, seen.settled_e4) == (1, 1, 431_234)
    assert seen.failovers == []
    assert [story.text.partition(" ")[0] for story in seen.stories] == ["存疑", "查清"]


async def test_a_price_that_moves_and_a_breaker_are_told_in_the_readers_language(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = happenings_of(database, tenant)
    moved = {"old": "42.4682", "new": "43.3113", "percent": "+1.98"}
    await happen(database, tenant, Event("offer.price_moved", SKU, moved))
    await seen.look()
    monkeypatch.setenv("KASHU_LANGUAGE", "en")
    await happen(
        database,
        tenant,
        Event("offer.price_moved", SKU, moved | {"new": "40.00", "percent": "-5.81"}),
        Event("offer.price_moved", new_id(), moved),  # of something else
        Event("supplier.breaker_opened", FIRST, {"breaks": 1}),
    )
    await seen.look()

    assert [move.is_rise for move in seen.moves] == [True, False]
    assert [story.text for story in seen.stories] == [
        "涨价 芒果TV会员 季卡：42.47 → 43.31（+1.98%），还剩毛利 13.59",
        "cheaper: 芒果TV会员 季卡 42.47 → 40.00 (-5.81 %), leaves 16.90",
        "breaker of 甲 opened (1): nothing is ordered there",
    ]


@pytest.mark.parametrize("room", [-3, 0, 4, 9, 10, 11, 16, 40])
async def test_it_takes_as_many_lines_as_it_says(
    database: Database, tenant: Tenant, keyrings: Keyrings, room: int
) -> None:
    async with open_wholesale(WARES, 3) as wholesale:
        seen = happenings_of(database, tenant)
        stage = Stage(database, keyrings, Begun(tenant, ""), "run")  # type: ignore[arg-type]
        supply = Supply(
            stage,
            wholesale,
            seen,
            Settler(database, tenant),  # type: ignore[arg-type]
            Requests("run"),
            Intake(database, keyrings),
        )
        part = SuppliersPart(supply, Drama(supply))
        for number in range(9):
            seen.tell(now() + timedelta(seconds=number), "很长" * 60, "long" * 60)
        console = Console(width=76, file=StringIO())
        console.print(Group(*part.drawn(room)))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == part.height(room)
    assert part.height(room) <= max(room, 4)
