"""Stores, customers and suppliers over HTTP."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.reads import store_by_code
from kashu.core.db import Database
from kashu.customers.reads import customer_list
from tests.api.calls import key_client, staff_client
from tests.api.catalog.answers import refused
from tests.conftest import Tenant


async def test_a_store_is_opened_changed_and_closed(owner: httpx.AsyncClient) -> None:
    new = {"code": "tb-1", "name": "旗舰店", "channel": "taobao"}
    opened = await owner.post("/v1/stores", json=new)
    shown = opened.json()
    assert shown == new | {
        "id": shown["id"],
        "partial_allowed": None,
        "state": "open",
        "opened_at": shown["opened_at"],
        "can": ["change", "close", "connect", "map_listings"],
        "health": None,
    }
    refused(await owner.post("/v1/stores", json=new), 409, "store_code_taken")
    closed = await owner.patch("/v1/stores/tb-1", json={"state": "closed"})
    can = ["change", "reopen", "connect", "map_listings"]
    assert closed.json() == shown | {"state": "closed", "can": can}
    page = (await owner.get("/v1/stores?limit=1")).json()
    assert ([store["code"] for store in page["stores"]], page["next_after"]) == (
        ["direct"],
        "direct",
    )
    page = (await owner.get("/v1/stores?state=closed")).json()
    assert page == {"stores": [closed.json()], "next_after": None, "total": 1}


@pytest.mark.parametrize(
    ("path", "body", "code", "at"),
    [
        ("/v1/stores", {"code": "TB", "name": "店", "channel": "jd"}, "naming_wrong", "/code"),
        ("/v1/stores", {"code": "a", "name": "a\nb", "channel": "jd"}, "naming_wrong", "/name"),
        ("/v1/stores", {"code": "a", "name": "店", "channel": "ebay"}, "fields_wrong", "/channel"),
        ("/v1/stores", {"code": "a", "name": "店"}, "fields_wrong", "/channel"),
        ("/v1/customers", {"code": "a b", "name": "客"}, "naming_wrong", "/code"),
        ("/v1/customers", {"code": "a", "name": "客", "wallet": 1}, "fields_wrong", "/wallet"),
        ("/v1/suppliers", {"code": "a", "name": " "}, "naming_wrong", "/name"),
        ("/v1/suppliers", {"code": "a", "name": "x", "tier": 4}, "supplier_tier_wrong", None),
        ("/v1/suppliers", {"code": "a", "name": "x", "tier": 1.5}, "fields_wrong", "/tier"),
    ],
)
@pytest.mark.usefixtures("nothing_changes")
async def test_what_cannot_be_is_refused_and_nothing_is_added(
    owner: httpx.AsyncClient,
    path: str,
    body: dict[str, Any],
    code: str,
    at: str | None,
) -> None:
    refused(await owner.post(path, json=body), 422, code, at)


async def test_customers_and_suppliers_are_added_and_changed(owner: httpx.AsyncClient) -> None:
    customer = await owner.post("/v1/customers", json={"code": "b", "name": "乙"})
    told = {"id", "code", "name", "partial_allowed", "added_at", "agent", "can"}
    assert customer.json().keys() == told
    assert (customer.json()["agent"], customer.json()["can"]) == (None, ["change", "make_agent"])
    again = await owner.post("/v1/customers", json={"code": "b", "name": "丙"})
    refused(again, 409, "customer_code_taken")
    changed = await owner.patch("/v1/customers/b", json={"partial_allowed": True})
    assert changed.json() == customer.json() | {"partial_allowed": True}
    supplier = await owner.post("/v1/suppliers", json={"code": "b", "name": "乙"})
    assert (supplier.json()["tier"], supplier.json()["can"]) == (2, ["change"])
    again = await owner.post("/v1/suppliers", json={"code": "b", "name": "丙"})
    refused(again, 409, "supplier_code_taken")
    changed = await owner.patch("/v1/suppliers/b", json={"tier": 1, "name": "一手"})
    assert changed.json() == supplier.json() | {"tier": 1, "name": "一手"}


async def test_customers_are_found_by_a_part_of_their_name_and_agents_apart(
    owner: httpx.AsyncClient,
) -> None:
    await owner.post("/v1/customers", json={"code": "rose", "name": "玫瑰数卡"})
    await owner.put("/v1/customers/rose/agent", json={"credit_max": "100.00"})

    async def listed(query: str) -> tuple[list[str], int]:
        page = (await owner.get(f"/v1/customers?{query}")).json()
        return [each["code"] for each in page["customers"]], page["total"]

    assert await listed("limit=1") == (["acme"], 2)
    assert await listed("q=玫瑰") == (["rose"], 1)
    assert await listed("q=ROS") == (["rose"], 1)
    assert await listed("agents=true") == (["rose"], 1)
    assert await listed("agents=false") == (["acme"], 1)
    rose = (await owner.get("/v1/customers/rose")).json()
    assert rose["agent"] == {
        "state": "open",
        "wallet": "0.00",
        "credit_max": "100.00",
        "room": "100.00",
        "currency": "CNY",
    }
    assert rose["can"] == ["change"]


async def test_who_may_only_read_is_shown_no_buttons(
    app: Litestar, database: Database, shop: Tenant
) -> None:
    async with await staff_client(app, database, shop.id, Role.AUDITOR) as auditor:
        for path in ("skus/mgtv-month", "stores/direct", "customers/acme", "suppliers/fulu"):
            assert (await auditor.get(f"/v1/{path}")).json()["can"] == []


async def test_a_key_bound_to_a_store_or_customer_sees_no_other(
    app: Litestar, database: Database, keyrings: Keyrings, shop: Tenant, owner: httpx.AsyncClient
) -> None:
    await owner.post("/v1/stores", json={"code": "tb-1", "name": "旗舰店", "channel": "taobao"})
    async with database.transaction(shop.id) as tx:
        store = await store_by_code(tx, shop.id, "tb-1")
        [customer] = await customer_list(tx, shop.id)
    scopes = (Permission.ORDERS_READ, Permission.STOCK_READ)
    of_store = await key_client(app, database, keyrings, shop.id, *scopes, store_id=store.id)
    listed = (await of_store.call("GET", "/v1/stores")).json()["stores"]
    assert [one["code"] for one in listed] == ["tb-1"]
    refused(await of_store.call("GET", "/v1/stores/direct"), 404, "unknown_store")
    nobody: dict[str, Any] = {"customers": [], "next_after": None, "total": 0}
    assert (await of_store.call("GET", "/v1/customers")).json() == nobody
    of_customer = await key_client(
        app, database, keyrings, shop.id, *scopes, customer_id=customer.id
    )
    assert (await of_customer.call("GET", "/v1/customers/acme")).status_code == 200
    assert (await of_customer.call("GET", "/v1/stores")).json()["stores"] == []
    for bound in (of_store, of_customer):
        refused(await bound.call("GET", "/v1/suppliers"), 403, "key_is_bound")
        refused(await bound.call("GET", "/v1/suppliers/fulu"), 403, "key_is_bound")
