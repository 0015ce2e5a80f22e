"""The catalogue, stores, customers and suppliers over HTTP: whole bodies, each role."""

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.catalog.install import begin_tenant as install_catalogue
from kashu.catalog.reads import listed_sku, sku_list
from kashu.channels.reads import store_by_code, store_list
from kashu.channels.stores import begin_tenant as open_counter
from kashu.core.db import Database
from kashu.customers.add import add_customer
from kashu.customers.reads import customer_list
from kashu.suppliers.add import add_supplier
from kashu.suppliers.reads import supplier_list
from tests.api.calls import app_of, client_of, key_client, staff_client
from tests.conftest import Tenant, make_tenant

READERS = frozenset(Role)
SHOPKEEPERS = frozenset({Role.OWNER})
CLERKS = frozenset({Role.OWNER, Role.OPS})

NORTH = """
code = "north"
name_zh = "北方影视"
name_en = "North Film"
logo = { colour = "#123456", initial = "北" }
[redemption.card]
steps_zh = ["登录"]
steps_en = ["Sign in"]
devices_zh = "手机"
devices_en = "Phone"
validity_zh = "一年内"
validity_en = "Within a year"
url = "https://example.com/"
[[products]]
code = "north"
name_zh = "北方会员"
name_en = "North VIP"
terminal = "phone"
skus = [{ code = "north-month", period = "month", face_value = "19.90" }]
"""


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return app_of(database, keyrings)


@pytest.fixture
async def shop(database: Database, tenant: Tenant) -> Tenant:
    """A shop with the catalogue, a counter, a customer and a supplier."""
    async with database.transaction(tenant.id) as tx:
        await install_catalogue(tx, tenant.id, "cli")
        await open_counter(tx, tenant.id, "cli")
        await add_customer(tx, tenant.id, "cli", code="acme", name="极致企业")
        await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄")
    return tenant


@pytest.fixture
async def owner(
    app: Litestar, database: Database, shop: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, shop.id, Role.OWNER) as client:
        yield client


@pytest.fixture
async def nothing_changes(database: Database, shop: Tenant) -> AsyncIterator[None]:
    """For a test of a refusal: what there is afterwards is what there was."""
    before = await everything(database, shop)
    yield
    assert await everything(database, shop) == before


