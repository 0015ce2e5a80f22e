"""Buying over HTTP: want, approve, look why, set the rules."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.purchases.kinds import AttemptState
from kashu.purchases.reads import purchase_of
from kashu.purchases.route import Choice, route
from kashu.suppliers.reads import suppliers_by_code
from tests.api.calls import key_client, problem, shared_app, staff_client
from tests.conftest import Tenant, make_tenant
from tests.purchases.buying import Ground, attempted, make_ground, make_listing, make_offer

KEY = {"Idempotency-Key": "a-1"}


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


@pytest.fixture
async def owner(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.OWNER)


@pytest.fixture
async def clerk(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.OPS)


@pytest.fixture
async def ground(database: Database, tenant: Tenant) -> Ground:
    async with database.transaction(tenant.id) as tx:
        ground = await make_ground(tx, tenant.id)
        await make_listing(tx, tenant.id, ground.sku_id, 150_000)
        await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000, at=now())
        await make_offer(tx, tenant.id, ground.sku_id, "dear", 110_000, at=now())
        return ground


def body(quantity: int = 5, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"sku": "mgtv-month", "quantity": quantity, "warehouse": "main", **more}


async def test_a_purchase_is_wanted_once_and_told_with_what_can_be_done(
    clerk: httpx.AsyncClient, ground: Ground
) -> None:
    first = await clerk.post("/v1/purchases", json=body(), headers=KEY)
    assert first.status_code == 201, first.text
    told = first.json()
    assert (told["state"], told["quantity"], told["received"]) == ("wanted", 5, 0)
    assert (told["sku"], told["cause"], told["warehouse_id"]) == (
        "mgtv-month",
        "hand",
        str(ground.warehouse_id),
    )
    assert (told["can"], told["cannot"]) == (["change", "cancel", "place"], {})
    again = await clerk.post("/v1/purchases", json=body(), headers=KEY)
    assert again.json()["id"] == told["id"]
    problem(
        await clerk.post("/v1/purchases", json=body(6), headers=KEY),
        409,
        "purchase_request_reused",
    )
    problem(await clerk.post("/v1/purchases", json=body()), 400, "purchase_key_missing")
    listed = (await clerk.get("/v1/purchases?state=wanted&sku=mgtv-month")).json()
    assert [each["id"] for each in listed["purchases"]] == [told["id"]]
    assert (await clerk.get("/v1/purchases?state=done")).json()["purchases"] == []


async def test_what_is_unusual_is_asked_about(clerk: httpx.AsyncClient, ground: Ground) -> None:
    del ground
    typed = body(unit_cost_max="1.5")
    document = problem(
        await clerk.post("/v1/purchases", json=typed, headers=KEY), 409, "purchase_confirm_needed"
    )
    assert [each["code"] for each in document["problems"]] == ["price_unusual"]
    assert (await clerk.get("/v1/purchases")).json()["purchases"] == []
    sure = await clerk.post("/v1/purchases", json=typed | {"confirm": True}, headers=KEY)
    assert sure.json()["unit_cost_max"] == "1.50"


async def test_four_eyes(
    owner: httpx.AsyncClient, clerk: httpx.AsyncClient, ground: Ground
) -> None:
    del ground
    rule = {"limits": {"approval_above": "20"}}
    assert (await owner.put("/v1/purchase-rules", json=rule)).status_code == 200
    problem(await clerk.put("/v1/purchase-rules", json=rule), 403, "not_allowed")
    by_owner = (await owner.post("/v1/purchases", json=body(), headers=KEY)).json()
    assert (by_owner["state"], by_owner["cannot"]) == ("asked", {"approve": "purchase_own"})
    problem(await owner.post(f"/v1/purchases/{by_owner['id']}/approve"), 403, "purchase_own")
    by_clerk = (await clerk.post("/v1/purchases", json=body(), headers=KEY)).json()
    problem(await clerk.post(f"/v1/purchases/{by_clerk['id']}/approve"), 403, "not_allowed")
    approved = await owner.post(f"/v1/purchases/{by_clerk['id']}/approve")
    assert approved.json()["state"] == "wanted"
    problem(await owner.post(f"/v1/purchases/{by_clerk['id']}/approve"), 409, "purchase_moved")
    why = {"reason": "too many"}
    refused = await owner.post(f"/v1/purchases/{by_owner['id']}/refuse", json=why)
    assert (refused.json()["state"], refused.json()["can"]) == ("cancelled", [])


async def test_a_key_wants_and_does_not_approve(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant, ground: Ground
) -> None:
    del ground
    scopes = (Permission.PURCHASES_WRITE, Permission.PURCHASES_APPROVE)
    program = await key_client(app, database, keyrings, tenant.id, *scopes)
    put = await program.call("PUT", "/v1/purchase-rules", {"limits": {"approval_above": "20"}})
    assert put.status_code == 200
    asked = await program.call("POST", "/v1/purchases", body(), **KEY)
    assert asked.json()["state"] == "asked"
    path = f"/v1/purchases/{asked.json()['id']}/approve"
    problem(await program.call("POST", path), 403, "purchase_approver_not_a_person")


async def test_a_draft_is_changed_and_submitted(clerk: httpx.AsyncClient, ground: Ground) -> None:
    del ground
    draft = (await clerk.post("/v1/purchases", json=body(draft=True), headers=KEY)).json()
    assert (draft["state"], draft["can"]) == ("draft", ["change", "cancel", "submit"])
    path = f"/v1/purchases/{draft['id']}"
    changed = await clerk.patch(path, json={"quantity": 7, "supplier": "dear"})
    assert (changed.json()["quantity"], changed.json()["supplier"]) == (7, "dear")
    assert (await clerk.post(f"{path}/submit", json={})).json()["state"] == "wanted"
    ended = await clerk.post(f"{path}/cancel", json={"reason": "no"})
    assert ended.json()["state"] == "cancelled"
    problem(await clerk.patch(path, json={"quantity": 8}), 409, "purchase_moved")


async def test_why_an_order_was_made_where_it_was_is_told_in_words(
    clerk: httpx.AsyncClient, database: Database, tenant: Tenant, ground: Ground
) -> None:
    del ground
    made = (await clerk.post("/v1/purchases", json=body(), headers=KEY)).json()
    async with database.transaction(tenant.id) as tx:
        purchase = await purchase_of(tx, tenant.id, made["id"])
        choice = await route(tx, tenant.id, purchase, now())
        assert isinstance(choice, Choice)
        supplier_id = choice.offer.supplier_id
        await attempted(tx, tenant.id, purchase, supplier_id, choice=choice.facts)
    told = (await clerk.get(f"/v1/purchases/{made['id']}")).json()
    assert [event["kind"] for event in told["events"]] == ["purchase.wanted"]
    [attempt] = told["attempts"]
    assert attempt["supplier"] == "fulu"
    assert attempt["choice"]["words"] == "到手成本最低"
    ranking = [(each["supplier"], each["taken"]) for each in attempt["choice"]["ranking"]]
    assert ranking == [("fulu", True), ("dear", False)]
    assert attempt["choice"]["ranking"][0]["landed"]["price"] == "10.00"


async def test_rules_are_set_read_and_dropped_by_codes(
    owner: httpx.AsyncClient, ground: Ground
) -> None:
    del ground
    default = {"limits": {"margin_min_ppm": 50_000, "warehouse": "main"}, "denied": ["dear"]}
    own = {"sku": "mgtv-month", "limits": {"unit_cost_max": "14.5"}, "shares": {"fulu": 3}}
    for rule in (default, own):
        assert (await owner.put("/v1/purchase-rules", json=rule)).status_code == 200
    rules = (await owner.get("/v1/purchase-rules")).json()["rules"]
    assert [each["sku"] for each in rules] == [None, "mgtv-month"]
    assert rules[1]["limits"] == {"unit_cost_max": "14.50"}
    held = (await owner.get("/v1/purchase-rules/in-force?sku=mgtv-month")).json()
    assert held["limits"] == {
        "unit_cost_max": "14.50",
        "margin_min_ppm": 50_000,
        "warehouse": "main",
    }
    assert (held["denied"], held["shares"], held["allowed"]) == (["dear"], {"fulu": 3}, None)
    assert held["of"]["unit_cost_max"] == rules[1]["id"]
    wrong = {"limits": {"margin_min_ppm": 2_000_000}}
    problem(await owner.put("/v1/purchase-rules", json=wrong), 422, "purchase_rule_wrong")
    unknown = {"allowed": ["nobody"]}
    problem(await owner.put("/v1/purchase-rules", json=unknown), 404, "unknown_supplier")
    assert (await owner.delete(f"/v1/purchase-rules/{rules[1]['id']}")).status_code == 204
    assert len((await owner.get("/v1/purchase-rules")).json()["rules"]) == 1


async def test_a_breaker_is_opened_and_closed(clerk: httpx.AsyncClient, ground: Ground) -> None:
    del ground
    path = "/v1/suppliers/fulu/breaker"
    assert (await clerk.get(path)).json()["state"] == "closed"
    past = {"until": "2020-01-01T00:00:00Z"}
    problem(await clerk.post(f"{path}/open", json=past), 422, "break_too_long")
    soon = {"until": (now() + timedelta(hours=1)).isoformat()}
    opened = (await clerk.post(f"{path}/open", json=soon)).json()
    assert (opened["state"], opened["because"], opened["can"]) == (
        "open",
        "by_hand",
        ["open", "close"],
    )
    closed = await clerk.post(f"{path}/close")
    assert (closed.json()["state"], closed.json()["can"]) == ("closed", ["open"])


async def test_the_list_is_narrowed_and_says_what_it_comes_to(
    owner: httpx.AsyncClient, database: Database, tenant: Tenant, ground: Ground
) -> None:
    del ground
    await owner.post("/v1/purchases", json=body(2), headers={"Idempotency-Key": "k2"})
    made = await owner.post("/v1/purchases", json=body(3), headers={"Idempotency-Key": "k3"})
    third = await owner.post(
        "/v1/purchases",
        json=body(4, supplier="dear", unit_cost_max="12", confirm=True),
        headers={"Idempotency-Key": "k4"},
    )
    async with database.transaction(tenant.id) as tx:
        purchase = await purchase_of(tx, tenant.id, made.json()["id"])
        supplier_id = (await suppliers_by_code(tx, tenant.id, ["fulu"]))["fulu"].id
        unclear = AttemptState.UNCLEAR
        attempt_id = await attempted(tx, tenant.id, purchase, supplier_id, unclear)

    async def listed(asked: str) -> Any:  # noqa: ANN401
        return (await owner.get(f"/v1/purchases?limit=2&{asked}")).json()

    everything = await listed("")
    assert (everything["total"], everything["more"], everything["units"]) == (3, False, 9)
    assert everything["received"] == 0
    assert everything["next_before"] == everything["purchases"][1]["id"]
    sums = sum(float(each["amount"]) for each in (await listed("limit=50"))["purchases"])
    assert float(everything["amount"]) == pytest.approx(sums)
    [doubtful] = (await listed("in_doubt=true"))["purchases"]
    assert (doubtful["unclear"], doubtful["in_doubt"]) == (True, "30.00")
    assert (doubtful["ordered_from"], doubtful["supplier"]) == ("fulu", None)
    assert doubtful["who"] == "owner"
    assert (await listed("in_doubt=false"))["total"] == 2
    assert [each["id"] for each in (await listed("supplier=dear"))["purchases"]] == [
        third.json()["id"]
    ]
    assert (await listed("supplier=fulu"))["total"] == 1
    assert (await listed("cause=topup"))["total"] == 0
    assert (await listed("overdue=true"))["total"] == 0
    problem(await owner.get("/v1/purchases?supplier=nobody"), 404, "unknown_supplier")
    doubt = (await owner.get("/v1/money-in-doubt")).json()
    assert [each["id"] for each in doubt["orders"]] == [str(attempt_id)]
    assert doubt["orders"][0]["sku"] == "mgtv-month"


async def test_of_which_order_a_line_is_is_told_to_who_may_read_both(
    owner: httpx.AsyncClient, app: Litestar, database: Database, tenant: Tenant, ground: Ground
) -> None:
    del ground
    line = {"sku": "mgtv-month", "quantity": 1, "price": "15"}
    sold = await owner.post(
        "/v1/orders",
        json={
            "orders": [{"external_id": "W1", "store": "mango", "lines": [line]}],
            "deliver": "later",
        },
        headers=KEY,
    )
    assert sold.status_code == 200, sold.text
    [order] = sold.json()["orders"]
    path = f"/v1/order-lines?line_id={order['lines'][0]['line_id']}"
    told = await owner.get(f"{path}&line_id=00000000-0000-7000-8000-000000000000")
    [found] = told.json()["lines"]
    assert (found["order_id"], found["external_id"]) == (order["order_id"], "W1")
    problem(await owner.get("/v1/order-lines"), 422, "fields_wrong")
    service = await staff_client(app, database, tenant.id, Role.SERVICE)
    problem(await service.get(path), 403, "not_allowed")
    other = await make_tenant(database, "other")
    stranger = await staff_client(app, database, other.id, Role.OWNER)
    assert (await stranger.get(path)).json() == {"lines": []}
