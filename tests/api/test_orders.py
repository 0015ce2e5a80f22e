"""HTTP of orders: whole bodies, once each, in every state they can be asked for."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from kashu.stock.tables import reveals
from tests.api.calls import KeyClient, key_client, problem, staff_client
from tests.api.snapshot import snapshot
from tests.conftest import Tenant
from tests.orders.builders import make_shop
from tests.stock.builders import assert_sound

SCOPES = (
    Permission.ORDERS_READ,
    Permission.ORDERS_WRITE,
    Permission.ORDERS_REFUND,
    Permission.STOCK_REVEAL,
)
CARDS = 12


@dataclass(frozen=True, slots=True)
class Counter:
    """A shop with twelve cards, and a program that sells them."""

    database: Database
    tenant: Tenant
    program: KeyClient

    async def sell(
        self, *orders: dict[str, Any], key: str = "", deliver: str | None = None
    ) -> httpx.Response:
        body: dict[str, Any] = {"orders": list(orders)}
        if deliver:
            body["deliver"] = deliver
        headers = {"Idempotency-Key": key or uuid4().hex}
        return await self.program.call("POST", "/v1/orders", body, **headers)

    async def sold(self, *orders: dict[str, Any], deliver: str | None = None) -> dict[str, Any]:
        answer = await self.sell(*orders, deliver=deliver)
        assert answer.status_code == 200, answer.text
        first: dict[str, Any] = answer.json()["orders"][0]
        return first

    async def post(self, path: str, body: object = None) -> httpx.Response:
        return await self.program.call("POST", f"/v1/orders/{path}", body)

    async def get(self, path: str) -> Any:  # noqa: ANN401  (any JSON)
        answer = await self.program.call("GET", f"/v1/orders{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def now(self) -> dict[str, str]:
        return await snapshot(self.database, self.tenant.id)


def an_order(external_id: str, quantity: int = 1, **more: object) -> dict[str, Any]:
    line = {"sku": "mgtv-month", "quantity": quantity, "price": f"{quantity * 20}.00"}
    return {"external_id": external_id, "lines": [line]} | more


@pytest.fixture
async def counter(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Counter:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=CARDS)
    program = await key_client(app, database, keyrings, tenant.id, *SCOPES)
    return Counter(database, tenant, program)


async def test_an_order_is_answered_with_its_cards(counter: Counter) -> None:
    answer = await counter.sell(an_order("A1", 2))
    assert answer.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in answer.headers
    [order] = answer.json()["orders"]
    [line] = order["lines"]
    [first, second] = line["cards"]
    assert first["password"] == f"pw-{first['number']}" != second["password"]
    assert (order, set(first)) == (
        {
            "order_id": order["order_id"],
            "external_id": "A1",
            "new": True,
            "state": "filled",
            "differs": False,
            "lines": [
                {
                    "line_id": line["line_id"],
                    "number": 1,
                    "sku": "mgtv-month",
                    "quantity": 2,
                    "delivered": 2,
                    "waiting": 0,
                    "refused": 0,
                    "refunded": 0,
                    "cards": [first, second],
                }
            ],
        },
        {"card_id", "number", "password"},
    )


async def test_it_is_read_as_it_stands_without_its_cards(counter: Counter) -> None:
    sold = await counter.sold(an_order("A1", 2, paid_at="2026-01-02T03:04:05+08:00"))
    shown = await counter.get(f"/{sold['order_id']}")
    [line] = shown.pop("lines")
    assert shown.pop("accepted_at")
    assert shown == {
        "order_id": sold["order_id"],
        "external_id": "A1",
        "store": "direct",
        "store_name": "直销",
        "customer": None,
        "customer_name": None,
        "source": "direct",
        "buyer": None,
        "state": "filled",
        "cancelled": False,
        "currency": "CNY",
        "total": "40.00",
        "refunded_amount": "0.00",
        "can": ["cancel", "refund", "reveal"],
        "paid_at": "2026-01-01T19:04:05Z",
    }
    assert (line["delivered"], line["price"], line["earned"]) == (2, "40.00", "40.00")
    assert not {"cards", "password"} & set(line)


async def test_five_hundred_orders_come_in_one_request(counter: Counter) -> None:
    answer = await counter.sell(*(an_order(f"B{n}") for n in range(500)))
    states = [order["state"] for order in answer.json()["orders"]]
    assert states == ["filled"] * CARDS + ["short"] * (500 - CARDS)
    assert len(set(re.findall(r'"number":"(\w+)"', answer.text))) == CARDS
    before = await counter.now()
    too_many = await counter.sell(*(an_order(f"C{n}") for n in range(501)))
    assert problem(too_many, 422, "fields_wrong")["problems"][0]["at"] == "/orders"
    assert await counter.now() == before


async def test_a_request_is_replayed_to_the_byte(counter: Counter) -> None:
    first = await counter.sell(an_order("A1"), key="k-1")
    again = await counter.sell(an_order("A1"), key="k-1")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    assert (await counter.get(""))["orders"][1:] == []


async def test_a_key_with_another_body_is_a_conflict(counter: Counter) -> None:
    await counter.sell(an_order("A1"), key="k-1")
    before = await counter.now()
    for other in (an_order("A1", 2), an_order("A2"), an_order("A1", paid_at=None)):
        problem(await counter.sell(other, key="k-1"), 409, "idempotency_key_reused")
    assert await counter.now() == before


async def test_an_order_that_comes_again_as_another_is_told_to_differ(counter: Counter) -> None:
    """Under a new key, that is: the number names the order that came first."""
    sold = await counter.sold(an_order("A1", 2))
    changed = an_order("A1", 3)
    more = an_order("A1", 2)
    more["lines"] = more["lines"] * 2
    for order in (an_order("A1", 2), changed, more):
        again = await counter.sold(order)
        assert (again["new"], again["order_id"]) == (False, sold["order_id"])
        assert again["differs"] == (order != an_order("A1", 2))
        assert [(line["quantity"], line["cards"]) for line in again["lines"]] == [(2, [])]
    [order] = (await counter.get(""))["orders"]
    assert order["lines"][0]["quantity"] == 2


async def test_keys_of_other_callers_are_others(
    counter: Counter, app: Litestar, keyrings: Keyrings
) -> None:
    await counter.sell(an_order("A1"), key="k-1")
    other = await key_client(app, counter.database, keyrings, counter.tenant.id, *SCOPES)
    headers = {"Idempotency-Key": "k-1"}
    answer = await other.call("POST", "/v1/orders", {"orders": [an_order("A2")]}, **headers)
    assert answer.json()["orders"][0]["new"] is True


async def test_of_many_at_once_one_has_an_effect_and_the_others_are_told_to_wait(
    counter: Counter,
) -> None:
    answers = await asyncio.gather(*(counter.sell(an_order("A1"), key="k") for _ in range(20)))
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in done}) == 1
    for answer in answers:
        if answer not in done:
            problem(answer, 409, "request_in_flight")
            assert answer.headers["retry-after"] == "1"
    assert len(done) < 20
    [order] = (await counter.get(""))["orders"]
    assert order["lines"][0]["delivered"] == 1


async def test_cards_kept_for_later_are_revealed_with_a_reason(counter: Counter) -> None:
    sold = await counter.sold(an_order("A1", 2), deliver="later")
    assert sold["lines"][0]["cards"] == []
    before = await counter.now()
    for body in ({}, {"reason": "buyer asks"}, {"reason": "", "recipient": "buyer"}):
        problem(await counter.post(f"{sold['order_id']}/reveal", body), 422, "fields_wrong")
    assert await counter.now() == before
    body = {"reason": "buyer asks", "recipient": "buyer"}
    shown = (await counter.post(f"{sold['order_id']}/reveal", body)).json()
    assert [card["password"] for card in shown] == [f"pw-{card['number']}" for card in shown]
    again = (await counter.post(f"{sold['order_id']}/reveal", body)).json()
    assert again == shown
    async with counter.database.transaction(counter.tenant.id) as tx:
        rows = (await tx.execute(select(reveals.c.reason, reveals.c.recipient))).all()
    assert [tuple(row) for row in rows] == [("buyer asks", "buyer")] * 4


async def test_cards_in_the_answer_take_the_permission_to_see_them(
    counter: Counter, app: Litestar, keyrings: Keyrings
) -> None:
    blind = await key_client(
        app, counter.database, keyrings, counter.tenant.id, Permission.ORDERS_WRITE
    )
    before = await counter.now()
    headers = {"Idempotency-Key": "k"}
    body: dict[str, Any] = {"orders": [an_order("A1")]}
    refused = problem(await blind.call("POST", "/v1/orders", body, **headers), 403, "not_allowed")
    assert refused["facts"] == {"permission": "stock.reveal"}
    assert await counter.now() == before
    later = await blind.call("POST", "/v1/orders", body | {"deliver": "later"}, **headers)
    assert later.json()["orders"][0]["state"] == "filled"


async def test_a_refund_is_made_once(counter: Counter) -> None:
    sold = await counter.sold(an_order("A1", 3))
    path = f"{sold['order_id']}/refunds"
    body = {"refund_id": "R1", "lines": [{"line": 1, "quantity": 1, "amount": "15.00"}]}
    first = (await counter.post(path, body)).json()
    assert (first["new"], first["state"], first["amount"]) == (True, "settled", "15.00")
    before = await counter.now()
    again = (await counter.post(path, body)).json()
    assert again == first | {"new": False}
    assert await counter.now() == before
    rest = (await counter.post(path, {"refund_id": "R2"})).json()
    assert rest["amount"] == "45.00"
    shown = await counter.get(f"/{sold['order_id']}")
    assert (shown["state"], shown["lines"][0]["refunded"]) == ("refunded", 3)
    async with counter.database.transaction(counter.tenant.id) as tx:
        await assert_sound(tx, counter.tenant.id)


async def test_a_refund_number_belongs_to_one_order(counter: Counter) -> None:
    first = await counter.sold(an_order("A1"))
    second = await counter.sold(an_order("A2"))
    await counter.post(f"{first['order_id']}/refunds", {"refund_id": "R1"})
    before = await counter.now()
    answer = await counter.post(f"{second['order_id']}/refunds", {"refund_id": "R1"})
    problem(answer, 409, "refund_differs")
    assert await counter.now() == before


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        ([{"line": 1, "quantity": 3}], 409, "refund_too_large"),
        ([{"line": 1, "quantity": 0, "amount": "40.01"}], 409, "refund_too_large"),
        ([{"line": 2, "quantity": 1}], 422, "refund_line_unknown"),
        ([{"line": 1, "quantity": 1}, {"line": 1, "quantity": 1}], 422, "refund_line_twice"),
        ([{"line": 1, "quantity": 1, "amount": "0.001"}], 422, "amount_not_whole_fen"),
        ([{"line": 1, "quantity": 1, "amount": "-1"}], 422, "amount_unreadable"),
        ([{"line": 1, "quantity": 1, "amount": "1e2"}], 422, "amount_unreadable"),
        ([{"line": 1, "quantity": -1}], 422, "fields_wrong"),
        ([{"line": 0, "quantity": 1}], 422, "fields_wrong"),
        ([{"line": 1, "quantity": 10**9}], 422, "fields_wrong"),
        ([{"line": 1, "quantity": 1.5}], 422, "fields_wrong"),
    ],
)
async def test_a_refund_that_cannot_be_changes_nothing(
    counter: Counter, lines: list[dict[str, Any]], status: int, code: str
) -> None:
    sold = await counter.sold(an_order("A1", 2))
    before = await counter.now()
    body = {"refund_id": "R1", "lines": lines}
    problem(await counter.post(f"{sold['order_id']}/refunds", body), status, code)
    assert await counter.now() == before


async def test_a_cancellation_takes_back_what_nobody_has_seen(counter: Counter) -> None:
    unseen = await counter.sold(an_order("A1", 2), deliver="later")
    done = (await counter.post(f"{unseen['order_id']}/cancel")).json()
    assert (done["new"], done["amount"], done["lines"][0]["restocked"]) == (True, "40.00", 2)
    shown = await counter.get(f"/{unseen['order_id']}")
    assert (shown["state"], shown["cancelled"]) == ("refunded", True)
    before = await counter.now()
    assert (await counter.post(f"{unseen['order_id']}/cancel")).json()["new"] is False
    assert await counter.now() == before
    seen = await counter.sold(an_order("A2", 2))
    assert (await counter.post(f"{seen['order_id']}/cancel")).json()["amount"] == "0.00"


async def test_the_timeline_tells_the_story_without_cards(counter: Counter) -> None:
    sold = await counter.sold(an_order("A1", 2))
    await counter.post(f"{sold['order_id']}/refunds", {"refund_id": "R1"})
    events = (await counter.get(f"/{sold['order_id']}/timeline"))["events"]
    kinds = [event["kind"] for event in events]
    assert kinds == ["order.paid", "order.filled", "order.refunded"]
    assert len({event["who"] for event in events[1:]}) == 1
    assert events[1]["who"]
    for card in sold["lines"][0]["cards"]:
        assert card["number"] not in str(events)


async def test_orders_accepted_together_are_paged_without_loss(counter: Counter) -> None:
    await counter.sell(*(an_order(f"B{n}") for n in range(7)))
    await counter.sell(an_order("B7"))
    seen: list[str] = []
    page = await counter.get("?limit=3")
    while True:
        seen += [order["external_id"] for order in page["orders"]]
        if page["next_before"] is None:
            break
        page = await counter.get(f"?limit=3&before={page['next_before']}")
    assert seen[0] == "B7"
    assert sorted(seen) == [f"B{n}" for n in range(8)]
    [found] = (await counter.get("?external_id=B3"))["orders"]
    assert found["external_id"] == "B3"
    assert (await counter.get(f"?before={uuid4()}"))["orders"] == []


async def test_an_order_that_is_not_there_is_not_found(counter: Counter) -> None:
    before = await counter.now()
    nowhere = uuid4()
    for path, body in (
        ("refunds", {"refund_id": "R1"}),
        ("cancel", None),
        ("reveal", {"reason": "asks", "recipient": "buyer"}),
    ):
        problem(await counter.post(f"{nowhere}/{path}", body), 404, "unknown_order")
    for path in (f"/v1/orders/{nowhere}", f"/v1/orders/{nowhere}/timeline"):
        problem(await counter.program.call("GET", path), 404, "unknown_order")
    assert await counter.now() == before


async def test_a_person_sells_and_looks_at_the_cards_in_the_order(
    counter: Counter, app: Litestar
) -> None:
    client = await staff_client(app, counter.database, counter.tenant.id, Role.OPS)
    before = await counter.now()
    body: dict[str, Any] = {"orders": [an_order("A1")]}
    key = {"Idempotency-Key": "k"}
    problem(await client.post("/v1/orders", json=body, headers=key), 422, "answer_for_programs")
    assert await counter.now() == before
    answer = await client.post("/v1/orders", json=body | {"deliver": "later"}, headers=key)
    path = f"/v1/orders/{answer.json()['orders'][0]['order_id']}"
    problem(await client.post(f"{path}/cancel"), 403, "not_allowed")
    seen = await client.post(f"{path}/reveal", json={"reason": "asks", "recipient": "buyer"})
    assert seen.json()[0]["number"]
