"""TOP's lists by time of change: the newest first, so that they must be read from their end.

An order that changes while we read leaves the window, and all behind it move one place towards the
front: read forwards, one would slip past us. Read backwards, it comes again at worst.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kashu.adapters.channels.taobao_calls import unclear
from kashu.adapters.channels.taobao_signing import write_time
from kashu.channels.channel import Window

PAGE_SIZE: Final = 100  # the largest allowed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading stands: the page to ask for, and how many rows there were before."""

    page: int = 1
    total: int | None = None

    def __str__(self) -> str:
        """Write it for the next question."""
        return f"{self.page}/{self.total}"


def read_place(written: str | None) -> Place:
    """Read where a reading stands. Raises: ChannelUnclear."""
    if written is None:
        return Place()
    page, _, total = written.partition("/")
    if not (page.isdecimal() and total.isdecimal()):
        raise unclear("not a page of ours")
    return Place(int(page), int(total))


def next_place(place: Place, total: int) -> str | None:
    """Say what to ask for after `place`, where there are now `total` rows.

    The first question is for page one: most lists end there. Longer ones go on at their last page
    and come back to the first. Where rows came in meanwhile, what we read has moved on and others
    have taken its place: begin again at the end.
    """
    last = -(-total // PAGE_SIZE)
    if place.total is None or total > place.total:
        return str(Place(last, total)) if last > 1 else None
    return str(Place(place.page - 1, total)) if place.page > 1 else None


def window_parameters(window: Window, place: Place) -> Mapping[str, str]:
    """Write a window and a page as TOP wants them. Whole seconds, rounded outwards."""
    end = window.end + timedelta(microseconds=999_999)
    return {
        "start_modified": write_time(window.begin),
        "end_modified": write_time(end),
        "page_no": str(place.page),
        "page_size": str(PAGE_SIZE),
        "use_has_next": "false",  # we need the total
    }
