"""HTTP of orders: the short way past the framework answers as the ordinary one does."""

import json
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.types import Receive, Scope, Send

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.entry.express import Express
from kashu.entry.web import Frame
from tests.api.calls import KeyClient, key_client, problem
from tests.api.test_orders import SCOPES
from tests.conftest import Tenant
from tests.orders.builders import make_shop

PATH = "/v1/orders"
LINE = {"sku": "mgtv-month", "quantity": 1, "price": "20.00"}
PLAIN = {"Content-Type": "application/json"}
ODD = {"Content-Type": "application/json; charset=utf-8"}  # so it takes the ordinary way


@pytest.fixture
def passed_on(app: Litestar) -> list[str]:
    """The paths of requests that went to the framework's router."""
    express = cast("Express", cast("Frame", app.asgi_handler).inner)
    router, passed = express.inner, []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["path"])
        await router(scope, receive, send)

    express.inner = noting
    return passed


@pytest.fixture
async def program(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> KeyClient:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=20)
    return await key_client(app, database, keyrings, tenant.id, *SCOPES)


def body_of(*lines: object, **more: object) -> bytes:
    order = {"external_id": f"o-{uuid4().hex}", "lines": list(lines)}
    return json.dumps({"orders": [order], **more}).encode()


async def send(program: KeyClient, body: bytes, **headers: str) -> httpx.Response:
    sent = httpx.Headers(program.headers("POST", PATH, body))
    sent.update(headers)  # whatever the case of their names
    return await program.client.post(PATH, content=body, headers=sent)


async def test_a_plain_order_is_answered_without_the_router(
    program: KeyClient, passed_on: list[str]
) -> None:
    answer = await send(program, body_of(LINE), **PLAIN, **{"Idempotency-Key": "a"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["orders"][0]["lines"][0]["cards"][0]["number"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert not passed_on


async def test_what_is_not_plain_takes_the_ordinary_way(
    program: KeyClient, passed_on: list[str]
) -> None:
    assert (
        await send(program, body_of(LINE), **ODD, **{"Idempotency-Key": "a"})
    ).status_code == 200
    assert passed_on == [PATH]
    problem(await send(program, b"", **PLAIN, **{"Idempotency-Key": "b"}), 422, "fields_wrong")
    assert passed_on == [PATH, PATH]
    problem(await program.client.post(PATH, content=b"{}", headers=PLAIN), 401, "not_signed_in")
    await program.call("GET", PATH)
    assert passed_on == [PATH] * 4


async def test_a_key_that_was_used_is_answered_the_same_on_both_ways(
    program: KeyClient, passed_on: list[str]
) -> None:
    body = body_of(LINE)
    answers = [
        await send(program, body, **way, **{"Idempotency-Key": "k"}) for way in (PLAIN, ODD, PLAIN)
    ]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [
        None,
        "true",
        "true",
    ]
    assert len({answer.content for answer in answers}) == 1
    assert passed_on == [PATH]


REFUSED: list[tuple[bytes, dict[str, str]]] = [
    (b"{", {}),
    (b"[]", {}),
    (b'{"orders":[],"orders":[]}', {}),
    (b'{"orders":' + b"[" * 40 + b"]" * 40 + b"}", {}),
    (b"\xff\xfe", {}),
    (b'{"orders":[{"external_id":"a\\u0000b"}]}', {}),
    (body_of(LINE, nothing=1), {}),
    (body_of(LINE | {"quantity": 0}), {}),
    (body_of(LINE | {"sku": "no-such"}), {"Accept-Language": "en"}),
    (body_of(*[LINE | {"quantity": 10_000}] * 2), {}),
    (body_of(LINE), {"Idempotency-Key": "with space"}),
    (body_of(LINE), {"X-Kashu-Timestamp": "1000000000"}),
    (body_of(LINE), {"X-Kashu-Nonce": "short"}),
    (body_of(LINE), {"X-Kashu-Content-Sha256": "0" * 64}),
    (body_of(LINE), {"Authorization": "Basic YTpi"}),
]


@pytest.mark.parametrize(("body", "headers"), REFUSED)
async def test_what_is_refused_is_refused_alike_on_both_ways(
    program: KeyClient, passed_on: list[str], body: bytes, headers: dict[str, str]
) -> None:
    told: list[tuple[int, dict[str, Any], dict[str, str]]] = []
    for way in (PLAIN, ODD):
        answer = await send(program, body, **({"Idempotency-Key": "k"} | way | headers))
        document = problem(answer, answer.status_code, answer.json()["code"])
        del document["request_id"]
        document["facts"] = document.get("facts", {}).keys()
        kept = {
            name: value
            for name, value in answer.headers.items()
            if name not in {"x-request-id", "content-length"}
        }
        told.append((answer.status_code, document, kept))
    assert told[0] == told[1]
    assert passed_on == [PATH]


async def test_a_key_without_the_permission_is_refused(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant, passed_on: list[str]
) -> None:
    reader = await key_client(app, database, keyrings, tenant.id, Permission.ORDERS_READ)
    answer = await send(reader, body_of(LINE), **PLAIN, **{"Idempotency-Key": "k"})
    problem(answer, 403, "not_allowed")
    unseen = await key_client(app, database, keyrings, tenant.id, Permission.ORDERS_WRITE)
    answer = await send(unseen, body_of(LINE), **PLAIN, **{"Idempotency-Key": "k"})
    problem(answer, 403, "not_allowed")
    assert not passed_on


async def test_a_nonce_is_used_once_across_both_ways(program: KeyClient) -> None:
    body = body_of(LINE)
    signed = program.headers("POST", PATH, body) | {"Idempotency-Key": "k"}
    answers = [
        await program.client.post(PATH, content=body, headers=signed | way) for way in (PLAIN, ODD)
    ]
    assert answers[0].status_code == 200
    problem(answers[1], 401, "nonce_used")
