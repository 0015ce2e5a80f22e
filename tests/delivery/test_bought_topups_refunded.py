"""Refunds of top-ups that are bought: nothing is ordered any more, or what was done is a loss."""

from collections.abc import AsyncIterator

import pytest

from kashu.ledger.kinds import AccountKind
from tests.delivery.booth import PHONE, RULE, Booth, make_booth, only_line
from tests.delivery.conftest import Trade
from tests.purchases.world import COST_E4


@pytest.fixture
async def booth(trade: Trade) -> AsyncIterator[Booth]:
    made = await make_booth(trade)
    yield made
    await trade.assert_sound()


async def test_a_refund_that_comes_before_it_is_ordered_cancels_the_purchase(booth: Booth) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.see()
    await booth.want()
    assert await booth.purchase_states() == ["wanted"]
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await booth.see()
    await booth.run(3)
    assert (supplier.house.orders, await booth.purchase_states()) == ([], ["cancelled"])
    assert (await only_line(booth, order)).refunded == 1
    assert await booth.trade.step(order) == ("ended", "")
    assert order.shipments == 0
    assert await booth.balance(AccountKind.AFTER_SALES_LOSS) == 0


async def test_while_a_refund_is_asked_for_nothing_is_ordered(booth: Booth) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.see()
    await booth.want()
    refund = trade.shop.ask_refund(order)
    await booth.see()
    await booth.buy()
    await booth.run()
    assert (supplier.house.orders, await booth.purchase_states()) == ([], ["cancelled"])
    assert (await booth.buying(order)).said == "refund_open"
    assert await trade.step(order) == ("taken", "refund_open")
    trade.shop.settle_refund(refund, agree=False)
    await booth.later(seconds=30)
    await booth.run(3)
    assert await trade.step(order) == ("confirmed", "")
    assert (len(supplier.house.orders), order.shipments) == (1, 1)


async def test_a_refund_that_is_asked_for_before_the_account_is_read_buys_nothing(
    booth: Booth,
) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await trade.ask()
    await booth.take_in()
    trade.shop.ask_refund(order)
    await booth.run()
    assert await trade.step(order) == ("trouble", "account_wanted")
    assert (supplier.house.orders, await booth.purchase_states()) == ([], [])


async def test_a_refund_that_comes_while_it_is_topped_up_is_a_loss_and_told(booth: Booth) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    supplier.instant = False
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.see()
    await booth.buy()
    assert len(supplier.house.orders) == 1
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await booth.run()
    assert await booth.purchase_states() == ["placed"]  # what is under way can't be stopped
    supplier.house.settle()
    await booth.later(seconds=12)
    await booth.run()
    assert (await only_line(booth, order)).refunded == 1
    assert await booth.balance(AccountKind.AFTER_SALES_LOSS) == COST_E4
    assert await booth.balance(AccountKind.REVENUE) == 0
    assert [each["units"] for each in await booth.world.happened("order.topup_lost")] == [1]
    assert order.shipments == 0


async def test_a_refund_after_it_was_topped_up_is_a_loss(booth: Booth) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.run()
    assert await trade.step(order) == ("confirmed", "")
    trade.shop.settle_refund(trade.shop.ask_refund(order), agree=True)
    await booth.run()
    assert (await only_line(booth, order)).refunded == 1
    assert len(supplier.house.orders) == 1
    assert await booth.balance(AccountKind.AFTER_SALES_LOSS) == COST_E4
    assert await booth.balance(AccountKind.REVENUE) == 0


async def test_what_somebody_shipped_there_before_it_was_ordered_is_not_bought(
    booth: Booth,
) -> None:
    supplier, trade = await booth.supplier(), booth.trade
    order = trade.shop.sell((await booth.desk.offer(RULE), 1), note=PHONE)
    await booth.see()
    await booth.want()
    trade.shop.ship(order)  # a person topped it up there by hand
    await booth.see()
    await booth.want()
    await booth.run(3)
    assert (supplier.house.orders, await booth.purchase_states()) == ([], ["cancelled"])
    assert await trade.step(order) == ("trouble", "shipped_there")
