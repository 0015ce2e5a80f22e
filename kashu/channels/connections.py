"""Connections: link a store to its platform, keep its permission, stop and start it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.access.options import open_options, seal_options, sort_options
from kashu.channels.channel import App, Grant, Link
from kashu.channels.errors import AskEveryWrong, ShopConnectedElsewhere, StoreNotConnected
from kashu.channels.kinds import GrantState, Mode
from kashu.channels.left_to_people import look_again
from kashu.channels.mode_locks import begin_mode_change
from kashu.channels.reads import store_by_code
from kashu.channels.tables import connections
from kashu.core.clock import Clock
from kashu.core.db import Tx, on_violation
from kashu.core.events import Event, record
from kashu.core.http import Http
from kashu.core.jobs import wake
from kashu.core.secrets import MasterKeys, Secret

REFRESH_AHEAD: Final = timedelta(hours=2)  # JD renews in the last day only
# An option of every connection: so many seconds between two questions for what changed. For
# platforms that want to be paid for each call.
ASK_EVERY_S: Final = "ask_every_s"
ASK_EVERY_MAX_S: Final = 3_600
SHOP_ORDERS_DUE: Final = "channels.due"  # called out when there is something to take in

on_violation("shop_is_connected_once", ShopConnectedElsewhere)


@dataclass(frozen=True, slots=True)
class Connection:
    """A store's link to its platform, without its secrets in clear."""

    store_id: UUID
    channel: str
    app_key: str
    base_url: str
    options: Mapping[str, str]  # those that aren't secret
    grant_state: GrantState
    shop_id: str | None
    shop_name: str | None
    expires_at: datetime | None
    refreshable_until: datetime | None
    mode: Mode
    orders_until: datetime
    refunds_until: datetime
    failures: int
    said: str
    ok_at: datetime | None
    pushed_at: datetime | None  # when it last told us something by itself
    next_at: datetime  # when it is asked again
    missed_from: datetime | None  # what changed there then was never read …
    missed_until: datetime | None  # … and nobody has said that it was looked after
    grant_number: int
    renewals: int  # in a row, of which none let us in
    sealed_app_secret: bytes = field(repr=False)
    sealed_access: bytes | None = field(repr=False)
    sealed_refresh: bytes | None = field(repr=False)
    sealed_options: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewConnection:
    """How to reach a platform as our application there."""

    app_key: str
    app_secret: Secret
    base_url: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_options: Collection[str] = ()  # the names of those that are secret, as the adapter says


async def connect(
    tx: Tx, tenant_id: int, actor: str, code: str, wanted: NewConnection, *, masters: MasterKeys
) -> Connection:
    """Give a store its application, or another one. The seller must then permit it.

    Raises: UnknownStore, AskEveryWrong.
    """
    seconds = wanted.options.get(ASK_EVERY_S, "1")
    if not (re.fullmatch(r"[0-9]{1,4}", seconds) and 1 <= int(seconds) <= ASK_EVERY_MAX_S):
        raise AskEveryWrong(most=ASK_EVERY_MAX_S)
    store = await store_by_code(tx, tenant_id, code)
    plain, secret = sort_options(wanted.options, wanted.secret_options)
    values = {
        "channel": store.channel,
        "app_key": wanted.app_key,
        "sealed_app_secret": seal_for_access(
            masters, wanted.app_secret, tenant_id=tenant_id, owner=store.id
        ),
        "base_url": wanted.base_url,
        "options": plain,
        "sealed_options": seal_options(masters, secret, tenant_id=tenant_id, owner=store.id),
        "grant_state": GrantState.WANTED,
        "shop_id": None,
        # What another application, or an address given before, was trusted with isn't handed on.
        "sealed_access": None,
        "sealed_refresh": None,
        "expires_at": None,
        "refreshable_until": None,
    }
    await tx.execute(
        insert(connections)
        .values(tenant_id=tenant_id, store_id=store.id, **values)
        .on_conflict_do_update(
            index_elements=[connections.c.tenant_id, connections.c.store_id],
            set_=values | {"grant_number": connections.c.grant_number + 1},
        )
    )
    facts = {"app_key": wanted.app_key, "base_url": wanted.base_url}
    await record(tx, tenant_id, actor, [Event("store.connected", store.id, facts)])
    return await connection_of(tx, tenant_id, store.id)


