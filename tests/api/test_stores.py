"""HTTP of stores: how each stands, what is asked of whoever connects one, and the brake."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.asks import Way
from kashu.core.db import Database
from kashu.entry.channels import ASKING, OURS
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku

STORES = "/v1/stores"
STOP = "/v1/automation/stop"
PUBLISHING = f"/v1/stores/{STORE}/publishing"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        yield opened


async def sold_and_unmapped(shop: Stand) -> None:
    """Connect the store, let it act, and have one order come whose listing stands for nothing."""
    await shop.connect()
    await shop.owner.post(f"{STORES}/{STORE}/connection/mode", json={"mode": "automatic"})
    sold = shop.street.shop.sell((shop.street.month(), 1))
    await shop.push(*shop.street.platform.push(shop.street.shop, sold))
    await shop.work()


async def test_how_a_store_stands_is_told_to_who_reads_orders(shop: Stand) -> None:
    await sold_and_unmapped(shop)
    service = await staff_client(shop.app, shop.database, shop.tenant.id, Role.SERVICE)
    bare = (await service.get(STORES)).json()
    assert (bare["total"], bare["stores"][0]["health"]) == (1, None)
    [store] = (await service.get(STORES, params={"health": True})).json()["stores"]
    health = store["health"]
    assert (health["grant"], health["mode"], health["failures"]) == ("granted", "automatic", 0)
    assert health["waiting"] == {"unmapped": 1}
    assert (health["listings"], health["on_sale"], health["unmapped"]) == (1, 1, 1)
    assert health["pushed_at"] is not None  # the platform told us of the order
    assert health["read_until"] is not None
    assert store["can"] == []
    assert (await service.get(f"{STORES}/{STORE}")).json() == store
    owner = (await shop.owner.get(f"{STORES}/{STORE}")).json()
    assert {"connect", "set_mode", "stop", "change_publishing", "close"} <= set(owner["can"])
    ops = await staff_client(shop.app, shop.database, shop.tenant.id, Role.OPS)
    theirs = (await ops.get(f"{STORES}/{STORE}")).json()["can"]
    assert "stop" in theirs
    assert not {"connect", "set_mode", "change"} & set(theirs)


async def test_one_call_stops_everything_and_says_what_is_left_to_people(shop: Stand) -> None:
    await sold_and_unmapped(shop)
    ops = await staff_client(shop.app, shop.database, shop.tenant.id, Role.OPS)
    answer = await ops.post(STOP, json={})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "changed": 1,
        "stores": [
            {"store": STORE, "name": "有赞店", "was": "automatic", "waiting": {"unmapped": 1}}
        ],
    }
    assert (await ops.get(f"{STORES}/{STORE}")).json()["health"]["mode"] == "stopped"
    async with shop.database.transaction(shop.tenant.id) as tx:
        sku_id = str(await make_sku(tx, shop.tenant.id))
    listing = (await ops.get(f"{STORES}/{STORE}/listings")).json()["listings"][0]
    await ops.patch(f"/v1/listings/{listing['id']}", json={"sku_id": sku_id})
    await shop.work()
    assert [step for _, step, _ in await shop.known()] == ["due"]  # collected, and no card
    again = (await ops.post(STOP, json={"stores": [STORE]})).json()
    assert (again["changed"], again["stores"][0]["waiting"]) == (0, {"due": 1})


async def test_who_may_not_stop_a_store_stops_none(
    shop: Stand, keyrings: Keyrings, other_tenant: Tenant
) -> None:
    await sold_and_unmapped(shop)
    for role in (Role.SERVICE, Role.FINANCE, Role.AUDITOR):
        person = await staff_client(shop.app, shop.database, shop.tenant.id, role)
        problem(await person.post(STOP, json={}), 403, "not_allowed")
        problem(await person.patch(PUBLISHING, json={"buffer": 5}), 403, "not_allowed")
    rival = await staff_client(shop.app, shop.database, other_tenant.id, Role.OWNER)
    problem(await rival.post(STOP, json={"stores": [STORE]}), 404, "unknown_store")
    assert (await rival.post(STOP, json={})).json()["changed"] == 0
    problem(await rival.patch(PUBLISHING, json={"buffer": 5}), 404, "unknown_store")
    store = (await shop.owner.get(f"{STORES}/{STORE}")).json()
    bound = await key_client(
        shop.app, shop.database, keyrings, shop.tenant.id, *Permission, store_id=UUID(store["id"])
    )
    problem(await bound.call("POST", STOP, {}), 403, "key_is_bound")
    assert (await shop.owner.get(f"{STORES}/{STORE}")).json()["health"] == store["health"]


async def test_a_store_shows_a_share_of_what_can_be_sold_less_a_buffer(shop: Stand) -> None:
    problem(await shop.owner.patch(PUBLISHING, json={"buffer": 5}), 409, "store_not_connected")
    await shop.connect()
    changed = await shop.owner.patch(PUBLISHING, json={"share_percent": 60, "buffer": 5})
    assert changed.status_code == 200, changed.text
    health = changed.json()["health"]
    assert (health["share_percent"], health["buffer"]) == (60, 5)
    for wrong in ({"share_percent": 101}, {"buffer": -1}, {"share_percent": "60"}):
        assert (await shop.owner.patch(PUBLISHING, json=wrong)).status_code == 422
    kept = (await shop.owner.get(f"{STORES}/{STORE}")).json()["health"]
    assert (kept["share_percent"], kept["buffer"]) == (60, 5)


async def test_each_platform_tells_what_connecting_it_asks_for(shop: Stand) -> None:
    told = (await shop.owner.get("/v1/channels")).json()["channels"]
    assert {each["channel"] for each in told} == {each.name for each in OURS} | {
        each.name for each in ASKING
    }
    youzan = next(each for each in told if each["channel"] == "youzan")
    assert (youzan["key_name"], youzan["ways"]) == ("client_id", [Way.OWN, Way.LINK])
    of_shop = next(field for field in youzan["fields"] if field["name"] == "shop")
    assert (of_shop["needed"], of_shop["hidden"], of_shop["ways"]) == (True, False, ["own"])
    weidian = next(each for each in told if each["channel"] == "weidian")
    assert {field["name"] for field in weidian["fields"] if field["hidden"]} == {"push_key"}
    for platform in told:
        for field in platform["fields"]:
            assert field["zh"], field
            assert field["en"], field
            assert bool(field["hint_zh"]) == bool(field["hint_en"]), field


@pytest.mark.parametrize("adapter", OURS, ids=lambda adapter: adapter.name)
def test_every_secret_option_of_an_adapter_is_asked_for(adapter: object) -> None:
    fields = {field.name for field in adapter.needs.fields}  # type: ignore[attr-defined]
    assert adapter.secret_options <= fields  # type: ignore[attr-defined]


async def test_a_secret_that_comes_back_hidden_stays(shop: Stand) -> None:
    await shop.connect()
    connection = f"{STORES}/{STORE}/connection"
    body = shop.body | {"app_secret": "•••"}
    again = await shop.owner.put(connection, json=body)
    assert again.status_code == 200, again.text
    granted = await shop.owner.post(f"{connection}/grant", json={"code": "self"})
    assert granted.json()["grant"] == "granted"  # the platform knows the secret still
    elsewhere = body | {"base_url": "https://b.example"}
    problem(await shop.owner.put(connection, json=elsewhere), 422, "option_hidden")
    assert (await shop.owner.get(connection)).json()["grant"] == "granted"
