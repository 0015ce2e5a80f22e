"""Orders at suppliers over HTTP: money in doubt, deciding, submitting, and their notices."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from kashu.purchases.kinds import AttemptState
from kashu.suppliers.connections import connection_of
from kashu.suppliers.upstream import Can
from tests.api.calls import problem, staff_client
from tests.conftest import Tenant
from tests.purchases.abroad import HOUSE, make_world_abroad
from tests.purchases.counterpart import Fault
from tests.purchases.world import COST_E4, World, make_world

CARDS = {"cards": [{"number": "H1234567890123456", "password": "PW1"}]}
NOT_BOUGHT = {"reason": "客服：没有这个单号", "evidence": "聊天记录"}


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with one supplier that can't be asked."""
    world = await make_world(database, tenant, keyrings, [])
    await world.add("fulu", can=frozenset(Can) - {Can.ASK, Can.ASK_THEIRS}, stock=200)
    return world


@pytest.fixture
async def clerk(
    app: Litestar, database: Database, tenant: Tenant
) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, database, tenant.id, Role.OPS) as client:
        yield client


async def _left_to_people(world: World, quantity: int = 1) -> str:
    world.houses["fulu"].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want(quantity)
    await world.place()
    await world.later(seconds=5)
    await world.ask()
    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.MANUAL
    return str(attempt.id)


async def test_money_in_doubt_is_shown_with_what_may_be_done(
    world: World, clerk: httpx.AsyncClient
) -> None:
    attempt_id = await _left_to_people(world, 2)
    shown = (await clerk.get("/v1/money-in-doubt")).json()
    assert shown["total"] == "20.00"
    [supplier] = shown["suppliers"]
    assert (supplier["supplier"], supplier["orders"], supplier["left_to_people"]) == ("fulu", 1, 1)
    [order] = shown["orders"]
    assert (order["id"], order["state"]) == (attempt_id, "manual")
    assert order["can"] == ["ask", "bought", "not_bought"]
    assert order["next_at"] is None


async def test_an_auditor_sees_it_and_decides_nothing(
    app: Litestar, database: Database, tenant: Tenant, world: World
) -> None:
    attempt_id = await _left_to_people(world)
    async with await staff_client(app, database, tenant.id, Role.AUDITOR) as auditor:
        [order] = (await auditor.get("/v1/money-in-doubt")).json()["orders"]
        assert order["can"] == []
        for path, body in (("bought", CARDS), ("not-bought", NOT_BOUGHT), ("ask", None)):
            answer = await auditor.post(f"/v1/supplier-orders/{attempt_id}/{path}", json=body)
            assert answer.status_code == 403
    assert (await world.live())[0].state is AttemptState.MANUAL


async def test_cards_that_came_are_taken_and_never_shown(
    world: World, clerk: httpx.AsyncClient
) -> None:
    attempt_id = await _left_to_people(world)
    answer = await clerk.post(
        f"/v1/supplier-orders/{attempt_id}/bought", json=CARDS | {"charged": "9.99"}
    )
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["state"], shown["received"], shown["charged"]) == ("succeeded", 1, "9.99")
    assert [each["bought"] for each in shown["verdicts"]] == [True]
    assert "H1234567890123456" not in answer.text
    again = await clerk.post(f"/v1/supplier-orders/{attempt_id}/bought", json=CARDS)
    problem(again, 409, "attempt_settled")
    assert await world.stock_count() == 1


async def test_what_is_ordered_in_euros_says_so_and_sums_are_in_yuan(
    database: Database, tenant: Tenant, keyrings: Keyrings, clerk: httpx.AsyncClient
) -> None:
    world = await make_world_abroad(database, tenant, keyrings)
    world.houses[HOUSE].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want()
    await world.place()
    shown = (await clerk.get("/v1/money-in-doubt")).json()
    assert (shown["total"], shown["currency"]) == ("78.1235", "CNY")
    [supplier] = shown["suppliers"]
    assert (supplier["amount"], supplier["currency"]) == ("78.1235", "CNY")
    [order] = shown["orders"]
    assert (order["total"], order["currency"]) == ("10.00", "EUR")
    assert order["total_in_ours"] == "78.1235"

    path = f"/v1/supplier-orders/{order['id']}/bought"
    problem(await clerk.post(path, json=CARDS | {"charged": "-1"}), 422, "amount_unreadable")
    assert await world.stock_count() == 0
    bought = (await clerk.post(path, json=CARDS | {"charged": "9.9925"})).json()
    assert (bought["charged"], bought["currency"]) == ("9.9925", "EUR")
    whole = (await clerk.get(f"/v1/purchases/{purchase_id}")).json()
    told = {each["currency"]: each["received"] for each in whole["money_by_currency"]}
    assert (told, whole["money"]["currency"]) == ({"EUR": "9.9925"}, "CNY")
    assert whole["money"]["received"] == "78.0649"
    assert (whole["purchase"]["cost"], whole["purchase"]["currency"]) == ("78.0649", "CNY")
    assert (whole["attempts"][0]["total"], whole["attempts"][0]["currency"]) == ("10.00", "EUR")
    assert (whole["lots"][0]["cost"], whole["lots"][0]["currency"]) == ("9.9925", "EUR")


