"""Over HTTP each amount says its currency: of a supplier that is paid in euros, euros."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import update

from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.purchases.tables import attempts
from kashu.suppliers.currency import set_currency
from kashu.suppliers.kinds_prepaid import MovementKind
from kashu.suppliers.movements import WantedMovement, approve_movement, ask_for_movement
from kashu.suppliers.rates import set_rate
from tests.api.calls import staff_client
from tests.conftest import Tenant
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import ANNA, BERT, TODAY, deposit, make_supplier

OTHER = {"currency": "CNY", "in_doubt": "0.00", "payable": "0.00", "recoveries": "0.00"}


@pytest.fixture
async def finance(
    app: Litestar, database: Database, tenant: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    """Who reads our money; a supplier has 1000 euros of it, and 5 yuan."""
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await set_currency(tx, tenant.id, "cli", supplier_id, "EUR")
        await deposit(tx, tenant.id, supplier_id, 10_000_000)
        opening = WantedMovement(supplier_id, MovementKind.OPENING, 50_000, "期初", currency="CNY")
        asked = await ask_for_movement(tx, tenant.id, ANNA, opening)
        await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    async with await staff_client(app, database, tenant.id, Role.FINANCE) as client:
        yield client


async def test_our_money_there_says_what_it_is_in(finance: httpx.AsyncClient) -> None:
    [shown] = (await finance.get("/v1/prepaid")).json()["suppliers"]
    assert (shown["currency"], shown["available"]) == ("EUR", "1000.00")
    assert shown["others"] == [{**OTHER, "available": "5.00"}]
    assert (await finance.get("/v1/suppliers/fulu")).json()["currency"] == "EUR"
    [line] = (await finance.get("/v1/supplier-overview")).json()["suppliers"]
    assert (line["currency"], line["available"]) == ("EUR", "1000.00")


async def test_what_is_asked_for_is_in_what_the_supplier_is_paid_in(
    finance: httpx.AsyncClient,
) -> None:
    asked = {"supplier": "fulu", "kind": "correction", "amount": "-1", "reason": "扣费"}
    made = (await finance.post("/v1/prepaid/movements", json=asked)).json()
    assert made["currency"] == "EUR"
    made = (await finance.post("/v1/prepaid/movements", json={**asked, "currency": "CNY"})).json()
    assert made["currency"] == "CNY"


async def test_capital_says_what_of_it_is_in_other_currencies(
    finance: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    unrated = (await finance.get("/v1/reports/capital")).json()["total"]
    euros = {"currency": "EUR", "tied_up": "1000.00", "owed": "0.00"}
    assert (unrated["tied_up"], unrated["other_currencies"]) == ("5.00", "0.00")
    assert unrated["others"] == [{**euros, "rate": None, "in_ours": None}]
    async with database.transaction(tenant.id) as tx:
        await set_rate(tx, tenant.id, "cli", "EUR", "7.8")
    [row] = (await finance.get("/v1/reports/capital")).json()["rows"]
    assert (row["prepaid"], row["tied_up"], row["net"]) == ("5.00", "7805.00", "7805.00")
    assert row["others"] == [{**euros, "rate": "7.8", "in_ours": "7800.00"}]
    written = (await finance.get("/v1/reports/capital", params={"format": "csv"})).text
    assert written.splitlines()[1].endswith(",7800.00")


async def test_a_statement_says_what_it_is_in(
    finance: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    at = now() - timedelta(hours=2)
    supplier = (await finance.get("/v1/suppliers/fulu")).json()["id"]
    async with database.transaction(tenant.id) as tx:
        await put_orders(tx, tenant.id, supplier, [Ordered("K000001", at, 2_000_000)])
        abroad = update(attempts).where(attempts.c.tenant_id == tenant.id)
        await tx.execute(abroad.values(currency="EUR", rate_e6=7_500_000))
    there = (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    file = {"file": ("a.csv", f"商户订单号,金额,下单时间\nK000001,€220,{there}\n".encode())}
    today = day_of(now())
    form = {
        "supplier": "fulu",
        "first_on": str(today - timedelta(days=1)),
        "last_on": str(today),
    }
    dry = {**form, "dry_run": "true"}
    seen = (await finance.post("/v1/statements", data=dry, files=file)).json()
    assert (seen["currency"], seen["matched"], seen["findings"][0]["currency"]) == ("EUR", 1, "EUR")
    taken = (await finance.post("/v1/statements", data=form, files=file)).json()
    assert (taken["currency"], taken["charged"]) == ("EUR", "220.00")
    path = f"/v1/statements/{taken['id']}/findings"
    [found] = (await finance.get(path)).json()["findings"]
    assert (found["currency"], found["difference"], found["in_ours"]) == ("EUR", "20.00", "150.00")


async def test_the_desk_says_what_moves_and_what_that_is_in_ours(
    finance: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    asked = {"supplier": "fulu", "kind": "correction", "amount": "-10", "reason": "扣费"}
    await finance.post("/v1/prepaid/movements", json=asked)
    [unrated] = (await finance.get("/v1/desk")).json()["rows"]
    assert (unrated["kind"], unrated["amount"]) == ("movement_to_approve", None)
    assert "-10.00 EUR等待审批" in unrated["what"]
    async with database.transaction(tenant.id) as tx:
        await set_rate(tx, tenant.id, "cli", "EUR", "7.8")
    [rated] = (await finance.get("/v1/desk")).json()["rows"]
    assert rated["amount"] == "-78.00"
    await finance.post("/v1/prepaid/movements", json={**asked, "currency": "CNY"})
    told = {row["what"] for row in (await finance.get("/v1/desk")).json()["rows"]}
    assert any("-10.00 元等待审批" in each for each in told)


async def test_connecting_a_supplier_says_what_it_is_paid_in(
    app: Litestar, finance: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await make_supplier(tx, tenant.id, "games")
    login = {"protocol": "kinguin", "account": "we", "secret": "s3cret-s3cret"}
    async with await staff_client(app, database, tenant.id, Role.OWNER) as owner:
        made = await owner.put("/v1/suppliers/games/connection", json=login)
    assert made.status_code == 200, made.text
    assert (await finance.get("/v1/suppliers/games/prepaid")).json()["currency"] == "EUR"
