"""HTTP of suppliers at a glance: each on a line, with all that a person looks for first."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.suppliers.exposure import Exposure, exposure_of
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.overview import Footing, Overview, overview_of
from kashu.suppliers.reads import supplier_by_code, supplier_count, supplier_list


class SupplierAtAGlance(msgspec.Struct, frozen=True):
    """A supplier on one line. Shares in parts per million; null: nothing was bought there.

    `available`, `payable`: our money there, null for who may not see it. `papers_due`: how many
    papers expire within 60 days, or have. `can`: what you can do to it.
    """

    id: UUID
    code: str
    name: str
    tier: int
    added_at: datetime
    footing: Footing
    settlement: Settlement
    available: str | None
    payable: str | None
    protocol: str | None
    frozen_because: str | None
    prices_ok_at: datetime | None
    prices_failures: int
    prices_said: str
    broken_until: datetime | None
    broken_because: str
    attempts: int | None
    success_ppm: int | None
    p95_ms: int | None
    invalid_ppm: int | None
    price_changes: int | None
    mapped: int
    unmapped: int
    held: int
    papers_due: int
    paper_expires_on: date | None
    can: list[str]
    currency: str  # that it is paid in


class SupplierOverview(msgspec.Struct, frozen=True):
    """Suppliers by code; the next page begins after `next_after`. `total`: on all pages."""

    suppliers: list[SupplierAtAGlance]
    next_after: str | None
    total: int


@get(
    "/v1/supplier-overview",
    operation_id="listSupplierOverview",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def list_overview(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    supplier: FromQuery[str | None] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> SupplierOverview:
    """Read how we stand with suppliers: with the one that is named, or with all by code."""
    tenant_id, at = caller.tenant_id, now()
    async with database.transaction(tenant_id) as tx:
        if supplier is None:
            found = await supplier_list(tx, tenant_id, after=after, limit=limit + 1)
        else:
            found = [await supplier_by_code(tx, tenant_id, supplier)]
        ids = [each.id for each in found[:limit]]
        lines = await overview_of(tx, tenant_id, ids, at, caller.timezone)
        may_see_money = caller.may(Permission.PREPAID_READ)
        money = await exposure_of(tx, tenant_id, ids) if may_see_money else {}
        total = await supplier_count(tx, tenant_id) if supplier is None else 1
    return SupplierOverview(
        suppliers=[_shown(caller, each, money.get(each.id), at) for each in lines],
        next_after=lines[-1].code if len(found) > limit else None,
        total=total,
    )


def _shown(
    caller: Caller, line: Overview, money: Exposure | None, at: datetime
) -> SupplierAtAGlance:
    return SupplierAtAGlance(
        id=line.id,
        code=line.code,
        name=line.name,
        tier=line.tier,
        added_at=line.added_at,
        footing=line.footing(at),
        settlement=Settlement(line.settlement),
        available=None if money is None else format_amount(money.available_e4),
        payable=None if money is None else format_amount(money.payable_e4),
        protocol=line.protocol,
        frozen_because=line.frozen_because,
        prices_ok_at=line.prices_ok_at,
        prices_failures=line.prices_failures,
        prices_said=line.prices_said,
        broken_until=line.broken_until,
        broken_because=line.broken_because,
        attempts=line.attempts,
        success_ppm=line.success_ppm,
        p95_ms=line.p95_ms,
        invalid_ppm=line.invalid_ppm,
        price_changes=line.price_changes,
        mapped=line.mapped,
        unmapped=line.unmapped,
        held=line.held,
        papers_due=line.papers_due,
        paper_expires_on=line.paper_expires_on,
        can=_can(caller, line),
        currency=line.currency,
    )


def _can(caller: Caller, line: Overview) -> list[str]:
    """What the caller can do to a supplier, as it stands."""
    can = ["change"] if caller.may(Permission.SETTINGS_WRITE) else []
    if not caller.may(Permission.SUPPLIERS_WRITE):
        return can
    can += ["connect", "import", "terms", "papers", "contacts"]
    can.append("freeze" if line.frozen_because is None else "unfreeze")
    if line.link_state is not None:
        can += ["test", "stop" if line.link_state == "open" else "open"]
    return can


routes: Final = (list_overview,)
