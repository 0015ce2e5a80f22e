"""HTTP of bundles: what they are made of, and that they are sold like anything else."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.catalog.tables import bundle_parts
from kashu.core.db import Database
from tests.api.calls import KeyClient, key_client, problem, staff_client
from tests.conftest import Tenant
from tests.orders.builders import make_shop
from tests.stock.builders import assert_sound, make_sku, put_cards

PAIR = [{"sku": "mgtv-month", "units": 1}, {"sku": "iqiyi-month", "units": 2}]
SCOPES = (Permission.ORDERS_WRITE, Permission.ORDERS_READ, Permission.STOCK_REVEAL)


@dataclass
class Counter:
    """A shop with a bundle of two SKUs, and cards of both."""

    database: Database
    tenant: Tenant
    owner: httpx.AsyncClient
    program: KeyClient
    first: UUID
    second: UUID

    async def sell(self, *lines: dict[str, Any], key: str = "", number: str = "B-1") -> Any:  # noqa: ANN401
        body = {"orders": [{"external_id": number, "lines": list(lines)}]}
        return await self.program.call(
            "POST", "/v1/orders", body, **{"Idempotency-Key": key or uuid4().hex}
        )


@pytest.fixture
async def counter(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Counter:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=5)
        second = await make_sku(tx, tenant.id, "iqiyi-month")
        await put_cards(tx, tenant.id, 5, sku_id=second, keyrings=keyrings)
        await make_sku(tx, tenant.id, "pair", fulfilment="bundle")
        await make_sku(tx, tenant.id, "topup", fulfilment="topup")
        await make_sku(tx, tenant.id, "boxed", fulfilment="physical")
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    program = await key_client(app, database, keyrings, tenant.id, *SCOPES)
    answer = await owner.put("/v1/skus/pair/parts", json={"parts": PAIR})
    assert answer.status_code == 200, answer.text
    return Counter(database, tenant, owner, program, shop.sku_id, second)


async def test_parts_are_set_and_read(counter: Counter) -> None:
    shown = (await counter.owner.get("/v1/skus/pair/parts")).json()
    assert shown == {"parts": PAIR, "sold": True}
    wanted = {"parts": [{"sku": "iqiyi-month", "units": 1}]}
    assert (await counter.owner.put("/v1/skus/pair/parts", json=wanted)).status_code == 200
    assert (await counter.owner.get("/v1/skus/pair/parts")).json()["parts"] == wanted["parts"]
    plain = (await counter.owner.get("/v1/skus/mgtv-month/parts")).json()
    assert plain["parts"] == [{"sku": "mgtv-month", "units": 1}]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([{"sku": "nothing"}], "unknown_sku"),
        ([{"sku": "pair"}], "not_from_stock"),  # no bundle within a bundle
        ([{"sku": "boxed"}], "not_from_stock"),
        ([{"sku": "mgtv-month"}, {"sku": "mgtv-month"}], "part_named_twice"),
    ],
)
async def test_parts_that_cannot_be_are_refused_whole(
    counter: Counter, parts: list[dict[str, Any]], code: str
) -> None:
    answer = await counter.owner.put("/v1/skus/pair/parts", json={"parts": parts})
    assert answer.status_code == 422
    assert code in {each["code"] for each in answer.json()["problems"]}
    async with counter.database.transaction(counter.tenant.id) as tx:
        rows = await tx.execute(select(bundle_parts.c.units).order_by(bundle_parts.c.place))
        assert list(rows.scalars()) == [1, 2]


async def test_what_is_no_bundle_gets_no_parts(counter: Counter) -> None:
    answer = await counter.owner.put("/v1/skus/mgtv-month/parts", json={"parts": PAIR[1:]})
    problem(answer, 409, "not_a_bundle")


async def test_a_bundle_needs_a_part(counter: Counter) -> None:
    answer = await counter.owner.put("/v1/skus/pair/parts", json={"parts": []})
    assert answer.status_code in {400, 422}
    assert (await counter.owner.get("/v1/skus/pair/parts")).json()["parts"] == PAIR


async def test_an_order_of_a_bundle_is_answered_with_the_cards_of_its_parts(
    counter: Counter,
) -> None:
    answer = await counter.sell({"sku": "pair", "quantity": 2, "price": "100.00"}, key="k1" * 8)
    assert answer.status_code == 200, answer.text
    order = answer.json()["orders"][0]
    assert order["state"] == "filled"
    lines = [(x["number"], x["sku"], x["quantity"], x["delivered"]) for x in order["lines"]]
    assert lines == [(1, "mgtv-month", 2, 2), (2, "iqiyi-month", 4, 4)]
    assert [len(line["cards"]) for line in order["lines"]] == [2, 4]
    again = await counter.sell({"sku": "pair", "quantity": 2, "price": "100.00"}, key="k1" * 8)
    assert again.json() == answer.json()  # the same key: the same answer, cards and all
    renamed = await counter.sell({"sku": "pair", "quantity": 2, "price": "100.00"})
    known = renamed.json()["orders"][0]
    assert (known["new"], known["differs"]) == (False, False)
    other = await counter.sell({"sku": "pair", "quantity": 1, "price": "100.00"})
    assert other.json()["orders"][0]["differs"] is True
    async with counter.database.transaction(counter.tenant.id) as tx:
        await assert_sound(tx, counter.tenant.id)


async def test_a_bundle_without_parts_is_not_sold(counter: Counter) -> None:
    async with counter.database.transaction(counter.tenant.id) as tx:
        await make_sku(tx, counter.tenant.id, "empty", fulfilment="bundle")
    answer = await counter.sell({"sku": "empty", "quantity": 1, "price": "1.00"})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "bundle_not_sold"


async def test_a_bundle_is_added_like_any_sku(counter: Counter) -> None:
    wanted = {
        "code": "pair-2",
        "product": "mgtv-month",
        "period": "month",
        "face_value": "39.90",
        "fulfilment": "bundle",
    }
    text: dict[str, Any] = {"steps_zh": ["按卡片说明兑换"], "steps_en": ["As each card says"]}
    text |= {"devices_zh": "手机", "devices_en": "Phone", "url": "https://example.com/"}
    text |= {"validity_zh": "见卡片", "validity_en": "As each card says"}
    answer = await counter.owner.post("/v1/skus", json=wanted | {"redemption": text})
    assert answer.status_code == 201, answer.text
    assert answer.json()["fulfilment"] == "bundle"
    shown = (await counter.owner.get("/v1/skus/pair-2/parts")).json()
    assert shown == {"parts": [], "sold": False}
