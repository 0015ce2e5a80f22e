"""Stock over HTTP: whole bodies, each role, and a card in clear only where it was asked for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.stock.quota import REVEALS_A_DAY
from tests.api.calls import key_client, problem, shared_app, staff_client
from tests.conftest import Tenant
from tests.stock.builders import (
    PutLot,
    counters,
    give,
    make_sku,
    make_warehouse,
    put_cards,
)

READERS = frozenset(Role)
MOVERS = frozenset({Role.OWNER, Role.OPS})
SEERS = frozenset({Role.OWNER, Role.OPS, Role.SERVICE})
LATER = (now() + timedelta(days=3)).isoformat()


@dataclass(frozen=True)
class Shop:
    """A SKU with nine cards in the main warehouse, of which two are a line's."""

    tenant: Tenant
    sku_id: UUID
    lot: PutLot
    line_id: UUID


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id, "mgtv-month")
        lot = await put_cards(tx, tenant.id, 9, sku_id=sku_id, keyrings=keyrings)
        line_id, _ = await give(tx, tenant.id, sku_id, 2)
        await make_warehouse(tx, tenant.id, "far")
    return Shop(tenant, sku_id, lot, line_id)


@pytest.fixture
async def owner(app: Litestar, database: Database, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, shop.tenant.id, Role.OWNER) as client:
        yield client


async def counted(database: Database, shop: Shop) -> dict[str, int]:
    async with database.transaction(shop.tenant.id) as tx:
        return await counters(tx, shop.tenant.id, shop.lot.id)


async def cards_in(client: httpx.AsyncClient, **search: object) -> list[dict[str, Any]]:
    answer = await client.post("/v1/stock/cards/search", json=search)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


async def test_a_card_is_found_masked_and_revealed_with_a_reason(
    owner: httpx.AsyncClient, shop: Shop
) -> None:
    number, card_id = shop.lot.numbers[0], str(shop.lot.card_ids[0])
    for search in ({"value": number}, {"tail": number[-3:]}, {"line_id": str(shop.line_id)}):
        answer = await owner.post("/v1/stock/cards/search", json=search)
        shown = {card["id"]: card for card in answer.json()["cards"]}[card_id]
        assert number not in answer.text
        assert (shown["state"], shown["tail"], shown["can"]) == (
            "allocated",
            number[-3:],
            ["reveal"],
        )
        assert (shown["line_id"], shown["unit_cost"]) == (str(shop.line_id), "10.00")

    revealed = await owner.post(
        "/v1/stock/cards/reveal", json={"card_ids": [card_id], "reason": "buyer asks"}
    )

    assert revealed.status_code == 200
    assert revealed.headers["cache-control"] == "no-store"
    assert revealed.json() == {
        "cards": [
            {
                "card_id": card_id,
                "line_id": str(shop.line_id),
                "sku_id": str(shop.sku_id),
                "number": number,
                "password": f"pw-{number}",
                "url": "",
            }
        ]
    }
    told = (await owner.get(f"/v1/stock/cards/{card_id}/history")).json()
    assert [step["kind"] for step in told["steps"]] == ["received", "allocated", "revealed"]
    assert told["steps"][2]["reason"] == "buyer asks"
    assert told["steps"][2]["actor"].startswith("staff:")


async def test_a_search_names_one_thing(owner: httpx.AsyncClient, shop: Shop) -> None:
    for wrong in ({}, {"tail": "12", "lot_id": str(shop.lot.id)}):
        answer = await owner.post("/v1/stock/cards/search", json=wrong)
        problem(answer, 422, "one_of_these")


async def test_a_card_in_stock_is_seen_only_by_burning_it(
    app: Litestar, owner: httpx.AsyncClient, database: Database, shop: Shop
) -> None:
    asked = {"card_ids": [str(shop.lot.card_ids[5])], "reason": "check"}
    problem(await owner.post("/v1/stock/cards/reveal", json=asked), 409, "reveal_burns")
    burning = {**asked, "burn": True}
    async with await staff_client(app, database, shop.tenant.id, Role.SERVICE) as service:
        answer = await service.post("/v1/stock/cards/reveal", json=burning)
        problem(answer, 403, "not_allowed")
    assert await counted(database, shop) == {"available": 7, "allocated": 2}
    answer = await owner.post("/v1/stock/cards/reveal", json=burning)
    assert answer.json()["cards"][0]["number"] == shop.lot.numbers[5]
    assert (await counted(database, shop))["quarantined"] == 1


