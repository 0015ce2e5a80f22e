"""Weidian's adapter against its simulator, over real sockets: permission, orders."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kashu.adapters.channels.weidian_grants import MarkNotPlain
from kashu.channels.channel import (
    App,
    Can,
    Channel,
    Link,
    ShopOrder,
    ShopRefundState,
    ShopState,
    Window,
)
from kashu.channels.errors import (
    AppRefused,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    ShopOrderWrong,
)
from kashu.core.secrets import Secret
from kashu.simulators.shop import OrderState, Shop
from kashu.simulators.weidian import WeidianSimulator
from tests.adapters.weidian_world import (
    BACK,
    CHANNEL,
    linked,
    new_platform,
    new_shop,
    sold,
    with_options,
)

STATE = "abc123"


@pytest.fixture
def shop() -> Shop:
    return new_shop()


@pytest.fixture
def platform(shop: Shop) -> WeidianSimulator:
    return new_platform(shop)


@pytest.fixture
async def link(platform: WeidianSimulator) -> AsyncIterator[Link]:
    async with linked(platform) as link:
        yield link


async def collected(link: Link, window: Window) -> list[ShopOrder]:
    found: list[ShopOrder] = []
    page = None
    while True:
        answer = await CHANNEL.orders(link, window, page)
        found += answer.members
        if answer.next is None:
            return found
        page = answer.next


def lately(shop: Shop) -> Window:
    return Window(shop.now() - timedelta(minutes=5), shop.now())


def test_it_is_a_channel_without_what_the_platform_does_not_document() -> None:
    assert isinstance(CHANNEL, Channel)
    lacking = {Can.SEND_CARD, Can.SEND_MEMO, Can.LIST_REFUNDS, Can.ANSWER_REFUND, Can.PUBLISH_PRICE}
    assert not CHANNEL.can & lacking


async def test_a_seller_permits_and_comes_back_with_a_code(link: Link, shop: Shop) -> None:
    url = CHANNEL.authorize_url(link.app, redirect=BACK, state=STATE)
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(url)
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["state"] == [STATE]
    link = replace(link, grant=None)
    grant = await CHANNEL.authorize(link, code=back["code"][0], redirect=BACK)
    assert grant.shop_id == shop.shop_id
    assert grant.expires_at is not None
    assert abs(grant.expires_at - shop.now() - timedelta(days=1)) < timedelta(seconds=5)
    assert grant.refreshable_until is not None
    assert abs(grant.refreshable_until - shop.now() - timedelta(days=30)) < timedelta(seconds=5)


async def test_a_code_is_good_once(link: Link, shop: Shop, platform: WeidianSimulator) -> None:
    code = platform.permit(shop)
    await CHANNEL.authorize(link, code=code, redirect=BACK)
    with pytest.raises(ChannelRefused):
        await CHANNEL.authorize(link, code=code, redirect=BACK)


def test_the_state_is_of_letters_and_digits() -> None:
    for state in ("a-b", "", "状态"):
        with pytest.raises(MarkNotPlain):
            CHANNEL.authorize_url(App("k", Secret("s")), redirect=BACK, state=state)


async def test_a_renewal_keeps_how_long_renewals_go_on(link: Link) -> None:
    grant = await CHANNEL.refresh(link)
    assert link.grant is not None
    assert grant.refreshable_until == link.grant.refreshable_until
    assert grant.shop_id == link.grant.shop_id
    assert grant.access_token != link.grant.access_token
    assert grant.refresh_token != link.grant.refresh_token


async def test_when_renewals_are_over_the_seller_must_sign_in_again(link: Link, shop: Shop) -> None:
    shop.now.advance(timedelta(days=31))
    with pytest.raises(GrantLost):
        await CHANNEL.refresh(link)


async def test_an_app_of_the_shops_own_needs_no_seller(link: Link, shop: Shop) -> None:
    own = with_options(link, app_type="self", shop_id=shop.shop_id, shop_name=shop.name)
    url = CHANNEL.authorize_url(own.app, redirect=BACK, state=STATE)
    assert url == f"{BACK}?code=self&state={STATE}"
    first = await CHANNEL.authorize(replace(own, grant=None), code="self", redirect=BACK)
    assert (first.shop_id, first.shop_name, first.refresh_token) == (shop.shop_id, shop.name, None)
    second = await CHANNEL.refresh(replace(own, grant=first))
    assert second.access_token != first.access_token
    order = sold(shop)
    told = await CHANNEL.order(replace(own, grant=second), order.order_id)
    assert told.order_id == order.order_id


async def test_an_app_of_the_shops_own_must_say_which_shop(link: Link) -> None:
    own = replace(with_options(link, app_type="self"), grant=None)
    with pytest.raises(AppRefused):
        await CHANNEL.authorize(own, code="self", redirect=BACK)


async def test_an_order_is_read_with_its_money_ids_and_times(link: Link, shop: Shop) -> None:
    first = shop.offer("芒果TV会员", 1990, properties="月卡", merchant_code="MG-M")
    second = shop.offer("优酷会员", 1, merchant_code="YK", variant=False)
    order = shop.sell((first, 3), (second, 1), note="请尽快")
    told = await CHANNEL.order(link, order.order_id)
    assert (told.order_id, told.state, told.paid_e4) == (order.order_id, ShopState.PAID, 597_100)
    assert told.complete
    assert order.paid_at is not None
    assert told.paid_at == order.paid_at.replace(microsecond=0)
    assert told.changed_at >= order.changed_at.replace(microsecond=0)
    assert told.note == "请尽快"
    mango, youku = told.lines
    assert (mango.item_id, mango.sku_id) == (first.item_id, first.sku_id)
    assert (mango.quantity, mango.paid_e4, mango.merchant_code) == (3, 597_000, "MG-M")
    assert (mango.title, mango.properties) == ("芒果TV会员", "月卡")
    assert (youku.sku_id, youku.paid_e4, youku.merchant_code) == ("", 100, "YK")
    assert [line.line_id for line in told.lines] == [line.line_id for line in order.lines]


async def test_the_buyers_answers_are_part_of_the_note(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop, note="谢谢")
    platform.answers[order.order_id] = [{"name": "抖音号", "value": "dy_10001", "format": "text"}]
    told = await CHANNEL.order(link, order.order_id)
    assert told.note == "谢谢\n抖音号: dy_10001"
    assert "dy_10001" not in repr(told)


@pytest.mark.parametrize("fields", ["note,answers", "answers", "note"])
async def test_sealed_texts_are_opened_where_the_app_says_so(
    link: Link, shop: Shop, platform: WeidianSimulator, fields: str
) -> None:
    order = sold(shop, note="谢谢")
    platform.answers[order.order_id] = [{"name": "QQ", "value": "张三 QQ 10001"}]
    platform.seals = frozenset(fields.split(","))
    told = await CHANNEL.order(with_options(link, sealed_fields=fields), order.order_id)
    assert told.note == "谢谢\nQQ: 张三 QQ 10001"


async def test_a_text_that_does_not_open_holds_its_order(link: Link, shop: Shop) -> None:
    order = sold(shop, note="谢谢")
    with pytest.raises(ShopOrderWrong):
        await CHANNEL.order(with_options(link, sealed_fields="note"), order.order_id)


@pytest.mark.parametrize(
    ("there", "here"),
    [
        (OrderState.UNPAID, ShopState.UNPAID),
        (OrderState.PAID, ShopState.PAID),
        (OrderState.HELD, ShopState.HELD),
        (OrderState.SHIPPED, ShopState.SHIPPED),
        (OrderState.FINISHED, ShopState.FINISHED),
        (OrderState.CLOSED, ShopState.CLOSED),
    ],
)
async def test_every_state_is_understood(
    link: Link, shop: Shop, there: OrderState, here: ShopState
) -> None:
    order = sold(shop)
    shop.set_state(order, there)
    assert (await CHANNEL.order(link, order.order_id)).state is here
    assert (await collected(link, lately(shop)))[0].order_id == order.order_id


async def test_a_refund_is_read_with_its_order(link: Link, shop: Shop) -> None:
    order = sold(shop)
    refund = shop.ask_refund(order)
    told = await CHANNEL.order(link, order.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.HELD, ShopRefundState.ASKED)
    shop.settle_refund(refund, agree=False)
    told = await CHANNEL.order(link, order.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.PAID, ShopRefundState.REFUSED)
    again = shop.ask_refund(order)
    shop.settle_refund(again, agree=True)
    told = await CHANNEL.order(link, order.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.CLOSED, ShopRefundState.DONE)


async def test_a_refunded_line_leaves_the_others_to_be_delivered(link: Link, shop: Shop) -> None:
    items = [shop.offer("芒果TV会员", 1990), shop.offer("优酷会员", 1500)]
    order = shop.sell(*((item, 1) for item in items))
    shop.settle_refund(shop.ask_refund(order, order.lines[0]), agree=True)
    told = await CHANNEL.order(link, order.order_id)
    assert told.state is ShopState.PAID
    assert [line.refund for line in told.lines] == [ShopRefundState.DONE, ShopRefundState.NONE]


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"total": "19.89"}, "total"),
        ({"total": "-19.90"}, "total"),
        ({"total": "19.9000001"}, "total"),
        ({"total": 19.9}, "total"),
        ({"total": "19.91", "discount_list": [{}]}, "total"),
        ({"express_fee": "20.00"}, "total"),
        ({"status": "waiting"}, "status"),
        ({"status_ori": 99}, "status_ori"),
        ({"status_ori": 30}, "status_ori"),
        ({"refund_status_ori": 9}, "refund_status_ori"),
        ({"pay_time": ""}, "pay_time"),
        ({"pay_time": "yesterday"}, "pay_time"),
        ({"items": []}, "items"),
        ({"items": None}, "items"),
    ],
)
async def test_an_order_that_can_not_be_is_refused_by_name(
    link: Link, shop: Shop, platform: WeidianSimulator, wrong: dict[str, object], what: str
) -> None:
    order = sold(shop)
    platform.told[order.order_id] = wrong
    with pytest.raises(ShopOrderWrong) as refused:
        await CHANNEL.order(link, order.order_id)
    assert what in str(refused.value.facts["what"])
    assert order.shipments == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", "0"),
        ("quantity", "-1"),
        ("quantity", "1.5"),
        ("quantity", None),
        ("total_price", "1990"),
        ("is_delivered", "perhaps"),
        ("refund_info", {"refund_status": "odd"}),
        ("item_id", None),
    ],
)
async def test_a_line_that_can_not_be_is_refused_by_name(
    link: Link, shop: Shop, platform: WeidianSimulator, field: str, value: object
) -> None:
    order = sold(shop)
    line = {"item_id": "1", "total_price": "19.90", "quantity": "1", "sub_order_id": "7"}
    platform.told[order.order_id] = {"items": [{**line, field: value}]}
    with pytest.raises(ShopOrderWrong):
        await CHANNEL.order(link, order.order_id)


async def test_a_discount_is_shared_by_prices_to_the_last_fen(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    items = [shop.offer("芒果TV会员", 1000), shop.offer("优酷会员", 500)]
    order = shop.sell(*((item, 1) for item in items))
    platform.told[order.order_id] = {
        "total": "12.00",
        "express_fee": "2.00",
        "discount_list": [{"name": "满减"}],
    }
    told = await CHANNEL.order(link, order.order_id)
    assert told.paid_e4 == 100_000
    assert [line.paid_e4 for line in told.lines] == [66_700, 33_300]


async def test_an_order_that_another_shop_distributes_is_held(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop)
    platform.told[order.order_id] = {"f_shop_name": "别家"}
    assert (await CHANNEL.order(link, order.order_id)).state is ShopState.HELD
    assert link.grant is not None
    ours = replace(link, grant=replace(link.grant, shop_name="别家"))
    assert (await CHANNEL.order(ours, order.order_id)).state is ShopState.PAID


async def test_the_order_of_another_shop_is_not_there(
    link: Link, platform: WeidianSimulator
) -> None:
    order = sold(platform.shops[1])
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.order(link, order.order_id)


async def test_an_answer_about_another_order_is_unclear(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop)
    platform.told[order.order_id] = {"order_id": "1"}
    with pytest.raises(ChannelUnclear):
        await CHANNEL.order(link, order.order_id)


async def test_all_pages_of_a_window_are_read(link: Link, shop: Shop) -> None:
    item = shop.offer("芒果TV会员", 1990)
    orders = [shop.sell((item, 1)) for _ in range(95)]
    found = await collected(link, lately(shop))
    assert {each.order_id for each in found} == {each.order_id for each in orders}
    assert not any(each.complete for each in found)


async def test_an_order_outside_the_window_is_left_out(link: Link, shop: Shop) -> None:
    sold(shop)
    shop.now.advance(timedelta(hours=1))
    late = sold(shop)
    assert [each.order_id for each in await collected(link, lately(shop))] == [late.order_id]


async def test_orders_that_change_during_the_scan_hide_none(link: Link, shop: Shop) -> None:
    item = shop.offer("芒果TV会员", 1990)
    orders = [shop.sell((item, 1)) for _ in range(100)]
    window = lately(shop)
    found: set[str] = set()
    page, turn = None, 0
    while True:
        answer = await CHANNEL.orders(link, window, page)
        found |= {each.order_id for each in answer.members}
        if answer.next is None:
            break
        page, turn = answer.next, turn + 1
        shop.now.advance(timedelta(minutes=1))
        for order in orders[turn * 10 : turn * 10 + 10]:  # they leave the window
            shop.set_state(order, OrderState.SHIPPED)
    stayed = {each.order_id for each in orders if each.changed_at < window.end}
    assert stayed <= found
