"""Forms and parameters that can't be read, and files in answers: all as the document says."""

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import problem, staff_client
from tests.api.snapshot import snapshot
from tests.conftest import Tenant

FORM = "multipart/form-data; boundary=b"
FORMS = (
    "/v1/imports",
    "/v1/imports/check",
    "/v1/imports/rejected",
    "/v1/imports/rejects",
    "/v1/stocktakes",
    "/v1/catalogue",
)


def part(name: str, value: bytes, head: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{head}\r\n\r\n'.encode() + value


@pytest.fixture
async def owner(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.OWNER)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("media_type", "body", "status", "code"),
    [
        ("application/json", b'{"sku":"a"}', 415, "form_wanted"),
        ("application/x-www-form-urlencoded", b"sku=a", 415, "form_wanted"),
        ("text/plain", b"sku=a", 415, "form_wanted"),
        ("multipart/form-data", part("sku", b"a\r\n--b--\r\n"), 415, "form_wanted"),
        (FORM, b"no form at all", 422, "form_unreadable"),
        (FORM, part("sku", b"a"), 422, "form_unreadable"),
        (FORM, part("sku", b"\xff\xfe\r\n--b--\r\n"), 422, "form_unreadable"),
        (
            FORM,
            part("sku", b"a\r\n--b--\r\n", "\r\nContent-Type: text/plain; charset=klingon"),
            422,
            "form_unreadable",
        ),
        (
            FORM,
            b"\r\n".join([part("sku", b"a")] * 1_001) + b"\r\n--b--\r\n",
            422,
            "form_unreadable",
        ),
        (FORM, part("sku", b"a\x00\r\n--b--\r\n"), 422, "nul_character"),
        (FORM, part("file", b"a\r\n--b--\r\n", '; filename="a\x00.csv"'), 422, "nul_character"),
        (FORM, part("sku", b"a\r\n--b--\r\n"), 422, "fields_wrong"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    owner: httpx.AsyncClient,
    database: Database,
    tenant: Tenant,
    *,
    path: str,
    media_type: str,
    body: bytes,
    status: int,
    code: str,
) -> None:
    if path == "/v1/catalogue" and code == "fields_wrong":
        body = part("other", b"a\r\n--b--\r\n")
    before = await snapshot(database, tenant.id)
    answer = await owner.post(path, content=body, headers={"Content-Type": media_type})
    problem(answer, status, code)
    assert await snapshot(database, tenant.id) == before


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("/v1/stock/lots?state=melted", "state"),
        ("/v1/stock/lots?limit=0", "limit"),
        ("/v1/reservations?state=melted", "state"),
        ("/v1/stores?state=melted", "state"),
        ("/v1/skus?fulfilment=melted", "fulfilment"),
        ("/v1/reports/profit?from=yesterday", "from"),
        ("/v1/reports/profit?to=2026-02-30", "to"),
        ("/v1/trial-balance?at=noon", "at"),
        ("/v1/transfers", "subject"),
    ],
)
async def test_a_parameter_is_named_as_it_is_sent(
    owner: httpx.AsyncClient, path: str, at: str
) -> None:
    [told] = problem(await owner.get(path), 422, "fields_wrong")["problems"]
    assert told["at"] == at


@pytest.mark.parametrize(
    ("written_as", "media_type"),
    [
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
async def test_a_report_says_once_what_it_is(
    owner: httpx.AsyncClient, written_as: str, media_type: str
) -> None:
    answer = await owner.get(f"/v1/reports/profit?by=day&format={written_as}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
