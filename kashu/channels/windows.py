"""Windows: from when to when a platform is asked what changed, and how often."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from kashu.channels.channel import Bounds, Can, Channel, Page, Window
from kashu.channels.connections import ASK_EVERY_S, Connection
from kashu.channels.errors import ChannelUnclear

ASK_EVERY: Final = timedelta(seconds=0.9)  # each second's sweep finds it due
GLANCE: Final = timedelta(seconds=3)  # asked for again by most questions: many orders change …
LOOK_EVERY: Final = timedelta(seconds=30)  # … and so often all that may have come late
OVERLAP: Final = timedelta(minutes=1)  # asked for again then, for clocks that differ …
DEEP_OVERLAP: Final = timedelta(minutes=10)  # … and so much now and then, and after a failure
DEEP_EVERY_S: Final = 300
SECOND: Final = timedelta(seconds=1)  # as fine as platforms tell times
PAGES_MAX: Final = 10_000  # of one list: more is a list without end

Member = TypeVar("Member")


class Round(StrEnum):
    """How a platform is asked what changed."""

    GLANCE = "glance"  # each second: what changed just now
    LOOK = "look"  # now and then, beside glances: all that may have come late


def rounds_due(channel: Channel, at: datetime, connection: Connection) -> list[Round]:
    """Say how a platform is to be asked now. After a failure, and at first, all is looked at."""
    if connection.ok_at is None or connection.failures > 0:
        return [Round.LOOK]
    known = [
        until
        for can, until in (
            (Can.COLLECT, connection.orders_until),
            (Can.LIST_REFUNDS, connection.refunds_until),
        )
        if can in channel.can
    ]
    is_due = any(at - until > channel.bounds.lag + LOOK_EVERY for until in known)
    return [Round.GLANCE, Round.LOOK] if is_due else [Round.GLANCE]


def is_behind(bounds: Bounds, at: datetime, until: datetime) -> bool:
    """Whether more is to be looked at right away: what is known ends long ago."""
    return until < at - 2 * bounds.lag - OVERLAP


def glance_of(at: datetime, connection: Connection) -> Window:
    """Say what to ask for at a glance: what changed since the last one, and a little before."""
    assert connection.ok_at is not None, "it was looked at"
    asked_at = min(connection.next_at - every(connection), connection.ok_at, at)
    return Window(asked_at - GLANCE, at)


def look_of(
    bounds: Bounds, at: datetime, until: datetime, connection: Connection
) -> tuple[Window, datetime]:
    """Say what to ask for at a look, and until when all is known once that is answered.

    Up to now, since what is there already needn't wait; but what changed within the platform's lag
    is asked for again before it counts as known.
    """
    lag = max(bounds.lag, 2 * SECOND)
    deep = connection.ok_at is None or connection.failures > 0
    deep = deep or at.timestamp() // DEEP_EVERY_S != (until + lag).timestamp() // DEEP_EVERY_S
    overlap = min((DEEP_OVERLAP if deep else OVERLAP) + bounds.lag, bounds.window / 2)
    begin = max(until - overlap, at - bounds.history)
    end = min(begin + bounds.window, at)
    return Window(begin, end), max(min(end, at - lag), until)


def every(connection: Connection) -> timedelta:
    """How often a platform is asked: seldom where the merchant pays for each call."""
    wanted = connection.options.get(ASK_EVERY_S, "")
    return max(timedelta(seconds=int(wanted)), ASK_EVERY) if wanted.isdecimal() else ASK_EVERY


def forgotten(bounds: Bounds, at: datetime, until: datetime) -> Window | None:
    """What changed there that nobody can ask for any more: longer ago than the platform tells."""
    reach = at - bounds.history
    return Window(until, reach) if until < reach else None


async def pages_of(
    ask: Callable[[Window, str | None], Awaitable[Page[Member]]],
    window: Window,
    at: datetime,
    *,
    channel: str,
) -> AsyncIterator[Page[Member]]:
    """Read all pages of a window, so that whatever changed in a second that is over is among them.

    A list that is longer than a page is read as far as the last second that is over: what changes
    while we read would move others to where we have been. The rest is met by the next question.
    Raises: ChannelUnclear, and what `ask` does.
    """
    over = at.replace(microsecond=0) - SECOND
    page: str | None = None
    for _ in range(PAGES_MAX):
        told = await ask(window, page)
        yield told
        is_first, page = page is None, told.next
        if page is None:
            return
        if is_first and window.begin < over < window.end:
            window, page = Window(window.begin, over), None
    raise ChannelUnclear(channel=channel, said="pages without end")


async def unhurried(pages: AsyncIterator[Page[Member]]) -> AsyncIterator[Page[Member]]:
    """Rest after each page for as long as it took, so that a long list leaves time for others."""
    began_at = time.monotonic()
    async for told in pages:
        yield told
        await asyncio.sleep(time.monotonic() - began_at)
        began_at = time.monotonic()
