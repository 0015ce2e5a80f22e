"""HTTP of what a store's platform has for sale: read it now. What it stands for: orders."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside, fetch_listings
from kashu.channels.connections import connection_of
from kashu.channels.reads import store_by_code
from kashu.core.db import Database
from kashu.core.naming import Code


@post(
    "/v1/stores/{code:str}/listings/fetch",
    operation_id="fetchListings",
    guards=[requires(Permission.CATALOG_WRITE)],
    status_code=204,
    responses=problems(404, 409, 502),
)
async def post_fetch(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> None:
    """Read from the platform, now, what the store has for sale."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        connection = await connection_of(tx, caller.tenant_id, store.id)
    await fetch_listings(database, caller.tenant_id, outside, connection)


routes: Final = (post_fetch,)
