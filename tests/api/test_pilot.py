"""HTTP of a pilot: modes, what waits for a person, comparing, checks and opening balances."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.clock import SHANGHAI, day_of, now
from kashu.core.db import Database
from kashu.core.sheets.read import read_bytes
from kashu.orders.tables import orders
from kashu.stock.tables import allocations
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku, make_supplier, put_cards

MODE = f"/v1/stores/{STORE}/connection/mode"
PILOT = f"/v1/stores/{STORE}/pilot"
RELEASE = "/v1/shop-orders/release"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    """A store in shadow with one order, whose listing is mapped."""
    async with stand(database, keyrings, tenant) as opened:
        await opened.connect()
        async with database.transaction(tenant.id) as tx:
            sku_id = await make_sku(tx, tenant.id)
            await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
        await set_mode(opened, "shadow")
        await sell(opened)
        listing = (await opened.owner.get(f"/v1/stores/{STORE}/listings")).json()["listings"][0]
        await opened.owner.patch(f"/v1/listings/{listing['id']}", json={"sku_id": str(sku_id)})
        await opened.work()
        yield opened


async def set_mode(of: Stand, mode: str, **more: object) -> httpx.Response:
    return await of.owner.post(MODE, json={"mode": mode} | more)


async def sell(of: Stand) -> None:
    items = list(of.street.shop.items.values())
    of.street.shop.now.advance(timedelta(seconds=1))  # its times have whole seconds
    sold = of.street.shop.sell((items[0] if items else of.street.month(), 1), buyer="t**1")
    await of.push(*of.street.platform.push(of.street.shop, sold))
    await of.work()


async def compared(of: Stand, **form: str) -> httpx.Response:
    parts = {name: (None, value.encode()) for name, value in form.items()}
    return await of.owner.post(f"{PILOT}/compare", files=parts)


async def waiting(of: Stand, **filters: str) -> list[dict[str, object]]:
    answer = await of.owner.get("/v1/shop-orders", params=filters)
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, object]] = answer.json()["shop_orders"]
    return shown


async def given(of: Stand) -> tuple[int, int]:
    async with of.database.transaction(of.tenant.id) as tx:
        ours = (await tx.execute(select(func.count()).select_from(orders))).scalar_one()
        cards = (await tx.execute(select(func.count()).select_from(allocations))).scalar_one()
    return ours, cards


async def test_from_shadow_to_a_release_and_back(shop: Stand) -> None:
    (first,) = await waiting(shop, step="shadowed")
    assert (first["mode"], first["can"]) == ("shadow", ["take_over"])
    ids = {"ids": [first["id"]]}
    answer = (await shop.owner.post(RELEASE, json=ids | {"take_over": True})).json()
    assert answer["shop_orders"] == [{"id": first["id"], "obstacle": "not_acting"}]
    assert (await set_mode(shop, "assisted")).json()["mode"] == "assisted"
    await sell(shop)
    (second,) = await waiting(shop, step="held", said="to_be_released", store=STORE)
    assert (second["mode"], second["can"]) == ("assisted", ["release"])
    assert await given(shop) == (0, 0)
    both = {"ids": [first["id"], second["id"]]}
    answer = (await shop.owner.post(RELEASE, json=both)).json()
    assert (answer["released"], answer["shop_orders"][0]["obstacle"]) == (1, "to_be_taken_over")
    answer = (await shop.owner.post(RELEASE, json=both | {"take_over": True})).json()
    assert [each["obstacle"] for each in answer["shop_orders"]] == [None, "not_waiting"]
    await shop.work()
    assert await given(shop) == (2, 2)
    await set_mode(shop, "stopped")
    await sell(shop)
    told = {order["number"]: order for order in await waiting(shop)}
    assert {order["said"] for order in told.values()} == {"store_stopped"}
    assert {(order["step"], tuple(order["can"])) for order in told.values()} == {  # type: ignore[arg-type]
        ("taken", ("hand_over",)),
        ("due", ()),
    }
    assert await given(shop) == (2, 2)


async def test_a_release_is_for_those_who_may_and_of_their_own_orders(
    shop: Stand, other_tenant: Tenant
) -> None:
    await set_mode(shop, "assisted")
    await sell(shop)
    (order,) = await waiting(shop, step="held")
    body = {"ids": [order["id"]]}
    auditor = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    problem(await auditor.post(RELEASE, json=body), 403, "not_allowed")
    problem(await shop.anybody.post(RELEASE, json=body), 401, "not_signed_in")
    rival = await staff_client(shop.app, shop.database, other_tenant.id, Role.OWNER)
    answer = (await rival.post(RELEASE, json=body)).json()
    assert answer["shop_orders"][0]["obstacle"] == "unknown_shop_order"
    assert (await shop.owner.post(RELEASE, json={"ids": []})).status_code == 422
    assert await waiting(shop, step="held") == [order]
    problem(await shop.owner.get("/v1/shop-orders", params={"store": "x"}), 404, "unknown_store")


async def test_a_sheet_is_compared_as_json_csv_and_workbook(shop: Stand) -> None:
    (order,) = await waiting(shop)
    sheet = f"订单号,数量,金额\n{order['number']},1,{order['paid']}\n'=1+1,1,1\n"
    day = {"day": day_of(now(), SHANGHAI).isoformat()}
    files = {"file": ("old.csv", sheet.encode("gbk"))}
    answer = await shop.owner.post(f"{PILOT}/compare", data=day, files=files)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["same"], told["missed"], told["explained_percent"]) == (1, 1, "50.00")
    assert told["causes"][0]["cause"] == "not_collected"
    assert told["causes"][0]["zh"]
    pasted = day | {"text": sheet, "written_as": "csv"}
    answer = await compared(shop, **pasted)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["一致", "卡枢没有"]
    assert rows[2][1] == "'=1+1"
    [kept] = (await shop.owner.get(f"{PILOT}/comparisons")).json()["days"]  # a day, as it was last
    assert (kept["day"], kept["same"], kept["unexplained"]) == (day["day"], 1, 1)
    answer = await compared(shop, **pasted | {"written_as": "xlsx"})
    assert len(list(read_bytes(answer.content).rows())) == 3


async def test_a_key_of_one_store_or_customer_learns_of_no_card_by_comparing(
    shop: Stand, keyrings: Keyrings
) -> None:
    store = (await shop.owner.get("/v1/stores")).json()["stores"][0]
    (order,) = await waiting(shop)
    day = day_of(now(), SHANGHAI).isoformat()
    parts = {"day": day, "text": f"订单号,卡号\n{order['number']},KASHU000001\n"}
    files = {name: (None, value.encode()) for name, value in parts.items()}
    form = httpx.Request("POST", "http://kashu", files=files)
    body, path = form.read(), f"{PILOT}/compare"

    async def compare_with_a_key(store_id: UUID | None) -> httpx.Response:
        key = await key_client(
            shop.app,
            shop.database,
            keyrings,
            shop.tenant.id,
            Permission.ORDERS_WRITE,
            store_id=store_id,
        )
        headers = key.headers("POST", path, body) | {"Content-Type": form.headers["content-type"]}
        return await key.client.post(path, content=body, headers=headers)

    problem(await compare_with_a_key(UUID(store["id"])), 403, "key_is_bound")
    checks = (await shop.owner.get(PILOT)).json()["checks"]
    (last,) = [check for check in checks if check["name"] == "compared"]
    assert (last["ok"], last["facts"]["day"]) == (False, "")
    assert (await compare_with_a_key(None)).status_code == 200


async def test_a_sheet_that_cannot_be_read_is_refused(shop: Stand) -> None:
    for form, code in (
        ({"text": "订单号,数量\n1,x\n"}, "pilot_sheet_wrong"),
        ({"text": "订单号\n1\n"}, "pilot_day_needed"),
        ({"text": "A,B\n1,2\n"}, "pilot_sheet_wrong"),
        ({"day": "2026-11-22"}, "file_needed"),
    ):
        problem(await compared(shop, **form), 422, code)
    checks = (await shop.owner.get(PILOT)).json()["checks"]
    (last,) = [check for check in checks if check["name"] == "compared"]
    assert last["facts"]["day"] == ""


async def test_a_store_goes_by_itself_when_ready_or_forced(shop: Stand) -> None:
    told = (await shop.owner.get(PILOT)).json()
    assert (told["mode"], told["ready"], told["waiting"]) == ("shadow", False, {"shadowed": 1})
    refused = await set_mode(shop, "automatic")
    assert [each["code"] for each in problem(refused, 409, "store_not_ready")["problems"]] == [
        "compared"
    ]
    problem(await set_mode(shop, "automatic", force=True), 422, "force_reason_needed")
    assert (await shop.owner.get(PILOT)).json()["mode"] == "shadow"
    (order,) = await waiting(shop)
    day = {"day": day_of(now(), SHANGHAI).isoformat(), "text": f"订单号\n{order['number']}\n"}
    assert (await compared(shop, **day)).status_code == 200
    assert (await shop.owner.get(PILOT)).json()["ready"]
    assert (await set_mode(shop, "automatic")).json()["mode"] == "automatic"


async def test_opening_balances_are_posted_once_and_listed(shop: Stand) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await make_supplier(tx, shop.tenant.id)
    balance = {"kind": "supplier_prepaid", "owner": "fulu", "amount": "10000.00"}
    body = {"name": "期初", "balances": [balance]}
    first = await shop.owner.post("/v1/openings", json=body)
    assert (first.status_code, first.json()["new"]) == (200, True), first.text
    assert not (await shop.owner.post("/v1/openings", json=body)).json()["new"]
    other = body | {"balances": [balance | {"amount": "1"}]}
    problem(await shop.owner.post("/v1/openings", json=other), 409, "opening_taken")
    unknown = {"name": "二", "balances": [balance | {"owner": "nobody"}]}
    told = problem(await shop.owner.post("/v1/openings", json=unknown), 422, "opening_wrong")
    assert told["problems"][0]["at"] == "/balances/0"
    listed = (await shop.owner.get("/v1/openings")).json()["openings"]
    assert [(each["name"], each["balances"]) for each in listed] == [("期初", 1)]
    whole = (await shop.owner.get(f"/v1/openings/{listed[0]['id']}")).json()
    name = {"owner_name": "fulu", "amount": "10000.00", "currency": "CNY"}
    assert whole["balances"] == [balance | name]
    problem(await shop.owner.get(f"/v1/openings/{UUID(int=7)}"), 404, "unknown_opening")
