"""Julangyun: signatures and sealed cards are the vendor's own; what is sent and told."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.suppliers.julangyun import JulangyunUpstream
from kashu.adapters.suppliers.julangyun_calls import open_cards, sign
from kashu.simulators.suppliers.house import State
from kashu.simulators.suppliers.julangyun import STATES, JulangyunSimulator, sealed
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import InputRefused, NoSuchPurchase, SupplierUnclear
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, OrderState
from tests.adapters.suppliers.world_julangyun import PROVED
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "julangyun.json").read_text()
)["vectors"]
UPSTREAM = JulangyunUpstream()


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as opened:
        yield opened


def _there(world: SimulatedWorld) -> JulangyunSimulator:
    assert isinstance(world.side.app, JulangyunSimulator)
    return world.side.app


def test_every_vector_is_tried() -> None:
    assert [each["kind"] for each in VECTORS] == ["request_sign", "request_sign", "card_decrypt"]


@pytest.mark.parametrize("vector", VECTORS[:2], ids=lambda vector: vector["id"])
def test_a_signature_is_the_vendors_own(vector: dict[str, Any]) -> None:
    told = vector["input"]
    assert sign(told["token"], told["params"]) == vector["expect"]["sign"]
    padded = {**told["params"], "remark": "", "sign": "whatever"}
    assert sign(told["token"], padded) == vector["expect"]["sign"]


def test_cards_open_as_the_vendors_sample_opens_them() -> None:
    [told, expected] = VECTORS[2]["input"], VECTORS[2]["expect"]
    assert open_cards(told["token"], told["ciphertext_base64"]) == expected["plaintext"]
    assert open_cards(told["token"], sealed(told["token"], "[]")) == "[]"


@pytest.mark.parametrize("spoilt", ["", "!", "AAAA", "A" * 64, "卡"])
def test_what_is_not_sealed_under_our_token_does_not_open(spoilt: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        open_cards(VECTORS[2]["input"]["token"], spoilt)
    assert not spoilt or spoilt not in str(caught.value)


async def test_nothing_empty_is_sent_and_the_limit_is_that_of_one(world: SimulatedWorld) -> None:
    offered = await world.offer("会员月卡", 141_250)
    order = order_of(world, offered, 2)
    await UPSTREAM.place(world.link, replace(order, notice_url=""))
    [path, sent] = _there(world).asked[-1]
    assert path == "/api/recharge/order/submit"
    assert sent == {
        "goodsCode": offered.ref,
        "accessOrderNo": order.number,
        "orderNum": 2,
        "accessPrice": "14.1250",
    }


async def test_a_topup_without_an_account_is_not_sent(world: SimulatedWorld) -> None:
    offered = await world.offer("话费", 100_000, goods=Goods.TOPUP)
    with pytest.raises(InputRefused):
        await UPSTREAM.place(world.link, replace(order_of(world, offered), inputs={}))
    assert _there(world).asked == []
    assert world.house.orders == []


async def test_a_part_that_came_back_is_told_beside_its_cards(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000), 2)
    await UPSTREAM.place(world.link, order)
    await world.settle()
    made = world.house.orders[0]
    made.refunded_e4 = 50_000
    told = await UPSTREAM.ask(world.link, order)
    assert (told.state, told.refunded_e4, told.charged_e4) == (
        OrderState.REFUNDED,
        50_000,
        200_000,
    )
    assert told.cards == tuple(BoughtCard(each.number, each.password) for each in made.given)


async def test_an_order_cancelled_by_hand_has_failed(
    world: SimulatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    await UPSTREAM.place(world.link, order)
    monkeypatch.setitem(
        STATES,
        State.UNDER_WAY,
        50,
    )
    told = await UPSTREAM.ask(world.link, order)
    assert (told.state, told.said, told.cards) == (OrderState.FAILED, "50", None)


async def test_cards_sealed_under_another_token_are_unclear_and_asked_for_again(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    await UPSTREAM.place(world.link, order)
    await world.settle()
    there = _there(world)
    theirs, there.token = there.token, "0" * 32
    cards = sealed(there.token, "[]")
    there.token = theirs
    told = there._told
    there._told = lambda each: {**told(each), "cards": cards}  # type: ignore[method-assign, assignment]
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.ask(world.link, order)
    there._told = told  # type: ignore[method-assign]
    assert (await UPSTREAM.ask(world.link, order)).cards


async def test_an_order_that_is_not_there_is_so_only_when_asked_for(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    with pytest.raises(NoSuchPurchase):
        await UPSTREAM.ask(world.link, order)
    await world.refuse("1301")
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.place(world.link, order)
    assert world.house.orders == []


async def test_what_is_told_of_another_order_is_unclear(world: SimulatedWorld) -> None:
    offered = await world.offer("会员月卡", 100_000)
    order = order_of(world, offered)
    await UPSTREAM.place(world.link, order)
    world.house.orders[0].number = order.number + "X"
    found = world.house.of_number
    world.house.of_number = lambda _: found(order.number + "X")  # type: ignore[method-assign, assignment]
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.ask(world.link, order)


async def test_a_notice_with_empty_values_is_read_signed_either_way(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    await UPSTREAM.place(world.link, order)
    request = await world.notice(order.number)
    assert b'"refundAmount": ""' in request.body
    told = json.loads(request.body)
    stamp, token = request.headers["timestamp"], world.link.login.secret.clear
    params = {**told, "userCode": world.link.login.account, "timestamp": stamp}
    text = "".join(name + str(params[name]) for name in sorted(params)) + token
    kept = hashlib.md5(text.encode()).hexdigest()  # noqa: S324  (theirs)
    for signature in (request.headers["sign"], kept):
        signed = replace(request, headers={**request.headers, "sign": signature})
        notice = UPSTREAM.read_notice(world.link.login, signed, world.link.now())
        assert (notice.number, notice.said) == (order.number, "20")


def test_a_notice_is_acknowledged_in_their_words() -> None:
    assert json.loads(UPSTREAM.reply(None).body) != {"code": 200}
