"""Suppliers, their offers and prices over HTTP."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import events_of
from tests.api.calls import shared_app, staff_client
from tests.conftest import Tenant
from tests.suppliers.market import Market, list_for_sale, make_market, product

CONNECTION = "/v1/suppliers/alpha/connection"
BODY = {
    "protocol": "fulu",
    "account": "app-1",
    "secret": "do-not-show",
    "base_url": "https://fulu.example.com",
    "options": {"notify_secret": "nor-this"},
}


@pytest.fixture
async def app(database: Database, keyrings: Keyrings) -> AsyncIterator[Litestar]:
    made = shared_app(database, keyrings)
    yield made
    for close in made.on_shutdown:
        await cast("Any", close)()


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    market = await make_market(database, tenant, [product()])
    market.at[0] = now()
    await market.tell(product())
    return market


@pytest.fixture
async def owner(app: Litestar, market: Market) -> httpx.AsyncClient:
    return await staff_client(app, market.database, market.tenant_id, Role.OWNER)


@pytest.fixture
async def auditor(app: Litestar, market: Market) -> httpx.AsyncClient:
    return await staff_client(app, market.database, market.tenant_id, Role.AUDITOR)


async def test_a_connection_never_shows_its_secrets(
    owner: httpx.AsyncClient, market: Market
) -> None:
    put = await owner.put(CONNECTION, json=BODY)
    assert put.status_code == 200, put.text
    shown = (await owner.get(CONNECTION)).json()
    assert (shown["secret"], shown["options"]) == ("•••", {"notify_secret": "•••"})
    assert "do-not-show" not in put.text
    assert "nor-this" not in put.text
    async with market.database.transaction(market.tenant_id) as tx:
        told = [each.facts for each in await events_of(tx, market.tenant_id, market.supplier_id)]
        row = str((await tx.execute(text("SELECT * FROM suppliers.connections"))).one())
    assert "do-not-show" not in str(told) + row
    assert "nor-this" not in str(told) + row


async def test_secrets_stay_where_the_account_stays_and_go_nowhere_else(
    owner: httpx.AsyncClient, market: Market
) -> None:
    await owner.put(CONNECTION, json=BODY)
    kept = BODY | {"secret": None, "options": {"notify_secret": "•••"}, "prices_every_s": 30}
    assert (await owner.put(CONNECTION, json=kept)).status_code == 200
    before = await market.connection()
    elsewhere = await owner.put(CONNECTION, json=kept | {"base_url": "https://evil.example.com"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "option_hidden")
    assert await market.connection() == before


async def test_an_unknown_protocol_is_refused(owner: httpx.AsyncClient, market: Market) -> None:
    before = await market.connection()
    answer = await owner.put(CONNECTION, json=BODY | {"protocol": "smoke-signals"})
    assert (answer.status_code, answer.json()["code"]) == (404, "supplier_protocol_unknown")
    assert await market.connection() == before


async def test_a_connection_is_stopped_opened_and_tried(owner: httpx.AsyncClient) -> None:
    await owner.put(CONNECTION, json=BODY)
    assert (await owner.post(f"{CONNECTION}/stop")).json()["state"] == "stopped"
    assert (await owner.post(f"{CONNECTION}/open")).json()["state"] == "open"
    tried = (await owner.post(f"{CONNECTION}/test")).json()
    assert not tried["ok"]
    assert all(each["zh"] and each["en"] and each["code"] for each in tried["tried"])


async def test_protocols_say_what_they_can(auditor: httpx.AsyncClient) -> None:
    listed = (await auditor.get("/v1/supplier-protocols")).json()
    fulu = next(each for each in listed if each["protocol"] == "fulu")
    assert "place" in fulu["can"]
    assert fulu["goods"]


async def test_terms_are_changed_and_kept_sane(owner: httpx.AsyncClient) -> None:
    changed = await owner.patch("/v1/suppliers/alpha/terms", json={"fee": "0.05", "fee_ppm": 6_000})
    assert (changed.json()["fee"], changed.json()["fee_ppm"]) == ("0.05", 6_000)
    for wrong in ({"fee": "-1"}, {"fee_ppm": 1_000_001}, {"rebate_ppm": -1}):
        assert (await owner.patch("/v1/suppliers/alpha/terms", json=wrong)).status_code == 422
    assert (await owner.get("/v1/suppliers/alpha/terms")).json() == changed.json()


async def test_an_offer_is_found_suggested_mapped_and_compared(owner: httpx.AsyncClient) -> None:
    (offer,) = (await owner.get("/v1/offers", params={"supplier": "alpha", "text": "芒果"})).json()[
        "offers"
    ]
    assert (offer["price"], offer["sku"]) == ("15.00", None)
    (suggestion,) = (await owner.get("/v1/offers/suggestions")).json()
    sku = suggestion["skus"][0]["sku"]
    mapped = await owner.post(
        "/v1/offers/map",
        json={"mappings": [{"offer_id": offer["id"], "sku": sku}]},
    )
    assert [each["outcome"] for each in mapped.json()] == ["mapped"]
    compared = (await owner.get(f"/v1/skus/{sku}/offers")).json()
    (ranked,) = compared["offers"]
    assert (ranked["supplier"], ranked["buyable"]) == ("alpha", True)
    assert ranked["landed"]["price"] == "15.00"
    assert ranked["reasons"][0]["zh"]
    page = (await owner.get("/v1/prices", params={"sku": [sku]})).json()
    assert page["skus"][0]["offers"] == compared["offers"]
    history = (await owner.get(f"/v1/offers/{offer['id']}/prices")).json()
    assert [each["price"] for each in history] == ["15.00"]


async def test_prices_are_paged_by_sku(owner: httpx.AsyncClient) -> None:
    first = (await owner.get("/v1/prices", params={"limit": 2})).json()
    second = (
        await owner.get("/v1/prices", params={"limit": 2, "after": first["next_after"]})
    ).json()
    codes = [each["sku"] for each in first["skus"] + second["skus"]]
    assert codes == sorted(set(codes))
    assert len(codes) == 4


async def test_a_held_price_is_released_by_who_looked_at_it(
    owner: httpx.AsyncClient, market: Market
) -> None:
    await market.map()
    await market.tell(product(cost=90_000))
    (offer,) = (await owner.get("/v1/offers", params={"state": "held"})).json()["offers"]
    assert offer["held"]["because"] == "drop"
    assert offer["can"] == ["map", "refresh", "release", "refuse"]
    wrong = await owner.post(f"/v1/offers/{offer['id']}/release", json={"price": "9.01"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "held_price_changed")
    right = await owner.post(f"/v1/offers/{offer['id']}/release", json={"price": "9.00"})
    assert (right.json()["state"], right.json()["price"]) == ("live", "9.00")


async def test_a_price_list_is_looked_at_and_then_written(owner: httpx.AsyncClient) -> None:
    pasted = "芒果TV会员周卡\t5.5\n"
    path = "/v1/suppliers/alpha/offers/import"
    dry = await owner.post(path, files={"pasted": (None, pasted), "dry_run": (None, "true")})
    assert dry.status_code == 200, dry.text
    assert dry.json()["counts"] == {"added": 1}
    assert len((await owner.get("/v1/offers")).json()["offers"]) == 1
    other = await owner.post(
        path, files={"pasted": (None, pasted + " "), "expect_sha256": (None, dry.json()["sha256"])}
    )
    assert other.status_code == 409
    done = await owner.post(
        path, files={"pasted": (None, pasted), "expect_sha256": (None, dry.json()["sha256"])}
    )
    assert done.json()["rows"] == dry.json()["rows"]
    assert len((await owner.get("/v1/offers")).json()["offers"]) == 2


async def test_an_alert_names_what_sells_at_a_loss_and_is_seen(
    owner: httpx.AsyncClient, auditor: httpx.AsyncClient, market: Market
) -> None:
    await market.map()
    async with market.database.transaction(market.tenant_id) as tx:
        await list_for_sale(tx, market.tenant_id, await market.sku(), 155_000)
    await market.tell(product(cost=160_000))
    (alert,) = (await auditor.get("/v1/price-alerts", params={"seen": False})).json()
    assert (alert["sku"], alert["loss_count"]) == ("mgtv-month", 1)
    assert alert["margins"][0]["item_id"] == "I1"
    seen = await owner.post(f"/v1/price-alerts/{alert['id']}/seen")
    assert seen.json()["seen_by"].startswith("staff:")
    assert (await owner.get("/v1/price-alerts", params={"seen": False})).json() == []


async def test_rules_and_rates_are_the_merchants_own(owner: httpx.AsyncClient) -> None:
    assert (await owner.get("/v1/price-rules")).json()["stale_s"] == 900
    changed = await owner.patch("/v1/price-rules", json={"stale_s": 600, "invalid_cost": "3.50"})
    assert (changed.json()["stale_s"], changed.json()["invalid_cost"]) == (600, "3.50")
    assert (await owner.patch("/v1/price-rules", json={"invalid_cost": "-1"})).status_code == 422
    assert (await owner.get("/v1/price-rules")).json() == changed.json()
    rate = await owner.put("/v1/exchange-rates/USD", json={"rate": "7.1234"})
    assert (rate.status_code, rate.json()["rate"]) == (200, "7.1234")
    for currency, written in (("CNY", "1"), ("usd", "7"), ("USD", "0")):
        wrong = await owner.put(f"/v1/exchange-rates/{currency}", json={"rate": written})
        assert wrong.status_code == 422
    assert (await owner.delete("/v1/exchange-rates/USD")).status_code == 204
    assert (await owner.get("/v1/exchange-rates")).json() == []
    again = await owner.delete("/v1/exchange-rates/USD")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_exchange_rate")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", CONNECTION),
        ("GET", CONNECTION),
        ("POST", f"{CONNECTION}/stop"),
        ("POST", f"{CONNECTION}/open"),
        ("POST", f"{CONNECTION}/test"),
        ("PATCH", "/v1/suppliers/alpha/terms"),
        ("POST", "/v1/offers/map"),
        ("PATCH", "/v1/price-rules"),
        ("PUT", "/v1/exchange-rates/USD"),
    ],
)
async def test_who_may_only_read_changes_nothing(
    auditor: httpx.AsyncClient, market: Market, method: str, path: str
) -> None:
    before = await market.connection()
    assert (await auditor.request(method, path, json={})).status_code == 403
    assert await market.connection() == before
