"""HTTP of the exception desk: the queue, and how long it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires_one_of
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.channels.errors import UnknownStore
from kashu.channels.reads import store_by_code
from kashu.core.clock import now
from kashu.core.db import Database, Tx, one_snapshot
from kashu.core.matters import Matter
from kashu.desk.errors import PlaceUnreadable
from kashu.desk.queue import Count, Place, Row, Wanted, counts, kinds_seen, look
from kashu.desk.shapes import CountShown, DeskCounts, DeskPage
from kashu.desk.show import show
from kashu.suppliers.reads import supplier_by_code

# Whoever may see one kind of what is there.
SEES: Final = (
    Permission.ORDERS_READ,
    Permission.STOCK_READ,
    Permission.SUPPLIERS_READ,
    Permission.PURCHASES_READ,
    Permission.PREPAID_READ,
    Permission.REPORTS_READ,
)
_PARTS: Final = 3  # of a place


@get("/v1/desk", operation_id="readDesk", guards=[requires_one_of(*SEES)], responses=problems(404))
async def read_desk(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    kind: FromQuery[list[Matter] | None] = None,
    mine: FromQuery[bool] = False,
    store: Annotated[str | None, QueryParameter(max_length=64)] = None,
    sku: Annotated[str | None, QueryParameter(max_length=64)] = None,
    supplier: Annotated[str | None, QueryParameter(max_length=64)] = None,
    after: Annotated[str | None, QueryParameter(max_length=120)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> DeskPage:
    """Read what waits for a person, by deadline; what has none last, by age.

    `kind` may be given several times. `mine`: what the caller is on. What is solved isn't there any
    more; what the caller may not see isn't either. The next page begins behind `next_after`.
    """
    at, place = now(), _place(after)
    async with database.transaction(caller.tenant_id) as tx:
        await one_snapshot(tx)  # or rows and their count are of different moments
        seen = kinds_seen(caller)
        about = {"store": store, "sku": sku, "supplier": supplier}
        wanted = await _wanted(tx, caller, about, mine=mine)
        shown = seen & set(kind) if kind else seen
        found = await look(
            tx, caller.tenant_id, wanted, at=at, shown=shown, after=place, limit=limit
        )
        return DeskPage(
            rows=await show(tx, caller, found.rows, at=at),
            total=sum(each.count for each in found.counts if each.kind in shown),
            counts=[_count(each) for each in found.counts],
            next_after=_written(found.rows[-1]) if found.more and found.rows else None,
        )


@get("/v1/desk/counts", operation_id="countDesk", guards=[requires_one_of(*SEES)])
async def count_desk(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> DeskCounts:
    """Count what waits for a person: for the badge, which is red where something is overdue."""
    at = now()
    async with database.transaction(caller.tenant_id) as tx:
        wanted = Wanted(kinds_seen(caller), store_id=caller.store_id)
        counted = await counts(tx, caller.tenant_id, wanted, at=at)
    return DeskCounts(
        sum(each.count for each in counted),
        sum(each.overdue for each in counted),
        sum(each.soon for each in counted),
        [_count(each) for each in counted],
    )


async def _wanted(tx: Tx, caller: Caller, about: Mapping[str, str | None], *, mine: bool) -> Wanted:
    """Say what a caller asks for. Raises: UnknownStore, UnknownSku, UnknownSupplier."""
    tenant_id, store_id = caller.tenant_id, caller.store_id
    sku_id = supplier_id = None
    if store := about["store"]:
        found = await store_by_code(tx, tenant_id, store)
        if store_id not in {None, found.id}:
            raise UnknownStore(store=store)
        store_id = found.id
    if sku := about["sku"]:
        sku_id = (await sku_by_code(tx, tenant_id, sku)).id
    if supplier := about["supplier"]:
        supplier_id = (await supplier_by_code(tx, tenant_id, supplier)).id
    mine_only = caller.actor if mine else None
    return Wanted(kinds_seen(caller), store_id, sku_id, supplier_id, mine_only)


def _count(each: Count) -> CountShown:
    return CountShown(each.kind, each.count, each.overdue, each.soon)


def _written(row: Row) -> str:
    due = "" if row.due_at is None else row.due_at.isoformat()
    return f"{due}~{row.since.isoformat()}~{row.id}"


def _place(after: str | None) -> Place | None:
    """Read where a page ended. Raises: PlaceUnreadable."""
    if after is None:
        return None
    parts = after.split("~")
    if len(parts) != _PARTS:
        raise PlaceUnreadable
    try:
        due, since = (_moment(part) for part in parts[:2])
        id_ = UUID(parts[2])
    except ValueError:
        raise PlaceUnreadable from None
    if since is None:
        raise PlaceUnreadable
    return Place(due, since, id_)


def _moment(written: str) -> datetime | None:
    """Read a moment with its offset; a `+` that a browser sent as a blank is one."""
    if not written:
        return None
    moment = datetime.fromisoformat(written.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment


routes: Final[Sequence[Any]] = (read_desk, count_desk)
