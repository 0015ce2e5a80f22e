"""Ask: collect what changed on the platforms, so that an outage of either side loses nothing.

The rows say from when on a platform is to be asked. Windows overlap, since platforms are late and
clocks differ; what is told twice has one effect. Nothing is called inside a transaction.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import structlog

from kashu.access.keyring import Keyrings
from kashu.channels.asking import Asking
from kashu.channels.channel import (
    Can,
    Channel,
    Link,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
)
from kashu.channels.connections import (
    Connection,
    connections_by_store,
    connections_to_ask,
    connections_to_renew,
    link_of,
    lose_grant,
    note_asked,
)
from kashu.channels.errors import (
    ChannelCannot,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    ShopOrderWrong,
    StoreNotGranted,
)
from kashu.channels.grants import Reached, renew, renew_or_lose
from kashu.channels.kinds import GrantState
from kashu.channels.listings import see_listings
from kashu.channels.missed import note_missed
from kashu.channels.options import seal_open_options
from kashu.channels.shop_orders import (
    TOLD_OF,
    KnownOrder,
    incomplete_orders,
    put_off_reading,
    see,
)
from kashu.channels.shop_refunds import see_refunds
from kashu.channels.unreadable import see_unreadable_orders, see_unreadable_refunds
from kashu.channels.windows import (
    ASK_EVERY,
    OVERLAP,
    PAGES_MAX,
    every,
    forgotten,
    pages_of,
    window_of,
)
from kashu.core.clock import Clock, now
from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict, Invalid, KashuError, OutsideError, Unavailable, Unclear
from kashu.core.http import Http
from kashu.core.jobs import wake
from kashu.core.pace import Pace, PacedHttp
from kashu.core.sockets import Sockets

_log = structlog.get_logger()

PAUSE_MAX: Final = timedelta(minutes=5)  # between attempts while a platform is out of order
TOGETHER_S: Final = 0.02  # what was read within so long is written together
READ_AT_ONCE: Final = 50  # short forms of orders read in a step …
CALLS_AT_ONCE: Final = 16  # … and so many of them under way

Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Outside:
    """The platforms, and the way to them."""

    channels: Mapping[str, Channel]
    http: Http
    pace: Pace
    keyrings: Keyrings
    now: Clock = now
    stopping: asyncio.Event = field(default_factory=asyncio.Event)  # nothing new is begun then
    sockets: Sockets = field(default_factory=Sockets)
    asking: Mapping[str, Asking] = field(default_factory=dict)  # platforms that call us
    # Stores that are being read just now, by tenant and id.
    asked: dict[tuple[int, UUID], asyncio.Task[bool]] = field(default_factory=dict)

    def reach(self, tenant_id: int, connection: Connection) -> tuple[Channel, Link]:
        """Make ready to call a store's platform."""
        channel = self.channels[connection.channel]
        app = f"{connection.channel}:{connection.app_key}"
        shop = f"{app}:{connection.store_id}"
        limits = [(shop, channel.shop_calls_per_s), (app, channel.calls_per_s)]
        http = PacedHttp(self.http, self.pace, limits)
        return channel, link_of(connection, tenant_id, self.keyrings.masters, http, self.now)

    async def close(self) -> None:
        """Break off what is being read, which says from where to go on, and hang up."""
        for task in self.asked.values():
            task.cancel()
        await asyncio.gather(*self.asked.values(), return_exceptions=True)
        await self.http.close()

    async def renew_or_lose(
        self, database: Database, tenant_id: int, connection: Connection, error: GrantLost
    ) -> None:
        """Do something about a grant that the platform doesn't accept any more."""
        reached = Reached(connection, *self.reach(tenant_id, connection))
        masters = self.keyrings.masters
        await renew_or_lose(database, tenant_id, reached, masters, said=error.code)

    def reach_asking(self, tenant_id: int, connection: Connection) -> tuple[Asking, Link]:
        """Make ready to answer a store's platform, which calls us, and to tell it something."""
        asking = self.asking[connection.channel]
        return asking, link_of(connection, tenant_id, self.keyrings.masters, self.http, self.now)


