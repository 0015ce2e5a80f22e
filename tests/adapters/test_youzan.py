"""Youzan's adapter against its simulator, over real sockets: what works."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from kashu.channels.channel import (
    Can,
    CardText,
    Channel,
    Listing,
    Parcel,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
    StockLevel,
)
from kashu.channels.errors import (
    AlreadyShipped,
    ChannelRefused,
    ChannelUnclear,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.simulators.shop import OrderState, RefundState
from tests.adapters.youzan_shop import CHANNEL, Street, street


@pytest.fixture
async def shop() -> AsyncIterator[Street]:
    async with street() as opened:
        yield opened


@pytest.fixture
async def goods() -> AsyncIterator[Street]:
    """A shop whose goods wait for shipment."""
    async with street(virtual=False) as opened:
        yield opened


def test_it_is_a_channel_and_says_what_it_lacks() -> None:
    assert isinstance(CHANNEL, Channel)
    assert not CHANNEL.can & {Can.SEND_CARD, Can.SEND_CONFIRMS, Can.ASKED}


# Orders


async def test_a_virtual_order_is_ours_to_deliver_though_it_counts_as_shipped(
    shop: Street,
) -> None:
    sold = shop.shop.sell((shop.month(), 2), buyer="yz-open-1", note="13800000000")
    (page,) = await shop.pages(shop.lately())
    (told,) = page.members
    assert (told.state, told.complete) == (ShopState.PAID, True)
    assert (told.order_id, told.buyer) == (sold.order_id, "yz-open-1")
    assert told.note == "留言：13800000000"
    assert "13800000000" not in repr(told)
    assert told.paid_e4 == 398_000
    (line,) = told.lines
    item = sold.lines[0].item
    assert (line.line_id, line.item_id, line.sku_id) == (
        sold.lines[0].line_id,
        item.item_id,
        item.sku_id,
    )
    assert (line.quantity, line.paid_e4, line.merchant_code) == (2, 398_000, "mgtv-m")
    assert told.changed_at == sold.changed_at.replace(microsecond=0)
    assert await CHANNEL.order(shop.link, sold.order_id) == told


@pytest.mark.parametrize(
    ("state", "read"),
    [
        (OrderState.UNPAID, ShopState.UNPAID),
        (OrderState.PAID, ShopState.PAID),
        (OrderState.HELD, ShopState.HELD),
        (OrderState.SHIPPED, ShopState.SHIPPED),
        (OrderState.FINISHED, ShopState.FINISHED),
        (OrderState.CLOSED, ShopState.CLOSED),
    ],
)
async def test_every_state_is_read(goods: Street, state: OrderState, read: ShopState) -> None:
    sold = goods.shop.sell((goods.month(), 1), paid=state is not OrderState.UNPAID)
    goods.shop.set_state(sold, state)
    assert (await CHANNEL.order(goods.link, sold.order_id)).state is read


async def test_an_item_without_variants_has_no_sku(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(variant=False), 1))
    assert (await CHANNEL.order(shop.link, sold.order_id)).lines[0].sku_id == ""


async def test_an_order_that_is_not_there_is_refused(shop: Street) -> None:
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.order(shop.link, "E20260308093000000100001")


async def test_orders_that_change_while_they_are_read_are_not_missed(shop: Street) -> None:
    month = shop.month()
    sold = [shop.shop.sell((month, 1)) for _ in range(350)]
    shop.shop.now.advance(timedelta(seconds=2))
    window = replace(shop.lately(), end=shop.shop.now() - timedelta(seconds=1))
    shop.shop.now.advance(timedelta(seconds=2))
    page = await CHANNEL.orders(shop.link, window)
    found = {order.order_id for order in page.members}
    number = 0
    while page.next is not None:
        for order in sold[number : number + 40]:  # they leave the window, the others move up
            shop.shop.set_state(order, OrderState.FINISHED)
        number += 40
        page = await CHANNEL.orders(shop.link, window, page.next)
        found |= {order.order_id for order in page.members}
    stayed = {order.order_id for order in sold[number:]}
    assert stayed <= found
    assert number == 160


async def test_more_than_youzan_lists_at_once_is_read_in_slices(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(), 1))
    crowds = [10_001, 10_001]  # in the whole window, and in its first half

    def crowded(told: dict[str, object]) -> None:
        if crowds:
            told["data"] = {"full_order_info_list": [], "total_results": crowds.pop()}

    shop.change = crowded
    pages = await shop.pages(shop.lately())
    assert len(pages) == 2  # the first quarter, and the rest
    assert {order.order_id for page in pages for order in page.members} == {sold.order_id}


async def test_more_in_one_second_than_can_be_read_is_not_passed_over(shop: Street) -> None:
    shop.change = lambda told: told["data"].update(total_results=10_001)
    with pytest.raises(ChannelUnclear, match="more changes in a second"):
        await CHANNEL.orders(shop.link, shop.lately())


# Cards and shipment


def parcel(order: str, *numbers: str) -> Parcel:
    return Parcel(order, order, tuple(CardText(number, "pw-" + number) for number in numbers))


async def test_cards_are_written_into_the_note_once_and_keep_what_it_says(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(), 1))
    sold.memo = "老客户"
    await CHANNEL.send(shop.link, parcel(sold.order_id, "A1", "A2"))
    await CHANNEL.send(shop.link, parcel(sold.order_id, "A1", "A2"))
    await CHANNEL.send(shop.link, parcel(sold.order_id, "A"))
    assert sold.memo.splitlines() == [
        "老客户",
        "卡号：A1 密码：pw-A1",
        "卡号：A2 密码：pw-A2",
        "卡号：A 密码：pw-A",
    ]
    assert shop.platform.calls.count("youzan.trade.memo.update") == 2


async def test_without_the_option_no_card_leaves(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(), 1))
    with pytest.raises(NotShippable, match="memo=cards"):
        await CHANNEL.send(shop.options(), parcel(sold.order_id, "A1"))
    assert sold.memo == ""
    assert shop.platform.calls == []


async def test_goods_are_marked_as_shipped_once(goods: Street) -> None:
    sold = goods.shop.sell((goods.month(), 1), (goods.month(), 1))
    lines = [line.line_id for line in sold.lines]
    await CHANNEL.confirm(goods.link, sold.order_id, lines)
    assert (sold.state, sold.shipments) == (OrderState.SHIPPED, 1)
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(goods.link, sold.order_id, lines)
    assert sold.shipments == 1


async def test_somebody_else_may_ship_between_our_look_and_our_call(goods: Street) -> None:
    sold = goods.shop.sell((goods.month(), 1))

    def look_old(_: dict[str, object]) -> None:
        if goods.platform.calls[-1] == "youzan.trade.get":
            goods.shop.ship(sold)

    goods.change = look_old
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(goods.link, sold.order_id, [])
    assert goods.platform.calls[-1] == "youzan.logistics.online.confirm"
    assert sold.shipments == 1


async def test_virtual_orders_ship_themselves(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(), 1))
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(shop.link, sold.order_id, [sold.lines[0].line_id])
    assert "youzan.logistics.online.confirm" not in shop.platform.calls


@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.HELD, OrderState.CLOSED])
async def test_what_is_not_to_be_shipped_is_not(goods: Street, state: OrderState) -> None:
    sold = goods.shop.sell((goods.month(), 1))
    goods.shop.set_state(sold, state)
    with pytest.raises(NotShippable):
        await CHANNEL.confirm(goods.link, sold.order_id, [])
    assert sold.shipments == 0


# Goods


async def test_all_that_is_for_sale_is_listed_with_its_variants(shop: Street) -> None:
    month = shop.month()
    year = shop.shop.offer("芒果TV会员", 19900, properties="年卡", item_id=month.item_id)
    alone = shop.month(variant=False)
    alone.on_sale = False
    others = [shop.month() for _ in range(25)]
    found: list[Listing] = []
    page = await CHANNEL.listings(shop.link)
    found += page.members
    while page.next is not None:
        page = await CHANNEL.listings(shop.link, page.next)
        found += page.members
    told = {(each.item_id, each.sku_id): each for each in found}
    assert set(told) == {(item.item_id, item.sku_id) for item in [month, year, alone, *others]}
    assert len(found) == len(told)
    assert told[year.item_id, year.sku_id].price_e4 == 1_990_000
    assert told[year.item_id, year.sku_id].properties == "规格:年卡"
    listed = told[alone.item_id, ""]
    assert (listed.on_sale, listed.merchant_code, listed.price_e4) == (False, "mgtv-m", 199_000)


async def test_stock_is_set_not_added(shop: Street) -> None:
    month, alone = shop.month(), shop.month(variant=False)
    month.quantity = alone.quantity = 7
    levels = [StockLevel(item.item_id, item.sku_id, 5) for item in (month, alone)]
    await CHANNEL.publish_stock(shop.link, levels)
    assert (month.quantity, alone.quantity) == (5, 5)


async def test_stock_that_another_system_sets_is_left_to_it(shop: Street) -> None:
    month = shop.month()
    shop.platform.stock_sync = True
    with pytest.raises(ChannelRefused, match="123003023"):
        await CHANNEL.publish_stock(shop.link, [StockLevel(month.item_id, month.sku_id, 5)])
    assert month.quantity == 0


async def test_stock_of_what_is_not_there_is_refused(shop: Street) -> None:
    month = shop.month()
    for item_id, sku_id, said in (("1", "", "123005001"), (month.item_id, "1", "123004002")):
        with pytest.raises(ChannelRefused, match=said):
            await CHANNEL.publish_stock(shop.link, [StockLevel(item_id, sku_id, 5)])
    with pytest.raises(ChannelRefused, match="item_id"):
        await CHANNEL.publish_stock(shop.link, [StockLevel("tb-1", "", 5)])


async def test_a_price_is_set_in_fen(shop: Street) -> None:
    month = shop.month()
    await CHANNEL.publish_price(shop.link, month.item_id, month.sku_id, 185_000)
    assert month.price_fen == 1850
    assert shop.link.grant is not None
    typed = replace(shop.link, grant=replace(shop.link.grant, shop_id="my-shop"))
    with pytest.raises(ChannelRefused, match="kdt_id"):
        await CHANNEL.publish_price(typed, month.item_id, month.sku_id, 199_000)
    assert month.price_fen == 1850


# Refunds


async def refunds_of(shop: Street) -> list[ShopRefund]:
    page = await CHANNEL.refunds(shop.link, shop.lately())
    found = [*page.members]
    while page.next is not None:
        page = await CHANNEL.refunds(shop.link, shop.lately(), page.next)
        found += page.members
    return found


async def test_a_refund_is_told_with_its_line_and_answered_once(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(), 1), (shop.month(), 1))
    refund = shop.shop.ask_refund(sold, sold.lines[1])
    (told,) = await refunds_of(shop)
    assert (told.refund_id, told.order_id, told.line_id) == (
        refund.refund_id,
        sold.order_id,
        sold.lines[1].line_id,
    )
    assert (told.state, told.amount_e4) == (ShopRefundState.ASKED, 199_000)
    await CHANNEL.answer_refund(shop.link, told, agree=True)
    assert refund.state is RefundState.DONE
    with pytest.raises(ChannelRefused, match=r"103010039|102010002"):
        await CHANNEL.answer_refund(shop.link, told, agree=False)
    assert refund.state is RefundState.DONE


async def test_a_refund_is_refused_with_a_reason(shop: Street) -> None:
    refund = shop.shop.ask_refund(shop.shop.sell((shop.month(), 1)))
    (told,) = await refunds_of(shop)
    assert told.line_id == ""  # of the whole order
    await CHANNEL.answer_refund(shop.link, told, agree=False)
    assert refund.state is RefundState.REFUSED


async def test_a_refund_that_nobody_read_is_not_answered(shop: Street) -> None:
    shop.shop.ask_refund(shop.shop.sell((shop.month(), 1)))
    (told,) = await refunds_of(shop)
    calls = len(shop.platform.calls)
    with pytest.raises(ChannelRefused, match="version"):
        await CHANNEL.answer_refund(shop.link, replace(told, version=""), agree=True)
    assert len(shop.platform.calls) == calls


async def test_an_order_tells_which_of_its_lines_is_refunded(shop: Street) -> None:
    sold = shop.shop.sell((shop.month(), 1), (shop.month(), 1))
    refund = shop.shop.ask_refund(sold, sold.lines[0])

    async def line_refunds() -> list[ShopRefundState]:
        told: ShopOrder = await CHANNEL.order(shop.link, sold.order_id)
        assert told.complete
        return [line.refund for line in told.lines]

    assert await line_refunds() == [ShopRefundState.ASKED, ShopRefundState.NONE]
    (page,) = await shop.pages(shop.lately())
    assert not page.members[0].complete  # a list can't say which
    assert {line.refund for line in page.members[0].lines} == {ShopRefundState.ASKED}
    shop.shop.settle_refund(refund, agree=True)
    assert await line_refunds() == [ShopRefundState.DONE, ShopRefundState.NONE]


async def test_more_refunds_than_a_page_holds_are_all_told(shop: Street) -> None:
    month = shop.month()
    asked = {shop.shop.ask_refund(shop.shop.sell((month, 1))).refund_id for _ in range(45)}
    assert {told.refund_id for told in await refunds_of(shop)} == asked
