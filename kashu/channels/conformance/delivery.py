"""Promises about cards and shipment: what is repeated has one effect."""

from contextlib import suppress
from typing import Final

from kashu.channels.channel import Can, CardText, Channel, Parcel, ShopState
from kashu.channels.conformance.world import Sold, Trouble, World, check, expect, refused
from kashu.channels.errors import AlreadyShipped, NotShippable
from kashu.core.errors import OutsideError, Refused, Unclear

_NUMBER: Final = "KX8842019937"
_PASSWORD: Final = "pw77QZ31"  # noqa: S105  (a card of nobody's)


async def _sold(world: World, *, by_card: bool = False) -> Sold:
    offered = await world.offer("会员月卡", 199_000)
    return await world.sell([(offered, 1)], by_card=by_card)


async def _lines(channel: Channel, world: World, sold: Sold) -> list[str]:
    order = await channel.order(world.link, sold.order_id)
    return [line.line_id for line in order.lines]


async def _parcel(channel: Channel, world: World, sold: Sold) -> Parcel:
    (line,) = await _lines(channel, world, sold)
    return Parcel(sold.order_id, line, (CardText(_NUMBER, _PASSWORD),))


async def _confirm(channel: Channel, world: World, sold: Sold) -> None:
    """Confirm, and believe AlreadyShipped."""
    lines = await _lines(channel, world, sold)
    try:
        await channel.confirm(world.link, sold.order_id, lines)
    except AlreadyShipped:
        return


@check(Can.CONFIRM, Can.READ_ORDER)
async def a_confirmed_order_is_shipped(channel: Channel, world: World) -> None:
    """The platform says so afterwards, or doesn't call it paid any more."""
    sold = await _sold(world)
    await channel.confirm(world.link, sold.order_id, await _lines(channel, world, sold))
    expect(await world.shipments(sold) == 1, "it wasn't marked as shipped")
    order = await channel.order(world.link, sold.order_id)
    expect(order.state in {ShopState.SHIPPED, ShopState.FINISHED}, f"it is told as {order.state}")


@check(Can.CONFIRM, Can.READ_ORDER)
async def an_order_is_shipped_once_however_often_it_is_confirmed(
    channel: Channel, world: World
) -> None:
    """The second time is AlreadyShipped, which is good news."""
    sold = await _sold(world)
    lines = await _lines(channel, world, sold)
    await channel.confirm(world.link, sold.order_id, lines)
    again = channel.confirm(world.link, sold.order_id, lines)
    await refused(again, AlreadyShipped, said="the second confirmation")
    expect(await world.shipments(sold) == 1, "it was shipped twice")


@check(Can.CONFIRM, Can.READ_ORDER)
async def every_line_is_confirmed(channel: Channel, world: World) -> None:
    """With all its lines named, an order is shipped as a whole."""
    offered = await world.offer("会员月卡", 199_000)
    sold = await world.sell([(offered, 1)] * min(2, world.lines_max))
    await channel.confirm(world.link, sold.order_id, await _lines(channel, world, sold))
    order = await channel.order(world.link, sold.order_id)
    expect(order.state in {ShopState.SHIPPED, ShopState.FINISHED}, f"it is told as {order.state}")


@check(Can.CONFIRM)
async def what_is_not_there_is_not_confirmed(channel: Channel, world: World) -> None:
    """An order that nobody knows is refused."""
    sold = await _sold(world)
    strange = sold.order_id[:-4] + "0000"
    await refused(
        channel.confirm(world.link, strange, [strange]), Refused, Unclear, said="an unknown order"
    )
    expect(await world.shipments(sold) == 0, "another order was shipped")


@check(Can.CONFIRM, Can.READ_ORDER)
async def what_is_not_paid_is_not_confirmed(channel: Channel, world: World) -> None:
    """Neither an unpaid order nor a closed one, and it isn't called shipped either."""
    offered = await world.offer("会员月卡", 199_000)
    unpaid = await world.sell([(offered, 1)], paid=False)
    closed = await world.sell([(offered, 1)])
    await world.put(closed, ShopState.CLOSED)
    for sold in (unpaid, closed):
        error = await refused(
            channel.confirm(world.link, sold.order_id, [sold.order_id]),
            Refused,
            Unclear,
            said="an order to be left alone",
        )
        expect(not isinstance(error, AlreadyShipped), "it is called shipped")
        expect(await world.shipments(sold) == 0, "it was shipped")


