"""JD's gateway adapter against its simulator, over real sockets: what it does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from kashu.adapters.channels.jd import JdChannel
from kashu.channels.channel import (
    Can,
    CardText,
    Channel,
    Parcel,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
    StockLevel,
    Window,
)
from kashu.channels.errors import AlreadyShipped, ChannelUnclear, NoSuchShopOrder, NotShippable
from kashu.simulators.shop import Item, OrderState, RefundState
from tests.adapters.jd_shop import Street, open_street

CHANNEL = JdChannel()


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street() as opened:
        yield opened


@pytest.fixture
def month(street: Street) -> Item:
    return street.shop.offer(
        "芒果TV会员", 1990, properties="月卡", merchant_code="mgtv-month", quantity=50
    )


def lately(street: Street) -> Window:
    now = street.shop.now()
    return Window(now - timedelta(hours=1), now + timedelta(minutes=1))


async def collected(street: Street, window: Window) -> list[ShopOrder]:
    page = await CHANNEL.orders(street.link, window)
    found = list(page.members)
    while page.next:
        page = await CHANNEL.orders(street.link, window, page.next)
        found += page.members
    return found


async def refunded(street: Street, window: Window) -> list[ShopRefund]:
    page = await CHANNEL.refunds(street.link, window)
    found = list(page.members)
    while page.next:
        page = await CHANNEL.refunds(street.link, window, page.next)
        found += page.members
    return found


def test_it_is_a_channel_and_says_what_it_lacks() -> None:
    assert isinstance(CHANNEL, Channel)
    assert not CHANNEL.can & {Can.SEND_MEMO, Can.SEND_CONFIRMS, Can.PUSH, Can.ASKED}


async def test_a_seller_permits_and_the_code_becomes_a_grant(street: Street) -> None:
    url = CHANNEL.authorize_url(street.link.app, redirect="https://us/back", state="s-1")
    seen = await street.link.http.call("GET", url)
    back = parse_qs(urlsplit(seen.headers["location"]).query)
    assert back["state"] == ["s-1"]

    asking = replace(street.link, grant=None)
    grant = await CHANNEL.authorize(asking, code=back["code"][0], redirect="https://us/back")

    assert (grant.shop_id, grant.shop_name) == (street.shop.shop_id, street.shop.name)
    assert grant.expires_at is not None
    lives = grant.expires_at - street.shop.now()
    assert timedelta(days=29, hours=23) < lives <= timedelta(days=30)
    assert grant.refreshable_until == grant.expires_at
    assert await collected(replace(street, link=replace(asking, grant=grant)), lately(street)) == []


async def test_a_code_is_good_once(street: Street) -> None:
    code = street.platform.permit(street.shop)
    await CHANNEL.authorize(street.link, code=code, redirect="")
    with pytest.raises(ChannelUnclear):
        await CHANNEL.authorize(street.link, code=code, redirect="")


async def test_a_token_is_renewed_in_its_last_day_and_the_old_one_is_void(street: Street) -> None:
    street.platform.now.advance(timedelta(days=29, hours=12))
    grant = await CHANNEL.refresh(street.link)
    assert street.link.grant is not None
    assert grant.access_token != street.link.grant.access_token
    assert (grant.shop_id, grant.shop_name) == (street.shop.shop_id, street.shop.name)
    assert "jingdong.vender.shop.query" not in street.platform.calls
    await CHANNEL.orders(replace(street.link, grant=grant), lately(street))


async def test_a_token_that_has_expired_is_not_renewed(street: Street) -> None:
    street.platform.now.advance(timedelta(days=31))
    with pytest.raises(ChannelUnclear):
        await CHANNEL.refresh(street.link)


async def test_an_order_is_told_whole(street: Street, month: Item) -> None:
    year = street.shop.offer("芒果TV会员", 19800, properties="年卡", merchant_code="mgtv-year")
    sold = street.shop.sell((month, 2), (year, 1), buyer="open-1", note="账号 13800000000")

    for order in (
        *await collected(street, lately(street)),
        await CHANNEL.order(street.link, sold.order_id),
    ):
        assert order.order_id == sold.order_id
        assert order.state is ShopState.PAID
        assert order.paid_e4 == 2_378_000
        assert [line.paid_e4 for line in order.lines] == [398_000, 1_980_000]
        assert [line.quantity for line in order.lines] == [2, 1]
        first = order.lines[0]
        assert (first.item_id, first.sku_id) == (month.item_id, month.sku_id)
        assert (first.title, first.merchant_code) == ("芒果TV会员 月卡", "mgtv-month")
        assert len({line.line_id for line in order.lines}) == 2
        assert (order.buyer, order.note) == ("open-1", "账号 13800000000")
        assert order.complete
        assert sold.paid_at is not None
        assert order.paid_at == sold.paid_at.replace(microsecond=0)
        assert order.changed_at == sold.changed_at.replace(microsecond=0)
        assert order.changed_at.utcoffset() == timedelta()


async def test_a_discount_is_shared_without_losing_a_fen(street: Street, month: Item) -> None:
    week = street.shop.offer("芒果TV会员", 500, properties="周卡")
    sold = street.shop.sell((month, 1), (week, 2))
    sold.lines[0].paid_fen -= 99
    order = await CHANNEL.order(street.link, sold.order_id)
    assert order.paid_e4 == 289_100
    assert sum(line.paid_e4 for line in order.lines) == 289_100
    assert all(line.paid_e4 % 100 == 0 for line in order.lines)


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
async def test_each_state_is_collected(
    street: Street, month: Item, there: OrderState, here: ShopState
) -> None:
    street.shop.set_state(street.shop.sell((month, 1)), there)
    assert [order.state for order in await collected(street, lately(street))] == [here]


async def test_an_order_that_is_not_paid_is_read_but_not_collected(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 1), paid=False)
    assert await collected(street, lately(street)) == []
    order = await CHANNEL.order(street.link, sold.order_id)
    assert (order.state, order.paid_at, order.paid_e4) == (ShopState.UNPAID, None, 0)


async def test_goods_that_are_wanted_before_the_money_are_held(street: Street, month: Item) -> None:
    sold = street.shop.sell((month, 1))
    sold.paid_at = None
    order = await CHANNEL.order(street.link, sold.order_id)
    assert (order.state, order.paid_at) == (ShopState.HELD, None)


async def test_many_orders_come_over_pages_from_the_last_to_the_first(
    street: Street, month: Item
) -> None:
    sold = {street.shop.sell((month, 1)).order_id for _ in range(250)}
    found = await collected(street, lately(street))
    assert {order.order_id for order in found} == sold
    pages = street.platform.calls.count("jingdong.pop.order.search")
    assert pages == 4  # the first look, then the third, second and first page


async def test_an_order_that_changes_during_the_scan_hides_no_other(
    street: Street, month: Item
) -> None:
    sold = [street.shop.sell((month, 1)) for _ in range(220)]
    begin = street.shop.now() - timedelta(hours=1)
    street.platform.now.advance(timedelta(minutes=5))
    window = Window(begin, street.shop.now() - timedelta(minutes=2))

    page = await CHANNEL.orders(street.link, window)
    seen = {order.order_id for order in page.members}
    moved = set()
    while page.next:
        for order in sold[:10]:
            street.shop.set_state(order, OrderState.SHIPPED)  # leaves the window
            moved.add(order.order_id)
        del sold[:10]
        page = await CHANNEL.orders(street.link, window, page.next)
        seen |= {order.order_id for order in page.members}
    assert {order.order_id for order in sold} <= seen | moved
    later = Window(window.end, street.shop.now() + timedelta(seconds=1))
    assert moved <= {order.order_id for order in await collected(street, later)}


async def test_states_beyond_the_documented_ones_are_collected_where_asked_for(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 1))
    street.platform.loc.add(sold.order_id)
    assert await collected(street, lately(street)) == []
    link = street.with_options(states="WAIT_SEND_CODE")
    assert len(await collected(replace(street, link=link), lately(street))) == 1


async def test_listings_come_with_price_and_quantity(street: Street, month: Item) -> None:
    for n in range(120):
        street.shop.offer("会员", 100 + n, properties=f"{n} 天")
    gone = street.shop.offer("会员", 10, properties="已下架")
    gone.on_sale = False
    page = await CHANNEL.listings(street.link)
    found = list(page.members)
    assert len(found) == 100
    assert page.next is not None
    page = await CHANNEL.listings(street.link, page.next)
    assert page.next is None
    found += page.members
    assert len(found) == len(street.shop.items)
    first = found[0]
    assert (first.item_id, first.sku_id) == (month.item_id, month.sku_id)
    assert (first.price_e4, first.quantity, first.on_sale) == (199_000, 50, True)
    assert (first.title, first.merchant_code) == ("芒果TV会员", "mgtv-month")
    assert not found[-1].on_sale


async def test_an_order_is_marked_as_shipped_once(street: Street, month: Item) -> None:
    sold = street.shop.sell((month, 1))
    await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
    assert (sold.state, sold.shipments) == (OrderState.SHIPPED, 1)
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
    assert sold.shipments == 1


async def test_a_carrier_that_wants_a_number_leaves_the_order_as_it_was(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 1))
    with pytest.raises(ChannelUnclear):
        await CHANNEL.confirm(street.with_options(carrier="467"), sold.order_id, [])
    assert (sold.state, sold.shipments) == (OrderState.PAID, 0)


async def test_an_order_that_is_held_is_not_shipped(street: Street, month: Item) -> None:
    sold = street.shop.sell((month, 1))
    street.shop.set_state(sold, OrderState.HELD)
    with pytest.raises(ChannelUnclear):
        await CHANNEL.confirm(street.link, sold.order_id, [])
    assert sold.shipments == 0


async def test_codes_of_a_voucher_order_are_uploaded(street: Street, month: Item) -> None:
    sold = street.shop.sell((month, 2))
    street.platform.loc.add(sold.order_id)
    cards = (CardText("C1", "P1"), CardText("C2", "P2"))
    await CHANNEL.send(street.link, Parcel(sold.order_id, sold.order_id, cards))
    assert street.platform.codes[sold.order_id] == [("C1", "P1"), ("C2", "P2")]
    assert sold.shown == ["C1 P1", "C2 P2"]


@pytest.mark.parametrize("card", [CardText("C1"), CardText(password="C1")])
async def test_a_card_of_one_part_is_uploaded_as_a_code(
    street: Street, month: Item, card: CardText
) -> None:
    sold = street.shop.sell((month, 1))
    street.platform.loc.add(sold.order_id)
    await CHANNEL.send(street.link, Parcel(sold.order_id, "", (card,)))
    assert street.platform.codes[sold.order_id] == [("", "C1")]


@pytest.mark.parametrize(
    "cards",
    [
        (CardText("C,1", "P1"),),
        (CardText("C1", "P,1"),),
        (CardText("C,1", ""),),
        (CardText(),),
        (CardText(url="https://card.example/1"),),
        (CardText("C1", "P1"), CardText("", "P2")),
    ],
)
async def test_cards_that_a_comma_list_cannot_carry_are_not_sent(
    street: Street, month: Item, cards: tuple[CardText, ...]
) -> None:
    sold = street.shop.sell((month, len(cards)))
    street.platform.loc.add(sold.order_id)
    with pytest.raises(NotShippable) as refused:
        await CHANNEL.send(street.link, Parcel(sold.order_id, "", cards))
    assert "P1" not in str(refused.value)
    assert street.platform.calls == []
    assert sold.shown == []


async def test_no_card_is_sent_for_an_order_that_is_no_voucher(street: Street, month: Item) -> None:
    sold = street.shop.sell((month, 1))
    with pytest.raises(NotShippable):
        await CHANNEL.send(street.link, Parcel(sold.order_id, "", (CardText("C1", "P1"),)))
    assert sold.shown == []
    assert "jingdong.pop.oto.checkNumbers.upload" not in street.platform.calls


async def test_stock_and_price_are_set(street: Street, month: Item) -> None:
    year = street.shop.offer("芒果TV会员", 19800, properties="年卡")
    levels = [
        StockLevel(month.item_id, month.sku_id, 7),
        StockLevel(year.item_id, year.sku_id, 0),
    ]
    await CHANNEL.publish_stock(street.link, levels)
    assert (month.quantity, year.quantity) == (7, 0)
    await CHANNEL.publish_price(street.link, month.item_id, month.sku_id, 185_000)
    assert month.price_fen == 1850


async def test_refunds_are_told_when_asked_for_and_when_decided(
    street: Street, month: Item
) -> None:
    asked = street.shop.ask_refund(street.shop.sell((month, 1)))
    done = street.shop.ask_refund(street.shop.sell((month, 2)))
    street.platform.now.advance(timedelta(hours=3))
    street.shop.settle_refund(done, agree=True)
    first = Window(asked.created_at - timedelta(hours=1), asked.created_at + timedelta(hours=1))

    found = {refund.refund_id: refund for refund in await refunded(street, first)}
    assert set(found) == {asked.refund_id, done.refund_id}
    assert found[asked.refund_id].state is ShopRefundState.ASKED
    assert (found[done.refund_id].state, found[done.refund_id].amount_e4) == (
        ShopRefundState.DONE,
        398_000,
    )
    later = await refunded(street, lately(street))
    assert [refund.refund_id for refund in later] == [done.refund_id]


async def test_many_refunds_come_over_pages(street: Street, month: Item) -> None:
    asked = {street.shop.ask_refund(street.shop.sell((month, 1))).refund_id for _ in range(120)}
    assert {refund.refund_id for refund in await refunded(street, lately(street))} == asked


@pytest.mark.parametrize("agree", [True, False])
async def test_a_refund_is_decided(street: Street, month: Item, agree: bool) -> None:
    asked = street.shop.ask_refund(street.shop.sell((month, 1)))
    (told, *_) = await refunded(street, lately(street))
    await CHANNEL.answer_refund(street.link, told, agree=agree, reason="卡密已发出")
    assert asked.state is (RefundState.DONE if agree else RefundState.REFUSED)
    with pytest.raises(ChannelUnclear):
        await CHANNEL.answer_refund(street.link, told, agree=agree)


async def test_a_refund_that_finance_has_not_paid_is_still_open(
    street: Street, month: Item
) -> None:
    street.platform.finance_pays = False
    asked = street.shop.ask_refund(street.shop.sell((month, 1)))
    (told, *_) = await refunded(street, lately(street))
    await CHANNEL.answer_refund(street.link, told, agree=True)
    assert {each.state for each in await refunded(street, lately(street))} == {
        ShopRefundState.ASKED
    }
    street.platform.pay_out(street.shop, asked)
    assert (await CHANNEL.order(street.link, asked.order.order_id)).state is ShopState.CLOSED


async def test_what_is_no_number_of_jds_is_asked_nobody(street: Street) -> None:
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.order(street.link, "E20260308")
    assert street.platform.calls == []


async def test_an_order_of_nobody_is_unclear_since_jd_documents_no_answer(street: Street) -> None:
    with pytest.raises(ChannelUnclear):
        await CHANNEL.order(street.link, "1")
