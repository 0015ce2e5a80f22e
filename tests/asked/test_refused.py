"""Asks that aren't authentic, or can't be answered now: never "failed", and without effect."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select, text

from kashu.channels.tables import shop_orders
from kashu.delivery.desk import Desk
from kashu.simulators.jd_asking import AskedOrder
from tests.api.calls import client_of, problem
from tests.asked.conftest import STORE, Either
from tests.conftest import Tenant

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def known(yard: Either) -> int:
    """How many orders we know of."""
    async with yard.database.transaction(yard.tenant.id) as tx:
        wanted = select(func.count()).select_from(shop_orders)
        count: int = (await tx.execute(wanted)).scalar_one()
    return count


def form_of(yard: Either, order: AskedOrder) -> dict[str, str]:
    platform: Any = yard.platform
    form: dict[str, str] = platform.request(platform.order_told(order))
    return form


async def send(yard: Either, form: Mapping[str, str] | bytes, to: str = "") -> httpx.Response:
    call = "card" if yard.is_game else "beginDistill"
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    path = to or f"/asked/{yard.tenant.id}/{STORE}/{call}"
    return await client_of(yard.app).post(path, content=body, headers=FORM)


def is_called_failed(yard: Either, answer: httpx.Response) -> bool:
    """Whether JD would refund on this answer."""
    if answer.status_code != 200:
        return False
    told = json.loads(answer.content)
    if yard.is_game:
        return str(told["retCode"]) not in {"100", "105", "106", "108", "999", "1000"}
    return int(told["produceStatus"]) == 2


async def test_a_wrong_signature_is_refused_and_leaves_nothing(yard: Either) -> None:
    form = form_of(yard, yard.sell())
    for wrong in (
        form | {"sign": "0" * 32},
        form | {"timestamp": "20200101000000"},
        {**form, "more": "1"},
        {name: value for name, value in form.items() if name != "sign"},
    ):
        answer = await send(yard, wrong)
        assert answer.status_code == 200
        assert not is_called_failed(yard, answer)
        assert ("106" if yard.is_game else "JDO_304") in answer.text
    assert await known(yard) == 0


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"&".join([b"a=1"] * 60), b"{}"])
async def test_what_is_no_ask_is_refused_and_leaves_nothing(yard: Either, body: bytes) -> None:
    assert not is_called_failed(yard, await send(yard, body))
    assert await known(yard) == 0


async def test_another_shops_ask_is_refused(yard: Either) -> None:
    platform: Any = yard.platform
    if yard.is_game:
        platform.customer_id = "1"
    else:
        platform.vendor_id = "1"
    answer = await send(yard, form_of(yard, yard.sell()))
    assert not is_called_failed(yard, answer)
    assert await known(yard) == 0


async def test_a_call_that_there_is_not_is_refused(yard: Either) -> None:
    to = f"/asked/{yard.tenant.id}/{STORE}/elsewhere"
    assert not is_called_failed(yard, await send(yard, form_of(yard, yard.sell()), to))
    assert await known(yard) == 0


async def test_an_address_of_nobody_says_nothing_of_itself(
    yard: Either, other_tenant: Tenant
) -> None:
    form, call = form_of(yard, yard.sell()), "card" if yard.is_game else "beginDistill"
    for code, channel in (("bare", "jd_virtual"), ("own", "direct"), ("tb", "taobao")):
        await yard.owner.post("/v1/stores", json={"code": code, "name": code, "channel": channel})
    body = {"app_key": "9", "app_secret": "s"}
    assert (await yard.owner.put("/v1/stores/bare/connection", json=body)).status_code == 200
    ours = yard.tenant.id
    places = [f"{ours}/{code}" for code in ("nobody", "bare", "own", "tb", "x" * 300)]
    places += [f"{tenant}/{STORE}" for tenant in (other_tenant.id, 0, -1, 999, 2**63, 2**200)]
    for place in places:
        answer = await send(yard, form, f"/asked/{place}/{call}")
        assert answer.status_code == 404, (place, answer.text)
    assert await known(yard) == 0


async def test_a_body_beyond_all_measure_is_not_read(yard: Either) -> None:
    assert (await send(yard, b"x" * (10 << 20))).status_code == 413


async def test_who_asks_when_too_many_do_is_to_come_again(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1)
    provided: Any = yard.app.dependencies["desk"]
    desk: Desk = provided.dependency(outside=None)
    order = yard.sell()
    desk.waiting_max = 0
    await yard.ask(order)
    assert order.state in {"open", "paused"}
    assert order.answers == ["1000" if yard.is_game else "JDO_500"]
    assert await known(yard) == 1  # that of learnt()
    desk.waiting_max = 200
    await yard.ask(order)
    assert order.state == "done"


async def test_where_a_lock_cannot_be_had_soon_the_order_is_kept_and_open(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1)
    order = yard.sell()
    async with yard.database.transaction(yard.tenant.id) as tx:
        await tx.execute(text("SELECT 1 FROM stock.levels FOR UPDATE"))
        await yard.ask(order)
        assert (order.state, await yard.given()) == ("open", 0)
    await yard.run()
    assert (order.state, await yard.given()) == ("done", 1)


async def test_an_order_that_can_not_be_is_shown_at_the_store(yard: Either) -> None:
    order = yard.sell(1)
    order.quantity = 0
    await yard.ask(order)
    assert order.state in {"open", "paused"}
    assert await known(yard) == 0
    shown = (await yard.owner.get(yard.base)).json()
    assert shown["said"] == "shop_order_wrong"
    await yard.ask(yard.sell())
    shown = (await yard.owner.get(yard.base)).json()
    assert (shown["said"], shown["failures"]) == ("", 0)


async def test_a_card_that_the_platform_cannot_carry_goes_to_a_person(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1, numbers=["N" * 201])
    order = yard.sell()
    await yard.ask(order)
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "not_shippable"))
    known_id = (await yard.row(order)).id
    await yard.owner.post(f"/v1/shop-orders/{known_id}/try-again")
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "not_shippable"))


async def test_a_store_is_connected_by_its_keys_alone(yard: Either) -> None:
    shown = (await yard.owner.get(yard.base)).json()
    assert (shown["grant"], shown["can"]) == ("granted", ["asked"])
    assert shown["shop_id"] == shown["app_key"]
    calls = ["direct", "direct-query", "card", "card-query"]
    calls = calls if yard.is_game else ["beginDistill", "findDistill"]
    assert shown["asked_at"] == [f"/asked/{yard.tenant.id}/{STORE}/{call}" for call in calls]
    for key in ("k" * 31, "k" * 33, ""):
        answer = await yard.owner.post(f"{yard.base}/grant", json={"access_token": key or "x"})
        problem(answer, 422, "card_key_wrong")
    fetched = await yard.owner.post(f"/v1/stores/{STORE}/listings/fetch")
    problem(fetched, 409, "channel_cannot")


async def test_the_same_shop_is_connected_once(yard: Either) -> None:
    channel = "jd_game" if yard.is_game else "jd_virtual"
    await yard.owner.post("/v1/stores", json={"code": "twin", "name": "x", "channel": channel})
    body = {"app_key": (await yard.owner.get(yard.base)).json()["app_key"], "app_secret": "s"}
    answer = await yard.owner.put("/v1/stores/twin/connection", json=body)
    if not yard.is_game:
        assert answer.status_code == 200
        key = {"access_token": "k" * 32}
        answer = await yard.owner.post("/v1/stores/twin/connection/grant", json=key)
    problem(answer, 409, "shop_connected_elsewhere")
