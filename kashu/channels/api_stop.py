"""HTTP of stopping: all that Kashu does by itself for stores, in one call; and what they show."""

from typing import Annotated, Final

import msgspec
from litestar import patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.api_shapes import StoreShown, store_shown
from kashu.channels.ask import Outside
from kashu.channels.connections import connections_by_store, set_mode
from kashu.channels.health import health_of, waiting_of
from kashu.channels.kinds import Mode, Step
from kashu.channels.publishing import PublishingChanges, change_publishing
from kashu.channels.reads import Store, store_by_code, store_list
from kashu.core.db import Database, Tx
from kashu.core.naming import Code

MOST: Final = 500  # stores in a request


class StopBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which stores, by code; null: every store of the shop."""

    stores: Annotated[list[Code], msgspec.Meta(min_length=1, max_length=MOST)] | None = None


class StoppedStore(msgspec.Struct, frozen=True):
    """A store that does nothing by itself now, and its orders that people see to, by step.

    `was`: its mode before. Of its orders, those that are `due` have no card; `taken` ones have.
    """

    store: str
    name: str
    was: Mode
    waiting: dict[Step, int]


class StopAnswer(msgspec.Struct, frozen=True):
    """The stores that are stopped now; `changed`: how many weren't before."""

    changed: int
    stores: list[StoppedStore]


async def _all_stores(tx: Tx, tenant_id: int) -> list[Store]:
    found: list[Store] = []
    while page := await store_list(
        tx, tenant_id, after=found[-1].code if found else "", limit=MOST
    ):
        found += page
    return found


@post(
    "/v1/automation/stop",
    operation_id="stopAutomation",
    guards=[requires(Permission.CATALOG_WRITE)],
    status_code=200,
    responses=problems(404),
)
async def post_stop(
    data: JSONBody[StopBody], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> StopAnswer:
    """Stop all that is done by itself: of some stores, or of every one that is connected.

    Once it has answered, no card is assigned and no platform is told anything; orders go on being
    collected. To start a store again is its mode (`setMode`), one by one.
    """
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        if data.stores is None:
            wanted = await _all_stores(tx, tenant_id)
        else:
            wanted = [await store_by_code(tx, tenant_id, each) for each in sorted(set(data.stores))]
        before = await connections_by_store(tx, tenant_id, [each.id for each in wanted])
    connected = [each for each in wanted if each.id in before]
    for store in connected:  # each by itself: none waits for another's orders
        async with database.transaction(tenant_id) as tx:
            await set_mode(tx, tenant_id, caller.actor, store.code, Mode.STOPPED)
    async with database.transaction(tenant_id) as tx:
        waiting = await waiting_of(tx, tenant_id, [each.id for each in connected])

    def stopped(store: Store) -> StoppedStore:
        of_store = waiting.get(store.id, {})
        return StoppedStore(store.code, store.name, before[store.id].mode, of_store)

    changed = sum(before[each.id].mode is not Mode.STOPPED for each in connected)
    return StopAnswer(changed, [stopped(each) for each in connected])


@patch(
    "/v1/stores/{code:str}/publishing",
    operation_id="changePublishing",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404, 409),
)
async def patch_publishing(
    code: FromPath[Code],
    data: JSONBody[PublishingChanges],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> StoreShown:
    """Say how much of what could be sold a store shows: so many percent, less so many."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        await change_publishing(tx, caller.tenant_id, caller.actor, store.id, data)
        stand = await health_of(tx, caller.tenant_id, [store.id])
    return store_shown(caller, store, stand.get(store.id), outside.can(store.channel))


routes: Final = (post_stop, patch_publishing)
