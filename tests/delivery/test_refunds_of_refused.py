"""Refunds of lines of which we refused some: what went back then isn't taken off twice."""

import pytest

from kashu.channels.shop_refunds import refunds_of
from kashu.orders.errors import ShopRefundDiffers
from kashu.orders.refund import WantedLine
from kashu.orders.refund_by_hand import book_refund
from kashu.simulators.shop import Order
from tests.delivery.conftest import Trade
from tests.delivery.test_bundles import Pair, sums
from tests.stock.builders import TODAY, make_sku, put_cards


async def half_of_a_pair(trade: Trade) -> tuple[Pair, Order]:
    """Of a bundle of two parts one was given and one refused; beside it a line of its own."""
    pair = await Pair(trade).make(policy="refuse")
    both, plain = trade.shop.offer("组合", 5000), trade.shop.offer("月卡", 1980)
    await pair.stock(pair.first, 2)
    await pair.map(both, pair.sku_id)
    await pair.map(plain, pair.first)
    order = trade.shop.sell((both, 1), (plain, 1))
    await trade.run()
    assert [line[2:] for line in sums(await pair.lines(order))] == [(1, 0), (0, 333_300), (1, 0)]
    return pair, order


async def test_a_bundle_of_which_a_part_was_refused_is_paid_back_whole(trade: Trade) -> None:
    pair, order = await half_of_a_pair(trade)
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("settled", "")]
    assert [line[2:] for line in sums(await pair.lines(order))] == [
        (0, 166_700),
        (0, 333_300),
        (1, 0),
    ]
    await trade.assert_sound()


async def test_the_money_of_a_refused_part_alone_is_nothing_more_to_book(trade: Trade) -> None:
    pair, order = await half_of_a_pair(trade)
    refused = trade.shop.ask_refund(order, order.lines[0], amount_fen=3333)
    trade.shop.settle_refund(refused, agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("settled", "")]
    assert [line[2:] for line in sums(await pair.lines(order))] == [(1, 0), (0, 333_300), (1, 0)]
    rest = trade.shop.ask_refund(order, order.lines[0], amount_fen=1667)
    trade.shop.settle_refund(rest, agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("settled", "")] * 2
    assert [line[2:] for line in sums(await pair.lines(order))] == [
        (0, 166_700),
        (0, 333_300),
        (1, 0),
    ]
    await trade.assert_sound()


async def half_of_a_line(trade: Trade) -> tuple[Pair, Order]:
    """Of two cards one was given and one refused; beside them a line of its own."""
    async with trade.database.transaction(trade.tenant.id) as tx:
        sku_id = await make_sku(
            tx, trade.tenant.id, "iqiyi-month", shortage_policy="refuse", partial_allowed=True
        )
        await put_cards(tx, trade.tenant.id, 1, sku_id=sku_id, keyrings=trade.keyrings)
    await trade.stock(1)
    pair = Pair(trade)
    two, plain = trade.shop.offer("双份", 1000), trade.shop.offer("月卡", 1980)
    await pair.map(two, sku_id)
    await pair.map(plain, trade.sku_id)
    order = trade.shop.sell((two, 2), (plain, 1))
    await trade.run()
    assert sums(await pair.lines(order)) == [(2, 200_000, 1, 100_000), (1, 198_000, 1, 0)]
    return pair, order


async def test_a_line_of_which_some_was_refused_is_paid_back_whole(trade: Trade) -> None:
    pair, order = await half_of_a_line(trade)
    trade.shop.settle_refund(trade.shop.ask_refund(order, order.lines[0]), agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("settled", "")]
    assert sums(await pair.lines(order)) == [(2, 200_000, 0, 200_000), (1, 198_000, 1, 0)]
    await trade.assert_sound()


async def test_what_was_refused_counts_where_a_person_books_it(trade: Trade) -> None:
    pair, order = await half_of_a_pair(trade)
    refund = trade.shop.ask_refund(order, amount_fen=5000)  # of no line in particular
    trade.shop.settle_refund(refund, agree=True)
    await trade.run(3)
    assert await trade.refund_steps() == [("trouble", "refund_of_many_lines")]

    async def books(amount_e4: int) -> None:
        async with trade.database.transaction(trade.tenant.id) as tx:
            (told,) = await refunds_of(tx, trade.tenant.id, trade.store_id, order.order_id)
            line = WantedLine(1, 1, amount_e4)
            await book_refund(tx, trade.caller, told.id, [line], today=TODAY)

    with pytest.raises(ShopRefundDiffers):
        await books(100_000)
    assert await trade.refund_steps() == [("trouble", "refund_of_many_lines")]
    await books(166_700)
    assert await trade.refund_steps() == [("settled", "")]
    assert [line[2:] for line in sums(await pair.lines(order))] == [
        (0, 166_700),
        (0, 333_300),
        (1, 0),
    ]
    await trade.assert_sound()
