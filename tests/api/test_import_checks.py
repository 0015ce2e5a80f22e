"""HTTP of checks: told while they run, stopped when nobody listens, asked about other terms."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openpyxl
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import problem, shared_app, staff_client
from tests.conftest import Tenant
from tests.stock.importing import Shop, open_shop

FORM = {"sku": "mgtv-month", "warehouse": "main", "supplier": "fulu", "unit_cost": "14.1250"}
CARDS = "卡号,密码,有效期\nMG0001,pw1,2099-12-31\nMG0002,pw2,2020-01-01\n合计,2,\n"


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


@pytest.fixture
async def ops(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    app: Litestar = shared_app(shop.database, shop.keyrings)
    async with await staff_client(app, shop.database, shop.tenant.id, Role.OPS) as client:
        yield client


async def check(client: httpx.AsyncClient, cards: bytes, **form: str) -> list[dict[str, Any]]:
    """Check a file; returns what was told, without how far it was."""
    files = {"file": ("cards.csv", cards)}
    answer = await client.post("/v1/imports/check", data=FORM | form, files=files)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return [line for line in lines if "progress" not in line]


async def test_a_check_tells_how_it_reads_and_ends_as_a_preview_does(
    ops: httpx.AsyncClient, shop: Shop
) -> None:
    before = await shop.counts()
    first, last = await check(ops, CARDS.encode())
    assert first["first"]["recognised"]["columns"] == {"number": 0, "password": 1, "expires_on": 2}
    assert [row["reason"] for row in first["first"]["rows"]] == [
        "heading",
        None,
        "past_expiry",
        "totals",
    ]
    files = {"file": ("cards.csv", CARDS.encode())}
    form = FORM | {"dry_run": "true"}
    foreseen = (await ops.post("/v1/imports", data=form, files=files)).json()
    took = {"took_ms": 0}
    assert last["report"] | took == foreseen | took
    assert await shop.counts() == before


async def test_a_file_that_cannot_be_read_is_refused_in_the_last_line(
    ops: httpx.AsyncClient,
) -> None:
    [told] = await check(ops, b"\x89PNG\r\n\x1a\n")
    assert told["refused"]["code"] == "sheet_not_a_table"
    assert "xlsx" in told["refused"]["detail"]
    [told] = await check(ops, b"")
    assert told["refused"]["code"] == "sheet_empty"


async def test_terms_that_cannot_be_are_refused_before_the_file_is_read(
    ops: httpx.AsyncClient,
) -> None:
    files = {"file": ("cards.csv", CARDS.encode())}
    answer = await ops.post("/v1/imports/check", data=FORM | {"sku": "none"}, files=files)
    assert problem(answer, 404, "unknown_sku")


async def test_other_terms_are_checked_without_the_file(ops: httpx.AsyncClient) -> None:
    [_, last] = await check(ops, CARDS.encode())
    report = last["report"]
    asked = FORM | {"sha256": report["sha256"], "accepted": report["accepted"]}
    assert (await ops.post("/v1/imports/terms", json=asked)).json() == {"notes": []}
    files = {"file": ("cards.csv", CARDS.encode())}
    await ops.post("/v1/imports", data=FORM | {"sure": "true"}, files=files)
    dearer = asked | {"unit_cost": "140", "accepted": 1_500_000}
    notes = (await ops.post("/v1/imports/terms", json=dearer)).json()["notes"]
    told = {note["code"]: note["zh"] for note in notes}
    assert {"cost_unusual", "count_unusual", "file_imported_before"} <= told.keys()
    assert "1,500,000" in told["count_unusual"]
    for wrong, status, code in (
        ({"supplier": "nobody"}, 404, "import_supplier_unknown"),
        ({"expires_on": "2020-01-01"}, 422, "default_expiry_past"),
        ({"sha256": "ff"}, 422, "sha256_wrong"),
    ):
        problem(await ops.post("/v1/imports/terms", json=asked | wrong), status, code)


async def test_of_a_workbook_the_worksheet_that_was_chosen_is_read(ops: httpx.AsyncClient) -> None:
    book = openpyxl.Workbook()
    about = book.worksheets[0]
    about.title = "说明"
    about["A1"] = "请看第二张"
    for name in ("甲", "乙"):
        sheet = book.create_sheet(name)
        sheet.append(["卡号", "密码"])
        sheet.append([f"MG{ord(name)}A", "pw1"])
    kept = io.BytesIO()
    book.save(kept)
    first, last = await check(ops, kept.getvalue())
    recognised = first["first"]["recognised"]
    assert (recognised["worksheet"], recognised["worksheets"]) == ("说明", ["说明", "甲", "乙"])
    assert last["report"]["accepted"] == 0
    _, last = await check(ops, kept.getvalue(), worksheet="乙")
    assert (last["report"]["accepted"], last["report"]["recognised"]["worksheet"]) == (1, "乙")
    [told] = await check(ops, kept.getvalue(), worksheet="丙")
    assert told["refused"]["code"] == "worksheet_unknown"
