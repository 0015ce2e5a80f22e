"""What platforms push: believed for an order's number, from whoever signs, for that shop only."""

import json
from collections.abc import AsyncIterator

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.simulators.shop import Order
from tests.api.calls import problem
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        await opened.connect()
        await opened.owner.post(f"/v1/stores/{STORE}/connection/mode", json={"mode": "automatic"})
        yield opened


@pytest.fixture
def sold(shop: Stand) -> Order:
    return shop.street.shop.sell((shop.street.month(), 2))


async def test_a_push_has_its_order_read_and_taken_in(shop: Stand, sold: Order) -> None:
    answer = await shop.push(*shop.street.platform.push(shop.street.shop, sold))
    assert (answer.status_code, answer.json()["msg"]) == (200, "success")
    assert await shop.known() == [(sold.order_id, "seen", False)]
    await shop.work()
    assert await shop.known() == [(sold.order_id, "unmapped", True)]


async def test_a_push_repeated_has_one_effect(shop: Stand, sold: Order) -> None:
    pushed = shop.street.platform.push(shop.street.shop, sold)
    for _ in range(20):
        assert (await shop.push(*pushed)).status_code == 200
    await shop.work()
    for _ in range(3):
        assert (await shop.push(*pushed)).status_code == 200
    await shop.work()
    assert await shop.known() == [(sold.order_id, "unmapped", True)]


async def test_what_a_push_says_of_the_order_is_not_believed(shop: Stand, sold: Order) -> None:
    """It says paid; the platform itself says that the order is closed."""
    pushed = shop.street.platform.push(shop.street.shop, sold)
    refund = shop.street.shop.ask_refund(sold)
    shop.street.shop.settle_refund(refund, agree=True)
    await shop.push(*pushed)
    await shop.work()
    assert await shop.known() == [(sold.order_id, "ended", True)]


async def test_every_push_that_is_not_authentic_is_refused(shop: Stand, sold: Order) -> None:
    body, headers = shop.street.platform.push(shop.street.shop, sold)
    tampered = body.replace(sold.order_id.encode(), b"1" * len(sold.order_id))
    assert tampered != body
    for wrong_body, wrong_headers in (
        (tampered, headers),
        (body + b" ", headers),
        (b"", headers),
        (body, {"content-type": "application/json"}),
        (body, headers | {"event-sign": "0" * 32}),
        (body, headers | {"event-sign": "签".encode()}),
    ):
        answer = await shop.push(wrong_body, wrong_headers)  # type: ignore[arg-type]
        problem(answer, 403, "push_not_authentic")
    assert await shop.known() == []


async def test_a_push_about_another_shop_is_refused_at_this_ones_address(
    shop: Stand, sold: Order
) -> None:
    other = next(each for each in shop.street.platform.shops if each is not shop.street.shop)
    problem(await shop.push(*shop.street.platform.push(other, sold)), 403, "push_not_authentic")
    assert await shop.known() == []


async def test_an_address_that_takes_no_pushes_says_nothing_of_itself(
    shop: Stand, sold: Order, other_tenant: Tenant
) -> None:
    pushed = shop.street.platform.push(shop.street.shop, sold)
    for code, channel in (("bare", "youzan"), ("own", "direct")):
        await shop.owner.post("/v1/stores", json={"code": code, "name": code, "channel": channel})
    ours, theirs = shop.tenant.id, other_tenant.id
    addresses = [f"/push/{ours}/{code}" for code in ("nobody", "bare", "own", "x" * 300)]
    addresses += [f"/push/{tenant}/{STORE}" for tenant in (theirs, 0, -1, 999, 2**63, 2**200)]
    for to in addresses:
        answer = await shop.push(*pushed, to=to)
        assert answer.status_code == 404, (to, answer.text)
    assert await shop.known() == []


async def test_a_body_beyond_all_measure_is_not_read(shop: Stand) -> None:
    answer = await shop.push(b"x" * (10 << 20), {"event-sign": "0" * 32})
    assert answer.status_code == 413


async def test_a_push_about_something_else_is_taken_and_changes_nothing(
    shop: Stand, sold: Order
) -> None:
    pushed = shop.street.platform.push(shop.street.shop, sold, "ITEM_INFO")
    assert (await shop.push(*pushed)).status_code == 200
    assert await shop.known() == []


async def test_a_push_whose_order_is_not_this_shops_ends_with_a_person(shop: Stand) -> None:
    stranger = shop.street.shop.sell((shop.street.month(), 1))
    pushed = shop.street.platform.push(shop.street.shop, stranger)
    del shop.street.shop.orders[stranger.order_id]
    assert (await shop.push(*pushed)).status_code == 200
    await shop.work()
    assert await shop.known() == [(stranger.order_id, "held", False)]
    shown = (await shop.owner.get("/v1/shop-orders", params={"step": "held"})).json()
    assert [each["said"] for each in shown["shop_orders"]] == ["no_such_shop_order"]
    assert json.dumps(shown).count(stranger.order_id) == 1
