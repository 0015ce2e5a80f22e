"""Refunds of orders that we haven't taken in, because nobody said yet what they are of."""

from datetime import timedelta

import pytest

from kashu.channels.listings import listings_by_name
from kashu.channels.shop_orders import due_orders, orders_by_number
from kashu.core.clock import SHANGHAI
from kashu.orders.sweeps import take_in_due
from kashu.simulators.shop import Item
from tests.delivery.conftest import Trade
from tests.delivery.test_bundles import Pair
from tests.stock.builders import make_sku

LATER = timedelta(minutes=1)


async def test_a_refund_of_a_bundle_without_parts_ends_no_other_line(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        empty = await make_sku(tx, trade.tenant.id, "empty", fulfilment="bundle")
    both, plain = trade.shop.offer("组合", 5000), trade.shop.offer("月卡", 1980)
    await trade.stock(1)
    await trade.map(plain)
    await Pair(trade).map(both, empty)
    order = trade.shop.sell((both, 1), (plain, 1))
    await trade.run()
    assert await trade.step(order) == ("trouble", "not_from_stock")
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("trouble", "refunded_in_part")]
    assert await trade.step(order) == ("trouble", "refunded_in_part")
    await trade.assert_sound()


async def sku_of(trade: Trade, item: Item) -> list[object]:
    """What the listing stands for, where there is one."""
    name = (trade.store_id, item.item_id, item.sku_id)
    async with trade.database.transaction(trade.tenant.id) as tx:
        return [
            each.sku_id for each in (await listings_by_name(tx, trade.tenant.id, [name])).values()
        ]


@pytest.mark.parametrize("amount_fen", [None, 990])
async def test_an_order_whose_refund_waits_for_its_mapping_is_shown_as_unmapped(
    trade: Trade, amount_fen: int | None
) -> None:
    first, second = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 1980)
    order = trade.shop.sell((first, 1), (second, 1))
    refund = trade.shop.ask_refund(order, order.lines[0], amount_fen=amount_fen)
    trade.shop.settle_refund(refund, agree=True)
    await trade.run(3)
    assert (await trade.step(order))[0] == "unmapped"
    assert await trade.refund_steps() == [("due", "")]
    assert await sku_of(trade, first) == [None]  # a person sees what is to be mapped
    assert await sku_of(trade, second) == [None]
    await trade.stock(2)
    await trade.map(first)
    await trade.map(second)
    trade.clock.advance(LATER)
    await trade.run(8)
    said = ("trouble", "refunded_in_part") if amount_fen else ("confirmed", "")
    assert await trade.step(order) == said
    assert len(order.shown) == (0 if amount_fen else 1)
    await trade.assert_sound()


async def test_orders_that_wait_for_their_refunds_take_nobodys_place(trade: Trade) -> None:
    item, other = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 1980)
    waits = trade.shop.sell((item, 1), (other, 1))
    trade.shop.settle_refund(trade.shop.ask_refund(waits, waits.lines[0]), agree=True)
    await trade.ask()
    free = trade.shop.sell((item, 1))
    await trade.ask()
    async with trade.database.transaction(trade.tenant.id) as tx:
        numbers = [waits.order_id, free.order_id]
        known = await orders_by_number(tx, trade.tenant.id, trade.store_id, numbers)
        assert [each.step for each in known.values()] == ["due", "due"]
        assert known[waits.order_id].id < known[free.order_id].id
        due = await due_orders(tx, trade.tenant.id, most=1)
    assert [each.number for each in due] == [free.order_id]


async def test_an_order_held_for_a_person_is_not_moved_by_its_refund(trade: Trade) -> None:
    item, other = trade.shop.offer("月卡", 1980), trade.shop.offer("季卡", 1980)
    order = trade.shop.sell((item, 1), (other, 1))
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    trade.shop.ask_refund(order, order.lines[1])
    await trade.ask()
    assert await trade.step(order) == ("held", "refund_asked")
    await take_in_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
    assert await trade.step(order) == ("held", "refund_asked")
