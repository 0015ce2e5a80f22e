"""Notes: what is written about many orders at the same moment goes in one transaction.

Each order is written about several times on its way, and a transaction for each time would be most
of the work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

from kashu.channels.leases import Advance, advance_all
from kashu.core.db import CommitUnclear, Database, Tx
from kashu.core.events import Event, record
from kashu.stock.hold import hold

GROUP_MAX: Final = 50  # notes a transaction

Then: TypeAlias = Callable[[Tx], Awaitable[Any]]


class Overtaken(Exception):
    """The order is ours no more."""


@dataclass(frozen=True, slots=True)
class _Note:
    advance: Advance
    event: Event | None
    then: Then | None
    skus: Collection[UUID]
    written: "asyncio.Future[Any]"


@dataclass(slots=True)
class _Queue:
    waiting: list[_Note] = field(default_factory=list)
    writing: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Notes:
    """Writes about one tenant's leased orders, together what waits together."""

    database: Database
    tenant_id: int
    # Those that open cards apart: they wait for cards' locks, and nobody is to wait with them.
    _plain: _Queue = field(default_factory=_Queue)
    _opening: _Queue = field(default_factory=_Queue)

    async def write(
        self,
        advance: Advance,
        event: Event | None = None,
        *,
        then: Then | None = None,
        skus: Collection[UUID] = (),
    ) -> Any:  # noqa: ANN401  (whatever `then` gives)
        """Say how far an order has come, what happened, and what `then` does; give its answer.

        `skus`: whose cards `then` opens; all of a group are held before any is opened.
        Returns once it is committed. One that fails fails alone; it may be tried twice before.
        Raises: Overtaken, what `then` raises, DatabaseBusy, CommitUnclear.
        """
        note = _Note(advance, event, then, skus, asyncio.get_running_loop().create_future())
        queue = self._opening if then else self._plain
        queue.waiting.append(note)
        if queue.writing is None:
            queue.writing = asyncio.create_task(self._write(queue))
        return await note.written

    async def _write(self, queue: _Queue) -> None:
        while queue.waiting:
            group, queue.waiting = queue.waiting[:GROUP_MAX], queue.waiting[GROUP_MAX:]
            if not await self._together(group):
                for note in group:
                    await self._together([note])
        queue.writing = None

    async def _together(self, group: list[_Note]) -> bool:
        """Write a group; False where nothing was, and each is to be tried alone."""
        answers: list[Any] = []
        try:
            async with self.database.transaction(self.tenant_id) as tx:
                # The orders first: who holds one may go on to cards, nobody the other way.
                ours = await advance_all(tx, self.tenant_id, [note.advance for note in group])
                await hold(tx, self.tenant_id, {sku for note in group for sku in note.skus})
                happened = []
                for note in group:
                    if note.advance.leased.id not in ours:
                        answers.append(Overtaken())
                        continue
                    answers.append(await note.then(tx) if note.then else None)
                    happened += [note.event] if note.event else []
                await record(tx, self.tenant_id, "system", happened)
        except Exception as error:  # noqa: BLE001  (told to whoever waits for it)
            if len(group) > 1 and not isinstance(error, CommitUnclear):
                return False
            answers = [error] * len(group)
        for note, answer in zip(group, answers, strict=True):
            if note.written.done():  # who waited is gone
                continue
            if isinstance(answer, Exception):
                note.written.set_exception(answer)
            else:
                note.written.set_result(answer)
        return True
