"""What Pinduoduo's adapter changes at its simulator: shipments, stock, prices, refunds."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.channels.channel import ShopRefund, ShopRefundState, StockLevel, Window
from kashu.channels.errors import AlreadyShipped, ChannelRefused, NoSuchShopOrder, NotShippable
from kashu.simulators.shop import Item, OrderState, RefundState
from tests.adapters.pinduoduo_shop import Street, open_street

CHANNEL = PinduoduoChannel()


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street(lambda platform: platform) as opened:
        yield opened


@pytest.fixture
def month(street: Street) -> Item:
    return street.shop.offer("芒果TV会员", 1990, properties="月卡", quantity=50)


def lately(street: Street) -> Window:
    now = street.shop.now()
    return Window(now - timedelta(minutes=10), now + timedelta(minutes=1))


async def test_confirming_marks_as_shipped_with_what_the_options_say(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 1))
    await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
    assert (sold.state, sold.shipments) == (OrderState.SHIPPED, 1)
    assert street.platform.tracking[sold.order_id] == (999, f"V{sold.order_id}")
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
    assert sold.shipments == 1
    assert street.platform.calls.count("pdd.logistics.online.send") == 1


async def test_without_those_options_nothing_is_asked_and_a_person_must_ship(
    street: Street, month: Item
) -> None:
    sold = street.shop.sell((month, 1))
    for options in ({}, {"logistics_id": "999"}, {"tracking_number": "V"}):
        with pytest.raises(NotShippable):
            await CHANNEL.confirm(street.with_options(**options), sold.order_id, [sold.order_id])
    assert sold.state is OrderState.PAID
    assert street.platform.calls == []


async def test_an_order_that_may_not_be_shipped_is_not(street: Street, month: Item) -> None:
    held, refunding, unpaid = (street.shop.sell((month, 1), paid=n < 2) for n in range(3))
    street.shop.set_state(held, OrderState.HELD)
    street.shop.ask_refund(refunding)
    for order in (held, refunding, unpaid):
        with pytest.raises(NotShippable):
            await CHANNEL.confirm(street.link, order.order_id, [order.order_id])
        assert order.shipments == 0
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.confirm(street.link, "1", ["1"])
    assert "pdd.logistics.online.send" not in street.platform.calls


async def test_stock_is_set_to_absolute_numbers(street: Street, month: Item) -> None:
    year = street.shop.offer("芒果TV会员", 19800, item_id=month.item_id, quantity=9)
    levels = [
        StockLevel(month.item_id, month.sku_id, 0),
        StockLevel(year.item_id, year.sku_id, 12),
    ]
    for _ in range(2):
        await CHANNEL.publish_stock(street.link, levels)
        assert (month.quantity, year.quantity) == (0, 12)


async def test_goods_that_are_gone_do_not_keep_others_from_their_stock(
    street: Street, month: Item
) -> None:
    gone = StockLevel("1", month.sku_id, 5)
    with pytest.raises(ChannelRefused, match="50001"):
        await CHANNEL.publish_stock(street.link, [gone, StockLevel(month.item_id, month.sku_id, 7)])
    assert month.quantity == 7


async def test_a_price_holds_only_after_the_platforms_review(street: Street, month: Item) -> None:
    await CHANNEL.publish_price(street.link, month.item_id, month.sku_id, 185_000)
    assert street.platform.commits == [(month, 1850, None)]
    assert month.price_fen == 1990
    street.platform.approve_prices()
    assert month.price_fen == 1850


async def test_buying_alone_costs_more_by_what_the_option_says(street: Street, month: Item) -> None:
    over = street.with_options(single_price_over_fen="100")
    await CHANNEL.publish_price(over, month.item_id, month.sku_id, 185_000)
    assert street.platform.commits == [(month, 1850, 1950)]
    wrong = street.with_options(single_price_over_fen="1.5")
    with pytest.raises(ChannelRefused):
        await CHANNEL.publish_price(wrong, month.item_id, month.sku_id, 170_000)
    assert len(street.platform.commits) == 1


async def test_refunds_come_with_their_states_and_amounts(street: Street, month: Item) -> None:
    asked, done, refused = (street.shop.ask_refund(street.shop.sell((month, 1))) for _ in range(3))
    street.shop.settle_refund(done, agree=True)
    street.shop.settle_refund(refused, agree=False)
    page = await CHANNEL.refunds(street.link, lately(street))
    assert page.next is None
    told = {each.refund_id: each for each in page.members}
    assert {number: each.state for number, each in told.items()} == {
        asked.refund_id: ShopRefundState.ASKED,
        done.refund_id: ShopRefundState.DONE,
        refused.refund_id: ShopRefundState.REFUSED,
    }
    one = told[asked.refund_id]
    assert (one.order_id, one.line_id) == (asked.order.order_id, asked.order.order_id)
    assert (one.amount_e4, one.reason) == (199_000, "拍错了")
    assert one.changed_at == asked.changed_at.replace(microsecond=0)


async def test_refunds_come_from_the_last_page_to_the_first(street: Street, month: Item) -> None:
    asked = {street.shop.ask_refund(street.shop.sell((month, 1))).refund_id for _ in range(230)}
    found: list[str] = []
    nexts = []
    page = await CHANNEL.refunds(street.link, lately(street))
    found += [each.refund_id for each in page.members]
    while page.next:
        nexts.append(page.next)
        page = await CHANNEL.refunds(street.link, lately(street), page.next)
        found += [each.refund_id for each in page.members]
    assert (nexts, len(found), set(found)) == (["2", "1"], 230, asked)


async def test_agreeing_to_a_refund_gives_the_money_back(street: Street, month: Item) -> None:
    asked = street.shop.ask_refund(street.shop.sell((month, 1)))
    told: ShopRefund = (await CHANNEL.refunds(street.link, lately(street))).members[0]
    await CHANNEL.answer_refund(street.link, told, agree=True, reason="已核实")
    assert (asked.state, asked.order.state) == (RefundState.DONE, OrderState.CLOSED)
    with pytest.raises(ChannelRefused, match="50001"):
        await CHANNEL.answer_refund(street.link, told, agree=True)


async def test_refusing_a_refund_is_left_to_a_person(street: Street, month: Item) -> None:
    asked = street.shop.ask_refund(street.shop.sell((month, 1)))
    told = (await CHANNEL.refunds(street.link, lately(street))).members[0]
    with pytest.raises(ChannelRefused):
        await CHANNEL.answer_refund(street.link, told, agree=False, reason="已使用")
    assert asked.state is RefundState.ASKED
    assert "pdd.refund.agree" not in street.platform.calls
