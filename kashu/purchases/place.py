"""Place: order what is wanted from the best supplier, once.

Whoever comes first wins: the worker, "submit now" and a double click all take the purchase's lock,
and the database allows one live attempt for each. The attempt and its money are committed before
the request leaves; a process that dies under way leaves the question, never a second order.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.incidents import log_incident
from kashu.core.sql import Statement
from kashu.purchases.begin import begin
from kashu.purchases.buyer import Buyer
from kashu.purchases.errors import PurchaseNotReady, PurchaseUnderWay
from kashu.purchases.kinds import LIVE, AttemptState, PurchaseState
from kashu.purchases.reads import Attempt, Purchase, purchase_of, purchase_row
from kashu.purchases.route import NoChoice
from kashu.purchases.send import Sent, keep, send
from kashu.purchases.settling import Settling
from kashu.purchases.tables import purchases

AT_ONCE: Final = 32  # purchases that are begun in one transaction
CALLS: Final = 32  # orders that are under way at one supplier: a silent one slows nobody else
ALL_CALLS: Final = 512  # … and at all of them
LOOK_EVERY_S: Final = 0.1  # for what became due, while others are under way
APART_S: Final = 0.025

_SUCCEEDED: Final = AttemptState.SUCCEEDED
_TO_DO: Final = (PurchaseState.WANTED, PurchaseState.HELD)
_log = structlog.get_logger()
_due = Statement(__file__, "place_due.sql", Purchase)


async def place_due(buyer: Buyer) -> bool:
    """Order what is due, many side by side, until nothing is. False: there is no more.

    While it runs, Upstreams.look_again() has it look for what is wanted since.
    """
    looks = buyer.upstreams.looks
    look = looks[buyer.tenant_id] = looks.get(buyer.tenant_id) or asyncio.Event()
    under_way = _UnderWay(buyer, look)
    try:
        while not buyer.upstreams.stopping.is_set():
            look.clear()
            more = await under_way.begin_due()
            if not under_way.tasks and not more:
                return False
            if not more:
                await _wait(look, LOOK_EVERY_S)
            await asyncio.sleep(under_way.pause_s())
        await under_way.end()
    finally:
        await under_way.break_off()  # what was sent is found as `sending`, and asked about
    return False


async def _wait(event: asyncio.Event, for_s: float) -> None:
    try:
        async with asyncio.timeout(for_s):
            await event.wait()
    except TimeoutError:
        return


class _UnderWay:
    """The orders of a merchant's that this process has sent, until they are settled."""

    def __init__(self, buyer: Buyer, look: asyncio.Event) -> None:
        """Prepare; nothing is sent yet."""
        self.tasks: set[asyncio.Task[None]] = set()
        self._buyer = buyer
        self._look = look
        self._calls: Counter[UUID] = Counter()  # by supplier
        self._settling = Settling(buyer)
        self._looked_at = 0.0

    def pause_s(self) -> float:
        """How long until it is looked again."""
        return max(0.0, self._looked_at + APART_S - asyncio.get_running_loop().time())

    async def begin_due(self) -> bool:
        """Begin what is due, and send it. True: there may be more."""
        self._looked_at = asyncio.get_running_loop().time()
        most = min(AT_ONCE, ALL_CALLS - len(self.tasks))
        if most <= 0:
            return False
        due: list[UUID] = []
        try:
            async with self._buyer.transaction() as tx:
                wanted = await _take_due(tx, self._buyer, most)
                due = [each.id for each in wanted]
                begun = await self._begin(tx, wanted)
        except KashuError as error:  # what is under way must end, whatever the database does
            _log.warning("purchases_not_begun", error=error.code)
            if error.status >= 500:  # noqa: PLR2004
                return False  # it is looked again in a moment
            begun = await self._one_by_one(due)
        except Exception as error:  # noqa: BLE001  (a bug with one doesn't stop the others)
            log_incident(error, purchases=len(due))
            begun = await self._one_by_one(due)
        for each in begun:
            if isinstance(each, Sent):
                self._send(each)
        return len(due) == most

    async def end(self) -> None:
        """Wait until what is under way is settled."""
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def break_off(self) -> None:
        """Wait for nothing any more."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self._settling.close()

    async def _begin(self, tx: Tx, wanted: Sequence[Purchase]) -> list[Sent | NoChoice]:
        if not wanted:
            return []
        rooms = {supplier_id: CALLS - calls for supplier_id, calls in self._calls.items()}
        return await begin(tx, self._buyer, wanted, rooms, room=CALLS)

    async def _one_by_one(self, due: Sequence[UUID]) -> list[Sent | NoChoice]:
        """What broke the transaction of some breaks only its own."""
        begun: list[Sent | NoChoice] = []
        for purchase_id in due:
            try:
                async with self._buyer.transaction() as tx:
                    begun += await self._begin(tx, [await _take(tx, self._buyer, purchase_id)])
            except KashuError as error:
                _log.warning("purchase_put_off", purchase=str(purchase_id), error=error.code)
            except Exception as error:  # noqa: BLE001  (as above)
                log_incident(error, purchase=str(purchase_id))
        return begun

    def _send(self, sent: Sent) -> None:
        self._calls[sent.attempt.supplier_id] += 1
        task = asyncio.create_task(self._order(sent))
        self.tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not self.tasks:
            self._look.set()

    async def _order(self, sent: Sent) -> None:
        """Send one, and write down what came of it. What isn't there is wanted again at once."""
        purchase = str(sent.attempt.purchase_id)
        try:
            try:
                learnt = await send(self._buyer, sent)
            finally:
                self._calls[sent.attempt.supplier_id] -= 1
            attempt = await keep(self._settling, self._buyer, sent, learnt)
            whole = attempt.received_count == attempt.quantity * attempt.units
            if attempt.state not in LIVE and not (attempt.state is _SUCCEEDED and whole):
                self._look.set()
        except KashuError as error:
            _log.warning("purchase_put_off", purchase=purchase, error=error.code)
        except Exception as error:  # noqa: BLE001  (as above)
            log_incident(error, purchase=purchase)


async def place(buyer: Buyer, purchase_id: UUID) -> Attempt | NoChoice:
    """Order one purchase now. Returns how its attempt stands then, or why nobody can be asked.

    Raises: UnknownPurchase, PurchaseNotReady, PurchaseUnderWay.
    """
    async with buyer.transaction() as tx:
        [begun] = await begin(tx, buyer, [await _take(tx, buyer, purchase_id)])
    if not isinstance(begun, Sent):
        return begun
    return await keep(Settling(buyer), buyer, begun, await send(buyer, begun))


async def _take_due(tx: Tx, buyer: Buyer, most: int) -> list[Purchase]:
    """Lock some purchases that are due, the oldest first; not those that somebody has."""
    return await _due(tx, tenant=buyer.tenant_id, at=buyer.now(), most=most)


async def _take(tx: Tx, buyer: Buyer, purchase_id: UUID) -> Purchase:
    """Lock a purchase that is to be ordered. Raises: PurchaseNotReady, PurchaseUnderWay."""
    locked = await tx.execute(
        select(purchases)
        .where(purchases.c.tenant_id == buyer.tenant_id, purchases.c.id == purchase_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    row = locked.one_or_none()
    if row is None:
        purchase = await purchase_of(tx, buyer.tenant_id, purchase_id)
        raise PurchaseUnderWay(purchase=purchase.id)
    if row.state == PurchaseState.PLACED:
        raise PurchaseUnderWay(purchase=purchase_id)
    if row.state not in _TO_DO:
        raise PurchaseNotReady(state=row.state)
    return purchase_row(row)
