"""Kakayun: signatures are the vendor's own; what is sent where, and what its states mean."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kashu.adapters.suppliers.kakayun import KakayunUpstream
from kashu.adapters.suppliers.kakayun_orders import OrderTold, read_order
from kashu.adapters.suppliers.kakayun_wire import PATH, PUBLIC_URL, public_url, sign
from kashu.core.errors import Unclear
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House, Kind
from kashu.simulators.suppliers.kakayun import KEY, LIMITS, USER_ID, KakayunSimulator
from kashu.simulators.suppliers.kakayun_wire import signed
from kashu.suppliers.conformance.world import ended, order_of
from kashu.suppliers.errors import (
    InputRefused,
    NoSuchPurchase,
    NotCancelled,
    NoticeNotAuthentic,
    SupplierBusy,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Link, Login, NoticeRequest, Order, OrderState, Signal
from tests.adapters.suppliers.world_kakayun import PROVED, posted
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "kakayun.json").read_text())
UPSTREAM = KakayunUpstream()
THEN = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def signed_of(vector: dict[str, Any]) -> dict[str, Any]:
    return {**vector["input"]["params"], "sign": vector["expect"]["sign"]}


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as opened:
        yield opened


def shop_of(world: SimulatedWorld) -> KakayunSimulator:
    assert isinstance(world.side.app, KakayunSimulator)
    return world.side.app


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_it_is_signed_as_the_vendors_sample_signs_it(vector: dict[str, Any]) -> None:
    params, key = vector["input"]["params"], vector["input"]["key"]
    text = vector["expect"]["signing_string"].replace("<key>", key)
    assert hashlib.md5(text.encode()).hexdigest() == vector["expect"]["sign"]  # noqa: S324
    assert sign(params, key) == vector["expect"]["sign"]
    assert sign({**params, "sign": "x", "more": "", "none": None}, key) == vector["expect"]["sign"]
    assert signed(params, key) == vector["expect"]["sign"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_changed_value_changes_the_signature(vector: dict[str, Any]) -> None:
    params, key = vector["input"]["params"], vector["input"]["key"]
    for name in params:
        assert sign({**params, name: "changed"}, key) != vector["expect"]["sign"]
    assert sign(params, key + "0") != vector["expect"]["sign"]
    assert sign({**params, "zero": 0}, key) != vector["expect"]["sign"]


def test_the_other_key_of_the_vendors_page_gives_its_other_signature() -> None:
    params = VECTORS[0]["input"]["params"]
    other = "9aa3034b6beba7cf5bfcf6089218a673"
    assert sign(params, other) == "921bfe2dcd4ecca574d8b8c76412ede5"


def test_the_vendors_notice_is_read() -> None:
    [vector] = [each for each in VECTORS if each["kind"] == "callback_sign"]
    body = json.dumps(signed_of(vector)).encode()
    login = Login("10052", Secret(vector["input"]["key"]), "")
    notice = UPSTREAM.read_notice(login, posted(body), THEN)
    assert (notice.signal, notice.number, notice.their_number) == (
        Signal.ORDER,
        "T202601010001",
        "K1",
    )
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(login, posted(body), THEN + timedelta(hours=2))


def test_all_but_ordering_goes_to_the_public_host_over_https() -> None:
    login = Login("1", Secret("k"), "https://shop.example")
    assert public_url(login) == PUBLIC_URL
    assert PUBLIC_URL.startswith("https://")
    assert public_url(replace(login, options={"public_url": "https://p.example"})) == (
        "https://p.example"
    )
    assert public_url(replace(login, options={"public_url": "same"})) == login.base_url


async def test_orders_go_to_the_shop_and_everything_else_to_the_public_host() -> None:
    house = House()
    account = Asked("1", "充值帐号", is_account=True)
    good = house.offer("话费", 100_000, kind=Kind.TOPUP, asked=[account])
    http = Http(private_allowed=True)
    async with serving(KakayunSimulator(house)) as url:
        options = {"public_url": f"{url}/public"}
        login = Login(USER_ID, Secret(KEY), f"{url}/site", options)
        link = Link(login, http, house.now)
        ref = str(good.good_id)
        order = Order(
            "K1", ref, Goods.TOPUP, 1, 100_000, 100_000, house.now(), {"1": "13800138000"}
        )
        await UPSTREAM.place(link, order)
        house.settle()
        told = await UPSTREAM.ask(link, order)
        assert told.state is OrderState.SUCCEEDED
        assert told.receipt == "充值成功"
        assert [each.key for each in await UPSTREAM.inputs(link, ref)] == ["1"]
        assert (await UPSTREAM.product(link, ref)).unit_cost_e4 == 100_000
        assert len((await UPSTREAM.products(link)).members) == 1
        assert (await UPSTREAM.balance(link)).amount_e4 == house.balance_e4
        with pytest.raises(NotCancelled):
            await UPSTREAM.cancel(link, order, "", "")
        wrong = replace(link, login=replace(login, base_url=f"{url}/public"))
        with pytest.raises(Unclear):  # a page in place of an answer
            await UPSTREAM.place(wrong, replace(order, number="K2"))
        assert len(house.orders) == 1
    await http.close()


async def test_the_limit_is_that_of_the_whole_order_and_nothing_empty_is_sent(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("会员月卡", 141_250), 3)
    await UPSTREAM.place(world.link, replace(order, notice_url=""))
    [operation, sent] = shop_of(world).asked[-1]
    assert operation == "order/create"
    assert sent["maxmoney"] == "42.375"
    assert (sent["buynum"], sent["goodsid"], sent["usorderno"]) == (3, order.ref, order.number)
    assert "attach" not in sent


async def test_several_fields_are_sent_with_their_types(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("点券", 100_000, goods=Goods.TOPUP))
    await UPSTREAM.place(world.link, order)
    [_, sent] = shop_of(world).asked[-1]
    assert sent["attach"] == [
        {"attachtype": "1", "value": "13800138000"},
        {"attachtype": "3", "value": "华东一区/二"},
    ]


@pytest.mark.parametrize("inputs", [{}, {"1": ""}])
async def test_a_topup_without_an_account_is_not_sent(
    world: SimulatedWorld, inputs: dict[str, str]
) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    with pytest.raises(InputRefused):
        await UPSTREAM.place(world.link, replace(order, inputs=inputs))
    assert shop_of(world).asked == []
    assert world.house.orders == []


def told_of(**fields: object) -> tuple[OrderTold, Order]:
    """An order as asking tells it."""
    body = {
        "orderno": "SD1",
        "usorderno": "K1",
        "money": "10.0000",
        "buynum": 2,
        "status": 5,
        "refundmoney": "0.0000",
        "refundstatus": 0,
        "receipt": "",
    }
    order = Order("K1", "9", Goods.CARD, 2, 50_000, 100_000, THEN)
    return msgspec.json.decode(json.dumps(body | fields), type=OrderTold), order


@pytest.mark.parametrize(
    ("goods", "status", "refund", "back", "state"),
    [
        (Goods.CARD, 0, 0, 0, OrderState.PROCESSING),
        (Goods.CARD, 1, 0, 0, OrderState.SUCCEEDED),
        (Goods.TOPUP, 1, 0, 0, OrderState.PROCESSING),
        (Goods.CARD, 2, 0, 0, OrderState.FAILED),
        (Goods.TOPUP, 3, 0, 0, OrderState.PROCESSING),
        (Goods.CARD, 4, 1, 10, OrderState.FAILED),
        (Goods.CARD, 4, 4, 10, OrderState.FAILED),
        (Goods.TOPUP, 4, 2, 4, OrderState.FAILED),
        (Goods.CARD, 5, 0, 0, OrderState.SUCCEEDED),
        (Goods.TOPUP, 5, 0, 0, OrderState.SUCCEEDED),
        (Goods.CARD, 5, 1, 10, OrderState.REFUNDED),
        (Goods.CARD, 1, 2, 4, OrderState.REFUNDED),
        (Goods.CARD, 5, 4, 10, OrderState.REFUNDED),
    ],
)
def test_states_mean_what_the_page_says_and_money_back_is_told(
    goods: Goods, status: int, refund: int, back: int, state: OrderState
) -> None:
    told, order = told_of(status=status, refundstatus=refund, refundmoney=f"{back}.0000")
    standing = read_order(told, replace(order, goods=goods))
    assert (standing.state, standing.known) == (state, True)
    assert (standing.charged_e4, standing.refunded_e4) == (100_000, back * 10_000)


def test_a_mark_that_money_is_back_moved_none() -> None:
    told, order = told_of(refundstatus=3, refundmoney="10.0000")
    standing = read_order(told, order)
    assert standing.state is OrderState.SUCCEEDED
    assert standing.refunded_e4 == 0


@pytest.mark.parametrize("refund", [0, 3])
def test_a_failure_whose_money_is_not_back_is_left_to_people(refund: int) -> None:
    told, order = told_of(status=4, refundstatus=refund)
    standing = read_order(told, order)
    assert (standing.state, standing.known) == (OrderState.PROCESSING, False)
    assert standing.said == f"4.{refund}"


@pytest.mark.parametrize(("status", "refund"), [(6, 0), (9, 0), (5, 5), (-1, 0), ("x", 0)])
def test_a_state_that_is_not_in_the_table_is_under_way(status: int | str, refund: int) -> None:
    told, order = told_of(status=status, refundstatus=refund, cards=[{"card_no": "A"}])
    standing = read_order(told, order)
    assert (standing.state, standing.known) == (OrderState.PROCESSING, False)
    assert standing.cards is None


@pytest.mark.parametrize(
    ("written", "number", "password"),
    [
        ("卡号：jLeoal5TwbE\r", "jLeoal5TwbE", ""),
        ("卡号：A-1 密码：b=2\r", "A-1", "b=2"),
        ("卡号：A-1 卡密：b2", "A-1", "b2"),
        ("账号 a 密码 b", "", "账号 a 密码 b"),
    ],
)
def test_cards_that_are_only_written_out_are_read(written: str, number: str, password: str) -> None:
    told, order = told_of(cardlist=[written, " "], cards="")
    [card] = read_order(told, order).cards or ()
    assert (card.number, card.password) == (number, password)


def test_a_success_without_cards_is_asked_for_again() -> None:
    told, order = told_of(cards=[], cardlist=[])
    standing = read_order(told, order)
    assert (standing.state, standing.cards) == (OrderState.SUCCEEDED, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"usorderno": "K2"},
        {"usorderno": ""},
        {"usorderno": None},
        {"money": "-1"},
        {"money": "1e30"},
        {"money": "1.00001"},
        {"refundmoney": "NaN"},
    ],
)
def test_an_answer_about_another_order_or_with_no_sums_is_unclear(fields: dict[str, Any]) -> None:
    told, order = told_of(**fields)
    with pytest.raises(Unclear):
        read_order(told, order)


async def test_the_answer_to_an_order_must_name_it(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    shop_of(world).told = {"usorderno": "K-another"}
    with pytest.raises(Unclear):
        await UPSTREAM.place(world.link, order)
    assert len(world.house.orders) == 1


async def test_an_order_is_forgotten_after_thirty_days(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员月卡", 100_000))
    await ended(UPSTREAM, world, order)
    await world.pass_time(timedelta(days=31))
    with pytest.raises(NoSuchPurchase):
        await UPSTREAM.ask(world.link, order)
    assert UPSTREAM.rules.asked_within == timedelta(days=30)


async def test_each_operation_has_a_limit_of_its_own() -> None:
    house = House()
    house.offer("会员月卡", 100_000)
    http = Http(private_allowed=True)
    async with serving(KakayunSimulator(house, Faults())) as url:
        login = Login(USER_ID, Secret(KEY), url, {"public_url": "same"})
        link = Link(login, http, house.now)
        await UPSTREAM.products(link)
        with pytest.raises(SupplierBusy):
            await UPSTREAM.products(link)
        await UPSTREAM.balance(link)
        house.now.advance(timedelta(seconds=5))
        await UPSTREAM.products(link)
    await http.close()


def test_we_keep_to_those_limits() -> None:
    paths = UPSTREAM.rules.paths_per_s
    assert set(paths) == {PATH + name for name in LIMITS}
    assert all(paths[PATH + name] < most / s for name, (most, s) in LIMITS.items())


async def test_a_notice_about_a_product_says_which(world: SimulatedWorld) -> None:
    offered = await world.offer("会员月卡", 100_000)
    [good] = world.house.goods.values()
    notice = UPSTREAM.read_notice(
        world.link.login, posted(shop_of(world).goods_notice(good)), world.link.now()
    )
    assert (notice.signal, notice.ref) == (Signal.PRODUCT, offered.ref)


def test_a_notice_without_a_time_is_refused() -> None:
    fields = {"orderno": "K1", "usorderno": "T1", "status": 5}
    body = json.dumps(fields | {"sign": signed(fields, KEY)}).encode()
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(
            Login(USER_ID, Secret(KEY), ""), NoticeRequest("POST", "/", "", {}, body), THEN
        )
