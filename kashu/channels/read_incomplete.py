"""Read incomplete: orders of which a list told only a short form are read in full."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.channels.ask import PAUSE_MAX, Outside, note_failed, see_told
from kashu.channels.channel import ShopOrder
from kashu.channels.connections import Connection, connections_by_store
from kashu.channels.errors import GrantLost, NoSuchShopOrder, ShopOrderWrong
from kashu.channels.shop_orders import KnownOrder, incomplete_orders, put_off_reading
from kashu.channels.windows import ASK_EVERY
from kashu.core.db import Database
from kashu.core.errors import Invalid, KashuError, OutsideError, Unavailable, Unclear

TOGETHER_S: Final = 0.02  # what was read within so long is written together
READ_AT_ONCE: Final = 50  # short forms of orders read in a step …
CALLS_AT_ONCE: Final = 16  # … and so many of them under way


async def read_incomplete(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Read in full the orders of which only a short form was told. True: there may be more."""
    async with database.transaction(tenant_id) as tx:
        due = await incomplete_orders(tx, tenant_id, outside.now(), most=READ_AT_ONCE)
        found = await connections_by_store(tx, tenant_id, [each.store_id for each in due])
    away: dict[UUID, OutsideError] = {}  # platforms that don't answer: not tried again and again
    room = asyncio.Semaphore(CALLS_AT_ONCE)
    ours = [each for each in due if found[each.store_id].channel in outside.channels]

    async def one(order: KnownOrder) -> _Read:
        async with room:
            if error := away.get(order.store_id):
                return _Read(order, None, error)
            read = await _read(tenant_id, outside, found[order.store_id], order)
            if isinstance(read.error, Unavailable | Unclear):
                away[order.store_id] = read.error
            return read

    under_way = {asyncio.create_task(one(each)) for each in ours}
    try:
        while under_way:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(TOGETHER_S)
            done = {task for task in under_way if task.done()}
            under_way -= done
            by_store: dict[UUID, list[_Read]] = defaultdict(list)
            for task in done:
                by_store[task.result().order.store_id].append(task.result())
            for store_id, read in by_store.items():
                await _note_read(database, tenant_id, outside, found[store_id], read)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    return len(due) == READ_AT_ONCE and not away


@dataclass(frozen=True, slots=True)
class _Read:
    """How reading an order went."""

    order: KnownOrder
    told: ShopOrder | None
    error: KashuError | None


async def _read(
    tenant_id: int, outside: Outside, connection: Connection, order: KnownOrder
) -> _Read:
    try:
        channel, link = outside.reach(tenant_id, connection)
        return _Read(order, await channel.order(link, order.number), None)
    except (OutsideError, Invalid) as met:
        return _Read(order, None, met)


async def _note_read(
    database: Database,
    tenant_id: int,
    outside: Outside,
    connection: Connection,
    read: Sequence[_Read],
) -> None:
    """Note orders of one store that were read in full, and when to read the others again."""
    at = outside.now()
    lost = next((each.error for each in read if isinstance(each.error, GrantLost)), None)
    if lost is not None:
        await note_failed(database, tenant_id, connection, lost, at)
        await outside.renew_or_lose(database, tenant_id, connection, lost)
    told = [each.told for each in read if each.told is not None]
    async with database.transaction(tenant_id) as tx:
        await see_told(
            tx, tenant_id, outside.channels[connection.channel], connection.store_id, told
        )
        for each in read:  # also where what was told is no newer
            order, error = each.order, each.error
            wrong = isinstance(error, ShopOrderWrong | NoSuchShopOrder)
            pause = PAUSE_MAX * 2 ** min(order.attempts, 8) if wrong else 5 * ASK_EVERY
            said = "" if error is None else error.code
            await put_off_reading(tx, tenant_id, order, next_at=at + pause, said=said, hold=wrong)
