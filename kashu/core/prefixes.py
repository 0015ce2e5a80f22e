"""Prefixes: find by how something begins or ends, by an index whatever a database's collation."""

import unicodedata
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Computed, Text, and_, cast, func

LAST: Final = "\U0010ffff"  # sorts behind all that people type
END_MIN: Final = 4  # characters: fewer end too many
_HEX: Final = frozenset("0123456789abcdef")
_ID_CHARS: Final = 32
_ID_CHARS_MIN: Final = 8  # fewer would be half of all ids: they begin with the time


def typed(written: str) -> str:
    """What somebody typed or pasted: full-width characters as others, nothing around it."""
    plain = unicodedata.normalize("NFKC", written)
    return "".join(char for char in plain if unicodedata.category(char) != "Cf").strip()


def begins_with(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    """Say that a text begins so, as a range that an index on it serves."""
    return and_(column >= prefix, column <= prefix + LAST, func.left(column, len(prefix)) == prefix)


def end_of(column: str) -> Computed:
    """Compute what texts are found by that end alike: few bytes, of their last END_MIN characters.

    A hash, and not the text from its end on: a row that grows wider seems to be one of so few to a
    planner who hasn't seen the table yet that any index of a tenant's looks as good as its key.
    An index on it is declared where it isn't NULL, which keeps it out of all other statements.
    """
    return Computed(f'hashtext("right"({column}, {END_MIN}))', persisted=True)


def ends_with(
    column: ColumnElement[Any], hashed: ColumnElement[Any], end: str
) -> ColumnElement[bool]:
    """Say that a text ends so, in END_MIN characters or more; an index on `hashed` serves."""
    alike = func.hashtext(func.right(cast(end, Text), END_MIN))
    return and_(hashed == alike, func.right(column, len(end)) == end)


def id_begins_with(column: ColumnElement[Any], written: str) -> ColumnElement[bool] | None:
    """Say that an id begins so; None where no id does, or too many would."""
    plain = written.replace("-", "").lower()
    if not _ID_CHARS_MIN <= len(plain) <= _ID_CHARS or not _HEX.issuperset(plain):
        return None
    return column.between(
        UUID(hex=plain.ljust(_ID_CHARS, "0")), UUID(hex=plain.ljust(_ID_CHARS, "f"))
    )


def contains(column: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Say that a text has this in it, in capitals or not. Of short lists only: no index serves."""
    return func.strpos(func.lower(column), part.lower()) > 0
