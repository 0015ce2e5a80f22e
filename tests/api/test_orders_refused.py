"""HTTP of orders: what can't be an order is refused in words, and leaves nothing behind."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.stock.reserve import reserve
from kashu.stock.strategy import FEFO
from tests.api.calls import key_client, problem
from tests.api.test_orders import SCOPES, Counter, an_order
from tests.conftest import Tenant
from tests.orders.builders import make_shop
from tests.stock.builders import make_sku, put_cards

LINE = {"sku": "mgtv-month", "quantity": 1, "price": "20.00"}


@pytest.fixture
async def counter(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Counter:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=2)
        await make_sku(tx, tenant.id, "mgtv-topup", fulfilment="topup")
    program = await key_client(app, database, keyrings, tenant.id, *SCOPES)
    return Counter(database, tenant, program)


async def post(counter: Counter, body: bytes, **headers: str) -> Any:  # noqa: ANN401
    signed = counter.program.headers("POST", "/v1/orders", body)
    sent = {"Content-Type": "application/json", "Idempotency-Key": "k"} | headers
    return await counter.program.client.post("/v1/orders", content=body, headers=signed | sent)


@pytest.mark.parametrize(
    ("line", "at", "code"),
    [
        ({"sku": "nothing"}, "sku", "unknown_sku"),
        ({"sku": "MGTV-month"}, "sku", "unknown_sku"),
        ({"sku": "mgtv-month' OR 1=1 --"}, "sku", "unknown_sku"),
        ({"sku": "mgtv-topup"}, "account", "account_missing"),
        ({"price": "-0.01"}, "price", "amount_unreadable"),
        ({"price": "0.1e3"}, "price", "amount_unreadable"),
        ({"price": "1e-9"}, "price", "amount_unreadable"),
        ({"price": "NaN"}, "price", "amount_unreadable"),
        ({"price": "٣.00"}, "price", "amount_unreadable"),
        ({"price": "1,000.00"}, "price", "amount_unreadable"),
        ({"price": ""}, "price", "amount_unreadable"),
        ({"price": " 1.00"}, "price", "amount_unreadable"),
        ({"price": "1.00\n"}, "price", "amount_unreadable"),
        ({"price": "100000000001.00"}, "price", "amount_unreadable"),
        ({"price": "9" * 40}, "price", "amount_unreadable"),
        ({"price": "0.015"}, "price", "amount_not_whole_fen"),
    ],
)
async def test_a_line_that_cannot_be_is_named(
    counter: Counter, line: dict[str, Any], at: str, code: str
) -> None:
    before = await counter.now()
    order = {"external_id": "A2", "lines": [LINE, LINE | line]}
    answer = await counter.sell(an_order("A1"), order)
    told = problem(answer, 422, "order_wrong")["problems"]
    assert [(one["at"], one["code"]) for one in told] == [(f"/orders/1/lines/1/{at}", code)]
    assert await counter.now() == before


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 1.5},
        {"quantity": 1.0},
        {"quantity": "1"},
        {"quantity": True},
        {"quantity": None},
        {"quantity": 10_001},
        {"quantity": 10**9},
        {"quantity": 2**63},
        {"quantity": 10**400},
        {"price": 20},
        {"price": 20.0},
        {"price": "1" * 41},
        {"sku": ""},
        {"sku": "x" * 65},
        {"sku": 7},
        {"reservation_id": "1"},
        {"discount": "1.00"},
    ],
)
async def test_a_line_of_the_wrong_kind_is_refused(counter: Counter, line: dict[str, Any]) -> None:
    before = await counter.now()
    answer = await counter.sell({"external_id": "A1", "lines": [LINE | line]})
    [told] = problem(answer, 422, "fields_wrong")["problems"]
    assert told["at"] == f"/orders/0/lines/0/{next(iter(line))}"
    assert await counter.now() == before


@pytest.mark.parametrize(
    ("order", "at", "code"),
    [
        ({"store": "nowhere"}, "store", "unknown_store"),
        ({"customer": "nobody"}, "customer", "unknown_customer"),
        ({"external_id": "A 1"}, "external_id", "external_id_unreadable"),
        ({"external_id": "订单1"}, "external_id", "external_id_unreadable"),
        ({"external_id": "A\r\nSet-Cookie: x"}, "external_id", "external_id_unreadable"),
        ({"external_id": "A\u202e1"}, "external_id", "external_id_unreadable"),
        ({"paid_at": "2026-01-01T00:00:00"}, "paid_at", "time_without_zone"),
        ({"paid_at": "0001-01-01T00:00:00+14:00"}, "paid_at", "time_out_of_range"),
        ({"paid_at": "9999-12-31T23:59:59-14:00"}, "paid_at", "time_out_of_range"),
        ({"paid_at": "2099-01-01T00:00:00Z"}, "paid_at", "time_out_of_range"),
    ],
)
async def test_an_order_that_cannot_be_is_named(
    counter: Counter, order: dict[str, Any], at: str, code: str
) -> None:
    before = await counter.now()
    told = problem(await counter.sell(an_order("A1") | order), 422, "order_wrong")["problems"]
    assert [(one["at"], one["code"]) for one in told] == [(f"/orders/0/{at}", code)]
    assert await counter.now() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"orders": []},
        {"orders": [{"external_id": "A1", "lines": []}]},
        {"orders": [{"external_id": "A1", "lines": [LINE] * 51}]},
        {"orders": [{"lines": [LINE]}]},
        {"orders": [an_order("A1") | {"external_id": "x" * 65}]},
        {"orders": [an_order("A1") | {"paid_at": "2026-02-30T00:00:00Z"}]},
        {"orders": [an_order("A1") | {"paid_at": 1_767_225_600}]},
        {"orders": [an_order("A1") | {"total": "1.00"}]},
        {"orders": [an_order("A1")], "deliver": "now"},
        {"orders": {"0": an_order("A1")}},
        [an_order("A1")],
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused(counter: Counter, body: object) -> None:
    before = await counter.now()
    problem(await post(counter, json.dumps(body).encode()), 422, "fields_wrong")
    assert await counter.now() == before


GOOD = json.dumps({"orders": [an_order("A1")]}).encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (GOOD.replace(b'"quantity": 1', b'"quantity": 1, "quantity": 9'), "key_twice"),
        (GOOD.replace(b'"quantity"', b'"quant\\u0069ty": 9, "quantity"'), "key_twice"),
        (GOOD.replace(b'"A1"', b'"A\\u0000"'), "nul_character"),
        (GOOD.replace(b'"A1"', b'"A\x001"'), "body_not_json"),
        (GOOD.replace(b"1", b"NaN"), "body_not_json"),
        (GOOD.replace(b'"A1"', b'"\\ud800"'), "body_not_json"),
        (GOOD.replace(b'"A1"', b"[" * 40 + b"]" * 40), "body_too_deep"),
        (b"[" * 500_000, "body_too_deep"),
        (GOOD[:-1], "body_not_json"),
        (GOOD.decode().encode("utf-16"), "body_not_json"),
        (b"", "fields_wrong"),
    ],
)
async def test_a_body_that_is_read_two_ways_or_none_is_refused(
    counter: Counter, body: bytes, code: str
) -> None:
    before = await counter.now()
    problem(await post(counter, body), 422, code)
    assert await counter.now() == before


async def test_another_kind_of_body_is_refused(counter: Counter) -> None:
    before = await counter.now()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(await post(counter, GOOD, **form), 415, "media_type_wrong")
    problem(await post(counter, b" " * (1 << 20) + GOOD), 413, "body_too_large")
    assert await counter.now() == before


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 129, "键"])
async def test_a_request_without_a_key_is_refused(counter: Counter, key: str) -> None:
    before = await counter.now()
    signed = counter.program.headers("POST", "/v1/orders", GOOD)
    sent: list[tuple[bytes, bytes]] = [
        *((name.encode(), value.encode()) for name, value in signed.items()),
        (b"Content-Type", b"application/json"),
        *([(b"Idempotency-Key", key.encode())] if key else []),
    ]
    answer = await counter.program.client.post("/v1/orders", content=GOOD, headers=sent)
    problem(answer, 400, "idempotency_key_missing")
    assert await counter.now() == before


async def test_more_units_than_one_request_may_ask_for(counter: Counter) -> None:
    before = await counter.now()
    orders = [an_order(f"A{n}", 6_000) for n in range(2)]
    told = problem(await counter.sell(*orders), 422, "order_wrong")["problems"]
    assert [(one["at"], one["code"]) for one in told] == [("/orders", "too_many_units")]
    assert await counter.now() == before


async def test_everything_wrong_is_told_at_once_in_the_readers_language(counter: Counter) -> None:
    body = {"orders": [an_order("A 1", store="nowhere"), an_order("A2", customer="nobody")]}
    headers = {"Idempotency-Key": "k", "Accept-Language": "en"}
    answer = await counter.program.call("POST", "/v1/orders", body, **headers)
    document = problem(answer, 422, "order_wrong")
    assert [one["at"] for one in document["problems"]] == [
        "/orders/0/external_id",
        "/orders/0/store",
        "/orders/1/customer",
    ]
    assert document["problems"][1]["detail"].startswith("No open store")


async def test_a_refused_request_leaves_its_key_free(counter: Counter) -> None:
    problem(await counter.sell(an_order("A1", store="nowhere"), key="k"), 422, "order_wrong")
    answer = await counter.sell(an_order("A1"), key="k")
    assert (answer.status_code, answer.json()["orders"][0]["new"]) == (200, True)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=1", "before=A1"])
async def test_a_page_that_cannot_be_is_refused(counter: Counter, query: str) -> None:
    answer = await counter.program.call("GET", f"/v1/orders?{query}")
    [told] = problem(answer, 422, "fields_wrong")["problems"]
    assert told["at"] == query.partition("=")[0]


async def test_a_reservation_that_is_not_there_or_of_another_sku_is_refused(
    counter: Counter, keyrings: Keyrings
) -> None:
    async with counter.database.transaction(counter.tenant.id) as tx:
        other = await make_sku(tx, counter.tenant.id, "iqiyi-month")
        await put_cards(tx, counter.tenant.id, 1, sku_id=other, keyrings=keyrings)
        promised = await reserve(
            tx,
            counter.tenant.id,
            "test",
            sku_id=other,
            quantity=1,
            until_at=now() + timedelta(days=1),
            strategy=FEFO,
            reason="quotation",
            now=now(),
            today=day_of(now()),
        )
    before = await counter.now()
    for reservation_id in (uuid4(), promised.id):
        line = LINE | {"reservation_id": str(reservation_id)}
        answer = await counter.sell({"external_id": "A1", "lines": [LINE, line]})
        told = problem(answer, 422, "order_wrong")["problems"]
        assert [(one["at"], one["code"]) for one in told] == [
            ("/orders/0/lines/1/reservation_id", "unknown_reservation")
        ]
    assert await counter.now() == before
    line = LINE | {"sku": "iqiyi-month", "reservation_id": str(promised.id)}
    sold = await counter.sold({"external_id": "A1", "lines": [line]})
    assert sold["state"] == "filled"
