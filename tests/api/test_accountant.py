"""An accountant's evening: whatever happened, every page and file tells of the same money."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import insert, text, update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.access.tables import tenants
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.suppliers.tables import offers
from tests.api.auditor import Auditor
from tests.api.calls import staff_client
from tests.api.world import send_form
from tests.conftest import Tenant
from tests.console.seeded import Seeded, make_seeded
from tests.purchases.ordered import Ordered, put_orders
from tests.stock.builders import put_cards

TODAY: Final = day_of(now())
WHY: Final = {"reason": "asks", "recipient": "buyer"}


@pytest.fixture
async def seeded(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Seeded:
    return await make_seeded(app, database, keyrings, tenant)


@pytest.fixture
async def auditor(app: Litestar, seeded: Seeded) -> Auditor:
    client = await staff_client(app, seeded.database, seeded.tenant.id, Role.OWNER)
    return Auditor(client)


@pytest.fixture
async def other(app: Litestar, seeded: Seeded) -> httpx.AsyncClient:
    """Who approves what the auditor's owner asks for."""
    return await staff_client(app, seeded.database, seeded.tenant.id, Role.OWNER)


async def done(answer: httpx.Response) -> Any:  # noqa: ANN401  (a body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def sell_everything(seeded: Seeded) -> None:
    """Sell of one lot and of two, to a customer, for nothing, and more than there is."""
    await seeded.sell("TB1", ("mgtv-month", 2, "39.61"), store="tb")
    await seeded.sell("PDD1", ("mgtv-month", 3, "54.00"), ("iqiyi-week", 2, "14.01"), store="pdd")
    await seeded.sell("ACME1", ("mgtv-month", 45, "700.01"), customer="acme")
    await seeded.sell("GIFT", ("iqiyi-week", 1, "0.00"))
    await seeded.sell("SHORT", ("iqiyi-week", 20, "156.07"), store="pdd")


async def test_sales_gifts_and_what_waits(seeded: Seeded, auditor: Auditor) -> None:
    await auditor.audit()
    await sell_everything(seeded)
    await auditor.audit()
    balances = await auditor.balances()
    assert balances["revenue", "CNY"] < 0 < balances["cost_of_goods", "CNY"]


async def test_refunds_of_all_of_parts_of_money_alone_and_of_what_waits(
    seeded: Seeded, auditor: Auditor
) -> None:
    await sell_everything(seeded)
    acme = await seeded.sell("ACME2", ("mgtv-month", 20, "333.33"), customer="acme")
    await seeded.refund(acme, "R1", {"line": 1, "quantity": 3})
    await auditor.audit_profit()
    await seeded.refund(acme, "R2", {"line": 1, "quantity": 0, "amount": "0.01"})
    seen = await seeded.sell("SEEN", ("mgtv-month", 2, "39.60"), store="tb")
    await seeded.ask("POST", f"/v1/orders/{seen}/reveal", WHY)
    await seeded.refund(seen, "R3", {"line": 1, "quantity": 1, "amount": "10.00"})
    await seeded.refund(seen, "R4")
    gift = await seeded.sell("GIFT2", ("mgtv-month", 1, "0"))
    await seeded.refund(gift, "R5")
    short = await seeded.sell("SHORT2", ("iqiyi-week", 3, "30.00"))
    await seeded.refund(short, "R6", {"line": 1, "quantity": 1})
    cancelled = await seeded.sell("CANCELLED", ("mgtv-month", 1, "19.80"))
    await seeded.ask("POST", f"/v1/orders/{cancelled}/cancel", {"reason": "changed"})
    await auditor.audit()


async def cards_of(seeded: Seeded, lot_id: UUID | str) -> list[str]:
    found = await seeded.ask("POST", "/v1/stock/cards/search", {"lot_id": str(lot_id)})
    return [card["id"] for card in found["cards"] if card["state"] == "available"]


