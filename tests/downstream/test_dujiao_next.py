import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kashu.adapters.downstream.dujiao_next import sign
from kashu.core.clock import now
from kashu.core.secrets import Secret
from tests.api.calls import client_of
from tests.api.snapshot import snapshot
from tests.downstream.agents import Selling
from tests.downstream.dujiao import Site, make_site

VECTORS = json.loads(
    (Path(__file__).parents[1] / "adapters" / "vectors" / "dujiao_next.json").read_text()
)


@pytest.fixture
async def site(selling: Selling) -> Site:
    return await make_site(selling)


async def good_of(site: Site) -> int:
    [item] = (await site.ok("GET", "/products", query="?page=1&page_size=50"))["items"]
    return int(item["skus"][0]["id"])


async def kept(selling: Selling) -> dict[str, str]:
    """All that the merchant has, but for how often a login called."""
    told = await snapshot(selling.database, selling.tenant.id)
    return {table: print_ for table, print_ in told.items() if table != "downstream.logins"}


async def count(selling: Selling, table: str) -> int:
    async with selling.database.transaction(selling.tenant.id) as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_call_is_signed_as_the_programs_own_signer_does(vector: dict[str, Any]) -> None:
    told = vector["input"]
    stamp, body = str(told["timestamp"]), told["raw_body"].encode()
    made = sign(Secret(told["secret"]), told["method"], told["path"], stamp, body)
    assert made == vector["expect"]["signature"]


async def test_the_catalogue_tells_own_prices_and_stock(selling: Selling, site: Site) -> None:
    told = await site.ok("GET", "/products")
    assert (told["total"], told["page"]) == (1, 1)
    [item] = told["items"]
    assert item["price_amount"] == "15.00"
    assert item["fulfillment_type"] == "auto"
    [sku] = item["skus"]
    assert (sku["stock_quantity"], sku["stock_status"]) == (40, "in_stock")
    one = await site.ok("GET", f"/products/{item['id']}")
    assert one["product"] == item
    assert await site.no("GET", "/products/77") == (404, "product_not_found")
    await selling.ask("PUT", "/v1/customers/acme/agent", {"stock_shown": "banded"})
    one = await site.ok("GET", f"/products/{item['id']}")
    assert one["product"]["skus"][0]["stock_quantity"] == 21  # the least of its band


async def test_an_order_is_paid_from_the_wallet_and_its_cards_are_had_by_asking(
    selling: Selling, site: Site
) -> None:
    await selling.deposit("100.00")
    body = {"sku_id": await good_of(site), "quantity": 2, "downstream_order_no": "S1"}
    placed = await site.ok("POST", "/orders", body)
    assert (placed["status"], placed["amount"], placed["currency"]) == ("delivered", "30.00", "CNY")
    assert await count(selling, "stock.reveals") == 0
    told = await site.ok("GET", f"/orders/{placed['order_id']}")
    cards = told["fulfillment"]["payload"].split("\n")
    assert len(cards) == 2
    assert all("\tpw-" in card for card in cards)
    assert told["items"][0]["total_price"] == "30.00"
    assert (await site.ok("POST", "/ping"))["balance"] == "70.00"
    assert await count(selling, "stock.reveals") == 2
    async with selling.database.transaction(selling.tenant.id) as tx:
        whom = await tx.execute(text("SELECT DISTINCT actor, recipient FROM stock.reveals"))
        assert whom.all() == [(f"login:{site.login_id}", "acme")]
    await selling.is_sound()


async def test_the_same_number_is_the_same_order_and_other_content_a_conflict(
    selling: Selling, site: Site
) -> None:
    await selling.deposit("100.00")
    body = {"sku_id": await good_of(site), "quantity": 1, "downstream_order_no": "S1"}
    first = await site.ok("POST", "/orders", body)
    assert await site.ok("POST", "/orders", body) == first
    before = await kept(selling)
    assert await site.no("POST", "/orders", body | {"quantity": 2}) == (200, "duplicate_order")
    assert await kept(selling) == before
    second = await make_site(selling)  # another login of the same agent's
    assert (await second.ok("POST", "/orders", body))["order_id"] == first["order_id"]
    assert await count(selling, "orders.orders") == 1
    assert await selling.wallet() == "85.00"


async def test_twenty_at_once_with_one_number_make_one_order(selling: Selling, site: Site) -> None:
    await selling.deposit("100.00")
    body = {"sku_id": await good_of(site), "quantity": 1, "downstream_order_no": "S1"}
    answers = await asyncio.gather(*(site.call("POST", "/orders", body) for _ in range(20)))
    told = [answer.json() for answer in answers]
    assert {each["order_id"] for each in told if each["ok"]} != set()
    assert len({each["order_id"] for each in told if each["ok"]}) == 1
    assert {each["error_code"] for each in told if not each["ok"]} <= {"internal_error"}
    assert await selling.wallet() == "85.00"
    await selling.is_sound()


