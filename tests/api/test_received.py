"""HTTP of cards that came by mail or chat: whole bodies, each role, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from kashu.purchases.reads import Attempt
from tests.api.calls import staff_client
from tests.conftest import Tenant
from tests.purchases.by_hand import CARDS, open_by_hand, ordered
from tests.purchases.world import World


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    return await open_by_hand(database, tenant, keyrings)


@pytest.fixture
async def ops(app: Litestar, world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, world.database, world.tenant.id, Role.OPS) as client:
        yield client


async def send(
    client: httpx.AsyncClient, attempt: Attempt, cards: str = CARDS, **form: str
) -> httpx.Response:
    files = {"file": ("cards.csv", cards.encode())}
    path = f"/v1/supplier-orders/{attempt.id}/cards"
    return await client.post(path, data=form, files=files)


async def test_a_file_is_previewed_and_then_taken(ops: httpx.AsyncClient, world: World) -> None:
    attempt = await ordered(world)
    foreseen = (await send(ops, attempt, dry_run="true")).json()
    assert (foreseen["state"], foreseen["received"]) == ("processing", 0)
    assert await world.stock_count() == 0
    answer = await send(ops, attempt)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    report = told.pop("report")
    assert told == {
        "number": attempt.number,
        "supplier_id": str(attempt.supplier_id),
        "ordered": 3,
        "total": "27.00",
        "currency": "CNY",
        "state": "succeeded",
        "received": 3,
        "turned_away": 0,
    }
    assert (report["read"], report["accepted"], report["rejected"]) == (4, 3, 0)
    assert "KAMI" not in answer.text
    assert await world.stock_count() == 3


async def test_what_is_pasted_is_taken_too(ops: httpx.AsyncClient, world: World) -> None:
    attempt = await ordered(world)
    path = f"/v1/supplier-orders/{attempt.id}/cards"
    files = {"text": (None, CARDS.encode()), "charged": (None, b"26.0000")}
    answer = await ops.post(path, files=files)
    assert answer.json()["received"] == 3


async def test_what_does_not_fit_is_refused_until_it_is_meant_so(
    ops: httpx.AsyncClient, world: World
) -> None:
    attempt = await ordered(world)
    wrong = CARDS.replace("KAMI00000003,MIMA00000003", "你好")
    refused = await send(ops, attempt, wrong)
    assert refused.status_code == 422
    assert refused.json()["code"] == "received_file_not_whole"
    assert [each["at"] for each in refused.json()["problems"]] == ["row 4"]
    assert "KAMI" not in refused.text
    assert await world.stock_count() == 0
    taken = await send(ops, attempt, wrong, as_it_is="true")
    assert taken.json()["received"] == 2
    again = await send(ops, attempt)
    assert (again.status_code, again.json()["code"]) == (409, "attempt_settled")
    assert await world.stock_count() == 2


async def test_nothing_and_both_are_refused(ops: httpx.AsyncClient, world: World) -> None:
    attempt = await ordered(world)
    path = f"/v1/supplier-orders/{attempt.id}/cards"
    nothing = await ops.post(path, files={"charged": (None, b"1.00")})
    both = await send(ops, attempt, text=CARDS)
    unknown = await ops.post(
        f"/v1/supplier-orders/{uuid4()}/cards", files={"text": (None, CARDS.encode())}
    )
    assert (nothing.status_code, both.status_code, unknown.status_code) == (422, 422, 404)
    assert await world.stock_count() == 0


@pytest.mark.parametrize("role", Role)
async def test_who_may_hand_cards_in(app: Litestar, world: World, role: Role) -> None:
    attempt = await ordered(world)
    needed = {Permission.PURCHASES_WRITE, Permission.STOCK_IMPORT}
    async with await staff_client(app, world.database, world.tenant.id, role) as client:
        answer = await send(client, attempt)
    assert answer.status_code == (200 if needed <= ROLE_PERMISSIONS[role] else 403)
    assert await world.stock_count() == (3 if answer.status_code == 200 else 0)
