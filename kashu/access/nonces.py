"""Nonces: each is used once. Requests that arrive together are written together."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from kashu.access.errors import NonceUsed
from kashu.core.db import CommitUnclear, Database, DatabaseBusy
from kashu.core.sql import Statement

BATCH_MAX: Final = 500
NOTE_USE_EVERY_S: Final = 60.0

# Not waiting for the disk is safe here. A nonce can only be forgotten when PostgreSQL itself
# crashes within the last moments (three times wal_writer_delay, 0.6 s), the request would have to
# be replayed inside its five minutes by somebody who saw it, and what it does carries an
# idempotency key, which is written with the effect and does wait. A crash of ours forgets nothing.
SETTINGS: Final = {"synchronous_commit": "off"}


@dataclass(frozen=True, slots=True)
class UsedNonce:
    """A nonce that was new."""

    key_id: UUID
    nonce: str


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key whose last use was noted."""

    id: UUID


_use = Statement(__file__, "nonces_use.sql", UsedNonce)
_note = Statement(__file__, "keys_used.sql", UsedKey)


@dataclass(slots=True)
class _Waiting:
    """One request that wants to go on."""

    key_id: UUID
    nonce: str
    outcome: asyncio.Future[bool]


@dataclass(slots=True)
class Nonces:
    """Writes nonces in groups: while one batch is being written, the next one gathers."""

    database: Database
    _gathering: dict[int, list[_Waiting]] = field(default_factory=dict)
    _writers: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _noted: dict[UUID, float] = field(default_factory=dict)

    async def use(self, tenant_id: int, key_id: UUID, nonce: str) -> None:
        """Return when the nonce is written and was new.

        Raises: NonceUsed; DatabaseBusy, in which case nothing was done and another nonce may be
        tried.
        """
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._gathering.setdefault(tenant_id, []).append(_Waiting(key_id, nonce, outcome))
        if tenant_id not in self._writers:
            self._writers[tenant_id] = asyncio.create_task(self._write(tenant_id))
        if not await outcome:
            raise NonceUsed

    async def _write(self, tenant_id: int) -> None:
        """Write batches until none gathers."""
        try:
            while waiting := self._gathering.pop(tenant_id, None):
                if len(waiting) > BATCH_MAX:
                    self._gathering[tenant_id] = waiting[BATCH_MAX:]
                    waiting = waiting[:BATCH_MAX]
                await self._write_batch(tenant_id, waiting)
        finally:
            del self._writers[tenant_id]

    async def _write_batch(self, tenant_id: int, waiting: list[_Waiting]) -> None:
        wanted: dict[tuple[UUID, str], _Waiting] = {}
        for one in waiting:
            if (one.key_id, one.nonce) in wanted:
                _settle(one.outcome, is_new=False)  # the same nonce twice in one batch
            else:
                wanted[one.key_id, one.nonce] = one
        try:
            new = await self._insert(tenant_id, wanted)
        except BaseException as error:
            # An unclear commit too: the request itself has not begun, so nothing was done.
            told = DatabaseBusy() if isinstance(error, CommitUnclear) else error
            for one in wanted.values():
                if not one.outcome.done():
                    one.outcome.set_exception(told)
            if not isinstance(error, Exception):
                raise
            return
        for identity, one in wanted.items():
            _settle(one.outcome, is_new=identity in new)

    async def _insert(
        self, tenant_id: int, wanted: dict[tuple[UUID, str], _Waiting]
    ) -> set[tuple[UUID, str]]:
        now_s = time.monotonic()
        due = {
            key
            for key, _ in wanted
            if now_s - self._noted.get(key, -NOTE_USE_EVERY_S) >= NOTE_USE_EVERY_S
        }
        async with self.database.transaction(tenant_id, settings=SETTINGS) as tx:
            used = await _use(
                tx,
                tenant=tenant_id,
                keys=[key for key, _ in wanted],
                nonces=[nonce for _, nonce in wanted],
            )
            if due:
                await _note(tx, tenant=tenant_id, keys=sorted(due))
        if len(self._noted) > 10 * BATCH_MAX:
            self._noted.clear()
        self._noted.update(dict.fromkeys(due, now_s))
        return {(row.key_id, row.nonce) for row in used}


def _settle(outcome: asyncio.Future[bool], *, is_new: bool) -> None:
    if not outcome.done():  # the client may have gone away meanwhile
        outcome.set_result(is_new)
