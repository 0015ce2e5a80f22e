"""Workers, people and news that meet at one order: it is delivered once, and none is overlooked."""

import asyncio
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, text, update

from kashu.channels.channel import ShopOrder, ShopState
from kashu.channels.connections import set_mode
from kashu.channels.kinds import Mode, Step
from kashu.channels.leases import lease_deliveries
from kashu.channels.listings import ListingChanges, change_listing, listings_of
from kashu.channels.shop_orders import due_orders, see, told_of
from kashu.channels.tables import shop_orders
from kashu.core.clock import SHANGHAI
from kashu.delivery.deliver import deliver_due, take_over
from kashu.orders.sweeps import take_in_due
from kashu.orders.take_in import take_in
from kashu.simulators.shop import Order, OrderState
from tests.delivery.conftest import Trade
from tests.delivery.counterpart import ShopChannel
from tests.stock.builders import TODAY


async def row_of(trade: Trade, order: Order) -> Any:  # noqa: ANN401
    async with trade.database.transaction(trade.tenant.id) as tx:
        wanted = select(shop_orders).where(
            shop_orders.c.tenant_id == trade.tenant.id, shop_orders.c.number == order.order_id
        )
        return (await tx.execute(wanted)).one()


async def test_a_lease_is_not_broken_by_news_and_whoever_lost_it_writes_nothing(
    trade: Trade,
) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    async with trade.database.transaction(trade.tenant.id) as tx:
        at = trade.clock()
        (leased,) = await lease_deliveries(tx, trade.tenant.id, at, timedelta(minutes=2), most=10)
    trade.clock.advance(timedelta(seconds=1))
    trade.shop.set_state(order, OrderState.PAID)  # something changed there
    async with trade.database.transaction(trade.tenant.id) as tx:
        await told_of(tx, trade.tenant.id, trade.store_id, [order.order_id])
    await trade.ask()
    assert (await row_of(trade, order)).next_at == leased.next_at
    await deliver_due(trade.database, trade.tenant.id, trade.outside)
    assert not order.shown


