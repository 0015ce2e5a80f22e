"""Tell: platforms that asked us for orders hear what came of those that weren't done at once.

They can't be asked how an order stands there. But saying a result again does no harm: so one
whose outcome is in doubt is simply told again, with the same cards, which are bound to the line.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from kashu.channels.ask import Outside, all_of
from kashu.channels.asking import Progress, Result, Wants
from kashu.channels.connections import Connection, connections_by_store
from kashu.channels.errors import AppRefused, GrantLost, StateForbids
from kashu.channels.kinds import Step
from kashu.channels.leases import Advance, lease_deliveries
from kashu.channels.left_to_people import NOT_ACTING
from kashu.channels.modes import acts_for
from kashu.channels.shop_orders import KnownOrder, move
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError, OutsideError, Refused, Unavailable
from kashu.core.events import Event
from kashu.core.http import NotReached
from kashu.delivery.asked import note_failed, open_cards, sends_cards, verdict
from kashu.delivery.attempt import BY_HAND, NOT_GIVEN, PERSON_WAIT, SHORT, SHORT_MAX, WAIT, WAIT_MAX
from kashu.delivery.desk import note_done
from kashu.delivery.notes import Notes, Overtaken
from kashu.delivery.topping_up import FOR_PEOPLE, why_waiting
from kashu.orders.reads import Line, lines_of_orders

AT_ONCE: Final = 100  # orders leased in a step …
CALLS_AT_ONCE: Final = 16  # … and calls under way
LEASE: Final = timedelta(minutes=2)

GIVEN_BACK: Final = "given_back_here"  # in our books; the platform waits: see give_back()

_log = structlog.get_logger()


@dataclass(slots=True)
class _Work:
    """One order that its platform is to be told of."""

    database: Database
    tenant_id: int
    outside: Outside
    connection: Connection
    known: KnownOrder
    lines: Sequence[Line]
    notes: Notes


async def tell_due(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Tell what is due, the most urgent first. True: there may be more."""
    if outside.stopping.is_set():
        return False
    async with database.transaction(tenant_id) as tx:
        due = await lease_deliveries(tx, tenant_id, outside.now(), LEASE, most=AT_ONCE, asked=True)
        found = await connections_by_store(tx, tenant_id, [each.store_id for each in due])
        ids = [each.order_id for each in due if each.order_id is not None]
        lines = await lines_of_orders(tx, tenant_id, ids)
    notes = Notes(database, tenant_id)
    room = asyncio.Semaphore(CALLS_AT_ONCE)
    away: dict[UUID, OutsideError] = {}  # platforms that don't answer: tried once

    async def one(known: KnownOrder) -> None:
        ours = [] if known.order_id is None else lines[known.order_id]
        connection = found[known.store_id]
        work = _Work(database, tenant_id, outside, connection, known, ours, notes)
        async with room:
            try:
                await _attempt(work, away)
            except Overtaken:
                _log.info("telling_overtaken", order=str(known.id))
            except KashuError as error:  # ours: the lease ends and it is tried again
                _log.warning("telling_put_off", order=str(known.id), error=error.code)

    await all_of(one(each) for each in due if found[each.store_id].channel in outside.asking)
    return len(due) == AT_ONCE


async def _attempt(work: _Work, away: dict[UUID, OutsideError]) -> None:
    """Tell of one order, or say why it waits. Raises: Overtaken, KashuError."""
    if work.outside.now() >= work.known.next_at:
        raise Overtaken  # others took so long that the lease is over
    if error := away.get(work.known.store_id):
        await _wait(work, error.code)
        return
    progress, _ = verdict(work.known, work.lines)
    if progress is Progress.OPEN:
        await _stays_open(work)
        return
    result = await _result(work)
    if result is None:
        return
    asking, link = work.outside.reach_asking(work.tenant_id, work.connection)
    try:
        await asking.tell(link, result)
    except NotReached as error:
        away[work.known.store_id] = error
        await _failed(work, error, result)
    except OutsideError as error:
        await _failed(work, error, result)
    else:
        await _told(work, result)


