"""HTTP of stores."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.api_shapes import StoreShown, store_shown
from kashu.channels.ask import Outside
from kashu.channels.errors import UnknownStore
from kashu.channels.health import health_of
from kashu.channels.kinds import ChannelKind, StoreState
from kashu.channels.reads import Store, count_stores, store_by_code, store_list
from kashu.channels.stores import StoreChanges, change_store, open_store
from kashu.core.db import Database, Tx
from kashu.core.naming import Code, Name
from kashu.core.sought import WHICH_MAX, WRITTEN_MAX, Sought


class NewStore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A store to open."""

    code: Code
    name: Name
    channel: ChannelKind
    partial_allowed: bool | None = None  # null: as the SKU says


class StorePage(msgspec.Struct, frozen=True):
    """Stores by code; the next page begins after `next_after`, null on the last one.

    `total`: of all pages.
    """

    stores: list[StoreShown]
    next_after: str | None
    total: int


@get("/v1/stores", operation_id="listStores", guards=[requires(Permission.ORDERS_READ)])
async def list_stores(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
    *,
    in_state: Annotated[StoreState | None, QueryParameter(name="state")] = None,
    health: FromQuery[bool] = False,
    written: Annotated[str | None, QueryParameter(name="q", max_length=WRITTEN_MAX)] = None,
    which: Annotated[list[str] | None, QueryParameter(max_items=WHICH_MAX)] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> StorePage:
    """List stores by code, open and closed. A key that is bound to a store sees that one only.

    `q` is in the code or the name; `which`: only these, each by its code or id.
    `health`: also tell how each stands with its platform, and what waits there.
    """
    only, sought = _sees_only(caller), Sought(written, which)
    async with database.transaction(caller.tenant_id) as tx:
        found = await store_list(
            tx,
            caller.tenant_id,
            state=in_state,
            only=only,
            sought=sought,
            after=after,
            limit=limit + 1,
        )
        total = await count_stores(tx, caller.tenant_id, state=in_state, only=only, sought=sought)
        ids = [store.id for store in found[:limit]] if health else []
        stand = await health_of(tx, caller.tenant_id, ids)
    shown = found[:limit]
    return StorePage(
        stores=[
            store_shown(caller, each, stand.get(each.id), outside.can(each.channel))
            for each in shown
        ],
        next_after=shown[-1].code if len(found) > limit else None,
        total=total,
    )


@get(
    "/v1/stores/{code:str}",
    operation_id="readStore",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_store(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> StoreShown:
    """Read one store, and how it stands with its platform."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await seen_store(tx, caller, code)
        stand = await health_of(tx, caller.tenant_id, [store.id])
    return store_shown(caller, store, stand.get(store.id), outside.can(store.channel))


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
    return store_shown(caller, opened)


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
        await seen_store(tx, caller, code)
        changed = await change_store(tx, caller.tenant_id, caller.actor, code, data)
    return store_shown(caller, changed)


def _sees_only(caller: Caller) -> tuple[UUID, ...] | None:
    """A key bound to a store sees that one; one bound to a customer sees no store."""
    if caller.store_id is not None:
        return (caller.store_id,)
    return () if caller.customer_id is not None else None


async def seen_store(tx: Tx, caller: Caller, code: str) -> Store:
    """Read a store that the caller may see. Raises: UnknownStore."""
    store = await store_by_code(tx, caller.tenant_id, code)
    only = _sees_only(caller)
    if only is not None and store.id not in only:
        raise UnknownStore(store=code)
    return store


routes: Final = (list_stores, read_store, post_store, patch_store)
