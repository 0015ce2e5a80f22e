"""Listeners: one reader of what happened for each shop that somebody listens to, in a process."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from kashu.access.listening import who_may_listen
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.errors import Busy, KashuError
from kashu.core.events import Hint, hints_since
from kashu.core.ids import first_id_at, moment_of
from kashu.core.incidents import log_incident
from kashu.entry.hints import wanted_for

READ_EVERY_S: Final = 0.7
# An event is seen when its transaction commits, and other machines' clocks differ a little: each
# look goes back by this much, and what was told before is left out.
OVERLAP: Final = timedelta(seconds=10)
MISSED_MAX: Final = timedelta(minutes=5)  # of a listener that comes back; after that: read anew
HINTS_MAX: Final = 2_000  # of a look; where there are more, everybody reads anew
FLOOD_EVERY_S: Final = 5.0
CHECK_EVERY_S: Final = 10.0  # whether each session is still good
WAITING_MAX: Final = 500  # hints for one listener; a slower one is let go
LISTENERS_MAX: Final = 1_000  # of a process
OF_ONE_MAX: Final = 12  # of one session or key

RELOAD: Final = None  # in place of a hint: something may have been missed

_log = structlog.get_logger()


class TooManyListen(Busy):
    """Each connection costs a little memory."""

    code = "too_many_listen"
    retry_after_s = 30
    zh = "同时接收实时更新的页面太多。请关闭一些页面，稍后会自动重连。"
    en = "Too many pages listen for changes. Close some of them; the rest reconnect by themselves."


@dataclass(eq=False)
class Listener:
    """Somebody who is told."""

    of: UUID  # the session, or the key
    may: frozenset[Permission]
    queue: "asyncio.Queue[Hint | None]" = field(default_factory=lambda: asyncio.Queue(WAITING_MAX))
    gone: bool = False

    async def next(self, for_s: float) -> Hint | None:
        """Wait for the next hint, or RELOAD. Raises: TimeoutError after so long."""
        async with asyncio.timeout(for_s):
            return await self.queue.get()

    def tell(self, hint: Hint | None) -> None:
        """Queue a hint for who may have it; who doesn't take them is let go."""
        if hint is not None and wanted_for(hint.kind) not in self.may:
            return
        try:
            self.queue.put_nowait(hint)
        except asyncio.QueueFull:
            self.gone = True


@dataclass(eq=False)
class _Shop:
    """A shop that is listened to."""

    listeners: set[Listener] = field(default_factory=set)
    seen: set[UUID] = field(default_factory=set)
    read_at: datetime = field(default_factory=now)
    checked_s: float = field(default_factory=time.monotonic)
    flooded_s: float = 0.0
    reader: "asyncio.Task[None] | None" = None


class Listeners:
    """All who listen in this process. Nobody listens, nothing is read."""

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self.is_over: Callable[[], bool] = lambda: False  # the process is told to end
        self._database = database
        self._shops: dict[int, _Shop] = {}

    def check_room(self, of: UUID) -> None:
        """See that there is room for one more. Raises: TooManyListen."""
        everybody = [each.of for shop in self._shops.values() for each in shop.listeners]
        own = sum(each == of for each in everybody)
        if self.is_over() or len(everybody) >= LISTENERS_MAX or own >= OF_ONE_MAX:
            raise TooManyListen

    async def join(
        self, tenant_id: int, of: UUID, may: frozenset[Permission], last: UUID | None
    ) -> Listener:
        """Begin to be told, from a little before `last`, or from a little before now.

        A hint may come twice, and none is lost: what commits while we look comes by the reader.
        """
        shop = self._shops.setdefault(tenant_id, _Shop())
        listener = Listener(of, may)
        shop.listeners.add(listener)
        if shop.reader is None:
            shop.read_at = now()
            shop.seen.clear()
            shop.reader = asyncio.create_task(self._read(tenant_id, shop))
        try:
            await self._tell_missed(tenant_id, listener, last)
        except BaseException:
            self.leave(tenant_id, listener)
            raise
        return listener

    def leave(self, tenant_id: int, listener: Listener) -> None:
        """End it; the last one ends the reading."""
        shop = self._shops.get(tenant_id)
        if shop is None:
            return
        shop.listeners.discard(listener)
        if not shop.listeners and shop.reader is not None:
            shop.reader.cancel()
            shop.reader = None
            del self._shops[tenant_id]

    async def _tell_missed(self, tenant_id: int, listener: Listener, last: UUID | None) -> None:
        since = now() if last is None else min(moment_of(last), now())
        if now() - since > MISSED_MAX:
            listener.tell(RELOAD)
            return
        async with self._database.transaction(tenant_id) as tx:
            found = await hints_since(tx, tenant_id, first_id_at(since - OVERLAP), WAITING_MAX // 2)
        if len(found) == WAITING_MAX // 2:
            listener.tell(RELOAD)
            return
        for hint in reversed(found):
            listener.tell(hint)

    async def _read(self, tenant_id: int, shop: _Shop) -> None:
        while True:
            try:
                await self._look(tenant_id, shop)
            except KashuError as error:  # the database is away: the next look goes back further
                _log.warning("listeners_wait", tenant=tenant_id, error=error.code)
            except Exception as error:  # noqa: BLE001  (or nobody would be told any more)
                log_incident(error, tenant=tenant_id)
            await asyncio.sleep(READ_EVERY_S)

    async def _look(self, tenant_id: int, shop: _Shop) -> None:
        at = now()
        async with self._database.transaction(tenant_id) as tx:
            found = await hints_since(
                tx, tenant_id, first_id_at(shop.read_at - OVERLAP), HINTS_MAX + 1
            )
            if time.monotonic() - shop.checked_s > CHECK_EVERY_S:
                shop.checked_s = time.monotonic()
                checked = set(shop.listeners)
                may = await who_may_listen(tx, tenant_id, {each.of for each in checked})
                for each in checked:  # it comes again, as what it is now
                    each.gone |= may.get(each.of) != each.may
        if len(found) > HINTS_MAX:
            if time.monotonic() - shop.flooded_s > FLOOD_EVERY_S:
                shop.flooded_s = time.monotonic()
                self._tell(shop, RELOAD)
        else:
            for hint in reversed(found):
                if hint.id not in shop.seen:
                    self._tell(shop, hint)
        shop.seen = {hint.id for hint in found}
        shop.read_at = at

    def _tell(self, shop: _Shop, hint: Hint | None) -> None:
        for listener in shop.listeners:
            listener.tell(hint)
