"""One box that finds whatever people type; and which cards of a list have gone out."""

import csv
import io
from typing import Any

import httpx
import pytest
from litestar import Litestar
from openpyxl import load_workbook
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from tests.api.calls import key_client, problem, staff_client
from tests.api.world import World, make_world
from tests.conftest import Tenant, make_tenant

CARD = "MG01"


@pytest.fixture
async def world(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    return await make_world(app, database, keyrings, tenant)


@pytest.fixture
async def owner(app: Litestar, world: World) -> httpx.AsyncClient:
    return await staff_client(app, world.database, world.tenant.id, Role.OWNER)


async def found(client: httpx.AsyncClient, written: str) -> dict[str, list[dict[str, Any]]]:
    answer = await client.post("/v1/search", json={"q": written})
    assert answer.status_code == 200, answer.text
    assert all(
        group["total"] == len(group["found"])
        or (group["total"] is None and len(group["found"]) == 5)
        for group in answer.json()["groups"]
    )
    return {group["group"]: group["found"] for group in answer.json()["groups"]}


async def test_what_people_type_is_found(owner: httpx.AsyncClient, world: World) -> None:
    things = world.things
    for written, group, of in (
        ("W1", "orders", things["order_id"]),
        ("Ｗ１", "orders", things["order_id"]),  # full-width, as some keyboards write it
        (things["order_id"], "orders", things["order_id"]),
        ("T1", "orders", things["known_id"]),
        (CARD, "cards", None),
        (f"{CARD}----p1", "cards", None),
        (things["lot_id"], "lots", things["lot_id"]),
        (things["lot_id"][:20], "lots", things["lot_id"]),
        (things["purchase_id"], "purchases", things["purchase_id"]),
        ("K00000", "purchases", things["attempt_id"]),
        ("mgtv", "skus", things["sku_id"]),
        ("MGTV", "skus", things["sku_id"]),
        ("淘宝", "stores", None),
        ("fulu", "suppliers", things["supplier_id"]),
        ("企业", "customers", things["customer_id"]),
    ):
        ids = {each["id"] for each in (await found(owner, written)).get(group, [])}
        assert ids, (written, group)
        assert of is None or of in ids, (written, group)
    for nothing in ("x", "nobody-knows", "MG0", "%", "_"):
        assert "cards" not in await found(owner, nothing)


async def test_a_buyer_is_found_by_a_reference_or_its_last_four(
    owner: httpx.AsyncClient, world: World
) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.execute(text("UPDATE channels.shop_orders SET buyer = '138****6677'"))
    for written in ("6677", "138****66", "138****6677"):
        [order] = (await found(owner, written))["orders"]
        assert order["id"] == world.things["known_id"]
        assert "138****6677" in order["about"]
    assert "orders" not in await found(owner, "8****")


async def test_an_order_is_found_by_the_end_of_its_number(
    owner: httpx.AsyncClient, world: World
) -> None:
    line = {"sku": world.things["sku"], "quantity": 1, "price": "1"}
    numbers = ("4200778812", "8812-B", "77-778812")
    body = {"orders": [{"external_id": each, "lines": [line]} for each in numbers]}
    key = {"Idempotency-Key": "ends"}
    made = await world.program.call("POST", "/v1/orders", body | {"deliver": "later"}, **key)
    assert made.status_code == 200, made.text
    async with world.database.transaction(world.tenant.id) as tx:
        renumbered = "UPDATE channels.shop_orders SET number = 'S-778812' WHERE order_id IS NULL"
        await tx.execute(text(renumbered))
    for written, found_so in (
        ("8812", ["8812-B", "77-778812", "4200778812", "S-778812"]),
        ("778812", ["77-778812", "4200778812", "S-778812"]),  # the latest first
        ("812", []),
    ):
        titles = [each["title"] for each in (await found(owner, written)).get("orders", [])]
        assert titles == found_so, written
        listed = (await owner.get("/v1/orders", params={"q": written})).json()
        ours = [each["external_id"] for each in listed["orders"]]
        assert sorted(ours) == sorted(set(found_so) - {"S-778812"})


async def test_of_many_only_five_are_told_and_that_there_are_more(
    owner: httpx.AsyncClient, world: World
) -> None:
    line = {"sku": world.things["sku"], "quantity": 1, "price": "1"}
    orders = [{"external_id": f"MANY-{n}", "lines": [line]} for n in range(7)]
    body = {"orders": orders, "deliver": "later"}
    made = await world.program.call("POST", "/v1/orders", body, **{"Idempotency-Key": "many"})
    assert made.status_code == 200, made.text
    answer = await owner.post("/v1/search", json={"q": "MANY-"})
    [group] = answer.json()["groups"]
    assert (group["group"], group["total"], len(group["found"])) == ("orders", None, 5)


async def test_a_card_is_shown_masked_with_its_order(
    owner: httpx.AsyncClient, world: World
) -> None:
    numbers = await _given(world)
    answer = await owner.post("/v1/search", json={"q": numbers[0]})
    [group] = answer.json()["groups"]
    assert group["group"] == "cards"
    [card] = group["found"]
    assert card["title"].startswith("••••")
    assert "W1" in card["about"]
    assert numbers[0] not in answer.text
    by_tail = await found(owner, numbers[0][-3:])
    assert card["id"] in {each["id"] for each in by_tail["cards"]} or len(by_tail["cards"]) == 5


async def _given(world: World) -> list[str]:
    """The numbers of the cards that the world's order got."""
    path = f"/v1/orders/{world.things['order_id']}/reveal"
    shown = await world.program.call("POST", path, {"reason": "asks", "recipient": "buyer"})
    return [card["number"] for card in shown.json()]


@pytest.mark.parametrize("role", Role)
async def test_a_role_finds_what_it_may_see(app: Litestar, world: World, role: Role) -> None:
    client = await staff_client(app, world.database, world.tenant.id, role)
    assert "orders" in await found(client, "W1")
    assert "cards" in await found(client, CARD)
    sees_purchases = role is not Role.SERVICE
    assert ("purchases" in await found(client, "K00000")) == sees_purchases


async def test_a_bound_key_finds_its_own_orders_only(
    app: Litestar, keyrings: Keyrings, world: World
) -> None:
    things, tenant_id = world.things, world.tenant.id
    for of, mine in (("store_id", True), ("customer_id", False)):
        program = await key_client(
            app,
            world.database,
            keyrings,
            tenant_id,
            *Permission,
            **{of: things[of]},  # type: ignore[arg-type]
        )
        answer = await program.call("POST", "/v1/search", {"q": "W1"})
        assert bool(answer.json()["groups"]) == mine
        for written in (CARD, "T1", "fulu", things["lot_id"]):
            answer = await program.call("POST", "/v1/search", {"q": written})
            assert answer.json() == {"groups": []}, written


async def test_another_merchants_things_are_not_found(
    app: Litestar, database: Database, world: World
) -> None:
    rival = await make_tenant(database, "rival")
    stranger = await staff_client(app, database, rival.id, Role.OWNER)
    for written in ("W1", "T1", CARD, "mgtv", "fulu", "K00000", world.things["lot_id"]):
        assert await found(stranger, written) == {}
    body = {"values": [CARD]}
    told = (await stranger.post("/v1/stock/cards/which", json=body)).json()
    assert told["counts"] == {"unknown": 1}


async def test_a_list_of_cards_says_what_became_of_each(
    owner: httpx.AsyncClient, world: World
) -> None:
    given = await _given(world)
    values = [CARD, "NEVER-SEEN-1", f"{given[0]}----secret", f"  {given[1]}  ", CARD, ""]
    answer = await owner.post("/v1/stock/cards/which", json={"values": values})
    told = answer.json()
    assert [row["row"] for row in told["rows"]] == [1, 2, 3, 4, 5, 6]
    assert [row["status"] for row in told["rows"]] == [
        "available",
        "unknown",
        "revealed",
        "revealed",
        "repeated",
        "unknown",
    ]
    assert {row["order"] for row in told["rows"][2:4]} == {"W1"}
    assert told["rows"][2]["order_id"] == world.things["order_id"]
    assert told["counts"] == {"available": 1, "unknown": 2, "revealed": 2, "repeated": 1}
    for value in (given[0], given[1], "NEVER-SEEN-1"):
        assert value not in answer.text
    async with world.database.transaction(world.tenant.id) as tx:
        reveals = await tx.execute(text("SELECT count(*) FROM stock.reveals"))
        assert reveals.scalar_one() == 2  # when the order was revealed; asking opens nothing


async def test_the_list_is_downloaded_masked_and_safe(owner: httpx.AsyncClient) -> None:
    body = {"values": ["=cmd|' /C calc'!A0", CARD]}
    answer = await owner.post("/v1/stock/cards/which?format=csv", json=body)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[:2] for row in rows] == [
        ["行号", "状态"],
        ["1", "不是我们的卡"],
        ["2", "在库可发"],
    ]
    assert "cmd" not in answer.text
    assert CARD not in answer.text
    answer = await owner.post("/v1/stock/cards/which?format=xlsx", json=body)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert [cell.value for cell in list(sheet.rows)[2]][1] == "在库可发"
    wrong = await owner.post("/v1/stock/cards/which?format=pdf", json=body)
    problem(wrong, 422, "unknown_format")


async def test_too_long_a_list_is_refused_without_a_word_of_it(owner: httpx.AsyncClient) -> None:
    for values in ([], [CARD] * 5_001, [CARD * 1_000]):
        answer = await owner.post("/v1/stock/cards/which", json={"values": values})
        assert answer.status_code == 422
        assert CARD not in answer.text
    answer = await owner.post("/v1/search", json={"q": CARD * 1_000})
    assert answer.status_code == 422
    assert CARD not in answer.text
