"""Things sought among many: by what their code or name contains, or as certain ones."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from kashu.core.naming import is_code
from kashu.core.prefixes import contains, typed

WRITTEN_MAX: Final = 100
WHICH_MAX: Final = 100
_CODE_CHARS_MAX: Final = 60  # of the longest that anything has


@dataclass(frozen=True, slots=True)
class Sought:
    """Which things are wanted; None: whichever."""

    written: str | None = None  # in their code or name, as somebody typed it
    which: Collection[str] | None = None  # each by its code or its id

    def conditions(
        self, ids: ColumnElement[Any], codes: ColumnElement[Any], *names: ColumnElement[Any]
    ) -> list[ColumnElement[bool]]:
        """Say it in SQL, of a table's columns."""
        said: list[ColumnElement[bool]] = []
        if part := typed(self.written or ""):
            said.append(or_(*(contains(column, part) for column in (codes, *names))))
        if self.which is not None:
            known = {id_ for each in self.which if (id_ := _id_of(each)) is not None}
            called = {each for each in self.which if is_code(each, chars_max=_CODE_CHARS_MAX)}
            said.append(or_(ids.in_(known), codes.in_(called)))
        return said


def _id_of(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
