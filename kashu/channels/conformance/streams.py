"""Promises of streams: they name orders, tell again what was not taken, let no stranger in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from kashu.channels.channel import Can, Channel, Push, Signal
from kashu.channels.conformance.world import NotConforming, World, check, expect
from kashu.channels.streaming import Stream, Streaming
from kashu.core.errors import OutsideError
from kashu.core.secrets import Secret

PATIENCE_S: Final = 10.0
QUIET_S: Final = 0.3  # long enough for what is told again at once
REPEATS: Final = 20  # what comes more often isn't acknowledged


def _streaming(channel: Channel, world: World) -> Streaming:
    if not isinstance(channel, Streaming):
        raise NotConforming("it can stream, it says, and lacks the methods")
    expect(channel.streams(world.link.app.options), "it doesn't want what its options ask for")
    return channel


@asynccontextmanager
async def _listening(channel: Channel, world: World) -> AsyncIterator[Stream]:
    streaming = _streaming(channel, world)
    await streaming.permit_stream(world.link)
    async with streaming.stream(replace(world.link, grant=None), world.sockets) as stream:
        yield stream


async def _orders_told(stream: Stream) -> list[Push]:
    """Wait for the first pushes of orders, and don't acknowledge them."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = await stream.told()
                orders = [push for push in told.pushes if push.signal is Signal.ORDER]
                if orders:
                    return orders
                await stream.taken(told)
    except TimeoutError as error:
        raise NotConforming("nothing is told of a paid order") from error


async def _sell(world: World) -> str:
    return (await world.sell([(await world.offer("会员月卡", 199_000), 1)])).order_id


@check(Can.STREAM)
async def a_stream_says_which_order_of_which_shop_to_read(channel: Channel, world: World) -> None:
    """And nothing of it is believed but that. A shop may be admitted again and again."""
    streaming = _streaming(channel, world)
    await streaming.permit_stream(world.link)
    async with _listening(channel, world) as stream:
        order_id = await _sell(world)
        push = (await _orders_told(stream))[0]
        expect(push.order_id == order_id, "it names another order")
        grant = world.link.grant
        expect(grant is not None and push.shop_id == grant.shop_id, "it names another shop")


@check(Can.STREAM)
async def what_was_not_taken_is_told_again(channel: Channel, world: World) -> None:
    """Also on another stream: who was told may have died."""
    async with _listening(channel, world) as stream:
        order_id = await _sell(world)
        await _orders_told(stream)
    await world.tell_again()
    async with _listening(channel, world) as stream:
        expect((await _orders_told(stream))[0].order_id == order_id, "it isn't told again")


@check(Can.STREAM)
async def what_was_taken_is_not_told_again(channel: Channel, world: World) -> None:
    """Once all is taken there is silence."""
    async with _listening(channel, world) as stream:
        await _sell(world)
        for _ in range(REPEATS):
            try:
                async with asyncio.timeout(QUIET_S):
                    await stream.taken(await stream.told())
            except TimeoutError:
                break
        await world.tell_again()
        try:
            async with asyncio.timeout(QUIET_S):
                await stream.told()
        except TimeoutError:
            return
    raise NotConforming("what was taken is told again and again")


@check(Can.STREAM)
async def an_application_with_another_secret_hears_nothing(channel: Channel, world: World) -> None:
    """And the error tells no secret."""
    streaming = _streaming(channel, world)
    await streaming.permit_stream(world.link)
    await _sell(world)
    secret = "a secret that nobody has"  # noqa: S105  (it is none)
    app = replace(world.link.app, secret=Secret(secret))
    bare = replace(world.link, app=app, grant=None)
    try:
        async with asyncio.timeout(PATIENCE_S), streaming.stream(bare, world.sockets) as stream:
            await stream.told()
    except OutsideError as error:
        expect(secret not in f"{error!r} {error.text('zh')} {error.text('en')}", "it tells it")
    except Exception as error:
        raise NotConforming(f"a stranger's stream ended in {type(error).__name__}") from error
    else:
        raise NotConforming("a stranger is told of orders")


CHECKS: Final = (
    a_stream_says_which_order_of_which_shop_to_read,
    what_was_not_taken_is_told_again,
    what_was_taken_is_not_told_again,
    an_application_with_another_secret_hears_nothing,
)
