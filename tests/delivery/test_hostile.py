"""Platforms and buyers that do what nobody expects: nothing is lost, or sent twice or too late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from kashu.catalog.tables import skus
from kashu.channels.channel import Can
from kashu.channels.connections import connection_of as find_connection
from kashu.channels.errors import ChannelDown, NotShippable
from kashu.channels.kinds import Step
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.shop_orders import told_of
from kashu.channels.tables import shop_orders
from kashu.core.clock import SHANGHAI
from kashu.core.http import AddressForbidden, NoClearAnswer
from kashu.delivery.by_hand import hand_over, try_again
from kashu.orders.sweeps import take_in_due
from kashu.simulators.shop import Bought, Order
from tests.delivery.conftest import Trade
from tests.delivery.counterpart import ALL

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


async def test_the_same_order_told_twenty_times_has_one_effect(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(5)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    for _ in range(20):
        async with trade.database.transaction(trade.tenant.id) as tx:
            await told_of(tx, trade.tenant.id, trade.store_id, [order.order_id])
        await trade.run(1)
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (2, 1)
    await trade.assert_sound()


@pytest.mark.parametrize("what", ["quantity", "item", "amount", "lines"])
async def test_an_order_that_was_changed_after_it_was_taken_in_goes_to_a_person(
    trade: Trade, what: str
) -> None:
    item, other = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    await trade.run(1)
    line = order.lines[0]
    changes = {
        "quantity": replace(line, quantity=3),
        "item": replace(line, item=other),
        "amount": replace(line, paid_fen=1),
    }
    order.lines = [changes.get(what, line)]
    if what == "lines":
        order.lines.append(Bought("another", other, 1, 0))
    await trade.stock(9)
    await settled(trade)
    assert await trade.step(order) == ("trouble", "order_changed")
    assert not order.shown


async def test_an_order_whose_numbers_can_not_be_holds_up_nobody(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(3)
    await trade.map(item)
    wrong = [trade.shop.sell((item, 1)) for _ in range(4)]
    wrong[0].lines = []
    wrong[1].lines[0].quantity = 0
    wrong[2].lines[0].paid_fen = -5
    wrong[3].paid_at = None
    right = trade.shop.sell((item, 1))
    await trade.run(2)
    assert [await trade.step(each) for each in wrong] == [("held", "shop_order_wrong")] * 4
    assert await trade.step(right) == ("confirmed", "")
    wrong[1].lines[0].quantity = 1  # the platform puts it right, in the same second
    await trade.run(2)
    assert await trade.step(wrong[1]) == ("confirmed", "")


async def test_what_no_text_can_hold_is_left_out_and_what_the_buyer_typed_is_not_kept(
    trade: Trade,
) -> None:
    item = trade.shop.offer("月\0卡", 1980, properties="充值账号 13800000000", merchant_code="\0")
    await trade.stock(1)
    order = trade.shop.sell((item, 1), buyer="t\0**1")
    await trade.run(1)
    assert await trade.step(order) == ("unmapped", "listing_not_mapped")
    row = await row_of(trade, order)
    assert row.buyer == "t**1"
    assert "13800000000" not in str(row.lines)


async def test_fifty_lines_and_ten_thousand_of_something_are_bounded(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 10)
    await trade.map(item, units=1)
    await trade.stock(50)
    many = trade.shop.sell(*[(item, 1)] * 50)
    most = trade.shop.sell((item, 10_000))
    too_many = trade.shop.sell((item, 10_001))
    together = trade.shop.sell((item, 9_999), (item, 2))
    await trade.run(2)
    await settled(trade)
    assert await trade.step(many) == ("confirmed", "")
    assert len(set(many.shown)) == 50
    assert await trade.step(most) == ("taken", "short")
    assert await trade.step(too_many) == ("trouble", "too_many_units")
    assert await trade.step(together) == ("trouble", "too_many_units")
    await trade.assert_sound()


@pytest.mark.parametrize("at", ["second", "unclear"])
async def test_an_order_of_which_one_line_was_sent_is_never_called_done(
    trade: Trade, at: str
) -> None:
    """Where sending a line marks the order as shipped, the other lines may not have left."""
    trade.channel.can = ALL | {Can.SEND_CONFIRMS}
    first, second = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.stock(2)
    await trade.map(first)
    await trade.map(second)
    order = trade.shop.sell((first, 1), (second, 1))
    if at == "second":
        fails = ChannelDown(channel="t", said="520")
        send = trade.channel.send

        async def once(link: Any, parcel: Any) -> None:  # noqa: ANN401
            if parcel.line_id == order.lines[1].line_id:
                raise fails
            await send(link, parcel)

        cast("Any", trade.channel).send = once
    else:
        trade.channel.break_after("send", NoClearAnswer(host="t", why="timeout"))
    await trade.run(1)
    await settled(trade)
    assert await trade.step(order) == ("trouble", "sent_in_part")
    assert len(order.shown) == 1


async def test_what_was_refused_for_want_of_stock_is_not_sent_in_part(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(skus).values(shortage_policy="refuse", partial_allowed=True))
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    await trade.run(2)
    assert await trade.step(order) == ("trouble", "no_card_was_given")
    assert not order.shown
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await trade.run(2)
    assert await trade.step(order) == ("ended", "")
    assert await trade.refund_steps() == [("settled", "")]
    await trade.assert_sound()


async def test_the_refund_of_an_order_that_was_refused_whole_is_booked_already(
    trade: Trade,
) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(skus).values(shortage_policy="refuse"))
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    await trade.run(2)
    assert await trade.step(order) == ("trouble", "no_card_was_given")
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await trade.run(2)
    assert await trade.refund_steps() == [("settled", "nothing_left_to_refund")]
    assert await trade.step(order) == ("ended", "")


async def test_trouble_that_a_person_put_right_at_the_platform_ends(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    trade.channel.break_before("send", NotShippable(channel="t", said="-86", order="1"))
    order = trade.shop.sell((item, 1))
    await trade.run(2)
    assert await trade.step(order) == ("trouble", "not_shippable")
    trade.shop.ship(order)
    known = await row_of(trade, order)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await hand_over(tx, trade.tenant.id, "test", known.id)
    await trade.run(2)
    assert await trade.step(order) == ("confirmed", "")
    assert not order.shown


async def test_trouble_of_what_was_never_taken_in_ends_when_the_platform_says_so(
    trade: Trade,
) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    order = trade.shop.sell((item, 10_001))
    await trade.run(1)
    assert (await trade.step(order))[0] == "trouble"
    trade.clock.advance(LATER)
    trade.shop.ship(order)
    await trade.run(1)
    assert await trade.step(order) == ("ended", "shipped_elsewhere")


async def test_one_store_whose_address_is_forbidden_holds_up_no_other(trade: Trade) -> None:
    trade.channel.break_before("orders", AddressForbidden(host="10.0.0.1"))
    await trade.ask()
    async with trade.database.transaction(trade.tenant.id) as tx:
        known = await find_connection(tx, trade.tenant.id, trade.store_id)
    assert (known.said, known.failures) == ("address_forbidden", 1)


async def test_an_order_that_nobody_knows_is_asked_for_ever_more_seldom(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await told_of(tx, trade.tenant.id, trade.store_id, ["4711"])
    for _ in range(20):
        await read_incomplete(trade.database, trade.tenant.id, trade.outside)
        trade.clock.advance(LATER)
    assert trade.channel.calls.count("order") <= 6


async def test_what_is_told_of_again_by_an_older_word_is_not_read_without_end(
    trade: Trade,
) -> None:
    item = trade.shop.offer("月卡", 1980)
    order = trade.shop.sell((item, 1), paid=False)
    await trade.ask()
    order.changed_at -= timedelta(hours=1)  # its own page is behind the list
    async with trade.database.transaction(trade.tenant.id) as tx:
        await told_of(tx, trade.tenant.id, trade.store_id, [order.order_id])
    before = trade.channel.calls.count("order")
    for _ in range(5):
        await read_incomplete(trade.database, trade.tenant.id, trade.outside)
    assert trade.channel.calls.count("order") == before + 1


async def test_another_order_under_the_same_number_is_not_sent(trade: Trade) -> None:
    """Somebody entered the platform's number by hand, with other goods."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(5)
    await trade.map(item, units=3)
    order = trade.shop.sell((item, 1))
    await trade.ask()
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(shop_orders).values(step=Step.DUE, order_id=None))
    await trade.map(item, units=1)
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    assert await trade.step(order) == ("trouble", "number_taken")
    await trade.run(1)
    assert not order.shown


async def test_an_order_in_trouble_goes_on_where_it_was(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(item)
    trade.channel.break_before("confirm", NotShippable(channel="t", said="-86", order="1"))
    order = trade.shop.sell((item, 1))
    await trade.run(2)
    assert (await trade.step(order))[0] == "trouble"
    known = await row_of(trade, order)
    async with trade.database.transaction(trade.tenant.id) as tx:
        assert (await try_again(tx, trade.tenant.id, "test", known.id)).step is Step.SENT
    await trade.run(2)
    assert await trade.step(order) == ("confirmed", "")
    assert len(order.shown) == 1
