"""Personal data over HTTP: what is kept of somebody is found, given to them and erased for good."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from sqlalchemy import select, text, update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.catalog.tables import skus
from kashu.channels.accounts import Account, seal_account
from kashu.channels.channel import ShopLine, ShopOrder, ShopState
from kashu.channels.reads import store_by_code
from kashu.channels.shop_orders import see
from kashu.channels.tables import shop_orders
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.orders.account_rule import mask_account
from kashu.orders.tables import buying
from kashu.purchases.tables import purchases
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import MASTERS, Tenant, make_tenant
from tests.orders.builders import make_shop

ACCOUNT = "13800138000"
BUYER = "小**明8a7c"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        yield opened


def told(number: str, at_s: int = 0) -> ShopOrder:
    line = ShopLine("L1", "100", "", 1, 150_000)
    moment = now() + timedelta(seconds=at_s)
    return ShopOrder(number, ShopState.SHIPPED, moment, moment, 150_000, (line,), buyer=BUYER)


async def one_bought(shop: Stand, number: str = "E-77", step: str = "ended") -> UUID:
    """A platform's order of somebody, with the account that they had topped up."""
    tenant_id = shop.tenant.id
    async with shop.database.transaction(tenant_id) as tx:
        store = await store_by_code(tx, tenant_id, STORE)
        await see(tx, tenant_id, store.id, [told(number)])
        sealed = seal_account(MASTERS, tenant_id, store.id, number, Account(ACCOUNT))
        changed = await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.number == number)
            .values(
                step=step,
                sealed_account=sealed,
                masked_accounts={"L1": mask_account(ACCOUNT)},
            )
            .returning(shop_orders.c.id)
        )
        found: UUID = changed.scalar_one()
    return found


async def find(shop: Stand, by: str, q: str) -> list[dict[str, Any]]:
    answer = await shop.owner.post("/v1/personal-data/find", json={"by": by, "q": q})
    assert answer.status_code == 200, answer.text
    orders: list[dict[str, Any]] = answer.json()["orders"]
    return orders


async def row_of(shop: Stand, order_id: UUID) -> Any:  # noqa: ANN401  (a row)
    async with shop.database.transaction(shop.tenant.id) as tx:
        return (await tx.execute(select(shop_orders).where(shop_orders.c.id == order_id))).one()


@pytest.mark.parametrize(
    ("by", "q"), [("order", "E-7"), ("buyer", BUYER), ("buyer", "8a7c"), ("account", ACCOUNT)]
)
async def test_somebody_s_orders_are_found_by_number_by_name_and_by_account(
    shop: Stand, by: str, q: str
) -> None:
    order_id = await one_bought(shop)
    [found] = await find(shop, by, q)
    assert (found["id"], found["under"], found["buyer"]) == (str(order_id), "shop_order", BUYER)
    assert found["accounts"] == ["13****00"]
    assert found["account_until"] is not None
    assert found["can"] == ["export", "erase"]
    assert await find(shop, by, "nobody") == []


async def test_all_that_is_kept_is_given_as_a_file_and_that_is_on_record(shop: Stand) -> None:
    order_id = await one_bought(shop)
    body = {"orders": [str(order_id)], "reason": "买家来信要求"}
    file = await shop.owner.post("/v1/personal-data/export", json=body)
    assert "attachment" in file.headers["content-disposition"]
    [kept] = json.loads(file.content)
    assert (kept["order"], kept["buyer"], kept["account"]) == ("E-77", BUYER, ACCOUNT)
    async with shop.database.transaction(shop.tenant.id) as tx:
        rows = (await tx.execute(text("SELECT kind, e::text FROM core.events AS e"))).all()
    assert [row.kind for row in rows].count("personal.exported") == 1
    assert not any(ACCOUNT in row[1] for row in rows)