async def test_staff_may_see_so_many_a_day_and_programs_as_many_as_they_may_order(
    app: Litestar, owner: httpx.AsyncClient, database: Database, keyrings: Keyrings, shop: Shop
) -> None:
    async with database.transaction(shop.tenant.id) as tx:
        await put_cards(tx, shop.tenant.id, REVEALS_A_DAY, sku_id=shop.sku_id, keyrings=keyrings)
        _, held = await give(tx, shop.tenant.id, shop.sku_id, REVEALS_A_DAY)
    ids = [str(card_id) for card_id in held]
    all_of_them = {"card_ids": ids, "reason": "check"}
    one_more = {"card_ids": [str(shop.lot.card_ids[0])], "reason": "check"}
    answer = await owner.post("/v1/stock/cards/reveal", json=all_of_them)
    assert len(answer.json()["cards"]) == REVEALS_A_DAY
    refused = problem(
        await owner.post("/v1/stock/cards/reveal", json=one_more), 403, "reveal_quota_used"
    )
    assert refused["facts"] == {"quota": REVEALS_A_DAY, "used": REVEALS_A_DAY}
    program = await key_client(app, database, keyrings, shop.tenant.id, Permission.STOCK_REVEAL)
    for asked in (all_of_them, one_more):
        answer = await program.call("POST", "/v1/stock/cards/reveal", asked)
        assert answer.status_code == 200


async def test_lots_are_frozen_and_unfrozen_and_say_what_can_be_done(
    owner: httpx.AsyncClient, shop: Shop
) -> None:
    for way, state, other in (("freeze", "frozen", "unfreeze"), ("unfreeze", "open", "freeze")):
        asked = {"lot_ids": [str(shop.lot.id)], "reason": "recall"}
        answer = await owner.post(f"/v1/stock/{way}", json=asked)
        assert answer.json() == {"lot_ids": [str(shop.lot.id)], "units": 7, "given": 2}
        [lot] = (await owner.get("/v1/stock/lots", params={"state": state})).json()["lots"]
        assert (lot["id"], lot["counts"]["available"], lot["unit_cost"]) == (
            str(shop.lot.id),
            7,
            "10.00",
        )
        assert lot["can"] == [other, "quarantine", "transfer", "void", "return"]
    answer = await owner.post("/v1/stock/freeze", json={"reason": "recall"})
    problem(answer, 422, "one_of_these")
    answer = await owner.post("/v1/stock/freeze", json={"reason": "r", "lot_ids": [str(new_id())]})
    problem(answer, 404, "unknown_lots")


async def test_cards_are_transferred_voided_returned_and_quarantined(
    owner: httpx.AsyncClient, database: Database, shop: Shop
) -> None:
    moved = await owner.post(
        "/v1/stock/transfers",
        json={
            "lot_id": str(shop.lot.id),
            "to_warehouse": "far",
            "count": 2,
            "reason": "for the shop",
        },
    )
    assert (moved.status_code, moved.json()["count"]) == (201, 2)
    for place, (way, more) in enumerate(
        {"void": {}, "return": {"against": "payable"}, "quarantine": {}}.items()
    ):
        card_id = str(shop.lot.card_ids[4 + place])
        answer = await owner.post(
            f"/v1/stock/cards/{way}", json={"card_ids": [card_id], "reason": "r", **more}
        )
        assert answer.json() == {"cards": 1, "units": 1, "lot_ids": [str(shop.lot.id)]}
    assert await counted(database, shop) == {
        "available": 2,
        "allocated": 2,
        "void": 1,
        "returned": 1,
        "quarantined": 1,
    }
    [near, far] = sorted(
        (await owner.get("/v1/stock")).json()["holdings"],
        key=lambda held: -held["counts"]["allocated"],
    )
    assert (near["counts"]["available"], near["cost"]) == (2, "20.00")
    assert (far["counts"]["available"], far["by_expiry"]["none"]) == (2, 2)


async def test_cards_are_reserved_extended_and_let_go(
    owner: httpx.AsyncClient, database: Database, shop: Shop
) -> None:
    asked = {"sku": "mgtv-month", "quantity": 3, "until_at": LATER, "reason": "quote Q7"}
    made = await owner.post("/v1/reservations", json=asked)
    assert made.status_code == 201, made.text
    [listed] = (await owner.get("/v1/reservations")).json()["reservations"]
    assert (listed["id"], listed["kept"], listed["can"]) == (
        made.json()["id"],
        3,
        ["extend", "release"],
    )
    path = f"/v1/reservations/{made.json()['id']}"
    answer = await owner.post(f"{path}/extend", json={"until_at": LATER})
    assert answer.status_code == 204
    problem(
        await owner.post("/v1/reservations", json={**asked, "quantity": 5}),
        409,
        "reservation_short",
    )
    past = {"until_at": "2020-01-01T00:00:00Z"}
    problem(await owner.post(f"{path}/extend", json=past), 422, "reservation_wrong")
    assert await counted(database, shop) == {"available": 4, "reserved": 3, "allocated": 2}
    assert (await owner.post(f"{path}/release", json={"reason": "no"})).status_code == 204
    problem(await owner.post(f"{path}/release", json={"reason": "no"}), 409, "reservation_ended")
    assert await counted(database, shop) == {"available": 7, "allocated": 2}


