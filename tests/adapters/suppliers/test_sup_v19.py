"""SUP 1.9: signatures and encrypted cards are the vendor's own; who asks too soon is trapped."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.suppliers.ecb import open_ecb
from kashu.adapters.suppliers.sup_v19 import SupV19Upstream
from kashu.adapters.suppliers.sup_v19_orders import KEY_BYTES
from kashu.adapters.suppliers.sup_v19_wire import sign, stamp
from kashu.core.errors import Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import House
from kashu.simulators.suppliers.sup_v19 import APP_SECRET, LIMITS, SupV19Simulator
from kashu.simulators.suppliers.sup_v19_wire import sealed, signed
from kashu.suppliers.conformance import Fate
from kashu.suppliers.conformance.world import ended, order_of
from kashu.suppliers.errors import (
    AnswerLost,
    InputRefused,
    NoSuchPurchase,
    NoticeNotAuthentic,
    NumberTaken,
    SupplierBusy,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import OrderState, Signal
from tests.adapters.suppliers.world_sup_v19 import PROVED, posted
from tests.adapters.suppliers.worlds import Proved, Side, SimulatedWorld, world_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sup_v19.json").read_text())
SIGNED = [vector for vector in VECTORS if vector["kind"] == "request_sign"]
CARDS = [vector for vector in VECTORS if vector["kind"] == "card_decrypt"]
UPSTREAM = SupV19Upstream()


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def params_of(vector: dict[str, Any]) -> dict[str, str]:
    return {name: str(each) for name, each in vector["input"]["params"].items()}


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as opened:
        yield opened


def platform_of(world: SimulatedWorld) -> SupV19Simulator:
    assert isinstance(world.side.app, SupV19Simulator)
    return world.side.app


def test_every_vector_is_used() -> None:
    assert len(SIGNED) + len(CARDS) == len(VECTORS)


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_it_is_signed_as_the_vendor_signs_it(vector: dict[str, Any]) -> None:
    params, secret = params_of(vector), vector["input"]["app_secret"]
    assert sign(params, secret) == vector["expect"]["sign"]
    assert sign({**params, "ext2": "", "sign": "x"}, secret) == vector["expect"]["sign"]
    assert signed(params, secret) == vector["expect"]["sign"]


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_a_changed_value_changes_the_signature(vector: dict[str, Any]) -> None:
    params, secret = params_of(vector), vector["input"]["app_secret"]
    for name, value in params.items():
        assert sign({**params, name: value + "0"}, secret) != vector["expect"]["sign"]
    assert sign(params, secret + "0") != vector["expect"]["sign"]


@pytest.mark.parametrize("vector", CARDS, ids=name_of)
def test_cards_open_as_the_vendors_sample_opens_them(vector: dict[str, Any]) -> None:
    secret, closed = vector["input"]["app_secret"], vector["input"]["ciphertext_base64"]
    plain = vector["expect"]["plaintext"]
    assert open_ecb(secret, closed, key_bytes=KEY_BYTES) == plain
    assert sealed(plain, secret) == closed


def test_times_are_those_of_beijing_to_the_thousandth() -> None:
    at = datetime(2026, 1, 1, 0, 0, 0, 123_999, tzinfo=UTC)
    assert stamp(at) == "20260101080000123"


async def test_an_order_carries_the_price_that_we_were_told(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员月卡", 141_250), 2)
    await UPSTREAM.place(world.link, replace(order, notice_url="", total_max_e4=300_000))
    [path, sent] = platform_of(world).asked[-1]
    assert path == "/api/card/get"
    assert sent["itemPrice"] == "14.125"
    assert (sent["amount"], sent["outOrderId"]) == ("2", order.number)
    assert not {"appSecret", "callbackUrl", "uuid"} & set(sent)


@pytest.mark.parametrize(
    "inputs", [{}, {"uuid": ""}, {"uuid": "1", "phoneNo": "2"}, {"uuid": "1", "appId": "x"}]
)
async def test_what_a_topup_cannot_carry_is_not_sent(
    world: SimulatedWorld, inputs: dict[str, str]
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    with pytest.raises(InputRefused):
        await UPSTREAM.place(world.link, replace(order, inputs=inputs))
    assert platform_of(world).asked == []
    assert world.house.orders == []


async def test_cards_that_come_at_once_are_read(world: SimulatedWorld) -> None:
    platform_of(world).instant = True
    order = order_of(world, await world.offer("会员月卡", 100_000, cards=[("A-1", "p=1/二")]))
    standing = await UPSTREAM.place(world.link, order)
    assert standing.state is OrderState.SUCCEEDED
    [card] = standing.cards or ()
    assert (card.number, card.password) == ("A-1", "p=1/二")
    assert standing.charged_e4 == 100_000


async def test_links_are_read(world: SimulatedWorld) -> None:
    offered = await world.offer("券", 100_000, goods=Goods.LINK, cards=[("", "abc")])
    standing = await ended(UPSTREAM, world, order_of(world, offered))
    [card] = standing.cards or ()
    assert (card.number, card.url) == ("", "https://tickets.example/abc")


async def test_an_order_that_is_asked_for_too_soon_is_told_as_not_there(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    await UPSTREAM.place(world.link, order)
    await world.settle()
    await world.pass_time(timedelta(minutes=2, seconds=59))
    with pytest.raises(NoSuchPurchase):
        await UPSTREAM.ask(world.link, order)
    await world.pass_time(timedelta(seconds=1))
    assert (await UPSTREAM.ask(world.link, order)).state is OrderState.SUCCEEDED
    assert UPSTREAM.rules.ask_after >= timedelta(minutes=3)
    assert UPSTREAM.rules.settles_after > UPSTREAM.rules.ask_after


async def test_a_number_that_failed_would_make_a_second_order(world: SimulatedWorld) -> None:
    await world.plan(Fate.FAIL)
    order = order_of(world, await world.offer("会员月卡", 100_000))
    first = await UPSTREAM.place(world.link, order)
    await world.settle()
    with pytest.raises(NumberTaken):  # within a minute, whatever became of it
        await UPSTREAM.place(world.link, order)
    await world.pass_time(timedelta(minutes=1))
    second = await UPSTREAM.place(world.link, order)  # which nobody does: see Rules.repeats
    assert second.their_number != first.their_number
    assert [each.number for each in world.house.orders] == [order.number] * 2


@pytest.mark.parametrize("closed", ["AAAA", "!", "卡", sealed("A-1", "another_secret_0")])
async def test_cards_that_cannot_be_opened_are_for_people(
    world: SimulatedWorld, closed: str
) -> None:
    told = {"cardData": [{"cardType": "PASSWORD", "cardPwd": closed}]}
    order = order_of(world, await world.offer("会员月卡", 100_000))
    platform_of(world).told = told
    assert (await UPSTREAM.place(world.link, order)).state is OrderState.PROCESSING
    await world.settle()
    await world.pass_time(timedelta(minutes=3))
    with pytest.raises(AnswerLost) as caught:
        await UPSTREAM.ask(world.link, order)
    assert closed not in str(caught.value)


@pytest.mark.parametrize(
    "told", [{"outOrderId": "K2"}, {"orderStatus": None}, {"orderStatus": ""}, {"cost": "-1"}]
)
async def test_an_answer_about_another_order_or_without_a_status_is_unclear(
    world: SimulatedWorld, told: dict[str, Any]
) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    await UPSTREAM.place(world.link, order)
    await world.settle()
    await world.pass_time(timedelta(minutes=3))
    platform_of(world).told = told
    with pytest.raises(Unclear):
        await UPSTREAM.ask(world.link, order)


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_notice_comes_as_a_form_or_as_json(world: SimulatedWorld, *, as_json: bool) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    await ended(UPSTREAM, world, order)
    made = world.house.orders[-1]
    body = platform_of(world).notice(made, as_json=as_json)
    notice = UPSTREAM.read_notice(world.link.login, posted(body), world.link.now())
    assert (notice.signal, notice.number) == (Signal.ORDER, order.number)
    assert notice.their_number == str(made.order_id)
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(world.link.login, posted(body), world.link.now() + timedelta(hours=1))


async def test_a_notice_about_cards_may_leave_out_when_they_were_ready(
    world: SimulatedWorld,
) -> None:
    fields = {"appId": world.link.login.account, "outOrderId": "K1", "orderStatus": "2"}
    body = json.dumps(fields | {"sign": signed(fields, APP_SECRET)}).encode()
    notice = UPSTREAM.read_notice(world.link.login, posted(body), world.link.now())
    assert (notice.number, notice.at) == ("K1", None)


async def test_each_path_has_a_limit_of_its_own_and_we_keep_to_it() -> None:
    def limited(house: House, faults: Faults) -> Side:
        side = PROVED[0].on(house, faults)
        return replace(side, app=SupV19Simulator(house, faults))

    async with world_of(Proved(UPSTREAM, limited)) as world:
        await UPSTREAM.balance(world.link)
        with pytest.raises(SupplierBusy):
            await UPSTREAM.balance(world.link)
        await UPSTREAM.products(world.link)
        await world.pass_time(timedelta(seconds=10))
        await UPSTREAM.balance(world.link)
    paths = UPSTREAM.rules.paths_per_s
    assert set(paths) == set(LIMITS)
    assert all(paths[path] < most / within_s for path, (most, within_s) in LIMITS.items())
