"""JSON that is read and written again without a change, for signatures over what was received."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from kashu.adapters.suppliers.texts import utf8


class _Number(str):
    """A number as it was written: 5.0 stays 5.0."""

    __slots__ = ()


def read_exact(body: bytes) -> dict[str, Any]:
    """Read an object. Raises: ValueError; a name that stands twice is one, too."""
    try:
        told = json.loads(
            utf8(body),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
        whole = _is_text(told)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(told, dict):
        raise ValueError("not an object")  # noqa: TRY004  (what came, not what we passed)
    if not whole:
        raise ValueError("half a character")
    return told


def _is_text(told: object) -> bool:
    """Whether all of it can be written: an escape may be half of a character."""
    try:
        json.dumps(told, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def write_exact(told: object, *, slash: str = "/") -> str:
    """Write compactly, names in their order; letters beyond ASCII aren't escaped.

    `slash`: how "/" is written in texts; PHP escapes it unless told otherwise.
    """
    if isinstance(told, _Number):
        return str(told)
    if isinstance(told, str):
        return _text(told, slash)
    if isinstance(told, Mapping):
        parts = (
            f"{_text(name, slash)}:{write_exact(each, slash=slash)}" for name, each in told.items()
        )
        return "{" + ",".join(parts) + "}"
    if isinstance(told, list):
        return "[" + ",".join(write_exact(each, slash=slash) for each in told) + "]"
    return json.dumps(told)


def _text(told: str, slash: str) -> str:
    return json.dumps(told, ensure_ascii=False).replace("/", slash)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name stands twice")
    return told


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
