"""Deliver: the buyer gets the cards by the platform's own means, and the platform is told."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from kashu.channels.ask import Outside
from kashu.channels.connections import connections_by_store
from kashu.channels.leases import end_leases, lease_deliveries
from kashu.channels.listings import listings_by_name
from kashu.channels.shop_refunds import orders_asked_back
from kashu.core.db import Database
from kashu.core.errors import KashuError, OutsideError
from kashu.core.incidents import log_incident
from kashu.delivery.attempt import Work, attempt
from kashu.delivery.notes import Notes, Overtaken
from kashu.orders.reads import lines_of_orders

AT_ONCE: Final = 100  # orders leased in a step …
CALLS_AT_ONCE: Final = 16  # … and of a store's under way
LOOK_EVERY_S: Final = 0.1  # for what became due, while others are under way
LEASE: Final = timedelta(minutes=2)  # longer than all calls for one order
# Longer than a worker that lost the lead goes on: until it notices (15 s, over a cut line), and
# then what it had under way (20 s).
OUTLIVED: Final = timedelta(seconds=45)
_log = structlog.get_logger()


async def deliver_due(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Deliver what is due, the most urgent first, until nothing is. False: there is no more.

    What becomes due meanwhile is begun beside the rest: a slow platform holds up no other.
    """
    notes = Notes(database, tenant_id)
    rooms: dict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CALLS_AT_ONCE))
    under_way: dict[asyncio.Task[None], UUID] = {}
    try:
        while True:
            busy = Counter(under_way.values())
            full = [store_id for store_id, count in busy.items() if count >= AT_ONCE]
            if not outside.stopping.is_set():
                away: dict[UUID, OutsideError] = {}  # platforms that don't answer: tried once
                for work in await _lease(notes, outside, full):
                    room = rooms[work.known.store_id]
                    under_way[asyncio.create_task(_one(work, room, away))] = work.known.store_id
            if not under_way:
                return False
            done, _ = await asyncio.wait(under_way, timeout=LOOK_EVERY_S)
            for task in done:
                del under_way[task]
                task.result()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def take_over(database: Database, tenant_id: int, outside: Outside) -> None:
    """Go on at once with what the last leader had leased: it is gone, and perhaps was killed.

    Only for the one who leads, before it delivers anything.
    """
    async with database.transaction(tenant_id) as tx:
        await end_leases(tx, tenant_id, outside.now(), doubtful_after=OUTLIVED)


async def _lease(notes: Notes, outside: Outside, full: Sequence[UUID]) -> list[Work]:
    """Take what is due now, with all that we know of it."""
    database, tenant_id = notes.database, notes.tenant_id
    async with database.transaction(tenant_id) as tx:
        due = await lease_deliveries(
            tx, tenant_id, outside.now(), LEASE, most=AT_ONCE, besides=full
        )
        found = await connections_by_store(tx, tenant_id, [each.store_id for each in due])
        ids = [each.order_id for each in due if each.order_id is not None]
        lines = await lines_of_orders(tx, tenant_id, ids)
        names = [(each.store_id, line.item_id, line.sku_id) for each in due for line in each.lines]
        listings = await listings_by_name(tx, tenant_id, names)
        orders = [(each.store_id, each.number) for each in due]
        asked_back = await orders_asked_back(tx, tenant_id, orders)
    reached = {}
    for store_id, connection in found.items():
        if connection.channel in outside.channels:
            try:
                reached[store_id] = outside.reach(tenant_id, connection)
            except KashuError as error:  # its secrets can't be opened: the others go on
                _log.warning("store_not_reached", store=str(store_id), error=error.code)
    works = []
    for known in due:
        if known.store_id not in reached or known.order_id is None:
            continue
        channel, link = reached[known.store_id]
        of_order = [(known.store_id, line.item_id, line.sku_id) for line in known.lines]
        works.append(
            Work(
                database,
                tenant_id,
                outside,
                found[known.store_id],
                channel,
                link,
                known,
                known.order_id,
                lines[known.order_id],
                [listings[name] for name in of_order if name in listings],
                notes,
                (known.store_id, known.number) in asked_back,
            )
        )
    return works


async def _one(work: Work, room: asyncio.Semaphore, away: dict[UUID, OutsideError]) -> None:
    async with room:
        try:
            await attempt(work, away)
        except Overtaken:
            _log.info("delivery_overtaken", order=str(work.order_id))
        except KashuError as error:  # ours: the lease ends and it is tried again
            _log.warning("delivery_put_off", order=str(work.order_id), error=error.code)
        except Exception as error:  # noqa: BLE001  (a bug with one order doesn't stop the others)
            log_incident(error, order=str(work.order_id))