async def test_stock_that_is_lost_expires_moves_and_goes_back(
    seeded: Seeded, auditor: Auditor, keyrings: Keyrings
) -> None:
    await sell_everything(seeded)
    async with seeded.database.transaction(seeded.tenant.id) as tx:
        lot = await put_cards(
            tx,
            seeded.tenant.id,
            6,
            sku_id=seeded.sku_ids["mgtv-month"],
            keyrings=keyrings,
            unit_cost_e4=99_999,
            expires_on=TODAY - timedelta(days=1),
        )
    await auditor.audit_profit()
    named = {"reason": "x", "card_ids": [str(card) for card in lot.card_ids[:2]]}
    await seeded.ask("POST", "/v1/stock/cards/void", named)
    balances = await auditor.balances()
    assert balances["expired_stock", "CNY"] == 2 * Decimal("9.9999")
    await seeded.ask("POST", "/v1/stock/cards/void", {"reason": "x", "lot_ids": [str(lot.id)]})
    assert (await auditor.balances())["expired_stock", "CNY"] == 6 * Decimal("9.9999")
    lots = (await seeded.ask("GET", "/v1/stock/lots?sku=mgtv-month"))["lots"]
    [large] = [each for each in lots if each["unit_cost"] == "13.80"]
    cards = await cards_of(seeded, large["id"])
    await seeded.ask("POST", "/v1/stock/cards/void", {"reason": "x", "card_ids": cards[:1]})
    assert (await auditor.balances())["stock_loss", "CNY"] == Decimal("13.80")
    doubtful = {"reason": "x", "card_ids": cards[1:4]}
    await seeded.ask("POST", "/v1/stock/cards/quarantine", doubtful)
    for against, place in (("payable", 1), ("recoveries", 2)):
        body = {"reason": "x", "against": against, "card_ids": [cards[place]]}
        await seeded.ask("POST", "/v1/stock/cards/return", body)
        await auditor.audit_profit()
    assert (await auditor.balances())["recoveries", "CNY"] == Decimal("13.80")
    # One that a buyer saw and gave back cost its after-sales: back at its supplier it doesn't.
    seen = await seeded.sell("SEEN", ("mgtv-month", 1, "19.80"))
    await seeded.ask("POST", f"/v1/orders/{seen}/reveal", WHY)
    told = await seeded.ask("GET", f"/v1/orders/{seen}")
    line = {"line_id": told["lines"][0]["line_id"]}
    [given] = (await seeded.ask("POST", "/v1/stock/cards/search", line))["cards"]
    await seeded.refund(seen, "R1")
    assert (await auditor.balances())["after_sales_loss", "CNY"] == Decimal("13.80")
    body = {"reason": "x", "against": "recoveries", "card_ids": [given["id"]]}
    await seeded.ask("POST", "/v1/stock/cards/return", body)
    balances = await auditor.balances()
    assert balances["after_sales_loss", "CNY"] == 0
    await auditor.audit()


async def test_warehouses_imports_and_counts(seeded: Seeded, auditor: Auditor) -> None:
    await sell_everything(seeded)
    before = (await auditor.balances())["inventory", "CNY"]
    await seeded.ask("POST", "/v1/warehouses", {"code": "spare", "name": "备用仓"})
    lots = (await seeded.ask("GET", "/v1/stock/lots?sku=mgtv-month"))["lots"]
    lot = next(each for each in lots if each["unit_cost"] == "13.80")
    body = {"lot_id": lot["id"], "to_warehouse": "spare", "count": 5, "reason": "x"}
    await seeded.ask("POST", "/v1/stock/transfers", body)
    assert (await auditor.balances())["inventory", "CNY"] == before
    form = {"sku": "mgtv-month", "warehouse": "main", "supplier": "fulu", "unit_cost": "14.1251"}
    form |= {"sure": "true", "text": "MG01,p1\nMG02,p2"}
    imported = await done(await send_form(seeded.program, "/v1/imports", form))
    assert (await auditor.balances())["inventory", "CNY"] == before + 2 * Decimal("14.1251")
    await seeded.ask("POST", f"/v1/imports/{imported['import_id']}/undo", {"reason": "wrong"})
    assert (await auditor.balances())["inventory", "CNY"] == before
    counted = {"sku": "mgtv-month", "warehouse": "spare", "text": "NOBODYS,x\n"}
    count = await done(await send_form(seeded.program, "/v1/stocktakes", counted))
    await seeded.ask("POST", f"/v1/stocktakes/{count['id']}/post", {"reason": "counted"})
    assert (await auditor.balances())["stock_loss", "CNY"] == 5 * Decimal("13.80")
    await auditor.audit()


