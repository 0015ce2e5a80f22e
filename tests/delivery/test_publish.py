"""What listings show as stock."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from kashu.channels.errors import ChannelRefused
from kashu.channels.tables import connections
from kashu.core.clock import SHANGHAI
from kashu.core.http import NoClearAnswer, NotReached
from kashu.delivery.publish import check_drift, publish_stock
from tests.delivery.conftest import Trade


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
