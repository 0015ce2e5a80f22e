"""Promises about refunds: all are told, and none is answered twice."""

from typing import Final

from kashu.channels.channel import Can, Channel, ShopRefund, ShopRefundState, ShopState
from kashu.channels.conformance.world import (
    Offered,
    World,
    all_refunds,
    check,
    expect,
    refused,
)
from kashu.core.errors import OutsideError, Refused, Unclear


async def _offered(world: World) -> Offered:
    return await world.offer("会员月卡", 199_000)


async def _told(channel: Channel, world: World, number: str) -> ShopRefund:
    found, wrong = await all_refunds(channel, world)
    expect(not wrong, "a good refund is called wrong")
    ours = [refund for refund in found if refund.refund_id == number]
    expect(ours, f"the refund {number} isn't in its window")
    return ours[-1]


@check(Can.LIST_REFUNDS)
async def a_refund_is_told_with_order_and_amount(channel: Channel, world: World) -> None:
    """Asked for, it is open; paid, it is done."""
    sold = await world.sell([(await _offered(world), 1)])
    number = await world.ask_refund(sold)
    told = await _told(channel, world, number)
    expect(told.state is ShopRefundState.ASKED, f"it is told as {told.state}")
    expect(told.order_id == sold.order_id, "it is of another order")
    expect(told.amount_e4 == sold.paid_e4, "it is of another amount")
    offset = told.changed_at.utcoffset()
    expect(offset is not None and not offset, "its time isn't told in UTC")
    await world.settle_refund(number, agree=True)
    told = await _told(channel, world, number)
    expect(told.state is ShopRefundState.DONE, f"it is told as {told.state}")


@check(Can.LIST_REFUNDS)
async def a_refund_that_was_refused_is_told_so(channel: Channel, world: World) -> None:
    """The money stays, and the order may go on."""
    sold = await world.sell([(await _offered(world), 1)])
    number = await world.ask_refund(sold)
    await world.settle_refund(number, agree=False)
    told = await _told(channel, world, number)
    expect(told.state is ShopRefundState.REFUSED, f"it is told as {told.state}")


@check(Can.LIST_REFUNDS)
async def whoever_reads_all_pages_misses_no_refund(channel: Channel, world: World) -> None:
    """However many there are."""
    offered = await _offered(world)
    asked = {await world.ask_refund(await world.sell([(offered, 1)])) for _ in range(55)}
    found, _ = await all_refunds(channel, world)
    expect({refund.refund_id for refund in found} == asked, "refunds are missing, or strange")


@check(Can.READ_ORDER)
async def an_order_whose_money_is_back_is_not_to_be_delivered(
    channel: Channel, world: World
) -> None:
    """Read right before it is delivered, it says so by itself or by its lines."""
    sold = await world.sell([(await _offered(world), 1)])
    await world.settle_refund(await world.ask_refund(sold), agree=True)
    order = await channel.order(world.link, sold.order_id)
    done = {line.refund for line in order.lines} == {ShopRefundState.DONE}
    expect(done or order.state is not ShopState.PAID, "it is told as to be delivered")


@check(Can.ANSWER_REFUND)
async def a_refund_that_we_agree_to_is_agreed_to_once(channel: Channel, world: World) -> None:
    """Told again it is refused, and changes nothing."""
    sold = await world.sell([(await _offered(world), 1)])
    number = await world.ask_refund(sold)
    told = await _told(channel, world, number)
    await channel.answer_refund(world.link, told, agree=True, reason="同意")
    expect(await world.refund_state(number) is ShopRefundState.DONE, "it isn't done")
    await refused(
        channel.answer_refund(world.link, told, agree=False, reason="不同意"),
        Refused,
        Unclear,
        said="another answer",
    )
    expect(await world.refund_state(number) is ShopRefundState.DONE, "it was answered twice")


@check(Can.ANSWER_REFUND)
async def a_refund_that_we_refuse_is_refused_or_left_to_a_person(
    channel: Channel, world: World
) -> None:
    """Some platforms have no call for it: then nothing happens, and the error says so."""
    sold = await world.sell([(await _offered(world), 1)])
    number = await world.ask_refund(sold)
    told = await _told(channel, world, number)
    try:
        await channel.answer_refund(world.link, told, agree=False, reason="卡密已发出")
    except OutsideError as error:
        expect(isinstance(error, Refused), "what can't be done isn't in doubt")
        expect(await world.refund_state(number) is ShopRefundState.ASKED, "it happened though")
    else:
        expect(await world.refund_state(number) is ShopRefundState.REFUSED, "it isn't refused")


CHECKS: Final = (
    a_refund_is_told_with_order_and_amount,
    a_refund_that_was_refused_is_told_so,
    whoever_reads_all_pages_misses_no_refund,
    an_order_whose_money_is_back_is_not_to_be_delivered,
    a_refund_that_we_agree_to_is_agreed_to_once,
    a_refund_that_we_refuse_is_refused_or_left_to_a_person,
)
