"""Cards found by whatever a clerk has, always masked; one card's story; and stock at a glance."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import problem, shared_app, staff_client
from tests.api.world import World, make_world
from tests.conftest import Tenant


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


@pytest.fixture
async def world(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    return await make_world(app, database, keyrings, tenant)


@pytest.fixture
async def clerk(
    app: Litestar, database: Database, world: World
) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, world.tenant.id, Role.SERVICE) as client:
        yield client


async def found(client: httpx.AsyncClient, **asked: object) -> list[dict[str, Any]]:
    answer = await client.post("/v1/stock/cards/find", json=asked)
    assert answer.status_code == 200, answer.text
    cards: list[dict[str, Any]] = answer.json()["cards"]
    return cards


async def sold_to(world: World, buyer: str, number: str) -> None:
    """Let the platform's order that we know be the one that was sold, to a buyer."""
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.execute(
            text(
                "UPDATE channels.shop_orders SET order_id = :order, buyer = :buyer,"
                " number = :number WHERE id = :id"
            ),
            {
                "order": world.things["order_id"],
                "buyer": buyer,
                "number": number,
                "id": world.things["known_id"],
            },
        )


async def test_a_card_is_found_by_its_order_its_buyer_its_lot_and_itself(
    clerk: httpx.AsyncClient, world: World
) -> None:
    await sold_to(world, "13800001234", "2026112300001")
    for written, by in (
        ("W1", "order"),  # as our own source calls it
        ("2026112300001", "order"),  # as the platform does
        ("20261123", "order"),
        ("1234", "buyer"),
        ("13800001234", "buyer"),
    ):
        cards = await found(clerk, q=written)
        assert {one["by"] for one in cards} == {by}, written
        assert {one["order"]["external_id"] for one in cards} == {"W1"}
        assert len(cards) == 2
    [mine] = await found(clerk, q=" ＭＧ０１ ")  # as it is pasted
    assert (mine["by"], mine["card"]["state"], mine["order"]) == ("value", "available", None)
    assert mine["card"]["sku"]["code"] == "mgtv-month"
    assert mine["card"]["supplier"]["code"] == "fulu"
    [with_password] = await found(clerk, q="MG01 p1")
    assert with_password["card"]["id"] == mine["card"]["id"]
    tail = (await found(clerk, order_id=world.things["order_id"]))[0]["card"]["tail"]
    assert "tail" in {one["by"] for one in await found(clerk, q=tail)}
    of_lot = await found(clerk, q=mine["card"]["lot_id"])
    assert {(one["by"], one["card"]["id"]) for one in of_lot} == {("lot", mine["card"]["id"])}
    for nothing in ("x", "no such thing", "99998888"):
        assert await found(clerk, q=nothing) == []


async def test_what_was_typed_is_never_in_the_answer(
    clerk: httpx.AsyncClient, world: World
) -> None:
    answer = await clerk.post("/v1/stock/cards/find", json={"q": "MG01"})
    assert answer.json()["cards"]
    assert "MG01" not in answer.text
    assert world.things
    problem(await clerk.post("/v1/stock/cards/find", json={}), 422, "one_of_these")


async def test_the_cards_of_a_lot_come_by_page_and_state(
    clerk: httpx.AsyncClient, world: World
) -> None:
    lots = (await clerk.get("/v1/stock/lots")).json()["lots"]
    lot = max(lots, key=lambda one: one["counts"]["available"])
    every = await found(clerk, lot_id=lot["id"])
    assert len(every) == sum(lot["counts"].values())
    sold = await found(clerk, lot_id=lot["id"], state="allocated")
    assert len(sold) == lot["counts"]["allocated"] == 2
    assert {one["order"]["external_id"] for one in sold} == {"W1"}
    rest = await found(clerk, lot_id=lot["id"], after=every[-2]["card"]["id"])
    assert [one["card"]["id"] for one in rest] == [every[-1]["card"]["id"]]
    assert world.things


