"""Money with suppliers over HTTP: deposits, letters, papers, statements, capital."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.suppliers.add import add_supplier
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import transfer_count

ASKED = {
    "supplier": "fulu",
    "kind": "deposit",
    "amount": "500",
    "method": "alipay",
    "reason": "十一月充值",
}


@pytest.fixture
async def anna(
    app: Litestar, database: Database, tenant: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    async with database.transaction(tenant.id) as tx:
        await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄")
    async with await staff_client(app, database, tenant.id, Role.FINANCE) as client:
        yield client


@pytest.fixture
async def bert(
    app: Litestar, database: Database, tenant: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, tenant.id, Role.OWNER) as client:
        yield client


async def test_a_deposit_goes_through_two_people_and_shows_in_the_balance(
    anna: httpx.AsyncClient, bert: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    asked = (await anna.post("/v1/prepaid/movements", json=ASKED)).json()
    assert (asked["state"], asked["amount"], asked["can"]) == (
        "asked",
        "500.00",
        ["refuse", "cancel"],
    )
    at = f"/v1/prepaid/movements/{asked['id']}"
    problem(await anna.post(f"{at}/approval"), 403, "movement_needs_another")
    problem(
        await anna.post(f"{at}/payment", files={"file": ("a.png", b"x")}), 409, "movement_elsewhere"
    )
    approved = (await bert.post(f"{at}/approval")).json()
    assert approved["state"] == "approved"
    problem(
        await anna.post(f"{at}/payment", files={"reference": (None, "")}), 422, "evidence_needed"
    )
    paid = await anna.post(
        f"{at}/payment", data={"reference": "ICBC"}, files={"file": ("回单.png", b"a picture")}
    )
    assert (paid.json()["state"], paid.json()["evidence_name"]) == ("paid", "回单.png")
    async with database.transaction(tenant.id) as tx:
        assert await transfer_count(tx) == 0
    assert (await anna.post(f"{at}/posting")).json()["state"] == "posted"
    problem(await bert.post(f"{at}/posting"), 409, "movement_elsewhere")
    shown = (await anna.get("/v1/suppliers/fulu/prepaid")).json()
    assert (shown["available"], shown["room"], shown["in_doubt"]) == ("500.00", "500.00", "0.00")
    assert (await anna.get("/v1/prepaid")).json()["suppliers"] == [shown]
    listed = (await anna.get("/v1/prepaid/movements?supplier=fulu&state=posted")).json()
    assert [each["id"] for each in listed["movements"]] == [asked["id"]]
    evidence = await anna.get(f"{at}/evidence")
    assert evidence.content == b"a picture"
    assert evidence.headers["content-type"] == "application/octet-stream"
    problem(await bert.post(f"{at}/refusal", json={"reason": "x"}), 409, "movement_elsewhere")
    async with database.transaction(tenant.id) as tx:
        assert await transfer_count(tx) == 1


async def test_what_cannot_be_asked_for_is_refused_by_name(anna: httpx.AsyncClient) -> None:
    for change, status, code in (
        ({"amount": "0"}, 422, "movement_wrong"),
        ({"amount": "x"}, 422, "amount_unreadable"),
        ({"method": None}, 422, "movement_wrong"),
        ({"supplier": "nobody"}, 404, "unknown_supplier"),
        ({"kind": "withdrawal"}, 409, "prepaid_short"),
    ):
        problem(await anna.post("/v1/prepaid/movements", json=ASKED | change), status, code)
    assert (await anna.get("/v1/prepaid/movements")).json()["movements"] == []
    problem(await anna.get(f"/v1/prepaid/movements/{uuid4()}"), 404, "unknown_movement")


async def test_limits_freezes_dues_and_alerts(
    anna: httpx.AsyncClient, bert: httpx.AsyncClient
) -> None:
    at = "/v1/suppliers/fulu"
    limits = {"exposure_max": "100", "balance_low": "20", "settlement": "payable", "settle_days": 7}
    problem(await anna.patch(f"{at}/prepaid", json=limits), 403, "not_allowed")
    shown = (await bert.patch(f"{at}/prepaid", json=limits)).json()
    assert (shown["exposure_max"], shown["settlement"], shown["room"]) == (
        "100.00",
        "payable",
        "100.00",
    )
    shown = (await bert.patch(f"{at}/prepaid", json={"exposure_max": None})).json()
    assert (shown["exposure_max"], shown["balance_low"], shown["room"]) == (None, "20.00", None)
    problem(
        await bert.patch(f"{at}/prepaid", json={"tolerance": "-1"}), 422, "supplier_limits_wrong"
    )
    frozen = (await bert.post(f"{at}/freeze", json={"reason": "坏卡"})).json()
    assert frozen["frozen_because"] == "坏卡"
    assert (await bert.post(f"{at}/unfreeze", json={"reason": "好了"})).json()[
        "frozen_because"
    ] is None
    problem(await bert.post(f"{at}/unfreeze", json={"reason": "x"}), 409, "supplier_not_frozen")
    assert (await anna.get("/v1/prepaid/dues")).json() == {"suppliers": []}
    assert (await anna.get("/v1/prepaid/alerts?standing=false")).json() == {"alerts": []}
    assert (await anna.get(f"{at}/balances")).json() == {"readings": [], "next_before": None}
    problem(await anna.post(f"{at}/balances"), 409, "supplier_not_connected")
    rule = {"freezes": True, "attempts_min": 5}
    assert (await bert.put("/v1/quality-rule", json=rule)).json()["freezes"] is True
    assert (await anna.get("/v1/quality")).json() == {"suppliers": []}
    assert len((await anna.get(f"{at}/quality")).json()["days"]) == 30


async def test_a_letter_is_written_in_three_ways(anna: httpx.AsyncClient) -> None:
    at = f"/v1/suppliers/fulu/balance-letter?on={day_of(now())}"
    for form, begins in (("md", b"# "), ("html", b"<!doctype"), ("xlsx", b"PK")):
        answer = await anna.get(f"{at}&format={form}")
        assert answer.status_code == 200
        assert answer.content.startswith(begins)
    later = day_of(now()) + timedelta(days=2)
    problem(
        await anna.get(f"/v1/suppliers/fulu/balance-letter?on={later}"), 422, "letter_in_future"
    )


async def test_papers_and_contacts(anna: httpx.AsyncClient, bert: httpx.AsyncClient) -> None:
    at = "/v1/suppliers/fulu"
    form = {"kind": "contract", "name": "合同", "expires_on": "2027-01-31"}
    added = (
        await bert.post(f"{at}/papers", data=form, files={"file": ("合同.pdf", b"%PDF")})
    ).json()
    assert (added["file_name"], added["file_bytes"], added["can"]) == ("合同.pdf", 4, ["remove"])
    [shown] = (await anna.get(f"{at}/papers")).json()["papers"]
    assert shown == added | {"can": []}
    assert (await anna.get(f"/v1/papers/{added['id']}/file")).content == b"%PDF"
    assert (await bert.delete(f"/v1/papers/{added['id']}")).status_code == 204
    problem(await anna.get(f"/v1/papers/{added['id']}/file"), 404, "unknown_paper")
    person = {"role": "商务", "name": "王", "phone": "138"}
    [contact] = (await bert.post(f"{at}/contacts", json=person)).json()["contacts"]
    problem(await anna.get(f"{at}/contacts"), 403, "not_allowed")
    assert (await bert.delete(f"/v1/supplier-contacts/{contact['id']}")).status_code == 204
    assert (await bert.get(f"{at}/contacts")).json() == {"contacts": []}


async def test_a_statement_is_previewed_taken_and_settled(
    anna: httpx.AsyncClient, bert: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    at = now() - timedelta(hours=2)
    async with database.transaction(tenant.id) as tx:
        supplier = (await anna.get("/v1/suppliers/fulu")).json()["id"]
        await put_orders(tx, tenant.id, supplier, [Ordered("K000001", at, 2_000_000)])
    there = (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    content = f"商户订单号,金额,下单时间\nK000001,350,{there}\n".encode()
    today = day_of(now())
    days = {"first_on": str(today - timedelta(days=1)), "last_on": str(today)}
    form = {"supplier": "fulu", **days}
    file = {"file": ("十一月.csv", content)}
    seen = (await anna.post("/v1/statements", data=form | {"dry_run": "true"}, files=file)).json()
    assert (seen["id"], seen["lines"], seen["matched"], len(seen["findings"])) == (None, 1, 1, 1)
    assert (await anna.get("/v1/statements")).json()["statements"] == []
    taken = (await anna.post("/v1/statements", data=form, files=file)).json()
    assert (taken["is_new"], taken["tallies"][0]["difference"]) == (True, "150.00")
    again = (await anna.post("/v1/statements", data=form, files=file)).json()
    assert (again["id"], again["is_new"]) == (taken["id"], False)
    [found] = (await anna.get(f"/v1/statements/{taken['id']}/findings?open=true")).json()[
        "findings"
    ]
    assert (found["kind"], found["what"], found["can"]) == ("different", "amount", ["resolve"])
    where = f"/v1/findings/{found['id']}"
    asked = await anna.post(f"{where}/resolution", json={"kind": "asked_back", "reason": "多扣"})
    assert (asked.json()["resolution_state"], asked.json()["can"]) == ("asked", [])
    problem(await anna.post(f"{where}/approval"), 403, "resolution_needs_another")
    async with database.transaction(tenant.id) as tx:
        assert await transfer_count(tx) == 0
    done = (await bert.post(f"{where}/approval")).json()
    assert done["resolution_state"] == "done"
    problem(await bert.post(f"{where}/approval"), 409, "finding_resolved")
    shown = (await anna.get("/v1/suppliers/fulu/prepaid")).json()
    assert (shown["available"], shown["recoveries"]) == ("-150.00", "150.00")
    problem(await anna.post("/v1/statements/fetch", json=form), 409, "supplier_not_connected")
    report = (await bert.get("/v1/reports/capital")).json()
    assert (report["total"]["recoveries"], report["total"]["tied_up"]) == ("150.00", "150.00")
