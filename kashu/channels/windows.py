"""Windows: from when to when a platform is asked what changed, and how often."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from kashu.channels.channel import Bounds, Channel, Page, Window
from kashu.channels.connections import ASK_EVERY_S, Connection
from kashu.channels.errors import ChannelUnclear

ASK_EVERY: Final = timedelta(seconds=0.9)  # each second's sweep finds it due
GLANCE: Final = timedelta(seconds=3)  # asked for again by most questions: many orders change …
LOOK_EVERY: Final = timedelta(seconds=30)  # … but so often all that may have come late
OVERLAP: Final = timedelta(minutes=1)  # asked for again then, for clocks that differ …
DEEP_OVERLAP: Final = timedelta(minutes=10)  # … and so much now and then, and after a failure
DEEP_EVERY_S: Final = 300
SECOND: Final = timedelta(seconds=1)  # as fine as platforms tell times
PAGES_MAX: Final = 10_000  # of one list: more is a list without end

Member = TypeVar("Member")


def window_of(
    channel: Channel, at: datetime, until: datetime, connection: Connection
) -> tuple[Window, datetime]:
    """Say what to ask for, and until when all is known once that is answered.

    Up to now, since what is there already needn't wait; but what changed within the platform's lag
    is asked for again before it counts as known.
    """
    bounds, before = channel.bounds, connection.ok_at
    deep = before is None or at.timestamp() // DEEP_EVERY_S != before.timestamp() // DEEP_EVERY_S
    deep = deep or connection.failures > 0
    if before is not None and not deep and at - until <= bounds.lag + LOOK_EVERY:
        asked_at = min(connection.next_at - every(connection), before, at)
        return Window(asked_at - GLANCE, at), until
    overlap = min((DEEP_OVERLAP if deep else OVERLAP) + bounds.lag, bounds.window / 2)
    begin = max(until - overlap, at - bounds.history)
    end = min(begin + bounds.window, at)
    return Window(begin, end), max(min(end, at - max(bounds.lag, 2 * SECOND)), until)


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