async def test_another_merchants_cards_are_not_there(
    app: Litestar, database: Database, other_tenant: Tenant, world: World
) -> None:
    await sold_to(world, "13800001234", "2026112300001")
    async with await staff_client(app, database, other_tenant.id, Role.OWNER) as stranger:
        for written in ("W1", "2026112300001", "1234", "MG01", world.things["lot_id"]):
            assert await found(stranger, q=written) == []
        for name in ("lot_id", "order_id"):
            assert await found(stranger, **{name: world.things[name]}) == []
        answer = await stranger.get(f"/v1/stock/cards/{world.things['card_id']}")
        problem(answer, 404, "unknown_cards")
        assert (await stranger.get("/v1/stock/skus")).json()["skus"] == []
        problem(await stranger.get(f"/v1/stock/lots/{world.things['lot_id']}"), 404, "unknown_lots")


async def test_a_card_tells_who_brought_it_who_got_it_and_who_saw_it_first(
    clerk: httpx.AsyncClient, world: World
) -> None:
    [card, _] = await found(clerk, order_id=world.things["order_id"])
    path = f"/v1/stock/cards/{card['card']['id']}"
    before = (await clerk.get(path)).json()
    assert (before["seen"], before["seen_before_given"], before["first_seen_at"]) == (0, 0, None)
    asked = {"card_ids": [card["card"]["id"]], "reason": "买家说打不开"}
    assert (await clerk.post("/v1/stock/cards/reveal", json=asked)).status_code == 200
    told = (await clerk.get(path)).json()
    assert (told["seen"], told["seen_before_given"], told["whole"]) == (1, 0, True)
    assert told["order"]["external_id"] == "W1"
    assert [step["kind"] for step in told["steps"]] == ["received", "allocated", "revealed"]
    seen = told["steps"][-1]
    assert (seen["by"], seen["reason"]) == ("service", "买家说打不开")
    assert "unit_cost" not in told["steps"][1]["facts"]  # service sees no costs
    imported = (await clerk.get(f"/v1/stock/cards/{world.things['card_id']}")).json()
    assert imported["seen"] == 0
    [mine] = await found(clerk, q="MG01")
    came = (await clerk.get(f"/v1/stock/cards/{mine['card']['id']}")).json()
    assert (came["received_by"], came["given_at"]) == ("program", None)


async def test_stock_at_a_glance_is_narrowed_and_shows_costs_to_who_may_see_them(
    app: Litestar, clerk: httpx.AsyncClient, database: Database, world: World
) -> None:
    told = (await clerk.get("/v1/stock/skus")).json()
    [sku] = told["skus"]
    shelves = (await clerk.get("/v1/stock")).json()["holdings"]
    assert sku["available"] == sum(one["counts"]["available"] for one in shelves)
    assert sku["reserved"] == 2
    assert (sku["costs"], told["total"]["costs"], sku["can"]) == (None, None, [])
    assert (await clerk.get("/v1/stock/skus?q=nothing")).json()["skus"] == []
    assert (await clerk.get("/v1/stock/skus?need=frozen")).json()["skus"] == []
    assert len((await clerk.get("/v1/stock/skus?q=MGTV")).json()["skus"]) == 1
    async with await staff_client(app, database, world.tenant.id, Role.OWNER) as owner:
        [sku] = (await owner.get("/v1/stock/skus")).json()["skus"]
        assert sku["costs"].keys() == {"CNY"}
        assert sku["can"] == ["set_levels"]
        told = (await owner.get(f"/v1/stock/lots/{world.things['lot_id']}")).json()
        assert told["agrees"] is True
        assert told["lot"]["warehouse"]["code"] == "main"
        total = (await owner.get("/v1/stock/lots?stocked=true&sort=expiry")).json()["total"]
        held = sum(one["available"] + one["reserved"] for one in [total])
        assert held == sku["held"]


async def test_the_preview_says_where_cards_are_and_by_which_strategy(
    clerk: httpx.AsyncClient, world: World
) -> None:
    asked = {"sku": world.things["sku"], "count": 3}
    told = (await clerk.post("/v1/strategies/preview", json=asked)).json()
    assert told["strategy"] == "稳妥"
    assert {card["supplier"]["code"] for card in told["cards"]} == {"fulu"}
    cheaper = asked | {"steps": [{"prefer": "lowest_cost"}]}
    assert (await clerk.post("/v1/strategies/preview", json=cheaper)).json()["strategy"] is None