async def _stays_open(work: _Work) -> None:
    """Say why there is nothing to be told yet, or that a person must decide."""
    if said := await why_waiting(work.database, work.tenant_id, work.lines, work.outside):
        if said in FOR_PEOPLE:
            await _trouble(work, said)
        else:
            await _wait(work, said, SHORT_MAX)
        return
    if any(line.waiting for line in work.lines):
        await _wait(work, SHORT, SHORT_MAX)
        return
    refused = any(line.refused for line in work.lines)
    await _trouble(work, NOT_GIVEN if refused else GIVEN_BACK)


async def _result(work: _Work) -> Result | None:
    """Make a result, with its cards, after it is written that its outcome is in doubt.

    None: it isn't to be told by us now, and it was said why.
    """
    known, ticket = work.known, work.known.ticket
    assert ticket is not None
    progress, failure = verdict(known, work.lines)
    waits = ""

    async def prepare(tx: Tx) -> Result:
        nonlocal waits
        by_us = known.step is Step.TAKEN and known.failed is None  # and not as a person said
        if by_us and not await acts_for(tx, work.tenant_id, known):
            waits = NOT_ACTING
            raise Overtaken
        by_card = progress is Progress.DONE and ticket.wants is Wants.CARDS
        if by_us and by_card and not await sends_cards(tx, work.tenant_id, known):
            waits = BY_HAND
            raise Overtaken
        if failure is not None:
            await move(tx, work.tenant_id, known.id, failed=failure.value)
            return Result(progress, ticket, failure=failure)
        if ticket.wants is Wants.TOPUP:
            return Result(progress, ticket)
        cards = await open_cards(
            tx,
            work.tenant_id,
            known,
            work.lines,
            channel=work.connection.channel,
            keyrings=work.outside.keyrings,
        )
        if len(cards) != ticket.quantity:
            raise Overtaken  # a refund took some back
        return Result(progress, ticket, cards=cards)

    skus = {line.sku_id for line in work.lines}
    try:
        result: Result = await work.notes.write(Advance(known, doubt=True), then=prepare, skus=skus)
    except Overtaken:
        if not waits:
            raise
        await _wait(work, waits, PERSON_WAIT)
        return None
    return result


async def _told(work: _Work, result: Result) -> None:
    channel, at = work.connection.channel, work.outside.now()
    if result.failure is None:
        await note_done(work.notes, work.known, channel=channel, at=at)
        return
    why = result.failure
    async with work.database.transaction(work.tenant_id) as tx:
        await note_failed(tx, work.tenant_id, work.known, why, channel=channel, at=at)


async def _trouble(work: _Work, said: str) -> None:
    subject = work.known.order_id or work.known.id
    facts = {"channel": work.connection.channel, "number": work.known.number}
    event = Event("order.delivery_trouble", subject, facts)
    await work.notes.write(Advance(work.known, Step.TROUBLE, said=said), event)


async def _wait(
    work: _Work, said: str, most: timedelta = WAIT_MAX, *, doubt: bool | None = None
) -> None:
    """Look again later, ever more seldom."""
    at = work.outside.now() + min(WAIT * 2 ** min(work.known.attempts - 1, 10), most)
    await work.notes.write(Advance(work.known, said=said, next_at=at, doubt=doubt))


async def _failed(work: _Work, error: OutsideError, result: Result) -> None:
    """Say why it couldn't be told: a refusal needs a person, all else is tried again."""
    if isinstance(error, Refused) and not isinstance(error, GrantLost | AppRefused):
        if isinstance(error, StateForbids) and work.known.step is Step.SENT:
            await _told(work, result)  # a person said that it is done, and so does the platform
        else:
            await _trouble(work, error.code)
        return
    nothing_done = isinstance(error, Unavailable)
    await _wait(work, error.code, doubt=work.known.doubt if nothing_done else None)