def refused(answer: httpx.Response, status: int, code: str, at: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    if at is not None:
        assert at in [problem["at"] for problem in answer.json()["problems"]]


def upload(content: str | bytes, name: str = "north.toml") -> dict[str, Any]:
    return {"files": {"file": (name, content.encode() if isinstance(content, str) else content)}}


Call: TypeAlias = tuple[str, str, dict[str, Any], frozenset[Role], int]

CALLS: list[Call] = [
    ("GET", "/v1/skus", {}, READERS, 200),
    ("GET", "/v1/skus/mgtv-month", {}, READERS, 200),
    (
        "POST",
        "/v1/skus",
        {
            "json": {
                "code": "mgtv-week",
                "product": "mgtv",
                "period": "week",
                "face_value": "8.00",
            }
        },
        CLERKS,
        201,
    ),
    ("PATCH", "/v1/skus/mgtv-month", {"json": {"name_zh": "月卡"}}, CLERKS, 200),
    ("POST", "/v1/catalogue", upload(NORTH), CLERKS, 200),
    ("GET", "/v1/stores", {}, READERS, 200),
    ("GET", "/v1/stores/direct", {}, READERS, 200),
    (
        "POST",
        "/v1/stores",
        {"json": {"code": "tb-1", "name": "旗舰店", "channel": "taobao"}},
        SHOPKEEPERS,
        201,
    ),
    ("PATCH", "/v1/stores/direct", {"json": {"name": "门店"}}, SHOPKEEPERS, 200),
    ("GET", "/v1/customers", {}, READERS, 200),
    ("GET", "/v1/customers/acme", {}, READERS, 200),
    ("POST", "/v1/customers", {"json": {"code": "b", "name": "乙"}}, SHOPKEEPERS, 201),
    ("PATCH", "/v1/customers/acme", {"json": {"name": "甲"}}, SHOPKEEPERS, 200),
    ("GET", "/v1/suppliers", {}, READERS, 200),
    ("GET", "/v1/suppliers/fulu", {}, READERS, 200),
    ("POST", "/v1/suppliers", {"json": {"code": "b", "name": "乙"}}, SHOPKEEPERS, 201),
    ("PATCH", "/v1/suppliers/fulu", {"json": {"tier": 1}}, SHOPKEEPERS, 200),
]


async def everything(database: Database, shop: Tenant) -> list[object]:
    async with database.transaction(shop.id) as tx:
        return [
            await sku_list(tx, shop.id, limit=1_000),
            await store_list(tx, shop.id),
            await customer_list(tx, shop.id),
            await supplier_list(tx, shop.id),
        ]


@pytest.mark.parametrize(
    "call",
    CALLS,
    ids=[f"{method} {path}" for method, path, *_ in CALLS],
)
async def test_each_call_is_for_its_roles_only(
    app: Litestar,
    database: Database,
    shop: Tenant,
    call: Call,
) -> None:
    method, path, body, allowed, status = call
    before = await everything(database, shop)
    async with client_of(app) as nobody:
        refused(await nobody.request(method, path, **body), 401, "not_signed_in")
    for role in sorted(READERS - allowed):
        async with await staff_client(app, database, shop.id, role) as client:
            refused(await client.request(method, path, **body), 403, "not_allowed")
    assert await everything(database, shop) == before
    for role in sorted(allowed) if method == "GET" else [min(allowed)]:
        async with await staff_client(app, database, shop.id, role) as client:
            answer = await client.request(method, path, **body)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/json"
    assert (await everything(database, shop) == before) is (method == "GET")


@pytest.mark.parametrize(
    "path", ["/v1/skus/mgtv-month", "/v1/stores/direct", "/v1/customers/acme", "/v1/suppliers/fulu"]
)
async def test_another_merchants_things_are_not_there(
    app: Litestar, database: Database, shop: Tenant, path: str
) -> None:
    rival = await make_tenant(database, "rival")
    before = await everything(database, shop)
    async with await staff_client(app, database, rival.id, Role.OWNER) as client:
        read = await client.get(path)
        assert read.status_code == 404, read.text
        changed = await client.patch(path, json={})
        assert (changed.status_code, changed.json()["code"]) == (404, read.json()["code"])
        listed = await client.get(path.rpartition("/")[0])
        assert listed.json() == {path.split("/")[2]: [], "next_after": None}
    assert await everything(database, shop) == before


async def test_a_sku_is_shown_whole(owner: httpx.AsyncClient) -> None:
    shown = (await owner.get("/v1/skus/iqiyi-month")).json()
    assert shown["brand"] == {
        "code": "iqiyi",
        "name_zh": "爱奇艺",
        "name_en": "iQIYI",
        "colour": shown["brand"]["colour"],
        "initial": shown["brand"]["initial"],
    }
    assert shown["product"]["code"] == "iqiyi"
    assert (shown["period"], shown["days"], shown["terminal"]) == ("month", 31, "phone")
    assert (shown["fulfilment"], shown["account_type"]) == ("card", "none")
    assert (shown["face_value"], shown["currency"]) == ("30.00", "CNY")
    assert shown["face_value_verified"] is True
    assert shown["card_format"]["number"]
    assert shown["redemption"].keys() == {
        "steps_zh",
        "steps_en",
        "devices_zh",
        "devices_en",
        "validity_zh",
        "validity_en",
        "url",
    }
    assert shown["state"] == "active"
    assert shown["can"] == ["change", "retire"]


async def test_pages_of_skus_follow_one_another(owner: httpx.AsyncClient) -> None:
    every = (await owner.get("/v1/skus", params={"limit": 500})).json()
    assert every["next_after"] is None
    read: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = (await owner.get("/v1/skus", params={"limit": 20, "after": after})).json()
        read += page["skus"]
        after = page["next_after"]
    assert read == every["skus"]
    links = (await owner.get("/v1/skus?fulfilment=link&brand=netease-music")).json()["skus"]
    assert {sku["fulfilment"] for sku in links} == {"link"}
    assert (await owner.get("/v1/skus", params={"brand": "芒果"})).json()["skus"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "state=old", "fulfilment=x"])
