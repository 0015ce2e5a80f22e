"""What Taobao's adapter collects of its simulator: orders and refunds, none missed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.channels.channel import ShopOrder, ShopRefundState, ShopState, Window
from kashu.channels.errors import NoSuchShopOrder
from kashu.simulators.shop import Item, Order, OrderState
from tests.adapters.taobao_shop import Street, Town, standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNEL = TaobaoChannel()


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


async def collected(shop: Street, window: Window) -> list[ShopOrder]:
    page = await CHANNEL.orders(shop.link, window)
    found = [*page.members]
    while page.next:
        page = await CHANNEL.orders(shop.link, window, page.next)
        found += page.members
    return found


async def test_a_paid_order_is_collected_with_its_lines_and_amounts(
    shop: Street, month: Item
) -> None:
    year = shop.shop.offer("年会员", 19805, merchant_code="y-1", variant=False)
    sold = shop.shop.sell((month, 2), (year, 1), note="13800000000")
    (order,) = await collected(shop, lately(shop))
    assert order.order_id == sold.order_id
    assert int(order.order_id) > 2**53
    assert (order.state, order.paid_e4) == (ShopState.PAID, (2 * 1990 + 19805) * 100)
    assert order.paid_at == sold.paid_at.replace(microsecond=0) if sold.paid_at else False
    first, second = order.lines
    assert (first.item_id, first.sku_id, first.quantity) == (month.item_id, month.sku_id, 2)
    assert (first.paid_e4, first.merchant_code, first.properties) == (398000, "m-1", "月卡")
    assert (second.sku_id, second.merchant_code) == ("", "y-1")
    assert first.refund is ShopRefundState.NONE
    assert not order.complete  # a list doesn't say what the buyer typed
    assert not order.note

    whole = await CHANNEL.order(shop.link, order.order_id)
    assert (whole.complete, whole.note) == (True, "13800000000")
    assert "13800000000" not in repr(whole)
    assert replace(whole, complete=False, note="") == order


async def test_an_order_without_a_message_is_complete_in_the_list(
    shop: Street, month: Item
) -> None:
    shop.shop.sell((month, 1))
    (order,) = await collected(shop, lately(shop))
    assert order.complete


@pytest.mark.parametrize(
    ("stands", "told"),
    [
        (OrderState.UNPAID, ShopState.UNPAID),
        (OrderState.HELD, ShopState.HELD),
        (OrderState.SHIPPED, ShopState.SHIPPED),
        (OrderState.FINISHED, ShopState.FINISHED),
        (OrderState.CLOSED, ShopState.CLOSED),
    ],
)
async def test_an_order_stands_where_the_platform_says(
    shop: Street, month: Item, stands: OrderState, told: ShopState
) -> None:
    sold = shop.shop.sell((month, 1), paid=stands is not OrderState.UNPAID)
    shop.shop.set_state(sold, stands)
    assert (await CHANNEL.order(shop.link, sold.order_id)).state is told


async def test_a_part_that_was_refunded_need_not_add_up(shop: Street, month: Item) -> None:
    sold = shop.shop.sell((month, 1), (month, 1))
    shop.shop.settle_refund(shop.shop.ask_refund(sold, sold.lines[0]), agree=True)
    order = await CHANNEL.order(shop.link, sold.order_id)
    assert [line.refund for line in order.lines] == [ShopRefundState.DONE, ShopRefundState.NONE]
    assert order.paid_e4 == 2 * 199000


async def test_an_order_of_nobody_is_named(shop: Street) -> None:
    with pytest.raises(NoSuchShopOrder) as told:
        await CHANNEL.order(shop.link, "4200012345678909999")
    assert told.value.facts["order"] == "4200012345678909999"


async def test_an_empty_window_has_no_orders(shop: Street) -> None:
    assert await collected(shop, lately(shop)) == []


async def test_only_what_changed_in_the_window_is_collected(shop: Street, month: Item) -> None:
    shop.shop.sell((month, 1))
    now = shop.shop.now()
    earlier = Window(now - timedelta(minutes=40), now - timedelta(minutes=20))
    assert await collected(shop, earlier) == []


async def test_many_orders_are_all_collected(shop: Street, month: Item) -> None:
    sold = {shop.shop.sell((month, 1)).order_id for _ in range(120)}
    found = await collected(shop, lately(shop))
    assert {order.order_id for order in found} == sold


async def test_orders_that_leave_the_window_during_the_scan_hide_none(
    shop: Street, month: Item
) -> None:
    sold = [shop.shop.sell((month, 1)) for _ in range(120)]
    window = Window(shop.shop.now() - timedelta(minutes=20), shop.shop.now() + timedelta(seconds=1))
    shop.platform.now.advance(timedelta(seconds=30))
    page = await CHANNEL.orders(shop.link, window)
    seen = {order.order_id for order in page.members}
    gone: list[Order] = []
    while page.next:
        for order in sold[-1 - len(gone) :: -40][:3]:  # some of each page change, and leave
            shop.shop.set_state(order, OrderState.FINISHED)
            gone.append(order)
        page = await CHANNEL.orders(shop.link, window, page.next)
        seen |= {order.order_id for order in page.members}
    assert gone
    stayed = {order.order_id for order in sold if order not in gone}
    assert stayed <= seen


async def test_orders_that_enter_the_window_during_the_scan_hide_none(
    shop: Street, month: Item
) -> None:
    sold = [shop.shop.sell((month, 1)) for _ in range(120)]
    window = replace(lately(shop), end=shop.shop.now() + timedelta(minutes=5))
    page = await CHANNEL.orders(shop.link, window)
    seen = {order.order_id for order in page.members}
    for _ in range(20):
        if page.next is None:
            break
        if len(sold) < 160:
            sold += [shop.shop.sell((month, 1)) for _ in range(20)]
        page = await CHANNEL.orders(shop.link, window, page.next)
        seen |= {order.order_id for order in page.members}
    assert page.next is None
    assert {order.order_id for order in sold[:120]} <= seen


async def test_refunds_are_listed_with_their_line_and_amount(shop: Street, month: Item) -> None:
    sold = shop.shop.sell((month, 2), (month, 1))
    asked = shop.shop.ask_refund(sold, sold.lines[0], 1990)
    done = shop.shop.ask_refund(sold, sold.lines[1])
    shop.shop.settle_refund(done, agree=True)
    page = await CHANNEL.refunds(shop.link, lately(shop))
    told = {refund.refund_id: refund for refund in page.members}
    assert told[asked.refund_id].state is ShopRefundState.ASKED
    assert told[asked.refund_id].order_id == sold.order_id
    assert told[asked.refund_id].line_id == sold.lines[0].line_id
    assert told[asked.refund_id].amount_e4 == 199000
    assert told[asked.refund_id].version.endswith("|onsale")
    assert told[done.refund_id].state is ShopRefundState.DONE
    order = await CHANNEL.order(shop.link, sold.order_id)
    assert [line.refund for line in order.lines] == [ShopRefundState.ASKED, ShopRefundState.DONE]


async def test_many_refunds_are_all_listed(shop: Street, month: Item) -> None:
    asked = {shop.shop.ask_refund(shop.shop.sell((month, 1))).refund_id for _ in range(60)}
    page = await CHANNEL.refunds(shop.link, lately(shop))
    seen = {refund.refund_id for refund in page.members}
    while page.next:
        page = await CHANNEL.refunds(shop.link, lately(shop), page.next)
        seen |= {refund.refund_id for refund in page.members}
    assert seen == asked
