"""Xingquanyi: signatures are an independent client's; states, two spellings, tickets, pauses."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from kashu.adapters.suppliers.xingquanyi import XingquanyiUpstream
from kashu.adapters.suppliers.xingquanyi_orders import OrderTold, read_order
from kashu.adapters.suppliers.xingquanyi_products import is_banned
from kashu.adapters.suppliers.xingquanyi_wire import sign
from kashu.core.errors import Unclear
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.xingquanyi import LIMITS, XingquanyiSimulator
from kashu.simulators.suppliers.xingquanyi_wire import EXPIRES, signed
from kashu.suppliers.conformance.world import ended, order_of
from kashu.suppliers.errors import AnswerLost, InputRefused, NoticeNotAuthentic, ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    BoughtCard,
    InputKind,
    Login,
    Order,
    OrderState,
    Signal,
)
from tests.adapters.suppliers.world_xingquanyi import PROVED, posted
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "xingquanyi.json").read_text())
UPSTREAM = XingquanyiUpstream()
THEN = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
PICTURE = "iVBORw0KGgo" * 100


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def params_of(vector: dict[str, Any]) -> dict[str, str]:
    return {name: str(each) for name, each in vector["input"]["params"].items()}


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as opened:
        yield opened


def site_of(world: SimulatedWorld) -> XingquanyiSimulator:
    assert isinstance(world.side.app, XingquanyiSimulator)
    return world.side.app


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_it_is_signed_as_an_independent_client_signs_it(vector: dict[str, Any]) -> None:
    params, key = params_of(vector), vector["input"]["key"]
    assert sign(params, key) == vector["expect"]["sign"]
    assert (
        sign({**params, "cards": "[1]", "tickets": "[]", "sign": "x"}, key)
        == (vector["expect"]["sign"])
    )
    assert signed(params, key) == vector["expect"]["sign"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_changed_value_changes_the_signature(vector: dict[str, Any]) -> None:
    params, key = params_of(vector), vector["input"]["key"]
    for name, value in params.items():
        assert sign({**params, name: value + "0"}, key) != vector["expect"]["sign"]
    assert sign(params, key + "0") != vector["expect"]["sign"]


def test_the_notice_of_an_independent_client_is_read() -> None:
    [vector] = [each for each in VECTORS if each["kind"] == "callback_sign"]
    body = urlencode(params_of(vector) | vector["expect"] | {"cards": "[]"}).encode()
    login = Login("1001", Secret(vector["input"]["key"]), "")
    notice = UPSTREAM.read_notice(login, posted(body), THEN)
    assert (notice.number, notice.their_number, notice.said) == ("T202601010001", "X1", "200")
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(replace(login, account="1002"), posted(body), THEN)


@pytest.mark.parametrize("named", [True, False])
def test_an_empty_field_of_a_notice_may_add_its_name_or_not(*, named: bool) -> None:
    login = Login("1001", Secret("key"), "")
    fields = {
        "customer_id": "1001",
        "outer_order_id": "T1",
        "state": "200",
        "state_info": "",
        "timestamp": str(int(THEN.timestamp())),
    }
    whole = fields if named else {name: each for name, each in fields.items() if each}
    body = urlencode(fields | {"sign": signed(whole, "key")}).encode()
    assert UPSTREAM.read_notice(login, posted(body), THEN).number == "T1"


async def test_a_notice_about_a_product_says_which_and_nothing_of_its_stock(
    world: SimulatedWorld,
) -> None:
    offered = await world.offer("会员月卡", 100_000)
    [good] = world.house.goods.values()
    body = site_of(world).product_notice(good)
    notice = UPSTREAM.read_notice(world.link.login, posted(body), world.link.now())
    assert (notice.signal, notice.ref, notice.said) == (
        Signal.PRODUCT,
        offered.ref,
        "price_changed",
    )
    forged = body.replace(str(good.good_id).encode(), b"1")
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(world.link.login, posted(forged), world.link.now())


async def test_the_limit_is_that_of_one_and_nothing_empty_is_sent(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员月卡", 141_250), 2)
    await UPSTREAM.place(world.link, replace(order, notice_url="", total_max_e4=282_501))
    [path, sent] = site_of(world).asked[-1]
    assert path == "/api/buy"
    assert sent["safe_cost"] == "14.125"
    assert (sent["quantity"], sent["outer_order_id"]) == ("2", order.number)
    assert "notify_url" not in sent
    assert "recharge_account" not in sent


async def test_what_is_typed_beside_the_account_goes_into_the_template(
    world: SimulatedWorld,
) -> None:
    offered = await world.offer("点券", 100_000, goods=Goods.TOPUP)
    inputs = await UPSTREAM.inputs(world.link, offered.ref)
    assert [(each.key, each.kind) for each in inputs] == [
        ("recharge_account", InputKind.TEXT),
        ("游戏区服", InputKind.CHOICE),
    ]
    assert inputs[1].choices == ("一区", "二区")
    await UPSTREAM.place(world.link, order_of(world, offered))
    [_, sent] = site_of(world).asked[-1]
    assert sent["recharge_account"] == "13800138000"
    assert sent["recharge_template_input_items[游戏区服]"] == "二区"


async def test_a_topup_without_an_account_is_not_sent(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 100_000, goods=Goods.TOPUP))
    with pytest.raises(InputRefused):
        await UPSTREAM.place(world.link, replace(order, inputs={}))
    assert site_of(world).asked == []
    assert world.house.orders == []


async def test_cards_that_come_at_once_are_spelt_otherwise_than_those_asked_for(
    world: SimulatedWorld,
) -> None:
    site_of(world).instant = True
    order = order_of(world, await world.offer("会员月卡", 100_000, cards=[("A-1", "p1")]))
    placed = await UPSTREAM.place(world.link, order)
    asked = await UPSTREAM.ask(world.link, order)
    assert placed.state is asked.state is OrderState.SUCCEEDED
    [card] = placed.cards or ()
    assert (card.number, card.password) == ("A-1", "p1")
    assert asked.cards == placed.cards


async def test_tickets_are_links(world: SimulatedWorld) -> None:
    offered = await world.offer("券", 100_000, goods=Goods.LINK, cards=[("T-1", "abc")])
    standing = await ended(UPSTREAM, world, order_of(world, offered))
    [ticket] = standing.cards or ()
    assert (ticket.number, ticket.url) == ("T-1", "https://tickets.example/abc.png")
    assert await UPSTREAM.inputs(world.link, offered.ref) == ()


def told_of(**fields: object) -> tuple[OrderTold, Order]:
    """An order as asking tells it."""
    body = {"id": 557307811871, "state": 200, "total_price": "3.0000", "outer_order_id": "K1"}
    order = Order("K1", "9", Goods.LINK, 1, 30_000, 30_000, THEN)
    return msgspec.json.decode(json.dumps(body | fields), type=OrderTold), order


def test_a_ticket_that_is_a_picture_is_for_people() -> None:
    told, order = told_of(tickets=[{"no": "", "ticket": PICTURE, "expired_at": EXPIRES}])
    assert read_order(told, order, placing=True).cards is None
    with pytest.raises(AnswerLost) as caught:
        read_order(told, order)
    assert PICTURE[:20] not in str(caught.value)


def test_a_ticket_that_is_a_short_code_is_kept() -> None:
    told, order = told_of(tickets=[{"no": None, "ticket": "CODE-1"}])
    assert read_order(told, order).cards == (BoughtCard(password="CODE-1"),)


@pytest.mark.parametrize(
    ("state", "back", "back_e4", "expected"),
    [
        (100, "0", 0, OrderState.PROCESSING),
        (101, None, 0, OrderState.PROCESSING),
        ("200", "0.0000", 0, OrderState.SUCCEEDED),
        (200, "1.5", 15_000, OrderState.REFUNDED),
        (500, "3.0000", 30_000, OrderState.FAILED),
        (501, "0", 0, OrderState.PROCESSING),
    ],
)
def test_states_mean_what_the_page_says(
    state: int | str, back: str | None, back_e4: int, expected: OrderState
) -> None:
    told, order = told_of(state=state, refunded_amount=back)
    standing = read_order(told, order)
    assert (standing.state, standing.known) == (expected, True)
    assert standing.refunded_e4 == back_e4


@pytest.mark.parametrize("state", [502, 0, "", "ok", -1])
def test_a_state_that_is_not_in_the_table_is_under_way(state: int | str) -> None:
    told, order = told_of(state=state)
    standing = read_order(told, order)
    assert (standing.state, standing.known) == (OrderState.PROCESSING, False)


@pytest.mark.parametrize("fields", [{"outer_order_id": "K2"}, {"id": None}, {"total_price": "-1"}])
def test_an_answer_about_another_order_or_with_no_sum_is_unclear(fields: dict[str, Any]) -> None:
    told, order = told_of(**fields)
    with pytest.raises(Unclear):
        read_order(told, order)


@pytest.mark.parametrize(
    ("begins", "ends", "hour", "banned"),
    [
        ("", "", 12, False),
        ("14:00:00", "16:59:59", 15, True),
        ("14:00:00", "16:59:59", 17, False),
        ("23:00:00", "06:00:00", 23, True),
        ("23:00:00", "06:00:00", 2, True),
        ("23:00:00", "06:00:00", 12, False),
    ],
)
def test_a_daily_pause_may_cross_midnight_in_beijing(
    begins: str, ends: str, hour: int, *, banned: bool
) -> None:
    at = datetime(2026, 1, 2, (hour - 8) % 24, 30, tzinfo=UTC)
    assert is_banned(begins, ends, at) is banned


@pytest.mark.parametrize(
    ("told", "on_sale", "in_stock"),
    [
        ({}, True, True),
        ({"stock_state": 2}, True, False),
        ({"supply_state": 2}, False, True),
        ({"supply_state": 3}, False, True),
        ({"hold_state": 2}, False, True),
        ({"hold_state": None}, True, True),
        ({"ban_start_at": "00:00:00", "ban_end_at": "23:59:59"}, False, True),
    ],
)
async def test_a_product_is_on_sale_where_all_its_states_allow_it(
    world: SimulatedWorld, told: dict[str, Any], *, on_sale: bool, in_stock: bool
) -> None:
    offered = await world.offer("会员月卡", 100_000)
    site_of(world).goods_told = told
    product = await UPSTREAM.product(world.link, offered.ref)
    assert (product.on_sale, product.in_stock) == (on_sale, in_stock)
    assert (product.least, product.most) == (1, 10_000)


async def test_what_is_done_by_hand_is_not_ours_to_buy(world: SimulatedWorld) -> None:
    offered = await world.offer("代练", 100_000)
    site_of(world).goods_told = {"type": 4}
    page = await UPSTREAM.products(world.link)
    assert (page.members, page.wrong) == ([], 0)
    with pytest.raises(ProductGone):
        await UPSTREAM.product(world.link, offered.ref)
    site_of(world).goods_told = {"type": 9}
    assert (await UPSTREAM.products(world.link)).wrong == 1


def test_we_keep_to_its_limits() -> None:
    paths = UPSTREAM.rules.paths_per_s
    assert set(paths) == set(LIMITS)
    assert all(paths[path] < most / within_s for path, (most, within_s) in LIMITS.items())
