"""Intake: orders that arrive while a batch is being written form the next one (group commit)."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kashu.access.keyring import Keyrings
from kashu.core.clock import SHANGHAI, Clock, now
from kashu.core.db import AlreadyThere, Database
from kashu.core.errors import KashuError
from kashu.orders.errors import IntakeFull, RequestInFlight
from kashu.orders.requests import Remembered
from kashu.orders.write import Answered, Submission, replay, write

BATCH_ORDERS: Final = 500  # beyond this a batch gains nothing and its first order waits longer
BATCH_UNITS: Final = 10_000  # as many as one bulk order; each unit is a row and some memory
WRITERS: Final = 2  # of a tenant: while the database writes one batch, we compose the next …
SECOND_AT: Final = BATCH_ORDERS // 4  # … once as many wait: two small batches cost more than one
# Who was just answered asks again in a moment: after a batch of many, one that waits for them costs
# less than two small ones. Most of all where several processes wait for the same SKUs.
MANY: Final = 8
LINGER_S: Final = 0.003
WAITING_ORDERS: Final = 20_000  # about two seconds of work: more is refused before any effect
WAITING_UNITS: Final = 100_000

# The batch's statements are planned once a connection, not each time; and since the tables may have
# been small then, never with a scan that grows with them.
SETTINGS: Final[Mapping[str, str]] = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
}


@dataclass(slots=True, eq=False)
class _Pending:
    submission: Submission
    timezone: str
    orders: int
    units: int
    answer: "asyncio.Future[Answered]"


@dataclass(slots=True)
class _Queue:
    pending: deque[_Pending] = field(default_factory=deque)
    orders: int = 0  # that wait
    units: int = 0  # that they want
    writers: "set[asyncio.Task[None]]" = field(default_factory=set)
    in_flight: set[tuple[str, str]] = field(default_factory=set)


class Intake:
    """Writes the orders of each tenant in batches, a few of a tenant at a time.

    Nothing is remembered here that matters: a process that dies loses only requests it hasn't
    answered, and whoever repeats one with its key finds out what came of it.
    """

    def __init__(self, database: Database, keyrings: Keyrings, clock: Clock = now) -> None:
        self.database = database
        self._keyrings = keyrings
        self._clock = clock
        self._queues: dict[int, _Queue] = {}
        self._replays: set[asyncio.Task[None]] = set()  # or they could be collected under way

    async def submit(
        self, tenant_id: int, submission: Submission, timezone: str = SHANGHAI
    ) -> Answered:
        """Take a submission and return its answer once it is committed.

        Raises: RequestInFlight, IntakeFull (nothing was done), or what is wrong with it.
        """
        queue = self._queues.setdefault(tenant_id, _Queue())
        name = (submission.caller, submission.key)
        if name in queue.in_flight:
            raise RequestInFlight
        bodies = submission.body.orders
        orders, units = len(bodies), sum(line.quantity for body in bodies for line in body.lines)
        if queue.orders + orders > WAITING_ORDERS or queue.units + units > WAITING_UNITS:
            raise IntakeFull
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        queue.in_flight.add(name)
        queue.pending.append(_Pending(submission, timezone, orders, units, answer))
        queue.orders += orders
        queue.units += units
        if not queue.writers or (len(queue.writers) < WRITERS and queue.orders >= SECOND_AT):
            queue.writers.add(asyncio.create_task(self._write_all(tenant_id, queue)))
        return await answer  # who goes away cancels it, and its order is written all the same

    async def _write_all(self, tenant_id: int, queue: _Queue) -> None:
        writer = asyncio.current_task()
        assert writer is not None, "submit() makes a task of it"
        try:
            while queue.pending and (len(queue.writers) == 1 or queue.orders >= SECOND_AT):
                batch = _next_batch(queue)
                try:
                    await self._write(tenant_id, batch)
                finally:
                    for each in batch:
                        queue.in_flight.discard((each.submission.caller, each.submission.key))
                if len(batch) >= MANY and queue.orders < SECOND_AT:
                    await asyncio.sleep(LINGER_S)
        finally:  # without a pause since the look at `pending`: who comes next begins another
            queue.writers.discard(writer)

    async def _write(self, tenant_id: int, batch: Sequence[_Pending]) -> None:
        """Write a batch; if one member breaks it, write each by itself."""
        try:
            answers = await self._write_together(tenant_id, batch)
        except Exception as error:  # noqa: BLE001  (whoever asked gets it, a bug of ours too)
            alone = len(batch) == 1
            if alone and isinstance(error, AlreadyThere):  # another process had the same key
                await self._write_again(tenant_id, batch[0])
            elif alone or (isinstance(error, KashuError) and error.status >= 500):  # noqa: PLR2004
                for each in batch:
                    _settle(each, error)
            else:
                for each in batch:
                    await self._write(tenant_id, [each])
            return
        for each, answer in zip(batch, answers, strict=True):
            self._answer(tenant_id, each, answer)

    async def _write_again(self, tenant_id: int, pending: _Pending) -> None:
        """Its key is taken by now: what it gets is the first one's answer, or a conflict."""
        try:
            answer = (await self._write_together(tenant_id, [pending]))[0]
        except Exception as error:  # noqa: BLE001  (as above)
            _settle(pending, error)
        else:
            self._answer(tenant_id, pending, answer)

    def _answer(
        self, tenant_id: int, pending: _Pending, answer: Answered | Remembered | Exception
    ) -> None:
        """Hand an answer over. One that was given before has its cards opened again first.

        In a transaction of its own, and not in the way of the next batch: it takes other locks.
        """
        if not isinstance(answer, Remembered):
            _settle(pending, answer)
            return
        task = asyncio.create_task(self._replay(tenant_id, pending, answer))
        self._replays.add(task)
        task.add_done_callback(self._replays.discard)

    async def _replay(self, tenant_id: int, pending: _Pending, earlier: Remembered) -> None:
        try:
            async with self.database.transaction(tenant_id) as tx:
                answered = await replay(tx, tenant_id, earlier, self._keyrings)
        except Exception as error:  # noqa: BLE001  (as above)
            _settle(pending, error)
        else:
            _settle(pending, answered)

    async def _write_together(
        self, tenant_id: int, batch: Sequence[_Pending]
    ) -> list[Answered | Remembered | KashuError]:
        async with self.database.transaction(tenant_id, settings=SETTINGS) as tx:
            return await write(
                tx,
                tenant_id,
                [each.submission for each in batch],
                keyrings=self._keyrings,
                timezone=batch[0].timezone,
                at=self._clock(),
            )


def _next_batch(queue: _Queue) -> list[_Pending]:
    batch = [queue.pending.popleft()]
    orders, units = batch[0].orders, batch[0].units
    while (
        queue.pending
        and orders + queue.pending[0].orders <= BATCH_ORDERS
        and units + queue.pending[0].units <= BATCH_UNITS
    ):
        orders += queue.pending[0].orders
        units += queue.pending[0].units
        batch.append(queue.pending.popleft())
    queue.orders -= orders
    queue.units -= units
    return batch


def _settle(pending: _Pending, answer: Answered | Exception) -> None:
    if pending.answer.done():
        return
    if isinstance(answer, Exception):
        pending.answer.set_exception(answer)
        pending.answer.exception()  # whoever asked may be gone: that is no one's bug
    else:
        pending.answer.set_result(answer)