async def test_a_count_is_compared_and_posted(
    owner: httpx.AsyncClient, database: Database, shop: Shop
) -> None:
    listed = "\n".join(["卡号,密码", *(f"{n},pw-{n}" for n in shop.lot.numbers[:8]), "X1Y2Z3,pw"])
    form = {"sku": "mgtv-month", "warehouse": "main"}
    answer = await owner.post(
        "/v1/stocktakes", data=form, files={"file": ("count.csv", listed.encode())}
    )
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    found = {kind: those["count"] for kind, those in taken["differences"].items()}
    assert (taken["matched"], found) == (
        6,
        {
            "missing": 1,
            "unknown": 1,
            "not_available": 2,
            "elsewhere": 0,
            "duplicate": 0,
            "unreadable": 0,
        },
    )
    assert all(number not in answer.text for number in shop.lot.numbers)
    path = f"/v1/stocktakes/{taken['id']}"
    assert (await owner.get(path)).json() == taken
    posted = await owner.post(f"{path}/post", json={"reason": "yearly"})
    assert posted.json() == {"voided": 1, "left_alone": 0}
    problem(await owner.post(f"{path}/drop"), 409, "stocktake_ended")
    assert await counted(database, shop) == {"available": 6, "allocated": 2, "void": 1}
    pasted = {**form, "text": shop.lot.numbers[2]}
    answer = await owner.post("/v1/stocktakes", data=pasted, files={"none": b""})
    assert answer.json()["matched"] == 1, answer.text


async def test_a_strategy_is_saved_assigned_and_previewed(
    owner: httpx.AsyncClient, shop: Shop
) -> None:
    steps = [{"keep": "minimum_validity", "days": 0}, {"prefer": "lowest_cost", "ids": []}]
    saved = await owner.put("/v1/strategies/cheap", json={"name": "低成本优先", "steps": steps})
    assert saved.status_code == 200, saved.text
    assert (saved.json()["steps"], saved.json()["uses"]) == (steps, [])
    assigned = await owner.post("/v1/strategies/cheap/assign", json={"sku": "mgtv-month"})
    assert [use["sku"]["code"] for use in assigned.json()["uses"]] == ["mgtv-month"]
    preview = await owner.post("/v1/strategies/preview", json={"sku": "mgtv-month", "count": 2})
    first = preview.json()["cards"][0]
    assert first["card_id"] == str(shop.lot.card_ids[2])
    assert first["because"]["strategy"] == "低成本优先"
    assert first["because"]["unit_cost"] == "10.00"
    nothing = {"sku": "mgtv-month", "steps": [{"keep": "minimum_validity", "days": 99}]}
    answer = await owner.post("/v1/strategies/preview", json=nothing)
    assert len(answer.json()["cards"]) == 7  # they never expire
    wrong = await owner.put("/v1/strategies/bad", json={"name": "x", "steps": [{"prefer": "?"}]})
    assert problem(wrong, 422, "strategy_wrong")["problems"][0]["at"] == "/steps/0"
    gone = await owner.post("/v1/strategies/cheap/unassign", json={"sku": "mgtv-month"})
    assert gone.json()["uses"] == []
    assert len((await owner.get("/v1/strategies")).json()["strategies"]) == 1


async def test_warehouses_levels_alerts_and_holders_are_shown(
    owner: httpx.AsyncClient, shop: Shop
) -> None:
    made = await owner.post("/v1/warehouses", json={"code": "new", "name": "新仓"})
    assert (made.status_code, made.json()["priority"]) == (201, 100)
    codes = [row["code"] for row in (await owner.get("/v1/warehouses")).json()["warehouses"]]
    assert sorted(codes) == ["far", "main", "new"]
    path = f"/v1/stock/levels/{shop.sku_id}"
    assert (await owner.put(path, json={"low": 5, "enough": 9})).status_code == 204
    problem(await owner.put(path, json={"low": 5}), 422, "levels_wrong")
    assert (await owner.get("/v1/stock/alerts")).json() == {"alerts": []}
    held = (await owner.get(f"/v1/stock/lots/{shop.lot.id}/holders")).json()
    assert {row["line_id"] for row in held["holders"]} == {str(shop.line_id)}
    assert (await owner.get("/v1/stock/resealing")).json()["under_way"] is False