@check(Can.CONFIRM, Can.READ_ORDER)
async def a_confirmation_that_met_trouble_is_repeated_safely(
    channel: Channel, world: World
) -> None:
    """Whatever each call of it met, and whether or not it was done: one shipment in the end."""
    offered = await world.offer("会员月卡", 199_000)
    for trouble in (
        Trouble.ERROR_BEFORE,
        Trouble.ERROR_AFTER,
        Trouble.SILENT_AFTER,
        Trouble.HTML,
        Trouble.THROTTLED,
    ):
        sold = await world.sell([(offered, 1)])
        lines = await _lines(channel, world, sold)
        await world.meet(trouble)
        await refused(
            channel.confirm(world.link, sold.order_id, lines), OutsideError, said=trouble.value
        )
        await _confirm(channel, world, sold)
        expect(await world.shipments(sold) == 1, f"after {trouble}: not one shipment")


@check(Can.SEND_CARD, Can.READ_ORDER)
async def a_card_reaches_its_buyer_once(channel: Channel, world: World) -> None:
    """Sent again, the same card is there once, whatever the repetition ends in."""
    sold = await _sold(world, by_card=True)
    parcel = await _parcel(channel, world, sold)
    await channel.send(world.link, parcel)
    expect(_PASSWORD in await world.shown(sold), "the buyer hasn't got it")
    with suppress(OutsideError):
        await channel.send(world.link, parcel)
    expect((await world.shown(sold)).count(_PASSWORD) == 1, "the buyer has it twice")


@check(Can.SEND_MEMO, Can.READ_ORDER)
async def a_note_keeps_what_it_says_and_says_nothing_twice(channel: Channel, world: World) -> None:
    """Cards are added to a note; those that are in it aren't added again."""
    sold = await _sold(world, by_card=True)
    (line,) = await _lines(channel, world, sold)
    first, second = CardText(_NUMBER, _PASSWORD), CardText("KX1", "pw-second")
    await channel.send(world.link, Parcel(sold.order_id, line, (first,)))
    await channel.send(world.link, Parcel(sold.order_id, line, (second,)))
    await channel.send(world.link, Parcel(sold.order_id, line, (first,)))
    note = await world.shown(sold)
    expect(note.count(_PASSWORD) == 1, "the first card is lost, or there twice")
    expect(note.count("pw-second") == 1, "the second card is lost, or there twice")


@check(Can.SEND_CARD, Can.READ_ORDER)
async def a_card_that_was_not_sent_is_told_by_no_error(channel: Channel, world: World) -> None:
    """Neither by its text nor by its facts."""
    await _no_error_tells_the_card(channel, world)


@check(Can.SEND_MEMO, Can.READ_ORDER)
async def a_card_that_was_not_noted_is_told_by_no_error(channel: Channel, world: World) -> None:
    """Neither by its text nor by its facts."""
    await _no_error_tells_the_card(channel, world)


async def _no_error_tells_the_card(channel: Channel, world: World) -> None:
    sold = await _sold(world, by_card=True)
    parcel = await _parcel(channel, world, sold)
    for trouble in (Trouble.HTML, Trouble.ERROR_BEFORE, Trouble.THROTTLED, Trouble.TOKEN_EXPIRED):
        await world.meet(trouble)
        error = await refused(
            channel.send(world.link, parcel), OutsideError, NotShippable, said=trouble.value
        )
        told = f"{error!r} {error.text('zh')} {error.text('en')} {error.facts}"
        expect(_NUMBER not in told, "an error tells the card's number")
        expect(_PASSWORD not in told, "an error tells the card's password")
    expect(_PASSWORD not in repr(parcel), "a parcel's repr tells the card")


CHECKS: Final = (
    a_confirmed_order_is_shipped,
    an_order_is_shipped_once_however_often_it_is_confirmed,
    every_line_is_confirmed,
    what_is_not_there_is_not_confirmed,
    what_is_not_paid_is_not_confirmed,
    a_confirmation_that_met_trouble_is_repeated_safely,
    a_card_reaches_its_buyer_once,
    a_note_keeps_what_it_says_and_says_nothing_twice,
    a_card_that_was_not_sent_is_told_by_no_error,
    a_card_that_was_not_noted_is_told_by_no_error,
)
