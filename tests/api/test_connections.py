"""HTTP of connections: the store's platform is linked by who may, and no secret comes back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.channel import Window
from kashu.channels.connections import Connection, connection_of, connections_to_ask
from kashu.channels.missed import note_missed
from kashu.channels.reads import store_by_code
from kashu.channels.tables import connections
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.simulators.youzan import CLIENT_SECRET
from tests.adapters.youzan_shop import SHOP_ID
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import CONNECTION, Stand, stand, text_of
from tests.conftest import Tenant


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        yield opened


async def test_a_store_is_connected_permitted_and_set_to_work(shop: Stand) -> None:
    problem(await shop.owner.get(CONNECTION), 409, "store_not_connected")
    made = (await shop.owner.put(CONNECTION, json=shop.body)).json()
    assert (made["grant"], made["mode"], made["shop_id"]) == ("wanted", "stopped", None)
    asked = {"redirect": "https://kashu.example/back", "state": "s1"}
    there = await shop.owner.post(f"{CONNECTION}/authorization", json=asked)
    assert "s1" in there.json()["url"]
    granted = await shop.owner.post(f"{CONNECTION}/grant", json={"code": SHOP_ID})
    assert (granted.json()["grant"], granted.json()["shop_id"]) == ("granted", SHOP_ID)
    working = await shop.owner.post(f"{CONNECTION}/mode", json={"mode": "automatic"})
    assert working.json()["mode"] == "automatic"
    read = (await shop.owner.get(CONNECTION)).json()
    assert (read["grant"], read["mode"], read["failures"]) == ("granted", "automatic", 0)


async def test_no_secret_is_ever_in_an_answer_or_an_event(shop: Stand) -> None:
    answers = [await shop.owner.put(CONNECTION, json=shop.body)]
    answers.append(await shop.owner.post(f"{CONNECTION}/grant", json={"code": SHOP_ID}))
    answers.append(await shop.owner.get(CONNECTION))
    answers.append(await shop.owner.get("/v1/stores"))
    _, link = shop.outside.reach(shop.tenant.id, await _connection(shop))
    assert link.grant is not None
    secrets = [CLIENT_SECRET, link.grant.access_token.clear, "not to be seen"]
    async with shop.database.transaction(shop.tenant.id) as tx:
        events = str((await tx.exec_driver_sql("SELECT * FROM core.events")).all())
    async with shop.database.transaction(shop.tenant.id) as tx:
        kept = str((await tx.execute(select(connections))).all())
    for secret in secrets:
        assert secret not in kept
        assert not any(secret in text_of(answer) for answer in answers)
        assert secret not in events
    assert answers[-2].json()["options"]["push_key"] == "•••"
    assert answers[-2].json()["options"]["shop"] == SHOP_ID


async def _connection(shop: Stand) -> Connection:
    async with shop.database.transaction(shop.tenant.id) as tx:
        return (await connections_to_ask(tx, shop.tenant.id, now()))[0]


async def _stored(shop: Stand) -> Connection:
    async with shop.database.transaction(shop.tenant.id) as tx:
        store = await store_by_code(tx, shop.tenant.id, "yz")
        return await connection_of(tx, shop.tenant.id, store.id)


async def test_a_token_that_a_console_shows_is_kept_as_it_is_given(shop: Stand) -> None:
    await shop.owner.put(CONNECTION, json=shop.body)
    token = {"access_token": "from the console", "shop_id": "77"}
    answer = await shop.owner.post(f"{CONNECTION}/grant", json=token)
    assert (answer.json()["grant"], answer.json()["shop_id"]) == ("granted", "77")
    assert "from the console" not in text_of(answer)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "grant_of_nothing"),
        ({"access_token": ""}, 422, "invalid"),
        ({"access_token": "t"}, 422, "shop_id_missing"),
        ({"access_token": "t", "expires_at": "2030-01-01T00:00:00"}, 422, "invalid"),
        ({"code": "c", "colour": "red"}, 422, "invalid"),
    ],
)
async def test_a_grant_that_can_not_be_changes_nothing(
    shop: Stand, body: dict[str, str], status: int, code: str
) -> None:
    await shop.owner.put(CONNECTION, json=shop.body)
    answer = await shop.owner.post(f"{CONNECTION}/grant", json=body)
    assert answer.status_code == status, answer.text
    if code != "invalid":
        problem(answer, status, code)
    assert (await shop.owner.get(CONNECTION)).json()["grant"] == "wanted"


@pytest.mark.parametrize(
    "base_url",
    ["ftp://x", "https://user@host", "https://host?x=1", "https://host#x", "https://a\\@b", "x"],
)
async def test_an_address_that_can_not_be_is_refused(shop: Stand, base_url: str) -> None:
    answer = await shop.owner.put(CONNECTION, json=shop.body | {"base_url": base_url})
    assert answer.status_code == 422, answer.text
    problem(await shop.owner.get(CONNECTION), 409, "store_not_connected")


async def test_connecting_anew_takes_back_what_was_permitted(shop: Stand) -> None:
    await shop.connect()
    again = await shop.owner.put(CONNECTION, json=shop.body | {"base_url": "https://b.example"})
    assert (again.json()["grant"], again.json()["shop_id"]) == ("wanted", None)
    answer = await shop.owner.post("/v1/stores/yz/listings/fetch")
    problem(answer, 409, "store_not_granted")


async def test_a_secret_that_comes_back_hidden_is_kept(shop: Stand) -> None:
    await shop.connect()
    shown = (await shop.owner.get(CONNECTION)).json()["options"]
    assert shown["push_key"] == "•••"
    again = await shop.owner.put(CONNECTION, json=shop.body | {"options": shown | {"memo": "x"}})
    assert again.status_code == 200, again.text
    assert again.json()["options"] == shown | {"memo": "x"}
    _, link = shop.outside.reach(shop.tenant.id, await _stored(shop))
    assert link.app.options == shop.body["options"] | {"memo": "x"}


@pytest.mark.parametrize(
    "change",
    [
        {"options": {"another_key": "•••"}},  # there is none
        {"base_url": "https://b.example"},  # nobody else gets what this one was trusted with
        {"app_key": "another"},
    ],
)
async def test_a_hidden_secret_that_is_not_to_be_kept_is_refused(
    shop: Stand, change: dict[str, Any]
) -> None:
    await shop.connect()
    before = (await shop.owner.get(CONNECTION)).json()
    body = shop.body | {"options": before["options"]} | change
    problem(await shop.owner.put(CONNECTION, json=body), 422, "option_hidden")
    assert (await shop.owner.get(CONNECTION)).json() == before


async def test_hidden_secrets_connect_no_store_anew(shop: Stand) -> None:
    body = shop.body | {"options": {"push_key": "•••"}}
    problem(await shop.owner.put(CONNECTION, json=body), 422, "option_hidden")
    problem(await shop.owner.get(CONNECTION), 409, "store_not_connected")


async def test_one_shop_is_not_two_stores(shop: Stand) -> None:
    await shop.connect()
    second = {"code": "yz2", "name": "又一个", "channel": "youzan"}
    await shop.owner.post("/v1/stores", json=second)
    await shop.owner.put("/v1/stores/yz2/connection", json=shop.body)
    answer = await shop.owner.post("/v1/stores/yz2/connection/grant", json={"code": SHOP_ID})
    problem(answer, 409, "shop_connected_elsewhere")
    assert (await shop.owner.get("/v1/stores/yz2/connection")).json()["grant"] == "wanted"


async def test_a_store_without_a_platform_is_not_connected(shop: Stand) -> None:
    await shop.owner.post("/v1/stores", json={"code": "own", "name": "直销", "channel": "direct"})
    answer = await shop.owner.put("/v1/stores/own/connection", json=shop.body)
    problem(answer, 422, "channel_not_installed")


async def test_who_may_not_set_the_shop_up_learns_nothing_of_it(
    shop: Stand, keyrings: Keyrings, other_tenant: Tenant
) -> None:
    await shop.connect()
    calls = (
        ("PUT", CONNECTION, shop.body),
        ("GET", CONNECTION, None),
        ("POST", f"{CONNECTION}/authorization", {"redirect": "https://a.example", "state": "s"}),
        ("POST", f"{CONNECTION}/grant", {"access_token": "t"}),
        ("POST", f"{CONNECTION}/mode", {"mode": "automatic"}),
        ("POST", f"{CONNECTION}/missed/acknowledge", None),
    )
    before = await rows(shop)
    for role in (Role.OPS, Role.FINANCE, Role.SERVICE, Role.AUDITOR):
        person = await staff_client(shop.app, shop.database, shop.tenant.id, role)
        for method, path, body in calls:
            problem(await person.request(method, path, json=body), 403, "not_allowed")
    rival = await staff_client(shop.app, shop.database, other_tenant.id, Role.OWNER)
    for method, path, body in calls:
        problem(await rival.request(method, path, json=body), 404, "unknown_store")
        problem(await shop.anybody.request(method, path, json=body), 401, "not_signed_in")
    bound = await key_client(
        shop.app,
        shop.database,
        keyrings,
        shop.tenant.id,
        *Permission,
        store_id=(await rows(shop))[0].store_id,
    )
    for method, path, body in calls:
        problem(await bound.call(method, path, body), 403, "key_is_bound")
    assert await rows(shop) == before


async def rows(shop: Stand) -> list[Any]:
    async with shop.database.transaction(shop.tenant.id) as tx:
        return list((await tx.execute(select(connections))).all())


async def test_what_was_missed_is_shown_until_it_is_acknowledged(shop: Stand) -> None:
    await shop.connect()
    problem(await shop.owner.post(f"{CONNECTION}/missed/acknowledge"), 409, "nothing_missed")
    async with shop.database.transaction(shop.tenant.id) as tx:
        store_id = (await tx.execute(select(connections.c.store_id))).scalar_one()
        await note_missed(tx, shop.tenant.id, store_id, Window(now() - timedelta(days=1), now()))
    read = (await shop.owner.get(CONNECTION)).json()
    assert read["said"] == "history_missed"
    assert read["missed_from"] < read["missed_until"]
    answer = await shop.owner.post(f"{CONNECTION}/missed/acknowledge")
    assert (answer.status_code, answer.json()["missed_from"], answer.json()["said"]) == (
        200,
        None,
        "",
    )


async def test_an_interval_of_asking_that_can_not_be_is_refused(shop: Stand) -> None:
    wrong = shop.body | {"options": {"ask_every_s": "soon"}}
    problem(await shop.owner.put(CONNECTION, json=wrong), 422, "ask_every_wrong")
    problem(await shop.owner.get(CONNECTION), 409, "store_not_connected")
