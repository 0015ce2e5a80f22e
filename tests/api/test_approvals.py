"""HTTP of what waits for a second person: asked for by one, approved or refused by another."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from sqlalchemy import text

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from kashu.orders.reseal import reseal_accounts
from tests.api.approving import Shop, shop_with_limits
from tests.api.calls import key_client, problem, staff_client
from tests.conftest import MASTERS, Tenant
from tests.stock.builders import assert_sound


@pytest.fixture
async def shop(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Shop:
    return await shop_with_limits(app, database, keyrings, tenant)


async def test_an_order_above_a_limit_gets_no_card_before_another_approves(shop: Shop) -> None:
    below = await shop.order("B1", 10, "100.00")
    assert below.status_code == 200, below.text
    answer = await shop.order("A1", 11, "95.00")
    assert answer.status_code == 202, answer.text
    held = answer.json()
    assert held == {
        "approval_id": held["approval_id"],
        "state": "asked",
        "said": "above_units",
        "orders": 1,
        "units": 11,
        "amount": "95.00",
    }
    assert [each["external_id"] for each in await shop.orders()] == ["B1"]
    waiting = (await shop.owner.get("/v1/desk?kind=orders_to_approve")).json()["rows"]
    assert [(row["id"], row["link"]["kind"]) for row in waiting] == [
        (held["approval_id"], "approval")
    ]
    assert {act["act"] for act in waiting[0]["can"]} == {"approve", "refuse"}
    approved = await shop.approve(held)
    assert approved.status_code == 200, approved.text
    shown = approved.json()
    assert (shown["state"], shown["decided_by"], shown["asked_by"]) == (
        "approved",
        "owner",
        "service",
    )
    placed = {each["external_id"]: each for each in await shop.orders()}
    assert (placed["A1"]["state"], placed["A1"]["lines"][0]["delivered"]) == ("filled", 11)
    story = await shop.owner.get(f"/v1/orders/{placed['A1']['order_id']}/timeline")
    kinds = {event["kind"]: event["who"] for event in story.json()["events"]}
    assert (kinds["order.filled"], kinds["order.approved"]) == ("service", "owner")
    assert (await shop.owner.get("/v1/desk?kind=orders_to_approve")).json()["rows"] == []
    async with shop.database.transaction(shop.tenant.id) as tx:
        await assert_sound(tx, shop.tenant.id)


async def test_who_asked_never_approves_nor_does_a_program(shop: Shop, keyrings: Keyrings) -> None:
    asked = {"external_id": "O1", "lines": [{"sku": "mgtv-month", "quantity": 11, "price": "1"}]}
    asked["buyer"] = "韩梅梅 13800001111"
    body = {"orders": [asked], "deliver": "later", "sure": True}
    answer = await shop.owner.post("/v1/orders", json=body, headers={"Idempotency-Key": "o"})
    held = answer.json()
    shown = (await shop.owner.get(f"/v1/approvals/{held['approval_id']}")).json()
    assert (shown["can"], shown["blocked"]) == (["take_back"], "您申请的，须由另一人审批")
    program = await key_client(shop.app, shop.database, keyrings, shop.tenant.id, *Permission)
    before = await shop.now()
    problem(await shop.approve(held), 403, "approval_own")
    problem(await shop.approve(held, shop.clerk), 403, "not_allowed")
    at = f"/v1/approvals/{held['approval_id']}/approve"
    problem(await program.call("POST", at), 403, "approval_approver_not_a_person")
    refusal = {"reason": "no"}
    answer = await shop.owner.post(f"/v1/approvals/{held['approval_id']}/refuse", json=refusal)
    problem(answer, 403, "approval_own")
    assert await shop.now() == before
    ops = await staff_client(shop.app, shop.database, shop.tenant.id, Role.OPS)
    assert (await shop.approve(held, ops)).status_code == 200
    async with shop.database.transaction(shop.tenant.id) as tx:
        kept = await tx.execute(text("SELECT held::text FROM orders.held AS held"))
        assert not any("1111" in row for row in kept.scalars())
        bought = await tx.execute(text("SELECT buyer FROM orders.buyers"))
        assert bought.scalars().all() == ["韩梅梅 138****1111"]


async def test_the_database_lets_nobody_approve_their_own(shop: Shop) -> None:
    held = (await shop.order("A1", 11, "20.00")).json()
    async with shop.database.transaction(shop.tenant.id) as tx:
        broken = text(
            "UPDATE orders.held SET state = 'approved', approved_by = asked_by,"
            " approved_at = now() WHERE tenant_id = :tenant AND id = :id"
        )
        with pytest.raises(Exception, match="held_is_approved_by_another"):
            await tx.execute(broken, {"tenant": shop.tenant.id, "id": held["approval_id"]})


async def test_refused_it_never_happens_and_says_why(shop: Shop) -> None:
    held = (await shop.order("A1", 1, "100.01", key="k")).json()
    assert held["said"] == "above_amount"
    at = f"/v1/approvals/{held['approval_id']}"
    answer = await shop.owner.post(f"{at}/refuse", json={"reason": "多打了一个零"})
    told = answer.json()
    assert (told["state"], told["because"], told["can"]) == ("refused", "多打了一个零", [])
    before = await shop.now()
    problem(await shop.approve(held), 409, "approval_decided")
    again = await shop.order("A1", 1, "100.01", key="k")
    assert (again.status_code, again.json()["state"]) == (202, "refused")
    assert await shop.now() == before
    assert await shop.orders() == []


async def test_who_asked_takes_it_back_and_nobody_else_does(shop: Shop) -> None:
    held = (await shop.order("A1", 11, "20.00")).json()
    at = f"/v1/approvals/{held['approval_id']}/take-back"
    before = await shop.now()
    problem(await shop.owner.post(at, json={"reason": "x"}), 409, "approval_not_yours")
    assert await shop.now() == before
    answer = await shop.clerk.post(at, json={"reason": "数量填错"})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert await shop.orders() == []


async def test_asked_for_again_it_waits_once_and_approved_it_is_placed_once(shop: Shop) -> None:
    first, second = await asyncio.gather(
        shop.order("A1", 11, "20.00", key="k"), shop.order("A1", 11, "20.00", key="k")
    )
    held = first.json()
    assert held == second.json()
    problem(await shop.order("A1", 12, "20.00", key="k"), 409, "idempotency_key_reused")
    ops = await staff_client(shop.app, shop.database, shop.tenant.id, Role.OPS)
    one, other = await asyncio.gather(shop.approve(held), shop.approve(held, ops))
    assert sorted((one.status_code, other.status_code)) == [200, 409]
    answer = await shop.order("A1", 11, "20.00", key="k")
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (200, "true")
    assert len(await shop.orders()) == 1


async def test_what_is_wrong_by_now_is_said_and_it_waits_on(shop: Shop) -> None:
    held = (await shop.order("A1", 11, "20.00")).json()
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(
            text("UPDATE catalog.skus SET state = 'retired' WHERE tenant_id = :t"),
            {"t": shop.tenant.id},
        )
    before = await shop.now()
    found = problem(await shop.approve(held), 422, "order_wrong")
    assert found["problems"][0]["code"] == "unknown_sku"
    assert await shop.now() == before
    wrong = await shop.order("A2", 11, "20.00")
    problem(wrong, 422, "order_wrong")  # and nothing that is wrong ever waits
    assert await shop.now() == before


async def test_a_program_and_whoever_sets_no_limit_wait_for_nobody(
    shop: Shop, keyrings: Keyrings
) -> None:
    program = await key_client(shop.app, shop.database, keyrings, shop.tenant.id, *Permission)
    line = {"sku": "mgtv-month", "quantity": 11, "price": "2000.00"}
    body = {"orders": [{"external_id": "P1", "lines": [line]}], "deliver": "later"}
    answer = await program.call("POST", "/v1/orders", body, **{"Idempotency-Key": "p"})
    assert answer.status_code == 200
    await shop.owner.put("/v1/order-limits", json={})
    assert (await shop.order("A1", 11, "2000.00")).status_code == 200


async def test_the_limits_are_the_owners_alone(shop: Shop) -> None:
    told = (await shop.owner.get("/v1/order-limits")).json()
    assert (told["order_amount"], told["order_units"]) == ("100.00", 10)
    assert (told["refund_amount"], told["changed_by"]) == ("50.00", "owner")
    before = await shop.now()
    for role in set(Role) - {Role.OWNER}:
        person = await staff_client(shop.app, shop.database, shop.tenant.id, role)
        before = await shop.now()
        problem(await person.get("/v1/order-limits"), 403, "not_allowed")
        problem(await person.put("/v1/order-limits", json={}), 403, "not_allowed")
        assert await shop.now() == before
    wrong = await shop.owner.put("/v1/order-limits", json={"order_amount": "-1"})
    assert wrong.status_code == 422
    assert await shop.now() == before


async def test_many_are_approved_at_once_and_one_that_cant_holds_up_none(shop: Shop) -> None:
    first = (await shop.order("A1", 11, "20.00")).json()
    second = (await shop.order("A2", 12, "20.00")).json()
    ids = [first["approval_id"], str(uuid4()), second["approval_id"]]
    answer = await shop.owner.post("/v1/approvals/approve", json={"ids": ids})
    told = answer.json()
    assert (told["done"], [each["state"] for each in told["outcomes"]]) == (
        2,
        ["approved", None, "approved"],
    )
    assert told["outcomes"][1]["problem"]["code"] == "unknown_approval"
    assert len(await shop.orders()) == 2


async def test_an_account_is_sealed_while_it_waits_and_gone_when_it_is_decided(
    shop: Shop, keyrings: Keyrings
) -> None:
    answer = await shop.order("T1", 1, "500.00", sku="phone-topup", account="13812345678")
    held = answer.json()
    shown = (await shop.owner.get(f"/v1/approvals/{held['approval_id']}")).text
    assert "13812345678" not in shown
    async with shop.database.transaction(shop.tenant.id) as tx:
        await rotate_data_key(tx, shop.tenant.id, MASTERS)
    fresh = Keyrings(keyrings.masters)
    await reseal_accounts(shop.database, shop.tenant.id, fresh)
    kept = text(
        "SELECT key_version, sealed_accounts IS NOT NULL, wanted::text FROM orders.held"
        " WHERE tenant_id = :t AND id = :id"
    )
    names = {"t": shop.tenant.id, "id": held["approval_id"]}
    async with shop.database.transaction(shop.tenant.id) as tx:
        version, sealed, wanted = (await tx.execute(kept, names)).one()
    assert (version, sealed) == (2, True)
    assert "13812345678" not in wanted
    approved = await shop.approve(held)
    assert approved.status_code == 200, approved.text
    async with shop.database.transaction(shop.tenant.id) as tx:
        version, sealed, wanted = (await tx.execute(kept, names)).one()
    assert (version, sealed) == (None, False)
    assert "13" not in wanted  # no mask of it: its order has its own, which can be erased
    [order] = await shop.orders()
    assert order["lines"][0]["sku"] == "phone-topup"


async def test_a_file_waits_as_a_whole_and_may_be_asked_for_again_when_refused(
    shop: Shop,
) -> None:
    rows = "".join(f"F{n},mgtv-month,1,9.90\n" for n in range(12))
    content = f"订单号,规格,数量,金额\n{rows}".encode()

    async def send(*, dry: bool) -> dict[str, Any]:
        form = {"dry_run": str(dry).lower(), "sure": "true"}
        files = {"file": ("双十一.csv", content)}
        answer = await shop.clerk.post("/v1/order-files", data=form, files=files)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    looked = await send(dry=True)
    assert (looked["above"], looked["held"]) == ("above_both", 0)
    done = await send(dry=False)
    assert (done["placed"], done["held"]) == (0, 12)
    assert await send(dry=False) == done
    [waits] = (await shop.owner.get("/v1/approvals?state=asked")).json()["approvals"]
    assert (waits["file_name"], waits["orders"], waits["units"]) == ("双十一.csv", 12, 12)
    at = f"/v1/approvals/{waits['id']}"
    await shop.owner.post(f"{at}/refuse", json={"reason": "等一等"})
    assert (await send(dry=False))["held"] == 12
    [again] = (await shop.owner.get("/v1/approvals?state=asked")).json()["approvals"]
    assert again["id"] != waits["id"]
    answer = await shop.owner.post(f"/v1/approvals/{again['id']}/approve")
    assert answer.status_code == 200, answer.text
    assert len(await shop.orders()) == 12
    done = await send(dry=False)
    assert (done["placed"], done["held"]) == (0, 0)
    listed = (await shop.owner.get("/v1/approvals?limit=1")).json()
    assert (listed["total"], listed["approvals"][0]["state"]) == (2, "approved")
    behind = await shop.owner.get(f"/v1/approvals?limit=1&before={listed['next_before']}")
    assert [each["state"] for each in behind.json()["approvals"]] == ["refused"]


@pytest.mark.parametrize("price", ["0.00", "0.01", "40.00"])
async def test_a_price_of_next_to_nothing_counts_as_what_it_is_worth(
    shop: Shop, price: str
) -> None:
    """The limit is for who types the price."""
    answer = await shop.order("A1", 5, price)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["amount"], await shop.orders()) == (price, [])
    assert (await shop.order("A2", 5, "42.00")).status_code == 200
