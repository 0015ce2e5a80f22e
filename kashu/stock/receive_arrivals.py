"""Arrivals: cards on their way into stock, in a table of this transaction's own."""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Final, TypeAlias
from uuid import UUID

from kashu.core.db import Tx, driver

Write: TypeAlias = Callable[[bytes], Awaitable[None]]

# `place` is the row of the file, or the place in the batch, counted from 1. A card that never
# expires has expires_on 'infinity', so that lots can be joined by equality.
_TABLES: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS arriving (
    place integer NOT NULL, id uuid NOT NULL, blind_index bytea NOT NULL,
    expires_on date NOT NULL, sealed bytea NOT NULL, tail text NOT NULL
) ON COMMIT DROP;
CREATE TEMPORARY TABLE IF NOT EXISTS turned_away (
    place integer NOT NULL, reason text NOT NULL, first_place integer NOT NULL
) ON COMMIT DROP;
TRUNCATE pg_temp.arriving, pg_temp.turned_away
"""
_COPY: Final = (
    "COPY pg_temp.arriving (place, id, blind_index, expires_on, sealed, tail)"
    " FROM STDIN (FORMAT binary)"
)

# PostgreSQL's binary COPY: a signature, flags and an empty extension; each row its number of
# fields and each field its length; at the end -1.
# Source: postgresql.org/docs/18/sql-copy.html, "Binary Format".
_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
_FIXED: Final = struct.Struct("!hiii16si32siii")
_LENGTH: Final = struct.Struct("!i")
_EPOCH: Final = date(2000, 1, 1).toordinal()
_INFINITY: Final = 2**31 - 1


def arrival(
    place: int,
    card_id: UUID,
    blind_index: bytes,
    expires_on: date | None,
    *,
    sealed: bytes,
    tail: str,
) -> bytes:
    """Write one card as COPY wants it."""
    days = _INFINITY if expires_on is None else expires_on.toordinal() - _EPOCH
    shown = tail.encode()
    fixed = _FIXED.pack(6, 4, place, 16, card_id.bytes, 32, blind_index, 4, days, len(sealed))
    return fixed + sealed + _LENGTH.pack(len(shown)) + shown


@asynccontextmanager
async def arriving(tx: Tx) -> AsyncIterator[Write]:
    """Begin with no arrivals, and take what the block writes; its rows are made by arrival().

    The table is this transaction's: nobody else sees it, and it is gone when `tx` ends.
    """
    await tx.exec_driver_sql(_TABLES)
    connection = await driver(tx)
    async with connection.cursor() as cursor:
        async with cursor.copy(_COPY) as copy:
            await copy.write(_BEGIN)
            yield copy.write
            await copy.write(_END)
        # The planner can't guess what is in a table that was just made.
        await cursor.execute("ANALYZE pg_temp.arriving")
