"""Numbers in other people's JSON, read as they are written: never through a float."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final, TypeVar

import msgspec

from kashu.core.money import AMOUNT_MAX_E4, E4, TOTAL_MAX_E4, format_amount

Row = TypeVar("Row")
Told = TypeVar("Told")

# Letters, or a short number: a word with both may be a card that stands in the wrong place.
_SAFE: Final = re.compile(r"[A-Za-z][A-Za-z_.:-]{0,39}|HTTP [0-9]{3}|-?[0-9]{1,5}", re.ASCII)
_WHOLE: Final = Decimal(1)


class Unreadable(ValueError):
    """What stands there can't be what it should be. Its text never holds the value."""


def decoded(body: bytes | str | msgspec.Raw, told: type[Told]) -> Told:
    """Read JSON. Raises: Unreadable, which holds nothing of what was read."""
    try:
        return msgspec.json.decode(body, type=told)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass  # the error of the reader's own may repeat a card
    raise Unreadable("JSON")


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
        return None if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 may be the year 0 elsewhere
        return None


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
        except Unreadable:
            wrong += 1
    return good, wrong
