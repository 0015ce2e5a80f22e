"""HTTP of stocktakes: count, list them, read the differences, post them or drop them."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.secrets import Keyring
from kashu.core.sheets.read import read_sheet, read_text
from kashu.stock.api_cards import one_of
from kashu.stock.counted_list import read_counted
from kashu.stock.names import Called, Names, names
from kashu.stock.shapes import Reason
from kashu.stock.stocktake import (
    Counted,
    Stocktake,
    StocktakeRow,
    count,
    drop_stocktake,
    list_stocktakes,
    post_stocktake,
    stocktake,
)
from kashu.stock.tables import StocktakeState
from kashu.stock.warehouses import warehouse_by_code

LIST_BYTES: Final = 16 * 1024 * 1024
FORM_BYTES: Final = 64 * 1024
PAGE_MAX: Final = 200


@dataclass
class CountedForm:
    """A form with a counted list, as a file or pasted, and what was counted where."""

    sku: str
    warehouse: str
    file: UploadFile | None = None
    text: str | None = None


class Posting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why differences are posted."""

    reason: Reason


class StocktakeOut(msgspec.Struct, frozen=True):
    """A count and its differences by class; cards are masked. `by`: who counted."""

    id: UUID
    sku: Called
    warehouse: Called
    by: str | None
    counted_at: datetime
    posted_at: datetime | None
    sku_id: UUID
    warehouse_id: UUID
    state: str
    matched: int
    differences: dict[str, Any]
    can: Sequence[str]


class StocktakeLine(msgspec.Struct, frozen=True):
    """A count in a list: class → how many differ so. Which they are: read it."""

    id: UUID
    sku: Called
    warehouse: Called
    by: str | None
    sku_id: UUID
    warehouse_id: UUID
    actor: str
    state: str
    counted_at: datetime
    posted_at: datetime | None
    matched: int
    counts: dict[str, int]
    can: Sequence[str]


class StocktakePage(msgspec.Struct, frozen=True):
    """Some stocktakes, the newest first."""

    stocktakes: list[StocktakeLine]
    next_before: UUID | None


class PostedOut(msgspec.Struct, frozen=True):
    """What posting did: missing cards voided, and those left alone as they moved on meanwhile."""

    voided: int
    left_alone: int


