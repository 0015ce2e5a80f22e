"""Ask: how an order stands whose outcome isn't known. Never repeats it."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select, update

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
from kashu.purchases.send import order_of
from kashu.purchases.settle import Source, settle
from kashu.purchases.tables import attempts
from kashu.suppliers.connections import Connection, connections_by_supplier
from kashu.suppliers.errors import SupplierDown, SupplierUnclear
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.upstream import Can, Link, Repeats, Rules, Standing, Upstream

ASKS_DUE: Final = "purchases.asks"  # called out when a notice came
AT_ONCE: Final = 100  # attempts leased in a step …
CALLS_AT_ONCE: Final = 8  # … and of a supplier's asked about side by side
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
    """Ask about what is due, of each supplier some side by side. True: there may be more."""
    if buyer.upstreams.stopping.is_set():
        return False
    async with buyer.transaction() as tx:
        leased = await _lease(tx, buyer.tenant_id, buyer.now())
        works = await _works(tx, buyer.tenant_id, leased)
    rooms: dict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CALLS_AT_ONCE))

    async def one(work: _Work) -> None:
        async with rooms[work.attempt.supplier_id]:
            await _one(buyer, work)

    await asyncio.gather(*map(one, works))
    return len(leased) == AT_ONCE


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
    await _ask_one(buyer, work)
    async with buyer.transaction() as tx:
        return await attempt_of(tx, tenant_id, attempt_id)


async def _lease(tx: Tx, tenant_id: int, at: datetime) -> list[Attempt]:
    """Take attempts that are due; a `sending` one whose lease ended is unclear from now on."""
    live = attempts.c.state.in_([state.value for state in _ASKED]) & (attempts.c.next_at <= at)
    due = await _due(tx, tenant_id, live, AT_ONCE)
    again = await _due(tx, tenant_id, attempts.c.again_at <= at, AT_ONCE - len(due))
    leased = []
    for row in (*due, *again):
        was = attempt_row(row)
        values: dict[str, object] = {"asks": was.asks + 1}
        if was.live:
            values |= {"next_at": at + LEASE, "again_at": None}
        else:
            values["again_at"] = at + AGAIN if was.asks < ASKS_MAX else None
        if was.state is AttemptState.SENDING:
            values |= {"state": AttemptState.UNCLEAR, "said": NO_ANSWER}
            lost = Event("attempt.unclear", was.purchase_id, {"attempt_id": str(was.id)})
            await record(tx, tenant_id, "system", [lost])
        changed = await tx.execute(
            update(attempts)
            .where(attempts.c.tenant_id == tenant_id, attempts.c.id == was.id)
            .values(**values)
            .returning(attempts)
        )
        leased.append(attempt_row(changed.one()))
    return leased


async def _due(tx: Tx, tenant_id: int, due: ColumnElement[bool], limit: int) -> Sequence[object]:
    if limit <= 0:
        return []
    wanted = (
        select(attempts)
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


async def _one(buyer: Buyer, work: _Work) -> None:
    try:
        await _ask_one(buyer, work)
    except KashuError as error:  # ours: the lease ends, and it is asked about again
        _log.warning("ask_put_off", attempt=str(work.attempt.id), error=error.code)
    except Exception as error:  # noqa: BLE001  (a bug with one doesn't stop the others)
        log_incident(error, attempt=str(work.attempt.id))


async def _ask_one(buyer: Buyer, work: _Work) -> None:
    rules, learnt = await _call(buyer, work)
    occasion = buyer.occasion(rules)
    async with buyer.transaction() as tx:
        if learnt is not None:
            await settle(tx, occasion, work.attempt.id, learnt, source=Source.ASKED)
            return
        case = await open_case(tx, occasion, work.attempt.id)
        if case.attempt.live:
            await case.leave_to_people(NOT_ASKABLE)
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
        async with buyer.transaction() as tx:
            order = await order_of(tx, buyer, attempt, work.purchase, connection)
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


def _can_ask(upstream: Upstream, attempt: Attempt) -> bool:
    theirs = Can.ASK_THEIRS in upstream.can and attempt.their_number is not None
    return Can.ASK in upstream.can or theirs
