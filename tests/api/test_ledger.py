"""The books over HTTP: whole bodies, each role."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.kinds import ChannelKind
from kashu.channels.stores import open_store
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, account_id, post
from tests.api.calls import client_of, key_client, shared_app, staff_client
from tests.conftest import Tenant

NOBODYS = UUID(int=7)  # an id of no account; fixed, so that every worker collects alike

STORE, LINE = UUID(int=7), UUID(int=9)
OWED = Account(AccountKind.RECEIVABLE, STORE)
REVENUE = Account(AccountKind.REVENUE)
JULY_1 = date(2026, 7, 1)
READERS = {Role.OWNER, Role.FINANCE, Role.AUDITOR}


@pytest.fixture
def app(database: Database, keyrings: Keyrings) -> Litestar:
    return shared_app(database, keyrings)


@pytest.fixture
async def sales(database: Database, tenant: Tenant) -> list[UUID]:
    async with database.transaction(tenant.id) as tx:
        made = [
            Transfer(OWED, REVENUE, 141_250 + n, 1, "sale", LINE, store_id=STORE) for n in range(5)
        ]
        return await post(tx, tenant.id, made, posted_on=JULY_1)


@pytest.fixture
async def finance(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    return await staff_client(app, database, tenant.id, Role.FINANCE)


async def get(client: httpx.AsyncClient, path: str, **query: str) -> dict[str, Any]:
    async with client:
        answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_trial_balance_says_debit_credit_and_balance_of_each_account(
    sales: list[UUID], finance: httpx.AsyncClient, tenant: Tenant
) -> None:
    assert sales
    sheet = await get(finance, "/v1/trial-balance")
    assert sheet.pop("at")
    assert sheet == {
        "final": False,
        "accounts": [
            {
                "account_id": str(account_id(tenant.id, OWED)),
                "kind": "receivable",
                "owner_id": str(STORE),
                "currency": "CNY",
                "debit": "70.6260",
                "credit": "0.00",
                "balance": "70.6260",
            },
            {
                "account_id": str(account_id(tenant.id, REVENUE)),
                "kind": "revenue",
                "owner_id": None,
                "currency": "CNY",
                "debit": "0.00",
                "credit": "70.6260",
                "balance": "-70.6260",
            },
        ],
        "totals": [{"currency": "CNY", "debit": "70.6260", "credit": "70.6260"}],
    }


async def test_the_books_of_last_year_are_final(
    sales: list[UUID], finance: httpx.AsyncClient
) -> None:
    assert sales
    at = (now() - timedelta(days=365)).isoformat()
    sheet = await get(finance, "/v1/trial-balance", at=at)
    assert (sheet["final"], sheet["accounts"], sheet["totals"]) == (True, [], [])


async def test_the_transfers_of_a_subject_come_page_by_page(
    sales: list[UUID], finance: httpx.AsyncClient
) -> None:
    async with finance:
        read: list[str] = []
        query: dict[str, Any] = {"subject": str(LINE), "limit": 2}
        while True:
            page = (await finance.get("/v1/transfers", params=query)).json()
            read += [row["id"] for row in page["transfers"]]
            if page["next"] is None:
                break
            query["after"] = page["next"]
    assert read == [str(sale) for sale in sales]
    first = page["transfers"][-1]
    assert first["amount"] == "14.1254"
    assert first["debit"] == {"kind": "receivable", "owner_id": str(STORE)}
    assert first["credit"] == {"kind": "revenue", "owner_id": None}
    assert (first["posted_on"], first["reason"], first["quantity"]) == ("2026-07-01", "sale", 1)


async def test_an_accounts_statement_comes_page_by_page(
    sales: list[UUID], finance: httpx.AsyncClient, tenant: Tenant
) -> None:
    path = f"/v1/accounts/{account_id(tenant.id, OWED)}/transfers"
    async with finance:
        first = (await finance.get(path, params={"limit": 3})).json()
        rest = (await finance.get(path, params={"limit": 3, "after": first["next"]})).json()
    assert [row["id"] for row in first["transfers"] + rest["transfers"]] == list(map(str, sales))
    assert rest["next"] is None


async def test_accounts_are_listed_by_kind(
    sales: list[UUID], finance: httpx.AsyncClient, tenant: Tenant
) -> None:
    assert sales
    page = await get(finance, "/v1/accounts", kind="revenue")
    assert page == {
        "accounts": [
            {
                "id": str(account_id(tenant.id, REVENUE)),
                "kind": "revenue",
                "owner_id": None,
                "currency": "CNY",
            }
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/trial-balance?at=yesterday", 422, "fields_wrong"),
        (
            "/v1/trial-balance?at=2026-07-01T00:00:00",
            422,
            "moment_without_offset",
        ),  # whose midnight?
        ("/v1/transfers", 422, "fields_wrong"),
        ("/v1/transfers?subject=1", 422, "fields_wrong"),
        ("/v1/accounts?kind=gold", 422, "fields_wrong"),
        ("/v1/accounts?limit=0", 422, "fields_wrong"),
        ("/v1/accounts?limit=501", 422, "fields_wrong"),
        (f"/v1/accounts/{NOBODYS}/transfers", 404, "unknown_account"),
        (f"/v1/accounts/{NOBODYS}/transfers?until=0001-01-02T00:00:00Z", 404, "unknown_account"),
        (f"/v1/accounts/{NOBODYS}/transfers?after=x", 422, "page_unreadable"),
        (f"/v1/accounts/{NOBODYS}/transfers?after=2026-07-01_x", 422, "page_unreadable"),
    ],
)
async def test_a_wrong_question_is_refused_with_what_to_do(
    finance: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    async with finance:
        answer = await finance.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "path", ["/v1/trial-balance", "/v1/accounts", f"/v1/transfers?subject={LINE}"]
)
async def test_only_who_may_read_the_books_does(
    app: Litestar, database: Database, tenant: Tenant, role: Role, path: str
) -> None:
    async with await staff_client(app, database, tenant.id, role) as client:
        answer = await client.get(path)
    assert answer.status_code == (200 if role in READERS else 403)


async def test_nobody_reads_the_books_unknown(app: Litestar) -> None:
    async with client_of(app) as client:
        assert (await client.get("/v1/trial-balance")).status_code == 401


async def test_another_tenants_books_are_empty(
    sales: list[UUID], app: Litestar, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    assert sales
    async with await staff_client(app, database, other_tenant.id, Role.OWNER) as client:
        sheet = (await client.get("/v1/trial-balance")).json()
        transfers = (await client.get("/v1/transfers", params={"subject": str(LINE)})).json()
        account = account_id(tenant.id, OWED)
        statement = await client.get(f"/v1/accounts/{account}/transfers")
    assert (sheet["accounts"], transfers["transfers"]) == ([], [])
    assert statement.status_code == 404


async def test_a_key_bound_to_a_store_does_not_read_the_whole_books(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        store = await open_store(
            tx, tenant.id, "cli", code="tb-1", name="店", channel=ChannelKind.TAOBAO
        )
    program = await key_client(
        app, database, keyrings, tenant.id, Permission.LEDGER_READ, store_id=store.id
    )
    async with program.client:
        answer = await program.call("GET", "/v1/trial-balance")
    assert (answer.status_code, answer.json()["code"]) == (403, "key_is_bound")
