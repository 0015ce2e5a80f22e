"""Arrivals: cards on their way into stock, in a table of this transaction's own."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from kashu.core.db import Tx, driver, plan_for_any_tenant

# `place` is the row of the file, or the place in the batch, counted from 1.
_TABLE: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS arriving (
    place integer NOT NULL, id uuid NOT NULL, lot_id uuid NOT NULL,
    blind_index bytea NOT NULL, sealed bytea NOT NULL, tail text NOT NULL
) ON COMMIT DROP
"""
_COPY: Final = (
    "COPY pg_temp.arriving (place, id, lot_id, blind_index, sealed, tail)"
    " FROM STDIN (FORMAT binary)"
)

# PostgreSQL's binary COPY: a signature, flags and an empty extension; each row its number of
# fields and each field its length; at the end -1.
# Source: postgresql.org/docs/18/sql-copy.html, "Binary Format".
_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
_FIXED: Final = struct.Struct("!hiii16si16si32si")
_LENGTH: Final = struct.Struct("!i")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some cards as COPY wants them, and the lots among theirs that no chunk before had."""

    count: int
    rows: bytes = field(repr=False)
    new_lots: Sequence[tuple[UUID, date | None]]


def arrival(
    place: int, card_id: bytes, lot_id: bytes, *, blind_index: bytes, sealed: bytes, tail: str
) -> bytes:
    """Write one card as COPY wants it; ids as their 16 bytes."""
    shown = tail.encode()
    fixed = _FIXED.pack(6, 4, place, 16, card_id, 16, lot_id, 32, blind_index, len(sealed))
    return fixed + sealed + _LENGTH.pack(len(shown)) + shown


async def no_arrivals(tx: Tx) -> None:
    """Begin with an empty table, where each row will be looked up among the cards there are.

    Nobody else sees it, and it is gone when `tx` ends.
    """
    await plan_for_any_tenant(tx)
    await tx.exec_driver_sql(_TABLE)
    await clear_arrivals(tx)


async def clear_arrivals(tx: Tx) -> None:
    """Empty the table for the next chunk."""
    await tx.exec_driver_sql("TRUNCATE pg_temp.arriving")


async def add_arrivals(tx: Tx, rows: bytes) -> None:
    """Put rows made by arrival() into the table."""
    connection = await driver(tx)
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        await copy.write(_BEGIN)
        await copy.write(rows)
        await copy.write(_END)