async def ask_platforms(
    database: Database, tenant_id: int, outside: Outside, *, patience_s: float | None = None
) -> bool:
    """Read what changed since we last did, of each store that is due. True: there is more.

    All at once, and none is waited for longer than `patience_s`: a platform that is slow or doesn't
    answer holds up nobody else's orders. It goes on being read, and isn't asked twice meanwhile.
    """
    async with database.transaction(tenant_id) as tx:
        due = await connections_to_ask(tx, tenant_id, outside.now())
    for each in due:
        name = tenant_id, each.store_id
        if each.channel in outside.channels and name not in outside.asked:
            asking = _ask(database, tenant_id, outside, each)
            outside.asked[name] = asyncio.create_task(asking, name=f"ask {each.channel}")
    ours = {name: task for name, task in outside.asked.items() if name[0] == tenant_id}
    if not ours:
        return False
    done, _ = await asyncio.wait(ours.values(), timeout=patience_s)
    for name, task in ours.items():
        if task in done:
            del outside.asked[name]
    return any(await all_of(done))


async def _ask(
    database: Database, tenant_id: int, outside: Outside, connection: Connection
) -> bool:
    at = outside.now()
    try:
        channel, link = outside.reach(tenant_id, connection)
        orders_until = await _orders(database, tenant_id, channel, link, connection)
        refunds_until = await _refunds(database, tenant_id, channel, link, connection)
    except (OutsideError, Invalid, Conflict) as error:  # its address or its seal is no good
        await _failed(database, tenant_id, connection, error, at)
        if isinstance(error, GrantLost):
            await outside.renew_or_lose(database, tenant_id, connection, error)
        return False
    behind = any(
        until is not None and until < at - 2 * channel.bounds.lag - OVERLAP
        for until in (orders_until, refunds_until)
    )
    async with database.transaction(tenant_id) as tx:
        await note_asked(
            tx,
            tenant_id,
            connection.store_id,
            next_at=at if behind else at + every(connection),
            orders_until=orders_until,
            refunds_until=refunds_until,
        )
        for until, read_until in (
            (connection.orders_until, orders_until),
            (connection.refunds_until, refunds_until),
        ):
            if read_until and (missed := forgotten(channel.bounds, at, until)):
                await note_missed(tx, tenant_id, connection.store_id, missed)
    return behind


async def all_of(each: Iterable[Awaitable[Got]]) -> list[Got]:
    """Do them side by side, all to their end, before the first that failed is told of."""
    done = await asyncio.gather(*each, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]


async def _orders(
    database: Database, tenant_id: int, channel: Channel, link: Link, connection: Connection
) -> datetime | None:
    """Read the next window of orders; return until when all is known now."""
    if Can.COLLECT not in channel.can:
        return None
    window, until = window_of(channel, link.now(), connection.orders_until, connection)
    ask = partial(channel.orders, link)
    async for told in pages_of(ask, window, link.now(), channel=channel.name):
        async with database.transaction(tenant_id) as tx:
            await _see(tx, tenant_id, channel, connection.store_id, told.members)
            await see_unreadable_orders(tx, tenant_id, connection.store_id, told.wrong)
    return until


async def _see(
    tx: Tx, tenant_id: int, channel: Channel, store_id: UUID, told: Sequence[ShopOrder]
) -> None:
    """Note orders, and the refunds that they tell of; those first, as locks are taken."""
    apart = Can.LIST_REFUNDS in channel.can
    if not apart:
        refunds = [each for order in told for each in refunds_told_by(order)]
        await see_refunds(tx, tenant_id, store_id, refunds)
    changed = {each.number for each in await see(tx, tenant_id, store_id, told, apart=apart)}
    if any(not order.complete and order.order_id in changed for order in told):
        await wake(tx, tenant_id, TOLD_OF)  # who reads them whole


