"""Desk: what platforms ask for at the same moment is answered in one transaction.

A transaction for each ask would keep the others waiting for its cards. Nothing is remembered here
that matters: who is answered finds it in the database, and asks again if we died.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from kashu.access.tenants import Tenant
from kashu.channels.ask import Outside
from kashu.channels.asking import Ask, Asked, Progress, Result
from kashu.channels.channel import ShopState
from kashu.channels.connections import Connection
from kashu.channels.kinds import Step
from kashu.channels.leases import Advance
from kashu.channels.shop_orders import KnownOrder, move
from kashu.channels.tickets import Name, asked_orders, see_asks
from kashu.core.clock import day_of
from kashu.core.db import CommitUnclear, Database, Tx
from kashu.core.errors import KashuError
from kashu.core.events import Event
from kashu.delivery.asked import Answer, note_failed, say_all
from kashu.delivery.errors import AnswerPutOff, TooManyAsks
from kashu.delivery.notes import Notes, Overtaken

WAITING_MAX: Final = 200  # asks of a tenant: about a second of work; who comes besides comes again
GROUP_MAX: Final = 50  # asks a transaction
# A platform waits less than a second: who can't have a lock soon says "in progress", and tells it
# later.
HURRY: Final = {"lock_timeout": "250ms"}

_TOLD: Final = frozenset({Step.SENT, Step.CONFIRMED, Step.ENDED})  # it may have heard how it ended

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Waiting:
    whose: Tenant
    connection: Connection
    asked: Asked
    answer: "asyncio.Future[Answer]"

    @property
    def name(self) -> Name:
        of = self.asked
        number = of.order.order_id if isinstance(of, Ask) else of.order_id
        return self.connection.store_id, number


@dataclass(slots=True)
class _Queue:
    waiting: list[_Waiting] = field(default_factory=list)
    writer: asyncio.Task[None] | None = None


class Desk:
    """Answers the platforms that ask us, each tenant's together what comes together."""

    def __init__(
        self, database: Database, outside: Outside, *, waiting_max: int = WAITING_MAX
    ) -> None:
        """Sit down."""
        self.database, self.outside = database, outside
        self.waiting_max = waiting_max
        self._queues: dict[int, _Queue] = {}
        self._notes: dict[int, Notes] = {}

    async def say(self, whose: Tenant, connection: Connection, asked: Asked) -> Answer:
        """Do for an order what can be done at once, and say how it stands, once that is written.

        Raises: TooManyAsks, AnswerPutOff (nothing was done), DatabaseBusy, CommitUnclear.
        """
        queue = self._queues.setdefault(whose.id, _Queue())
        if len(queue.waiting) >= self.waiting_max:
            raise TooManyAsks
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        queue.waiting.append(_Waiting(whose, connection, asked, answer))
        if queue.writer is None:
            queue.writer = asyncio.create_task(self._write(queue))
        return await answer

    async def _write(self, queue: _Queue) -> None:
        try:
            while queue.waiting:
                group, queue.waiting = queue.waiting[:GROUP_MAX], queue.waiting[GROUP_MAX:]
                if not await self._together(group):
                    for each in group:
                        await self._alone(each)
        finally:
            queue.writer = None

    async def _together(self, group: list[_Waiting]) -> bool:
        """Answer a group; False where nothing was done, and each is to be answered alone."""
        whose, outside = group[0].whose, self.outside
        asked: dict[Name, Ask | None] = {}
        for each in group:  # of one that is asked for and about, the first ask counts
            ask = each.asked if isinstance(each.asked, Ask) else None
            asked[each.name] = asked.get(each.name) or ask
        at = outside.now()
        try:
            async with self.database.transaction(whose.id, settings=HURRY) as tx:
                said = await say_all(
                    tx,
                    whose.id,
                    asked,
                    day_of(at, whose.timezone),
                    channels={each.connection.store_id: each.connection.channel for each in group},
                    keyrings=outside.keyrings,
                    at=at,
                )
        except Exception as error:  # noqa: BLE001  (alone, each hears of its own)
            if not isinstance(error, CommitUnclear):
                _log.warning("asks_put_off", count=len(group), error=type(error).__name__)
                return False
            for each in group:
                _settle(each, error)
            return True
        for each in group:
            _settle(each, said[each.name])
        return True

    async def _alone(self, each: _Waiting) -> None:
        """Keep an order where no more can be done at once; it is open then, and told later."""
        tenant_id, names = each.whose.id, {each.name}
        try:
            async with self.database.transaction(tenant_id, settings=HURRY) as tx:
                known = await asked_orders(tx, tenant_id, names, locked=False)
                if not known and isinstance(each.asked, Ask):
                    masters = self.outside.keyrings.masters
                    await see_asks(tx, tenant_id, {each.name: each.asked}, masters=masters)
                    known = await asked_orders(tx, tenant_id, names, locked=False)
        except Exception as error:  # noqa: BLE001  (whoever asked gets it, a bug of ours too)
            _settle(each, error)
            return
        order = known.get(each.name)
        if order is None:
            _settle(each, Answer(Result(Progress.UNKNOWN)))
        elif order.failed is not None or order.doubt or order.step in _TOLD:
            _settle(each, AnswerPutOff())  # "in progress" would be less than it was told before
        else:
            _settle(each, Answer(Result(Progress.OPEN, order.ticket)))

    async def answered(self, tenant_id: int, connection: Connection, said: Answer) -> None:
        """Note that an answer has left: nothing more is to be told of its order."""
        leased, at = said.leased, self.outside.now()
        try:
            if leased is not None:
                await self._note(tenant_id, connection.channel, leased, said.result, at)
        except Overtaken:  # it was asked for once more meanwhile
            _log.info("answer_overtaken", order=str(leased.id if leased else ""))
        except KashuError as error:  # it is told again
            _log.warning("answer_not_noted", store=str(connection.store_id), error=error.code)

    async def _note(
        self, tenant_id: int, channel: str, leased: KnownOrder, result: Result, at: datetime
    ) -> None:
        if result.failure is not None:
            async with self.database.transaction(tenant_id) as tx:
                await note_failed(tx, tenant_id, leased, result.failure, channel=channel, at=at)
            return
        await note_done(self._notes_of(tenant_id), leased, channel=channel, at=at)

    def _notes_of(self, tenant_id: int) -> Notes:
        return self._notes.setdefault(tenant_id, Notes(self.database, tenant_id))


async def note_done(notes: Notes, leased: KnownOrder, *, channel: str, at: datetime) -> None:
    """Note that a platform has what it asked for. Raises: Overtaken."""

    async def finished(tx: Tx) -> None:
        await move(tx, notes.tenant_id, leased.id, shop_state=ShopState.FINISHED)

    facts = {"channel": channel, "number": leased.number}
    how_far = Advance(
        leased,
        Step.CONFIRMED,
        said="",
        doubt=False,
        sent_at=None if leased.sent else at,
        confirmed_at=at,
    )
    event = Event("order.confirmed", leased.order_id or leased.id, facts)
    await notes.write(how_far, event, then=finished)


def _settle(each: _Waiting, answer: Answer | Exception) -> None:
    if each.answer.done():  # who waited is gone
        return
    if isinstance(answer, Exception):
        each.answer.set_exception(answer)
        each.answer.exception()  # whoever asked may be gone: that is no one's bug
    else:
        each.answer.set_result(answer)
