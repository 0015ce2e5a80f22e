"""Windows: a list that goes on changing while it is read, newest first, page by page."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from kashu.channels.channel import Page, Window
from kashu.channels.errors import ChannelUnclear
from kashu.channels.windows import pages_of

AT = datetime(2026, 11, 23, 12, 0, 5, 400_000, tzinfo=UTC)
WINDOW = Window(AT - timedelta(minutes=10), AT)
SIZE = 2


@dataclass
class Changes:
    """A platform's list: times in whole seconds, both ends of a window belong to it."""

    changed: dict[str, datetime]
    during: list[tuple[str, datetime]] = field(default_factory=list)  # one after each page
    windows: list[Window] = field(default_factory=list)

    async def page(self, window: Window, page: str | None) -> Page[str]:
        """Backwards, from the last page to the first."""
        self.windows.append(window)
        end = window.end + timedelta(microseconds=999_999)
        found = sorted(
            (name for name, at in self.changed.items() if window.begin <= at <= end),
            key=lambda name: self.changed[name],
            reverse=True,
        )
        last = -(-len(found) // SIZE)
        number = int(page or max(last, 1))
        told = found[(number - 1) * SIZE : number * SIZE]
        if self.during:
            name, at = self.during.pop(0)
            self.changed[name] = at
        return Page(told, str(number - 1) if number > 1 else None)


def seconds_ago(seconds: int) -> datetime:
    return AT.replace(microsecond=0) - timedelta(seconds=seconds)


async def names_of(changes: Changes, window: Window) -> list[str]:
    pages = [told async for told in pages_of(changes.page, window, AT, channel="shop")]
    return [name for told in pages for name in told.members]


async def test_a_short_list_is_read_up_to_this_moment() -> None:
    changes = Changes({"a": seconds_ago(0), "b": seconds_ago(60)})
    read = await names_of(changes, WINDOW)
    assert read == ["a", "b"]
    assert changes.windows == [WINDOW]


async def test_nothing_is_missed_that_was_there_when_orders_come_in_meanwhile() -> None:
    there = {f"old-{n}": seconds_ago(30 + n) for n in range(9)}
    come = [(f"new-{n}", seconds_ago(0)) for n in range(7)]
    changes = Changes(dict(there), during=list(come))
    read = set(await names_of(changes, WINDOW))
    assert read >= there.keys()


async def test_what_changes_again_meanwhile_hides_nothing() -> None:
    there = {f"old-{n}": seconds_ago(30 + n) for n in range(9)}
    again = [(f"old-{n}", seconds_ago(0)) for n in (8, 0, 4, 7, 2)]
    changes = Changes(dict(there), during=list(again))
    read = set(await names_of(changes, WINDOW))
    # Who changed again is met by the next question; all the others were met by this one.
    assert read >= there.keys() - {name for name, _ in again}


async def test_a_window_of_the_past_is_read_once() -> None:
    past = Window(WINDOW.begin, AT - timedelta(minutes=5))
    changes = Changes({f"old-{n}": past.end - timedelta(seconds=n + 1) for n in range(5)})
    read = await names_of(changes, past)
    assert sorted(read) == sorted(changes.changed)
    assert set(map(str, changes.windows)) == {str(past)}


async def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kashu.channels.windows.PAGES_MAX", 3)

    async def endless(_: Window, __: str | None) -> Page[str]:
        return Page(["a"], "again")

    with pytest.raises(ChannelUnclear) as refused:
        async for _ in pages_of(endless, WINDOW, AT, channel="shop"):
            pass
    assert refused.value.facts["channel"] == "shop"
