"""Pinduoduo's adapter against its simulator, over real sockets."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.channels.channel import (
    Can,
    Channel,
    Parcel,
    PushRequest,
    ShopOrder,
    ShopRefundState,
    ShopState,
    Window,
)
from kashu.channels.errors import (
    AppRefused,
    ChannelRefused,
    GrantLost,
    NoSuchShopOrder,
)
from kashu.core.secrets import Secret
from kashu.simulators.shop import Item, OrderState
from tests.adapters.pinduoduo_shop import Street, open_street

CHANNEL = PinduoduoChannel()


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street(lambda platform: platform) as opened:
        yield opened


@pytest.fixture
def month(street: Street) -> Item:
    return street.shop.offer(
        "芒果TV会员", 1990, properties="月卡", merchant_code="mgtv-month", quantity=50
    )


def lately(street: Street) -> Window:
    now: datetime = street.shop.now()
    return Window(now - timedelta(minutes=10), now + timedelta(minutes=1))


async def collected(street: Street, window: Window) -> list[ShopOrder]:
    found: list[ShopOrder] = []
    page = await CHANNEL.orders(street.link, window)
    found += page.members
    while page.next:
        page = await CHANNEL.orders(street.link, window, page.next)
        found += page.members
    return found


def test_it_is_a_channel_and_says_what_it_lacks() -> None:
    assert isinstance(CHANNEL, Channel)
    assert not CHANNEL.can & {Can.SEND_CARD, Can.SEND_MEMO, Can.PUSH, Can.ASKED}


async def test_what_it_lacks_is_never_called(street: Street) -> None:
    with pytest.raises(AssertionError):
        await CHANNEL.send(street.link, Parcel("1", "1", ()))
    with pytest.raises(AssertionError):
        CHANNEL.read_push(street.link.app, PushRequest("POST", "/", "", {}, b""))
    with pytest.raises(AssertionError):
        CHANNEL.reply(())
    assert street.platform.calls == []


async def test_a_seller_permits_us_and_a_code_becomes_a_grant(street: Street) -> None:
    url = CHANNEL.authorize_url(street.link.app, redirect="https://kashu.test/back", state="s 1")
    consent = await street.link.http.call("GET", url)
    back = parse_qs(urlsplit(consent.headers["location"]).query)
    assert back["state"] == ["s 1"]
    asking = replace(street.link, grant=None)
    grant = await CHANNEL.authorize(asking, code=back["code"][0], redirect="https://kashu.test")
    assert (grant.shop_id, grant.shop_name) == ("20260308", "卡枢旗舰店")
    assert grant.expires_at is not None
    assert grant.refreshable_until is not None
    assert timedelta(hours=23) < grant.expires_at - street.shop.now() <= timedelta(days=1)
    assert grant.expires_at < grant.refreshable_until
    granted = replace(asking, grant=grant)
    assert (await CHANNEL.orders(granted, lately(street))).members == []
    with pytest.raises(GrantLost):  # authorizing again ended the earlier grant
        await CHANNEL.orders(street.link, lately(street))


async def test_without_a_base_url_the_seller_goes_to_the_platform_itself(street: Street) -> None:
    live = replace(street.link.app, base_url="")
    url = urlsplit(CHANNEL.authorize_url(live, redirect="https://kashu.test/back", state="x"))
    assert (url.scheme, url.netloc) == ("https", "fuwu.pinduoduo.com")
    assert parse_qs(url.query)["client_id"] == [live.key]


async def test_a_code_works_once_and_for_ten_minutes(street: Street) -> None:
    asking = replace(street.link, grant=None)
    code = street.platform.permit(street.shop)
    await CHANNEL.authorize(asking, code=code, redirect="")
    with pytest.raises(ChannelRefused, match="10013"):
        await CHANNEL.authorize(asking, code=code, redirect="")
    late = street.platform.permit(street.shop)
    street.shop.now.advance(timedelta(minutes=11))
    with pytest.raises(ChannelRefused, match="10013"):
        await CHANNEL.authorize(asking, code=late, redirect="")


async def test_an_expired_grant_is_lost_until_it_is_refreshed(street: Street) -> None:
    street.shop.now.advance(timedelta(days=1))
    with pytest.raises(GrantLost, match="10019"):
        await CHANNEL.orders(street.link, lately(street))
    renewed = replace(street.link, grant=await CHANNEL.refresh(street.link))
    assert (await CHANNEL.orders(renewed, lately(street))).members == []


async def test_a_grant_that_was_taken_back_cannot_be_refreshed(street: Street) -> None:
    street.platform.withdraw(street.shop)
    with pytest.raises(GrantLost, match="10014"):
        await CHANNEL.refresh(street.link)
    assert street.link.grant is not None
    bare = replace(street.link, grant=replace(street.link.grant, refresh_token=None))
    with pytest.raises(GrantLost):
        await CHANNEL.refresh(bare)
    assert street.platform.calls == ["pdd.pop.auth.token.refresh"]


async def test_a_wrong_secret_key_or_clock_is_our_applications_fault(street: Street) -> None:
    app = street.link.app
    other_secret = replace(street.link, app=replace(app, secret=Secret("another")))
    with pytest.raises(AppRefused, match="20004"):
        await CHANNEL.orders(other_secret, lately(street))
    with pytest.raises(AppRefused, match="10016"):
        other_key = replace(street.link, app=replace(app, key="another"))
        await CHANNEL.orders(other_key, lately(street))
    with pytest.raises(AppRefused, match="10001"):
        slow = replace(street.link, now=lambda: street.shop.now() - timedelta(minutes=11))
        await CHANNEL.orders(slow, lately(street))


async def test_listings_come_with_variants_first_those_on_sale(street: Street, month: Item) -> None:
    year = street.shop.offer("芒果TV会员", 19800, properties="年卡", item_id=month.item_id)
    shelved = street.shop.offer("优酷会员", 1500, properties="月卡", quantity=3)
    shelved.on_sale = False
    first = await CHANNEL.listings(street.link)
    assert first.next is not None
    second = await CHANNEL.listings(street.link, first.next)
    assert second.next is None
    assert [(each.item_id, each.sku_id) for each in first.members] == [
        (month.item_id, month.sku_id),
        (month.item_id, year.sku_id),
    ]
    told = first.members[0]
    assert (told.title, told.properties, told.merchant_code) == (
        "芒果TV会员",
        "月卡",
        "mgtv-month",
    )
    assert (told.quantity, told.on_sale, told.price_e4) == (50, True, None)
    assert [(each.item_id, each.on_sale) for each in second.members] == [(shelved.item_id, False)]


async def test_listings_come_in_pages_of_a_hundred(street: Street) -> None:
    made = {street.shop.offer(f"会员{n}", 100).item_id for n in range(250)}
    found: list[str] = []
    page, pages = await CHANNEL.listings(street.link), 1
    found += [each.item_id for each in page.members]
    while page.next:
        page, pages = await CHANNEL.listings(street.link, page.next), pages + 1
        found += [each.item_id for each in page.members]
    assert (pages, len(found), set(found)) == (4, 250, made)


async def test_a_paid_order_comes_with_all_that_is_told(street: Street, month: Item) -> None:
    sold = street.shop.sell((month, 3), note="充到 138****0000")
    sold.lines[0].paid_fen -= 100  # a coupon
    for told in (
        *await collected(street, lately(street)),
        await CHANNEL.order(street.link, sold.order_id),
    ):
        assert told.order_id == sold.order_id
        assert told.state is ShopState.PAID
        assert told.paid_e4 == 587_000
        assert sold.paid_at is not None
        assert told.paid_at == sold.paid_at.replace(microsecond=0)
        assert told.changed_at == sold.changed_at.replace(microsecond=0)
        assert told.ship_by == told.paid_at + timedelta(hours=24)
        assert told.note == "充到 138****0000"
        assert told.complete
        [line] = told.lines
        assert (line.line_id, line.quantity, line.paid_e4) == (sold.order_id, 3, 587_000)
        assert (line.item_id, line.sku_id) == (month.item_id, month.sku_id)
        assert int(line.item_id) > 2**53
        assert (line.title, line.properties, line.merchant_code) == (
            "芒果TV会员",
            "月卡",
            "mgtv-month",
        )
        assert line.refund is ShopRefundState.NONE


async def test_each_state_of_an_order_is_told_as_what_it_means(street: Street, month: Item) -> None:
    orders = {state: street.shop.sell((month, 1)) for state in OrderState}
    orders[OrderState.UNPAID] = street.shop.sell((month, 1), paid=False)
    street.shop.ship(orders[OrderState.FINISHED])
    street.shop.ship(orders[OrderState.SHIPPED])
    for state in (OrderState.HELD, OrderState.FINISHED, OrderState.CLOSED):
        street.shop.set_state(orders[state], state)
    for state, order in orders.items():
        told = await CHANNEL.order(street.link, order.order_id)
        assert told.state == ShopState(state.value)


async def test_an_order_with_an_open_refund_is_held_and_a_refunded_one_closed(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 1))
    refund = street.shop.ask_refund(sold)
    told = await CHANNEL.order(street.link, sold.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.HELD, ShopRefundState.ASKED)
    street.shop.settle_refund(refund, agree=False)
    told = await CHANNEL.order(street.link, sold.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.PAID, ShopRefundState.NONE)
    street.shop.settle_refund(street.shop.ask_refund(sold), agree=True)
    told = await CHANNEL.order(street.link, sold.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.CLOSED, ShopRefundState.DONE)


async def test_an_order_that_was_shipped_stays_so_when_its_money_goes_back(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 2))
    street.shop.ship(sold)
    street.shop.settle_refund(street.shop.ask_refund(sold, amount_fen=500), agree=True)
    told = await CHANNEL.order(street.link, sold.order_id)
    assert (told.state, told.lines[0].refund) == (ShopState.SHIPPED, ShopRefundState.DONE)


async def test_nobody_elses_order_is_told(street: Street) -> None:
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.order(street.link, "260308-000000000000000")


async def test_a_window_as_long_as_the_bounds_say_is_taken_and_a_longer_one_refused(
    street: Street,
) -> None:
    now = street.shop.now()
    for micros in (0, 1, 999_999):
        end = now.replace(microsecond=micros)
        await CHANNEL.orders(street.link, Window(end - CHANNEL.bounds.window, end))
        await CHANNEL.refunds(street.link, Window(end - CHANNEL.bounds.window, end))
        begin = end - CHANNEL.bounds.history
        await CHANNEL.orders(street.link, Window(begin, begin + CHANNEL.bounds.window))
    with pytest.raises(ChannelRefused, match="10000"):
        await CHANNEL.orders(street.link, Window(now - timedelta(minutes=31), now))
    with pytest.raises(ChannelRefused, match="10000"):
        await CHANNEL.orders(
            street.link, Window(now - timedelta(days=91), now - timedelta(days=91, minutes=-9))
        )


async def test_windows_side_by_side_miss_no_order(street: Street, month: Item) -> None:
    begin = street.shop.now()
    sold = set()
    for _ in range(40):
        sold.add(street.shop.sell((month, 1)).order_id)
        street.shop.now.advance(timedelta(seconds=7, microseconds=300_001))
    found: set[str] = set()
    while begin < street.shop.now():
        window = Window(begin, begin + timedelta(seconds=50, microseconds=7))
        found |= {each.order_id for each in await collected(street, window)}
        begin = window.end
    assert found == sold


async def test_orders_that_change_while_pages_are_read_are_not_missed(
    street: Street, month: Item
) -> None:
    sold = [street.shop.sell((month, 1)) for _ in range(250)]
    window = Window(street.shop.now() - timedelta(minutes=9), street.shop.now())
    street.shop.now.advance(timedelta(minutes=5))
    page = await CHANNEL.orders(street.link, window)
    found = {each.order_id for each in page.members}
    while page.next:
        for changed in sold[-60:] if page.next == "2" else sold[:60]:
            street.shop.show(changed, "…")  # leaves the window: other pages move up
        page = await CHANNEL.orders(street.link, window, page.next)
        found |= {each.order_id for each in page.members}
    still = {order.order_id for order in sold[60:-60]}
    assert still <= found
