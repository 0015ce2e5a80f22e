"""HTTP of the list of orders: a page of it, and all of it as a file."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import FILES, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.downloads import download, in_its_thread
from kashu.orders.asked_for import AskedFor, conditions_of, read_asked_for
from kashu.orders.list_file import MEDIA_TYPES, ListFormat, open_list, rows_of
from kashu.orders.listed import (
    COUNTED_MAX,
    Conditions,
    ListedOrder,
    Sorted,
    count_orders,
    listed_orders,
)
from kashu.orders.reads import Line
from kashu.orders.shapes import OrderList, show_listed

PAGE_MAX: Final = 100
FILE_ORDERS: Final = 100_000  # in one file; narrow it to get the others
AT_ONCE: Final = 2_000

_ASKED: Final = {"asked": Provide(read_asked_for, sync_to_thread=False)}


@get(
    "/v1/orders",
    operation_id="listOrders",
    guards=[requires(Permission.ORDERS_READ)],
    dependencies=_ASKED,
)
async def list_orders(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    asked: NamedDependency[AskedFor],
    *,
    before: FromQuery[UUID | None] = None,
    sort: FromQuery[Sorted] = Sorted.LATEST,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> OrderList:
    """Orders, newest first where nothing else is said, and how many there are of such.

    Each condition narrows the list; what nobody has (an unknown code, say) lists nothing. A bound
    key sees its own only.
    """
    async with database.transaction(caller.tenant_id) as tx:
        wanted = await conditions_of(tx, caller, asked)
        if wanted is None:
            return OrderList([], None, 0, more=False)
        rows = await listed_orders(
            tx, caller.tenant_id, wanted, before=before, sort=sort, most=limit + 1
        )
        count = await count_orders(tx, caller.tenant_id, wanted)
    shown = rows[:limit]
    return OrderList(
        [show_listed(order, lines, caller) for order, lines in shown],
        shown[-1][0].order_id if len(rows) > limit else None,
        min(count, COUNTED_MAX),
        more=count > COUNTED_MAX,
    )


@get(
    "/v1/orders/file",
    operation_id="downloadOrders",
    guards=[requires(Permission.ORDERS_READ)],
    dependencies=_ASKED,
    opt={FILES: tuple(MEDIA_TYPES.values())},
)
async def download_orders(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    asked: NamedDependency[AskedFor],
    *,
    sort: FromQuery[Sorted] = Sorted.LATEST,
    written_as: Annotated[ListFormat, QueryParameter(name="format")] = ListFormat.XLSX,
) -> Response[bytes]:
    """Give the orders of a list as a file, a row for each line; the first 100 000 orders of it.

    What looks like a formula is text in it. A merchant has two files made at once; four more wait.
    """
    async with download(caller.tenant_id):
        async with database.transaction(caller.tenant_id) as tx:
            wanted = await conditions_of(tx, caller, asked)
        with TemporaryDirectory(prefix="kashu-orders-") as folder:
            path = Path(folder) / "orders"
            file = await in_its_thread(open_list, path, written_as, caller.language)
            async for page in _pages(database, caller.tenant_id, wanted, sort):
                await in_its_thread(file.add, rows_of(page, caller))
            await in_its_thread(file.close)
            content = await in_its_thread(path.read_bytes)
    name = f"orders-{day_of(now(), caller.timezone)}.{written_as.value}"
    return Response(
        content,
        media_type=MEDIA_TYPES[written_as],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _pages(
    database: Database, tenant_id: int, wanted: Conditions | None, sort: Sorted
) -> AsyncIterator[list[tuple[ListedOrder, list[Line]]]]:
    """Read the list page by page, each in a transaction of its own: none is open for long."""
    before: UUID | None = None
    for _ in range(FILE_ORDERS // AT_ONCE if wanted is not None else 0):
        assert wanted is not None, "or there are no pages"
        async with database.transaction(tenant_id) as tx:
            page = await listed_orders(
                tx, tenant_id, wanted, before=before, sort=sort, most=AT_ONCE
            )
        if page:
            yield page
        if len(page) < AT_ONCE:
            return
        before = page[-1][0].order_id


routes: Final = (list_orders, download_orders)
