"""Promises about orders: none is missed, none is told wrong."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from kashu.channels.channel import Can, Channel, ShopOrder, ShopState
from kashu.channels.conformance.world import (
    Offered,
    Sold,
    World,
    all_orders,
    check,
    expect,
    lately,
    refused,
)
from kashu.channels.errors import NoSuchShopOrder, ShopOrderWrong
from kashu.core.errors import Unclear

_MANY: Final = 130  # more than one page anywhere


async def _something(world: World) -> Offered:
    return await world.offer("会员月卡", 199_000)


async def _told(channel: Channel, world: World, sold: Sold) -> ShopOrder:
    """An order as a list tells it, complete."""
    found, _ = await all_orders(channel, world)
    ours = [order for order in found if order.order_id == sold.order_id]
    expect(ours, f"the order {sold.order_id} isn't in its window")
    if ours[-1].complete:
        return ours[-1]
    return await channel.order(world.link, sold.order_id)


def _expect_told(order: ShopOrder, sold: Sold) -> None:
    expect(order.complete, "an order read alone must be complete")
    expect(order.paid_e4 == sold.paid_e4, "another amount was paid")
    expect(sum(line.paid_e4 for line in order.lines) == order.paid_e4, "lines don't add up")
    expect(len({line.line_id for line in order.lines}) == len(sold.lines), "lines are missing")
    wanted = sorted((each.item_id, each.sku_id, quantity) for each, quantity in sold.lines)
    told = sorted((line.item_id, line.sku_id, line.quantity) for line in order.lines)
    expect(told == wanted, "items, variants or quantities are others")
    codes = {each.merchant_code for each, _ in sold.lines}
    expect({line.merchant_code for line in order.lines} == codes, "the seller's code is lost")
    for at in (order.changed_at, order.paid_at, order.ship_by):
        expect(at is None or at.utcoffset() == timedelta(), "a time isn't told in UTC")


@check(Can.COLLECT, Can.READ_ORDER)
async def a_paid_order_is_collected_exactly(channel: Channel, world: World) -> None:
    """Ids, quantities, amounts and times are the platform's, to the last digit."""
    sold = await world.sell([(await _something(world), 3)])
    order = await _told(channel, world, sold)
    expect(order.state is ShopState.PAID, "it is to be delivered")
    expect(order.paid_at is not None, "a paid order tells when")
    expect(abs(order.changed_at - world.link.now()) < timedelta(minutes=5), "it changed just now")
    _expect_told(order, sold)


@check(Can.COLLECT, Can.READ_ORDER)
async def every_line_of_an_order_is_told(channel: Channel, world: World) -> None:
    """Lines are told apart, each with what was paid for it."""
    count = min(3, world.lines_max)
    wanted = [(await world.offer(f"第 {n} 种", 100_000 + n * 10_100), n + 1) for n in range(count)]
    sold = await world.sell(wanted)
    _expect_told(await _told(channel, world, sold), sold)


@check(Can.READ_ORDER)
async def an_order_read_alone_is_complete(channel: Channel, world: World) -> None:
    """What a list leaves out, the order itself tells."""
    sold = await world.sell([(await _something(world), 1)])
    order = await channel.order(world.link, sold.order_id)
    expect(order.order_id == sold.order_id, "it is another order")
    _expect_told(order, sold)


@check(Can.COLLECT, Can.READ_ORDER)
async def a_list_agrees_with_the_order_itself(channel: Channel, world: World) -> None:
    """Two ways to the same order tell the same."""
    sold = await world.sell([(await _something(world), 2)])
    found, _ = await all_orders(channel, world)
    alone = await channel.order(world.link, sold.order_id)
    for listed in found:
        expect(listed.state is alone.state, "they stand differently")
        if listed.complete:
            expect(listed.lines == alone.lines, "their lines differ")
            expect(listed.paid_e4 == alone.paid_e4, "their amounts differ")


@check(Can.COLLECT)
async def whoever_reads_all_pages_misses_no_order(channel: Channel, world: World) -> None:
    """However many there are."""
    offered = await _something(world)
    sold = {(await world.sell([(offered, 1)])).order_id for _ in range(_MANY)}
    found, wrong = await all_orders(channel, world)
    expect({order.order_id for order in found} == sold, "orders are missing, or strangers in it")
    expect(not wrong, "good orders are called wrong")


