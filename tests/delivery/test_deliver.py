"""From a paid order on a platform to cards in the buyer's hand and a platform that knows."""

from datetime import timedelta

import pytest

from kashu.channels.channel import Can
from kashu.channels.connections import set_mode
from kashu.channels.errors import ChannelDown, ChannelUnclear, GrantLost, NotShippable
from kashu.channels.kinds import Mode
from kashu.core.http import NoClearAnswer, NotReached
from kashu.simulators.shop import OrderState
from tests.delivery.conftest import Trade
from tests.delivery.counterpart import ALL

UNCLEAR = NoClearAnswer(host="platform", why="timeout")
AWAY = NotReached(host="platform")


async def test_a_paid_order_is_delivered_once_and_confirmed(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(5)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == len(set(order.shown)) == 2
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)
    await trade.run(5)
    assert len(order.shown) == 2
    assert order.shipments == 1
    await trade.assert_sound()


async def test_an_unpaid_order_waits_until_it_is_paid(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1), paid=False)
    await trade.run()
    assert await trade.step(order) == ("seen", "")
    trade.shop.pay(order)
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")


async def test_an_order_of_an_unmapped_listing_goes_on_once_it_is_mapped(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(3)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("unmapped", "listing_not_mapped")
    await trade.map(item, units=3)
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 3


async def test_a_short_order_is_delivered_when_stock_arrives(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("taken", "short")
    await trade.stock(1)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 1


@pytest.mark.parametrize("call", ["orders", "order", "send", "confirm"])
@pytest.mark.parametrize("error", [AWAY, UNCLEAR, ChannelDown(channel="t", said="520")])
async def test_a_call_that_fails_before_it_acts_is_made_again(
    trade: Trade, call: str, error: Exception
) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.break_before(call, error, error)
    await trade.run(8)
    assert await trade.step(order) == ("confirmed", "")
    assert len(set(order.shown)) == 1
    assert order.shipments == 1
    await trade.assert_sound()


@pytest.mark.parametrize("more", [set(), {Can.SEND_CONFIRMS}, {Can.SEND_MAY_CONFIRM}])
@pytest.mark.parametrize("call", ["send", "confirm"])
async def test_a_call_that_acts_without_our_hearing_of_it_has_one_effect(
    trade: Trade, call: str, more: set[Can]
) -> None:
    trade.channel.can = ALL | more
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.break_after(call, UNCLEAR)
    await trade.run(6)
    assert await trade.step(order) == ("confirmed", "")
    assert len(set(order.shown)) == 1  # perhaps shown twice; never another card
    assert order.shipments == 1
    await trade.assert_sound()


async def test_a_refusal_goes_to_a_person_and_nothing_is_repeated(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.break_before("confirm", NotShippable(channel="t", said="-86", order="1"))
    await trade.run(6)
    assert await trade.step(order) == ("trouble", "not_shippable")
    assert len(order.shown) == 1


async def test_a_lost_grant_stops_the_store_until_it_is_given_again(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    trade.channel.break_before("orders", GrantLost(channel="t", said="27"))
    trade.channel.break_before("refresh", GrantLost(channel="t", said="27"))
    order = trade.shop.sell((item, 1))
    await trade.run()
    calls = len(trade.channel.calls)
    await trade.run()
    assert len(trade.channel.calls) == calls
    assert order.state is OrderState.PAID


async def test_what_changed_during_an_outage_is_found_afterwards(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(40)
    await trade.map(item)
    trade.channel.break_before("orders", *[ChannelDown(channel="t", said="520")] * 6)
    orders = []
    for _ in range(30):
        orders.append(trade.shop.sell((item, 1)))
        trade.clock.advance(timedelta(minutes=1))
        await trade.ask()
    await trade.run(4)
    assert {await trade.step(order) for order in orders} == {("confirmed", "")}
    assert len({shown for order in orders for shown in order.shown}) == 30


async def test_an_order_closed_before_it_is_delivered_gets_nothing(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    refund = trade.shop.ask_refund(order)
    await trade.run()
    assert await trade.step(order) == ("held", "refund_asked")
    trade.shop.settle_refund(refund, agree=True)
    await trade.run()
    assert await trade.step(order) == ("ended", "")
    assert not order.shown
    assert await trade.refund_steps() == [("settled", "")]


async def test_a_refund_between_taking_in_and_sending_stops_the_card(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    assert await trade.step(order) == ("taken", "short")
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await trade.stock(1)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run(3)
    assert await trade.step(order) == ("ended", "")
    assert not order.shown
    await trade.assert_sound()


async def test_a_refund_after_delivery_is_booked_once(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    await trade.run()
    trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=1000), agree=True)
    await trade.run()
    trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=2960), agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("settled", ""), ("settled", "")]
    assert await trade.step(order) == ("confirmed", "")
    await trade.assert_sound()


async def test_an_order_that_somebody_else_shipped_goes_to_a_person(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    trade.shop.ship(order)
    await trade.stock(1)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run()
    assert await trade.step(order) == ("trouble", "shipped_elsewhere")
    assert not order.shown


async def test_a_stopped_store_hands_its_queue_to_people_with_nothing_assigned(
    trade: Trade,
) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_mode(tx, trade.tenant.id, "test", "tb", Mode.STOPPED)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("due", "")
    assert not order.shown
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_mode(tx, trade.tenant.id, "test", "tb", Mode.AUTOMATIC)
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")


async def test_a_listing_whose_cards_do_not_leave_by_the_platform_waits_for_a_person(
    trade: Trade,
) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item, sends_card=False)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("taken", "to_be_handed_over")
    assert order.state is OrderState.PAID


async def test_a_listing_may_be_sent_without_telling_the_platform(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item, confirms=False)
    order = trade.shop.sell((item, 1))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 1
    assert order.state is OrderState.PAID


async def test_an_answer_that_is_not_in_the_table_is_asked_about(trade: Trade) -> None:
    item = trade.shop.offer("芒果TV月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.break_after("confirm", ChannelUnclear(channel="t", said="999"))
    await trade.run(4)
    assert await trade.step(order) == ("confirmed", "")
    assert trade.channel.calls.count("confirm") == 1
    assert order.shipments == 1
