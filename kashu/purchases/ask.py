"""Ask: how an order stands whose outcome isn't known. Never repeats it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, literal, select, update
from sqlalchemy import case as where

from kashu.core.db import Tx
from kashu.core.errors import KashuError, OutsideError
from kashu.core.events import Event, record
from kashu.core.incidents import log_incident
from kashu.purchases.buyer import Buyer
from kashu.purchases.errors import AttemptSettled, PurchaseUnderWay
from kashu.purchases.fill_inputs import as_sent
from kashu.purchases.kinds import AttemptState
from kashu.purchases.moves import open_case
from kashu.purchases.reads import Attempt, Purchase, attempt_of, attempt_row, purchases_by_id
from kashu.purchases.send import order_of, order_with
from kashu.purchases.settle import Answer, Source
from kashu.purchases.settling import Settling
from kashu.purchases.tables import attempts
from kashu.suppliers.connections import Connection, connections_by_supplier
from kashu.suppliers.errors import SupplierDown, SupplierUnclear
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.upstream import Can, Link, Order, Repeats, Rules, Standing, Upstream

ASKS_DUE: Final = "purchases.asks"  # called out when a notice came
AT_ONCE: Final = 100  # attempts leased in a step …
CALLS_AT_ONCE: Final = 8  # … and of a supplier's asked about side by side
WAITING_MAX: Final = 2 * CALLS_AT_ONCE  # of a supplier's that were taken: then no more are
LOOK_EVERY_S: Final = 0.25  # for what became due, while others are asked about
LEASE: Final = timedelta(minutes=2)
AGAIN: Final = timedelta(minutes=10)  # an ended one that couldn't be asked about
ASKS_MAX: Final = 100
NO_ANSWER: Final = "no_answer"
NOT_ASKABLE: Final = "not_askable"  # the supplier tells nothing by our number

NO_RULES: Final = Rules(frozenset(), Repeats.UNKNOWN)  # of a protocol that isn't installed
_ASKED: Final = (AttemptState.SENDING, AttemptState.UNCLEAR, AttemptState.PROCESSING)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Work:
    attempt: Attempt
    purchase: Purchase
    connection: Connection | None


async def ask_due(buyer: Buyer) -> bool:
    """Ask about what is due, of each supplier some side by side. True: there may be more.

    A supplier that is slow to answer keeps nobody else waiting: more is taken while it is.
    """
    if buyer.upstreams.stopping.is_set():
        return False
    settling = Settling(buyer)
    busy: dict[asyncio.Task[None], UUID] = {}  # by supplier
    rooms: dict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CALLS_AT_ONCE))
    try:
        while True:
            calls = Counter(busy.values())
            works = await _take_due(buyer, [each for each in calls if calls[each] >= WAITING_MAX])
            for work in works:
                supplier_id = work.attempt.supplier_id
                task = asyncio.create_task(_one(buyer, work, settling, rooms[supplier_id]))
                busy[task] = supplier_id
            if busy:
                for task in (await asyncio.wait(busy, timeout=LOOK_EVERY_S))[0]:
                    del busy[task]
            if not busy:
                return len(works) == AT_ONCE
            if buyer.upstreams.stopping.is_set():
                await asyncio.wait(busy)
                return False
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        await settling.close()


async def ask(buyer: Buyer, attempt_id: UUID) -> Attempt:
    """Ask about one attempt now, whatever its schedule says; also one that is left to people.

    Raises: UnknownAttempt, PurchaseUnderWay (its answer is still awaited), AttemptSettled.
    """
    tenant_id = buyer.tenant_id
    async with buyer.transaction() as tx:
        attempt = await attempt_of(tx, tenant_id, attempt_id)
        if not attempt.live:
            raise AttemptSettled(state=attempt.state.value)
        if attempt.state is AttemptState.SENDING and attempt.next_at > buyer.now():
            raise PurchaseUnderWay(purchase=attempt.purchase_id)
        asked = Event("attempt.asked_by_hand", attempt.purchase_id, {"attempt_id": str(attempt_id)})
        await record(tx, tenant_id, buyer.actor, [asked])
        [work] = await _works(tx, tenant_id, [attempt])
    await _ask_one(buyer, work, Settling(buyer))
    async with buyer.transaction() as tx:
        return await attempt_of(tx, tenant_id, attempt_id)


async def _take_due(buyer: Buyer, besides: Sequence[UUID]) -> list[_Work]:
    """Take what is due to be asked about, but of suppliers that keep us waiting nothing more."""
    async with buyer.transaction() as tx:
        leased = await _lease(tx, buyer.tenant_id, buyer.now(), besides)
        return await _works(tx, buyer.tenant_id, leased) if leased else []


async def _lease(tx: Tx, tenant_id: int, at: datetime, besides: Sequence[UUID]) -> list[Attempt]:
    """Take attempts that are due; a `sending` one whose lease ended is unclear from now on."""
    live = attempts.c.state.in_([state.value for state in _ASKED])
    others = attempts.c.supplier_id.not_in(besides)
    due = await _due(tx, tenant_id, live & (attempts.c.next_at <= at) & others, AT_ONCE)
    again = await _due(tx, tenant_id, (attempts.c.again_at <= at) & others, AT_ONCE - len(due))
    was_sending = {row.id: row.purchase_id for row in due if row.state == AttemptState.SENDING}
    lost = [
        Event("attempt.unclear", purchase_id, {"attempt_id": str(id_)})
        for id_, purchase_id in was_sending.items()
    ]
    await record(tx, tenant_id, "system", lost)
    ids = {row.id for row in (*due, *again)}
    if not ids:
        return []
    sending = attempts.c.state == AttemptState.SENDING
    asked_on = where((attempts.c.asks < ASKS_MAX, literal(at + AGAIN)), else_=None)
    changed = await tx.execute(
        update(attempts)
        .where(attempts.c.tenant_id == tenant_id, attempts.c.id.in_(ids))
        .values(
            asks=attempts.c.asks + 1,
            next_at=where((live, literal(at + LEASE)), else_=attempts.c.next_at),
            again_at=where((live, None), else_=asked_on),
            state=where((sending, AttemptState.UNCLEAR.value), else_=attempts.c.state),
            said=where((sending, NO_ANSWER), else_=attempts.c.said),
        )
        .returning(attempts)
    )
    return [attempt_row(row) for row in changed]


async def _due(tx: Tx, tenant_id: int, due: ColumnElement[bool], limit: int) -> Sequence[Any]:
    if limit <= 0:
        return []
    wanted = (
        select(attempts.c.id, attempts.c.purchase_id, attempts.c.state)
        .where(attempts.c.tenant_id == tenant_id, due)
        .order_by(attempts.c.next_at, attempts.c.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return (await tx.execute(wanted)).all()


async def _works(tx: Tx, tenant_id: int, leased: Sequence[Attempt]) -> list[_Work]:
    found = await purchases_by_id(tx, tenant_id, {each.purchase_id for each in leased})
    suppliers = {each.supplier_id for each in leased}
    connections = await connections_by_supplier(tx, tenant_id, suppliers)
    return [
        _Work(each, found[each.purchase_id], connections.get(each.supplier_id)) for each in leased
    ]


async def _one(buyer: Buyer, work: _Work, settling: Settling, room: asyncio.Semaphore) -> None:
    try:
        async with room:
            await _ask_one(buyer, work, settling)
    except KashuError as error:  # ours: the lease ends, and it is asked about again
        _log.warning("ask_put_off", attempt=str(work.attempt.id), error=error.code)
    except Exception as error:  # noqa: BLE001  (a bug with one doesn't stop the others)
        log_incident(error, attempt=str(work.attempt.id))


async def _ask_one(buyer: Buyer, work: _Work, settling: Settling) -> None:
    rules, learnt = await _call(buyer, work)
    occasion = buyer.occasion(rules)
    if learnt is not None:
        answer = Answer(occasion, work.attempt.id, learnt, Source.ASKED)
        await settling.settle(answer, work.purchase.id)
        return
    async with buyer.transaction() as tx:
        case = await open_case(tx, occasion, work.attempt.id)
        if case.attempt.live:
            case.leave_to_people(NOT_ASKABLE)
        await case.close()


async def _call(buyer: Buyer, work: _Work) -> tuple[Rules, Standing | OutsideError | None]:
    """Ask the supplier. Only what it says of the order tells anything; None: it can't be asked."""
    supplier, connection = work.attempt.supplier_id, work.connection
    if connection is None:
        return NO_RULES, SupplierDown(supplier=supplier, said="supplier_not_connected")
    try:
        upstream, link = buyer.upstreams.reach(buyer.tenant_id, connection)
    except KashuError as error:
        return NO_RULES, SupplierDown(supplier=supplier, said=error.code)
    if connection.state is ConnectionState.LOCKED_OUT:
        return upstream.rules, SupplierDown(supplier=supplier, said=connection.state.value)
    if not _can_ask(upstream, work.attempt):
        return upstream.rules, None
    return upstream.rules, await _answer(buyer, work, upstream, link)