async def test_a_condition_that_means_nothing_is_refused(
    owner: httpx.AsyncClient, query: str
) -> None:
    answer = await owner.get(f"/v1/skus?{query}")
    refused(answer, 422, "fields_wrong")


async def test_a_sku_is_added_changed_and_retired(owner: httpx.AsyncClient) -> None:
    new = {"code": "mgtv-week", "product": "mgtv", "period": "week", "face_value": "8.00"}
    added = await owner.post("/v1/skus", json=new)
    assert added.status_code == 201, added.text
    assert (added.json()["name_zh"], added.json()["days"]) == ("芒果TV会员周卡", 7)
    refused(await owner.post("/v1/skus", json=new), 409, "sku_code_taken")
    changed = await owner.patch(
        "/v1/skus/mgtv-week",
        json={"card_format": None, "partial_allowed": True, "state": "retired"},
    )
    assert changed.json()["card_format"] is None
    assert changed.json()["partial_allowed"] is True
    assert (changed.json()["state"], changed.json()["can"]) == ("retired", ["change", "resume"])
    assert (await owner.get("/v1/skus/mgtv-week")).json() == changed.json()
    retired = (await owner.get("/v1/skus?state=retired")).json()["skus"]
    assert [sku["code"] for sku in retired] == ["mgtv-week"]


@pytest.mark.parametrize(
    ("body", "code", "at"),
    [
        ({"face_value": "0.001"}, "sku_wrong", "/face_value"),
        ({"face_value": 8}, "fields_wrong", "/face_value"),
        ({"card_format": {"number": "(a+)+"}}, "sku_wrong", "/card_format/number"),
        ({"redemption": {"url": "http://x"}}, "sku_wrong", "/redemption/url"),
        ({"days": 4_000}, "sku_wrong", "/days"),
        ({"code": "other"}, "fields_wrong", "/code"),
        ({"fulfilment": "topup"}, "fields_wrong", "/fulfilment"),
        ({"state": "gone"}, "fields_wrong", "/state"),
    ],
)
@pytest.mark.usefixtures("nothing_changes")
async def test_a_wrong_change_names_its_field_and_changes_nothing(
    owner: httpx.AsyncClient,
    body: dict[str, Any],
    code: str,
    at: str,
) -> None:
    refused(await owner.patch("/v1/skus/mgtv-month", json=body), 422, code, at)


@pytest.mark.parametrize("path", ["/v1/skus", "/v1/stores", "/v1/customers", "/v1/suppliers"])
@pytest.mark.parametrize("code", ["nothing", "%E8%8A%92%E6%9E%9C", "a" * 300])
async def test_what_is_not_there_is_not_found(
    owner: httpx.AsyncClient, path: str, code: str
) -> None:
    for answer in (
        await owner.get(f"{path}/{code}"),
        await owner.patch(f"{path}/{code}", json={}),
    ):
        assert answer.status_code == 404, answer.text
        assert answer.json()["code"].startswith("unknown_")