@post(
    "/v1/stocktakes",
    operation_id="countStock",
    guards=[requires(Permission.STOCK_COUNT)],
    responses=problems(404),
    request_max_body_size=LIST_BYTES + FORM_BYTES,
)
async def post_count(
    data: MultipartBody[CountedForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> StocktakeOut:
    """Compare a counted list with the system. Nothing changes; the list itself isn't kept."""
    one_of(file=data.file, text=data.text)
    async with database.transaction(caller.tenant_id) as tx:
        sku = await sku_by_code(tx, caller.tenant_id, data.sku)
        place = await warehouse_by_code(tx, caller.tenant_id, data.warehouse)
        keyring = await keyrings.of(tx, caller.tenant_id)
    content = await data.file.read() if data.file else (data.text or "")
    name = data.file.filename if data.file else None
    counted, unreadable = await asyncio.to_thread(_read, content, name, keyring)
    async with database.transaction(caller.tenant_id) as tx:
        made = await count(
            tx,
            caller.tenant_id,
            caller.actor,
            sku_id=sku.id,
            warehouse_id=place.id,
            counted=counted,
            unreadable=unreadable,
        )
        return _shown(caller, made, await _called(tx, caller, [made]))


def _read(
    content: bytes | str, name: str | None, keyring: Keyring
) -> tuple[list[Counted], list[tuple[int, str]]]:
    if isinstance(content, str):
        return read_counted(read_text(content), keyring)
    with tempfile.NamedTemporaryFile() as file:  # mode 0600, gone with the block
        file.write(content)
        file.flush()
        sheet = read_sheet(Path(file.name), name=name, most_bytes=LIST_BYTES)
        return read_counted(sheet, keyring)


@get("/v1/stocktakes", operation_id="listStocktakes", guards=[requires(Permission.STOCK_READ)])
async def get_stocktakes(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku_id: FromQuery[UUID | None] = None,
    warehouse_id: FromQuery[UUID | None] = None,
    in_state: Annotated[StocktakeState | None, QueryParameter(name="state")] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> StocktakePage:
    """List counts, the newest first, with how many differ and what can be done."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_stocktakes(
            tx,
            caller.tenant_id,
            sku_id=sku_id,
            warehouse_id=warehouse_id,
            state=in_state,
            before=before,
            limit=limit + 1,
        )
        shown = found[:limit]
        called = await _called(tx, caller, shown)
    return StocktakePage(
        [
            StocktakeLine(
                id=row.id,
                sku=called.of(row.sku_id),
                warehouse=called.of(row.warehouse_id),
                by=called.by(row.actor),
                sku_id=row.sku_id,
                warehouse_id=row.warehouse_id,
                actor=row.actor,
                state=row.state,
                counted_at=row.counted_at,
                posted_at=row.posted_at,
                matched=row.matched_count,
                counts=row.counts,
                can=_can(caller, row.state),
            )
            for row in shown
        ],
        shown[-1].id if len(found) > limit else None,
    )


@get(
    "/v1/stocktakes/{stocktake_id:uuid}",
    operation_id="readStocktake",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def get_stocktake(
    stocktake_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StocktakeOut:
    """Read a count and its differences."""
    async with database.transaction(caller.tenant_id) as tx:
        taken = await stocktake(tx, caller.tenant_id, stocktake_id)
        return _shown(caller, taken, await _called(tx, caller, [taken]))


@post(
    "/v1/stocktakes/{stocktake_id:uuid}/post",
    operation_id="postStocktake",
    guards=[requires(Permission.STOCK_COUNT)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_posting(
    stocktake_id: FromPath[UUID],
    data: JSONBody[Posting],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PostedOut:
    """Void the cards that are missing, into the books; what has moved since is left alone."""
    async with database.transaction(caller.tenant_id) as tx:
        done = await post_stocktake(
            tx,
            caller.tenant_id,
            caller.actor,
            stocktake_id,
            reason=data.reason,
            today=day_of(now(), caller.timezone),
        )
    return PostedOut(done.voided_count, done.left_alone_count)


@post(
    "/v1/stocktakes/{stocktake_id:uuid}/drop",
    operation_id="dropStocktake",
    guards=[requires(Permission.STOCK_COUNT)],
    responses=problems(404, 409),
    status_code=204,
)
async def post_drop(
    stocktake_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Set a count aside without adjustments."""
    async with database.transaction(caller.tenant_id) as tx:
        await drop_stocktake(tx, caller.tenant_id, caller.actor, stocktake_id)


def _can(caller: Caller, state: str) -> Sequence[str]:
    may = state == StocktakeState.COUNTED and caller.may(Permission.STOCK_COUNT)
    return ("post", "drop") if may else ()


async def _called(tx: Tx, caller: Caller, taken: Sequence[Stocktake | StocktakeRow]) -> Names:
    things = {id_ for row in taken for id_ in (row.sku_id, row.warehouse_id)}
    return await names(tx, caller, things, [row.actor for row in taken])


def _shown(caller: Caller, taken: Stocktake, called: Names) -> StocktakeOut:
    return StocktakeOut(
        id=taken.id,
        sku=called.of(taken.sku_id),
        warehouse=called.of(taken.warehouse_id),
        by=called.by(taken.actor),
        counted_at=taken.counted_at,
        posted_at=taken.posted_at,
        sku_id=taken.sku_id,
        warehouse_id=taken.warehouse_id,
        state=taken.state,
        matched=taken.matched_count,
        differences=taken.differences,
        can=_can(caller, taken.state),
    )


routes: Final = (post_count, get_stocktakes, get_stocktake, post_posting, post_drop)