async def test_the_buyer_of_an_order_by_hand_is_found_given_and_erased(
    shop: Stand, keyrings: Keyrings
) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        sku = (await make_shop(tx, shop.tenant.id, keyrings, cards=2)).sku_code
    phone, masked = "138 1234-5678", "李雷 138****5678"
    line = {"sku": sku, "quantity": 1, "price": "1"}
    order = {"external_id": "HAND-1", "lines": [line], "buyer": f" 李雷  {phone}"}

    async def send(key: str) -> Any:  # noqa: ANN401  (a body)
        body = {"orders": [order], "deliver": "later", "sure": True}
        headers = {"Idempotency-Key": key}
        answer = await shop.owner.post("/v1/orders", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["orders"][0]

    made = await send("first")
    [listed] = (await shop.owner.get("/v1/orders", params={"q": "HAND-1"})).json()["orders"]
    assert listed["buyer"] == masked

    async def searched(q: str) -> list[str]:
        groups = (await shop.owner.post("/v1/search", json={"q": q})).json()["groups"]
        return [each["about"] for group in groups for each in group["found"]]

    for q in ("李雷", "5678", "13812345678", "李雷 13812345678"):
        assert any(masked in about for about in await searched(q)), q
        [found] = await find(shop, "buyer", q)
        assert (found["under"], found["buyer"]) == ("order", masked)
        assert found["can"] == ["export", "erase"]
    assert not await searched("13912345678")
    body = {"orders": [made["order_id"]], "reason": "买家要求"}
    file = await shop.owner.post("/v1/personal-data/export", json=body)
    assert [kept["buyer"] for kept in json.loads(file.content)] == [masked]
    done = await shop.owner.post("/v1/personal-data/erase", json=body)
    assert done.json() == {"erased": 1, "under_way": []}
    assert not (await send("again"))["new"]
    assert await find(shop, "buyer", "5678") == []
    assert not await searched("5678")


async def test_what_is_erased_stays_erased_whatever_the_platform_tells_again(shop: Stand) -> None:
    order_id = await one_bought(shop)
    body = {"orders": [str(order_id)], "reason": "买家要求删除"}
    done = await shop.owner.post("/v1/personal-data/erase", json=body)
    assert done.json() == {"erased": 1, "under_way": []}
    async with shop.database.transaction(shop.tenant.id) as tx:
        store = await store_by_code(tx, shop.tenant.id, STORE)
        await see(tx, shop.tenant.id, store.id, [told("E-77", 60)])
    row = await row_of(shop, order_id)
    assert (row.buyer, row.sealed_account, row.masked_accounts) == ("", None, None)
    assert row.buyer_erased_at is not None
    assert row.paid_e4 == 150_000  # the books need it
    [left] = await find(shop, "order", "E-77")
    assert (left["buyer"], left["accounts"], left["can"]) == ("", [], [])
    assert left["erased_at"] is not None
    assert await find(shop, "buyer", BUYER) == []
    async with shop.database.transaction(shop.tenant.id) as tx:
        asked = text("SELECT facts FROM core.events WHERE kind = 'personal.erased'")
        assert (await tx.execute(asked)).scalars().all() == [{"reason": "买家要求删除"}]


async def test_of_an_order_that_is_not_over_nothing_is_erased(shop: Stand) -> None:
    order_id = await one_bought(shop, step="trouble")
    assert (await find(shop, "order", "E-77"))[0]["can"] == ["export"]
    before = await row_of(shop, order_id)
    body = {"orders": [str(order_id)], "reason": "买家要求删除"}
    done = await shop.owner.post("/v1/personal-data/erase", json=body)
    assert done.json() == {"erased": 0, "under_way": ["E-77"]}
    assert await row_of(shop, order_id) == before


async def test_the_mask_of_an_order_s_own_top_up_is_erased_everywhere_once_it_is_over(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=0)
        await tx.execute(update(skus).values(fulfilment="topup", account_type="phone"))
    program = await key_client(app, database, keyrings, tenant.id, *Permission)
    line = {"sku": "mgtv-month", "quantity": 1, "price": "20.00", "account": ACCOUNT}
    body = {"orders": [{"external_id": "T1", "lines": [line]}], "deliver": "later"}
    sold = await program.call("POST", "/v1/orders", body, **{"Idempotency-Key": uuid4().hex})
    order_id = sold.json()["orders"][0]["order_id"]
    asked = {"by": "account", "q": ACCOUNT}
    [found] = (await program.call("POST", "/v1/personal-data/find", asked)).json()["orders"]
    assert (found["id"], found["under"], found["can"]) == (order_id, "order", ["export"])
    erase = {"orders": [order_id], "reason": "asked for it"}
    file = await program.call("POST", "/v1/personal-data/export", erase)
    [kept] = json.loads(file.content)
    assert (kept["order"], kept["accounts"]) == ("T1", [ACCOUNT])  # in whole, while it is kept
    left = await program.call("POST", "/v1/personal-data/erase", erase)
    assert left.json() == {"erased": 0, "under_way": ["T1"]}

    await program.call("POST", f"/v1/orders/{order_id}/cancel")
    done = await program.call("POST", "/v1/personal-data/erase", erase)
    assert done.json() == {"erased": 1, "under_way": []}
    file = await program.call("POST", "/v1/personal-data/export", erase)
    assert json.loads(file.content) == []
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(select(buying.c.masked_account))).scalars().all() == [""]
        masks = (await tx.execute(select(purchases.c.masked_account))).scalars().all()
    assert set(masks) <= {""}


async def test_only_the_owner_may_and_nobody_of_another_shop(
    app: Litestar, database: Database, shop: Stand
) -> None:
    order_id = await one_bought(shop)
    body = {"orders": [str(order_id)], "reason": "not mine"}
    other = await make_tenant(database, "other")
    stranger = await staff_client(app, database, other.id, Role.OWNER)
    answer = await stranger.post("/v1/personal-data/erase", json=body)
    assert answer.json() == {"erased": 0, "under_way": []}
    assert json.loads((await stranger.post("/v1/personal-data/export", json=body)).content) == []
    found = await stranger.post("/v1/personal-data/find", json={"by": "order", "q": "E-77"})
    assert found.json() == {"orders": []}
    for role in (Role.OPS, Role.FINANCE, Role.SERVICE, Role.AUDITOR):
        person = await staff_client(app, database, shop.tenant.id, role)
        for verb in ("find", "export", "erase"):
            sent = {"by": "order", "q": "E-77"} if verb == "find" else body
            problem(await person.post(f"/v1/personal-data/{verb}", json=sent), 403, "not_allowed")
    assert (await row_of(shop, order_id)).buyer == BUYER
