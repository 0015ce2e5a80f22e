"""1688sup: signatures are the vendor's own; one account an order, and only 03 is a failure."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from kashu.adapters.suppliers.lansexiongdi import LansexiongdiUpstream
from kashu.adapters.suppliers.lansexiongdi_wire import sign
from kashu.core.errors import Unclear
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.house import Asked
from kashu.simulators.suppliers.lansexiongdi import LansexiongdiSimulator, signed
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import InputRefused, NoticeNotAuthentic, ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Login, OrderState
from tests.adapters.suppliers.world_lansexiongdi import PROVED, posted
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "lansexiongdi.json").read_text())
UPSTREAM = LansexiongdiUpstream()
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def params_of(vector: dict[str, Any]) -> dict[str, str]:
    return {name: str(each) for name, each in vector["input"]["params"].items()}


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as opened:
        yield opened


def platform_of(world: SimulatedWorld) -> LansexiongdiSimulator:
    assert isinstance(world.side.app, LansexiongdiSimulator)
    return world.side.app


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_it_is_signed_as_the_vendors_sample_signs_it(vector: dict[str, Any]) -> None:
    params, key = params_of(vector), vector["input"]["key"]
    more = {"version": "1.0", "extendParameter": '{"a":"b"}', "sign": "X", "empty": ""}
    assert sign(params, key) == vector["expect"]["sign"]
    assert sign(params | more, key) == vector["expect"]["sign"]
    assert signed(params | more, key) == vector["expect"]["sign"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_changed_value_changes_the_signature(vector: dict[str, Any]) -> None:
    params, key = params_of(vector), vector["input"]["key"]
    for name, value in params.items():
        assert sign({**params, name: value + "0"}, key) != vector["expect"]["sign"]
    assert sign(params, key + "0") != vector["expect"]["sign"]


def test_the_vendors_notice_is_read() -> None:
    [vector] = [each for each in VECTORS if each["kind"] == "callback_sign"]
    body = urlencode(params_of(vector) | vector["expect"]).encode()
    login = Login("23329", Secret(vector["input"]["key"]), "")
    notice = UPSTREAM.read_notice(login, posted(body), THEN)
    assert (notice.number, notice.said) == ("T202601010001", "01")
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(replace(login, account="23330"), posted(body), THEN)
    assert UPSTREAM.reply(notice).body == b"success"


@pytest.mark.parametrize(
    "change",
    [{"quantity": 2}, {"quantity": 0}, {"goods": Goods.CARD}, {"inputs": {}}],
    ids=["two", "none", "cards", "nobody"],
)
async def test_only_one_account_is_topped_up_by_an_order(
    world: SimulatedWorld, change: dict[str, Any]
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    with pytest.raises(InputRefused):
        await UPSTREAM.place(world.link, replace(order, **change))
    assert platform_of(world).asked == []
    assert world.house.orders == []
    assert UPSTREAM.rules.most_at_once == 1


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        ("13800138000", "1"),
        ("12800138000", "0"),
        ("10001", "2"),
        ("3999999999", "2"),
        ("4999999999", "0"),
        ("someone@mail.example", "0"),
        ("１３８００１３８０００", "0"),
    ],
)
async def test_what_kind_an_account_is_follows_its_form(
    world: SimulatedWorld, account: str, kind: str
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    await UPSTREAM.place(world.link, replace(order, inputs={"rechargeAccount": account}))
    [_, sent] = platform_of(world).asked[-1]
    assert (sent["accountType"], sent["rechargeAccount"]) == (kind, account)
    assert sent["number"] == "1"


async def test_a_kind_that_is_typed_counts(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    inputs = {"rechargeAccount": "13800138000", "accountType": "0"}
    await UPSTREAM.place(world.link, replace(order, inputs=inputs))
    assert platform_of(world).asked[-1][1]["accountType"] == "0"


async def test_further_fields_are_sent_unsigned_as_json(world: SimulatedWorld) -> None:
    offered = await world.offer("点券", 100_000, goods=Goods.TOPUP)
    [good] = world.house.goods.values()
    good.asked += (Asked("buyHokGame", "区服"),)
    inputs = {"rechargeAccount": "10001", "buyHokGame": "手Q353区-金庭遗梦"}
    order = replace(order_of(world, offered), inputs=inputs)
    await UPSTREAM.place(world.link, order)
    [_, sent] = platform_of(world).asked[-1]
    assert json.loads(sent["extendParameter"]) == {"buyHokGame": "手Q353区-金庭遗梦"}
    assert world.house.orders[-1].inputs["buyHokGame"] == "手Q353区-金庭遗梦"


async def test_the_notice_address_is_never_empty(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    await UPSTREAM.place(world.link, replace(order, notice_url=""))
    assert platform_of(world).asked[-1][1]["notifyUrl"] == "none"


@pytest.mark.parametrize(
    ("status", "state", "known"),
    [
        ("01", OrderState.SUCCEEDED, True),
        ("02", OrderState.PROCESSING, True),
        ("03", OrderState.FAILED, True),
        ("04", OrderState.PROCESSING, True),
        ("05", OrderState.PROCESSING, False),
        ("3", OrderState.PROCESSING, False),
        ("fail", OrderState.PROCESSING, False),
    ],
)
async def test_only_one_status_is_a_failure(
    world: SimulatedWorld, status: str, state: OrderState, *, known: bool
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    await UPSTREAM.place(world.link, order)
    platform_of(world).told = {"status": status}
    standing = await UPSTREAM.ask(world.link, order)
    assert (standing.state, standing.known, standing.said) == (state, known, status)
    assert standing.their_number == ""


@pytest.mark.parametrize("told", [{"outTradeNo": "K2"}, {"status": ""}, {"status": None}])
async def test_an_answer_about_another_order_or_without_a_status_is_unclear(
    world: SimulatedWorld, told: dict[str, Any]
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    await UPSTREAM.place(world.link, order)
    platform_of(world).told = told
    with pytest.raises(Unclear):
        await UPSTREAM.ask(world.link, order)


async def test_what_is_not_in_the_list_is_gone(world: SimulatedWorld) -> None:
    offered = await world.offer("话费", 100_000, goods=Goods.TOPUP)
    assert (await UPSTREAM.product(world.link, offered.ref)).face_value_e4 == 100_000
    with pytest.raises(ProductGone):
        await UPSTREAM.product(world.link, "1")
    with pytest.raises(ProductGone):
        await UPSTREAM.inputs(world.link, "1")
