"""What is to be looked at, over HTTP: levels, alerts, slow stock, and counts that were taken."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.stock.sweeps import watch_stock
from kashu.stock.tables import lots
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant
from tests.stock.builders import PutLot, give, make_sku, put_cards


@dataclass(frozen=True)
class Shop:
    """A SKU of which seven of nine cards are in stock."""

    tenant: Tenant
    sku_id: UUID
    lot: PutLot


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id, "mgtv-month")
        lot = await put_cards(tx, tenant.id, 9, sku_id=sku_id, keyrings=keyrings)
        await give(tx, tenant.id, sku_id, 2)
    return Shop(tenant, sku_id, lot)


@pytest.fixture
async def owner(app: Litestar, database: Database, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, shop.tenant.id, Role.OWNER) as client:
        yield client


async def test_who_holds_cards_of_a_supplier_is_named_as_are_those_of_a_lot(
    owner: httpx.AsyncClient, shop: Shop
) -> None:
    wanted = {"supplier_id": str(shop.lot.supplier_id)}
    by_supplier = (await owner.get("/v1/stock/holders", params=wanted)).json()
    assert (await owner.get(f"/v1/stock/lots/{shop.lot.id}/holders")).json() == by_supplier
    assert [(row["lot_id"], row["card_id"]) for row in by_supplier["holders"]] == [
        (str(shop.lot.id), str(card_id)) for card_id in shop.lot.card_ids[:2]
    ]
    nobody = await owner.get("/v1/stock/holders", params={"supplier_id": str(new_id())})
    assert nobody.json() == {"holders": [], "next_after": None}


async def test_a_warehouse_has_levels_of_its_own(
    owner: httpx.AsyncClient, database: Database, shop: Shop
) -> None:
    at = {"sku_id": str(shop.sku_id), "available": 7, "unit": "card"}
    path = f"/v1/stock/levels/{shop.sku_id}"
    place = str(shop.lot.warehouse_id)
    first, second = {"low": 1, "enough": 2, "quiet_hours": 0}, {"low": 7, "enough": 9}
    assert (await owner.put(path, json=first)).status_code == 204
    answer = await owner.put(f"{path}/{place}", json={**second, "quiet_hours": 12})
    assert answer.status_code == 204
    set_now = (await owner.get("/v1/stock/levels")).json()["levels"]
    named = [(level.pop("sku")["code"], level.pop("warehouse")) for level in set_now]
    main = {"id": place, "code": "main", "name": "main"}
    assert named == [("mgtv-month", None), ("mgtv-month", main)]
    assert set_now == [
        {**at, **first, "warehouse_id": None},
        {**at, **second, "quiet_hours": 12, "warehouse_id": place},
    ]
    await watch_stock(database, shop.tenant.id, shop.tenant.timezone)
    [alert] = (await owner.get("/v1/stock/alerts")).json()["alerts"]
    assert (alert["kind"], alert["warehouse_id"], alert["facts"]["available"]) == ("low", place, 7)
    problem(await owner.put(f"{path}/{new_id()}", json=second), 404, "unknown_warehouse")
    too_long = {**second, "quiet_hours": 721}
    problem(await owner.put(f"{path}/{place}", json=too_long), 422, "levels_wrong")


async def test_slow_stock_and_its_lots_are_shown_with_the_capital_in_them(
    app: Litestar, owner: httpx.AsyncClient, database: Database, shop: Shop
) -> None:
    nothing = (await owner.get("/v1/stock/slow")).json()
    assert nothing == {"skus": []}  # it came today
    async with database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(lots).values(received_at=now() - timedelta(days=45)))
    [slow] = (await owner.get("/v1/stock/slow", params={"days": 30})).json()["skus"]
    assert slow.pop("sku")["code"] == "mgtv-month"
    assert slow == {
        "sku_id": str(shop.sku_id),
        "currency": "CNY",
        "held": 7,
        "cost": "70.00",
        "oldest_days": 45,
        "days": 30,
        "sold": 0,
        "days_of_cover": None,
        "by_age": {"up_to_30": 0, "up_to_60": 7, "up_to_90": 0, "older": 0},
        "cost_by_age": {
            "up_to_30": "0.00",
            "up_to_60": "70.00",
            "up_to_90": "0.00",
            "older": "0.00",
        },
    }
    [lot] = (await owner.get(f"/v1/stock/slow/{shop.sku_id}")).json()["lots"]
    assert (lot["lot_id"], lot["cost"], lot["place"], lot["advice"]) == (
        str(shop.lot.id),
        "70.00",
        1,
        ["return"],
    )
    async with await staff_client(app, database, shop.tenant.id, Role.OPS) as ops:
        [slow] = (await ops.get("/v1/stock/slow")).json()["skus"]
        assert (slow["cost"], slow["cost_by_age"], slow["held"]) == (None, None, 7)
        [lot] = (await ops.get(f"/v1/stock/slow/{shop.sku_id}")).json()["lots"]
        assert (lot["cost"], lot["unsold_cost"]) == (None, None)
    wrong = await owner.get("/v1/stock/slow", params={"days": 0})
    assert wrong.status_code == 422


async def test_counts_are_listed_by_page(owner: httpx.AsyncClient, shop: Shop) -> None:
    form = {"sku": "mgtv-month", "warehouse": "main", "text": "\n".join(shop.lot.numbers[2:8])}
    taken = [
        (await owner.post("/v1/stocktakes", data=form, files={"none": b""})).json()["id"]
        for _ in range(3)
    ]
    assert (await owner.post(f"/v1/stocktakes/{taken[0]}/drop")).status_code == 204
    page = (await owner.get("/v1/stocktakes", params={"limit": 2})).json()
    assert [(row["id"], row["can"]) for row in page["stocktakes"]] == [
        (taken[2], ["post", "drop"]),
        (taken[1], ["post", "drop"]),
    ]
    row = page["stocktakes"][0]
    assert (row["state"], row["matched"], row["counts"]["missing"]) == ("counted", 6, 1)
    assert row["actor"].startswith("staff:")
    assert "differences" not in row
    rest = (await owner.get("/v1/stocktakes", params={"before": page["next_before"]})).json()
    assert [(row["id"], row["state"], row["can"]) for row in rest["stocktakes"]] == [
        (taken[0], "dropped", [])
    ]
    assert rest["next_before"] is None
    for wanted, found in (
        ({"state": "dropped"}, [taken[0]]),
        ({"sku_id": str(shop.sku_id), "state": "counted"}, [taken[2], taken[1]]),
        ({"warehouse_id": str(new_id())}, []),
    ):
        listed = (await owner.get("/v1/stocktakes", params=wanted)).json()["stocktakes"]
        assert [row["id"] for row in listed] == found
