"""Ask: collect what changed on the platforms, so that an outage of either side loses nothing.

The rows say from when on a platform is to be asked. Windows overlap, since platforms are late and
clocks differ; what is told twice has one effect. Nothing is called inside a transaction.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog

from kashu.access.keyring import Keyrings
from kashu.channels.channel import (
    Can,
    Channel,
    Link,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    Window,
)
from kashu.channels.connections import (
    Connection,
    connections_by_store,
    connections_to_ask,
    connections_to_renew,
    keep_grant,
    link_of,
    lose_grant,
    note_asked,
)
from kashu.channels.errors import (
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    ShopOrderWrong,
    StoreNotGranted,
)
from kashu.channels.kinds import GrantState
from kashu.channels.listings import see_listings
from kashu.channels.pace import Pace, PacedHttp
from kashu.channels.shop_orders import (
    TOLD_OF,
    KnownOrder,
    incomplete_orders,
    put_off_reading,
    see,
)
from kashu.channels.shop_refunds import see_refunds
from kashu.core.clock import Clock, now
from kashu.core.db import Database
from kashu.core.errors import Invalid, KashuError, OutsideError, Unavailable, Unclear
from kashu.core.http import Http
from kashu.core.jobs import wake

_log = structlog.get_logger()

ASK_EVERY: Final = timedelta(seconds=0.9)  # each second's sweep finds it due
GLANCE: Final = timedelta(seconds=5)  # asked for again by most questions: many orders change …
LOOK_EVERY: Final = timedelta(seconds=30)  # … but so often all that may have come late
OVERLAP: Final = timedelta(minutes=1)  # asked for again then, for clocks that differ …
DEEP_OVERLAP: Final = timedelta(minutes=10)  # … and so much now and then, and after a failure
DEEP_EVERY_S: Final = 300
PAUSE_MAX: Final = timedelta(minutes=5)  # between attempts while a platform is out of order
READ_AT_ONCE: Final = 50  # short forms of orders read in a step …
CALLS_AT_ONCE: Final = 16  # … and so many of them under way
PAGES_MAX: Final = 10_000  # of one list: more is a list without end

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

    def reach(self, tenant_id: int, connection: Connection) -> tuple[Channel, Link]:
        """Make ready to call a store's platform."""
        channel = self.channels[connection.channel]
        name = f"{connection.channel}:{connection.app_key}"
        http = PacedHttp(self.http, self.pace, name, channel.calls_per_s)
        return channel, link_of(connection, tenant_id, self.keyrings.masters, http, self.now)