async def test_what_cannot_be_paid_or_given_is_refused_and_not_charged(
    selling: Selling, site: Site
) -> None:
    good = await good_of(site)
    body = {"sku_id": good, "quantity": 1, "downstream_order_no": "S1"}
    assert await site.no("POST", "/orders", body) == (200, "insufficient_balance")
    assert await count(selling, "orders.orders") == 0
    await selling.deposit("1000.00")
    assert (await site.ok("POST", "/orders", body))["status"] == "delivered"  # paid in meanwhile
    body = {"sku_id": good, "quantity": 60, "downstream_order_no": "S2"}
    for _ in range(2):
        assert await site.no("POST", "/orders", body) == (200, "insufficient_stock")
    assert await selling.wallet() == "985.00"
    body = {"sku_id": 77, "quantity": 1, "downstream_order_no": "S3"}
    assert await site.no("POST", "/orders", body) == (200, "sku_unavailable")
    await selling.ask("PUT", "/v1/customers/acme/agent", {"state": "suspended"})
    body = {"sku_id": good, "quantity": 1, "downstream_order_no": "S4"}
    assert await site.no("POST", "/orders", body) == (403, "user_disabled")
    await selling.is_sound()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku_id": "1"},
        {"sku_id": 0},
        {"quantity": 0},
        {"quantity": 1.5},
        {"quantity": 10_001},
        {"quantity": True},
        {"downstream_order_no": ""},
        {"downstream_order_no": "S 1"},
        {"downstream_order_no": "S1\n"},
        {"downstream_order_no": "x" * 65},
        {"callback_url": "http://localhost/x"},
        {"callback_url": "http://10.0.0.1/x"},
        {"callback_url": "ftp://example.com/x"},
        {"callback_url": "http://[::1"},
    ],
    ids=str,
)
async def test_what_is_not_an_order_is_refused_and_changes_nothing(
    selling: Selling, site: Site, wrong: dict[str, Any]
) -> None:
    await selling.deposit("100.00")
    body = {"sku_id": await good_of(site), "quantity": 1, "downstream_order_no": "S1"} | wrong
    before = await kept(selling)
    code = "invalid_callback_url" if "callback_url" in wrong else "bad_request"
    assert await site.no("POST", "/orders", body) == (400, code)
    assert await kept(selling) == before


async def test_who_is_not_known_or_signs_wrongly_or_late_is_refused(
    selling: Selling, site: Site
) -> None:
    before = await snapshot(selling.database, selling.tenant.id)
    late = int(now().timestamp()) - 61
    assert await site.no("POST", "/ping", stamp=late) == (401, "timestamp_expired")
    wrong = {"Dujiao-Next-Timestamp": "soon"}
    assert await site.no("POST", "/ping", **wrong) == (401, "invalid_timestamp")
    wrong = {"Dujiao-Next-Signature": "0" * 64}
    assert await site.no("POST", "/ping", **wrong) == (401, "invalid_signature")
    for key in ("nobody", f"dl_{selling.tenant.id}_{'0' * 32}", f"dl_{'9' * 18}_{'0' * 32}"):
        wrong = {"Dujiao-Next-Api-Key": key}
        assert await site.no("POST", "/ping", **wrong) == (403, "invalid_api_key")
    bare = await client_of(selling.app).post("/api/v1/upstream/ping")
    assert (bare.status_code, bare.json()["error_code"]) == (401, "missing_auth_headers")
    assert await snapshot(selling.database, selling.tenant.id) == before


async def test_a_login_that_is_revoked_works_no_more(selling: Selling, site: Site) -> None:
    await site.ok("POST", "/ping")
    await selling.ask("DELETE", f"/v1/logins/{site.login_id}")
    assert await site.no("POST", "/ping") == (403, "invalid_api_key")


async def test_another_agents_order_is_not_there(selling: Selling, site: Site) -> None:
    await selling.deposit("100.00")
    body = {"sku_id": await good_of(site), "quantity": 1, "downstream_order_no": "S1"}
    placed = await site.ok("POST", "/orders", body)
    await selling.ask("POST", "/v1/customers", {"code": "other", "name": "别家"})
    await selling.ask("PUT", "/v1/customers/other/agent", {})
    other = await make_site(selling, "other")
    path = f"/orders/{placed['order_id']}"
    assert await other.no("GET", path) == (404, "order_not_found")
    assert await other.no("POST", f"{path}/cancel") == (404, "order_not_found")
    assert await site.no("POST", f"{path}/cancel") == (409, "cancel_not_allowed")
    assert (await other.ok("GET", "/products"))["items"] == []
    assert await count(selling, "stock.reveals") == 0


async def test_who_calls_too_often_is_refused_in_the_dialects_own_envelope(
    selling: Selling, site: Site
) -> None:
    other = await make_site(selling)
    for _ in range(60):
        await site.ok("POST", "/ping")
    answer = await site.call("POST", "/ping")
    assert answer.status_code == 200
    assert answer.json()["status_code"] == 429
    assert "ok" not in answer.json()
    await other.ok("POST", "/ping")  # each login by itself


async def test_what_is_refunded_is_told(selling: Selling, site: Site) -> None:
    await selling.deposit("100.00")
    body = {"sku_id": await good_of(site), "quantity": 2, "downstream_order_no": "S1"}
    placed = await site.ok("POST", "/orders", body)
    [order] = (await selling.ask("GET", "/v1/orders?external_id=S1"))["orders"]
    back = {"refund_id": "R1", "lines": [{"line": 1, "quantity": 1}]}
    await selling.ask("POST", f"/v1/orders/{order['order_id']}/refunds", back)
    told = await site.ok("GET", f"/orders/{placed['order_id']}")
    assert (told["status"], told["refunded_amount"]) == ("partially_refunded", "15.00")
    await selling.ask("POST", f"/v1/orders/{order['order_id']}/refunds", {"refund_id": "R2"})
    told = await site.ok("GET", f"/orders/{placed['order_id']}")
    assert (told["status"], told["refunded_amount"]) == ("refunded", "30.00")
    assert "fulfillment" not in told


async def test_what_is_not_offered_is_said_so(site: Site) -> None:
    assert await site.no("GET", "/categories") == (404, "not_found")
    assert await site.no("GET", "/orders/1") == (404, "order_not_found")
    assert await site.no("GET", "/orders/abc") == (400, "bad_request")
