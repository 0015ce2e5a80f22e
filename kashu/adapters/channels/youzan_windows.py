"""Pages of what changed in a window, last page first, in slices that Youzan's limits allow.

A list gets shorter while it is read: what changes again leaves the window, and everything behind
it moves up. From the last page to the first nothing is missed, some is seen twice.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from kashu.adapters.channels.youzan_answers import unclear
from kashu.channels.channel import Window

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """A page as Youzan gives it, and how many rows all pages have."""

    rows: Sequence[Row]
    total: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a page is, and the last one that may be asked for."""

    size: int
    pages: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a window we are: a slice of it in unix seconds, and a page; 0: not counted yet."""

    begin: int
    end: int
    page: int

    def written(self) -> str:
        return f"{self.begin}.{self.end}.{self.page}"


async def walk(
    window: Window,
    place: str | None,
    limits: Limits,
    ask: Callable[[datetime, datetime, int], Awaitable[Found[Row]]],
) -> tuple[Sequence[Row], str | None]:
    """Read one page of a window and say where the next one is.

    `ask` takes a slice, both ends belonging to it, and the number of a page, from 1 on.
    """
    whole_end = math.ceil(window.end.timestamp())
    at = _read(place) or _Place(int(window.begin.timestamp()), whole_end, 0)
    rows: Sequence[Row] = ()
    if at.page == 0:
        at, rows = await _count(at, limits, ask)
        if at.page > 1:  # what is new is told at once, and again in its turn
            return rows, at.written()
    else:
        rows = (await ask(*_times(at), at.page)).rows
    if at.page > 1:
        return rows, _Place(at.begin, at.end, at.page - 1).written()
    if at.end < whole_end:
        return rows, _Place(at.end, whole_end, 0).written()
    return rows, None


async def _count(
    at: _Place,
    limits: Limits,
    ask: Callable[[datetime, datetime, int], Awaitable[Found[Row]]],
) -> tuple[_Place, Sequence[Row]]:
    """Find a slice that fits into the pages allowed, and its last page; its rows, if the only."""
    while True:
        first = await ask(*_times(at), 1)
        pages = max(1, math.ceil(first.total / limits.size))
        if pages <= limits.pages:
            break
        if at.end - at.begin < 2:  # noqa: PLR2004  (a second can't be halved)
            raise unclear("more changes in a second than can be read")
        at = _Place(at.begin, (at.begin + at.end) // 2, 0)
    return _Place(at.begin, at.end, pages), first.rows


def _times(at: _Place) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(at.begin, UTC), datetime.fromtimestamp(at.end, UTC)


def _read(place: str | None) -> _Place | None:
    if place is None:
        return None
    begin, end, page = (int(part) for part in place.split("."))
    return _Place(begin, end, page)
