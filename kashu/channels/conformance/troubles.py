"""Promises about trouble: every call ends in Refused, Unavailable or Unclear, and tells nothing."""

import asyncio
from typing import Final

from kashu.channels.channel import Can, Channel
from kashu.channels.conformance.world import (
    Sold,
    Trouble,
    World,
    all_orders,
    check,
    expect,
    lately,
    refused,
)
from kashu.channels.errors import AppRefused, GrantLost
from kashu.core.errors import OutsideError, Refused, Unavailable, Unclear


async def _sold(world: World) -> Sold:
    return await world.sell([(await world.offer("会员月卡", 199_000), 1)])


async def _meets(
    channel: Channel, world: World, trouble: Trouble, *errors: type[OutsideError]
) -> None:
    """Read an order and a list while that happens, and again afterwards."""
    sold = await _sold(world)
    await world.meet(trouble)
    await refused(channel.order(world.link, sold.order_id), *errors, said=f"order, {trouble}")
    if Can.COLLECT in channel.can:
        await world.meet(trouble)
        await refused(channel.orders(world.link, lately(world)), *errors, said=f"orders, {trouble}")
    order = await channel.order(world.link, sold.order_id)
    expect(order.order_id == sold.order_id, "it doesn't come back")


@check(Can.READ_ORDER)
async def a_page_in_place_of_an_answer_is_unclear(channel: Channel, world: World) -> None:
    """HTML is no answer."""
    await _meets(channel, world, Trouble.HTML, Unclear, Unavailable)


@check(Can.READ_ORDER)
async def a_redirect_is_not_followed(channel: Channel, world: World) -> None:
    """It could lead anywhere, with our signature."""
    await _meets(channel, world, Trouble.REDIRECT, Unclear, Unavailable)


@check(Can.READ_ORDER)
async def an_answer_without_end_is_not_read(channel: Channel, world: World) -> None:
    """Nobody fills our memory."""
    await _meets(channel, world, Trouble.HUGE, Unclear, Unavailable)


@check(Can.READ_ORDER)
async def an_error_of_the_platforms_is_unclear(channel: Channel, world: World) -> None:
    """A 500 doesn't say whether anything was done."""
    await _meets(channel, world, Trouble.ERROR_BEFORE, Unclear, Unavailable)


@check(Can.READ_ORDER)
async def silence_is_unclear(channel: Channel, world: World) -> None:
    """No answer is no answer."""
    await _meets(channel, world, Trouble.SILENT_BEFORE, Unclear, Unavailable)


@check(Can.READ_ORDER)
async def a_limit_says_that_nothing_was_done(channel: Channel, world: World) -> None:
    """We wait and come again; no person is needed."""
    await _meets(channel, world, Trouble.THROTTLED, Unavailable)


@check(Can.READ_ORDER)
async def a_token_that_is_too_old_loses_the_grant(channel: Channel, world: World) -> None:
    """So that it is refreshed, or the seller asked."""
    await _meets(channel, world, Trouble.TOKEN_EXPIRED, GrantLost)


@check(Can.READ_ORDER)
async def a_permission_taken_back_loses_the_grant(channel: Channel, world: World) -> None:
    """And nothing else: neither is our application blamed, nor is it tried for ever."""
    sold = await _sold(world)
    await world.revoke()
    await refused(channel.order(world.link, sold.order_id), GrantLost, said="taken back")


@check(Can.READ_ORDER)
async def a_token_that_nobody_gave_is_refused(channel: Channel, world: World) -> None:
    """Whoever has no permission sees nothing."""
    sold = await _sold(world)
    await refused(
        channel.order(world.stranger, sold.order_id), GrantLost, AppRefused, said="a false token"
    )


@check(Can.READ_ORDER)
async def no_error_tells_a_secret(channel: Channel, world: World) -> None:
    """Neither the token nor the application's secret, in words or facts."""
    sold = await _sold(world)
    link = world.link
    expect(link.grant is not None, "the world's link has a grant")
    secrets = [link.app.secret.clear]
    if link.grant is not None:
        secrets.append(link.grant.access_token.clear)
    expect(not any(secret in repr(link) for secret in secrets), "a link's repr tells a secret")
    for trouble in Trouble:
        if trouble is Trouble.HUGE:
            continue
        await world.meet(trouble)
        error = await refused(channel.order(link, sold.order_id), OutsideError, said=trouble.value)
        told = f"{error!r} {error.text('zh')} {error.text('en')} {error.facts}"
        expect(not any(secret in told for secret in secrets), f"after {trouble} it tells a secret")


@check(Can.READ_ORDER, Can.COLLECT)
async def calls_at_once_do_not_mix(channel: Channel, world: World) -> None:
    """An adapter keeps nothing: another shop's failing calls beside ours change nothing."""
    offered = await world.offer("会员月卡", 199_000)
    sold = [await world.sell([(offered, 1)]) for _ in range(8)]
    told = await asyncio.gather(
        *(channel.order(world.link, each.order_id) for each in sold),
        *(channel.order(world.stranger, each.order_id) for each in sold),
        return_exceptions=True,
    )
    ours, others = told[: len(sold)], told[len(sold) :]
    for each, order in zip(sold, ours, strict=True):
        expect(getattr(order, "order_id", None) == each.order_id, "an order is another")
    expect(all(isinstance(error, Refused) for error in others), "a stranger was let in")
    found, _ = await all_orders(channel, world)
    expect({order.order_id for order in found} >= {each.order_id for each in sold}, "some are lost")


CHECKS: Final = (
    a_page_in_place_of_an_answer_is_unclear,
    a_redirect_is_not_followed,
    an_answer_without_end_is_not_read,
    an_error_of_the_platforms_is_unclear,
    silence_is_unclear,
    a_limit_says_that_nothing_was_done,
    a_token_that_is_too_old_loses_the_grant,
    a_permission_taken_back_loses_the_grant,
    a_token_that_nobody_gave_is_refused,
    no_error_tells_a_secret,
    calls_at_once_do_not_mix,
)