async def test_openings_deposits_corrections_and_wallets(
    seeded: Seeded, auditor: Auditor, other: httpx.AsyncClient
) -> None:
    await sell_everything(seeded)
    balances = [
        {"kind": "supplier_prepaid", "owner": "fulu", "amount": "500.01"},
        {"kind": "supplier_owed", "owner": "xingyun", "amount": "70.00"},
        {"kind": "store_receivable", "owner": "tb", "amount": "1234.56"},
        {"kind": "customer_owes", "owner": "acme", "amount": "88.88"},
    ]
    before = await auditor.balances()
    body = {"name": "begin", "balances": balances}
    await seeded.ask("POST", "/v1/openings", body)
    after = await auditor.balances()
    assert after["prepaid", "CNY"] - before["prepaid", "CNY"] == Decimal("500.01")
    assert after["payable", "CNY"] - before["payable", "CNY"] == Decimal(-70)
    assert after["wallet", "CNY"] - before["wallet", "CNY"] == Decimal("88.88")
    assert after["receivable", "CNY"] - before["receivable", "CNY"] == Decimal("1234.56")
    client = auditor.client
    for kind, amount, how in (
        ("deposit", "300", {"method": "bank"}),
        ("withdrawal", "20", {"method": "bank"}),
        ("payment", "30", {"method": "alipay"}),
        ("correction", "-1.2345", {}),
        ("correction", "0.5", {}),
    ):
        supplier = "xingyun" if kind == "payment" else "fulu"  # whom we owe
        asked = {"supplier": supplier, "kind": kind, "amount": amount, "reason": "x"} | how
        made = await done(await client.post("/v1/prepaid/movements", json=asked))
        path = f"/v1/prepaid/movements/{made['id']}"
        if made["state"] != "posted":
            made = await done(await other.post(f"{path}/approval"))
        if made["state"] == "approved":
            await done(await client.post(f"{path}/payment", files={"reference": (None, "A1")}))
            await done(await other.post(f"{path}/posting"))
        await auditor.audit_profit()
    moved = await auditor.balances()
    assert moved["prepaid", "CNY"] - after["prepaid", "CNY"] == Decimal("279.2655")
    assert moved["cost_of_goods", "CNY"] - after["cost_of_goods", "CNY"] == Decimal("0.7345")
    assert moved["payable", "CNY"] - after["payable", "CNY"] == Decimal(30)
    assert moved["cash", "CNY"] - after["cash", "CNY"] == Decimal(-310)
    shown = await auditor.read("/v1/suppliers/fulu/prepaid")
    assert Decimal(shown["available"]) == Decimal("779.2755")
    await auditor.audit()


async def test_an_agents_wallet_is_its_account(
    seeded: Seeded, auditor: Auditor, other: httpx.AsyncClient
) -> None:
    await seeded.sell("ACME1", ("mgtv-month", 1, "17.77"), customer="acme")
    await seeded.ask("PUT", "/v1/customers/acme/agent", {"credit_max": "1000.00"})
    told = {"kind": "deposit", "amount": "50.00", "method": "bank", "reference": "B1"}
    made = await done(await auditor.client.post("/v1/customers/acme/wallet-moves", json=told))
    if made["state"] != "posted":
        await done(await other.post(f"/v1/wallet-moves/{made['id']}/approval"))
    prices = [{"sku": "mgtv-month", "unit_price": "15.00"}]
    await seeded.ask("PUT", "/v1/customers/acme/prices", {"prices": prices})
    order = await seeded.sell("ACME2", ("mgtv-month", 3, "45.00"), customer="acme")
    await seeded.refund(order, "R1", {"line": 1, "quantity": 1})
    agent = await auditor.read("/v1/customers/acme")
    wallet = -(await auditor.balances())["wallet", "CNY"]
    assert wallet == Decimal("50.00") - Decimal("17.77") - Decimal("30.00")
    assert Decimal(agent["agent"]["wallet"]) == wallet
    statement = await auditor.read("/v1/customers/acme/wallet-statement")
    moves = sum(Decimal(entry["amount"]) for entry in statement["entries"])
    assert Decimal(statement["opening"]) + moves == wallet
    assert Decimal(statement["entries"][-1]["balance"]) == wallet
    await auditor.audit()


