"""Ask: collect what changed on the platforms, so that an outage of either side loses nothing.

The rows say from when on a platform is to be asked. Windows overlap, since platforms are late and
clocks differ; what is told twice has one effect. Nothing is called inside a transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
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
    Page,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
    Window,
)
from kashu.channels.connections import (
    Connection,
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
    StoreNotGranted,
)
from kashu.channels.grants import Reached, renew, renew_or_lose
from kashu.channels.kinds import GrantState
from kashu.channels.listings import see_listings
from kashu.channels.missed import note_missed
from kashu.channels.options import seal_open_options
from kashu.channels.shop_orders import (
    TOLD_OF,
    see,
)
from kashu.channels.shop_refunds import see_refunds
from kashu.channels.unreadable import see_unreadable_orders, see_unreadable_refunds
from kashu.channels.windows import (
    ASK_EVERY,
    LOOK_EVERY,
    PAGES_MAX,
    Round,
    every,
    forgotten,
    glance_of,
    is_behind,
    look_of,
    pages_of,
    rounds_due,
    unhurried,
)
from kashu.core.clock import Clock, now
from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict, Invalid, KashuError, OutsideError
from kashu.core.http import Http
from kashu.core.jobs import wake
from kashu.core.pace import Pace, PacedHttp
from kashu.core.sockets import Sockets

_log = structlog.get_logger()

PAUSE_MAX: Final = timedelta(minutes=5)  # between attempts while a platform is out of order

Got = TypeVar("Got")
Member = TypeVar("Member")


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
    # What is being read just now, by tenant, store and how.
    asked: dict[tuple[int, UUID, Round], asyncio.Task[bool]] = field(default_factory=dict)

    def can(self, channel: str) -> frozenset[Can]:
        """Say what a platform lets programs do; of one whose adapter isn't installed, nothing."""
        if channel in self.asking:
            return frozenset({Can.ASKED})
        adapter = self.channels.get(channel)
        return frozenset() if adapter is None else adapter.can

    def reach(self, tenant_id: int, connection: Connection) -> tuple[Channel, Link]:
        """Make ready to call a store's platform."""
        channel = self.channels[connection.channel]
        app = f"{connection.channel}:{connection.app_key}"
        shop = f"{app}:{connection.store_id}"
        limits = [(shop, channel.shop_calls_per_s), (app, channel.calls_per_s)]
        http = PacedHttp(self.http, self.pace, limits, names=channel.shop_calls_named_per_s)
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
        if each.channel not in outside.channels:
            continue
        for round_ in rounds_due(outside.channels[each.channel], outside.now(), each):
            name = tenant_id, each.store_id, round_
            if name not in outside.asked:
                asking = _ask(database, tenant_id, outside, each, round_)
                outside.asked[name] = asyncio.create_task(asking, name=f"{round_} {each.channel}")
    ours = {name: task for name, task in outside.asked.items() if name[0] == tenant_id}
    if not ours:
        return False
    done, _ = await asyncio.wait(ours.values(), timeout=patience_s)
    for name, task in ours.items():
        if task in done:
            del outside.asked[name]
    return any(await all_of(done))


async def _ask(
    database: Database, tenant_id: int, outside: Outside, connection: Connection, round_: Round
) -> bool:
    at = outside.now()
    beside = round_ is Round.LOOK and connection.ok_at is not None and not connection.failures
    try:
        channel, link = outside.reach(tenant_id, connection)
        asked = _Asked(database, tenant_id, channel, link, connection, round_)
        orders_until = await _orders(asked)
        refunds_until = await _refunds(asked)
    except (OutsideError, Invalid, Conflict) as error:  # its address or its seal is no good
        await note_failed(database, tenant_id, connection, error, at)
        if isinstance(error, GrantLost):
            await outside.renew_or_lose(database, tenant_id, connection, error)
        return False
    behind = any(
        until is not None and is_behind(channel.bounds, at, until)
        for until in (orders_until, refunds_until)
    )
    async with database.transaction(tenant_id) as tx:
        await note_asked(
            tx,
            tenant_id,
            connection.store_id,
            next_at=at if behind else None if beside else at + every(connection),
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A store whose platform is asked what changed."""

    database: Database
    tenant_id: int
    channel: Channel
    link: Link
    connection: Connection
    round: Round

    def window_from(self, until: datetime) -> tuple[Window, datetime | None]:
        """What to ask for where all before `until` is known, and until when it is after that."""
        at = self.link.now()
        if self.round is Round.GLANCE:
            return glance_of(at, self.connection), None
        return look_of(self.channel.bounds, at, until, self.connection)

    def pages(
        self,
        ask: Callable[[Link, Window, str | None], Awaitable[Page[Member]]],
        window: Window,
        until: datetime,
    ) -> AsyncIterator[Page[Member]]:
        """Read them; without haste where nothing waits for them."""
        at, bounds = self.link.now(), self.channel.bounds
        told = pages_of(partial(ask, self.link), window, at, channel=self.channel.name)
        alone = self.connection.ok_at is None or self.connection.failures > 0
        in_haste = self.round is Round.GLANCE or alone or is_behind(bounds, at - LOOK_EVERY, until)
        return told if in_haste else unhurried(told)


async def _orders(asked: _Asked) -> datetime | None:
    """Read the next window of orders; return until when all is known now. None: as before."""
    channel, store_id = asked.channel, asked.connection.store_id
    if Can.COLLECT not in channel.can:
        return None
    before = asked.connection.orders_until
    window, until = asked.window_from(before)
    async for told in asked.pages(channel.orders, window, before):
        async with asked.database.transaction(asked.tenant_id) as tx:
            await see_told(tx, asked.tenant_id, channel, store_id, told.members)
            await see_unreadable_orders(tx, asked.tenant_id, store_id, told.wrong)
    return until


async def see_told(
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


async def _refunds(asked: _Asked) -> datetime | None:
    channel, store_id = asked.channel, asked.connection.store_id
    if Can.LIST_REFUNDS not in channel.can:
        return None
    before = asked.connection.refunds_until
    window, until = asked.window_from(before)
    async for told in asked.pages(channel.refunds, window, before):
        async with asked.database.transaction(asked.tenant_id) as tx:
            await see_refunds(tx, asked.tenant_id, store_id, told.members)
            at = asked.link.now()
            await see_unreadable_refunds(tx, asked.tenant_id, store_id, told.wrong, at)
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
            await note_failed(database, tenant_id, connection, error, at)
            if isinstance(error, GrantLost):
                async with database.transaction(tenant_id) as tx:
                    await lose_grant(tx, tenant_id, connection, error.code)
    return False


async def note_failed(
    database: Database, tenant_id: int, connection: Connection, error: KashuError, at: datetime
) -> None:
    """Note that a platform didn't answer as it should; ask again later, ever more seldom."""
    pause = max(min(ASK_EVERY * 2 ** min(connection.failures, 10), PAUSE_MAX), every(connection))
    async with database.transaction(tenant_id) as tx:
        await note_asked(tx, tenant_id, connection.store_id, next_at=at + pause, said=error.code)