async def ask_platforms(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Read what changed since we last did, of each store that is due. True: there is more.

    All at once: a platform that doesn't answer holds up nobody else's orders.
    """
    async with database.transaction(tenant_id) as tx:
        due = await connections_to_ask(tx, tenant_id, outside.now())
    ours = [connection for connection in due if connection.channel in outside.channels]
    return any(await all_of(_ask(database, tenant_id, outside, each) for each in ours))


async def _ask(
    database: Database, tenant_id: int, outside: Outside, connection: Connection
) -> bool:
    at = outside.now()
    try:
        channel, link = outside.reach(tenant_id, connection)
        orders_until = await _orders(database, tenant_id, channel, link, connection)
        refunds_until = await _refunds(database, tenant_id, channel, link, connection)
    except (OutsideError, Invalid) as error:  # Invalid: its address isn't allowed
        await _failed(database, tenant_id, connection, error, at)
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
            next_at=at if behind else at + ASK_EVERY,
            orders_until=orders_until,
            refunds_until=refunds_until,
        )
    return behind


async def all_of(each: Iterable[Coroutine[Any, Any, Got]]) -> list[Got]:
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
    window, until = _window(channel, link.now(), connection.orders_until, connection)
    page = None
    for _ in range(PAGES_MAX):
        told = await channel.orders(link, window, page)
        await _see(database, tenant_id, channel, connection.store_id, told.members)
        page = told.next
        if page is None:
            return until
    raise ChannelUnclear(channel=channel.name, said="pages without end")


async def _see(
    database: Database, tenant_id: int, channel: Channel, store_id: UUID, told: Sequence[ShopOrder]
) -> None:
    """Note orders, and the refunds that they tell of; those first, as locks are taken."""
    async with database.transaction(tenant_id) as tx:
        if Can.LIST_REFUNDS not in channel.can:
            refunds = [each for order in told for each in refunds_told_by(order)]
            await see_refunds(tx, tenant_id, store_id, refunds)
        changed = {each.number for each in await see(tx, tenant_id, store_id, told)}
        if any(not order.complete and order.order_id in changed for order in told):
            await wake(tx, tenant_id, TOLD_OF)  # who reads them whole


async def _refunds(
    database: Database, tenant_id: int, channel: Channel, link: Link, connection: Connection
) -> datetime | None:
    if Can.LIST_REFUNDS not in channel.can:
        return None
    window, until = _window(channel, link.now(), connection.refunds_until, connection)
    page = None
    for _ in range(PAGES_MAX):
        told = await channel.refunds(link, window, page)
        for wrong in told.wrong:  # its order is met, and held, where it is read
            _log.warning("refund_unreadable", store=str(connection.store_id), error=wrong.code)
        async with database.transaction(tenant_id) as tx:
            await see_refunds(tx, tenant_id, connection.store_id, told.members)
        page = told.next
        if page is None:
            return until
    raise ChannelUnclear(channel=channel.name, said="pages without end")


def _window(
    channel: Channel, at: datetime, until: datetime, connection: Connection
) -> tuple[Window, datetime]:
    """Say what to ask for, and until when all is known once that is answered.

    Up to now, since what is there already needn't wait; but what changed within the platform's lag
    is asked for again before it counts as known.
    """
    bounds, before = channel.bounds, connection.ok_at
    deep = before is None or at.timestamp() // DEEP_EVERY_S != before.timestamp() // DEEP_EVERY_S
    deep = deep or connection.failures > 0
    if before is not None and not deep and at - until <= bounds.lag + LOOK_EVERY:
        asked_at = min(connection.next_at - ASK_EVERY, before, at)
        return Window(asked_at - GLANCE, at), until
    overlap = min((DEEP_OVERLAP if deep else OVERLAP) + bounds.lag, bounds.window / 2)
    begin = max(until - overlap, at - bounds.history)
    end = min(begin + bounds.window, at)
    return Window(begin, end), max(min(end, at - bounds.lag), until)


def refunds_told_by(order: ShopOrder) -> list[ShopRefund]:
    """The refunds that an order tells of itself, where the platform has no list of them."""
    return [
        ShopRefund(
            f"{order.order_id}:{line.line_id}",
            order.order_id,
            line.line_id,
            line.refund,
            line.paid_e4,
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

    async def one(order: KnownOrder) -> None:
        connection = found[order.store_id]
        async with room:
            if connection.channel in outside.channels:
                await _read(database, tenant_id, outside, connection, order=order, away=away)

    await all_of(one(each) for each in due)
    return len(due) == READ_AT_ONCE and not away


async def _read(
    database: Database,
    tenant_id: int,
    outside: Outside,
    connection: Connection,
    *,
    order: KnownOrder,
    away: dict[UUID, OutsideError],
) -> None:
    at = outside.now()
    error: KashuError | None = away.get(order.store_id)
    if error is None:
        try:
            channel, link = outside.reach(tenant_id, connection)
            told = await channel.order(link, order.number)
            await _see(database, tenant_id, channel, order.store_id, [told])
        except (OutsideError, Invalid) as met:
            error = met
            if isinstance(met, GrantLost):
                await _failed(database, tenant_id, connection, met, at)
            if isinstance(met, Unavailable | Unclear):
                away[order.store_id] = met
    wrong = isinstance(error, ShopOrderWrong | NoSuchShopOrder)
    pause = PAUSE_MAX * 2 ** min(order.attempts, 8) if wrong else 5 * ASK_EVERY
    async with database.transaction(tenant_id) as tx:  # also where what was told is no newer
        said = "" if error is None else error.code
        await put_off_reading(tx, tenant_id, order, next_at=at + pause, said=said, hold=wrong)


async def fetch_listings(
    database: Database, tenant_id: int, outside: Outside, connection: Connection
) -> None:
    """Read all that a store has for sale. Raises: StoreNotGranted, OutsideError."""
    if connection.grant_state is not GrantState.GRANTED:
        raise StoreNotGranted
    channel, link = outside.reach(tenant_id, connection)
    page = None
    for _ in range(PAGES_MAX):
        told = await channel.listings(link, page)
        async with database.transaction(tenant_id) as tx:
            await see_listings(tx, tenant_id, connection.store_id, told.members)
        page = told.next
        if page is None:
            return
    raise ChannelUnclear(channel=channel.name, said="pages without end")


async def renew_grants(database: Database, tenant_id: int, outside: Outside) -> bool:
    """Renew permissions that end soon. One at a time: this sweep is led by one worker."""
    at = outside.now()
    async with database.transaction(tenant_id) as tx:
        due = await connections_to_renew(tx, tenant_id, at)
    for connection in due:
        channel = outside.channels.get(connection.channel)
        if channel is None or Can.REFRESH not in channel.can:
            continue
        try:
            channel, link = outside.reach(tenant_id, connection)
            grant = await channel.refresh(link)
        except (OutsideError, Invalid) as error:
            await _failed(database, tenant_id, connection, error, at)
            continue
        async with database.transaction(tenant_id) as tx:
            await keep_grant(
                tx,
                tenant_id,
                "system",
                connection.store_id,
                grant,
                masters=outside.keyrings.masters,
                instead_of=connection,
            )
    return False


async def _failed(
    database: Database, tenant_id: int, connection: Connection, error: KashuError, at: datetime
) -> None:
    """Note that a platform didn't answer as it should; ask again later, ever more seldom."""
    pause = min(ASK_EVERY * 2 ** min(connection.failures, 10), PAUSE_MAX)
    async with database.transaction(tenant_id) as tx:
        await note_asked(tx, tenant_id, connection.store_id, next_at=at + pause, said=error.code)
        if isinstance(error, GrantLost):
            await lose_grant(tx, tenant_id, connection, error.code)