async def keep_grant(
    tx: Tx,
    tenant_id: int,
    actor: str,
    store_id: UUID,
    grant: Grant,
    *,
    masters: MasterKeys,
    instead_of: Connection | None = None,
) -> bool:
    """Keep what the platform gave. False: it was given again meanwhile; the newer one stands.

    `instead_of`: the connection as it was before a renewal.
    Raises: ShopConnectedElsewhere.
    """

    def sealed(token: Secret | None) -> bytes | None:
        if token is None:
            return None
        return seal_for_access(masters, token, tenant_id=tenant_id, owner=store_id)

    ours = (connections.c.tenant_id == tenant_id) & (connections.c.store_id == store_id)
    if instead_of is not None:
        ours &= connections.c.grant_number == instead_of.grant_number
    kept = await tx.execute(
        update(connections)
        .where(ours)
        .values(
            grant_state=GrantState.GRANTED,
            shop_id=grant.shop_id,
            shop_name=grant.shop_name,
            sealed_access=sealed(grant.access_token),
            sealed_refresh=sealed(grant.refresh_token),
            expires_at=grant.expires_at,
            refreshable_until=grant.refreshable_until,
            grant_number=connections.c.grant_number + 1,
            next_at=func.now(),
            failures=0,
            said="",
            **({"renewing_until": None, "renewals": 0} if instead_of is None else {}),
        )
    )
    if not kept.rowcount:
        return False
    kind = "store.granted" if instead_of is None else "store.grant_renewed"
    facts = {"shop": grant.shop_name, "shop_id": grant.shop_id}
    await record(tx, tenant_id, actor, [Event(kind, store_id, facts)])
    return True


async def lose_grant(tx: Tx, tenant_id: int, of: Connection, said: str) -> None:
    """The platform no longer lets us: nothing more is asked until the seller permits it anew.

    `of`: the connection as it was used. One that was renewed or permitted meanwhile stays.
    """
    store_id = of.store_id
    lost = await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == store_id)
        .where(connections.c.grant_state == GrantState.GRANTED)
        .where(connections.c.grant_number == of.grant_number)
        .values(grant_state=GrantState.LOST, said=said)
    )
    if lost.rowcount:
        await record(tx, tenant_id, "system", [Event("store.grant_lost", store_id, {"said": said})])


async def set_mode(tx: Tx, tenant_id: int, actor: str, code: str, mode: Mode) -> Connection:
    """Say how far we act for a store. What is collected stays; what was assigned stays assigned.

    What was paid in a pilot's shadow is left to people, whatever comes after it.
    Raises: UnknownStore, StoreNotConnected.
    """
    store = await store_by_code(tx, tenant_id, code)
    await begin_mode_change(tx, tenant_id, store.id)
    changed = await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == store.id)
        .where(connections.c.mode != mode)
        .values(mode=mode, **_pilot(mode))
    )
    if changed.rowcount:
        await record(tx, tenant_id, actor, [Event(f"store.{mode.value}", store.id, {})])
        await look_again(tx, tenant_id, store.id)
        await wake(tx, tenant_id, SHOP_ORDERS_DUE)
    return await connection_of(tx, tenant_id, store.id)


def _pilot(mode: Mode) -> dict[str, Any]:
    """Say when a store's pilot began, and from when on we may act after it."""
    if mode is Mode.SHADOW:
        return {"shadow_from": func.coalesce(connections.c.shadow_from, func.now())}
    left = case((connections.c.mode == Mode.SHADOW, func.now()), else_=connections.c.acts_from)
    return {"acts_from": left} | ({"shadow_from": None} if mode is Mode.AUTOMATIC else {})


async def connection_of(tx: Tx, tenant_id: int, store_id: UUID) -> Connection:
    """Read a store's connection. Raises: StoreNotConnected."""
    rows = await tx.execute(_all(tenant_id).where(connections.c.store_id == store_id))
    row = rows.one_or_none()
    if row is None:
        raise StoreNotConnected
    return _connection(row)


async def connections_by_store(
    tx: Tx, tenant_id: int, store_ids: Sequence[UUID]
) -> dict[UUID, Connection]:
    """Read some stores' connections; those without one are left out."""
    rows = await tx.execute(_all(tenant_id).where(connections.c.store_id.in_(store_ids)))
    return {row.store_id: _connection(row) for row in rows}


async def granted_connections(tx: Tx, tenant_id: int) -> list[Connection]:
    """Those whose platform lets us act for the shop."""
    rows = await tx.execute(
        _all(tenant_id)
        .where(connections.c.grant_state == GrantState.GRANTED)
        .order_by(connections.c.store_id)
    )
    return [_connection(row) for row in rows]


