"""Refunds that our books can't follow alone: a person says what they were."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.access.caller import Caller
from kashu.channels.channel import Can
from kashu.channels.errors import UnknownShopRefund
from kashu.channels.shop_orders import orders_by_number
from kashu.channels.tables import shop_refunds
from kashu.core.errors import KashuError
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.orders.errors import (
    RefundLineUnknown,
    RefundTooLarge,
    ShopRefundAmountMissing,
    ShopRefundDiffers,
    ShopRefundNotInTrouble,
)
from kashu.orders.errors_held import BookedAboveLimit
from kashu.orders.limits import Limits, set_limits
from kashu.orders.reads import Line, order_by_id
from kashu.orders.refund import WantedLine
from kashu.orders.refund_by_hand import book_refund, dismiss_refund, try_refund_again
from kashu.simulators.shop import Order
from tests.delivery.conftest import Trade
from tests.stock.builders import TODAY

LATER = timedelta(minutes=10)


async def refund_ids(trade: Trade) -> list[UUID]:
    async with trade.database.transaction(trade.tenant.id) as tx:
        wanted = select(shop_refunds.c.id).where(shop_refunds.c.tenant_id == trade.tenant.id)
        return list((await tx.execute(wanted.order_by(shop_refunds.c.number))).scalars())


async def books(trade: Trade, *lines: WantedLine) -> None:
    (refund_id,) = await refund_ids(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await book_refund(tx, trade.caller, refund_id, lines, today=TODAY)


async def lines_of(trade: Trade, order: Order) -> list[Line]:
    async with trade.database.transaction(trade.tenant.id) as tx:
        known = await orders_by_number(tx, trade.tenant.id, trade.store_id, [order.order_id])
        order_id = known[order.order_id].order_id
        assert order_id is not None
        return (await order_by_id(tx, trade.tenant.id, order_id))[1]


async def settled(trade: Trade) -> None:
    for _ in range(3):
        trade.clock.advance(LATER)
        await trade.run(1)


async def sold_and_refunded_in_part(trade: Trade) -> Order:
    """Two were bought, the money of one went back before anything was given."""
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(4)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=1980), agree=True)
    await trade.run(3)
    assert await trade.step(order) == ("trouble", "refunded_in_part")
    assert await trade.refund_steps() == [("trouble", "refunded_in_part")]
    return order


async def test_units_that_a_person_says_went_back_are_never_given_and_the_rest_is(
    trade: Trade,
) -> None:
    order = await sold_and_refunded_in_part(trade)
    await books(trade, WantedLine(1, 1))
    await settled(trade)
    assert await trade.step(order) == ("confirmed", "")
    assert await trade.refund_steps() == [("settled", "")]
    assert len(order.shown) == 1
    (line,) = await lines_of(trade, order)
    assert (line.delivered, line.refunded, line.refunded_e4) == (1, 1, 198_000)
    await trade.assert_sound()


async def test_what_a_second_person_would_have_to_see_waits_for_its_order(trade: Trade) -> None:
    await sold_and_refunded_in_part(trade)
    (refund_id,) = await refund_ids(trade)
    person = Caller(trade.tenant.id, f"staff:{new_id()}", frozenset())
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_limits(tx, trade.tenant.id, "test", Limits(refund_above_e4=197_999))
    with pytest.raises(BookedAboveLimit):
        async with trade.database.transaction(trade.tenant.id) as tx:
            await book_refund(tx, person, refund_id, [WantedLine(1, 1)], today=TODAY)
    assert await trade.refund_steps() == [("trouble", "refunded_in_part")]
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_limits(tx, trade.tenant.id, "test", Limits(refund_above_e4=198_000))
        await book_refund(tx, person, refund_id, [WantedLine(1, 1)], today=TODAY)
    assert await trade.refund_steps() == [("settled", "")]


async def test_a_refund_with_nothing_to_book_lets_its_order_go_on_whole(trade: Trade) -> None:
    order = await sold_and_refunded_in_part(trade)
    (refund_id,) = await refund_ids(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await dismiss_refund(tx, trade.tenant.id, "staff:1", refund_id, "平台补贴")
        (event,) = await events_of(tx, trade.tenant.id, refund_id)
    assert (event.kind, event.actor) == ("shop_refund.dismissed", "staff:1")
    assert event.facts == {"reason": "平台补贴", "said": "refunded_in_part"}
    await settled(trade)
    assert await trade.step(order) == ("confirmed", "")
    assert await trade.refund_steps() == [("settled", "nothing_to_book")]
    assert len(order.shown) == 2
    await trade.assert_sound()


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ((WantedLine(1, 1, 99),), ShopRefundDiffers),
        ((WantedLine(1, 1), WantedLine(2, 1)), ShopRefundAmountMissing),
        ((WantedLine(2, 1),), RefundLineUnknown),
    ],
)
async def test_what_can_not_be_booked_changes_nothing(
    trade: Trade, lines: tuple[WantedLine, ...], refused: type[KashuError]
) -> None:
    order = await sold_and_refunded_in_part(trade)
    with pytest.raises(refused):
        await books(trade, *lines)
    assert await trade.step(order) == ("trouble", "refunded_in_part")
    assert await trade.refund_steps() == [("trouble", "refunded_in_part")]
    await trade.assert_sound()


async def test_a_refund_of_no_line_in_particular_is_booked_on_the_lines_a_person_names(
    trade: Trade,
) -> None:
    first, second = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 5500)
    await trade.stock(4)
    await trade.map(first)
    await trade.map(second)
    order = trade.shop.sell((first, 1), (second, 1))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    trade.shop.settle_refund(trade.shop.ask_refund(order, amount_fen=2000), agree=True)
    await trade.run(2)
    assert await trade.refund_steps() == [("trouble", "refund_of_many_lines")]
    with pytest.raises(RefundTooLarge):
        await books(trade, WantedLine(1, 2, 198_000), WantedLine(2, 0, 2_000))
    await books(trade, WantedLine(1, 1, 198_000), WantedLine(2, 0, 2_000))
    assert await trade.refund_steps() == [("settled", "")]
    told = [(line.delivered, line.refunded_e4) for line in await lines_of(trade, order)]
    assert told == [(0, 198_000), (1, 2_000)]
    with pytest.raises(ShopRefundNotInTrouble):
        await books(trade, WantedLine(2, 0, 200_000))
    await trade.assert_sound()


async def test_a_refund_is_tried_again_once_its_cause_is_put_right(trade: Trade) -> None:
    order = await sold_and_refunded_in_part(trade)
    (refund_id,) = await refund_ids(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await try_refund_again(tx, trade.tenant.id, "test", refund_id)
    assert await trade.refund_steps() == [("due", "")]
    with pytest.raises(ShopRefundNotInTrouble):
        async with trade.database.transaction(trade.tenant.id) as tx:
            await try_refund_again(tx, trade.tenant.id, "test", refund_id)
    await trade.run(1)
    assert await trade.step(order) == ("trouble", "refunded_in_part")


async def test_a_refund_that_nobody_told_of_is_not_found(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        with pytest.raises(UnknownShopRefund):
            await dismiss_refund(tx, trade.tenant.id, "test", new_id(), "no reason")


async def sell_without_a_list_of_refunds(trade: Trade, *, amounts: bool) -> Order:
    trade.channel.can = trade.channel.can - {Can.LIST_REFUNDS}
    trade.channel.tells_amounts = amounts
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(4)
    await trade.map(item)
    order = trade.shop.sell((item, 2))
    await trade.run()
    assert await trade.step(order) == ("confirmed", "")
    return order


async def paid_back(trade: Trade, order: Order, **what: Any) -> None:  # noqa: ANN401
    trade.shop.settle_refund(trade.shop.ask_refund(order, **what), agree=True)
    trade.clock.advance(timedelta(minutes=1))
    await trade.run(2)


async def test_part_of_a_lines_money_is_not_taken_for_all_of_it(trade: Trade) -> None:
    order = await sell_without_a_list_of_refunds(trade, amounts=True)
    await paid_back(trade, order, line=order.lines[0], amount_fen=500)
    assert await trade.refund_steps() == [("settled", "")]
    (line,) = await lines_of(trade, order)
    assert (line.delivered, line.refunded_e4) == (2, 50_000)
    await trade.assert_sound()


async def test_how_much_went_back_is_not_guessed(trade: Trade) -> None:
    order = await sell_without_a_list_of_refunds(trade, amounts=False)
    await paid_back(trade, order, line=order.lines[0], amount_fen=500)
    assert await trade.refund_steps() == [("trouble", "refunded_in_part")]
    (line,) = await lines_of(trade, order)
    assert (line.delivered, line.refunded_e4) == (2, 0)
    with pytest.raises(ShopRefundAmountMissing):
        await books(trade, WantedLine(1, 0))
    await books(trade, WantedLine(1, 0, 50_000))
    assert (await lines_of(trade, order))[0].refunded_e4 == 50_000
    await trade.assert_sound()


async def test_all_of_a_closed_order_went_back(trade: Trade) -> None:
    order = await sell_without_a_list_of_refunds(trade, amounts=False)
    await paid_back(trade, order)
    assert await trade.refund_steps() == [("settled", "")]
    (line,) = await lines_of(trade, order)
    assert (line.delivered, line.refunded_e4) == (0, 396_000)
    await trade.assert_sound()
