"""Money that goes back before, while and after cards leave, in one piece or in several."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kashu.channels.channel import Can
from kashu.channels.errors import ChannelDown
from kashu.channels.shop_orders import see, told_of
from kashu.channels.tables import shop_orders
from kashu.simulators.shop import Order, OrderState
from tests.delivery.conftest import Trade

LATER = timedelta(minutes=10)


async def row_of(trade: Trade, order: Order) -> Any:  # noqa: ANN401
    async with trade.database.transaction(trade.tenant.id) as tx:
        wanted = select(shop_orders).where(
            shop_orders.c.tenant_id == trade.tenant.id, shop_orders.c.number == order.order_id
        )
        return (await tx.execute(wanted)).one()


async def settled(trade: Trade) -> None:
    """Let time pass, until everything that can go on has gone on."""
    for _ in range(3):
        trade.clock.advance(LATER)
        await trade.run(1)


async def test_a_refund_told_before_its_order_was_read_does_not_end_it(trade: Trade) -> None:
    """Of an order that a push named, nothing is known: a part's refund isn't all of it."""
    first, second = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.stock(4)
    await trade.map(first)
    await trade.map(second)
    order = trade.shop.sell((first, 1), (second, 1))
    async with trade.database.transaction(trade.tenant.id) as tx:
        await told_of(tx, trade.tenant.id, trade.store_id, [order.order_id])
    refund = trade.shop.ask_refund(order, order.lines[0])
    trade.shop.settle_refund(refund, agree=True)
    trade.channel.break_before("order", *[ChannelDown(channel="t", said="520")] * 2)
    trade.channel.can = trade.channel.can - {Can.COLLECT}
    await trade.run(2)
    await settled(trade)
    assert await trade.step(order) == ("confirmed", "")
    assert [text.split()[0] for text in order.shown] == [order.lines[1].line_id]
    assert await trade.refund_steps() == [("settled", "")]
    await trade.assert_sound()


async def test_a_line_that_was_paid_back_before_is_not_given_and_the_rest_is(trade: Trade) -> None:
    first, second = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.stock(4)
    await trade.map(first, units=2)
    await trade.map(second)
    order = trade.shop.sell((first, 1), (second, 1))
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    await trade.run(4)
    assert await trade.step(order) == ("confirmed", "")
    assert [text.split()[0] for text in order.shown] == [order.lines[1].line_id]
    await trade.assert_sound()


async def test_a_part_of_one_line_paid_back_before_waits_for_a_person(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(4)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=1980), agree=True)
    await trade.run(3)
    assert await trade.step(order) == ("trouble", "refunded_in_part")
    assert not order.shown
    trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=1980), agree=True)
    await trade.run(3)
    assert await trade.step(order) == ("ended", "")


async def test_nothing_is_sent_after_a_refund_that_only_the_order_tells_of(trade: Trade) -> None:
    """The list of refunds is late; the order itself says that a line's money is back."""
    first, second = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.map(first)
    await trade.map(second)
    order = trade.shop.sell((first, 1), (second, 1))
    await trade.run(1)
    assert await trade.step(order) == ("taken", "short")
    await trade.stock(4)
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    trade.channel.break_before("refunds", *[ChannelDown(channel="t", said="520")] * 2)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run(1)
    assert await trade.step(order) == ("taken", "refund_not_booked")
    assert not order.shown
    await settled(trade)
    assert await trade.step(order) == ("confirmed", "")
    assert [text.split()[0] for text in order.shown] == [order.lines[1].line_id]
    await trade.assert_sound()


async def test_an_order_paid_back_in_parts_before_it_is_sent_gives_its_cards_back(
    trade: Trade,
) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    await trade.run(1)
    for _ in range(2):
        trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=1980), agree=True)
        await trade.run(1)
    await trade.stock(2)
    await settled(trade)
    assert await trade.step(order) == ("ended", "")
    assert not order.shown
    another = trade.shop.sell((item, 2))
    await settled(trade)
    assert len(another.shown) == 2
    await trade.assert_sound()


async def test_an_order_closed_after_its_cards_were_sent_is_over(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.break_before("confirm", ChannelDown(channel="t", said="520"))
    await trade.run(1)
    assert (await trade.step(order))[0] == "sent"
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await settled(trade)
    assert await trade.step(order) == ("ended", "closed_there")
    await trade.assert_sound()


async def test_an_order_closed_without_a_word_of_a_refund_goes_to_a_person(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    await trade.stock(1)
    trade.shop.set_state(order, OrderState.CLOSED)
    for _ in range(14):
        trade.clock.advance(LATER)
        await trade.run(1)
    assert await trade.step(order) == ("trouble", "closed_there")
    assert not order.shown


async def test_paid_and_refunded_in_the_wrong_order_end_the_same(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    paid = trade.channel._told(order)
    trade.clock.advance(timedelta(seconds=1))
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await trade.run(1)
    for _ in range(20):  # the earlier word comes last, again and again
        async with trade.database.transaction(trade.tenant.id) as tx:
            await see(tx, trade.tenant.id, trade.store_id, [paid])
        await trade.run(1)
    assert await trade.step(order) == ("ended", "")
    assert not order.shown
    await trade.assert_sound()