async def test_a_catalogue_is_tried_then_installed_then_replaced(
    owner: httpx.AsyncClient, database: Database, shop: Tenant
) -> None:
    before = await everything(database, shop)
    tried = await owner.post("/v1/catalogue?dry_run=true", **upload(NORTH))
    assert tried.json() == {
        "dry_run": True,
        "added": ["north-month"],
        "changed": [],
        "kept": [],
        "brands_added": 1,
        "products_added": 1,
    }
    assert await everything(database, shop) == before
    installed = await owner.post("/v1/catalogue", **upload(NORTH))
    assert installed.json() == tried.json() | {"dry_run": False}
    dearer = NORTH.replace("19.90", "25.00")
    kept = await owner.post("/v1/catalogue", **upload(dearer))
    assert (kept.json()["changed"], kept.json()["kept"]) == ([], ["north-month"])
    replaced = await owner.post("/v1/catalogue?replace=true", **upload(dearer))
    assert replaced.json()["changed"] == ["north-month"]
    async with database.transaction(shop.id) as tx:
        assert (await listed_sku(tx, shop.id, "north-month")).sku.face_value_e4 == 250_000


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"PK\x03\x04", "catalogue.xlsx", "catalogue_unreadable"),
        (b"\xff\xfe\x00", "north.toml", "catalogue_unreadable"),
        (b"", "north.csv", "catalogue_unreadable"),
        (NORTH.replace("19.90", "-1").encode(), "north.toml", "catalogue_wrong"),
        (NORTH.encode(), "north", "catalogue_unreadable"),
    ],
)
@pytest.mark.usefixtures("nothing_changes")
async def test_a_file_that_is_no_catalogue_writes_nothing(
    owner: httpx.AsyncClient,
    content: bytes,
    name: str,
    code: str,
) -> None:
    refused(await owner.post("/v1/catalogue", **upload(content, name)), 422, code)


async def test_a_catalogue_is_a_form_with_one_file_of_4_mb_at_most(
    owner: httpx.AsyncClient,
) -> None:
    large = await owner.post("/v1/catalogue", **upload(b"#" * (4 * 1024 * 1024 + 1)))
    refused(large, 422, "catalogue_unreadable")
    huge = await owner.post("/v1/catalogue", **upload(b"#" * (5 * 1024 * 1024)))
    assert huge.status_code == 413
    for wrong in (
        await owner.post("/v1/catalogue", json={"file": "north"}),
        await owner.post("/v1/catalogue", data={"file": "north"}),
        await owner.post("/v1/catalogue", files={"other": ("north.toml", NORTH.encode())}),
        await owner.post("/v1/catalogue"),
    ):
        assert wrong.status_code in {400, 415, 422}, wrong.text
        assert wrong.headers["content-type"] == "application/problem+json"


async def test_a_store_is_opened_changed_and_closed(owner: httpx.AsyncClient) -> None:
    new = {"code": "tb-1", "name": "旗舰店", "channel": "taobao"}
    opened = await owner.post("/v1/stores", json=new)
    shown = opened.json()
    assert shown == new | {
        "id": shown["id"],
        "partial_allowed": None,
        "state": "open",
        "opened_at": shown["opened_at"],
        "can": ["change", "close"],
    }
    refused(await owner.post("/v1/stores", json=new), 409, "store_code_taken")
    closed = await owner.patch("/v1/stores/tb-1", json={"state": "closed"})
    assert closed.json() == shown | {"state": "closed", "can": ["change", "reopen"]}
    page = (await owner.get("/v1/stores?limit=1")).json()
    assert ([store["code"] for store in page["stores"]], page["next_after"]) == (
        ["direct"],
        "direct",
    )
    page = (await owner.get("/v1/stores?state=closed")).json()
    assert page == {"stores": [closed.json()], "next_after": None}


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
    assert customer.json().keys() == {"id", "code", "name", "partial_allowed", "added_at", "can"}
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
    assert (await of_store.call("GET", "/v1/customers")).json()["customers"] == []
    of_customer = await key_client(
        app, database, keyrings, shop.id, *scopes, customer_id=customer.id
    )
    assert (await of_customer.call("GET", "/v1/customers/acme")).status_code == 200
    assert (await of_customer.call("GET", "/v1/stores")).json()["stores"] == []
    for bound in (of_store, of_customer):
        refused(await bound.call("GET", "/v1/suppliers"), 403, "key_is_bound")
        refused(await bound.call("GET", "/v1/suppliers/fulu"), 403, "key_is_bound")