Call: TypeAlias = tuple[str, str, dict[str, Any] | None, frozenset[Role]]

NOBODY = str(UUID(int=7))
WHY: dict[str, Any] = {"reason": "r"}
CALLS: list[Call] = [
    ("GET", "/v1/stock", None, READERS),
    ("GET", "/v1/stock/lots", None, READERS),
    ("GET", f"/v1/stock/lots/{NOBODY}/holders", None, READERS),
    ("GET", "/v1/stock/alerts", None, READERS),
    ("GET", "/v1/stock/resealing", None, READERS),
    ("GET", "/v1/warehouses", None, READERS),
    ("GET", "/v1/reservations", None, READERS),
    ("GET", "/v1/strategies", None, READERS),
    ("GET", f"/v1/stocktakes/{NOBODY}", None, READERS),
    ("GET", f"/v1/stock/cards/{NOBODY}/history", None, READERS),
    ("POST", "/v1/stock/cards/search", {"tail": "99"}, READERS),
    ("POST", "/v1/strategies/preview", {"sku": "mgtv-month"}, READERS),
    ("POST", "/v1/stock/cards/reveal", {**WHY, "card_ids": [NOBODY]}, SEERS),
    ("POST", "/v1/stock/cards/quarantine", {**WHY, "card_ids": [NOBODY]}, MOVERS),
    ("POST", "/v1/stock/cards/void", {**WHY, "card_ids": [NOBODY]}, MOVERS),
    (
        "POST",
        "/v1/stock/cards/return",
        {**WHY, "card_ids": [NOBODY], "against": "payable"},
        MOVERS,
    ),
    ("POST", "/v1/stock/freeze", {**WHY, "lot_ids": [NOBODY]}, MOVERS),
    ("POST", "/v1/stock/unfreeze", {**WHY, "lot_ids": [NOBODY]}, MOVERS),
    (
        "POST",
        "/v1/stock/transfers",
        {**WHY, "lot_id": NOBODY, "to_warehouse": "far", "count": 1},
        MOVERS,
    ),
    ("POST", "/v1/warehouses", {"code": "x", "name": "x"}, MOVERS),
    ("PUT", f"/v1/stock/levels/{NOBODY}", {"low": 1, "enough": 2}, MOVERS),
    (
        "POST",
        "/v1/reservations",
        {**WHY, "sku": "none", "quantity": 1, "until_at": LATER},
        MOVERS,
    ),
    ("POST", f"/v1/reservations/{NOBODY}/extend", {"until_at": LATER}, MOVERS),
    ("POST", f"/v1/reservations/{NOBODY}/release", WHY, MOVERS),
    ("POST", f"/v1/stocktakes/{NOBODY}/post", WHY, MOVERS),
    ("POST", f"/v1/stocktakes/{NOBODY}/drop", None, MOVERS),
    ("PUT", "/v1/strategies/x", {"name": "x", "steps": [{"prefer": "oldest"}]}, MOVERS),
    ("POST", "/v1/strategies/none/assign", {}, MOVERS),
    ("POST", "/v1/strategies/none/unassign", {}, MOVERS),
]


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_its_part_and_no_more(
    app: Litestar, database: Database, shop: Shop, role: Role
) -> None:
    async with await staff_client(app, database, shop.tenant.id, role) as client:
        for method, path, body, allowed in CALLS:
            answer = await client.request(method, path, json=body)
            if role in allowed:
                assert answer.status_code in {200, 201, 204, 404}, (path, answer.text)
            else:
                problem(answer, 403, "not_allowed")
        form = {"sku": "none", "warehouse": "main", "text": "A1B2C3D4"}
        answer = await client.post("/v1/stocktakes", data=form, files={"none": b""})
        problem(answer, *((404, "unknown_sku") if role in MOVERS else (403, "not_allowed")))
    assert await counted(database, shop) == {"available": 7, "allocated": 2}


async def test_who_may_see_no_costs_sees_none(
    app: Litestar, database: Database, shop: Shop
) -> None:
    async with await staff_client(app, database, shop.tenant.id, Role.OPS) as ops:
        [card, *_] = await cards_in(ops, lot_id=str(shop.lot.id))
        [lot] = (await ops.get("/v1/stock/lots")).json()["lots"]
        [held] = (await ops.get("/v1/stock")).json()["holdings"]
        assert (card["unit_cost"], lot["unit_cost"], held["cost"]) == (None, None, None)
        told = await ops.get(f"/v1/stock/cards/{card['id']}/history")
        preview = await ops.post("/v1/strategies/preview", json={"sku": "mgtv-month"})
        assert "10.00" not in told.text + preview.text
