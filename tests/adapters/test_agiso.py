"""Agiso's adapter against its simulator, over real sockets: permission, orders, listings."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from kashu.channels.channel import App, Channel, Link, Listing, ShopRefundState, ShopState
from kashu.channels.errors import (
    AppRefused,
    ChannelRefused,
    GrantLost,
    NoSuchShopOrder,
    ShopOrderWrong,
)
from kashu.core.secrets import Secret
from kashu.simulators.agiso import AgisoSimulator
from kashu.simulators.shop import OrderState, Shop
from tests.adapters.agiso_world import (
    CHANNEL,
    linked,
    new_bridge,
    new_shop,
    sold,
    with_options,
)


@pytest.fixture
def shop() -> Shop:
    return new_shop()


@pytest.fixture
def bridge(shop: Shop) -> AgisoSimulator:
    return new_bridge(shop)


@pytest.fixture
async def link(bridge: AgisoSimulator) -> AsyncIterator[Link]:
    async with linked(bridge, "pinduoduo") as link:
        yield link


def test_it_is_a_channel() -> None:
    assert isinstance(CHANNEL, Channel)


def test_sellers_permit_on_the_site_of_their_platform() -> None:
    app = App("7", Secret("s"), options={"platform": "pinduoduo"})
    url = CHANNEL.authorize_url(app, redirect="https://kashu.example", state="a b")
    assert url == "https://aldsPdd.agiso.com/#/authorize?appId=7&state=a+b"


async def test_a_platform_that_the_app_does_not_name_is_refused(link: Link) -> None:
    for options in ({}, {"platform": "ebay"}):
        lost = replace(link, app=replace(link.app, options=options))
        with pytest.raises(AppRefused):
            await CHANNEL.order(lost, "1")
        with pytest.raises(AppRefused):
            CHANNEL.authorize_url(lost.app, redirect="", state="")


async def test_a_code_becomes_a_grant_for_the_length_of_the_subscription(
    link: Link, shop: Shop
) -> None:
    assert link.grant is not None
    assert (link.grant.shop_id, link.grant.shop_name) == (shop.shop_id, shop.name)
    assert link.grant.expires_at is not None
    left = link.grant.expires_at - shop.now()
    assert abs(left - timedelta(days=365)) < timedelta(seconds=5)


async def test_a_code_is_good_once(link: Link, shop: Shop, bridge: AgisoSimulator) -> None:
    code = bridge.permit(shop)
    await CHANNEL.authorize(link, code=code, redirect="")
    with pytest.raises(ChannelRefused):
        await CHANNEL.authorize(link, code=code, redirect="")


async def test_a_permission_for_another_platform_is_refused(
    link: Link, shop: Shop, bridge: AgisoSimulator
) -> None:
    code = bridge.permit(shop)
    with pytest.raises(ChannelRefused):
        await CHANNEL.authorize(with_options(link, platform="jd"), code=code, redirect="")


@pytest.mark.parametrize("lower", [False, True])
async def test_an_order_is_read_with_its_money_ids_and_times(
    link: Link, shop: Shop, bridge: AgisoSimulator, *, lower: bool
) -> None:
    bridge.lower = lower
    order = sold(shop, 3, note="请尽快")
    told = await CHANNEL.order(link, order.order_id)
    assert (told.order_id, told.state, told.paid_e4) == (order.order_id, ShopState.PAID, 597_000)
    assert order.paid_at is not None
    assert told.paid_at == order.paid_at.replace(microsecond=0)
    assert told.changed_at == order.changed_at.replace(microsecond=0)
    assert told.ship_by == order.paid_at.replace(microsecond=0) + timedelta(days=2)
    assert told.note == "请尽快"
    (line,) = told.lines
    item = order.lines[0].item
    assert (line.line_id, line.item_id, line.sku_id) == (order.order_id, item.item_id, item.sku_id)
    assert (line.quantity, line.paid_e4, line.merchant_code) == (3, 597_000, "MG-M")
    assert (line.title, line.properties) == ("芒果TV会员月卡", "月卡")


@pytest.mark.parametrize(
    ("there", "here"),
    [
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


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"confirm_time": None}, ShopState.UNPAID),
        ({"confirm_status": 0}, ShopState.UNPAID),
        ({"confirm_status": 1}, ShopState.PAID),
        ({"confirm_status": 2}, ShopState.CLOSED),
    ],
)
async def test_what_is_not_confirmed_is_not_to_be_delivered(
    link: Link, shop: Shop, bridge: AgisoSimulator, told: dict[str, object], state: ShopState
) -> None:
    order = sold(shop)
    bridge.told[order.order_id] = told
    assert (await CHANNEL.order(link, order.order_id)).state is state


async def test_a_refund_is_read_with_its_order(link: Link, shop: Shop) -> None:
    order = sold(shop)
    refund = shop.ask_refund(order)
    told = await CHANNEL.order(link, order.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.HELD, ShopRefundState.ASKED)
    shop.settle_refund(refund, agree=True)
    told = await CHANNEL.order(link, order.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.CLOSED, ShopRefundState.DONE)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"pay_amount": 19.91}, "pay_amount"),
        ({"pay_amount": -19.9}, "pay_amount"),
        ({"pay_amount": 19.901}, "pay_amount"),
        ({"pay_amount": 1e300}, "pay_amount"),
        ({"pay_amount": None}, "pay_amount"),
        ({"pay_amount": "NaN"}, "pay_amount"),
        ({"discount_amount": 5}, "pay_amount"),
        ({"order_status": 7}, "order_status"),
        ({"refund_status": 0}, "refund_status"),
        ({"risk_control_status": 2}, "risk_control_status"),
        ({"trade_type": 1}, "trade_type"),
        ({"updated_at": "now"}, "updated_at"),
        ({"confirm_time": "soon"}, "confirm_time"),
        ({"confirm_status": 3}, "confirm_status"),
        ({"item_list": []}, "item_list"),
        ({"item_list": [{"goods_id": 1, "sku_id": 2, "goods_count": 0}]}, "goods_count"),
        ({"item_list": [{"goods_id": 1, "sku_id": 2, "goods_count": 1.5}]}, "goods_count"),
        ({"item_list": [{"goods_id": 1, "sku_id": 2, "goods_count": 1}] * 2}, "item_list"),
        ({"order_sn": "another"}, "order_sn"),
    ],
)
async def test_an_order_that_can_not_be_is_refused_by_name(
    link: Link, shop: Shop, bridge: AgisoSimulator, wrong: dict[str, object], what: str
) -> None:
    order = sold(shop)
    bridge.told[order.order_id] = wrong
    with pytest.raises(ShopOrderWrong) as refused:
        await CHANNEL.order(link, order.order_id)
    assert what in str(refused.value.facts["what"])


async def test_amounts_may_come_as_text(link: Link, shop: Shop, bridge: AgisoSimulator) -> None:
    order = sold(shop)
    bridge.told[order.order_id] = {"pay_amount": "9.85", "discount_amount": "10.05"}
    assert (await CHANNEL.order(link, order.order_id)).paid_e4 == 98_500


async def test_the_order_of_another_shop_is_not_there(link: Link, bridge: AgisoSimulator) -> None:
    order = sold(bridge.shops[1])
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.order(link, order.order_id)


async def test_all_pages_of_listings_are_read(link: Link, shop: Shop) -> None:
    items = [shop.offer(f"会员 {n}", 100, merchant_code=f"C{n}", quantity=n) for n in range(201)]
    found: dict[tuple[str, str], Listing] = {}
    page: str | None = None
    while True:
        answer = await CHANNEL.listings(link, page)
        found |= {(each.item_id, each.sku_id): each for each in answer.members}
        if answer.next is None:
            break
        page = answer.next
    assert set(found) == {(item.item_id, item.sku_id) for item in items}
    last = found[items[-1].item_id, items[-1].sku_id]
    assert (last.merchant_code, last.quantity, last.price_e4, last.on_sale) == (
        *("C200", 200),
        *(None, True),
    )


async def test_a_token_ends_with_the_subscription(link: Link, shop: Shop) -> None:
    order = sold(shop)
    shop.now.advance(timedelta(days=366))
    with pytest.raises(GrantLost):
        await CHANNEL.order(link, order.order_id)


async def test_a_wrong_secret_or_clock_is_refused(link: Link, shop: Shop) -> None:
    order = sold(shop)
    forged = replace(link, app=replace(link.app, secret=Secret("another")))
    with pytest.raises(AppRefused):
        await CHANNEL.order(forged, order.order_id)
    late = replace(link, now=lambda: shop.now() - timedelta(minutes=11))
    with pytest.raises(ChannelRefused):
        await CHANNEL.order(late, order.order_id)
