"""Nobody is sent to top up what a refund is asked for, or what isn't a top-up any more."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.channels.listings import ListingChanges, change_listing
from kashu.channels.tables import shop_orders
from kashu.delivery.errors import RefundAskedFor
from kashu.delivery.read_accounts import read_accounts
from kashu.delivery.topped_up import tell_topped_up
from tests.delivery.conftest import Trade
from tests.delivery.test_topups import PHONE, Desk

LATER = timedelta(minutes=2)


@pytest.fixture
async def desk(trade: Trade) -> Desk:
    return await Desk(trade).make()


async def read(trade: Trade) -> None:
    trade.clock.advance(LATER)
    await read_accounts(trade.database, trade.tenant.id, trade.outside)


async def test_a_refund_that_is_asked_for_meanwhile_keeps_its_order_from_people(
    trade: Trade, desk: Desk
) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await trade.run()
    refund = trade.shop.ask_refund(order)
    await read(trade)
    assert await trade.step(order) == ("trouble", "account_wanted")
    assert await desk.kept(order) == (None, {})
    trade.shop.settle_refund(refund, agree=False)
    await read(trade)
    assert await trade.step(order) == ("trouble", "to_be_topped_up")


async def test_money_that_went_back_of_a_line_is_for_a_person_to_see(
    trade: Trade, desk: Desk
) -> None:
    item, other = await desk.offer(PHONE), await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), (other, 1), note="13800138000")
    await trade.run()
    refund = trade.shop.ask_refund(order, order.lines[0])
    trade.shop.settle_refund(refund, agree=True)
    await read(trade)
    assert await trade.step(order) == ("trouble", "refunded_in_part")
    assert await desk.kept(order) == (None, {})


@pytest.mark.parametrize("told_first", [True, False])
async def test_what_is_asked_back_is_not_marked_as_topped_up(
    trade: Trade, desk: Desk, *, told_first: bool
) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await desk.run()
    assert await trade.step(order) == ("trouble", "to_be_topped_up")
    refund = trade.shop.ask_refund(order)
    if told_first:
        await trade.run()
    async with trade.database.transaction(trade.tenant.id) as tx:
        known_id: UUID = (await tx.execute(select(shop_orders.c.id))).scalar_one()
    tell = (trade.database, trade.tenant.id, "staff", known_id, trade.outside)
    with pytest.raises(RefundAskedFor):
        await tell_topped_up(*tell)
    assert order.shipments == 0
    assert await trade.step(order) == ("trouble", "to_be_topped_up")
    trade.shop.settle_refund(refund, agree=False)
    await trade.run()
    await tell_topped_up(*tell)
    assert await trade.step(order) == ("ended", "topped_up")
    assert order.shipments == 1


async def test_an_order_whose_listing_stands_for_cards_now_gets_them(
    trade: Trade, desk: Desk
) -> None:
    item = await desk.offer(PHONE)
    order = trade.shop.sell((item, 1), note="13800138000")
    await trade.run()
    assert await trade.step(order) == ("trouble", "account_wanted")
    await trade.stock(1)
    async with trade.database.transaction(trade.tenant.id) as tx:
        changes = ListingChanges(sku_id=trade.sku_id)
        listing_id = desk.listings[item.item_id]
        await change_listing(tx, trade.tenant.id, "test", listing_id, changes)
    await read(trade)
    assert (await trade.step(order))[0] == "due"
    assert await desk.kept(order) == (None, {})
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 1
    await trade.assert_sound()
