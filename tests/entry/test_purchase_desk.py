"""`kashu purchase desk`, `ask`, `decide`: what they say, what they change, and what they refuse."""

import asyncio
import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.entry.cli import main
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.reads import Attempt
from kashu.suppliers.upstream import Can
from tests.conftest import MASTERS, Tenant
from tests.purchases.abroad import HOUSE, make_world_abroad
from tests.purchases.counterpart import Fault
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world

CARDS = "卡号,密码\nKAMI00000001,MIMA00000001\nKAMI00000002,MIMA00000002\n"
WHY = ("--reason", "客服说没有这笔", "--evidence", "6 月 3 日聊天记录")


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with one supplier that can't be asked."""
    world = await make_world(database, tenant, keyrings, [])
    await world.add("mute", can=frozenset(Can) - {Can.ASK, Can.ASK_THEIRS}, stock=200)
    return world


@pytest.fixture(autouse=True)
def settings(owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = base64.b64encode(MASTERS.current.key).decode()
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KASHU_MASTER_KEY", key)
    monkeypatch.setenv("KASHU_TENANT", "shop")


async def run(*arguments: str, typed: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["purchase", *arguments], input=typed)


async def told(*arguments: str, typed: str = "") -> Any:  # noqa: ANN401  (any JSON)
    done = await run(*arguments, typed=typed)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


async def left_to_people(world: World, quantity: int = 2) -> Attempt:
    world.houses["mute"].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want(quantity)
    await world.place()
    await world.later(seconds=5)
    await world.ask()
    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.MANUAL
    return attempt


async def test_the_desk_tells_what_is_in_doubt_and_what_helps(world: World) -> None:
    assert await told("desk") == {"total": "0.00", "orders": [], "currency": "CNY"}
    attempt = await left_to_people(world)

    desk = await told("desk", "--mine")

    [row] = desk["orders"]
    assert (desk["total"], row["total"]) == ("20.00", "20.00")
    assert (row["supplier"], row["number"], row["state"]) == ("mute", attempt.number, "manual")
    assert (row["quantity"], row["next_at"], row["not_bought_says"]) == (2, None, 0)
    assert row["do"] == [
        f"kashu purchase ask {attempt.id}",
        f"kashu purchase decide {attempt.id} bought",
        f"kashu purchase decide {attempt.id} not-bought",
    ]


async def test_what_is_ordered_in_euros_is_told_in_euros_and_added_up_in_yuan(
    database: Database, tenant: Tenant, keyrings: Keyrings, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world_abroad(database, tenant, keyrings)
    world.houses[HOUSE].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want(2)
    await world.place()

    desk = await told("desk")
    [row] = desk["orders"]
    assert (desk["total"], desk["currency"]) == ("156.2469", "CNY")
    assert (row["total"], row["currency"]) == ("20.00", "EUR")
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    monkeypatch.setenv("COLUMNS", "250")
    assert "20.00 EUR" in (await run("desk")).output
    assert "20.00 EUR" in (await run("show", str(purchase_id))).output


async def test_what_was_not_bought_gives_its_money_back(world: World) -> None:
    attempt = await left_to_people(world)

    done = await told("decide", str(attempt.id), "not-bought", *WHY)

    assert (done["state"], done["is_final"]) == ("refused", True)
    assert (await world.purchase(attempt.purchase_id)).state is PurchaseState.WANTED
    assert (await world.money("mute")).prepaid_e4 == DEPOSIT_E4
    assert (await told("desk"))["orders"] == []
    await world.proved()


async def test_above_the_limit_somebody_else_says_so_too(world: World) -> None:
    attempt = await left_to_people(world, 51)  # of ten each: above 500

    noted = await run("decide", str(attempt.id), "not-bought", *WHY)
    again = await run("decide", str(attempt.id), "not-bought", *WHY)

    assert noted.exit_code == 0, noted.output
    assert json.loads(noted.stdout)["is_final"] is False
    assert "另一位" in noted.stderr
    assert again.exit_code == 1
    assert "second_person_needed" in again.output
    assert (await world.attempt(attempt.purchase_id)).state is AttemptState.MANUAL
    [row] = (await told("desk"))["orders"]
    assert row["not_bought_says"] == 1


@pytest.mark.parametrize("pasted", [False, True])
async def test_what_was_bought_is_taken_from_a_file(
    world: World, tmp_path: Path, *, pasted: bool
) -> None:
    attempt = await left_to_people(world)
    file = tmp_path / "cards.csv"
    file.write_text(CARDS, "utf-8")

    path, typed = ("-", CARDS) if pasted else (str(file), "")
    done = await run("decide", str(attempt.id), "bought", "--cards", path, typed=typed)

    assert done.exit_code == 0, done.output
    assert "KAMI" not in done.output
    assert json.loads(done.stdout)["received"] == 2
    assert await world.stock_count() == 2
    await world.proved()


async def test_cards_that_were_bought_are_handed_in(world: World) -> None:
    attempt = await left_to_people(world)

    refused = await run("decide", str(attempt.id), "bought", "--their-number", "T1")

    assert refused.exit_code == 1
    assert "bought_cards_missing" in refused.output
    assert await world.attempt(attempt.purchase_id) == attempt


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("not-bought",), "--reason"),
        (("not-bought", "--reason", "x", "--evidence", " "), "--evidence"),
        (("not-bought", *WHY, "--cards", "cards.csv"), "没有买到就没有卡密"),
        (("bought", *WHY), "只用于 not-bought"),
    ],
)
async def test_what_does_not_go_together_is_refused(
    world: World, options: Sequence[str], says: str
) -> None:
    attempt = await left_to_people(world)

    refused = await run("decide", str(attempt.id), *options)

    assert refused.exit_code == 2
    assert says in refused.stderr
    assert await world.attempt(attempt.purchase_id) == attempt


async def test_asking_now_orders_nothing(world: World) -> None:
    attempt = await left_to_people(world)
    orders = len(world.houses["mute"].house.orders)

    asked = await told("ask", str(attempt.id))  # nobody speaks that protocol here

    assert (asked["state"], asked["is_final"]) == ("manual", False)
    assert len(world.houses["mute"].house.orders) == orders
    assert (await world.money("mute")).in_doubt_e4 == 2 * COST_E4