async def test_what_was_not_bought_needs_two_above_the_limit(
    app: Litestar, database: Database, tenant: Tenant, world: World, clerk: httpx.AsyncClient
) -> None:
    attempt_id = await _left_to_people(world, 60)
    path = f"/v1/supplier-orders/{attempt_id}/not-bought"
    assert (await clerk.post(path, json={"reason": " ", "evidence": "x"})).status_code == 422
    assert (await clerk.post(path, json=NOT_BOUGHT)).json()["state"] == "manual"
    assert (await clerk.post(path, json=NOT_BOUGHT)).status_code == 403
    async with await staff_client(app, database, tenant.id, Role.FINANCE) as second:
        shown = (await second.post(path, json=NOT_BOUGHT)).json()
    assert (shown["state"], len(shown["verdicts"])) == ("refused", 2)
    assert (await world.money("fulu")).in_doubt_e4 == 0


async def test_nobodys_order_is_not_found(clerk: httpx.AsyncClient, world: World) -> None:
    for path in ("", "/ask", "/bought", "/not-bought"):
        url = f"/v1/supplier-orders/{uuid4()}{path}"
        bodies = {"/bought": CARDS, "/not-bought": NOT_BOUGHT}
        answer = await (clerk.post(url, json=bodies.get(path)) if path else clerk.get(url))
        problem(answer, 404, "unknown_attempt")
    assert (await clerk.get(f"/v1/purchases/{uuid4()}/orders")).status_code == 404
    assert (await clerk.post(f"/v1/purchases/{uuid4()}/place")).status_code == 404
    assert await world.live() == []


async def test_submitting_says_why_nobody_can_be_asked(
    world: World, clerk: httpx.AsyncClient
) -> None:
    """The application's clock is ours, and the price was told long before."""
    purchase_id = await world.want()
    answer = await clerk.post(f"/v1/purchases/{purchase_id}/place")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["state"], shown["said"], shown["order"]) == ("held", "stale", None)
    assert (await clerk.get(f"/v1/purchases/{purchase_id}/orders")).json() == []


async def test_submitting_what_is_under_way_orders_nothing(
    world: World, clerk: httpx.AsyncClient
) -> None:
    world.houses["fulu"].instant = False
    purchase_id = await world.want()
    await world.place()
    answer = await clerk.post(f"/v1/purchases/{purchase_id}/place")
    problem(answer, 409, "purchase_under_way")
    assert len(await world.attempts(purchase_id)) == 1


async def test_notices_are_refused_without_telling_why(
    world: World, anybody: httpx.AsyncClient
) -> None:
    """The address of a supplier that speaks a real protocol; nobody signed."""
    world.houses["fulu"].instant = False
    purchase_id = await world.want()
    await world.place()
    before = await world.attempt(purchase_id)
    async with world.database.transaction(world.tenant.id) as tx:
        supplier_id = world.suppliers["fulu"]
        token = (await connection_of(tx, world.tenant.id, supplier_id)).notice_token
    url = f"/notices/{world.tenant.id}/{token}"
    answers = [
        await anybody.get(url, params={"a": "b"}),
        await anybody.post(url, content=b"\xff" * 100),
        await anybody.post(url, json={"order_no": before.number}),
        await anybody.post(url, data={"order_no": before.number}),
        await anybody.put(url, content=b"{"),
    ]
    assert all(answer.status_code < 500 for answer in answers)
    assert len({answer.content for answer in answers}) == 1
    for nobodys in (f"/notices/{world.tenant.id}/x", f"/notices/999/{token}", "/notices/0/x"):
        assert (await anybody.post(nobodys)).status_code == 404
    too_large = await anybody.post(url, content=b"x" * (257 << 10))
    assert too_large.status_code == 413
    assert await world.attempt(purchase_id) == before
    assert (await world.money("fulu")).in_doubt_e4 == COST_E4
    assert before.made_at + timedelta(days=1) > world.clock()
