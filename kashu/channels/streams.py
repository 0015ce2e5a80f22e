"""Streams: write down what platforms tell over connections that we hold open.

A push is believed for an order's number only, as everywhere; whoever asks now and then finds what a
stream lost. Nothing is awaited from outside inside a transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from uuid import UUID

import structlog

from kashu.channels.ask import Outside
from kashu.channels.channel import Can, Link, Push, Signal
from kashu.channels.connections import Connection, granted_connections
from kashu.channels.heard import ONCE_IN, note_heard
from kashu.channels.shop_orders import told_of
from kashu.channels.streaming import Streaming
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.errors import Invalid, OutsideError

_log = structlog.get_logger()

_READ: Final = frozenset({Signal.ORDER, Signal.REFUND})


@dataclass(frozen=True, slots=True)
class StreamName:
    """Whose stream it is: an application's, at one address."""

    channel: str
    app_key: str
    base_url: str


async def streams_wanted(
    database: Database, tenant_id: int, outside: Outside
) -> dict[StreamName, tuple[Connection, ...]]:
    """Find the applications to be listened to, and their stores, in order of id.

    One store that wants it is enough for its application: the others are told of as well.
    """
    async with database.transaction(tenant_id) as tx:
        granted = await granted_connections(tx, tenant_id)
    found: dict[StreamName, list[Connection]] = {}
    for each in granted:
        channel = outside.channels.get(each.channel)
        if channel is not None and Can.STREAM in channel.can:
            name = StreamName(each.channel, each.app_key, each.base_url)
            found.setdefault(name, []).append(each)
    return {
        name: tuple(stores)
        for name, stores in found.items()
        if any(_wants(outside, each) for each in stores)
    }


def is_same(before: Sequence[Connection], after: Sequence[Connection]) -> bool:
    """Tell whether a stream of these stores can go on: nothing that it needs has changed."""
    return [_needed(each) for each in before] == [_needed(each) for each in after]


def _needed(store: Connection) -> tuple[object, ...]:
    return store.store_id, store.shop_id, store.sealed_app_secret, dict(store.options)


async def permit_stores(
    database: Database, tenant_id: int, outside: Outside, name: StreamName
) -> None:
    """Have the platform tell of each store that wants it: all are tried, whichever refuse.

    Raises: OutsideError, Invalid: the first trouble met.
    """
    met: OutsideError | Invalid | None = None
    wanted = await streams_wanted(database, tenant_id, outside)  # by tokens as they are now
    for each in wanted.get(name, ()):
        if not _wants(outside, each):
            continue
        try:
            _, link = outside.reach(tenant_id, each)
            await _streaming(outside, each).permit_stream(link)
        except (OutsideError, Invalid) as error:
            met = met or error
    if met is not None:
        raise met


async def hear(
    database: Database,
    tenant_id: int,
    outside: Outside,
    stores: Sequence[Connection],
    *,
    opened: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Hold the stream of an application open, and write down what it tells, until it ends.

    What is told is acknowledged once it is committed: if that fails, the platform tells it again.
    Raises: OutsideError, Invalid (the stream ended), or what the database raises.
    """
    of_app = next(each for each in stores if _wants(outside, each))
    _, link = outside.reach(tenant_id, of_app)
    bare = Link(link.app, None, link.http, link.now)  # it is nobody's in particular
    by_shop = {each.shop_id: each.store_id for each in stores}
    silent_until = now()
    async with _streaming(outside, of_app).stream(bare, outside.sockets) as stream:
        opened()
        while True:
            told = await stream.told()
            await _write_down(database, tenant_id, by_shop, told.pushes)
            await stream.taken(told)
            if told.pushes and now() >= silent_until:
                silent_until = now() + ONCE_IN
                shops = {push.shop_id for push in told.pushes}
                await note_heard(database, tenant_id, [s for s in stores if s.shop_id in shops])


async def _write_down(
    database: Database,
    tenant_id: int,
    by_shop: Mapping[str | None, UUID],
    pushes: Sequence[Push],
) -> None:
    """Note which orders are to be read. Of shops that aren't ours nothing is kept."""
    numbers: dict[UUID, list[str]] = {}
    strangers = 0
    for push in pushes:
        store_id = by_shop.get(push.shop_id)
        if store_id is None:
            strangers += 1
        elif push.order_id and push.signal in _READ:
            numbers.setdefault(store_id, []).append(push.order_id)
    if strangers:
        _log.warning("stream_tells_of_others", tenant=tenant_id, count=strangers)
    for store_id, told in numbers.items():  # each its own: locks are taken in one store's order
        async with database.transaction(tenant_id) as tx:
            await told_of(tx, tenant_id, store_id, told)


def _wants(outside: Outside, store: Connection) -> bool:
    return _streaming(outside, store).streams(store.options)


def _streaming(outside: Outside, store: Connection) -> Streaming:
    channel = outside.channels[store.channel]
    assert isinstance(channel, Streaming), f"{store.channel} can stream, it says"
    return channel
