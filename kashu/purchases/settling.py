"""Settling: answers that arrive close together are written down in one transaction."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.core.errors import KashuError
from kashu.purchases.buyer import Buyer
from kashu.purchases.reads import Attempt
from kashu.purchases.settle import Answer, settle_all

TOGETHER: Final = 32  # answers a transaction
APART_S: Final = 0.025


@dataclass(slots=True, eq=False)
class _Pending:
    answer: Answer
    purchase_id: UUID
    settled: "asyncio.Future[Attempt]"


class Settling:
    """Writes down a merchant's answers, as they come, one transaction at a time."""

    def __init__(self, buyer: Buyer) -> None:
        """Prepare; nothing runs before the first answer."""
        self._buyer = buyer
        self._pending: deque[_Pending] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def settle(self, answer: Answer, purchase_id: UUID) -> Attempt:
        """Write down what was learnt of an attempt; return it as it is once that is committed.

        What one answer breaks it breaks for itself: the others of its transaction are written
        again, each alone. Raises what settle() does.
        """
        settled: asyncio.Future[Attempt] = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(answer, purchase_id, settled))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await settled

    async def close(self) -> None:
        """Break off what is being written: it is rolled back."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write_all(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._pending:
            await asyncio.sleep(max(0.0, self._not_before - clock()))
            self._not_before = clock() + APART_S
            await self._write(self._next())

    def _next(self) -> list[_Pending]:
        """Some that wait, the oldest first; of a purchase no two."""
        batch: dict[UUID, _Pending] = {}
        later: list[_Pending] = []
        while self._pending and len(batch) < TOGETHER:
            each = self._pending.popleft()
            if each.purchase_id in batch:
                later.append(each)
            else:
                batch[each.purchase_id] = each
        self._pending.extendleft(reversed(later))
        return list(batch.values())

    async def _write(self, batch: list[_Pending]) -> None:
        try:
            async with self._buyer.transaction() as tx:
                attempts = await settle_all(tx, [each.answer for each in batch])
        except Exception as error:  # noqa: BLE001  (whoever waits gets it, a bug of ours too)
            busy = isinstance(error, KashuError) and error.status >= 500  # noqa: PLR2004
            if len(batch) == 1 or busy:
                for each in batch:
                    _fail(each, error)
            else:
                for each in batch:
                    await self._write([each])
        else:
            for each, attempt in zip(batch, attempts, strict=True):
                if not each.settled.done():
                    each.settled.set_result(attempt)


def _fail(pending: _Pending, error: Exception) -> None:
    if not pending.settled.done():
        pending.settled.set_exception(error)
        pending.settled.exception()  # whoever waited may be gone: that is no one's bug
