"""HTTP of stores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.errors import UnknownStore
from kashu.channels.kinds import ChannelKind, StoreState
from kashu.channels.reads import Store, store_by_code, store_list
from kashu.channels.stores import StoreChanges, change_store, open_store
from kashu.core.db import Database, Tx
from kashu.core.naming import Code, Name


class NewStore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A store to open."""

    code: Code
    name: Name
    channel: ChannelKind
    partial_allowed: bool | None = None  # null: as the SKU says


class StoreShown(msgspec.Struct, frozen=True):
    """A store, and what you can do to it."""

    id: UUID
    code: str
    name: str
    channel: ChannelKind
    partial_allowed: bool | None
    state: StoreState
    opened_at: datetime
    can: Sequence[str]


class StorePage(msgspec.Struct, frozen=True):
    """Stores by code; the next page begins after `next_after`, null on the last one."""

    stores: list[StoreShown]
    next_after: str | None


@get("/v1/stores", operation_id="listStores", guards=[requires(Permission.ORDERS_READ)])
async def list_stores(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    in_state: Annotated[StoreState | None, QueryParameter(name="state")] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> StorePage:
    """List stores by code, open and closed. A key that is bound to a store sees that one only."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await store_list(
            tx,
            caller.tenant_id,
            state=in_state,
            only=_sees_only(caller),
            after=after,
            limit=limit + 1,
        )
    shown = found[:limit]
    return StorePage(
        stores=[_shown(caller, store) for store in shown],
        next_after=shown[-1].code if len(found) > limit else None,
    )


@get(
    "/v1/stores/{code:str}",
    operation_id="readStore",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_store(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> StoreShown:
    """Read one store."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await _seen(tx, caller, code))


@post(
    "/v1/stores",
    operation_id="openStore",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(409),
)
async def post_store(
    data: JSONBody[NewStore], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> StoreShown:
    """Open a store; it takes orders at once."""
    async with database.transaction(caller.tenant_id) as tx:
        opened = await open_store(
            tx,
            caller.tenant_id,
            caller.actor,
            code=data.code,
            name=data.name,
            channel=data.channel,
            partial_allowed=data.partial_allowed,
        )
    return _shown(caller, opened)


@patch(
    "/v1/stores/{code:str}",
    operation_id="changeStore",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def patch_store(
    code: FromPath[str],
    data: JSONBody[StoreChanges],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StoreShown:
    """Change what is given; close a store with {"state": "closed"}, reopen it with "open"."""
    async with database.transaction(caller.tenant_id) as tx:
        await _seen(tx, caller, code)
        changed = await change_store(tx, caller.tenant_id, caller.actor, code, data)
    return _shown(caller, changed)


def _sees_only(caller: Caller) -> tuple[UUID, ...] | None:
    """A key bound to a store sees that one; one bound to a customer sees no store."""
    if caller.store_id is not None:
        return (caller.store_id,)
    return () if caller.customer_id is not None else None


async def _seen(tx: Tx, caller: Caller, code: str) -> Store:
    store = await store_by_code(tx, caller.tenant_id, code)
    only = _sees_only(caller)
    if only is not None and store.id not in only:
        raise UnknownStore(store=code)
    return store


def _shown(caller: Caller, store: Store) -> StoreShown:
    can: Sequence[str] = ()
    if caller.may(Permission.SETTINGS_WRITE):
        can = ("change", "close" if store.state is StoreState.OPEN else "reopen")
    return StoreShown(
        id=store.id,
        code=store.code,
        name=store.name,
        channel=store.channel,
        partial_allowed=store.partial_allowed,
        state=store.state,
        opened_at=store.opened_at,
        can=can,
    )


routes: Final = (list_stores, read_store, post_store, patch_store)
