"""Capital over HTTP: the same rows as a file, beside the books; and for whom."""

import csv
import io
from typing import Any

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from tests.api.calls import staff_client
from tests.conftest import Tenant
from tests.reports.shop import open_shop

PATH = "/v1/reports/capital"


@pytest.fixture
async def finance(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
        await shop.receive("mgtv-month", 3, 141_250)
        await shop.receive("mgtv-year", 1, 1_182_000, supplier="south")
    return await staff_client(app, database, tenant.id, Role.FINANCE)


async def read_csv(client: httpx.AsyncClient, path: str) -> list[list[str]]:
    answer = await client.get(path, params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_file_has_the_rows_of_the_screen_and_their_total(
    finance: httpx.AsyncClient,
) -> None:
    async with finance:
        sheet = (await finance.get(PATH)).json()
        lines = await read_csv(finance, PATH)
    assert [line[0] for line in lines] == ["供应商编码", "south", "north", "合计"]
    told: list[dict[str, Any]] = [*sheet["rows"], sheet["total"]]
    for line, row in zip(lines[1:], told, strict=True):
        assert line[2:4] == [row["tied_up"], row["stock"]]
        assert line[10:12] == [row["payable"], row["net"]]


async def test_the_books_are_compared_where_that_is_asked_for(finance: httpx.AsyncClient) -> None:
    async with finance:
        plain = (await finance.get(PATH)).json()
        sheet = (await finance.get(PATH, params={"books": True})).json()
    assert plain["books"] is None
    assert sheet["books"][0] == {
        "account": "inventory",
        "told": "160.5750",
        "booked": "160.5750",
        "agrees": True,
    }
    assert all(each["agrees"] for each in sheet["books"])


async def test_a_form_that_nobody_writes_is_refused(finance: httpx.AsyncClient) -> None:
    async with finance:
        refused = await finance.get(f"{PATH}/skus", params={"format": "pdf"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_format")


@pytest.mark.parametrize("role", Role)
async def test_who_audits_sees_what_the_staff_did_lately(
    app: Litestar, database: Database, tenant: Tenant, role: Role
) -> None:
    async with await staff_client(app, database, tenant.id, Role.OWNER) as owner:
        noted = {"on_day": "2026-11-23", "text": "大促"}
        assert (await owner.post("/v1/annotations", json=noted)).status_code == 201
    async with await staff_client(app, database, tenant.id, role) as person:
        answer = await person.get("/v1/events/lately")
    if Permission.AUDIT_READ not in ROLE_PERMISSIONS[role]:
        assert answer.status_code == 403
        return
    lately = answer.json()
    assert (lately["done"][0]["says"], lately["done"][0]["by"]) == ("曲线标注 · 新增", "owner")
    assert (lately["revealed"], lately["revealed_today"]) == ([], 0)
