"""Taobao's adapter against its simulator, over real sockets: what each call does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.channels.channel import (
    App,
    Can,
    CardText,
    Channel,
    Parcel,
    StockLevel,
    Window,
)
from kashu.channels.errors import (
    AlreadyShipped,
    ChannelRefused,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.core.secrets import Secret
from kashu.simulators.shop import Item, OrderState
from tests.adapters.taobao_shop import VOUCHERS, Street, Town, standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNEL = TaobaoChannel()
CARDS = (CardText(number="MGTV-0001", password="p w"), CardText(url="https://k.example/1"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town() -> AsyncIterator[Town]:
    async with standing() as town:
        yield town


@pytest.fixture
def shop(town: Town) -> Street:
    return town.open()


@pytest.fixture
def month(shop: Street) -> Item:
    return shop.shop.offer("会员", 1990, properties="月卡", merchant_code="m-1", quantity=5)


def lately(shop: Street) -> Window:
    now: datetime = shop.shop.now()
    return Window(now - timedelta(minutes=20), now + timedelta(seconds=1))


async def test_it_is_a_channel_and_says_what_it_lacks() -> None:
    assert isinstance(CHANNEL, Channel)
    assert not CHANNEL.can & {Can.SEND_CARD, Can.ANSWER_REFUND, Can.ASKED, Can.SEND_CONFIRMS}


async def test_what_it_lacks_is_never_called(shop: Street, month: Item) -> None:
    shop.shop.ask_refund(shop.shop.sell((month, 1)))
    (refund,) = (await CHANNEL.refunds(shop.link, lately(shop))).members
    with pytest.raises(AssertionError):
        await CHANNEL.answer_refund(shop.link, refund, agree=True)


async def test_a_seller_who_agrees_gives_us_a_grant(shop: Street) -> None:
    bare = shop.bare()
    asked = CHANNEL.authorize_url(bare.app, redirect="https://us.example/back", state="s 1")
    went = await bare.http.call("GET", asked)
    back = urlsplit(went.headers["location"])
    told = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert (back.hostname, told["state"]) == ("us.example", "s 1")

    grant = await CHANNEL.authorize(bare, code=told["code"], redirect="https://us.example/back")
    assert (grant.shop_id, grant.shop_name) == (shop.shop.shop_id, "卡枢 专营店")
    assert grant.expires_at is not None
    assert timedelta(hours=23) < grant.expires_at - shop.shop.now() <= timedelta(days=1)
    assert (await CHANNEL.orders(replace(bare, grant=grant), lately(shop))).members == []
    with pytest.raises(ChannelRefused):  # a code is good once
        await CHANNEL.authorize(bare, code=told["code"], redirect="https://us.example/back")


async def test_the_seller_is_sent_to_the_platform_itself() -> None:
    app = street_less_app()
    url = CHANNEL.authorize_url(app, redirect="https://us.example/b?x=1&y=2", state="s")
    assert url.startswith("https://oauth.taobao.com/authorize?")
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == ["https://us.example/b?x=1&y=2"]
    sandbox = replace(app, options={"sandbox": "yes"})
    assert CHANNEL.authorize_url(sandbox, redirect="r", state="s").startswith(
        "https://oauth.tbsandbox.com/"
    )


def street_less_app() -> App:
    return App("23000001", Secret("s"))


async def test_a_renewed_grant_replaces_the_old_one(shop: Street) -> None:
    grant = await CHANNEL.authorize(shop.bare(), code=shop.platform.code(), redirect="")
    old = replace(shop.link, grant=grant)
    renewed = replace(old, grant=await CHANNEL.refresh(old))
    await CHANNEL.orders(renewed, lately(shop))
    with pytest.raises(GrantLost):
        await CHANNEL.orders(old, lately(shop))
    with pytest.raises(ChannelRefused):  # and its refresh token with it
        await CHANNEL.refresh(old)


async def test_an_app_that_may_not_renew_is_told_to_ask_the_seller(shop: Street) -> None:
    shop.platform.renewable = False
    grant = await CHANNEL.authorize(shop.bare(), code=shop.platform.code(), redirect="")
    assert grant.refresh_token is None
    with pytest.raises(GrantLost):
        await CHANNEL.refresh(replace(shop.link, grant=grant))


async def test_an_order_is_marked_as_shipped_once(shop: Street, month: Item) -> None:
    sold = shop.shop.sell((month, 1))
    await CHANNEL.confirm(shop.link, sold.order_id, [sold.lines[0].line_id])
    assert (sold.state, sold.shipments) == (OrderState.SHIPPED, 1)
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert sold.shipments == 1


@pytest.mark.parametrize("says", ["B04", "B55"])
async def test_a_wrong_state_is_looked_into(shop: Street, month: Item, says: str) -> None:
    shop.platform.sellers[shop.shop.shop_id].shipped_says = says
    sold = shop.shop.sell((month, 1))
    shop.shop.ship(sold)
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(shop.link, sold.order_id, [])


@pytest.mark.parametrize("state", [OrderState.CLOSED, OrderState.HELD, OrderState.UNPAID])
async def test_an_order_that_may_not_be_shipped_is_not(
    shop: Street, month: Item, state: OrderState
) -> None:
    sold = shop.shop.sell((month, 1))
    shop.shop.set_state(sold, state)
    with pytest.raises(NotShippable):
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert (sold.state, sold.shipments) == (state, 0)


async def test_shipping_an_order_of_nobody_is_refused(shop: Street) -> None:
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.confirm(shop.link, "4200012345678909999", [])


async def test_cards_are_added_to_the_sellers_memo_once(shop: Street, month: Item) -> None:
    sold = shop.shop.sell((month, 2))
    sold.memo = "老客户\n老客户"
    parcel = Parcel(sold.order_id, sold.lines[0].line_id, CARDS)
    await CHANNEL.send(shop.link, parcel)
    await CHANNEL.send(shop.link, parcel)
    assert sold.memo == "老客户\n老客户\nMGTV-0001 p w\nhttps://k.example/1"
    assert shop.platform.calls.count("taobao.trade.memo.update") == 1
    assert "MGTV" not in repr(parcel)


async def test_a_memo_that_grows_too_long_stays_as_it_was(shop: Street, month: Item) -> None:
    sold = shop.shop.sell((month, 1))
    sold.memo = "备" * 330
    with pytest.raises(ChannelRefused) as told:
        await CHANNEL.send(shop.link, Parcel(sold.order_id, sold.order_id, CARDS))
    assert sold.memo == "备" * 330
    assert "MGTV" not in told.value.text("zh") + repr(told.value)


async def test_a_vouchers_codes_are_shown_to_the_buyer_once(shop: Street, month: Item) -> None:
    sold = shop.shop.sell((month, 2))
    token = shop.platform.sellers[shop.shop.shop_id].ask_for_codes(sold)
    cards = (CardText(number="C-1"), CardText(password="C-2"))
    parcel = Parcel(sold.order_id, sold.order_id, cards, token=token)
    with pytest.raises(ChannelRefused):  # vouchers are off unless switched on
        await CHANNEL.send(shop.link, parcel)
    assert sold.shown == []

    link = shop.with_options(**VOUCHERS)
    await CHANNEL.send(link, parcel)
    assert sold.shown == ["C-1", "C-2"]
    with pytest.raises(AlreadyShipped):
        await CHANNEL.send(link, parcel)
    assert sold.shown == ["C-1", "C-2"]


@pytest.mark.parametrize(
    "card", [CardText("C1", "P1"), CardText("C:1"), CardText("C,1"), CardText()]
)
async def test_a_card_that_is_no_voucher_code_is_not_sent(
    shop: Street, month: Item, card: CardText
) -> None:
    sold = shop.shop.sell((month, 1))
    token = shop.platform.sellers[shop.shop.shop_id].ask_for_codes(sold)
    with pytest.raises(ChannelRefused) as told:
        parcel = Parcel(sold.order_id, sold.order_id, (card,), token=token)
        await CHANNEL.send(shop.with_options(**VOUCHERS), parcel)
    assert sold.shown == []
    assert "C1" not in told.value.text("en")


async def test_what_is_for_sale_is_listed_with_variants(shop: Street, month: Item) -> None:
    year = shop.shop.offer("会员", 19800, properties="年卡", item_id=month.item_id, quantity=7)
    plain = shop.shop.offer("礼品卡", 10000, variant=False, merchant_code="g", quantity=3)
    shop.shop.offer("下架", 100).on_sale = False
    page = await CHANNEL.listings(shop.link)
    assert page.next is None
    told = {(each.item_id, each.sku_id): each for each in page.members}
    assert set(told) == {
        (month.item_id, month.sku_id),
        (month.item_id, year.sku_id),
        (plain.item_id, ""),
    }
    first = told[month.item_id, month.sku_id]
    assert (first.price_e4, first.quantity, first.on_sale) == (199000, 5, True)
    assert (first.merchant_code, first.properties) == ("m-1", "月卡")
    assert told[plain.item_id, ""].price_e4 == 1000000


async def test_more_items_than_a_page_holds_are_all_listed(shop: Street) -> None:
    offered = {shop.shop.offer(f"卡 {n}", 100 + n).item_id for n in range(45)}
    page = await CHANNEL.listings(shop.link)
    seen = {each.item_id for each in page.members}
    while page.next:
        page = await CHANNEL.listings(shop.link, page.next)
        seen |= {each.item_id for each in page.members}
    assert seen == offered


async def test_quantities_are_set_not_added(shop: Street, month: Item) -> None:
    year = shop.shop.offer("会员", 19800, item_id=month.item_id, quantity=7)
    plain = shop.shop.offer("礼品卡", 10000, variant=False, quantity=3)
    levels = [
        StockLevel(month.item_id, month.sku_id, 12),
        StockLevel(plain.item_id, "", 9),
        StockLevel(month.item_id, year.sku_id, 0),
    ]
    for _ in range(2):
        await CHANNEL.publish_stock(shop.link, levels)
    assert (month.quantity, year.quantity, plain.quantity) == (12, 0, 9)
    assert shop.platform.calls.count("taobao.skus.quantity.update") == 2


async def test_the_stock_of_an_item_that_is_gone_is_refused(shop: Street) -> None:
    with pytest.raises(ChannelRefused):
        await CHANNEL.publish_stock(shop.link, [StockLevel("610000000001", "1", 1)])


async def test_a_price_is_set_for_one_variant(shop: Street, month: Item) -> None:
    year = shop.shop.offer("会员", 19800, item_id=month.item_id)
    await CHANNEL.publish_price(shop.link, month.item_id, month.sku_id, 209900)
    assert (month.price_fen, year.price_fen) == (2099, 19800)
    with pytest.raises(ChannelRefused):
        await CHANNEL.publish_price(shop.link, month.item_id, "", 100)
    with pytest.raises(ChannelRefused):
        await CHANNEL.publish_price(shop.link, month.item_id, "1", 100)
    assert month.price_fen == 2099


async def test_two_calls_at_once_do_not_mix(shop: Street, month: Item) -> None:
    sold = [shop.shop.sell((month, n)) for n in range(1, 9)]
    orders = await asyncio.gather(*(CHANNEL.order(shop.link, each.order_id) for each in sold))
    assert [order.lines[0].quantity for order in orders] == list(range(1, 9))
