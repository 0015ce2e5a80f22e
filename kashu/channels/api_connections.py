"""HTTP of connections: link a store to its platform, and say how far we act for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import open_for_access
from kashu.access.options import HIDDEN, is_secret, keep_hidden
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside
from kashu.channels.asking_stores import addresses_of, grant_of, permit_at_once
from kashu.channels.channel import Can, Channel, Grant
from kashu.channels.connections import (
    Connection,
    NewConnection,
    connect,
    connection_of,
    connections_by_store,
    keep_grant,
    options_of,
)
from kashu.channels.errors import (
    ChannelCannot,
    ChannelNotInstalled,
    GrantOfNothing,
    ShopIdMissing,
)
from kashu.channels.kinds import GrantState, Mode
from kashu.channels.missed import MISSED, acknowledge_missed
from kashu.channels.reads import Store, store_by_code
from kashu.core.db import Database, Tx
from kashu.core.naming import Code
from kashu.core.secrets import Secret

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
Url = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^(https?://[^\s?#@\\]+)?$")]
Redirect = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^https?://[^\s#]+$")]


class ConnectionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Our application at the platform. `base_url`: of a sandbox or simulator.

    A secret that comes back as `•••` stays as it is, where it goes to the same application.
    """

    app_key: Text
    app_secret: Text
    base_url: Url = ""
    options: dict[Text, Text] = {}

    def __repr__(self) -> str:
        """Hide the secret."""
        return f"ConnectionBody({self.app_key!r}, •••)"


class GrantBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the seller's permission gave: a code to be exchanged, or the token itself.

    The token itself is for applications whose console shows it to the seller. It comes with
    `shop_id`: how the platform names the shop.
    """

    code: Text | None = None
    redirect: Redirect | None = None  # as it was when the seller was sent there
    access_token: Text | None = None
    refresh_token: Text | None = None
    shop_id: Text | None = None
    shop_name: str = ""
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __repr__(self) -> str:
        """Hide it."""
        return "GrantBody(•••)"


class ConnectionShown(msgspec.Struct, frozen=True):
    """A connection, without its secrets. `said`: the code of the last failure, or of what is wrong.

    `missed_from`, `missed_until`: of what changed then the platform tells no more (history_missed);
    look in its console, then acknowledge it. `asked_at`: where a platform that asks us for cards
    calls, to be registered with it; `push_at`: where one that tells us what happened does so.
    """

    store: str
    channel: str
    app_key: str
    base_url: str
    options: dict[str, str]
    grant: GrantState
    shop_id: str | None
    shop_name: str | None
    expires_at: datetime | None
    mode: Mode
    orders_until: datetime
    failures: int
    said: str
    ok_at: datetime | None
    missed_from: datetime | None
    missed_until: datetime | None
    can: list[Can]
    asked_at: list[str]
    push_at: str | None


class AuthorizationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the seller comes back to, with `state` as it is here, to tell that it was us."""

    redirect: Redirect
    state: Text


class AuthorizationShown(msgspec.Struct, frozen=True):
    """Where the seller permits it."""

    url: str


