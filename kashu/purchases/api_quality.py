"""HTTP of suppliers' quality: how they did in 30 days, all of them, or one day by day."""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.purchases.quality import DAYS, quality_series
from kashu.suppliers.quality_kept import Quality, quality_list
from kashu.suppliers.reads import supplier_by_code, suppliers_by_id


class QualityShown(msgspec.Struct, frozen=True):
    """How a supplier did in 30 days. Shares in parts per million; `p95_ms`: null: nothing came."""

    supplier: str
    attempts: int
    success_ppm: int
    p95_ms: int | None
    invalid_ppm: int
    price_changes: int
    unclear: int
    reckoned_at: datetime | None


class QualityPage(msgspec.Struct, frozen=True):
    """How suppliers did that anything was bought from."""

    suppliers: list[QualityShown]


class QualityDayShown(msgspec.Struct, frozen=True):
    """How one day went."""

    day: date
    attempts: int
    succeeded: int
    unclear: int
    received: int
    invalid: int
    price_changes: int


class QualitySeries(msgspec.Struct, frozen=True):
    """How a supplier did, in all and day by day, oldest first. `whole`: null: not reckoned yet."""

    supplier: str
    whole: QualityShown | None
    days: list[QualityDayShown]


@get("/v1/quality", operation_id="listQuality", guards=[requires(Permission.SUPPLIERS_READ)])
async def list_quality(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> QualityPage:
    """Read how suppliers did in the last 30 days."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await quality_list(tx, caller.tenant_id)
        named = await suppliers_by_id(tx, caller.tenant_id, [each.supplier_id for each in found])
    return QualityPage([_shown(each, named[each.supplier_id].code) for each in found])


@get(
    "/v1/suppliers/{code:str}/quality",
    operation_id="readQuality",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def read_quality(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=90)] = DAYS,
) -> QualitySeries:
    """Read how a supplier did, day by day."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        whole = await quality_list(tx, caller.tenant_id, supplier.id)
        series = await quality_series(tx, caller.tenant_id, supplier.id, today, days)
    names = QualityDayShown.__struct_fields__
    return QualitySeries(
        code,
        _shown(whole[0], code) if whole else None,
        [QualityDayShown(*(getattr(day, name) for name in names)) for day in series],
    )


def _shown(found: Quality, supplier: str) -> QualityShown:
    return QualityShown(
        supplier,
        found.attempts,
        found.success_ppm,
        found.p95_ms,
        found.invalid_ppm,
        found.price_changes,
        found.unclear,
        found.reckoned_at,
    )


routes: Final = (list_quality, read_quality)
