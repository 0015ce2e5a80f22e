"""Arrays as PostgreSQL reads them: the driver escapes each member by itself, six times slower."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moment(moment: date) -> str:
    return f'"{moment.isoformat()}"'


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    UUID: lambda value: value.hex,
    int: str,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: f'"\\\\x{value.hex()}"',
    str: _quoted,
    date: _moment,
    datetime: _moment,
}


def array_literal(values: Sequence[Any]) -> str:
    """Write a list of one type, with None for NULL, for a parameter that is cast to its array.

    Types: UUID, int, bool, str and its enums, bytes, date, datetime. Source: PostgreSQL manual,
    8.15.6 "Array Input and Output Syntax".
    """
    first = next((value for value in values if value is not None), None)
    if first is None:
        return "{" + ",".join(["NULL"] * len(values)) + "}"
    write = _WRITERS.get(type(first)) or _WRITERS[str if isinstance(first, str) else int]
    if None in values:
        return "{" + ",".join(["NULL" if value is None else write(value) for value in values]) + "}"
    return "{" + ",".join(map(write, values)) + "}"