async def connections_to_ask(tx: Tx, tenant_id: int, at: datetime) -> list[Connection]:
    """Those whose platform is to be asked now for what changed."""
    rows = await tx.execute(
        _all(tenant_id)
        .where(connections.c.grant_state == GrantState.GRANTED, connections.c.next_at <= at)
        .order_by(connections.c.next_at)
    )
    return [_connection(row) for row in rows]


async def connections_to_renew(tx: Tx, tenant_id: int, at: datetime) -> list[Connection]:
    """Those whose permission ends soon and can be renewed without the seller."""
    rows = await tx.execute(
        _all(tenant_id)
        .where(connections.c.grant_state == GrantState.GRANTED)
        .where(connections.c.sealed_refresh.is_not(None))
        .where(connections.c.expires_at <= at + REFRESH_AHEAD)
        .where(or_(connections.c.refreshable_until.is_(None), connections.c.refreshable_until > at))
    )
    return [_connection(row) for row in rows]


async def note_asked(
    tx: Tx,
    tenant_id: int,
    store_id: UUID,
    *,
    next_at: datetime | None,
    said: str = "",
    orders_until: datetime | None = None,
    refunds_until: datetime | None = None,
) -> None:
    """Note how asking a platform ended: `said` is a failure's code, empty when all went well.

    `next_at`: when it is asked again; None: when it was to be.
    """
    values: dict[str, Any] = {"said": said} | ({} if next_at is None else {"next_at": next_at})
    if said:
        values["failures"] = connections.c.failures + 1
    else:
        values |= {"failures": 0, "ok_at": func.now(), "renewals": 0}
    if orders_until is not None:
        values["orders_until"] = func.greatest(connections.c.orders_until, orders_until)
    if refunds_until is not None:
        values["refunds_until"] = func.greatest(connections.c.refunds_until, refunds_until)
    await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == store_id)
        .values(**values)
    )


def link_of(
    connection: Connection, tenant_id: int, masters: MasterKeys, http: Http, now: Clock
) -> Link:
    """Open what calls to the platform need. Raises: MasterKeyMissing, SealBroken."""

    def opened(sealed: bytes) -> Secret:
        return open_for_access(masters, sealed, tenant_id=tenant_id, owner=connection.store_id)

    app = App(
        connection.app_key,
        opened(connection.sealed_app_secret),
        connection.base_url,
        options_of(connection, tenant_id, masters),
    )
    grant = None
    if connection.sealed_access is not None:
        refresh = connection.sealed_refresh
        grant = Grant(
            connection.shop_id or "",
            connection.shop_name or "",
            opened(connection.sealed_access),
            None if refresh is None else opened(refresh),
            connection.expires_at,
            connection.refreshable_until,
        )
    return Link(app, grant, http, now)


def options_of(connection: Connection, tenant_id: int, masters: MasterKeys) -> dict[str, str]:
    """All options, with the secret ones. Raises: MasterKeyMissing, SealBroken."""
    sealed, owner = connection.sealed_options, connection.store_id
    return {
        **connection.options,
        **open_options(masters, sealed, tenant_id=tenant_id, owner=owner),
    }


def _all(tenant_id: int) -> Select[Any]:
    return select(connections).where(connections.c.tenant_id == tenant_id)


def _connection(row: Any) -> Connection:  # noqa: ANN401 (a row of SQLAlchemy's)
    return Connection(
        store_id=row.store_id,
        channel=row.channel,
        app_key=row.app_key,
        base_url=row.base_url,
        options=row.options,
        grant_state=GrantState(row.grant_state),
        shop_id=row.shop_id,
        shop_name=row.shop_name,
        expires_at=row.expires_at,
        refreshable_until=row.refreshable_until,
        mode=Mode(row.mode),
        orders_until=row.orders_until,
        refunds_until=row.refunds_until,
        failures=row.failures,
        said=row.said,
        ok_at=row.ok_at,
        pushed_at=row.pushed_at,
        next_at=row.next_at,
        missed_from=row.missed_from,
        missed_until=row.missed_until,
        grant_number=row.grant_number,
        renewals=row.renewals,
        sealed_app_secret=row.sealed_app_secret,
        sealed_access=row.sealed_access,
        sealed_refresh=row.sealed_refresh,
        sealed_options=row.sealed_options,
    )