async def _answer(
    buyer: Buyer, work: _Work, upstream: Upstream, link: Link
) -> Standing | OutsideError:
    attempt, connection = work.attempt, work.connection
    assert connection is not None
    try:
        order = await _order(buyer, work, connection)
        order = await as_sent(buyer, attempt, upstream, link, order)
        async with asyncio.timeout(LEASE.total_seconds() / 2):
            return await upstream.ask(link, order, attempt.their_number or "")
    except OutsideError as error:
        return error
    except TimeoutError:
        return SupplierUnclear(supplier=attempt.supplier_id, said="deadline")
    except KashuError as error:
        return SupplierUnclear(supplier=attempt.supplier_id, said=error.code)
    except Exception as error:  # noqa: BLE001  (an adapter's bug)
        log_incident(error, attempt=str(attempt.id))
        return SupplierUnclear(supplier=attempt.supplier_id, said="incident")


async def _order(buyer: Buyer, work: _Work, connection: Connection) -> Order:
    """Say what was ordered; the database is asked only where something was typed for it."""
    attempt, purchase = work.attempt, work.purchase
    if purchase.sealed_inputs is None:
        return order_with(buyer, attempt, purchase, connection, {})
    async with buyer.transaction() as tx:
        return await order_of(tx, buyer, attempt, purchase, connection)


def _can_ask(upstream: Upstream, attempt: Attempt) -> bool:
    theirs = Can.ASK_THEIRS in upstream.can and attempt.their_number is not None
    return Can.ASK in upstream.can or theirs