async def test_a_suppliers_statement_moves_what_it_says(
    seeded: Seeded, auditor: Auditor, other: httpx.AsyncClient
) -> None:
    await sell_everything(seeded)
    at = now() - timedelta(hours=2)
    numbers = {f"K00000{n}": 100_000 * n for n in (1, 2, 3)}
    async with seeded.database.transaction(seeded.tenant.id) as tx:
        supplier_id, warehouse_id = (
            await tx.execute(
                text(
                    "SELECT s.id, w.id FROM suppliers.suppliers s, stock.warehouses w"
                    " WHERE s.code = 'fulu' AND w.code = 'main'"
                )
            )
        ).one()
        offer = {"tenant_id": seeded.tenant.id, "id": new_id(), "supplier_id": supplier_id}
        offer |= {"ref": "r1", "title": "月卡", "goods": "card", "unit_cost_e4": 100_000}
        sku_id = seeded.sku_ids["mgtv-month"]
        await tx.execute(insert(offers).values(sku_id=sku_id, **offer))
        of = (sku_id, warehouse_id, offer["id"])
        ordered = [Ordered(number, at, amount) for number, amount in numbers.items()]
        await put_orders(tx, seeded.tenant.id, supplier_id, ordered, of=of)
    there = (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    content = f"商户订单号,金额,下单时间\nK000001,12.5,{there}\nK000002,19,{there}\nX,3.3,{there}\n"
    days = {"first_on": str(TODAY - timedelta(days=1)), "last_on": str(TODAY)}
    taken = await done(
        await auditor.client.post(
            "/v1/statements",
            data={"supplier": "fulu", **days},
            files={"file": ("a.csv", content.encode())},
        )
    )
    before = await auditor.balances()
    path = f"/v1/statements/{taken['id']}/findings"
    findings = (await auditor.read(path))["findings"]
    differences = {each["id"]: Decimal(each["difference"]) for each in findings}
    assert sorted(differences.values()) == [
        Decimal(-30),
        Decimal(-1),
        Decimal("2.5"),
        Decimal("3.3"),
    ]
    for finding, difference in differences.items():
        kind = "asked_back" if difference == Decimal("3.3") else "accepted"
        where = f"/v1/findings/{finding}"
        body = {"kind": kind, "reason": "x"}
        settled = await done(await auditor.client.post(f"{where}/resolution", json=body))
        if settled["resolution_state"] != "done":
            await done(await other.post(f"{where}/approval"))
    after = await auditor.balances()
    assert after["prepaid", "CNY"] - before["prepaid", "CNY"] == Decimal("25.2")
    assert after["recoveries", "CNY"] - before["recoveries", "CNY"] == Decimal("3.3")
    assert after["cost_of_goods", "CNY"] - before["cost_of_goods", "CNY"] == Decimal("-28.5")
    await auditor.audit()


async def test_days_are_the_shops_own(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    """Far from Shanghai it is another day, whatever the hour."""
    zones = ("Pacific/Pago_Pago", "Pacific/Kiritimati")
    zone = next(zone for zone in zones if day_of(now(), zone) != day_of(now()))
    async with database.transaction(tenant.id) as tx:
        known = await tx.execute(
            update(tenants).where(tenants.c.id == tenant.id).values(timezone=zone)
        )
        assert known.rowcount == 1
    seeded = await make_seeded(app, database, keyrings, tenant)
    auditor = Auditor(await staff_client(app, database, tenant.id, Role.OWNER))
    before = await auditor.days()
    there = str(now().astimezone(ZoneInfo(zone)).date())
    assert there not in before
    order = await seeded.sell("FAR", ("mgtv-month", 2, "39.60"), store="tb")
    await seeded.refund(order, "R1", {"line": 1, "quantity": 1})
    lots = (await seeded.ask("GET", "/v1/stock/lots?sku=mgtv-month"))["lots"]
    cards = await cards_of(seeded, lots[0]["id"])
    await seeded.ask("POST", "/v1/stock/cards/void", {"reason": "x", "card_ids": cards[:1]})
    body = {"reason": "x", "against": "payable", "card_ids": cards[1:2]}
    await seeded.ask("POST", "/v1/stock/cards/return", body)
    opening = {"kind": "supplier_prepaid", "owner": "fulu", "amount": "1"}
    await seeded.ask("POST", "/v1/openings", {"name": "begin", "balances": [opening]})
    assert await auditor.days() - before == {there}
    sheet = await auditor.read("/v1/reports/profit", by="day")
    assert {row["day"] for row in sheet["rows"]} == {there}
    whole = await auditor.read("/v1/reports/profit/orders", **{"from": there, "to": there})
    assert whole["totals"] == (await auditor.read("/v1/reports/profit/orders"))["totals"]
    [order] = [row for row in whole["orders"] if row["order_number"]]
    assert order["order_number"] == "FAR"
    await auditor.audit()
