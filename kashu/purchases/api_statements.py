"""HTTP of suppliers' statements: upload or fetch one, what was found, how it is settled."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.money import parse_amount
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.rows import MIB
from kashu.purchases.kinds_statements import FindingKind, ResolutionKind, TimedBy
from kashu.purchases.statement_fetch import fetch_statement
from kashu.purchases.statement_lines import Lines, read_lines
from kashu.purchases.statement_reads import (
    finding_list,
    finding_of,
    statement_count,
    statement_list,
    statement_of,
)
from kashu.purchases.statement_resolve import approve_resolution, resolve
from kashu.purchases.statement_shapes import (
    FindingPage,
    FindingShown,
    StatementPage,
    StatementShown,
    findings_shown,
    one_shown,
    preview_shown,
    statement_shown,
)
from kashu.purchases.statements import Arrived, take_statement
from kashu.suppliers.files import attached
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.reads import supplier_by_code

FILE_MAX: Final = 50 * MIB
FORM_BYTES: Final = 64 * 1024
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@dataclass
class StatementForm:
    """A statement as a file (xlsx, xls, csv, txt), of whom and of which days.

    `timed_by` where the columns don't say it; `skip_wrong` leaves rows out that can't be read.
    """

    supplier: str
    first_on: date
    last_on: date
    file: UploadFile
    timed_by: TimedBy | None = None
    tolerance: str = "0.01"
    worksheet: str | None = None
    skip_wrong: bool = False
    dry_run: bool = False


class StatementFetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose statement to ask for, and of which days."""

    supplier: str
    first_on: date
    last_on: date


class ResolutionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a finding is settled, and why."""

    kind: ResolutionKind
    reason: Reason


_READ: Final = [requires(Permission.PREPAID_READ)]
_WRITE: Final = [requires(Permission.PREPAID_WRITE)]


@post(
    "/v1/statements",
    operation_id="takeStatement",
    guards=_WRITE,
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=FILE_MAX + FORM_BYTES,
)
async def post_statement(
    data: MultipartBody[StatementForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StatementShown:
    """Match a supplier's statement with our orders, and keep it; nothing is posted.

    With `dry_run` nothing is kept. The same file again is nothing new.
    """
    content = await data.file.read()
    file = attached(data.file.filename, content)

    def read() -> Lines:
        sheet = read_bytes(content, worksheet=data.worksheet, most_bytes=FILE_MAX)
        return read_lines(sheet, caller.timezone)

    lines = await asyncio.to_thread(read)
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, data.supplier)
        arrived = Arrived(
            supplier.id,
            data.first_on,
            data.last_on,
            lines,
            hashlib.sha256(content).digest(),
            file.name if file else "",
            timed_by=data.timed_by,
            tolerance_e4=abs(parse_amount(data.tolerance)),
            skip_wrong=data.skip_wrong,
        )
        if data.dry_run:
            return await preview_shown(tx, caller, arrived, supplier)
        statement_id, is_new = await take_statement(
            tx, caller.tenant_id, caller.actor, arrived, timezone=caller.timezone
        )
        return await one_shown(tx, caller, statement_id, is_new=is_new)


@post(
    "/v1/statements/fetch",
    operation_id="fetchStatement",
    guards=_WRITE,
    responses=problems(404, 409, 502),
    status_code=200,
)
async def post_fetch(
    data: JSONBody[StatementFetch],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> StatementShown:
    """Ask the supplier's system for its statement of some days, and match it."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, data.supplier)
    statement_id, is_new = await fetch_statement(
        database,
        caller.tenant_id,
        caller.actor,
        upstreams,
        supplier_id=supplier.id,
        first_on=data.first_on,
        last_on=data.last_on,
        timezone=caller.timezone,
    )
    async with database.transaction(caller.tenant_id) as tx:
        return await one_shown(tx, caller, statement_id, is_new=is_new)


@get("/v1/statements", operation_id="listStatements", guards=_READ, responses=problems(404))
async def list_statements(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    supplier: FromQuery[str | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> StatementPage:
    """List statements, the latest taken in first."""
    async with database.transaction(caller.tenant_id) as tx:
        of = None
        if supplier is not None:
            of = (await supplier_by_code(tx, caller.tenant_id, supplier)).id
        found = await statement_list(
            tx, caller.tenant_id, supplier_id=of, before=before, limit=limit
        )
        rows = [await statement_shown(tx, caller, each) for each in found]
        total = await statement_count(tx, caller.tenant_id, supplier_id=of)
    return StatementPage(rows, found[-1].id if len(found) == limit else None, total)


@get(
    "/v1/statements/{statement_id:uuid}",
    operation_id="readStatement",
    guards=_READ,
    responses=problems(404),
)
async def read_statement(
    statement_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StatementShown:
    """Read a statement, and what was found in it by kind."""
    async with database.transaction(caller.tenant_id) as tx:
        return await one_shown(tx, caller, statement_id)


@get(
    "/v1/statements/{statement_id:uuid}/findings",
    operation_id="listFindings",
    guards=_READ,
    responses=problems(404),
)
async def list_findings(
    statement_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    kind: FromQuery[FindingKind | None] = None,
    open_only: Annotated[bool, QueryParameter(name="open")] = False,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> FindingPage:
    """Read what was found: missing, extra, different and duplicated; `open`: what isn't settled."""
    async with database.transaction(caller.tenant_id) as tx:
        await statement_of(tx, caller.tenant_id, statement_id)
        found = await finding_list(
            tx,
            caller.tenant_id,
            statement_id,
            kind=kind,
            open_only=open_only,
            after=after,
            limit=limit,
        )
        shown = await findings_shown(tx, caller, found)
    return FindingPage(shown, found[-1].id if len(found) == limit else None)


@post(
    "/v1/findings/{finding_id:uuid}/resolution",
    operation_id="resolveFinding",
    guards=_WRITE,
    responses=problems(404, 409),
    status_code=200,
)
async def post_resolution(
    finding_id: FromPath[UUID],
    data: JSONBody[ResolutionBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> FindingShown:
    """Settle a finding by a transfer or in words; large amounts wait for a second person."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        await resolve(
            tx,
            caller.tenant_id,
            caller.actor,
            finding_id,
            data.kind,
            reason=data.reason,
            posted_on=today,
        )
        return await _one(tx, caller, finding_id)


@post(
    "/v1/findings/{finding_id:uuid}/approval",
    operation_id="approveResolution",
    guards=[requires(Permission.PREPAID_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_approval(
    finding_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> FindingShown:
    """Approve a large adjustment that somebody else asked for; it is posted."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        await approve_resolution(tx, caller.tenant_id, caller.actor, finding_id, posted_on=today)
        return await _one(tx, caller, finding_id)


async def _one(tx: Tx, caller: Caller, finding_id: UUID) -> FindingShown:
    [shown] = await findings_shown(tx, caller, [await finding_of(tx, caller.tenant_id, finding_id)])
    return shown


routes: Final = (
    post_statement,
    post_fetch,
    list_statements,
    read_statement,
    list_findings,
    post_resolution,
    post_approval,
)
