"""The frame around every call: bad input, refusals, headers, health, the OpenAPI document."""

import json
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, get, post

from kashu.access.guards import PUBLIC, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.entry.openapi import document
from kashu.entry.requests import DEPTH_MAX, check_json, explain, pointer
from tests.api.calls import app_of, client_of, key_client
from tests.conftest import Tenant

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"tenant":"a","tenant":"b","login":"ann","password":"x"}', "key_twice"),
        (b'{"tenant":"a","\\u0074enant":"b","login":"ann","password":"x"}', "key_twice"),
        (b'{"tenant":"a","login":"ann","password":"x","more":{"a":{"b":1,"b":2}}}', "key_twice"),
        (b"[" * 33 + b"]" * 33, "body_too_deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "body_too_deep"),
        (b"[" * 100_000, "body_too_deep"),
        (b'{"tenant":"\xff"}', "body_not_json"),
        ('{"tenant":"a"}'.encode("utf-16"), "body_not_json"),
        (b'\xef\xbb\xbf{"tenant":"a"}', "body_not_json"),
        (b'{"tenant":NaN}', "body_not_json"),
        (b'{"tenant":-Infinity}', "body_not_json"),
        (b'{"tenant":"\\ud800","login":"ann","password":"x"}', "body_not_json"),
        (b'{"tenant":"a\\u0000","login":"ann","password":"x"}', "nul_character"),
        (b'{"tenant":"a\\\\\\u0000","login":"ann","password":"x"}', "nul_character"),
        (b'{"tenant":"a\x00","login":"ann","password":"x"}', "body_not_json"),
        (b'{"tenant":', "body_not_json"),
        (b"{} {}", "body_not_json"),
        (b"9" * 5_000, "body_not_json"),
        (b"null", "fields_wrong"),
        (b"[]", "fields_wrong"),
        (b'{"tenant":1,"login":"ann","password":"x"}', "fields_wrong"),
        (b'{"tenant":"a","login":"ann"}', "fields_wrong"),
        (b'{"tenant":"a","login":"ann","password":"x","extra":1}', "fields_wrong"),
        (b"", "fields_wrong"),
    ],
)
async def test_a_body_that_can_be_read_two_ways_is_refused(
    anybody: httpx.AsyncClient, body: bytes, code: str
) -> None:
    answer = await anybody.post("/v1/session", content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_what_only_looks_like_trouble_is_read() -> None:
    check_json(b'{"a":"\\\\u0000","b":"{{{{[[[[' + b"[" * 50 + b'\\"]"}')
    check_json(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)
    check_json(json.dumps([{"a": 1}] * 500).encode())
    check_json('{"emoji":"\\ud83d\\ude00","字":"😀"}'.encode())


def test_places_are_json_pointers_and_values_are_not_quoted() -> None:
    assert pointer("$.lines[0].sku") == "/lines/0/sku"
    assert explain("Expected `int`, got `str` - at `$.lines[0].quantity`").at == "/lines/0/quantity"
    assert explain("Object missing required field `sku` - at `$.lines[3]`").at == "/lines/3/sku"
    assert "4111" not in explain("Invalid enum value '4111111' - at `$.kind`").en


async def test_fields_are_named_in_the_readers_language(anybody: httpx.AsyncClient) -> None:
    body = {"tenant": "a", "login": 5, "password": "x"}
    zh = await anybody.post("/v1/session", json=body)
    assert zh.headers["content-language"] == "zh"
    assert zh.json()["problems"] == [
        {
            "at": "/login",
            "code": "invalid",
            "detail": "不符合要求（Expected str, got int）。",
        }
    ]
    en = await anybody.post(
        "/v1/session", json=body, headers={"Accept-Language": "de, en-GB;q=0.8, zh;q=0.3"}
    )
    assert en.json()["title"] == "Invalid"
    assert en.json()["problems"][0]["detail"] == "Expected str, got int."


async def test_what_is_too_large_is_not_read(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/v1/session", content=b" " * (1 << 20) + b"{}", headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no_such_path"),
        ("GET", "/v1/staff/not-an-id/invitations", 405, "method_not_allowed"),
        ("POST", "/v1/staff/not-an-id/invitations", 404, "no_such_path"),
        ("PUT", "/v1/session", 405, "method_not_allowed"),
        ("GET", "/v1/me?day=%00", 422, "nul_character"),
        ("DELETE", "/v1/keys/a%00b", 422, "nul_character"),
        ("GET", "/../etc/passwd", 404, "no_such_path"),
    ],
)
async def test_the_routers_refusals_are_problems_too(
    anybody: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await anybody.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"]


async def test_options_lists_every_method_of_a_path(anybody: httpx.AsyncClient) -> None:
    for path, methods in (
        ("/v1/session", "DELETE, OPTIONS, POST"),
        ("/v1/keys", "GET, OPTIONS, POST"),
        ("/v1/keys/ak_1_x", "DELETE, OPTIONS"),
    ):
        answer = await anybody.options(path)
        assert (answer.status_code, answer.headers["allow"]) == (204, methods)


async def test_every_answer_has_the_headers(anybody: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/nowhere", "/v1/me", "/v1/openapi.json", "/v1/docs"):
        headers = (await anybody.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 32


async def test_health_asks_the_database(anybody: httpx.AsyncClient, keyrings: Keyrings) -> None:
    assert (await anybody.get("/healthz")).json() == {"status": "ok"}
    gone = Database("postgresql://nobody@/nothing?host=/nowhere")
    answer = await client_of(app_of(gone, keyrings)).get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_busy"
    assert answer.headers["retry-after"] == "1"


async def test_a_bug_tells_a_number_and_no_more(
    app: Litestar, anybody: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    @get("/broken", opt=PUBLIC, operation_id="broken")
    async def broken() -> None:
        raise RuntimeError("CARD-SECRET-1")

    app.register(broken)
    answer = await anybody.get("/broken?card=CARD-SECRET-2")
    assert answer.status_code == 500
    incident = answer.json()["facts"]["incident"]
    logged = capsys.readouterr()
    assert incident in logged.out + logged.err
    assert "test_frame.py" in logged.out + logged.err
    assert "CARD-SECRET" not in logged.out + logged.err + answer.text


async def test_the_document_declares_what_is_answered(
    database: Database, keyrings: Keyrings
) -> None:
    app = app_of(database, keyrings)  # a document is written into its application
    given = (await client_of(app).get("/v1/openapi.json")).json()
    assert given == json.loads(msgspec.json.encode(document(app)))
    assert given["openapi"].startswith("3.1")
    assert set(given["components"]["securitySchemes"]) == {"session", "signature"}
    assert given["paths"]["/v1/session"]["post"]["security"] == []
    made = given["paths"]["/v1/keys"]["post"]
    assert made["security"] == [{"session": []}, {"signature": []}]
    assert given["components"]["schemas"]["NewKey"]["additionalProperties"] is False
    assert set(made["responses"]) == {"201", "401", "403", "404", "413", "415", "422", "503"}
    ids = [
        operation["operationId"] for path in given["paths"].values() for operation in path.values()
    ]
    assert len(ids) == len(set(ids))
    assert "ProblemDocument" in given["components"]["schemas"]


async def test_the_page_of_the_document_reaches_for_nobodys_server(
    anybody: httpx.AsyncClient,
) -> None:
    page = (await anybody.get("/v1/docs")).text
    assert "/v1/keys" in page
    assert "http" not in page.replace("application/problem+json", "")


async def test_a_large_signed_upload_is_checked_while_it_streams(
    database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    app, read = app_of(database, keyrings), []

    @post(
        "/upload",
        guards=[requires(Permission.STOCK_IMPORT)],
        request_max_body_size=8 << 20,
        operation_id="upload",
    )
    async def upload(request: Request[Any, Any, Any]) -> None:
        read.append(len(await request.body()))

    app.register(upload)
    program = await key_client(app, database, keyrings, tenant.id, Permission.STOCK_IMPORT)
    body = b"x" * (3 << 20)
    headers = program.headers("POST", "/upload", body)
    assert (await program.client.post("/upload", content=body, headers=headers)).status_code == 201
    headers = program.headers("POST", "/upload", body)
    answer = await program.client.post("/upload", content=body[:-1] + b"y", headers=headers)
    assert answer.json()["code"] == "signature_wrong"
    headers = program.headers("POST", "/upload", body)
    del headers["X-Kashu-Content-SHA256"]
    answer = await program.client.post("/upload", content=body, headers=headers)
    assert answer.json()["code"] == "body_hash_missing"
    assert read == [3 << 20]
