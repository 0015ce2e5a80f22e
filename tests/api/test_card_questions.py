"""Whoever asks which values are our cards is on record, and can't guess for long."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from kashu.core.events import events
from kashu.stock.questions import UNKNOWN_AN_HOUR
from tests.api.calls import key_client, problem, staff_client
from tests.api.world import World, make_world
from tests.conftest import Tenant

CARD = "MG01"
GUESSES = [f"GUESS{n:05}" for n in range(UNKNOWN_AN_HOUR)]


@pytest.fixture
async def world(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    return await make_world(app, database, keyrings, tenant)


@pytest.fixture
async def clerk(app: Litestar, world: World) -> httpx.AsyncClient:
    return await staff_client(app, world.database, world.tenant.id, Role.SERVICE)


async def which(client: httpx.AsyncClient, *values: str) -> httpx.Response:
    return await client.post("/v1/stock/cards/which", json={"values": values})


async def find(client: httpx.AsyncClient, written: str) -> httpx.Response:
    return await client.post("/v1/stock/cards/find", json={"q": written})


async def questions(world: World) -> list[dict[str, Any]]:
    async with world.database.transaction(world.tenant.id) as tx:
        found = await tx.execute(
            select(events.c.facts, events.c.actor)
            .where(events.c.kind == "card_question.asked")
            .order_by(events.c.id)
        )
        return [row.facts | {"actor": row.actor} for row in found]


async def test_each_question_is_on_record_and_never_what_was_asked_about(
    clerk: httpx.AsyncClient, world: World
) -> None:
    await which(clerk, CARD, "NEVER-SEEN-1", "NUMBER77 PASS88")
    await find(clerk, CARD)
    await find(clerk, "NEVER-SEEN-2")
    await clerk.post("/v1/search", json={"q": "NEVER-SEEN-3"})
    await clerk.post("/v1/stock/cards/search", json={"value": "NEVER-SEEN-4"})
    told = await questions(world)
    assert [(one["where"], one["values"], one["found"], one["unknown"]) for one in told] == [
        ("list", 3, 1, 3),  # of a line each part is a guess
        ("search", 1, 1, 0),
        ("search", 1, 0, 1),
        ("search", 1, 0, 1),
        ("search", 1, 0, 1),
    ]
    assert len({one["actor"] for one in told}) == 1
    assert told[0]["actor"].startswith("staff:")
    async with world.database.transaction(world.tenant.id) as tx:
        kept = await tx.execute(text("SELECT string_agg(e::text, '') FROM core.events AS e"))
        written = kept.scalar_one()
    for value in (CARD, "NEVER-SEEN", "NUMBER77", "PASS88"):
        assert value not in written


@pytest.mark.parametrize(
    "line", [f"卡号：{CARD} 密码：NONE5555", f"7. Card:{CARD} Password: NONE5555", f"卡密:{CARD}"]
)
async def test_a_card_is_known_with_what_a_chat_writes_around_it(
    clerk: httpx.AsyncClient, line: str
) -> None:
    [row] = (await which(clerk, line)).json()["rows"]
    assert row["status"] == "available"


async def test_what_is_found_by_something_else_is_no_question_about_a_card(
    clerk: httpx.AsyncClient, world: World
) -> None:
    assert (await clerk.post("/v1/search", json={"q": "mgtv"})).json()["groups"]
    assert (await clerk.post("/v1/search", json={"q": "W1"})).json()["groups"]
    assert (await find(clerk, world.things["lot_id"])).json()["cards"]
    assert await questions(world) == []


async def test_whoever_guessed_for_an_hour_is_refused_and_told_what_to_do(
    app: Litestar, clerk: httpx.AsyncClient, world: World
) -> None:
    assert (await which(clerk, *GUESSES)).json()["counts"] == {"unknown": UNKNOWN_AN_HOUR}
    asked = await questions(world)
    for answer in (
        await which(clerk, CARD),  # found or not: or it would tell
        await which(clerk, "NEVER-SEEN-1"),
        await find(clerk, CARD),
        await clerk.post("/v1/search", json={"q": CARD}),
        await clerk.post("/v1/stock/cards/search", json={"value": CARD}),
    ):
        problem(answer, 403, "card_questions_used")
        assert CARD not in answer.text
    assert await questions(world) == asked
    english = await clerk.post(
        "/v1/stock/cards/which", json={"values": [CARD]}, headers={"Accept-Language": "en"}
    )
    assert "have the owner ask" in english.json()["detail"]
    assert (await clerk.post("/v1/search", json={"q": "W1"})).json()["groups"]  # as ever
    tail = await clerk.post("/v1/stock/cards/search", json={"line_id": world.things["line_id"]})
    assert tail.status_code == 200
    other = await staff_client(app, world.database, world.tenant.id, Role.OWNER)
    assert (await which(other, CARD)).json()["counts"] == {"available": 1}


async def test_a_list_of_too_many_guesses_tells_nothing_and_counts_in_whole(
    clerk: httpx.AsyncClient, world: World
) -> None:
    problem(await which(clerk, CARD, *GUESSES, "ONE-MORE"), 403, "card_questions_used")
    [asked] = await questions(world)
    assert (asked["found"], asked["unknown"]) == (1, UNKNOWN_AN_HOUR + 1)
    problem(await which(clerk, CARD), 403, "card_questions_used")


async def test_cards_that_are_found_cost_nothing(clerk: httpx.AsyncClient, world: World) -> None:
    for _ in range(3):
        answer = await which(clerk, *[f"{CARD} p1"] * 900)
        assert answer.json()["counts"] == {"available": 1, "repeated": 899}
    assert sum(one["unknown"] for one in await questions(world)) == 0


async def test_guesses_before_a_card_in_one_line_are_guesses(
    clerk: httpx.AsyncClient, world: World
) -> None:
    await which(clerk, f"GUESS-1 GUESS-2 {CARD}")
    [asked] = await questions(world)
    assert (asked["found"], asked["unknown"]) == (1, 2)


async def test_two_requests_at_once_dont_both_fit(clerk: httpx.AsyncClient, world: World) -> None:
    half = GUESSES[: UNKNOWN_AN_HOUR // 2 + 1]
    answers = await asyncio.gather(which(clerk, *half), which(clerk, *half))
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    assert len(await questions(world)) == 2


async def test_a_program_is_limited_as_people_are(
    app: Litestar, keyrings: Keyrings, world: World
) -> None:
    key = await key_client(app, world.database, keyrings, world.tenant.id, Permission.STOCK_READ)
    path = "/v1/stock/cards/which"
    assert (await key.call("POST", path, {"values": GUESSES})).status_code == 200
    problem(await key.call("POST", path, {"values": [CARD]}), 403, "card_questions_used")
    assert (await questions(world))[0]["actor"].startswith("key:")


async def test_notes_dont_do_for_guessing(app: Litestar, world: World) -> None:
    owner = await staff_client(app, world.database, world.tenant.id, Role.OWNER)
    shown = (await owner.get("/v1/desk")).json()["rows"]
    [asked, *_] = [row for row in shown if row["can"]]
    rows = [{"kind": asked["kind"], "id": asked["id"]}]

    async def note(written: str) -> httpx.Response:
        return await owner.post("/v1/desk/notes", json={"rows": rows, "text": written})

    assert (await note("买家说明天再来")).json()["noted"] == 1
    assert await questions(world) == []
    assert (await note("order 20261123 again")).json()["noted"] == 1
    [told] = await questions(world)
    assert (told["where"], told["unknown"]) == ("note", 1)
    await which(owner, *GUESSES[1:])
    problem(await note(f"card {CARD}"), 403, "card_questions_used")
    assert (await note("only words")).json()["noted"] == 1


async def test_who_may_note_nothing_learns_nothing(
    app: Litestar, keyrings: Keyrings, world: World
) -> None:
    key = await key_client(app, world.database, keyrings, world.tenant.id, Permission.ORDERS_WRITE)
    rows = [{"kind": "short_line", "id": world.things["line_id"]}]
    told = []
    for value in (CARD, "NEVER-SEEN-1"):
        body = {"rows": rows, "text": f"card {value}"}
        told.append(await key.call("POST", "/v1/desk/notes", body))
    assert [answer.json()["noted"] for answer in told] == [0, 0]
    assert told[0].text == told[1].text
    assert await questions(world) == []
