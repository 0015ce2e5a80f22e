"""HTTP of imports so far: list them, follow one, take one back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import skus_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.stock.imports_listed import (
    ListedImport,
    Narrowed,
    count_imports,
    listed_import,
    listed_imports,
)
from kashu.stock.imports_state import PAGE_MAX
from kashu.stock.imports_undo import undo
from kashu.stock.tables import ImportState


class ImportShown(msgspec.Struct, frozen=True):
    """An import as it stands. `in_stock`: its units that can be given out now."""

    id: UUID
    sku_id: UUID
    sku: str
    name_zh: str
    name_en: str
    warehouse_id: UUID
    warehouse: str
    warehouse_name: str
    supplier_id: UUID
    supplier: str
    supplier_name: str
    actor: str
    actor_name: str | None  # of one of the staff, or of a key
    file_name: str
    sha256: str
    state: ImportState
    read: int
    accepted: int
    rejected: int
    in_stock: int
    classes: dict[str, int]
    started_at: datetime
    beat_at: datetime
    ended_at: datetime | None
    can: Sequence[str]


class ImportPage(msgspec.Struct, frozen=True):
    """Some imports, the latest first; `total` of them there are as narrowed."""

    imports: list[ImportShown]
    next_before: UUID | None
    total: int


@get("/v1/imports", operation_id="listImports", guards=[requires(Permission.STOCK_READ)])
async def get_imports(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    in_state: Annotated[ImportState | None, QueryParameter(name="state")] = None,
    sku: FromQuery[str | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> ImportPage:
    """List imports, the latest first, running ones with how far they are; conditions narrow it."""
    async with database.transaction(caller.tenant_id) as tx:
        sku_id: UUID | None = None
        if sku is not None:
            known = await skus_by_code(tx, caller.tenant_id, [sku])
            if sku not in known:
                return ImportPage([], None, 0)
            sku_id = known[sku].id
        narrowed = Narrowed(in_state, sku_id)
        found = await listed_imports(tx, caller.tenant_id, narrowed, before=before, limit=limit + 1)
        total = await count_imports(tx, caller.tenant_id, narrowed)
    shown = found[:limit]
    more = shown[-1].row.id if len(found) > limit else None
    return ImportPage([_shown(caller, each) for each in shown], more, total)


@get(
    "/v1/imports/{import_id:uuid}",
    operation_id="readImport",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def get_import(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ImportShown:
    """Tell how an import stands; while it runs, `read` grows twice a second."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await listed_import(tx, caller.tenant_id, import_id))


@post(
    "/v1/imports/{import_id:uuid}/undo",
    operation_id="undoImport",
    guards=[requires(Permission.STOCK_IMPORT)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_undo(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ImportShown:
    """Take an import back as if it had never been, while none of its cards has left."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        await undo(tx, caller.tenant_id, caller.actor, import_id, posted_on=today)
        return _shown(caller, await listed_import(tx, caller.tenant_id, import_id))


def _shown(caller: Caller, each: ListedImport) -> ImportShown:
    row = each.row
    may_undo = row.state == ImportState.DONE and caller.may(Permission.STOCK_IMPORT)
    return ImportShown(
        id=row.id,
        sku_id=row.sku_id,
        sku=each.sku.code,
        name_zh=each.sku.name_zh,
        name_en=each.sku.name_en,
        warehouse_id=row.warehouse_id,
        warehouse=each.warehouse,
        warehouse_name=each.warehouse_name,
        supplier_id=row.supplier_id,
        supplier=each.supplier,
        supplier_name=each.supplier_name,
        actor=row.actor,
        actor_name=each.actor_name,
        file_name=row.file_name,
        sha256=row.file_sha256.hex(),
        state=ImportState(row.state),
        read=row.read_count,
        accepted=row.accepted_count,
        rejected=row.rejected_count,
        in_stock=each.in_stock,
        classes=row.classes,
        started_at=row.started_at,
        beat_at=row.beat_at,
        ended_at=row.ended_at,
        can=("undo",) if may_undo and not each.touched else (),
    )


routes: Final = (get_imports, get_import, post_undo)
