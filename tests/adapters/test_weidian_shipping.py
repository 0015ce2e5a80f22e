"""Weidian's adapter against its simulator: shipping, listings, stock, and faults on the way."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from kashu.channels.channel import Link, ShopState, StockLevel
from kashu.channels.errors import (
    AlreadyShipped,
    CalledTooOften,
    ChannelRefused,
    GrantLost,
    NotShippable,
)
from kashu.core.errors import Unclear
from kashu.simulators.faults import Fault, Faults
from kashu.simulators.shop import OrderState, Shop
from kashu.simulators.weidian import APP_SECRET, WeidianSimulator
from tests.adapters.weidian_world import (
    CHANNEL,
    linked,
    new_platform,
    new_shop,
    sold,
    with_options,
)


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


async def test_an_order_is_marked_as_shipped_without_logistics(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop)
    await CHANNEL.confirm(link, order.order_id, [order.lines[0].line_id])
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)
    method, param = platform.calls[-1]
    assert (method, param["express_type"]) == ("vdian.order.deliver", "999")


async def test_the_shipment_is_called_as_the_shop_needs_it(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop)
    await CHANNEL.confirm(with_options(link, express_type="0"), order.order_id, [])
    assert platform.calls[-1][1]["express_type"] == "0"


async def test_shipped_twice_is_said_to_be_shipped(link: Link, shop: Shop) -> None:
    order = sold(shop)
    await CHANNEL.confirm(link, order.order_id, [])
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(link, order.order_id, [])
    assert order.shipments == 1


async def test_one_line_is_shipped_before_the_other(link: Link, shop: Shop) -> None:
    items = [shop.offer("芒果TV会员", 1990), shop.offer("优酷会员", 1500)]
    order = shop.sell(*((item, 1) for item in items))
    first, second = (line.line_id for line in order.lines)
    await CHANNEL.confirm(link, order.order_id, [first])
    told = await CHANNEL.order(link, order.order_id)
    assert told.state is ShopState.PAID
    assert [line.state for line in told.lines] == [ShopState.SHIPPED, None]
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(link, order.order_id, [first])
    await CHANNEL.confirm(link, order.order_id, [first, second])
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)


async def test_nothing_is_shipped_over_a_refund(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop)
    shop.ask_refund(order)
    with pytest.raises(NotShippable):
        await CHANNEL.confirm(link, order.order_id, [])
    assert order.shipments == 0
    assert [method for method, _ in platform.calls] == ["vdian.order.get"]


@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.CLOSED])
async def test_what_is_not_paid_is_not_shipped(link: Link, shop: Shop, state: OrderState) -> None:
    order = sold(shop)
    shop.set_state(order, state)
    with pytest.raises(NotShippable):
        await CHANNEL.confirm(link, order.order_id, [])
    assert (order.state, order.shipments) == (state, 0)


async def test_a_refunded_line_is_not_shipped(link: Link, shop: Shop) -> None:
    items = [shop.offer("芒果TV会员", 1990), shop.offer("优酷会员", 1500)]
    order = shop.sell(*((item, 1) for item in items))
    shop.settle_refund(shop.ask_refund(order, order.lines[0]), agree=True)
    with pytest.raises(NotShippable):
        await CHANNEL.confirm(link, order.order_id, [order.lines[0].line_id])
    assert order.shipments == 0


async def test_listings_are_read_with_their_variants(link: Link, shop: Shop) -> None:
    month = shop.offer("芒果TV会员", 1990, properties="月卡", merchant_code="MG-M", quantity=5)
    year = shop.offer("芒果TV会员", 19900, properties="年卡", item_id=month.item_id, quantity=2)
    plain = shop.offer("优酷会员", 1500, merchant_code="YK", quantity=7, variant=False)
    plain.on_sale = False
    page = await CHANNEL.listings(link)
    assert page.next is None
    told = {(each.item_id, each.sku_id): each for each in page.members}
    assert set(told) == {(each.item_id, each.sku_id) for each in (month, year, plain)}
    assert told[month.item_id, month.sku_id].price_e4 == 199_000
    assert told[month.item_id, month.sku_id].merchant_code == "MG-M"
    assert told[year.item_id, year.sku_id].properties == "年卡"
    own = told[plain.item_id, ""]
    assert (own.quantity, own.on_sale, own.merchant_code) == (7, False, "YK")


async def test_all_pages_of_listings_are_read(link: Link, shop: Shop) -> None:
    items = [shop.offer(f"会员 {n}", 100) for n in range(101)]
    found: list[str] = []
    page: str | None = None
    while True:
        answer = await CHANNEL.listings(link, page)
        found += [each.item_id for each in answer.members]
        if answer.next is None:
            break
        page = answer.next
    assert found == [item.item_id for item in items]


async def test_stock_is_set_for_items_and_variants(link: Link, shop: Shop) -> None:
    month, plain = shop.offer("芒果TV会员", 1990), shop.offer("优酷会员", 1500, variant=False)
    levels = [StockLevel(month.item_id, month.sku_id, 12), StockLevel(plain.item_id, "", 0)]
    await CHANNEL.publish_stock(link, levels)
    assert (month.quantity, plain.quantity) == (12, 0)


async def test_stock_of_something_unknown_is_refused_and_sets_nothing(
    link: Link, shop: Shop
) -> None:
    month = shop.offer("芒果TV会员", 1990, quantity=3)
    for unknown in (StockLevel("1", "", 5), StockLevel(month.item_id, "1", 5)):
        with pytest.raises(ChannelRefused):
            await CHANNEL.publish_stock(link, [StockLevel(month.item_id, month.sku_id, 9), unknown])
    assert month.quantity == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SILENT_BEFORE, Unclear),
        (Fault.SILENT_AFTER, Unclear),
        (Fault.ERROR_BEFORE, Unclear),
        (Fault.ERROR_AFTER, Unclear),
        (Fault.HTML, Unclear),
        (Fault.REDIRECT, Unclear),
        (Fault.HUGE, Unclear),
        (Fault.THROTTLED, CalledTooOften),
        (Fault.TOKEN_EXPIRED, GrantLost),
    ],
)
async def test_every_fault_has_its_meaning(
    link: Link, shop: Shop, platform: WeidianSimulator, fault: Fault, error: type[Exception]
) -> None:
    month = shop.offer("芒果TV会员", 1990, quantity=3)
    platform.faults.order(fault)
    with pytest.raises(error) as met:
        await CHANNEL.publish_stock(link, [StockLevel(month.item_id, month.sku_id, 9)])
    acted = fault in {Fault.SILENT_AFTER, Fault.ERROR_AFTER}
    assert month.quantity == (9 if acted else 3)
    assert link.grant is not None
    for secret in (APP_SECRET, link.grant.access_token.clear):
        assert secret not in str(met.value)


class OnSecond(Faults):
    """Spares the first call: confirming reads the order before it ships."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(silent_s=0.01)
        self.turns: list[Fault | None] = [None, fault]

    def draw(self, now: datetime) -> Fault | None:
        return self.turns.pop(0) if self.turns else super().draw(now)


@pytest.mark.parametrize("fault", [Fault.SILENT_AFTER, Fault.ERROR_AFTER])
async def test_what_was_shipped_before_the_answer_was_lost_is_found_shipped(
    link: Link, shop: Shop, platform: WeidianSimulator, fault: Fault
) -> None:
    order = sold(shop)
    platform.use(OnSecond(fault))
    with pytest.raises(Unclear):
        await CHANNEL.confirm(link, order.order_id, [])
    assert order.shipments == 1
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(link, order.order_id, [])
    assert order.shipments == 1


async def test_a_shipment_that_was_never_begun_is_made_later(
    link: Link, shop: Shop, platform: WeidianSimulator
) -> None:
    order = sold(shop)
    platform.use(OnSecond(Fault.SILENT_BEFORE))
    with pytest.raises(Unclear):
        await CHANNEL.confirm(link, order.order_id, [])
    assert order.shipments == 0
    await CHANNEL.confirm(link, order.order_id, [])
    assert order.shipments == 1
