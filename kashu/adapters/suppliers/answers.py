"""Answers as JSON, and what stands in them: read without keeping what can't be read."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from kashu.core.clock import SHANGHAI

BEIJING: Final = ZoneInfo(SHANGHAI)
NEVER: Final = 1970
LATEST: Final = 253_402_214_400  # the year 9999: what is later is no time

Told = TypeVar("Told")
Row = TypeVar("Row")


def read_answer(body: bytes | msgspec.Raw, told: type[Told]) -> Told:
    """Read JSON; numbers are decimal. Raises: ValueError, which doesn't hold what was read.

    A whole number may stand in quotes: programs in PHP write it either way.
    """
    try:
        return msgspec.json.decode(body, type=told, strict=False)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass  # the error of the reader's own may repeat a card
    raise ValueError("unreadable answer")


def read_each(
    rows: Sequence[msgspec.Raw], read: Callable[[msgspec.Raw], Row]
) -> tuple[list[Row], int]:
    """Read the rows that can be read, and count the others: one doesn't hold up the rest."""
    good: list[Row] = []
    for row in rows:
        try:
            good.append(read(row))
        except ValueError:
            continue
    return good, len(rows) - len(good)


def beijing(written: str, form: str) -> datetime | None:
    """Read a time that doesn't tell its zone; None for what isn't one."""
    try:
        return datetime.strptime(written, form).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def moment_of(seconds: int | str | None) -> datetime | None:
    """Read seconds since 1970; None for what isn't a time."""
    written = "" if seconds is None else str(seconds)
    if not (written.isascii() and written.isdecimal() and 0 < int(written[:13]) < LATEST):
        return None
    return datetime.fromtimestamp(int(written[:13]), BEIJING)


def plain(told: str | int | None) -> str:
    """A text that may have come as a number; empty, where none came."""
    return "" if told is None else str(told)


def last_day(ends_at: datetime | None) -> date | None:
    """The last day on which something works that ends then: of midnight, the day before.

    A time before 1971 is how programs write that there is none.
    """
    if ends_at is None or ends_at.year <= NEVER:
        return None
    return (ends_at.astimezone(BEIJING) - timedelta(seconds=1)).date()
