"""The catalogue, stores, customers and suppliers over HTTP: whole bodies, each role."""

from typing import Any, TypeAlias

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import Role
from kashu.catalog.reads import listed_sku
from kashu.core.db import Database
from tests.api.calls import client_of, staff_client
from tests.api.catalog.answers import everything, refused
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
        told = listed.json()
        assert told.pop("total", 0) == 0
        assert told == {path.split("/")[2]: [], "next_after": None}
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
