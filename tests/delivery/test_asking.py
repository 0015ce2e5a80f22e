"""Asking platforms: how often, and what is said of that which can't be read, or not any more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from kashu.channels.ask import ask_platforms
from kashu.channels.channel import Can, Grant
from kashu.channels.connections import Connection, NewConnection, connect, keep_grant
from kashu.channels.connections import connection_of as find_connection
from kashu.channels.errors import AskEveryWrong, ChannelDown, NothingMissed
from kashu.channels.kinds import ChannelKind
from kashu.channels.missed import acknowledge_missed
from kashu.channels.stores import open_store
from kashu.channels.tables import connections, shop_refunds
from kashu.core.events import events_of
from kashu.core.secrets import Secret
from kashu.orders.refund_by_hand import dismiss_refund
from kashu.simulators.shop import Shop
from tests.conftest import MASTERS
from tests.delivery.conftest import Trade
from tests.delivery.counterpart import ShopChannel


async def known(trade: Trade) -> Connection:
    async with trade.database.transaction(trade.tenant.id) as tx:
        return await find_connection(tx, trade.tenant.id, trade.store_id)


async def happened(trade: Trade, kind: str) -> list[Any]:
    async with trade.database.transaction(trade.tenant.id) as tx:
        events = await events_of(tx, trade.tenant.id, trade.store_id)
    return [event.facts for event in events if event.kind == kind]


async def test_an_outage_that_outlasts_the_platforms_memory_is_told_until_a_person_looked(
    trade: Trade,
) -> None:
    await trade.ask()
    before = (await known(trade)).orders_until
    trade.clock.advance(timedelta(days=100))  # the platform remembers 90
    await trade.ask()
    await trade.ask()
    found = await known(trade)
    assert (found.missed_from, found.said) == (before, "")
    assert found.missed_until is not None
    assert timedelta(days=9) < found.missed_until - before <= timedelta(days=10, minutes=1)
    assert len(await happened(trade, "store.history_missed")) == 2  # of orders, of refunds
    async with trade.database.transaction(trade.tenant.id) as tx:
        looked = await acknowledge_missed(tx, trade.tenant.id, "staff:1", trade.store_id)
    assert (looked.missed_from, looked.missed_until) == (None, None)
    (facts,) = await happened(trade, "store.missed_history_looked_after")
    assert facts["from"] == before.isoformat()
    with pytest.raises(NothingMissed):
        async with trade.database.transaction(trade.tenant.id) as tx:
            await acknowledge_missed(tx, trade.tenant.id, "staff:1", trade.store_id)


async def test_an_outage_that_the_platform_remembers_misses_nothing(trade: Trade) -> None:
    await trade.ask()
    trade.clock.advance(timedelta(days=80))
    await trade.ask()
    assert (await known(trade)).missed_from is None
    assert not await happened(trade, "store.history_missed")


async def test_nothing_counts_as_missed_while_the_platform_is_away(trade: Trade) -> None:
    await trade.ask()
    trade.clock.advance(timedelta(days=100))
    down = ChannelDown(channel="t", said="520")
    trade.channel.break_before("orders", down, down)  # at a glance, and at a look
    await trade.ask()
    assert (await known(trade)).missed_from is None


async def test_a_platform_that_is_paid_for_each_call_is_asked_as_seldom_as_wished(
    trade: Trade,
) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(connections).values(options={"ask_every_s": "60"}))
    trade.channel.can = trade.channel.can - {Can.LIST_REFUNDS}
    await trade.ask()
    asked = trade.channel.calls.count("orders")
    item = trade.shop.offer("月卡", 1980)
    order = trade.shop.sell((item, 1))
    for _ in range(4):
        trade.clock.advance(timedelta(seconds=10))
        await trade.ask()
    assert trade.channel.calls.count("orders") == asked
    trade.clock.advance(timedelta(seconds=11))
    await trade.ask()
    assert (await trade.step(order))[0] == "due"


@pytest.mark.parametrize("seconds", ["0", "-1", "3601", "many", "1.5", "٣"])
async def test_an_interval_that_can_not_be_is_refused(trade: Trade, seconds: str) -> None:
    before = await known(trade)
    wanted = NewConnection("other", Secret("s" * 32), options={"ask_every_s": seconds})
    with pytest.raises(AskEveryWrong):
        async with trade.database.transaction(trade.tenant.id) as tx:
            await connect(tx, trade.tenant.id, "test", "tb", wanted, masters=MASTERS)
    assert await known(trade) == before


async def test_a_refund_that_can_not_be_read_is_put_before_a_person_once(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run()
    trade.channel.unreadable.add(order.order_id)
    trade.shop.ask_refund(order)
    await trade.run(3)
    assert await trade.refund_steps() == [("trouble", "shop_order_wrong")]
    async with trade.database.transaction(trade.tenant.id) as tx:
        row = (await tx.execute(select(shop_refunds))).one()
        assert (row.order_number, row.amount_e4) == (order.order_id, None)
        await dismiss_refund(tx, trade.tenant.id, "staff:1", row.id, "nothing went back")
    trade.clock.advance(timedelta(minutes=1))
    await trade.run(2)
    assert await trade.refund_steps() == [("settled", "nothing_to_book")]


async def test_an_order_that_its_list_tells_wrongly_is_held_and_not_read_for_ever(
    trade: Trade,
) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.unreadable.add(order.order_id)
    await trade.run(2)
    assert await trade.step(order) == ("held", "shop_order_wrong")
    read = trade.channel.calls.count("order")
    for _ in range(10):
        trade.clock.advance(timedelta(seconds=1))
        await trade.ask()
    assert trade.channel.calls.count("order") == read
    trade.channel.unreadable.clear()
    trade.shop.set_state(order, order.state)
    await trade.run(2)
    assert await trade.step(order) == ("confirmed", "")


async def test_a_platform_that_is_slow_holds_up_no_other_and_is_asked_once(trade: Trade) -> None:
    other = ShopChannel(Shop("88002", "另一家店", trade.clock))
    channels = {**trade.outside.channels, "jd": other}
    outside = replace(trade.outside, channels=channels, asked={})
    async with trade.database.transaction(trade.tenant.id) as tx:
        store = await open_store(
            tx, trade.tenant.id, "test", code="jd", name="京东店", channel=ChannelKind.JD
        )
        wanted = NewConnection("app", Secret("s" * 32))
        await connect(tx, trade.tenant.id, "test", "jd", wanted, masters=MASTERS)
        grant = Grant("88002", "另一家店", Secret("token"))
        await keep_grant(tx, trade.tenant.id, "test", store.id, grant, masters=MASTERS)
    trade.channel.answering.clear()
    asked = trade.database, trade.tenant.id, outside
    for round_ in range(1, 4):
        trade.clock.advance(timedelta(seconds=2))
        await ask_platforms(*asked, patience_s=0.3)
        while other.calls.count("orders") < round_:  # however busy this machine is
            await ask_platforms(*asked, patience_s=0.3)
    assert trade.channel.calls.count("orders") == 1
    trade.channel.answering.set()
    await ask_platforms(*asked)
    assert outside.asked == {}
    trade.clock.advance(timedelta(seconds=2))
    await ask_platforms(*asked)
    assert trade.channel.calls.count("orders") == 2


async def test_what_is_being_read_is_broken_off_at_the_end(trade: Trade) -> None:
    trade.channel.answering.clear()
    outside = replace(trade.outside, asked={})
    await ask_platforms(trade.database, trade.tenant.id, outside, patience_s=0.05)
    reading = list(outside.asked.values())
    await outside.close()
    assert [task.cancelled() for task in reading] == [True]
