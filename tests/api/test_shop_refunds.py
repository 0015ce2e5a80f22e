"""HTTP of platforms' refunds: those in trouble are listed, tried again, booked or dismissed."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.channel import ShopRefund, ShopRefundState
from kashu.channels.shop_refunds import see_refunds
from kashu.core.clock import now
from kashu.core.db import Database
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku, put_cards

REFUNDS = "/v1/shop-refunds"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    """A store with an order that was taken in, and a refund of it that nobody can book alone."""
    async with stand(database, keyrings, tenant) as opened:
        await opened.connect()
        await opened.owner.post(f"/v1/stores/{STORE}/connection/mode", json={"mode": "automatic"})
        async with database.transaction(tenant.id) as tx:
            sku_id = await make_sku(tx, tenant.id)
            await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
        sold = opened.street.shop.sell((opened.street.month(), 1), buyer="t**1")
        await opened.push(*opened.street.platform.push(opened.street.shop, sold))
        await opened.work()
        listing = (await opened.owner.get(f"/v1/stores/{STORE}/listings")).json()["listings"][0]
        await opened.owner.patch(f"/v1/listings/{listing['id']}", json={"sku_id": str(sku_id)})
        await opened.work()
        order = (await opened.owner.get("/v1/shop-orders")).json()["shop_orders"][0]
        async with database.transaction(tenant.id) as tx:
            told = ShopRefund("r1", sold.order_id, "9", ShopRefundState.DONE, 10_000, now())
            await see_refunds(tx, tenant.id, UUID(order["store_id"]), [told])
        await opened.work()
        yield opened


async def the_refund(shop: Stand) -> dict[str, Any]:
    shown: list[dict[str, Any]] = (await shop.owner.get(REFUNDS)).json()["shop_refunds"]
    assert len(shown) == 1
    return shown[0]


async def test_a_refund_in_trouble_is_listed_with_what_can_be_done(shop: Stand) -> None:
    refund = await the_refund(shop)
    # The order has one line: what is told of a line we don't know is that line's.
    assert (refund["number"], refund["amount"]) == ("r1", "1.00")
    assert (refund["step"], refund["can"]) == ("settled", [])


async def in_trouble(shop: Stand) -> dict[str, Any]:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.exec_driver_sql("UPDATE channels.shop_refunds SET step = 'trouble'")
        await tx.exec_driver_sql("UPDATE channels.shop_refunds SET number = 'r2', said = 'x'")
    return await the_refund(shop)


async def test_a_refund_in_trouble_is_tried_again_booked_or_dismissed(shop: Stand) -> None:
    refund = await in_trouble(shop)
    assert refund["can"] == ["try_again", "book", "dismiss"]
    found = await shop.owner.get(REFUNDS, params={"step": "trouble", "limit": 1})
    assert found.json() == {
        "shop_refunds": [refund],
        "next_before": None,
        "total": 1,
        "more": False,
    }
    none = await shop.owner.get(REFUNDS, params={"step": "due"})
    assert (none.json()["shop_refunds"], none.json()["total"]) == ([], 0)
    none = await shop.owner.get(REFUNDS, params={"before": refund["id"]})
    assert none.json()["shop_refunds"] == []
    path = f"{REFUNDS}/{refund['id']}"
    wrong = {"lines": [{"line": 1, "quantity": 0, "amount": "2.00"}]}
    problem(await shop.owner.post(f"{path}/book", json=wrong), 422, "shop_refund_differs")
    right = {"lines": [{"line": 1, "quantity": 0}]}
    booked = await shop.owner.post(f"{path}/book", json=right)
    assert (booked.status_code, booked.json()["step"]) == (200, "settled")
    again = await shop.owner.post(f"{path}/dismiss", json={"reason": "nothing"})
    problem(again, 409, "shop_refund_not_in_trouble")
    await in_trouble(shop)
    tried = await shop.owner.post(f"{path}/try-again")
    assert (tried.status_code, tried.json()["step"]) == (200, "due")
    await in_trouble(shop)
    dismissed = await shop.owner.post(f"{path}/dismiss", json={"reason": "平台补贴"})
    assert (dismissed.json()["step"], dismissed.json()["said"]) == ("settled", "nothing_to_book")


async def test_what_a_person_books_above_the_limit_waits_for_another(shop: Stand) -> None:
    refund = await in_trouble(shop)
    await shop.owner.put("/v1/order-limits", json={"refund_amount": "0.50"})
    path = f"{REFUNDS}/{refund['id']}/book"
    right = {"lines": [{"line": 1, "quantity": 0}]}
    [order] = (await shop.owner.get("/v1/orders")).json()["orders"]
    waits = await shop.owner.post(path, json=right)
    assert (waits.status_code, waits.json()["amount"]) == (202, "1.00")
    assert (await shop.owner.post(path, json=right)).json() == waits.json()
    assert await the_refund(shop) == refund
    assert (await shop.owner.get("/v1/orders")).json()["orders"] == [order]
    at = f"/v1/approvals/{waits.json()['approval_id']}/approve"
    problem(await shop.owner.post(at), 403, "approval_own")
    finance = await staff_client(shop.app, shop.database, shop.tenant.id, Role.FINANCE)
    assert (await finance.post(at)).status_code == 200
    assert (await the_refund(shop))["step"] == "settled"
    [booked] = (await shop.owner.get("/v1/orders")).json()["orders"]
    assert (order["refunded_amount"], booked["refunded_amount"]) == ("1.00", "2.00")


async def test_refunds_are_their_merchants_and_their_stores_own(
    shop: Stand, keyrings: Keyrings, other_tenant: Tenant
) -> None:
    refund = await in_trouble(shop)
    calls: tuple[tuple[str, Any], ...] = (
        ("try-again", None),
        ("book", {"lines": [{"line": 1, "quantity": 0}]}),
        ("dismiss", {"reason": "nothing"}),
    )
    rival = await staff_client(shop.app, shop.database, other_tenant.id, Role.OWNER)
    auditor = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    assert (await rival.get(REFUNDS)).json()["shop_refunds"] == []
    assert (await auditor.get(REFUNDS)).json()["shop_refunds"][0]["can"] == []
    made = await shop.owner.post(
        "/v1/stores", json={"code": "own", "name": "直销", "channel": "direct"}
    )
    scopes = (Permission.ORDERS_READ, Permission.ORDERS_REFUND)
    bound = await key_client(
        shop.app,
        shop.database,
        keyrings,
        shop.tenant.id,
        *scopes,
        store_id=UUID(made.json()["id"]),
    )
    assert (await bound.call("GET", REFUNDS)).json()["shop_refunds"] == []
    for what, body in calls:
        path = f"{REFUNDS}/{refund['id']}/{what}"
        problem(await rival.post(path, json=body), 404, "unknown_shop_refund")
        problem(await auditor.post(path, json=body), 403, "not_allowed")
        problem(await bound.call("POST", path, body), 404, "unknown_shop_refund")
        problem(await shop.anybody.post(path, json=body), 401, "not_signed_in")
        path = f"{REFUNDS}/{uuid4()}/{what}"
        problem(await shop.owner.post(path, json=body), 404, "unknown_shop_refund")
    assert await the_refund(shop) == refund
