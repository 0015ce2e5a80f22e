"""The exception desk over HTTP: who sees what, who is on it, notes, and acts on many at once."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from kashu.core.matters import Matter
from kashu.desk.queue import ABOUT
from kashu.entry.commands.serving import describe_api
from tests.api.calls import (
    KeyClient,
    add_staff,
    app_of,
    client_of_staff,
    key_client,
    problem,
    staff_client,
)
from tests.api.test_roles import HANDLERS, permissions_of
from tests.conftest import Tenant, make_tenant
from tests.desk.cases import CASES, put_shop_order
from tests.desk.floor import ANN, Floor, make_floor
from tests.desk.supply import put_purchase


async def floor_of(database: Database, tenant: Tenant, keyrings: Keyrings) -> UUID:
    """One of each kind that may stand together; returns the id of the order in trouble."""
    async with database.transaction(tenant.id) as tx:
        floor = await make_floor(tx, tenant.id, keyrings)
        for kind in TOGETHER:
            await CASES[kind](floor)
        return await put_shop_order(floor, "trouble", "order_changed", number="T77")


TOGETHER = (
    Matter.SHORT_LINE,
    Matter.LISTING_UNMAPPED,
    Matter.TO_BE_RELEASED,
    Matter.SHOP_REFUND_IN_TROUBLE,
    Matter.PURCHASE_TO_APPROVE,
    Matter.PURCHASE_TO_DECIDE,
    Matter.STATEMENT_FINDING,
    Matter.MOVEMENT_TO_APPROVE,
    Matter.OFFER_HELD,
    Matter.PRICE_MOVED,
    Matter.STOCK_LOW,
    Matter.INVARIANT_BROKEN,
)


async def desk(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = await client.get("/v1/desk", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("role", Role)
async def test_a_role_sees_its_rows_and_none_besides(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings, role: Role
) -> None:
    await floor_of(database, tenant, keyrings)
    client = await staff_client(app, database, tenant.id, role)
    shown = await desk(client)
    mine = ROLE_PERMISSIONS[role]
    expected = {
        kind.value for kind in (*TOGETHER, Matter.ORDER_IN_TROUBLE) if ABOUT[kind].see in mine
    }
    assert {row["kind"] for row in shown["rows"]} == expected
    assert {count["kind"] for count in shown["counts"]} == expected
    assert shown["total"] == len(shown["rows"]) == sum(each["count"] for each in shown["counts"])
    badge = (await client.get("/v1/desk/counts")).json()
    assert badge["total"] == shown["total"]
    for row in shown["rows"]:
        for can in row["can"]:
            assert permissions_of(can["operation"]) & mine
    if role is Role.AUDITOR:
        acts = [can for row in shown["rows"] for can in row["can"]]
        assert {can["operation"] for can in acts} <= {"seePriceAlert"}


def test_every_act_is_a_call_that_is_there_and_asks_for_what_the_desk_says() -> None:
    document = json.loads(describe_api())
    calls = {
        operation["operationId"]: (method.upper(), path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    seen = 0
    for about in ABOUT.values():
        for act in about.acts:
            method, path = calls[act.operation]
            assert method == act.method
            assert _shape(path) == _shape(act.path), act
            assert act.permission in permissions_of(act.operation), act
            assert act.operation in HANDLERS
            if act.many:
                assert calls[act.many] == ("POST", act.many_path)
                assert act.permission in permissions_of(act.many)
            seen += 1
    assert seen > 40


def _shape(path: str) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in path.split("/")]


async def test_the_queue_is_asked_for_by_kind_store_and_page(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    await floor_of(database, tenant, keyrings)
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    whole = await desk(owner)
    one = await desk(owner, kind=["price_moved", "offer_held"])
    assert {row["kind"] for row in one["rows"]} == {"price_moved", "offer_held"}
    assert one["total"] == 2
    assert one["counts"] == whole["counts"]
    of_store = await desk(owner, store="tb")
    assert {row["store"]["code"] for row in of_store["rows"]} == {"tb"}
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        part = await desk(owner, limit=3, **after)
        seen += [row["id"] for row in part["rows"]]
        if part["next_after"] is None:
            break
        after = {"after": part["next_after"]}
    assert seen == [row["id"] for row in whole["rows"]]
    problem(await owner.get("/v1/desk", params={"store": "nowhere"}), 404, "unknown_store")
    for wrong in ("x", "a~b~c", "~~" + str(uuid4()), "2026-01-01~2026-01-01~" + str(uuid4())):
        problem(await owner.get("/v1/desk", params={"after": wrong}), 422, "place_unreadable")


async def test_the_second_clerk_sees_who_is_on_it_and_may_take_over(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    known_id = await floor_of(database, tenant, keyrings)
    first = await staff_client(app, database, tenant.id, Role.OPS)
    second = await staff_client(app, database, tenant.id, Role.SERVICE)
    rows = [{"kind": "order_in_trouble", "id": str(known_id)}]
    taken = (await first.post("/v1/desk/claims", json={"rows": rows})).json()
    assert taken["claimed"] == 1
    assert taken["outcomes"][0]["who"]["mine"]
    refused = (await second.post("/v1/desk/claims", json={"rows": rows})).json()
    assert refused["claimed"] == 0
    [outcome] = refused["outcomes"]
    assert outcome["who"]["name"] == "ops"
    assert not outcome["who"]["mine"]
    assert outcome["problem"]["code"] == "somebody_is_on_it"
    assert "处理中：ops" in outcome["problem"]["detail"]
    shown = await desk(second, kind="order_in_trouble")
    assert shown["rows"][0]["who"]["name"] == "ops"
    assert (await desk(first, mine=True))["total"] == 1
    assert (await desk(second, mine=True))["rows"] == []
    left = await second.post("/v1/desk/claims/release", json={"rows": rows})
    assert left.json() == {"left": 0}
    over = await second.post("/v1/desk/claims", json={"rows": rows, "take_over": True})
    assert over.json()["claimed"] == 1
    assert (await desk(first, mine=True))["rows"] == []
    async with database.transaction(tenant.id) as tx:
        recorded = await tx.execute(
            text("SELECT subject_id FROM core.events WHERE kind = 'desk.taken_over'")
        )
        assert [row[0] for row in recorded] == [known_id]
    again = await second.post("/v1/desk/claims", json={"rows": rows})
    assert again.json()["claimed"] == 1
    gone = await second.post("/v1/desk/claims/release", json={"rows": rows})
    assert gone.json() == {"left": 1}
    assert (await desk(first, kind="order_in_trouble"))["rows"][0]["who"] is None
    async with database.transaction(tenant.id) as tx:
        recorded = await tx.execute(
            text("SELECT kind FROM core.events WHERE kind LIKE 'desk.%' ORDER BY id")
        )
        kinds = [row[0] for row in recorded]  # a heartbeat isn't one of them
        assert kinds == ["desk.taken", "desk.taken_over", "desk.left"]


async def test_of_two_clerks_at_once_one_is_on_it(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    known_id = await floor_of(database, tenant, keyrings)
    clerks = [await staff_client(app, database, tenant.id, Role.OPS) for _ in range(4)]
    body = {"rows": [{"kind": "order_in_trouble", "id": str(known_id)}]}
    answers = await asyncio.gather(*(each.post("/v1/desk/claims", json=body) for each in clerks))
    assert sorted(each.json()["claimed"] for each in answers) == [0, 0, 0, 1]


async def test_two_clerks_who_act_on_the_same_row_have_one_effect(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    known_id = await floor_of(database, tenant, keyrings)
    clerks = [await staff_client(app, database, tenant.id, Role.OPS) for _ in range(4)]
    body = {"ids": [str(known_id)]}
    answers = await asyncio.gather(
        *(each.post("/v1/shop-orders/try-again", json=body) for each in clerks)
    )
    codes = [(each.json()["outcomes"][0]["problem"] or {}).get("code") for each in answers]
    assert sorted(codes, key=str) == [None, *["not_in_trouble"] * 3]
    async with database.transaction(tenant.id) as tx:
        happened = await tx.execute(
            text("SELECT count(*) FROM core.events WHERE kind = 'shop_order.tried_again'")
        )
        assert happened.scalar_one() == 1
    assert (await desk(clerks[0], kind="order_in_trouble"))["rows"] == []


async def test_what_one_may_not_act_on_is_not_taken_and_what_is_solved_is_gone(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    await floor_of(database, tenant, keyrings)
    service = await staff_client(app, database, tenant.id, Role.SERVICE)
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    rows = {row["kind"]: row["id"] for row in (await desk(owner))["rows"]}
    wanted = [
        {"kind": "listing_unmapped", "id": rows["listing_unmapped"]},  # who maps it may
        {"kind": "offer_held", "id": rows["offer_held"]},  # which service doesn't see
        {"kind": "order_in_trouble", "id": str(uuid4())},
    ]
    for path, more in (("claims", {}), ("notes", {"text": "看过了"})):
        answer = await service.post(f"/v1/desk/{path}", json={"rows": wanted, **more})
        codes = [each["problem"]["code"] for each in answer.json()["outcomes"]]
        assert codes == ["not_yours_to_do", "matter_gone", "matter_gone"]
    async with database.transaction(tenant.id) as tx:
        for table in ("claims", "notes"):
            kept = await tx.execute(text(f"SELECT count(*) FROM desk.{table}"))
            assert kept.scalar_one() == 0


async def test_a_note_stays_with_its_subject_and_is_shown_in_its_row(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    await floor_of(database, tenant, keyrings)
    clerk = await staff_client(app, database, tenant.id, Role.OPS)
    [row] = (await desk(clerk, kind="short_line"))["rows"]
    name = {"kind": row["kind"], "id": row["id"]}
    noted = await clerk.post("/v1/desk/notes", json={"rows": [name], "text": " 买家愿意等到周五 "})
    assert noted.json()["noted"] == 1
    [row] = (await desk(clerk, kind="short_line"))["rows"]
    assert row["notes_count"] == 1
    assert (row["last_note"]["text"], row["last_note"]["who"]) == ("买家愿意等到周五", "ops")
    service = await staff_client(app, database, tenant.id, Role.SERVICE)
    cancelled = await service.post(f"/v1/orders/{row['order_id']}/cancel")
    assert cancelled.status_code in {200, 201}, cancelled.text
    assert (await desk(clerk, kind="short_line"))["rows"] == []
    for asked in ({"id": row["id"]}, {"order_id": row["order_id"]}):
        [note] = (await clerk.get("/v1/desk/notes", params=asked)).json()["notes"]
        assert note["text"] == "买家愿意等到周五"
    assert len((await clerk.get("/v1/desk/notes")).json()["notes"]) == 1
    missing = {"order_id": str(uuid4())}
    problem(await clerk.get("/v1/desk/notes", params=missing), 404, "unknown_order")


async def test_a_note_with_a_card_of_ours_is_refused_and_nothing_is_kept(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    known_id = await floor_of(database, tenant, keyrings)
    clerk = await staff_client(app, database, tenant.id, Role.OPS)
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    form = {"sku": "mgtv-month", "warehouse": "main", "supplier": "fulu", "unit_cost": "1"}
    form["text"] = "ABCD-1234-EF,pw9\n"
    made = await owner.post("/v1/imports", files={name: (None, it) for name, it in form.items()})
    assert made.status_code in {200, 201}, made.text
    rows = [{"kind": "order_in_trouble", "id": str(known_id)}]
    for written in (
        "卡是 ABCD-1234-EF，已失效",
        "ABCD-1234-EF----pw9",
        "卡号:ABCD-1234-EF",
    ):
        body = {"rows": rows, "text": written}
        answer = await clerk.post("/v1/desk/notes", json=body)
        problem(answer, 422, "note_has_card")
        assert "ABCD-1234" not in answer.text
    async with database.transaction(tenant.id) as tx:
        kept = await tx.execute(text("SELECT count(*) FROM desk.notes"))
        assert kept.scalar_one() == 0


async def test_another_merchants_rows_are_not_there(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    known_id = await floor_of(database, tenant, keyrings)
    rival = await make_tenant(database, "rival")
    stranger = await staff_client(app, database, rival.id, Role.OWNER)
    assert await desk(stranger) == {"rows": [], "total": 0, "counts": [], "next_after": None}
    rows = [{"kind": "order_in_trouble", "id": str(known_id)}]
    for path, more in (("claims", {"take_over": True}), ("notes", {"text": "看过了"})):
        answer = await stranger.post(f"/v1/desk/{path}", json={"rows": rows, **more})
        assert answer.json()["outcomes"][0]["problem"]["code"] == "matter_gone"
    asked = await stranger.get("/v1/desk/notes", params={"id": str(known_id)})
    assert asked.json() == {"notes": []}


async def test_a_key_of_a_store_sees_its_stores_rows_and_one_of_a_customer_none(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    known_id = await floor_of(database, tenant, keyrings)
    async with database.transaction(tenant.id) as tx:
        found = await tx.execute(text("SELECT code, id FROM channels.stores"))
        stores = {row.code: row.id for row in found}
        customer_id = uuid4()
        await tx.execute(
            text(
                "INSERT INTO customers.customers (tenant_id, id, code, name)"
                " VALUES (:tenant, :id, 'acme', 'acme')"
            ),
            {"tenant": tenant.id, "id": customer_id},
        )
    bound = (Permission.ORDERS_READ, Permission.ORDERS_WRITE)

    async def key(**of: UUID) -> KeyClient:
        return await key_client(app, database, keyrings, tenant.id, *bound, **of)

    mine = await key(store_id=stores["tb"])
    seen = (await mine.call("GET", "/v1/desk")).json()
    assert {row["store"]["code"] for row in seen["rows"]} == {"tb"}
    other = await key(store_id=stores["direct"])
    seen = (await other.call("GET", "/v1/desk")).json()
    assert {row["kind"] for row in seen["rows"]} == {"short_line"}
    body = {"rows": [{"kind": "order_in_trouble", "id": str(known_id)}]}
    refused = (await other.call("POST", "/v1/desk/claims", body)).json()
    assert refused["outcomes"][0]["problem"]["code"] == "matter_gone"
    customer = await key(customer_id=customer_id)
    assert (await customer.call("GET", "/v1/desk")).json()["rows"] == []
    assert (await customer.call("GET", "/v1/desk/counts")).json()["total"] == 0


async def put_asked(
    database: Database, tenant: Tenant, keyrings: Keyrings, count: int
) -> list[str]:
    async with database.transaction(tenant.id) as tx:
        floor: Floor = await make_floor(tx, tenant.id, keyrings)
        return [str(await put_purchase(floor, "asked")) for _ in range(count)]


async def test_many_purchases_are_approved_at_once_and_one_that_is_not_holds_up_none(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    ids = await put_asked(database, tenant, keyrings, 2)
    finance = await staff_client(app, database, tenant.id, Role.FINANCE)
    wanted = [ids[0], str(uuid4()), ids[1]]
    answer = await finance.post("/v1/purchases/approve", json={"ids": wanted})
    told = answer.json()
    assert told["done"] == 2
    assert [each["state"] for each in told["outcomes"]] == ["wanted", None, "wanted"]
    assert told["outcomes"][1]["problem"]["code"] == "unknown_purchase"
    again = (await finance.post("/v1/purchases/approve", json={"ids": ids})).json()
    assert [each["problem"]["code"] for each in again["outcomes"]] == ["purchase_moved"] * 2


async def test_who_asked_for_a_purchase_sees_why_another_must_approve_it(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    app = app_of(database, keyrings)
    ids = await put_asked(database, tenant, keyrings, 1)
    asker = await add_staff(database, tenant.id, Role.OWNER)
    async with database.transaction(tenant.id) as tx:
        for column in ("actor", "asked_by"):
            await tx.execute(
                text(f"UPDATE purchases.purchases SET {column} = :me WHERE {column} = :ann"),
                {"me": asker.actor, "ann": ANN},
            )
    client = await client_of_staff(app, database, asker)
    [row] = (await desk(client))["rows"]
    assert "approve" not in {can["act"] for can in row["can"]}
    assert row["blocked"]
    refused = (await client.post("/v1/purchases/approve", json={"ids": ids})).json()
    assert refused["outcomes"][0]["problem"]["code"] == "purchase_own"
    program = await key_client(app, database, keyrings, tenant.id, *Permission)
    answer = await program.call("POST", "/v1/purchases/approve", {"ids": ids})
    problem(answer, 403, "purchase_approver_not_a_person")


async def test_many_refunds_are_dismissed_and_alerts_seen_at_once(
    app: Litestar, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    await floor_of(database, tenant, keyrings)
    owner = await staff_client(app, database, tenant.id, Role.OWNER)
    rows = {row["kind"]: row["id"] for row in (await desk(owner))["rows"]}
    ids = [str(uuid4()), rows["shop_refund_in_trouble"]]
    body = {"ids": ids, "reason": "平台没有退钱"}
    told = (await owner.post("/v1/shop-refunds/dismiss", json=body)).json()
    assert [each["step"] for each in told["outcomes"]] == [None, "settled"]
    again = (await owner.post("/v1/shop-refunds/try-again", json={"ids": ids})).json()
    assert again["done"] == 0
    assert again["outcomes"][1]["problem"]["code"] == "shop_refund_not_in_trouble"
    ids = [rows["price_moved"], str(uuid4())]
    told = (await owner.post("/v1/price-alerts/seen", json={"ids": ids})).json()
    assert (told["done"], told["outcomes"][0]["problem"]) == (1, None)
    left = {row["kind"] for row in (await desk(owner))["rows"]}
    assert not left & {"shop_refund_in_trouble", "price_moved"}
