"""Statements kept in .sql files beside the code that runs them."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from psycopg import AsyncCursor
from psycopg.abc import QueryNoTemplate
from psycopg.pq import PipelineStatus
from psycopg.rows import AsyncRowFactory

from kashu.core.arrays import array_literal
from kashu.core.db import Tx, driver

Row = TypeVar("Row")

STREAMED_AT_ONCE: Final = 1_000  # rows that are held at a time

_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")
_COMMENT: Final = re.compile(r"--[^\n]*")
_INCLUDED: Final = re.compile(r"^\\ir (\w+\.sql)$", re.MULTILINE)  # as psql writes it


def _read(path: Path) -> str:
    """Read a statement, with what it shares with others put in its place."""
    return _INCLUDED.sub(lambda found: _read(path.with_name(found[1])), path.read_text())


def _to_driver(written: str) -> str:
    """`:name` as this project writes it, `%(name)s` as psycopg reads it."""
    return _PARAMETER.sub(r"%(\1)s", _COMMENT.sub("", written).replace("%", "%%"))


def _rows_of(row: type[Row]) -> Callable[[Any], Callable[[Sequence[Any]], Row]]:
    names = [field.name for field in fields(cast("Any", row))]

    def factory(cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], Row]:
        got = [column.name for column in cursor.description or ()]
        assert got in ([], names), f"{row.__name__} has {names}, the statement returns {got}"
        return lambda values: row(*values)

    return factory


@asynccontextmanager
async def in_flight(tx: Tx) -> AsyncIterator[None]:
    """Send the block's statements one after another; wait only for those that return rows.

    So the database writes while we compose what it is told next. They run in order, each on what
    was committed when its turn came; one that fails undoes what follows it, and raises at the next
    that is waited for or at the end of the block. Only for statements kept in .sql files.
    """
    async with (await driver(tx)).pipeline():
        yield


class Statement(Generic[Row]):
    r"""One .sql file. Parameters are written `:name`; each row comes back as a `Row` dataclass.

    The columns a statement returns are the fields of its Row, in their order. A list becomes an
    array; its parameter is written with its type, `:ids::uuid[]`. A line `\ir other.sql` stands
    for what is in that file beside it: a rule that several statements have is written once.
    """

    def __init__(self, beside: str, name: str, row: type[Row]) -> None:
        self.path = Path(beside).with_name(name)
        written = _read(self.path)
        self.parameters = frozenset(_PARAMETER.findall(_COMMENT.sub("", written)))
        self._query = cast("QueryNoTemplate", _to_driver(written))
        self._factory = cast("AsyncRowFactory[Row]", _rows_of(row))
        self._returns = bool(fields(cast("Any", row)))

    async def __call__(self, tx: Tx, **values: object) -> list[Row]:
        """Run it, prepared; return its rows. One without rows isn't waited for in_flight()."""
        assert values.keys() == self.parameters, values.keys() ^ self.parameters
        connection = await driver(tx)
        written = {
            name: array_literal(value) if type(value) is list else value
            for name, value in values.items()
        }
        async with connection.cursor(binary=True, row_factory=self._factory) as cursor:
            await cursor.execute(self._query, written, prepare=True)
            answered = connection.pgconn.pipeline_status == PipelineStatus.OFF
            waits = cursor.description is not None if answered else self._returns
            return await cursor.fetchall() if waits else []

    async def stream(self, tx: Tx, **values: object) -> AsyncIterator[Row]:
        """Run it, taking its rows as they come: any number of them in bounded memory.

        Nothing else can be asked in `tx` before the last one. Not by a server-side cursor, which
        wouldn't be planned as plan_for_any_tenant() says.
        """
        assert values.keys() == self.parameters, values.keys() ^ self.parameters
        connection = await driver(tx)
        async with connection.cursor(row_factory=self._factory) as cursor:
            async for row in cursor.stream(self._query, values, size=STREAMED_AT_ONCE):
                yield row
