"""Ids: UUID version 7, made by the program, so that a row is known before it is written."""

import os
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

_lock = threading.Lock()
_last_ms = 0
_counter = 0

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_COUNTER_MAX = 0xFFF


def new_id() -> UUID:
    """Make an id that sorts after those this process made before.

    48 bits of milliseconds, 12 bits counting up within one, 62 random bits.
    Source: RFC 9562, section 6.2, method 1.
    """
    return new_ids(1)[0]


def new_ids(count: int) -> list[UUID]:
    """Make `count` ids in rising order, with one look at the clock and one draw of randomness."""
    global _last_ms, _counter  # noqa: PLW0603  (the monotonic counter is this process's)
    noise = os.urandom(8 * count)
    made = []
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms, _counter = now_ms, 0
        for n in range(count):
            _counter += 1
            if _counter > _COUNTER_MAX:  # more than 4095 in a millisecond: borrow the next one
                _last_ms, _counter = _last_ms + 1, 0
            random = int.from_bytes(noise[8 * n : 8 * n + 8]) & 0x3FFF_FFFF_FFFF_FFFF
            made.append(
                UUID(int=_last_ms << 80 | _VERSION | _counter << 64 | _VARIANT | random),
            )
    return made


def first_id_at(moment: datetime) -> UUID:
    """The least id that could have been made at a moment: where a search by time begins."""
    return UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


def moment_of(made: UUID) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
