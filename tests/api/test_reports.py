"""Reports over HTTP: whole bodies, each role, each format."""

import csv
import io
from typing import Any

import httpx
import openpyxl
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from tests.api.calls import client_of, key_client, shared_app, staff_client
from tests.conftest import Tenant
from tests.reports.shop import JULY_1, open_shop

PATH = "/v1/reports/profit"
READERS = {Role.OWNER, Role.FINANCE, Role.AUDITOR}
FIGURES = {
    "currency": "CNY",
    "units": 2,
    "revenue": "39.60",
    "cost": "28.25",
    "after_sales_loss": "0.00",
    "channel_fees": "0.00",
    "expired_stock": "0.00",
    "stock_loss": "0.00",
    "profit": "11.35",
    "margin": "0.2866",
}


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


@pytest.fixture
async def finance(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
        lot = await shop.receive("mgtv-month", 2, 141_250)
        await shop.sell("mgtv-month", 396_000, [(lot, card, 1) for card in lot.cards])
    return await staff_client(app, database, tenant.id, Role.FINANCE)


async def test_rows_have_the_dimensions_asked_for_and_no_others(
    finance: httpx.AsyncClient,
) -> None:
    async with finance:
        answer = await finance.get(PATH, params={"by": "day,store,customer"})
    assert answer.json() == {
        "by": ["day", "store", "customer"],
        "since": None,
        "until": None,
        "rows": [
            {
                "day": "2026-07-01",
                "store": {"code": "tmall", "name": "店"},
                "customer": None,
                **FIGURES,
            }
        ],
        "totals": [FIGURES],
    }


async def test_days_and_filters_narrow_it(finance: httpx.AsyncClient) -> None:
    async with finance:
        queries: list[Any] = [
            {"from": "2026-07-01", "to": "2026-07-01", "store": "tmall", "period": "month"},
            [("store", "tmall"), ("store", "jd"), ("brand", "mgtv")],
            {"to": "2026-06-30"},
            {"store": "jd"},
        ]
        found = [(await finance.get(PATH, params=query)).json()["totals"] for query in queries]
    assert found == [[FIGURES], [FIGURES], [], []]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_file_has_the_same_figures(finance: httpx.AsyncClient, form: str) -> None:
    async with finance:
        answer = await finance.get(PATH, params={"by": "day,sku", "format": form})
    disposition = answer.headers["content-disposition"]
    assert disposition == f'attachment; filename="profit-day-sku.{form}"'
    if form == "csv":
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        rows = [[str(cell.value) for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows[0][:3] == ["日期", "规格编码", "规格"]
    assert rows[1][0].startswith(JULY_1.isoformat())
    assert rows[1][1] == "mgtv-month"
    assert [float(cell) for cell in rows[1][5:]][:2] == [39.6, 28.25]


@pytest.mark.parametrize(
    ("query", "status", "code", "said"),
    [
        ("by=shop", 422, "unknown_dimension", "day, week, month, store, supplier"),
        ("by=day,day", 422, "repeated_dimension", "day"),
        ("format=pdf", 422, "unknown_format", "json, csv, xlsx"),
        ("from=2026-07-02&to=2026-07-01", 422, "span_backwards", "2026-07-01"),
        ("from=July", 422, "fields_wrong", ""),
        ("from=2026-02-30", 422, "fields_wrong", ""),
        ("store=nowhere", 404, "unknown_filter_value", "nowhere"),
        ("store=%0A", 404, "unknown_filter_value", "store"),
    ],
)
async def test_a_wrong_question_is_refused_with_what_to_do(
    finance: httpx.AsyncClient, query: str, status: int, code: str, said: str
) -> None:
    async with finance:
        answer = await finance.get(f"{PATH}?{query}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("role", Role)
async def test_only_who_may_read_reports_does(
    app: Litestar, database: Database, tenant: Tenant, role: Role
) -> None:
    async with await staff_client(app, database, tenant.id, role) as client:
        answer = await client.get(PATH)
    assert answer.status_code == (200 if role in READERS else 403)


async def test_nobody_reads_reports_unknown(app: Litestar) -> None:
    async with client_of(app) as client:
        assert (await client.get(PATH)).status_code == 401


async def test_another_tenant_sees_nothing_of_it(
    finance: httpx.AsyncClient, app: Litestar, database: Database, other_tenant: Tenant
) -> None:
    await finance.aclose()
    async with await staff_client(app, database, other_tenant.id, Role.OWNER) as client:
        assert (await client.get(PATH, params={"by": "store"})).json()["rows"] == []
        assert (await client.get(PATH, params={"store": "tmall"})).status_code == 404


async def test_a_key_bound_to_a_customer_does_not_read_everybodys_profit(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
    program = await key_client(
        app,
        database,
        keyrings,
        tenant.id,
        Permission.REPORTS_READ,
        customer_id=shop.ids["acme"],
    )
    async with program.client:
        answer = await program.call("GET", PATH)
    assert (answer.status_code, answer.json()["code"]) == (403, "key_is_bound")
