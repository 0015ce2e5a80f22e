"""Kayixin's adapter against its simulator, and against answers that no honest shop gives."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from kashu.adapters.suppliers.kayixin import KayixinUpstream
from kashu.core.errors import Unclear
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.house import Good, State, Trick
from kashu.simulators.suppliers.kayixin import APP_ID, APP_SECRET, KayixinSimulator
from kashu.simulators.suppliers.kayixin_wire import card_told, sealed, written
from kashu.suppliers.conformance.world import ended, order_of
from kashu.suppliers.errors import (
    InputRefused,
    NoSuchPurchase,
    NotCancelled,
    NumberTaken,
    PriceAbove,
    ProductGone,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import InputKind, Link, Login, Order, OrderState, Signal
from tests.adapters.answering import Answering
from tests.adapters.suppliers.world_kayixin import PROVED, posted
from tests.adapters.suppliers.worlds import NOTICE_URL, SimulatedWorld, world_of

KAYIXIN = KayixinUpstream()


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as world:
        yield world


def shop_of(world: SimulatedWorld) -> KayixinSimulator:
    assert isinstance(world.side.app, KayixinSimulator)
    return world.side.app


def with_options(link: Link, **options: str) -> Link:
    return replace(link, login=replace(link.login, options=options))


async def good_of(world: SimulatedWorld, *, stock: int = 20) -> Good:
    await world.offer("会员", 125_000, stock=stock)
    return list(world.house.goods.values())[-1]


async def order_for(world: SimulatedWorld, ref: str, unit_cost_e4: int, quantity: int) -> Order:
    offered = await world.offer("会员", unit_cost_e4)
    return order_of(world, replace(offered, ref=ref), quantity)


@asynccontextmanager
async def told(world: SimulatedWorld, body: object) -> AsyncIterator[Link]:
    """Reach a server that gives one answer to everything."""
    app = Answering()
    app.body = json.dumps(body, ensure_ascii=False).encode()
    http = Http(private_allowed=True)
    async with serving(app) as url:
        yield Link(Login(APP_ID, Secret(APP_SECRET), url), http, world.link.now)
    await http.close()


@pytest.mark.parametrize(
    "message", ["账户余额不足", "库存不足", "高于安全价格", "商品已下架", "签名错误", ""]
)
async def test_without_known_codes_no_failure_is_believed(
    world: SimulatedWorld, message: str
) -> None:
    link = with_options(world.link)
    order = order_of(world, await world.offer("会员", 125_000))
    await world.refuse(f"1001 {message}")
    with pytest.raises(Unclear):
        await KAYIXIN.place(link, order)
    with pytest.raises(NoSuchPurchase):
        await KAYIXIN.ask(link, order)
    assert not world.house.orders


async def test_an_order_carries_its_limit_for_all_and_where_to_tell_us(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("话费", 125_000, goods=Goods.TOPUP), 3)
    standing = await KAYIXIN.place(world.link, order)
    path, params = shop_of(world).asked[-1]
    assert (path, params) == (
        "/api/v3/order/create",
        {
            "goodsId": int(order.ref),
            "count": 3,
            "notifyUrl": NOTICE_URL,
            "outerNumber": order.number,
            "safePrice": 37.5,
            "sku": "",
            "attach": [
                {"name": "充值账号", "value": "13800138000"},
                {"name": "区服", "value": "华东一区"},
            ],
        },
    )
    assert standing.state is OrderState.PROCESSING
    assert standing.their_number


async def test_an_amount_is_written_as_the_number_it_is(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 655_350_101), 3)
    app = Answering()
    app.body = b'{"code":1000,"data":{"orderNumber":"1","cards":[]}}'
    async with serving(app) as url:
        http = Http(private_allowed=True)
        await KAYIXIN.place(Link(Login(APP_ID, Secret("x"), url), http, world.link.now), order)
        await http.close()
    assert b'"safePrice":196605.0303,' in app.asked[0]


async def test_cards_that_come_at_once_are_asked_for(world: SimulatedWorld) -> None:
    shop_of(world).at_once = True
    order = order_of(world, await world.offer("会员", 125_000))
    placed = await KAYIXIN.place(world.link, order)
    assert (placed.state, placed.cards) == (OrderState.PROCESSING, None)
    standing = await KAYIXIN.ask(world.link, order)
    assert standing.state is OrderState.SUCCEEDED
    assert len(standing.cards or ()) == 1


@pytest.mark.parametrize(
    ("status", "state", "known"),
    [
        (0, OrderState.PROCESSING, True),
        (1, OrderState.PROCESSING, True),
        (2, OrderState.PROCESSING, True),
        (3, OrderState.SUCCEEDED, True),
        (4, OrderState.FAILED, True),
        (5, OrderState.REFUNDED, True),
        (6, OrderState.PROCESSING, False),
        (7, OrderState.PROCESSING, True),
        (8, OrderState.PROCESSING, True),
        (9, OrderState.SUCCEEDED, True),
        (10, OrderState.PROCESSING, False),
        (-1, OrderState.PROCESSING, False),
    ],
)
async def test_a_status_is_what_the_table_says(
    world: SimulatedWorld, status: int, state: OrderState, *, known: bool
) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await KAYIXIN.place(world.link, order)
    await world.settle()
    shop_of(world).told = {"status": status, "retMoney": 3}
    standing = await KAYIXIN.ask(world.link, order)
    assert (standing.state, standing.known, standing.said) == (state, known, str(status))
    assert standing.refunded_e4 == 30_000
    assert bool(standing.cards) == (status in {3, 5, 9})


async def test_cards_that_are_sealed_as_in_notices_open(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    clear = (await ended(KAYIXIN, world, order)).cards
    cards = [card_told(card, 1) for card in world.house.orders[0].given]
    shop_of(world).told = {"cards": sealed(written(cards), APP_SECRET)}
    assert (await KAYIXIN.ask(world.link, order)).cards == clear
    shop_of(world).told = {"cards": sealed(written(cards), "0" * 32)}
    with pytest.raises(Unclear):
        await KAYIXIN.ask(world.link, order)


async def test_a_notice_never_gives_its_cards(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await ended(KAYIXIN, world, order)
    request = posted(shop_of(world).notice(world.house.orders[0]))
    notice = KAYIXIN.read_notice(world.link.login, request, world.link.now())
    card = world.house.orders[0].given[0]
    assert (notice.signal, notice.number) == (Signal.ORDER, order.number)
    assert card.password not in repr(notice)
    assert card.password.encode() not in request.body


async def test_a_piece_that_gives_two_costs_two_and_says_so(world: SimulatedWorld) -> None:
    good = await good_of(world, stock=9)
    shop_of(world).multiples[good.good_id] = 2
    ref = f"{good.good_id}*2"
    product = await KAYIXIN.product(world.link, ref)
    assert (product.unit_cost_e4, product.stock) == (250_000, 4)
    assert product.title == "会员（每件发 2）"
    order = await order_for(world, ref, 250_000, 3)
    standing = await ended(KAYIXIN, world, order)
    assert (standing.charged_e4, standing.quantity) == (750_000, 3)
    assert len(standing.cards or ()) == 6
    with pytest.raises(ProductGone):
        await KAYIXIN.product(world.link, str(good.good_id))


async def test_a_piece_that_gives_more_than_before_is_not_bought_above_the_limit(
    world: SimulatedWorld,
) -> None:
    good = await good_of(world)
    order = await order_for(world, str(good.good_id), 125_000, 1)
    shop_of(world).multiples[good.good_id] = 2
    with pytest.raises(PriceAbove):
        await KAYIXIN.place(world.link, order)
    assert not world.house.orders


async def test_a_variant_is_sold_by_its_code(world: SimulatedWorld) -> None:
    good = await good_of(world)
    shop_of(world).skus[good.good_id] = "SK-1"
    page = await KAYIXIN.products(world.link)
    assert [(each.ref, each.title, each.stock) for each in page.members] == [
        (f"{good.good_id}:SK-1", "会员 标准", 20)
    ]
    order = await order_for(world, f"{good.good_id}:SK-1", 125_000, 1)
    await KAYIXIN.place(world.link, order)
    assert shop_of(world).asked[-1][1]["sku"] == "SK-1"


async def test_the_list_alone_tells_no_stock_and_no_variants(world: SimulatedWorld) -> None:
    first, second = await good_of(world), await good_of(world)
    shop_of(world).skus[second.good_id] = "SK-1"
    shop_of(world).asked.clear()
    page = await KAYIXIN.products(with_options(world.link))
    assert [(each.ref, each.stock) for each in page.members] == [(str(first.good_id), None)]
    assert page.wrong == 1
    assert len(shop_of(world).asked) == 1


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(world: SimulatedWorld) -> None:
    good = {
        "goodsId": 1,
        "name": "月卡",
        "salesPrice": 1.5,
        "goodsType": 1,
        "status": 1,
        "multiple": 1,
        "skuType": 0,
    }
    spoilt = [
        {**good, "goodsType": 2},
        {**good, "salesPrice": -1},
        {**good, "salesPrice": 1.00001},
        {**good, "multiple": 0},
        {**good, "multiple": 10**9},
        {**good, "skuType": 3},
        {**good, "name": {}},
        None,
    ]
    data = {"items": [*spoilt, good], "allPage": 1, "allCount": 9}
    async with told(world, {"code": 1000, "msg": "", "data": data}) as link:
        page = await KAYIXIN.products(link)
    assert [each.ref for each in page.members] == ["1"]
    assert page.wrong == len(spoilt)


@pytest.mark.parametrize("ref", ["", "abc", "1*", "1:", "1 2", "1*0x2", "٣", "1:a b", "1" * 19])
async def test_what_is_no_number_of_theirs_never_leaves(world: SimulatedWorld, ref: str) -> None:
    order = await order_for(world, ref, 125_000, 1)
    with pytest.raises(ProductGone):
        await KAYIXIN.place(world.link, order)
    assert not shop_of(world).asked


async def test_a_top_up_without_an_account_never_leaves(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    with pytest.raises(InputRefused):
        await KAYIXIN.place(world.link, replace(order, inputs={}))
    assert not shop_of(world).asked


async def test_templates_are_asked_for_by_their_titles(world: SimulatedWorld) -> None:
    templates = [
        {"type": 14, "title": "大区", "required": 0, "options": [{"name": "甲", "value": "a"}]},
        {"type": 13, "title": "QQ号码", "required": 1, "regex": "^[0-9]+$"},
        {"type": 16, "title": "区服", "required": 1, "options": [{"name": "乙", "value": "b"}]},
    ]
    data = {
        "goodsId": 1,
        "name": "点券",
        "salesPrice": 1,
        "goodsType": 3,
        "status": 1,
        "rechargeTemplates": templates,
    }
    async with told(world, {"code": 1000, "msg": "", "data": data}) as link:
        inputs = await KAYIXIN.inputs(link, "1")
    assert [(each.key, each.kind, each.required, each.is_account) for each in inputs] == [
        ("大区", InputKind.CHOICE, False, False),
        ("QQ号码", InputKind.NUMBER, True, True),
        ("区服", InputKind.TEXT, True, False),
    ]
    assert (inputs[0].choices, inputs[1].pattern) == (("a",), "^[0-9]+$")


async def test_a_number_that_is_there_is_asked_for(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await KAYIXIN.place(world.link, order)
    with pytest.raises(NumberTaken):
        await KAYIXIN.place(with_options(world.link), order)
    assert len(world.house.orders) == 1


async def test_an_answer_about_another_order_is_unclear(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await KAYIXIN.place(world.link, order)
    for number in ("SOMEBODYELSES000001", "", None):
        shop_of(world).told = {"outerNumber": number}
        with pytest.raises(Unclear):
            await KAYIXIN.ask(world.link, order)


async def test_an_order_that_has_ended_is_not_cancelled(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await ended(KAYIXIN, world, order)
    with pytest.raises(NotCancelled):
        await KAYIXIN.cancel(world.link, order, "", "拍错了")
    assert world.house.orders[0].state is State.SUCCEEDED


async def test_a_notice_of_a_product_names_it(world: SimulatedWorld) -> None:
    good = await good_of(world)
    request = posted(shop_of(world).goods_notice(good))
    notice = KAYIXIN.read_notice(world.link.login, request, world.link.now())
    assert (notice.signal, notice.ref) == (Signal.PRODUCT, str(good.good_id))


async def test_a_notice_about_somebody_elses_order_names_theirs(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 125_000))
    await ended(KAYIXIN, world, order)
    world.house.tricks.add(Trick.NOTICE_OF_ANOTHER)
    request = posted(shop_of(world).notice(world.house.orders[0]))
    notice = KAYIXIN.read_notice(world.link.login, request, world.link.now())
    assert notice.number != order.number
