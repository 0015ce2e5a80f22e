"""Promises about pushes: authentic ones are read, all others refused."""

from dataclasses import replace
from typing import Final

from kashu.channels.channel import Can, Channel, Push, PushRequest, Signal
from kashu.channels.conformance.world import NotConforming, World, check, expect
from kashu.channels.errors import PushNotAuthentic

_STATUS_OK: Final = 200


def _expect_refused(channel: Channel, world: World, request: PushRequest, said: str) -> None:
    try:
        channel.read_push(world.link.app, request)
    except PushNotAuthentic as error:
        told = f"{error!r} {error.text('zh')}"
        expect(world.link.app.secret.clear not in told, "an error tells the secret")
    except Exception as error:
        raise NotConforming(f"{said}: it ended in {type(error).__name__}") from error
    else:
        raise NotConforming(f"{said}: it was read")


async def _pushes(channel: Channel, world: World) -> tuple[PushRequest, tuple[Push, ...], str]:
    sold = await world.sell([(await world.offer("会员月卡", 199_000), 1)])
    request = await world.push(sold)
    return request, channel.read_push(world.link.app, request), sold.order_id


@check(Can.PUSH)
async def a_push_says_which_order_of_which_shop_to_read(channel: Channel, world: World) -> None:
    """And nothing of it is believed but that."""
    _, pushes, order_id = await _pushes(channel, world)
    orders = [push for push in pushes if push.signal is Signal.ORDER]
    expect([push.order_id for push in orders] == [order_id], "it names another order")
    grant = world.link.grant
    expect(grant is not None and orders[0].shop_id == grant.shop_id, "it names another shop")


@check(Can.PUSH)
async def a_push_that_was_taken_is_answered(channel: Channel, world: World) -> None:
    """In the platform's words, so that it isn't sent again."""
    _, pushes, _ = await _pushes(channel, world)
    reply = channel.reply(pushes)
    expect(reply.status == _STATUS_OK, "it isn't answered well")
    expect(isinstance(reply.body, bytes), "its body isn't bytes")


@check(Can.PUSH)
async def a_push_repeated_is_known_by_its_number(channel: Channel, world: World) -> None:
    """The same again reads the same."""
    request, pushes, _ = await _pushes(channel, world)
    expect(channel.read_push(world.link.app, request) == pushes, "it reads differently")


@check(Can.PUSH)
async def a_push_of_somebody_else_is_refused(channel: Channel, world: World) -> None:
    """Whoever has no secret can't make one."""
    sold = await world.sell([(await world.offer("会员月卡", 199_000), 1)])
    forged = await world.forge(sold)
    expect(forged, "nothing was forged")
    for request in forged:
        _expect_refused(channel, world, request, "a forged push")


@check(Can.PUSH)
async def what_is_no_push_is_refused(channel: Channel, world: World) -> None:
    """Whatever is posted to the address, it ends in the same error."""
    request, _, _ = await _pushes(channel, world)
    for body in (b"", b"{}", b"[]", b"<html>", b"\xff\xfe\x00", b"[" * 50_000, b"a=1&a=2"):
        _expect_refused(
            channel, world, replace(request, body=body, headers={}), f"{body[:9]!r} as a push"
        )


CHECKS: Final = (
    a_push_says_which_order_of_which_shop_to_read,
    a_push_that_was_taken_is_answered,
    a_push_repeated_is_known_by_its_number,
    a_push_of_somebody_else_is_refused,
    what_is_no_push_is_refused,
)