@put(
    "/v1/stores/{code:str}/connection",
    operation_id="connectStore",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def put_connection(
    code: FromPath[Code],
    data: JSONBody[ConnectionBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> ConnectionShown:
    """Give a store its application at the platform. The seller must then permit it."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        asking = outside.asking.get(store.channel)
        secret_options = () if asking else _adapter(outside, store).secret_options
        app_secret, options = await _kept(tx, caller, outside, store, data)
        wanted = NewConnection(data.app_key, app_secret, data.base_url, options, secret_options)
        made = await connect(
            tx, caller.tenant_id, caller.actor, code, wanted, masters=outside.keyrings.masters
        )
        if asking is not None:
            made = await permit_at_once(
                tx,
                caller.tenant_id,
                caller.actor,
                asking,
                made,
                app_secret=wanted.app_secret,
                masters=outside.keyrings.masters,
            )
    return shown(caller, outside, store, made)


@get(
    "/v1/stores/{code:str}/connection",
    operation_id="readConnection",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404, 409),
)
async def read_connection(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> ConnectionShown:
    """How a store stands with its platform."""
    store, connection = await _connection(database, caller, code)
    return shown(caller, outside, store, connection)


@post(
    "/v1/stores/{code:str}/connection/authorization",
    operation_id="authorizeStore",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_authorization(
    code: FromPath[Code],
    data: JSONBody[AuthorizationBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> AuthorizationShown:
    """Where to send the seller. The platform sends them back to `redirect` with a code."""
    store, connection = await _connection(database, caller, code)
    adapter = _adapter(outside, store, Can.AUTHORIZE)
    _, link = outside.reach(caller.tenant_id, connection)
    url = adapter.authorize_url(link.app, redirect=data.redirect, state=data.state)
    return AuthorizationShown(url)


@post(
    "/v1/stores/{code:str}/connection/grant",
    operation_id="grantStore",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
    responses=problems(404, 409, 502),
)
async def post_grant(
    code: FromPath[Code],
    data: JSONBody[GrantBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> ConnectionShown:
    """Keep the seller's permission: exchange the code that came back, or keep the token given."""
    store, connection = await _connection(database, caller, code)
    grant = await _grant(data, caller.tenant_id, outside, store, connection)
    async with database.transaction(caller.tenant_id) as tx:
        await keep_grant(
            tx,
            caller.tenant_id,
            caller.actor,
            store.id,
            grant,
            masters=outside.keyrings.masters,
        )
        connection = await connection_of(tx, caller.tenant_id, store.id)
    return shown(caller, outside, store, connection)


@post(
    "/v1/stores/{code:str}/connection/missed/acknowledge",
    operation_id="acknowledgeMissed",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_acknowledge(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> ConnectionShown:
    """Say that you looked in the platform's console after what was missed in a long outage."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        connection = await acknowledge_missed(tx, caller.tenant_id, caller.actor, store.id)
    return shown(caller, outside, store, connection)


async def _connection(database: Database, caller: Caller, code: str) -> tuple[Store, Connection]:
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        return store, await connection_of(tx, caller.tenant_id, store.id)


async def _kept(
    tx: Tx, caller: Caller, outside: Outside, store: Store, data: ConnectionBody
) -> tuple[Secret, Mapping[str, str]]:
    """The secret and the options given; of those that came back hidden, what is stored.

    Raises: OptionHidden.
    """
    tenant_id, masters = caller.tenant_id, outside.keyrings.masters
    stored = (await connections_by_store(tx, tenant_id, [store.id])).get(store.id)
    known: dict[str, str] = {}
    secret: dict[str, str] = {}
    trusted = False
    if stored is not None:
        known = options_of(stored, tenant_id, masters)
        clear = open_for_access(
            masters, stored.sealed_app_secret, tenant_id=tenant_id, owner=store.id
        )
        secret = {"app_secret": clear.clear}
        trusted = (data.app_key, data.base_url) == (stored.app_key, stored.base_url)
    kept = keep_hidden({"app_secret": data.app_secret}, secret, trusted=trusted)
    return Secret(kept["app_secret"]), keep_hidden(data.options, known, trusted=trusted)


async def _grant(
    data: GrantBody, tenant_id: int, outside: Outside, store: Store, connection: Connection
) -> Grant:
    asking = outside.asking.get(store.channel)
    if asking is not None:
        return grant_of(asking, connection, data.access_token or "", data.shop_name)
    if data.access_token is not None:
        if data.shop_id is None:  # no platform tells it of a token, and its pushes name the shop
            raise ShopIdMissing(channel=store.channel)
        refresh = data.refresh_token
        return Grant(
            data.shop_id,
            data.shop_name,
            Secret(data.access_token),
            None if refresh is None else Secret(refresh),
            data.expires_at,
        )
    if data.code is None:
        raise GrantOfNothing
    adapter = _adapter(outside, store, Can.AUTHORIZE)
    _, link = outside.reach(tenant_id, connection)
    return await adapter.authorize(link, code=data.code, redirect=data.redirect or "")


def _adapter(outside: Outside, store: Store, needed: Can | None = None) -> Channel:
    """The adapter of a store's platform. Raises: ChannelNotInstalled, ChannelCannot."""
    adapter = outside.channels.get(store.channel)
    if adapter is None:
        raise ChannelNotInstalled(channel=store.channel)
    if needed is not None and needed not in adapter.can:
        raise ChannelCannot(channel=store.channel, what=needed.value)
    return adapter


def shown(
    caller: Caller, outside: Outside, store: Store, connection: Connection
) -> ConnectionShown:
    """Show a connection, without its secrets, and what can be done with it."""
    adapter, asking = outside.channels.get(store.channel), outside.asking.get(store.channel)
    secret = adapter.secret_options if adapter else ()
    pushes = adapter is not None and Can.PUSH in adapter.can
    options = options_of(connection, caller.tenant_id, outside.keyrings.masters)
    return ConnectionShown(
        store=store.code,
        channel=connection.channel,
        app_key=connection.app_key,
        base_url=connection.base_url,
        options={
            name: HIDDEN if is_secret(name, secret) else value for name, value in options.items()
        },
        grant=connection.grant_state,
        shop_id=connection.shop_id,
        shop_name=connection.shop_name,
        expires_at=connection.expires_at,
        mode=connection.mode,
        orders_until=connection.orders_until,
        failures=connection.failures,
        said=connection.said or (MISSED if connection.missed_from else ""),
        ok_at=connection.ok_at,
        missed_from=connection.missed_from,
        missed_until=connection.missed_until,
        can=[Can.ASKED] if asking else sorted(adapter.can) if adapter else [],
        asked_at=addresses_of(asking, caller.tenant_id, store.code) if asking else [],
        push_at=f"/push/{caller.tenant_id}/{store.code}" if pushes else None,
    )


routes: Final = (
    put_connection,
    read_connection,
    post_authorization,
    post_grant,
    post_acknowledge,
)
