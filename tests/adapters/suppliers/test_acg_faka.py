"""acg-faka: its traps, and what it tells that can't be."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kashu.adapters.suppliers.acg_faka import AcgFakaUpstream
from kashu.core.errors import Unclear
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.acg_faka import APOLOGY, AcgFakaSimulator
from kashu.simulators.suppliers.house import Trick
from kashu.suppliers.conformance import Trouble
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import (
    AnswerLost,
    BalanceShort,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    ProductGone,
    SupplierUnclear,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Link, Login, OrderState
from tests.adapters.answering import Answering
from tests.adapters.suppliers.world_acg_faka import PROVED
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

UPSTREAM = AcgFakaUpstream()
ORDERED = "commodity/trade"


@asynccontextmanager
async def shop() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as world:
        yield world


def shop_of(world: SimulatedWorld) -> AcgFakaSimulator:
    assert isinstance(world.side.app, AcgFakaSimulator)
    return world.side.app


def paths_of(world: SimulatedWorld) -> list[str]:
    return [path for path, _ in shop_of(world).asked]


@asynccontextmanager
async def answering(told: object) -> AsyncIterator[Link]:
    server = Answering()
    server.body = told if isinstance(told, bytes) else json.dumps(told).encode()
    http = Http(private_allowed=True)
    async with serving(server) as url:
        yield Link(Login("1001", Secret("a-key-of-ours"), url), http, lambda: datetime.now(UTC))
        await http.close()


async def test_the_key_itself_is_never_sent() -> None:
    async with shop() as world:
        await UPSTREAM.balance(world.link)
        await UPSTREAM.place(world.link, order_of(world, await world.offer("月卡", 141_000)))
        told = json.dumps(shop_of(world).asked, ensure_ascii=False)
        assert world.link.login.secret.clear not in told
        assert "app_key" not in told


async def test_cards_come_in_the_answer_to_an_order() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000), 3)
        standing = await UPSTREAM.place(world.link, order)
        (made,) = await world.orders()
        assert (standing.state, standing.cards) == (OrderState.SUCCEEDED, made.cards)
        assert standing.charged_e4 == 423_000


async def test_a_lost_answer_to_an_order_that_was_made_is_lost() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        await world.meet(Trouble.SILENT_AFTER, placing=True)
        with pytest.raises(Unclear):
            await UPSTREAM.place(world.link, order)
        for _ in range(2):
            with pytest.raises(AnswerLost) as raised:
                await UPSTREAM.ask(world.link, order)
            assert raised.value.facts["number"] == order.number
        assert len(await world.orders()) == 1


async def test_a_lost_order_that_was_never_made_is_made_by_asking() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        await world.meet(Trouble.SILENT_BEFORE, placing=True)
        with pytest.raises(Unclear):
            await UPSTREAM.place(world.link, order)
        standing = await UPSTREAM.ask(world.link, order)
        (made,) = await world.orders()
        assert (standing.state, standing.cards) == (OrderState.SUCCEEDED, made.cards)
        with pytest.raises(AnswerLost):
            await UPSTREAM.ask(world.link, order)


async def test_a_lost_order_that_took_the_last_card_is_not_taken_for_refused() -> None:
    """They look at stock before they look for the number: too few proves nothing."""
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000, stock=1))
        await world.meet(Trouble.SILENT_AFTER, placing=True)
        with pytest.raises(Unclear):
            await UPSTREAM.place(world.link, order)
        with pytest.raises(SupplierUnclear) as raised:
            await UPSTREAM.ask(world.link, order)
        assert "库存不足" in str(raised.value.facts["said"])
        assert len(await world.orders()) == 1


@pytest.mark.parametrize("word", ["余额不足", "商品不存在", "当前商品已停售"])
async def test_no_refusal_of_a_second_sending_proves_anything(word: str) -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        await world.refuse(word)
        with pytest.raises(SupplierUnclear):
            await UPSTREAM.ask(world.link, order)
        assert not await world.orders()


async def test_a_lost_order_is_not_sent_again_above_its_price() -> None:
    async with shop() as world:
        offered = await world.offer("月卡", 141_000)
        order = order_of(world, offered)
        world.good_of(offered).unit_cost_e4 += 100
        with pytest.raises(SupplierUnclear):
            await UPSTREAM.ask(world.link, order)
        assert ORDERED not in paths_of(world)


async def test_a_number_is_free_after_the_balance_was_short_and_taken_after_success() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        await world.set_money(100)
        with pytest.raises(BalanceShort):
            await UPSTREAM.place(world.link, order)
        await world.set_money(10**9)
        await UPSTREAM.place(world.link, order)
        with pytest.raises(NumberTaken) as raised:
            await UPSTREAM.place(world.link, order)
        assert raised.value.facts["number"] == order.number
        assert len(await world.orders()) == 1


async def test_a_number_that_is_too_long_ends_in_a_page_and_is_unclear() -> None:
    async with shop() as world:
        order = replace(order_of(world, await world.offer("月卡", 141_000)), number="K" * 20)
        with pytest.raises(Unclear):
            await UPSTREAM.place(world.link, order)
        assert not await world.orders()


async def test_an_apology_is_no_card() -> None:
    async with shop() as world:
        shop_of(world).apologies = 1
        order = order_of(world, await world.offer("月卡", 141_000))
        standing = await UPSTREAM.place(world.link, order)
        assert (standing.state, standing.cards) == (OrderState.SUCCEEDED, ())
        assert standing.charged_e4 == 141_000
        assert APOLOGY not in repr(standing)


@pytest.mark.parametrize("sentence", ["正在发货中，请耐心等待…", "老板出门了，晚上八点统一发货"])
async def test_goods_by_hand_wait_until_they_say_something_else(sentence: str) -> None:
    async with shop() as world:
        offered = await world.offer("季卡", 300_000)
        good = world.good_of(offered)
        shop_of(world).by_hand.add(good.good_id)
        shop_of(world).waiting[good.good_id] = sentence
        order = order_of(world, offered, 2)
        standing = await UPSTREAM.place(world.link, order)
        assert (standing.state, standing.cards) == (OrderState.PROCESSING, None)
        again = await UPSTREAM.ask(world.link, order, standing.their_number)
        assert again == replace(standing, charged_e4=None)
        await world.settle()
        given = await UPSTREAM.ask(world.link, order, again.their_number)
        (made,) = await world.orders()
        assert (given.state, given.cards) == (OrderState.SUCCEEDED, made.cards)
        assert given.their_number.partition(".")[0] == made.their_number


async def test_a_topped_up_account_is_told_by_a_receipt() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
        standing = await UPSTREAM.place(world.link, order)
        assert standing.state is OrderState.PROCESSING
        await world.settle()
        given = await UPSTREAM.ask(world.link, order, standing.their_number)
        assert (given.state, given.cards) == (OrderState.SUCCEEDED, None)
        assert given.receipt == "充值成功"
        assert world.house.orders[0].inputs == {"account": "13800138000"}


async def test_a_field_that_is_wrong_is_told_in_the_sellers_words() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
        with pytest.raises(InputRefused) as raised:
            await UPSTREAM.place(world.link, replace(order, inputs={"account": ""}))
        assert raised.value.facts["said"] == "账号格式错误"
        assert not await world.orders()


async def test_a_field_can_not_take_the_place_of_one_of_ours() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        for name in ("num", "request_no", "sign", "shared_code", "app_id"):
            with pytest.raises(InputRefused):
                await UPSTREAM.place(world.link, replace(order, inputs={name: "9"}))
        assert ORDERED not in paths_of(world)


CONFIG: dict[str, dict[str, Any]] = {
    "category": {"月卡": "10.00", "季卡": "28.50"},
    "sku": {"区服": {"华东 1": "0", "华南&2": "1.50"}},
}


async def test_every_variant_is_a_product_and_costs_what_it_is_valued() -> None:
    async with shop() as world:
        offered = await world.offer("影视会员", 100_000)
        shop_of(world).variants[world.good_of(offered).good_id] = CONFIG
        listed = (await UPSTREAM.products(world.link)).members
        assert [each.title for each in listed] == [
            "影视会员 月卡 华东 1",
            "影视会员 月卡 华南&2",
            "影视会员 季卡 华东 1",
            "影视会员 季卡 华南&2",
        ]
        assert {each.unit_cost_e4 for each in listed} == {None}
        costs = [(await UPSTREAM.product(world.link, each.ref)).unit_cost_e4 for each in listed]
        assert costs == [100_000, 115_000, 285_000, 300_000]
        order = replace(order_of(world, offered), ref=listed[3].ref, total_max_e4=300_000)
        assert (await UPSTREAM.place(world.link, order)).charged_e4 == 300_000
        _, asked = shop_of(world).asked[-1]
        assert (asked["race"], asked["sku"]) == ("季卡", {"区服": "华南&2"})


async def test_a_variant_that_is_not_there_is_not_ordered_as_the_standard_one() -> None:
    async with shop() as world:
        offered = await world.offer("影视会员", 100_000)
        plain = order_of(world, offered)
        for ref in (f"{offered.ref}?race=年卡", f"{offered.ref}?区服=华东"):
            with pytest.raises(ProductGone):
                await UPSTREAM.place(world.link, replace(plain, ref=ref))
        shop_of(world).variants[world.good_of(offered).good_id] = CONFIG
        with pytest.raises(ProductGone):
            await UPSTREAM.place(world.link, plain)
        assert ORDERED not in paths_of(world)


async def test_goods_that_are_not_listed_can_still_be_read() -> None:
    async with shop() as world:
        offered = await world.offer("月卡", 141_000)
        shop_of(world).hidden.add(world.good_of(offered).good_id)
        assert not (await UPSTREAM.products(world.link)).members
        assert (await UPSTREAM.product(world.link, offered.ref)).unit_cost_e4 == 141_000


async def test_a_price_of_nothing_is_no_price() -> None:
    async with shop() as world:
        offered = await world.offer("月卡", 141_000)
        world.house.tricks.add(Trick.PRICE_ZERO)
        with pytest.raises(SupplierUnclear):
            await UPSTREAM.product(world.link, offered.ref)


async def test_a_price_of_several_that_does_not_divide_is_rounded_up() -> None:
    async with shop() as world:
        offered = await world.offer("月卡", 33_300)
        world.good_of(offered).unit_cost_e4 = 33_334
        product = await UPSTREAM.product(world.link, offered.ref, 3)
        assert product.unit_cost_e4 == 33_334


async def test_limits_and_words_for_stock_are_read() -> None:
    async with shop() as world:
        offered = await world.offer("月卡", 141_000)
        told = {"stock": "充足", "minimum": 2, "maximum": 5, "api_status": 0}
        shop_of(world).told[world.good_of(offered).good_id] = told
        product = await UPSTREAM.product(world.link, offered.ref)
        assert (product.stock, product.in_stock, product.on_sale) == (None, True, False)
        assert (product.least, product.most) == (2, 5)


@pytest.mark.parametrize(
    "told",
    [
        {"widget": "{", "delivery_way": 1},
        {"widget": [{"cn": "账号"}], "delivery_way": 1},
        {"config": {"category": {str(n): "1" for n in range(201)}}},
        {"config": {"sku": {"race": {"a": "1"}}}},
        {"user_price": -1},
        {"user_price": "1.00009"},
        {"user_price": "x"},
        {"code": None},
        {"minimum": []},
    ],
)
async def test_an_item_that_cannot_be_hides_no_other(told: dict[str, object]) -> None:
    async with shop() as world:
        bad = await world.offer("坏的", 141_000)
        good = await world.offer("好的", 141_000)
        shop_of(world).told[world.good_of(bad).good_id] = told
        page = await UPSTREAM.products(world.link)
        assert ([each.ref for each in page.members], page.wrong) == ([good.ref], 1)


async def test_a_float_of_php_is_read_as_what_it_means() -> None:
    async with answering(b'{"code":200,"msg":"","data":{"balance":0.30000000000000004}}') as link:
        assert (await UPSTREAM.balance(link)).amount_e4 == 3_000
    for written in (b"1.00005", b"-1", b"1e400", b'"NaN"', b"null", b"[]"):
        body = b'{"code":200,"msg":"","data":{"balance":' + written + b"}}"
        async with answering(body) as link:
            with pytest.raises(Unclear):
                await UPSTREAM.balance(link)


@pytest.mark.parametrize(
    "told",
    [
        {"code": 0, "msg": "库存不足!"},
        {"code": 0, "msg": "抱歉，库存不足"},
        {"code": 1, "msg": "库存不足"},
        {"code": "200", "data": {}},
        {"code": 200},
        {"msg": "库存不足"},
        [],
    ],
)
async def test_only_the_words_of_the_table_say_no(told: object) -> None:
    async with answering(told) as link, shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        with pytest.raises(Unclear):
            await UPSTREAM.place(link, order)


async def test_an_unknown_trade_is_no_proof_of_anything() -> None:
    async with shop() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        with pytest.raises(NoSuchPurchase):
            await UPSTREAM.ask(world.link, order, "77")
        assert not await world.orders()


async def test_an_account_that_nobody_has_locks_us_out() -> None:
    async with shop() as world:
        login = replace(world.link.login, account="9")
        with pytest.raises(LoginRefused):
            await UPSTREAM.balance(replace(world.link, login=login))
        order = order_of(world, await world.offer("月卡", 141_000))
        with pytest.raises(LoginRefused):
            await UPSTREAM.ask(replace(world.link, login=login), order)
        assert not await world.orders()


async def test_what_a_shop_says_is_repeated_without_what_we_typed() -> None:
    async with answering({"code": 0, "msg": "账号 13800138000 无效 A1B2-C3D4"}) as link:
        async with shop() as world:
            order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
            with pytest.raises(Unclear) as raised:
                await UPSTREAM.place(link, order)
        told = f"{raised.value.text('zh')} {raised.value!r}"
        assert "13800138000" not in told
        assert "A1B2" not in told
