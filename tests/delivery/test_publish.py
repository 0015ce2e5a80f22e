"""What listings show as stock."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kashu.channels.errors import ChannelRefused
from kashu.channels.listings import note_published, see_listings
from kashu.channels.tables import connections, listings
from kashu.core.clock import SHANGHAI
from kashu.core.http import NoClearAnswer, NotReached
from kashu.delivery.publish import check_drift, publish_stock
from tests.delivery.conftest import LINK, Trade


async def publish(trade: Trade, *, after_s: float = 20) -> None:
    trade.clock.advance(timedelta(seconds=after_s))
    await publish_stock(trade.database, trade.tenant.id, SHANGHAI, trade.outside)


async def test_a_listing_shows_what_can_be_sold(trade: Trade) -> None:
    one, three = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡 (3)", 5500)
    await trade.map(one)
    await trade.map(three, units=3)
    await trade.stock(10)
    await publish(trade)
    assert (one.quantity, three.quantity) == (10, 3)
    trade.shop.sell((one, 2))
    await trade.run()
    await publish(trade)
    assert (one.quantity, three.quantity) == (8, 2)


async def test_a_store_shows_its_share_less_its_buffer(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    await trade.stock(9)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(connections).values(share_percent=50, buffer=1))
    await publish(trade)
    assert item.quantity == 3


async def test_a_rush_is_published_once(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    await trade.stock(1)
    await publish(trade)
    await trade.stock(1)
    await publish(trade, after_s=1)
    assert item.quantity == 1
    await publish(trade, after_s=3)
    assert item.quantity == 2


@pytest.mark.parametrize(
    "error",
    [
        NotReached(host="t"),
        NoClearAnswer(host="t", why="timeout"),
        ChannelRefused(channel="t", said="1", meaning="no"),
    ],
)
async def test_what_was_not_published_is_published_later(trade: Trade, error: Exception) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    await trade.stock(4)
    trade.channel.break_before("publish_stock", error)
    await publish(trade)
    assert item.quantity == 0
    await publish(trade, after_s=601)
    assert item.quantity == 4


async def test_a_number_that_somebody_changed_there_is_put_right(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    await trade.stock(4)
    await publish(trade)
    item.quantity = 99
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.exec_driver_sql(
            "UPDATE channels.listings SET published_at = now() - interval '1 hour'"
        )
    await check_drift(trade.database, trade.tenant.id, trade.outside)
    await publish(trade)
    assert item.quantity == 4


async def paid_and_not_taken_in(trade: Trade) -> None:
    """Ask the platform, and don't take in what it tells."""
    await trade.ask()
    await publish(trade)


async def test_what_is_paid_for_and_not_taken_in_yet_is_not_shown_as_stock(trade: Trade) -> None:
    one, three = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡 (3)", 5500)
    await trade.map(one)
    await trade.map(three, units=3)
    await trade.stock(10)
    trade.shop.sell((one, 2))
    due = trade.shop.sell((three, 1))
    trade.shop.sell((one, 1), paid=False)
    await paid_and_not_taken_in(trade)
    assert (await trade.step(due))[0] == "due"
    assert (one.quantity, three.quantity) == (5, 1)
    trade.shop.sell((three, 9))
    await paid_and_not_taken_in(trade)
    assert (one.quantity, three.quantity) == (0, 0)


async def test_what_waits_for_the_mapping_of_another_line_is_not_shown_as_stock(
    trade: Trade,
) -> None:
    item, other = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.map(item)
    await trade.stock(10)
    order = trade.shop.sell((item, 4), (other, 1))
    await trade.run(1)
    assert (await trade.step(order))[0] == "unmapped"
    await publish(trade)
    assert item.quantity == 6


async def test_what_is_held_is_not_shown_as_stock_until_its_money_went_back(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    await trade.stock(10)
    order = trade.shop.sell((item, 4))
    refund = trade.shop.ask_refund(order)
    await trade.run(1)
    assert await trade.step(order) == ("held", "refund_asked")
    await publish(trade)
    assert item.quantity == 6
    trade.shop.settle_refund(refund, agree=True)
    await trade.run(1)
    await publish(trade)
    assert item.quantity == 10


async def test_what_was_published_is_noted_of_each(trade: Trade) -> None:
    items = [trade.shop.offer(f"月卡 {n}", 1980) for n in range(5)]
    for item in items:
        await trade.map(item)
    await trade.stock(3)
    async with trade.database.transaction(trade.tenant.id) as tx:
        ids = list((await tx.execute(select(listings.c.id).order_by(listings.c.item_id))).scalars())
        at = trade.clock()
        await note_published(tx, trade.tenant.id, ids, [1, 2, None, 4, 5], next_at=at, said="x")
        rows = await tx.execute(select(listings).order_by(listings.c.item_id))
        noted = [(row.published, row.publish_said, row.publish_at) for row in rows]
    assert noted == [(quantity, "x", at) for quantity in (1, 2, None, 4, 5)]


async def test_what_is_published_and_what_is_fetched_lock_nobody_out(trade: Trade) -> None:
    """Their names and their ids don't rise together; everybody locks them by id."""
    items = [trade.shop.offer(f"月卡 {n}", 1980) for n in range(40)]
    async with trade.database.transaction(trade.tenant.id) as tx:
        for told in reversed((await trade.channel.listings(LINK)).members):
            await see_listings(tx, trade.tenant.id, trade.store_id, [told])
        ids = list((await tx.execute(select(listings.c.id))).scalars())
    assert len(ids) == len(items)

    async def notes() -> None:
        async with trade.database.transaction(trade.tenant.id) as tx:
            await note_published(tx, trade.tenant.id, ids, [1] * 40, next_at=trade.clock())

    async def sees() -> None:
        async with trade.database.transaction(trade.tenant.id) as tx:
            told = (await trade.channel.listings(LINK)).members
            await see_listings(tx, trade.tenant.id, trade.store_id, told)

    for _ in range(5):
        await asyncio.gather(*(call() for call in (notes, sees, notes, sees)))
