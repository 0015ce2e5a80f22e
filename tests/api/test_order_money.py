"""HTTP of an order's money: sold, seen, given back, of a bundle; and who is told."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import key_client, problem, staff_client
from tests.api.test_orders import SCOPES
from tests.conftest import Tenant
from tests.console.seeded import Seeded, make_seeded
from tests.stock.builders import make_sku


@pytest.fixture
async def seeded(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Seeded:
    made = await make_seeded(app, database, keyrings, tenant)
    async with database.transaction(tenant.id) as tx:
        await make_sku(tx, tenant.id, "pair", fulfilment="bundle")
    parts = [{"sku": "mgtv-month", "units": 1}, {"sku": "iqiyi-week", "units": 2}]
    await made.ask("PUT", "/v1/skus/pair/parts", {"parts": parts})
    return made


@pytest.fixture
async def owner(app: Litestar, seeded: Seeded) -> httpx.AsyncClient:
    return await staff_client(app, seeded.database, seeded.tenant.id, Role.OWNER)


def figures(told: dict[str, Any]) -> dict[str, Decimal]:
    """Its figures, which add up to what its lines did."""
    [found] = told["figures"]
    sums = {name: Decimal(value) for name, value in found.items() if name != "currency"}
    spent = sums["back"] + sums["cost"] + sums["fees"] + sums["losses"]
    assert sums["net"] == sums["sold"] - spent
    assert sums["net"] == sum(Decimal(line["effect"]) for line in told["lines"])
    paid = Decimal(told["paid"])
    assert paid == sums["sold"] - sums["back"] + Decimal(told["waiting"]) + Decimal(
        told["given_back"]
    )
    return sums


async def money(owner: httpx.AsyncClient, order_id: object) -> dict[str, Any]:
    answer = await owner.get(f"/v1/orders/{order_id}/money")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_each_kind_of_order_adds_up_and_all_of_them_to_the_books(
    seeded: Seeded, owner: httpx.AsyncClient
) -> None:
    sold = await seeded.sell("SOLD", ("mgtv-month", 2, "39.60"), store="tb")
    part = await seeded.sell("PART", ("mgtv-month", 3, "59.41"), ("iqiyi-week", 1, "7.80"))
    await seeded.refund(part, "R1", {"line": 1, "quantity": 1})
    await seeded.refund(part, "R2", {"line": 2, "quantity": 0, "amount": "3.00"})
    seen = await seeded.sell("SEEN", ("mgtv-month", 1, "19.80"))
    await seeded.ask("POST", f"/v1/orders/{seen}/reveal", {"reason": "asks", "recipient": "he"})
    await seeded.refund(seen, "R3")
    pair = await seeded.sell("PAIR", ("pair", 2, "60.01"))
    short = await seeded.sell("SHORT", ("iqiyi-week", 20, "156.00"))
    told = {
        name: figures(await money(owner, each))
        for name, each in (
            ("sold", sold),
            ("part", part),
            ("seen", seen),
            ("pair", pair),
            ("short", short),
        )
    }
    assert told["sold"]["sold"] == Decimal("39.60")
    assert told["sold"]["cost"] == Decimal("28.25")  # of the lot that expires first
    assert told["part"]["back"] > 3
    assert (told["seen"]["cost"], told["seen"]["losses"]) == (Decimal(0), Decimal("14.1250"))
    assert told["pair"]["sold"] == Decimal("60.01")
    assert told["pair"]["cost"] == 2 * (Decimal("14.1250") + 2 * Decimal("5.20"))
    assert Decimal((await money(owner, short))["waiting"]) > 0
    report = (await owner.get("/v1/reports/profit")).json()
    [total] = report["totals"]
    assert Decimal(total["profit"]) == sum(each["net"] for each in told.values())


async def test_who_may_not_read_the_books_isnt_told(
    app: Litestar, seeded: Seeded, keyrings: Keyrings, owner: httpx.AsyncClient
) -> None:
    order = await seeded.sell("SOLD", ("mgtv-month", 1, "19.80"), store="tb")
    assert (await money(owner, order))["coupon"] is None
    of = seeded.tenant.id
    for role in (Role.SERVICE, Role.OPS):
        clerk = await staff_client(app, seeded.database, of, role)
        problem(await clerk.get(f"/v1/orders/{order}/money"), 403, "not_allowed")
    stores = await seeded.ask("GET", "/v1/stores")
    ids = {each["code"]: each["id"] for each in stores["stores"]}
    bound = await key_client(app, seeded.database, keyrings, of, *SCOPES, store_id=ids["tb"])
    answer = await bound.call("GET", f"/v1/orders/{order}/money")
    assert answer.status_code == 403
    unknown = await owner.get(f"/v1/orders/{seeded.sku_ids['mgtv-month']}/money")
    problem(unknown, 404, "unknown_order")
