"""HTTP of the orders behind the profit report: every cell adds up to its orders, to the unit."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant
from tests.console.seeded import Seeded, make_seeded

TODAY: Final = day_of(now())
FIGURES: Final = ("revenue", "cost", "profit")
NAMED: Final = ("store", "supplier", "sku", "product", "brand", "customer")


@pytest.fixture
async def seeded(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Seeded:
    """Orders of two stores and a customer, with a refund of cards seen, unseen, and of money."""
    made = await make_seeded(app, database, keyrings, tenant)
    for n in range(3):
        await made.sell(f"TB{n}", ("mgtv-month", n + 1, f"{19.8 * (n + 1):.2f}"), store="tb")
    both = await made.sell(
        "BOTH", ("mgtv-month", 3, "54.00"), ("iqiyi-week", 2, "14.01"), store="pdd"
    )
    await made.refund(both, "R1", {"line": 2, "quantity": 1})
    await made.sell("ACME", ("mgtv-month", 40, "700.00"), customer="acme")  # of two lots
    seen = await made.sell("SEEN", ("mgtv-month", 2, "39.60"), store="tb")
    why = {"reason": "asks", "recipient": "buyer"}
    await made.ask("POST", f"/v1/orders/{seen}/reveal", why)
    await made.refund(seen, "R2")
    money = await made.sell("MONEY", ("mgtv-month", 1, "19.80"))
    await made.refund(money, "R3", {"line": 1, "quantity": 0, "amount": "5.00"})
    return made


@pytest.fixture
async def owner(app: Litestar, seeded: Seeded) -> httpx.AsyncClient:
    return await staff_client(app, seeded.database, seeded.tenant.id, Role.OWNER)


async def behind(owner: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = await owner.get("/v1/reports/profit/orders", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def added(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    return {name: sum((Decimal(row[name]) for row in rows), Decimal(0)) for name in FIGURES}


@pytest.mark.parametrize(
    "by", ["", "store", "supplier", "sku,store", "product", "brand,supplier", "customer", "day,sku"]
)
async def test_every_cell_adds_up_to_the_orders_behind_it(
    owner: httpx.AsyncClient, by: str
) -> None:
    span = {"from": str(TODAY), "to": str(TODAY)}
    sheet = (await owner.get("/v1/reports/profit", params=span | {"by": by})).json()
    assert sheet["rows"]
    for row in sheet["rows"]:
        asked: dict[str, Any] = dict(span)
        unsaid = []
        for name in NAMED:
            if name in row and row[name] is None:
                unsaid.append(name)
            elif name in row:
                asked[name] = row[name]["code"]
        found = await behind(owner, **asked, unsaid=unsaid, limit=200)
        assert found["orders"]
        assert found["next_after"] is None
        cell = {name: Decimal(row[name]) for name in FIGURES}
        assert added(found["orders"]) == cell, (by, row)
        [total] = found["totals"]
        assert {name: Decimal(total[name]) for name in FIGURES} == cell
        assert total["units"] == row["units"] == sum(each["units"] for each in found["orders"])


async def test_pages_and_the_file_have_the_same_orders(owner: httpx.AsyncClient) -> None:
    span = {"from": str(TODAY), "to": str(TODAY)}
    whole = await behind(owner, **span, limit=200)
    pages = []
    mark: dict[str, str] | None = {}
    while mark is not None:
        page = await behind(owner, **span, limit=3, **mark)
        assert page["totals"] == whole["totals"]
        pages += page["orders"]
        mark = {"after": page["next_after"]} if page["next_after"] else None
    assert pages == whole["orders"]
    answer = await owner.get("/v1/reports/profit/orders/file", params=span | {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["订单号"], Decimal(row["利润"])) for row in rows] == [
        (each["order_number"], Decimal(each["profit"])) for each in pages
    ]
    assert {each["order_number"] for each in pages} == {
        *("TB0", "TB1", "TB2", "BOTH", "ACME", "SEEN", "MONEY")
    }


async def test_a_page_tells_the_totals_of_every_currency_and_lots_beside_orders(
    owner: httpx.AsyncClient, seeded: Seeded
) -> None:
    lot = (await seeded.ask("GET", "/v1/stock/lots"))["lots"][0]["id"]
    lost = Transfer(
        Account(AccountKind.STOCK_LOSS),
        Account(AccountKind.OPENING),
        12_345,
        1,
        "void",
        UUID(lot),
    )
    async with seeded.database.transaction(seeded.tenant.id) as tx:
        await post(tx, seeded.tenant.id, [lost], posted_on=TODAY, currency="USD")
    span = {"from": str(TODAY), "to": str(TODAY)}
    first = await behind(owner, **span, limit=1)
    [row] = first["orders"]
    assert (row["order_id"], row["lot_id"], row["subject_id"]) == (None, lot, lot)
    assert (row["currency"], row["profit"]) == ("USD", "-1.2345")
    sheet = (await owner.get("/v1/reports/profit", params=span)).json()
    figures = ("currency", "units", *FIGURES)
    assert first["totals"] == [{name: each[name] for name in figures} for each in sheet["totals"]]
    assert [each["currency"] for each in first["totals"]] == ["CNY", "USD"]
    second = await behind(owner, **span, limit=1, after=first["next_after"])
    assert second["totals"] == first["totals"]
    assert second["orders"][0]["order_number"] == "MONEY"


async def test_other_days_and_what_isnt_known_have_none(owner: httpx.AsyncClient) -> None:
    yesterday = str(TODAY - timedelta(days=1))
    found = await behind(owner, **{"from": yesterday, "to": yesterday})
    assert found == {"orders": [], "totals": [], "next_after": None}
    refused: tuple[tuple[dict[str, str], int], ...] = (
        ({"store": "nobody"}, 404),
        ({"from": str(TODAY), "to": yesterday}, 422),
        ({"after": "3"}, 422),
        ({"after": f"2026-07-01T00:00:00_{new_id()}_CNY"}, 422),
    )
    for asked, status in refused:
        answer = await owner.get("/v1/reports/profit/orders", params=asked)
        assert answer.status_code == status, answer.text


async def test_another_merchants_orders_arent_there(
    app: Litestar, seeded: Seeded, other_tenant: Tenant
) -> None:
    assert seeded.sku_ids
    stranger = await staff_client(app, seeded.database, other_tenant.id, Role.OWNER)
    assert (await behind(stranger))["orders"] == []
    clerk = await staff_client(app, seeded.database, seeded.tenant.id, Role.OPS)
    problem(await clerk.get("/v1/reports/profit/orders"), 403, "not_allowed")
