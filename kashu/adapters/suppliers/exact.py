"""Numbers in other people's JSON, read as they are written: never through a float."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final, TypeVar

import msgspec

from kashu.core.money import AMOUNT_MAX_E4, E4, TOTAL_MAX_E4, format_amount

Row = TypeVar("Row")

_SAFE: Final = re.compile(r"[\w .:-]{1,40}", re.ASCII)
_WHOLE: Final = Decimal(1)


class Unreadable(ValueError):
    """What stands there can't be what it should be. Its text never holds the value."""


def e4_of(written: Decimal, *, most_e4: int = TOTAL_MAX_E4, up: bool = False) -> int:
    """Turn an amount into ten-thousandths; what is finer is rounded, with `up` against us.

    Raises: Unreadable, also for less than nothing and more than anybody has.
    """
    try:
        if not written.is_finite() or not 0 <= written <= most_e4:
            raise Unreadable("an amount")
        rounded = (written * E4).quantize(_WHOLE, ROUND_CEILING if up else ROUND_HALF_UP)
    except InvalidOperation as error:
        raise Unreadable("an amount") from error
    amount_e4 = int(rounded)
    if amount_e4 > most_e4:
        raise Unreadable("an amount")
    return amount_e4


def price_e4(written: Decimal) -> int:
    """Turn what one costs into ten-thousandths, rounded up. Raises: Unreadable."""
    return e4_of(written, most_e4=AMOUNT_MAX_E4, up=True)


def number_of(amount_e4: int) -> msgspec.Raw:
    """Write an amount as a JSON number."""
    return msgspec.Raw(format_amount(amount_e4).encode())


def moment(written: str | None) -> datetime | None:
    """Read an ISO time that says its zone; None for what isn't one."""
    try:
        read = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return None if read.tzinfo is None else read.astimezone(UTC)


def code_of(said: object) -> str:
    """A code of theirs, where it is short and plain enough to be shown; else "?"."""
    text = str(said)
    return text if _SAFE.fullmatch(text) else "?"


def apart(rows: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], Row]) -> tuple[list[Row], int]:
    """Read the rows that can be read, and count the others."""
    good: list[Row] = []
    wrong = 0
    for row in rows:
        try:
            good.append(read(row))
        except (msgspec.DecodeError, UnicodeDecodeError, Unreadable):
            wrong += 1
    return good, wrong
