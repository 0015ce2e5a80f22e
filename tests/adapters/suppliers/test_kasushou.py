"""Kasushou's adapter against its simulator, and against answers that no honest shop gives."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from kashu.adapters.suppliers.kasushou import KasushouUpstream
from kashu.core.errors import Unclear
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.house import State, Trick
from kashu.simulators.suppliers.kasushou import API_KEY, USER_ID, KasushouSimulator
from kashu.suppliers.conformance.world import ended, order_of
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NotCancelled,
    PriceAbove,
    ProductGone,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import InputKind, Link, Login, OrderState, Signal
from tests.adapters.answering import Answering
from tests.adapters.suppliers.world_kasushou import PROVED, posted
from tests.adapters.suppliers.worlds import NOTICE_URL, SimulatedWorld, world_of

KASUSHOU = KasushouUpstream()


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as world:
        yield world


def shop_of(world: SimulatedWorld) -> KasushouSimulator:
    assert isinstance(world.side.app, KasushouSimulator)
    return world.side.app


def with_options(link: Link, **options: str) -> Link:
    return replace(link, login=replace(link.login, options=options))


@asynccontextmanager
async def told(world: SimulatedWorld, body: object) -> AsyncIterator[Link]:
    """Reach a server that gives one answer to everything."""
    app = Answering()
    app.body = json.dumps(body, ensure_ascii=False).encode()
    http = Http(private_allowed=True)
    async with serving(app) as url:
        yield Link(Login(USER_ID, Secret(API_KEY), url), http, world.link.now)
    await http.close()


async def test_an_order_carries_its_limit_as_text_and_where_to_tell_us(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("会员", 125_000), 2)
    standing = await KASUSHOU.place(world.link, order)
    path, params = shop_of(world).asked[-1]
    assert (path, params) == (
        "/api/v1/order/buy",
        {
            "id": int(order.ref),
            "quantity": 2,
            "external_orderno": order.number,
            "safe_price": "12.5",
            "url": NOTICE_URL,
        },
    )
    assert (standing.state, standing.charged_e4) == (OrderState.PROCESSING, 250_000)


@pytest.mark.parametrize(
    ("option", "limit"), [("unit", "12.5"), ("total", "25"), ("none", None), ("", "12.5")]
)
async def test_what_the_limit_is_of_is_the_connections_choice(
    world: SimulatedWorld, option: str, limit: str | None
) -> None:
    shop_of(world).safe_price = "total" if option == "total" else "unit"
    link = with_options(world.link, safe_price=option) if option else world.link
    order = order_of(world, await world.offer("会员", 125_000), 2)
    await KASUSHOU.place(link, order)
    assert shop_of(world).asked[-1][1].get("safe_price") == limit


async def test_a_limit_that_a_shop_takes_as_the_totals_refuses_and_never_costs_more(
    world: SimulatedWorld,
) -> None:
    shop_of(world).safe_price = "total"
    order = order_of(world, await world.offer("会员", 125_000), 2)
    with pytest.raises(PriceAbove):
        await KASUSHOU.place(world.link, order)
    assert not world.house.orders


async def test_what_an_order_lacks_is_not_sent(world: SimulatedWorld) -> None:
    order = replace(order_of(world, await world.offer("会员", 125_000)), notice_url="")
    await KASUSHOU.place(world.link, order)
    assert not {"url", "attach", "mark"} & set(shop_of(world).asked[-1][1])


async def test_a_refusal_that_says_no_more_is_settled_by_asking(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await world.refuse("400 下单失败，请联系客服")
    with pytest.raises(Unclear) as error:
        await KASUSHOU.place(world.link, order)
    assert error.value.facts["said"] == "400 下单失败,请联系客服"
    with pytest.raises(NoSuchPurchase):
        await KASUSHOU.ask(world.link, order)


@pytest.mark.parametrize("code", [0, 1, 201, 401, 403, 404, 429, 500, 503, -400])
async def test_only_400_means_that_an_order_failed(world: SimulatedWorld, code: int) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    async with told(world, {"code": code, "msg": "余额不足"}) as link:
        with pytest.raises(Unclear):
            await KASUSHOU.place(link, order)
    async with told(world, {"code": 400, "msg": "余额不足"}) as link:
        with pytest.raises(BalanceShort):
            await KASUSHOU.place(link, order)


@pytest.mark.parametrize("data", [None, {}, [], "ok", {"ordersn": None}, {"ordersn": "D1"}])
async def test_a_success_that_names_no_order_is_unclear(
    world: SimulatedWorld, data: object
) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    async with told(world, {"code": 200, "msg": "下单成功", "data": data}) as link:
        with pytest.raises(Unclear):
            await KASUSHOU.place(link, order)


@pytest.mark.parametrize(
    "message", ["用户不存在", "接口不存在", "数据不存在", "查询订单超时，不存在"]
)
async def test_only_an_order_that_does_not_exist_does_not_exist(
    world: SimulatedWorld, message: str
) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    async with told(world, {"code": 400, "msg": message}) as link:
        with pytest.raises(Unclear):
            await KASUSHOU.ask(link, order)
    async with told(world, {"code": 400, "msg": "订单不存在"}) as link:
        with pytest.raises(NoSuchPurchase):
            await KASUSHOU.ask(link, order)
    async with told(world, {"code": 400, "msg": "签名错误，订单不存在"}) as link:
        with pytest.raises(LoginRefused):
            await KASUSHOU.ask(link, order)


async def test_two_orders_with_our_number_are_told_apart_or_not_at_all(
    world: SimulatedWorld,
) -> None:
    world.house.tricks.add(Trick.CHARGES_TWICE)
    order = order_of(world, await world.offer("会员", 125_000))
    first = await KASUSHOU.place(world.link, order)
    await KASUSHOU.place(world.link, order)
    with pytest.raises(Unclear):
        await KASUSHOU.ask(world.link, order)
    standing = await KASUSHOU.ask(world.link, order, first.their_number)
    assert standing.their_number == first.their_number


async def test_an_answer_about_another_order_is_unclear(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    shop_of(world).told = {"external_orderno": "SOMEBODYELSES000001"}
    with pytest.raises(Unclear):
        await KASUSHOU.place(world.link, order)
    with pytest.raises(Unclear):
        await KASUSHOU.ask(world.link, order)


@pytest.mark.parametrize(
    ("status", "state", "known"),
    [
        (-1, OrderState.PROCESSING, True),
        (1, OrderState.PROCESSING, True),
        (2, OrderState.PROCESSING, True),
        ("2", OrderState.PROCESSING, True),
        (3, OrderState.SUCCEEDED, True),
        ("3", OrderState.SUCCEEDED, True),
        (4, OrderState.FAILED, True),
        (5, OrderState.REFUNDED, True),
        (0, OrderState.PROCESSING, False),
        (6, OrderState.PROCESSING, False),
        ("失败", OrderState.PROCESSING, False),
    ],
)
async def test_a_status_is_what_the_table_says(
    world: SimulatedWorld, status: int | str, state: OrderState, *, known: bool
) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await KASUSHOU.place(world.link, order)
    shop_of(world).told = {"status": status}
    standing = await KASUSHOU.ask(world.link, order)
    assert (standing.state, standing.known) == (state, known)


async def test_a_refund_in_part_is_told_with_its_sum_and_the_cards(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000), 2)
    await ended(KASUSHOU, world, order)
    shop_of(world).told = {"status": 5, "has_back_money": "12.5000"}
    standing = await KASUSHOU.ask(world.link, order)
    assert (standing.state, standing.refunded_e4) == (OrderState.REFUNDED, 125_000)
    assert standing.charged_e4 == 250_000
    assert len(standing.cards or ()) == 2


@pytest.mark.parametrize("amount", ["-1", "1.00001", "NaN", "1e30", "abc", {}])
async def test_an_amount_that_cannot_be_is_unclear(world: SimulatedWorld, amount: object) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await KASUSHOU.place(world.link, order)
    shop_of(world).told = {"total_price": amount}
    with pytest.raises(Unclear):
        await KASUSHOU.ask(world.link, order)


async def test_an_apology_is_no_card_and_a_text_may_be_one(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await ended(KASUSHOU, world, order)
    shop_of(world).told = {"card_list": [{"card_no": "", "card_password": None}]}
    assert (await KASUSHOU.ask(world.link, order)).cards is None
    shop_of(world).told = {"card_list": ["AAAA-BBBB"]}
    cards = (await KASUSHOU.ask(world.link, order)).cards
    assert cards is not None
    assert [card.password for card in cards] == ["AAAA-BBBB"]


async def test_what_is_said_never_repeats_an_account_or_a_key(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    message = f"账号13800138000，区服华东一区，密钥{API_KEY}有误：余额不足 ＡＢＣ１２３"
    async with told(world, {"code": 400, "msg": message}) as link:
        with pytest.raises(LoginRefused) as error:
            await KASUSHOU.place(link, order)
    said = str(error.value.facts["said"])
    for hidden in ("138", "华东", API_KEY[:6], "ABC", "ＡＢＣ"):
        assert hidden not in said


async def test_a_top_up_tells_its_account_and_a_receipt(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    standing = await ended(KASUSHOU, world, order)
    assert standing.account == "13800138000"
    assert standing.receipt == "订单处理完成，期待您的下次光临"
    assert standing.cards == ()


async def test_a_top_up_without_an_account_never_leaves(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    before = len(shop_of(world).asked)
    with pytest.raises(InputRefused):
        await KASUSHOU.place(world.link, replace(order, inputs={}))
    with pytest.raises(ProductGone):
        await KASUSHOU.place(world.link, replace(order, ref="1 OR 1"))
    assert len(shop_of(world).asked) == before


async def test_an_order_that_has_ended_is_not_cancelled(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await ended(KASUSHOU, world, order)
    with pytest.raises(NotCancelled):
        await KASUSHOU.cancel(world.link, order, "", "拍错了")
    assert world.house.orders[0].state is State.SUCCEEDED


async def test_choices_are_read_from_a_list_or_from_json_in_a_text(world: SimulatedWorld) -> None:
    fields = [
        {"key": "lblName1", "type": "text", "name": "QQ号"},
        {"key": "area", "type": "select", "name": "大区", "options": ["电信", "网通", "电信"]},
        {"key": "kind", "type": "radio", "name": "类型", "options": '[{"label":"A","value":"a"}]'},
        {"key": "pass", "type": "password", "name": "密码", "options": "{"},
        {"key": "many", "type": "select", "name": "多", "options": [str(n) for n in range(501)]},
    ]
    async with told(world, {"code": 200, "msg": "", "data": fields}) as link:
        inputs = {each.key: each for each in await KASUSHOU.inputs(link, "1")}
    assert [key for key, each in inputs.items() if each.is_account] == ["lblName1"]
    assert inputs["area"].choices == ("电信", "网通")
    assert inputs["kind"].choices == ("a",)
    assert inputs["pass"].kind is InputKind.PASSWORD
    assert inputs["many"].choices == ()


async def test_a_price_in_a_goods_notice_is_not_told(world: SimulatedWorld) -> None:
    offered = await world.offer("会员", 125_000)
    good = next(iter(world.house.goods.values()))
    request = posted(shop_of(world).goods_notice(good))
    notice = KASUSHOU.read_notice(world.link.login, request, world.link.now())
    assert (notice.signal, notice.ref, notice.said) == (Signal.PRODUCT, offered.ref, "")