@check(Can.COLLECT)
async def orders_that_change_during_the_scan_are_not_missed(channel: Channel, world: World) -> None:
    """Those that change leave the window or move in it; the others must all be seen."""
    offered = await _something(world)
    sold = [await world.sell([(offered, 1)]) for _ in range(_MANY)]
    await world.pass_time(timedelta(seconds=5))
    window = replace(lately(world), end=world.link.now() - timedelta(seconds=2))
    page = await channel.orders(world.link, window)
    found = {order.order_id for order in page.members}
    changed = 0
    while page.next is not None and changed < _MANY:
        for each in (sold[changed], sold[-1 - changed // 2]):
            await world.put(each, ShopState.FINISHED)
        changed += 10
        page = await channel.orders(world.link, window, page.next)
        found |= {order.order_id for order in page.members}
    moved = {each.order_id for n in range(0, changed, 10) for each in (sold[n], sold[-1 - n // 2])}
    expect({each.order_id for each in sold} - moved <= found, "orders that stayed were missed")


@check(Can.COLLECT)
async def an_order_is_in_no_window_before_it_changed(channel: Channel, world: World) -> None:
    """Windows are UTC: a shift of eight hours either way would show here."""
    await world.sell([(await _something(world), 1)])
    await world.pass_time(timedelta(minutes=20))
    end = world.link.now() - timedelta(minutes=25)
    before = replace(lately(world), begin=end - timedelta(minutes=2), end=end)
    found, _ = await all_orders(channel, world, before)
    expect(not found, "it was told of before it was")


@check(Can.READ_ORDER)
async def only_a_paid_order_is_to_be_delivered(channel: Channel, world: World) -> None:
    """Neither one that is unpaid, held, nor closed."""
    offered = await _something(world)
    unpaid = await world.sell([(offered, 1)], paid=False)
    await refused_or_not_paid(channel, world, unpaid, {ShopState.UNPAID})
    held = await world.sell([(offered, 1)])
    await world.put(held, ShopState.HELD)
    await refused_or_not_paid(channel, world, held, {ShopState.HELD})
    closed = await world.sell([(offered, 1)])
    await world.put(closed, ShopState.CLOSED)
    await refused_or_not_paid(channel, world, closed, {ShopState.CLOSED})


async def refused_or_not_paid(
    channel: Channel, world: World, sold: Sold, states: set[ShopState]
) -> None:
    """Read an order that must not be delivered: its state, or that the platform hides it."""
    try:
        order = await channel.order(world.link, sold.order_id)
    except NoSuchShopOrder:
        return
    expect(order.state in states, f"it is told to be {order.state}, not one of {sorted(states)}")


@check(Can.READ_ORDER)
async def a_finished_order_is_not_to_be_delivered_again(channel: Channel, world: World) -> None:
    """What is over is over."""
    sold = await world.sell([(await _something(world), 1)])
    await world.put(sold, ShopState.FINISHED)
    order = await channel.order(world.link, sold.order_id)
    expect(order.state in {ShopState.FINISHED, ShopState.SHIPPED}, f"it is told as {order.state}")


@check(Can.READ_ORDER)
async def an_order_that_is_not_there_is_none(channel: Channel, world: World) -> None:
    """It is refused by name; or unclear, where the platform has no word for it."""
    sold = await world.sell([(await _something(world), 1)])
    strange = sold.order_id[:-4] + "0000"
    asked = channel.order(world.link, strange)
    await refused(asked, NoSuchShopOrder, Unclear, said="an unknown order")


@check(Can.COLLECT, Can.READ_ORDER)
async def an_order_that_can_not_be_is_wrong_and_hides_no_other(
    channel: Channel, world: World
) -> None:
    """It is named in the list, or told in short; read alone it says what is wrong."""
    offered = await _something(world)
    bad, good = await world.sell([(offered, 1)]), await world.sell([(offered, 1)])
    await world.spoil(bad)
    found, wrong = await all_orders(channel, world)
    expect(good.order_id in {order.order_id for order in found}, "a good one is hidden by it")
    named = {str(error.facts.get("order")) for error in wrong}
    named |= {order.order_id for order in found if not order.complete}
    expect(bad.order_id in named, "the list doesn't name it")
    await refused(channel.order(world.link, bad.order_id), ShopOrderWrong, said="a wrong order")


@check(Can.READ_ORDER)
async def what_the_buyer_typed_is_not_printed(channel: Channel, world: World) -> None:
    """It may be a phone number or an account: personal."""
    sold = await world.sell([(await _something(world), 1)], note="充值账号13912345678")
    order = await channel.order(world.link, sold.order_id)
    expect("13912345678" in order.note, "what the buyer typed is lost")
    expect("13912345678" not in repr(order), "its repr tells what the buyer typed")


CHECKS: Final = (
    a_paid_order_is_collected_exactly,
    every_line_of_an_order_is_told,
    an_order_read_alone_is_complete,
    a_list_agrees_with_the_order_itself,
    whoever_reads_all_pages_misses_no_order,
    orders_that_change_during_the_scan_are_not_missed,
    an_order_is_in_no_window_before_it_changed,
    only_a_paid_order_is_to_be_delivered,
    a_finished_order_is_not_to_be_delivered_again,
    an_order_that_is_not_there_is_none,
    an_order_that_can_not_be_is_wrong_and_hides_no_other,
    what_the_buyer_typed_is_not_printed,
)
