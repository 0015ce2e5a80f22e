"""Refunds above the limit: what they come to, in parts too, and what goes back in the end."""

import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.approving import LIMITS, Shop, shop_with_limits
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant
from tests.stock.builders import assert_sound


@pytest.fixture
async def shop(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Shop:
    return await shop_with_limits(app, database, keyrings, tenant)


async def test_a_refund_above_the_limit_gives_nothing_back_before_another_approves(
    shop: Shop,
) -> None:
    await shop.order("A1", 5, "90.00")
    [order] = await shop.orders()
    at = f"/v1/orders/{order['order_id']}"
    part = {"refund_id": "R1", "lines": [{"line": 1, "quantity": 1}]}
    assert (await shop.clerk.post(f"{at}/refunds", json=part)).status_code == 200
    before = (await shop.owner.get(at)).json()
    whole = {"refund_id": "R2", "lines": []}
    answer = await shop.clerk.post(f"{at}/refunds", json=whole)
    held = answer.json()
    assert (answer.status_code, held["units"], held["amount"]) == (202, 4, "72.00")
    assert (await shop.clerk.post(f"{at}/refunds", json=whole)).json() == held
    other = {"refund_id": "R2", "lines": [{"line": 1, "quantity": 3}]}
    unchanged = await shop.now()
    answer = await shop.clerk.post(f"{at}/refunds", json=other)
    problem(answer, 409, "approval_asked_otherwise")
    assert await shop.now() == unchanged
    assert (await shop.owner.get(at)).json() == before
    [waits] = (await shop.owner.get(f"/v1/approvals?order_id={order['order_id']}")).json()[
        "approvals"
    ]
    assert (waits["kind"], waits["order_number"], waits["amount"]) == ("refund", "A1", "72.00")
    finance = await staff_client(shop.app, shop.database, shop.tenant.id, Role.FINANCE)
    assert (await shop.approve(held, finance)).status_code == 200
    after = (await shop.owner.get(at)).json()
    assert (after["state"], after["refunded_amount"]) == ("refunded", "90.00")
    story = (await shop.owner.get(f"{at}/timeline")).json()["events"]
    told = {event["kind"]: event["who"] for event in story}
    assert (told["order.refunded"], told["order.refund_approved"]) == ("service", "finance")
    async with shop.database.transaction(shop.tenant.id) as tx:
        await assert_sound(tx, shop.tenant.id)


async def test_a_cancellation_is_a_refund_too(shop: Shop) -> None:
    await shop.order("A1", 5, "90.00")
    [order] = await shop.orders()
    answer = await shop.clerk.post(f"/v1/orders/{order['order_id']}/cancel")
    assert (answer.status_code, answer.json()["amount"]) == (202, "90.00")
    assert not (await shop.orders())[0]["cancelled"]
    assert (await shop.approve(answer.json())).status_code == 200
    assert (await shop.orders())[0]["cancelled"]


async def test_a_refund_that_no_longer_fits_is_refused_when_it_is_approved(shop: Shop) -> None:
    await shop.order("A1", 5, "90.00")
    [order] = await shop.orders()
    at = f"/v1/orders/{order['order_id']}/refunds"
    lines = [{"line": 1, "quantity": 4}]
    held = (await shop.clerk.post(at, json={"refund_id": "R1", "lines": lines})).json()
    two = {"refund_id": "R2", "lines": [{"line": 1, "quantity": 2}]}
    await shop.owner.put("/v1/order-limits", json=LIMITS | {"refund_amount": None})
    assert (await shop.clerk.post(at, json=two)).status_code == 200
    before = await shop.now()
    problem(await shop.approve(held), 409, "refund_too_large")
    assert await shop.now() == before


async def test_a_refund_that_would_be_another_by_now_is_refused_when_it_is_approved(
    shop: Shop,
) -> None:
    await shop.order("A1", 5, "90.00")
    [order] = await shop.orders()
    at = f"/v1/orders/{order['order_id']}/refunds"
    held = (await shop.clerk.post(at, json={"refund_id": "R1", "lines": []})).json()
    one = {"refund_id": "R2", "lines": [{"line": 1, "quantity": 1}]}
    await shop.owner.put("/v1/order-limits", json=LIMITS | {"refund_amount": None})
    assert (await shop.clerk.post(at, json=one)).status_code == 200
    before = await shop.now()
    told = problem(await shop.approve(held), 409, "approval_refund_changed")
    assert "90.00" in told["detail"]
    assert "72.00" in told["detail"]
    assert await shop.now() == before


async def test_a_refund_in_parts_is_as_much_as_in_one(shop: Shop) -> None:
    await shop.order("A1", 5, "90.00")
    [order] = await shop.orders()
    at = f"/v1/orders/{order['order_id']}/refunds"
    one = {"refund_id": "R1", "lines": [{"line": 1, "quantity": 2}]}
    assert (await shop.clerk.post(at, json=one)).status_code == 200
    two = {"refund_id": "R2", "lines": [{"line": 1, "quantity": 2}]}
    assert (await shop.clerk.post(at, json=two)).status_code == 202
    before = await shop.now()
    less = {"refund_id": "R3", "lines": [{"line": 1, "quantity": 1}]}
    assert (await shop.clerk.post(at, json=less)).status_code == 202  # while another waits
    other = two | {"lines": [{"line": 1, "quantity": 1}]}
    problem(await shop.clerk.post(at, json=other), 409, "approval_asked_otherwise")
    after = await shop.now()
    assert {name for name in after if after[name] != before[name]} <= {"orders.held", "core.events"}


async def test_a_number_of_a_refund_is_its_orders_own(shop: Shop) -> None:
    for number in ("A1", "A2"):
        await shop.order(number, 5, "90.00")
    for order in await shop.orders():
        at = f"/v1/orders/{order['order_id']}/refunds"
        assert (await shop.clerk.post(at, json={"refund_id": "R1"})).status_code == 202