async def test_two_workers_at_once_send_each_card_once(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(30)
    await trade.map(item)
    orders = [trade.shop.sell((item, 1)) for _ in range(30)]

    async def worker() -> None:
        await trade.ask()
        await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
        await deliver_due(trade.database, trade.tenant.id, trade.outside)

    await asyncio.gather(worker(), worker(), return_exceptions=True)
    await trade.run(2)
    assert {await trade.step(order) for order in orders} == {("confirmed", "")}
    assert all(len(order.shown) == 1 for order in orders)
    assert all(order.shipments == 1 for order in orders)
    await trade.assert_sound()


async def test_a_slow_worker_does_not_undo_what_another_has_done(trade: Trade) -> None:
    """Its lease ends while a call of its own hangs; another sends and confirms meanwhile."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    read, hung = trade.channel.order, asyncio.Event()
    reached = asyncio.Event()

    async def slow(link: Any, order_id: str) -> ShopOrder:  # noqa: ANN401
        if not reached.is_set():
            reached.set()
            await hung.wait()
        return await read(link, order_id)

    cast("Any", trade.channel).order = slow
    worker = asyncio.create_task(deliver_due(trade.database, trade.tenant.id, trade.outside))
    await reached.wait()
    trade.clock.advance(timedelta(minutes=3))
    other = replace(trade.outside, channels={"taobao": ShopChannel(trade.shop)})
    await deliver_due(trade.database, trade.tenant.id, other)
    assert await trade.step(order) == ("confirmed", "")
    hung.set()
    await worker
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (1, 1)


async def leased(trade: Trade) -> Order:
    """An order whose worker was killed before it did anything."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    async with trade.database.transaction(trade.tenant.id) as tx:
        at = trade.clock()
        assert await lease_deliveries(tx, trade.tenant.id, at, timedelta(minutes=2), most=10)
    return order


async def test_who_leads_next_goes_on_at_once_with_what_a_dead_worker_had_leased(
    trade: Trade,
) -> None:
    order = await leased(trade)
    await deliver_due(trade.database, trade.tenant.id, trade.outside)
    assert not order.shown
    await take_over(trade.database, trade.tenant.id, trade.outside)
    await deliver_due(trade.database, trade.tenant.id, trade.outside)
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (1, 1)


async def test_an_order_in_doubt_is_left_alone_while_a_call_may_be_under_way(trade: Trade) -> None:
    order = await leased(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(shop_orders).values(doubt=True))
    await take_over(trade.database, trade.tenant.id, trade.outside)
    await deliver_due(trade.database, trade.tenant.id, trade.outside)
    assert not trade.channel.calls.count("send")
    trade.clock.advance(timedelta(seconds=46))
    await deliver_due(trade.database, trade.tenant.id, trade.outside)
    assert trade.channel.calls.index("order") < trade.channel.calls.index("send")
    assert await trade.step(order) == ("confirmed", "")


async def test_what_waits_for_its_time_is_not_hurried_by_a_new_leader(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    assert await trade.step(order) == ("taken", "short")
    before = (await row_of(trade, order)).next_at
    await take_over(trade.database, trade.tenant.id, trade.outside)
    assert (await row_of(trade, order)).next_at == before


@pytest.mark.parametrize("call", ["order", "send", "confirm"])
async def test_a_worker_that_is_not_dead_and_its_heir_send_a_card_once(
    trade: Trade, call: str
) -> None:
    """It lost the lead, and doesn't know yet: its call hangs, wherever it is."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    real, hung, reached = getattr(trade.channel, call), asyncio.Event(), asyncio.Event()

    async def slow(*what: Any) -> Any:  # noqa: ANN401
        reached.set()
        await hung.wait()
        return await real(*what)

    setattr(trade.channel, call, slow)
    zombie = asyncio.create_task(deliver_due(trade.database, trade.tenant.id, trade.outside))
    await reached.wait()
    heir = replace(trade.outside, channels={"taobao": ShopChannel(trade.shop)})
    await take_over(trade.database, trade.tenant.id, heir)
    await deliver_due(trade.database, trade.tenant.id, heir)
    hung.set()
    await zombie
    trade.clock.advance(timedelta(seconds=46))
    await deliver_due(trade.database, trade.tenant.id, heir)
    assert await trade.step(order) == ("confirmed", "")
    assert len(set(order.shown)) == 1
    assert order.shipments == 1
    await trade.assert_sound()


async def test_a_store_that_is_stopped_sends_nothing_that_was_leased_before(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    read = trade.channel.order

    async def stops(link: Any, order_id: str) -> ShopOrder:  # noqa: ANN401
        async with trade.database.transaction(trade.tenant.id) as tx:
            await set_mode(tx, trade.tenant.id, "test", "tb", Mode.STOPPED)
        return await read(link, order_id)

    cast("Any", trade.channel).order = stops
    await deliver_due(trade.database, trade.tenant.id, trade.outside)
    assert not order.shown


async def test_a_listing_mapped_while_its_order_is_looked_at_is_not_overlooked(
    trade: Trade,
) -> None:
    """Who maps looks for orders that wait; who takes in lets one wait. They must meet."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    async with trade.database.transaction(trade.tenant.id) as tx:
        (listing,) = await listings_of(tx, trade.tenant.id, trade.store_id)
        await tx.execute(update(shop_orders).values(step=Step.DUE))
    async with trade.database.transaction(trade.tenant.id) as one:
        await due_orders(one, trade.tenant.id, most=10)
        await take_in(one, trade.tenant.id, TODAY)

        async def maps() -> None:
            async with trade.database.transaction(trade.tenant.id) as two:
                wanted = ListingChanges(sku_id=trade.sku_id)
                await change_listing(two, trade.tenant.id, "test", listing.id, wanted)

        mapping = asyncio.create_task(maps())
        await until_somebody_waits(trade)
    await mapping
    await trade.run(2)
    assert await trade.step(order) == ("confirmed", "")


async def until_somebody_waits(trade: Trade) -> None:
    async with asyncio.timeout(5):
        while True:
            async with trade.database.transaction(trade.tenant.id) as tx:
                waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
                if (await tx.execute(text(waits))).scalar_one():
                    return


async def test_orders_told_of_in_any_order_lock_nobody_out(trade: Trade) -> None:
    """Their numbers and their ids don't rise together; everybody locks them by id."""
    at = trade.clock().astimezone(UTC)

    def told(number: int, state: ShopState, seconds: int) -> ShopOrder:
        changed_at = at + timedelta(seconds=seconds)
        return ShopOrder(str(number), state, changed_at, None, 0, ())

    for number in range(200, 100, -1):
        async with trade.database.transaction(trade.tenant.id) as tx:
            await see(tx, trade.tenant.id, trade.store_id, [told(number, ShopState.UNPAID, 0)])

    async def tells(seconds: int) -> None:
        orders = [told(number, ShopState.UNPAID, seconds) for number in range(101, 201)]
        async with trade.database.transaction(trade.tenant.id) as tx:
            await see(tx, trade.tenant.id, trade.store_id, orders)

    async def locks() -> None:
        async with trade.database.transaction(trade.tenant.id) as tx:
            await tx.execute(select(shop_orders.c.id).order_by(shop_orders.c.id).with_for_update())

    for turn in range(5):
        await asyncio.gather(*(tells(10 * turn + n) for n in range(3)), locks(), locks())
