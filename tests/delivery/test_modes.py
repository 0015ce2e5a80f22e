"""How far a store goes by itself: stopped, in shadow, released by a person, automatic."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from kashu.channels.connections import note_asked, set_mode
from kashu.channels.kinds import Mode
from kashu.channels.listings import ListingChanges, change_listing, listings_by_name
from kashu.channels.tables import listings, shop_orders
from kashu.core.clock import SHANGHAI
from kashu.delivery.publish import publish_stock
from kashu.delivery.release import Obstacle, release_orders
from kashu.orders.shadow import Decision, decisions_of
from kashu.orders.sweeps import take_in_due
from kashu.orders.tables import orders
from kashu.orders.take_in import take_in
from kashu.simulators.shop import Item, Order, OrderState
from kashu.stock.tables import allocations, lots
from tests.delivery.conftest import Trade
from tests.stock.builders import TODAY


async def go(trade: Trade, mode: Mode) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_mode(tx, trade.tenant.id, "test", "tb", mode)


async def go_with(trade: Trade, item: Item, mode: Mode | None) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        name = (trade.store_id, item.item_id, item.sku_id)
        listing = (await listings_by_name(tx, trade.tenant.id, [name]))[name]
        await change_listing(tx, trade.tenant.id, "test", listing.id, ListingChanges(mode=mode))


async def id_of(trade: Trade, order: Order) -> UUID:
    async with trade.database.transaction(trade.tenant.id) as tx:
        wanted = select(shop_orders.c.id).where(
            shop_orders.c.tenant_id == trade.tenant.id, shop_orders.c.number == order.order_id
        )
        found: UUID = (await tx.execute(wanted)).scalar_one()
        return found


async def decided(trade: Trade, order: Order) -> Decision:
    known_id = await id_of(trade, order)
    async with trade.database.transaction(trade.tenant.id) as tx:
        return (await decisions_of(tx, trade.tenant.id, [known_id]))[known_id]


async def release(trade: Trade, *sold: Order, take_over: bool = False) -> Sequence[Obstacle | None]:
    ids = [await id_of(trade, order) for order in sold]
    async with trade.database.transaction(trade.tenant.id) as tx:
        done = await release_orders(tx, trade.tenant.id, "test", ids, take_over=take_over)
    return [each.obstacle for each in done]


async def nothing_is_given(trade: Trade) -> bool:
    async with trade.database.transaction(trade.tenant.id) as tx:
        given = (await tx.execute(select(func.count()).select_from(allocations))).scalar_one()
        ours = (await tx.execute(select(func.count()).select_from(orders))).scalar_one()
    return given == ours == 0


async def ready(trade: Trade, mode: Mode, *, cards: int = 5) -> Item:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(cards)
    await trade.map(item)
    await go(trade, mode)
    return item


async def test_a_store_in_shadow_decides_and_gives_nothing(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    order = trade.shop.sell((item, 2))
    await trade.run()
    assert await trade.step(order) == ("shadowed", "")
    assert not order.shown
    assert order.state is OrderState.PAID
    assert await nothing_is_given(trade)
    decision = await decided(trade, order)
    assert decision.said == ""
    (line,) = decision.lines
    assert (line.sku_id, line.units, line.price_e4) == (trade.sku_id, 2, 2 * 198_000)
    (taking,) = line.takings
    assert (taking.units, taking.decided_by) == (2, "only_one")
    assert taking.unit_cost_e4 > 0
    await trade.assert_sound()


async def test_shadow_says_why_it_could_not_have_given(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW, cards=1)
    unmapped = trade.shop.offer("爱奇艺月卡", 1500)
    short, unknown = trade.shop.sell((item, 2)), trade.shop.sell((unmapped, 1))
    await trade.run()
    assert await trade.step(short) == ("shadowed", "")
    assert (await decided(trade, short)).said == "short"
    assert await trade.step(unknown) == ("unmapped", "listing_not_mapped")
    assert (await decided(trade, unknown)).said == "listing_not_mapped"
    await trade.map(unmapped)
    await trade.run()
    assert await trade.step(unknown) == ("shadowed", "")
    assert (await decided(trade, unknown)).said == ""
    assert await nothing_is_given(trade)


async def test_orders_of_a_batch_are_decided_one_after_another(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW, cards=3)
    sold = [trade.shop.sell((item, 2)), trade.shop.sell((item, 1)), trade.shop.sell((item, 1))]
    for _ in range(3):  # until all three are known
        trade.clock.advance(timedelta(seconds=10))
        await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    assert [(await decided(trade, order)).said for order in sold] == ["", "", "short"]


async def test_an_order_in_shadow_ends_when_the_old_way_delivers_it(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    order, closed = trade.shop.sell((item, 1)), trade.shop.sell((item, 1))
    await trade.run()
    before = await decided(trade, order)
    trade.shop.ship(order)
    trade.shop.set_state(closed, OrderState.CLOSED)
    await trade.run()
    assert await trade.step(order) == ("ended", "shipped_in_shadow")
    assert await trade.step(closed) == ("ended", "")
    assert await decided(trade, order) == before
    assert await nothing_is_given(trade)


async def test_an_order_that_was_shipped_before_we_saw_it_is_decided_on_too(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    order = trade.shop.sell((item, 1))
    trade.shop.ship(order)
    await trade.run()
    assert await trade.step(order) == ("ended", "shipped_in_shadow")
    assert (await decided(trade, order)).said == ""
    assert await nothing_is_given(trade)


async def test_so_is_one_of_a_listing_that_is_in_shadow_by_itself(trade: Trade) -> None:
    item = await ready(trade, Mode.AUTOMATIC)
    other = trade.shop.offer("爱奇艺月卡", 1500)
    await trade.map(other)
    await go_with(trade, item, Mode.SHADOW)
    theirs, ours = trade.shop.sell((item, 1)), trade.shop.sell((other, 1))
    for order in (theirs, ours):
        trade.shop.ship(order)
    await trade.run()
    assert await trade.step(theirs) == ("ended", "shipped_in_shadow")
    assert await trade.step(ours) == ("ended", "shipped_elsewhere")
    assert (await decided(trade, theirs)).said == ""
    assert await nothing_is_given(trade)


async def test_neither_shadow_nor_a_stop_publishes_stock(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    shown = item.quantity
    for mode in (Mode.SHADOW, Mode.STOPPED):
        await go(trade, mode)
        await publish_stock(trade.database, trade.tenant.id, trade.tenant.timezone, trade.outside)
        assert item.quantity == shown
    await go(trade, Mode.ASSISTED)
    await publish_stock(trade.database, trade.tenant.id, trade.tenant.timezone, trade.outside)
    assert item.quantity == 5 != shown


async def test_an_assisted_order_waits_without_cards_until_a_person_releases_it(
    trade: Trade,
) -> None:
    item = await ready(trade, Mode.ASSISTED)
    order, other = trade.shop.sell((item, 1)), trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("held", "to_be_released")
    assert await nothing_is_given(trade)
    assert await release(trade, order) == [None]
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 1
    assert await trade.step(other) == ("held", "to_be_released")
    assert not other.shown
    assert await release(trade, order, other, other) == ["not_waiting", None, "not_waiting"]
    await trade.run()
    assert len(other.shown) == 1
    await trade.assert_sound()


async def test_after_shadow_only_what_is_paid_afterwards_goes_by_itself(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    before = trade.shop.sell((item, 1))
    unseen = trade.shop.sell((item, 1))
    await trade.run()
    assert await release(trade, before, take_over=True) == ["not_acting"]
    await go(trade, Mode.AUTOMATIC)
    trade.clock.advance(timedelta(seconds=1))
    after = trade.shop.sell((item, 1))
    trade.shop.set_state(unseen, OrderState.PAID)  # news of it, which is none
    await trade.run()
    assert await trade.step(before) == ("shadowed", "")
    assert await trade.step(unseen) == ("held", "paid_before")
    assert await trade.step(after) == ("confirmed", "")
    assert not before.shown
    assert not unseen.shown
    assert await release(trade, before, unseen) == ["to_be_taken_over"] * 2
    assert await release(trade, before, unseen, take_over=True) == [None, None]
    await trade.run()
    assert await trade.step(before) == await trade.step(unseen) == ("confirmed", "")
    assert (len(before.shown), len(unseen.shown)) == (1, 1)
    await trade.assert_sound()


async def test_what_was_taken_over_though_the_old_way_delivered_it_is_not_sent_again(
    trade: Trade,
) -> None:
    item = await ready(trade, Mode.SHADOW)
    order = trade.shop.sell((item, 1))
    await trade.run()
    await go(trade, Mode.AUTOMATIC)
    await release(trade, order, take_over=True)
    trade.shop.ship(order)
    await trade.run()
    assert not order.shown
    assert order.shipments == 1


async def test_an_order_of_which_money_went_back_is_not_taken_over(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    other = trade.shop.offer("爱奇艺月卡", 1500)
    await trade.map(other)
    order = trade.shop.sell((item, 1), (other, 1))
    await trade.run()
    refund = trade.shop.ask_refund(order, order.lines[1])
    trade.shop.settle_refund(refund, agree=True)
    await trade.run()
    assert await trade.refund_steps() == [("settled", "")]
    await go(trade, Mode.AUTOMATIC)
    assert await release(trade, order, take_over=True) == ["refunded"]
    await trade.run()
    assert not order.shown
    assert await nothing_is_given(trade)


async def test_a_listing_may_go_farther_than_its_store(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW)
    other = trade.shop.offer("爱奇艺月卡", 1500)
    await trade.map(other)
    await go_with(trade, item, Mode.AUTOMATIC)
    trade.clock.advance(timedelta(seconds=1))
    ours, theirs = trade.shop.sell((item, 1)), trade.shop.sell((other, 1))
    both = trade.shop.sell((item, 1), (other, 1))
    await trade.run()
    assert await trade.step(ours) == ("confirmed", "")
    assert await trade.step(theirs) == await trade.step(both) == ("shadowed", "")
    assert not both.shown
    await trade.assert_sound()


async def test_a_listing_that_is_stopped_holds_its_orders_and_no_others(trade: Trade) -> None:
    item = await ready(trade, Mode.AUTOMATIC)
    other = trade.shop.offer("爱奇艺月卡", 1500)
    await trade.map(other)
    await go_with(trade, item, Mode.STOPPED)
    held, sold = trade.shop.sell((item, 1)), trade.shop.sell((other, 1))
    await trade.run()
    assert await trade.step(held) == ("held", "listing_stopped")
    assert await trade.step(sold) == ("confirmed", "")
    await go_with(trade, item, None)
    await trade.run()
    assert await trade.step(held) == ("confirmed", "")


async def test_a_stop_of_the_store_stops_listings_that_go_by_themselves(trade: Trade) -> None:
    item = await ready(trade, Mode.STOPPED)
    await go_with(trade, item, Mode.AUTOMATIC)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("due", "")
    await publish_stock(trade.database, trade.tenant.id, trade.tenant.timezone, trade.outside)
    async with trade.database.transaction(trade.tenant.id) as tx:
        published = select(listings.c.published_at).where(listings.c.tenant_id == trade.tenant.id)
        assert (await tx.execute(published)).scalars().all() == [None]
    assert await nothing_is_given(trade)


async def test_what_has_its_cards_is_not_sent_once_its_listing_is_in_shadow(trade: Trade) -> None:
    item = await ready(trade, Mode.AUTOMATIC, cards=0)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("taken", "short")
    await go_with(trade, item, Mode.SHADOW)
    await trade.stock(1)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run()
    assert await trade.step(order) == ("taken", "not_acting")
    assert not order.shown
    await go_with(trade, item, Mode.AUTOMATIC)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 1


async def test_once_a_stop_has_answered_nothing_more_is_assigned(trade: Trade) -> None:
    item = await ready(trade, Mode.AUTOMATIC)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    async with trade.database.transaction(trade.tenant.id) as tx:
        await take_in(tx, trade.tenant.id, TODAY)
        stop = asyncio.create_task(go(trade, Mode.STOPPED))
        await asyncio.wait({stop}, timeout=0.3)
        assert not stop.done()  # it waits for what is under way
    await stop
    assert await trade.step(order) == ("taken", "")
    late = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(late) == ("due", "")
    assert not order.shown


async def test_once_a_listings_stop_has_answered_nothing_more_of_it_is_assigned(
    trade: Trade,
) -> None:
    item = await ready(trade, Mode.AUTOMATIC)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    async with trade.database.transaction(trade.tenant.id) as tx:
        await take_in(tx, trade.tenant.id, TODAY)
        stop = asyncio.create_task(go_with(trade, item, Mode.STOPPED))
        await asyncio.wait({stop}, timeout=0.3)
        assert not stop.done()  # it waits for what is under way
    await stop
    late = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("taken", "not_acting")
    assert await trade.step(late) == ("held", "listing_stopped")
    assert not order.shown


async def test_taking_in_holds_up_nobody_who_asks_the_platform(trade: Trade) -> None:
    item = await ready(trade, Mode.AUTOMATIC)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    tenant_id, hurry = trade.tenant.id, {"lock_timeout": "500ms"}
    async with trade.database.transaction(tenant_id) as tx:
        await take_in(tx, tenant_id, TODAY)
        async with trade.database.transaction(tenant_id, settings=hurry) as other:
            await note_asked(other, tenant_id, trade.store_id, next_at=trade.clock())
    assert await trade.step(order) == ("taken", "")


async def test_a_release_is_forgotten_when_the_store_goes_back_into_shadow(trade: Trade) -> None:
    item = await ready(trade, Mode.ASSISTED, cards=0)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await release(trade, order) == [None]
    await go(trade, Mode.SHADOW)
    await trade.run()
    assert await trade.step(order) == ("shadowed", "")
    await go(trade, Mode.AUTOMATIC)
    trade.shop.set_state(order, OrderState.PAID)
    await trade.run()
    assert await trade.step(order) == ("held", "paid_before")


async def test_what_would_have_gone_out_stays_decided_whatever_comes_after(trade: Trade) -> None:
    item = await ready(trade, Mode.SHADOW, cards=1)
    order = trade.shop.sell((item, 1))
    await trade.run()
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(lots).values(state="frozen", frozen_reason="test"))
    trade.shop.set_state(order, OrderState.PAID)
    await trade.run()
    assert await trade.step(order) == ("shadowed", "")
    assert (await decided(trade, order)).said == ""
