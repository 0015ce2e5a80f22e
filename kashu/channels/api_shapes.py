"""What is shown of a store: the store, how it stands with its platform, what may be done to it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.channels.channel import Can
from kashu.channels.health import Health
from kashu.channels.kinds import ChannelKind, GrantState, Mode, Step, StoreState
from kashu.channels.missed import MISSED
from kashu.channels.reads import Store


class StoreHealth(msgspec.Struct, frozen=True):
    """How a store stands with its platform.

    `renews`: the permission is renewed before `expires_at`, without the seller. `read_until`: every
    order that changed before is known; null where its platform isn't asked but tells us. `ok_at`:
    when it last answered as it should; `pushed_at`: when it last told us something by itself.
    `failures`: in a row; `said`: the code of the last, or of what is wrong. `missed_from`,
    `missed_until`: of what changed then it tells no more. `waiting`: its orders that aren't done,
    by step. `listings`, `on_sale`, of these `unmapped`; `own_modes`: how many listings don't do as
    their store.
    """

    grant: GrantState
    shop_name: str | None
    expires_at: datetime | None
    renews: bool
    mode: Mode
    shadow_from: datetime | None
    read_until: datetime | None
    ok_at: datetime | None
    next_at: datetime | None
    pushed_at: datetime | None
    failures: int
    said: str
    missed_from: datetime | None
    missed_until: datetime | None
    share_percent: int
    buffer: int
    listings: int
    on_sale: int
    unmapped: int
    own_modes: int
    waiting: dict[Step, int]


class StoreShown(msgspec.Struct, frozen=True):
    """A store, and what you can do to it. `health`: where it was asked for, and is connected."""

    id: UUID
    code: str
    name: str
    channel: ChannelKind
    partial_allowed: bool | None
    state: StoreState
    opened_at: datetime
    can: Sequence[str]
    health: StoreHealth | None


def store_shown(
    caller: Caller, store: Store, health: Health | None = None, can: Collection[Can] = ()
) -> StoreShown:
    """Show a store. `can`: what its platform lets programs do."""
    return StoreShown(
        id=store.id,
        code=store.code,
        name=store.name,
        channel=store.channel,
        partial_allowed=store.partial_allowed,
        state=store.state,
        opened_at=store.opened_at,
        can=_can(caller, store, health, can),
        health=None if health is None else _health(health, can),
    )


def _can(
    caller: Caller, store: Store, health: Health | None, can: Collection[Can]
) -> tuple[str, ...]:
    """What the caller may do to it now; to a connected store only where its health was read."""
    platform = store.channel is not ChannelKind.DIRECT and not caller.bound
    settings = caller.may(Permission.SETTINGS_WRITE)
    catalog = caller.may(Permission.CATALOG_WRITE) and platform
    connected = health is not None
    granted = health is not None and health.grant is GrantState.GRANTED
    running = health is not None and health.mode is not Mode.STOPPED
    missed = health is not None and health.missed_from is not None
    every = {
        "change": settings,
        "close": settings and store.state is StoreState.OPEN,
        "reopen": settings and store.state is StoreState.CLOSED,
        "connect": settings and platform,
        "authorize": settings and platform and connected,
        "set_mode": settings and platform and connected,
        "stop": catalog and running,
        "fetch_listings": catalog and granted and Can.LIST_LISTINGS in can,
        "map_listings": catalog,
        "change_publishing": catalog and connected and Can.PUBLISH_STOCK in can,
        "acknowledge_missed": settings and platform and missed,
    }
    return tuple(name for name, may in every.items() if may)


def _health(health: Health, can: Collection[Can]) -> StoreHealth:
    asked = Can.COLLECT in can
    said = health.said or (MISSED if health.missed_from else "")
    return StoreHealth(
        grant=health.grant,
        shop_name=health.shop_name,
        expires_at=health.expires_at,
        renews=health.renewable and Can.REFRESH in can,
        mode=health.mode,
        shadow_from=health.shadow_from,
        read_until=health.orders_until if asked else None,
        ok_at=health.ok_at,
        next_at=health.next_at if asked else None,
        pushed_at=health.pushed_at,
        failures=health.failures,
        said=said,
        missed_from=health.missed_from,
        missed_until=health.missed_until,
        share_percent=health.share_percent,
        buffer=health.buffer,
        listings=health.offered.listings,
        on_sale=health.offered.on_sale,
        unmapped=health.offered.unmapped,
        own_modes=health.offered.own_modes,
        waiting=dict(health.waiting),
    )