async def _refunds(
    database: Database, tenant_id: int, channel: Channel, link: Link, connection: Connection
) -> datetime | None:
    if Can.LIST_REFUNDS not in channel.can:
        return None
    window, until = window_of(channel, link.now(), connection.refunds_until, connection)
    ask = partial(channel.refunds, link)
    async for told in pages_of(ask, window, link.now(), channel=channel.name):
        async with database.transaction(tenant_id) as tx:
            await see_refunds(tx, tenant_id, connection.store_id, told.members)
            await see_unreadable_refunds(tx, tenant_id, connection.store_id, told.wrong, link.now())
    return until


def refunds_told_by(order: ShopOrder) -> list[ShopRefund]:
    """The refunds that an order tells of itself, where the platform has no list of them.

    How much of a line went back is what the order says; of a closed order, all of it.
    """
    closed = order.state is ShopState.CLOSED
    return [
        ShopRefund(
            f"{order.order_id}:{line.line_id}",
            order.order_id,
            line.line_id,
            line.refund,
            line.paid_e4 if closed and line.refunded_e4 is None else line.refunded_e4,
            order.changed_at,
        )
        for line in order.lines
        if line.refund is not ShopRefundState.NONE
    ]


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
        await _failed(database, tenant_id, connection, lost, at)
        await outside.renew_or_lose(database, tenant_id, connection, lost)
    told = [each.told for each in read if each.told is not None]
    async with database.transaction(tenant_id) as tx:
        await _see(tx, tenant_id, outside.channels[connection.channel], connection.store_id, told)
        for each in read:  # also where what was told is no newer
            order, error = each.order, each.error
            wrong = isinstance(error, ShopOrderWrong | NoSuchShopOrder)
            pause = PAUSE_MAX * 2 ** min(order.attempts, 8) if wrong else 5 * ASK_EVERY
            said = "" if error is None else error.code
            await put_off_reading(tx, tenant_id, order, next_at=at + pause, said=said, hold=wrong)


async def fetch_listings(
    database: Database, tenant_id: int, outside: Outside, connection: Connection
) -> None:
    """Read all that a store has for sale. Raises: StoreNotGranted, OutsideError."""
    if connection.grant_state is not GrantState.GRANTED:
        raise StoreNotGranted
    if connection.channel in outside.asking:
        raise ChannelCannot(channel=connection.channel, what=Can.LIST_LISTINGS.value)
    channel, link = outside.reach(tenant_id, connection)
    page = None
    for _ in range(PAGES_MAX):
        try:
            told = await channel.listings(link, page)
        except GrantLost as error:
            await outside.renew_or_lose(database, tenant_id, connection, error)
            raise
        async with database.transaction(tenant_id) as tx:
            await see_listings(tx, tenant_id, connection.store_id, told.members)
        page = told.next
        if page is None:
            return
    raise ChannelUnclear(channel=channel.name, said="pages without end")


async def renew_grants(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Renew permissions that end soon; and seal what an earlier version kept open."""
    at = outside.now()
    declared = {name: channel.secret_options for name, channel in outside.channels.items()}
    async with database.transaction(tenant_id) as tx:
        await seal_open_options(tx, tenant_id, outside.keyrings.masters, declared)
        due = await connections_to_renew(tx, tenant_id, at)
    for connection in due:
        channel = outside.channels.get(connection.channel)
        if channel is None or Can.REFRESH not in channel.can:
            continue
        try:
            reached = Reached(connection, *outside.reach(tenant_id, connection))
            await renew(database, tenant_id, reached, outside.keyrings.masters, most=None)
        except (OutsideError, Invalid) as error:
            await _failed(database, tenant_id, connection, error, at)
            if isinstance(error, GrantLost):
                async with database.transaction(tenant_id) as tx:
                    await lose_grant(tx, tenant_id, connection, error.code)
    return False


async def _failed(
    database: Database, tenant_id: int, connection: Connection, error: KashuError, at: datetime
) -> None:
    """Note that a platform didn't answer as it should; ask again later, ever more seldom."""
    pause = max(min(ASK_EVERY * 2 ** min(connection.failures, 10), PAUSE_MAX), every(connection))
    async with database.transaction(tenant_id) as tx:
        await note_asked(tx, tenant_id, connection.store_id, next_at=at + pause, said=error.code)
