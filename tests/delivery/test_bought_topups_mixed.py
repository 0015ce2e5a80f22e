"""Orders of cards and top-ups: cards leave at once, the platform is told when all is done."""

from collections.abc import AsyncIterator

import pytest

from kashu.catalog.bundles import set_parts
from kashu.catalog.entries import NamedPart
from kashu.channels.channel import Can
from kashu.channels.listings import ListingChanges, change_listing, listings_by_name, see_listings
from kashu.simulators.shop import Item
from tests.delivery.booth import PHONE, RULE, Booth, make_booth
from tests.delivery.conftest import LINK, Trade
from tests.stock.builders import make_sku


@pytest.fixture
async def booth(trade: Trade) -> AsyncIterator[Booth]:
    made = await make_booth(trade)
    yield made
    await trade.assert_sound()


async def make_bundle(booth: Booth) -> Item:
    """A listing of a card and a top-up together."""
    trade = booth.trade
    item = trade.shop.offer("会员＋直充", 3000)
    tenant_id = trade.tenant.id
    async with trade.database.transaction(tenant_id) as tx:
        bundle_id = await make_sku(tx, tenant_id, "pair", fulfilment="bundle")
        parts = [NamedPart("mgtv-month", 1), NamedPart("qq-month", 1)]
        await set_parts(tx, tenant_id, "test", "pair", parts)
        listed = (await trade.channel.listings(LINK)).members
        await see_listings(tx, tenant_id, trade.store_id, listed)
        name = (trade.store_id, item.item_id, item.sku_id)
        listing = (await listings_by_name(tx, tenant_id, [name]))[name]
        await change_listing(tx, tenant_id, "test", listing.id, ListingChanges(sku_id=bundle_id))
        booth.desk.listings[item.item_id] = listing.id
    await booth.desk.rule(item, RULE)
    return item


@pytest.mark.parametrize("bundled", [False, True])
async def test_cards_leave_at_once_and_all_is_confirmed_when_it_is_topped_up(
    booth: Booth, *, bundled: bool
) -> None:
    trade, supplier = booth.trade, await booth.supplier()
    supplier.instant = False
    await trade.stock(1)
    if bundled:
        wanted = [(await make_bundle(booth), 1)]
    else:
        card, topup = trade.shop.offer("月卡", 1500), await booth.desk.offer(RULE)
        await trade.map(card)
        wanted = [(card, 1), (topup, 1)]
    order = trade.shop.sell(*wanted, note=PHONE)
    await booth.run()
    assert await trade.step(order) == ("sent", "being_topped_up")
    assert (len(order.shown), order.shipments) == (1, 0)
    supplier.house.settle()
    await booth.later(seconds=12)
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (1, 1)
    assert [each.inputs for each in supplier.house.orders] == [{"account": PHONE}]
    assert [line.delivered for line in await booth.lines(order)] == [1, 1]


async def test_where_sending_a_card_ships_the_order_it_waits_for_the_top_up(booth: Booth) -> None:
    trade, supplier = booth.trade, await booth.supplier()
    trade.channel.can = trade.channel.can | {Can.SEND_CONFIRMS}
    supplier.instant = False
    await trade.stock(1)
    card, topup = trade.shop.offer("月卡", 1500), await booth.desk.offer(RULE)
    await trade.map(card)
    order = trade.shop.sell((card, 1), (topup, 1), note=PHONE)
    await booth.run()
    assert await trade.step(order) == ("taken", "being_topped_up")
    assert (order.shown, order.shipments) == ([], 0)
    supplier.house.settle()
    await booth.later(seconds=12)
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (1, 1)


async def test_a_top_up_that_fails_keeps_no_card_from_its_buyer(booth: Booth) -> None:
    trade, supplier = booth.trade, await booth.supplier()
    supplier.no_accounts.add(PHONE)
    await trade.stock(1)
    card, topup = trade.shop.offer("月卡", 1500), await booth.desk.offer(RULE)
    await trade.map(card)
    order = trade.shop.sell((card, 1), (topup, 1), note=PHONE)
    await booth.run(3)
    assert await trade.step(order) == ("trouble", "topup_failed")
    assert (len(order.shown), order.shipments) == (1, 0)
    refund = trade.shop.ask_refund(order, order.lines[1])  # its buyer gets that part back
    trade.shop.settle_refund(refund, agree=True)
    await booth.run(3)
    await booth.again(order)
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments, supplier.house.orders) == (1, 1, [])


async def test_an_order_whose_card_is_short_is_topped_up_meanwhile(booth: Booth) -> None:
    trade, supplier = booth.trade, await booth.supplier()
    card, topup = trade.shop.offer("月卡", 1500), await booth.desk.offer(RULE)
    await trade.map(card)
    order = trade.shop.sell((card, 1), (topup, 1), note=PHONE)
    await booth.run()
    assert await trade.step(order) == ("taken", "short")
    assert len(supplier.house.orders) == 1
    await trade.stock(1)
    await booth.later(seconds=30)
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (1, 1)
