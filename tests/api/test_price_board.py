"""What the price board and the list of suppliers ask for: trends, moves, margins, totals."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from tests.api.calls import shared_app, staff_client
from tests.conftest import Tenant
from tests.suppliers.market import Market, list_for_sale, make_market, product


@pytest.fixture
async def app(database: Database, keyrings: Keyrings) -> AsyncIterator[Litestar]:
    made = shared_app(database, keyrings)
    yield made
    for close in made.on_shutdown:
        await cast("Any", close)()


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    """15.00 since ten days, mapped; 15.30 since a moment."""
    market = await make_market(database, tenant, [product()])
    market.at[0] = now() - timedelta(days=10)
    await market.tell(product())
    await market.map()
    market.at[0] = now()
    await market.tell(product(cost=153_000))
    return market


@pytest.fixture
async def owner(app: Litestar, market: Market) -> httpx.AsyncClient:
    return await staff_client(app, market.database, market.tenant_id, Role.OWNER)


async def test_the_board_tells_each_days_price_and_what_moved_within_an_hour(
    owner: httpx.AsyncClient, market: Market
) -> None:
    asked = {"offered": True, "days": 30}
    page = (await owner.get("/v1/prices", params=asked)).json()
    assert (page["total"], [each["sku"] for each in page["skus"]]) == (1, ["mgtv-month"])
    (offer,) = page["skus"][0]["offers"]
    assert offer["trend"] == [None] * 19 + ["15.00"] * 10 + ["15.30"]
    assert offer["moved"]["before"] == "15.00"
    later = market.pass_time(hours=-2)
    await market.tell(product("M2", cost=90_000), at=later)  # it stands for nothing
    again = (await owner.get("/v1/prices", params=asked)).json()
    assert again["total"] == 1


async def test_a_price_that_moved_before_is_no_news_and_a_held_one_no_price(
    owner: httpx.AsyncClient, market: Market
) -> None:
    await market.tell(product(cost=60_000), at=market.pass_time(seconds=5))  # held
    compared = (await owner.get("/v1/skus/mgtv-month/offers", params={"days": 3})).json()
    (offer,) = compared["offers"]
    assert offer["trend"] == ["15.00", "15.00", "15.30"]
    plain = (await owner.get("/v1/skus/mgtv-month/offers")).json()["offers"][0]
    assert (plain["trend"], plain["moved"]) == ([], None)


async def test_the_board_finds_a_sku_by_name_and_goes_on_after_it(
    owner: httpx.AsyncClient, market: Market
) -> None:
    await market.tell(product("Q", cost=400_000))
    await market.map("Q", "mgtv-quarter", despite=True)
    asked: dict[str, Any] = {"offered": True, "limit": 1}
    first = (await owner.get("/v1/prices", params=asked)).json()
    second = (await owner.get("/v1/prices", params=asked | {"after": first["next_after"]})).json()
    assert (first["total"], second["total"], second["next_after"]) == (2, 2, None)
    codes = [each["sku"] for each in first["skus"] + second["skus"]]
    assert codes == ["mgtv-month", "mgtv-quarter"]
    found = (await owner.get("/v1/prices", params=asked | {"text": "QUARTER"})).json()
    assert [each["sku"] for each in found["skus"]] == ["mgtv-quarter"]


async def test_margins_are_reckoned_with_the_best_offer_or_the_one_looked_at(
    owner: httpx.AsyncClient, market: Market
) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await list_for_sale(tx, market.tenant_id, await market.sku(), 198_000)
        await list_for_sale(tx, market.tenant_id, await market.sku(), 300_000, units=2, item="I2")
    await market.tell(product("M2", cost=160_000))
    await market.map("M2")
    best = (await owner.get("/v1/skus/mgtv-month/offers")).json()
    costs = {each["ref"]: each["landed"]["total"] for each in best["offers"]}
    assert [(each["item_id"], each["loss"]) for each in best["margins"]] == [
        ("I2", True),
        ("I1", False),
    ]
    assert best["loss_count"] == 1
    assert best["margins"][1]["cost"] == costs["M1"]
    dearer = next(each for each in best["offers"] if each["ref"] == "M2")["offer_id"]
    other = (await owner.get("/v1/skus/mgtv-month/offers", params={"offer": dearer})).json()
    assert (other["margins_of"], other["margins"][1]["cost"]) == (dearer, costs["M2"])


async def test_an_alert_says_which_sku_by_how_much_and_who_is_best_now(
    owner: httpx.AsyncClient,
) -> None:
    (alert,) = (await owner.get("/v1/price-alerts")).json()
    assert alert["percent"].startswith("+1.9")  # fees and risk hardly move
    assert (alert["sku_name_zh"], alert["supplier"]) == ("芒果TV会员月卡", "alpha")


async def test_offers_are_counted_and_those_too_old_are_found(
    owner: httpx.AsyncClient, market: Market
) -> None:
    await market.tell(product("OLD", cost=90_000), at=now() - timedelta(days=2))
    listed = (await owner.get("/v1/offers", params={"limit": 1})).json()
    assert (listed["total"], listed["more"], len(listed["offers"])) == (2, False, 1)
    assert listed["offers"][0]["sku_name_zh"] == "芒果TV会员月卡"
    stale = (await owner.get("/v1/offers", params={"stale": True})).json()
    assert [(each["ref"], each["stale"]) for each in stale["offers"]] == [("OLD", True)]
    assert stale["total"] == 1


async def test_why_a_held_price_was_let_pass_is_kept(
    owner: httpx.AsyncClient, market: Market
) -> None:
    await market.tell(product(cost=60_000))
    (held,) = (await owner.get("/v1/offers", params={"state": "held"})).json()["offers"]
    body = {"price": "6.00", "reason": "他们搞活动"}
    assert (await owner.post(f"/v1/offers/{held['id']}/release", json=body)).status_code == 200
    events = (await owner.get(f"/v1/events?subject={held['id']}")).text
    assert "他们搞活动" in events


async def test_suppliers_are_told_at_a_glance(
    app: Litestar, owner: httpx.AsyncClient, market: Market
) -> None:
    async def line(client: httpx.AsyncClient) -> dict[str, Any]:
        answer = await client.get("/v1/supplier-overview")
        assert answer.json()["total"] == 1, answer.text
        return cast("dict[str, Any]", answer.json()["suppliers"][0])

    await market.tell(product("M2", cost=90_000))
    seen = await line(owner)
    assert (seen["code"], seen["footing"], seen["available"]) == ("alpha", "open", "0.00")
    assert (seen["mapped"], seen["unmapped"], seen["held"]) == (1, 1, 0)
    assert {"connect", "freeze", "stop", "test"} <= set(seen["can"])
    soon = (now() + timedelta(days=20)).date().isoformat()
    form = {"kind": (None, "contract"), "name": (None, "合同"), "expires_on": (None, soon)}
    await owner.post("/v1/suppliers/alpha/papers", files=form)
    await owner.post("/v1/suppliers/alpha/freeze", json={"reason": "坏卡太多"})
    frozen = await line(owner)
    assert (frozen["footing"], frozen["frozen_because"]) == ("frozen", "坏卡太多")
    assert (frozen["papers_due"], frozen["paper_expires_on"]) == (1, soon)
    assert "unfreeze" in frozen["can"]
    buyer = await staff_client(app, market.database, market.tenant_id, Role.OPS)
    read_only = await line(buyer)
    assert (read_only["can"], read_only["available"]) == ([], None)
    one = await buyer.get("/v1/supplier-overview", params={"supplier": "nobody"})
    assert one.status_code == 404
