"""Questions about suppliers' statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.purchases.errors_statements import UnknownFinding, UnknownStatement
from kashu.purchases.kinds_statements import FindingKind, ResolutionState
from kashu.purchases.tables_statements import findings, resolutions, statements

_BEGINNING: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SupplierStatement:
    """A statement as it was taken in."""

    id: UUID
    supplier_id: UUID
    begins_at: datetime
    ends_at: datetime
    timed_by: str
    source: str
    file_name: str
    currency: str
    tolerance_e4: int
    line_count: int
    wrong_count: int
    charged_e4: int
    refunded_e4: int
    matched_count: int
    near_count: int
    actor: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of a kind there are, how many of them are settled, what they come to."""

    kind: FindingKind
    total: int
    settled: int
    asked: int  # settled as soon as a second person approves
    difference_e4: int  # theirs less ours
    open_e4: int  # … of those that aren't settled
    posted_e4: int  # what was posted for those that are


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, with its line, its order, and how it was settled."""

    id: UUID
    statement_id: UUID
    kind: str
    what: str
    row_number: int | None
    attempt_id: UUID | None
    ours_e4: int
    theirs_e4: int
    number: str | None
    their_number: str | None
    ordered_at: datetime | None
    completed_at: datetime | None
    title: str | None
    said: str | None
    our_number: str | None
    our_state: str | None
    purchase_id: UUID | None
    made_at: datetime | None
    ended_at: datetime | None
    resolution: str | None
    resolution_state: str | None
    reason: str | None
    asked_by: str | None
    approved_by: str | None
    transfer_id: UUID | None
    currency: str  # of the statement
    rate_e6: int | None  # that its order was compared at; None: it is of no order

    @property
    def difference_e4(self) -> int:
        """Above 0: they took more than our books say."""
        return self.theirs_e4 - self.ours_e4


_found = Statement(__file__, "statement_found.sql", Finding)


async def statement_of(tx: Tx, tenant_id: int, statement_id: UUID) -> SupplierStatement:
    """Read one. Raises: UnknownStatement."""
    found = await tx.execute(_statements(tenant_id).where(statements.c.id == statement_id))
    row = found.one_or_none()
    if row is None:
        raise UnknownStatement(statement_id=statement_id)
    return SupplierStatement(*row)


async def statement_list(
    tx: Tx,
    tenant_id: int,
    *,
    supplier_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 100,
) -> list[SupplierStatement]:
    """Read statements, the latest taken in first."""
    wanted = _statements(tenant_id).order_by(statements.c.id.desc()).limit(limit)
    if supplier_id is not None:
        wanted = wanted.where(statements.c.supplier_id == supplier_id)
    if before is not None:
        wanted = wanted.where(statements.c.id < before)
    return [SupplierStatement(*row) for row in await tx.execute(wanted)]


async def statement_count(tx: Tx, tenant_id: int, *, supplier_id: UUID | None = None) -> int:
    """Count statements, of one supplier or of all."""
    wanted = select(func.count()).where(statements.c.tenant_id == tenant_id)
    if supplier_id is not None:
        wanted = wanted.where(statements.c.supplier_id == supplier_id)
    return int((await tx.execute(wanted)).scalar_one())


async def tallies(tx: Tx, tenant_id: int, statement_id: UUID) -> list[Tally]:
    """Count what was found in a statement, by kind."""
    settled = resolutions.c.state == ResolutionState.DONE
    difference = findings.c.theirs_e4 - findings.c.ours_e4
    rows = await tx.execute(
        select(
            findings.c.kind,
            func.count(),
            func.count().filter(settled),
            func.count().filter(resolutions.c.state == ResolutionState.ASKED),
            func.sum(difference),
            func.coalesce(func.sum(difference).filter(~func.coalesce(settled, False)), 0),
            func.coalesce(func.sum(resolutions.c.amount_e4).filter(settled), 0),
        )
        .select_from(
            findings.outerjoin(
                resolutions,
                and_(
                    resolutions.c.tenant_id == tenant_id, resolutions.c.finding_id == findings.c.id
                ),
            )
        )
        .where(findings.c.tenant_id == tenant_id, findings.c.statement_id == statement_id)
        .group_by(findings.c.kind)
        .order_by(findings.c.kind)
    )
    return [
        Tally(FindingKind(row[0]), row[1], row[2], row[3], *(int(e4) for e4 in row[4:]))
        for row in rows
    ]


async def finding_list(
    tx: Tx,
    tenant_id: int,
    statement_id: UUID,
    *,
    kind: FindingKind | None = None,
    open_only: bool = False,
    after: UUID | None = None,
    limit: int = 100,
) -> list[Finding]:
    """Read what was found, in order of its id; `open_only`: what isn't settled."""
    return await _found(
        tx,
        tenant_id=tenant_id,
        statement_id=statement_id,
        kind=kind,
        open=open_only,
        after=after or _BEGINNING,
        finding_id=None,
        limit=limit,
    )


async def finding_of(tx: Tx, tenant_id: int, finding_id: UUID) -> Finding:
    """Read one. Raises: UnknownFinding."""
    there = await tx.execute(
        select(findings.c.statement_id).where(
            findings.c.tenant_id == tenant_id, findings.c.id == finding_id
        )
    )
    statement_id = there.scalar_one_or_none()
    if statement_id is None:
        raise UnknownFinding(finding_id=finding_id)
    [finding] = await _found(
        tx,
        tenant_id=tenant_id,
        statement_id=statement_id,
        kind=None,
        open=False,
        after=_BEGINNING,
        finding_id=finding_id,
        limit=1,
    )
    return finding


def _statements(tenant_id: int) -> Select[Any]:
    names = SupplierStatement.__dataclass_fields__
    return select(*(statements.c[name] for name in names)).where(
        statements.c.tenant_id == tenant_id
    )
