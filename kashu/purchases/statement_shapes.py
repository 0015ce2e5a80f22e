"""Suppliers' statements as they are answered over HTTP."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.core.db import Tx
from kashu.core.money import exchanged, format_amount
from kashu.purchases.kinds_statements import (
    FindingKind,
    ResolutionKind,
    ResolutionState,
    StatementSource,
    TimedBy,
)
from kashu.purchases.statement_reads import Finding, SupplierStatement, statement_of, tallies
from kashu.purchases.statements import Arrived, preview_statement
from kashu.suppliers.rates import rate_of
from kashu.suppliers.reads import Supplier, suppliers_by_id

FINDINGS_SHOWN: Final = 200  # of a preview


class FindingTally(msgspec.Struct, frozen=True):
    """How many findings of a kind, how many are settled, and what they come to.

    `asked`: settled as soon as a second person approves; `open`: what those come to that aren't
    settled; `posted`: what was posted for those that are.
    """

    kind: FindingKind
    total: int
    settled: int
    asked: int
    difference: str
    open: str
    posted: str


class RowProblem(msgspec.Struct, frozen=True):
    """A row that can't be read."""

    at: str
    code: str
    detail: str


class FindingShown(msgspec.Struct, frozen=True):
    """Something that is wrong, its line and order, how it was settled, what you can do."""

    id: UUID | None  # null in a preview
    kind: FindingKind
    what: str
    row: int | None
    attempt_id: UUID | None
    ours: str
    theirs: str
    difference: str  # above 0: they took more
    currency: str  # of all these amounts
    listed_number: str | None = None  # ours, as the line has it
    their_number: str | None = None
    our_number: str | None = None
    our_state: str | None = None
    our_at: datetime | None = None  # when ours was ordered
    listed_at: datetime | None = None  # when theirs was, or was done
    purchase_id: UUID | None = None  # of ours
    title: str | None = None
    resolution: ResolutionKind | None = None
    resolution_state: ResolutionState | None = None
    reason: str | None = None
    asked_by: str | None = None
    asked_by_name: str | None = None
    approved_by: str | None = None
    approved_by_name: str | None = None
    transfer_id: UUID | None = None
    can: Sequence[str] = ()
    in_ours: str | None = None  # the difference without its sign; null: nobody entered a rate


class StatementShown(msgspec.Struct, frozen=True):
    """A statement, and how it agrees with our orders. `is_new`: it wasn't there before."""

    id: UUID | None  # null in a preview
    is_new: bool
    supplier: str
    supplier_name: str
    source: StatementSource
    made_at: datetime | None
    who: str | None  # the name of whoever took it in
    begins_at: datetime | None
    ends_at: datetime | None
    timed_by: TimedBy
    file_name: str
    lines: int
    wrong: int
    matched: int
    near: int  # of them by amount and time alone
    charged: str
    refunded: str
    tallies: list[FindingTally]
    problems: list[RowProblem]
    findings: list[FindingShown]  # of a preview, the first
    currency: str  # of all these amounts


class StatementPage(msgspec.Struct, frozen=True):
    """Statements, the latest first; the next page is before `next_before`."""

    statements: list[StatementShown]
    next_before: UUID | None
    total: int


class FindingPage(msgspec.Struct, frozen=True):
    """Findings; the next page is after `next_after`."""

    findings: list[FindingShown]
    next_after: UUID | None


async def one_shown(
    tx: Tx, caller: Caller, statement_id: UUID, *, is_new: bool = False
) -> StatementShown:
    """Read a statement as it is answered. Raises: UnknownStatement."""
    found = await statement_of(tx, caller.tenant_id, statement_id)
    return await statement_shown(tx, caller, found, is_new=is_new)


async def statement_shown(
    tx: Tx, caller: Caller, found: SupplierStatement, *, is_new: bool = False
) -> StatementShown:
    """Write a statement as it is answered."""
    counted = await tallies(tx, caller.tenant_id, found.id)
    named = await suppliers_by_id(tx, caller.tenant_id, [found.supplier_id])
    who = await names_of(tx, caller.tenant_id, [found.actor])
    return StatementShown(
        id=found.id,
        is_new=is_new,
        supplier=named[found.supplier_id].code,
        supplier_name=named[found.supplier_id].name,
        source=StatementSource(found.source),
        made_at=found.made_at,
        who=who.get(found.actor, found.actor),
        begins_at=found.begins_at,
        ends_at=found.ends_at,
        timed_by=TimedBy(found.timed_by),
        file_name=found.file_name,
        lines=found.line_count,
        wrong=found.wrong_count,
        matched=found.matched_count,
        near=found.near_count,
        charged=format_amount(found.charged_e4),
        refunded=format_amount(found.refunded_e4),
        tallies=[
            FindingTally(
                each.kind,
                each.total,
                each.settled,
                each.asked,
                format_amount(each.difference_e4),
                format_amount(each.open_e4),
                format_amount(each.posted_e4),
            )
            for each in counted
        ],
        problems=[],
        findings=[],
        currency=found.currency,
    )


async def preview_shown(
    tx: Tx, caller: Caller, arrived: Arrived, supplier: Supplier
) -> StatementShown:
    """Match a statement and answer what was found; nothing is kept."""
    preview = await preview_statement(tx, caller.tenant_id, arrived, timezone=caller.timezone)
    matched = preview.matched
    by_kind: dict[FindingKind, list[int]] = {}
    for each in matched.findings:
        by_kind.setdefault(each.kind, []).append(each.theirs_e4 - each.ours_e4)
    reads_zh = caller.language.startswith("zh")
    return StatementShown(
        id=None,
        is_new=True,
        supplier=supplier.code,
        supplier_name=supplier.name,
        source=StatementSource.FILE,
        made_at=None,
        who=None,
        begins_at=None,
        ends_at=None,
        timed_by=preview.timed_by,
        file_name=arrived.file_name,
        lines=matched.line_count,
        wrong=preview.wrong_count,
        matched=matched.matched_count,
        near=matched.near_count,
        charged=format_amount(matched.charged_e4),
        refunded=format_amount(matched.refunded_e4),
        tallies=[
            FindingTally(
                kind, len(e4), 0, 0, format_amount(sum(e4)), format_amount(sum(e4)), "0.00"
            )
            for kind, e4 in sorted(by_kind.items())
        ],
        problems=[
            RowProblem(each.at, each.code, each.zh if reads_zh else each.en)
            for each in arrived.lines.problems
        ],
        findings=[
            FindingShown(
                None,
                each.kind,
                each.what,
                each.row_number,
                each.attempt_id,
                format_amount(each.ours_e4),
                format_amount(each.theirs_e4),
                format_amount(each.theirs_e4 - each.ours_e4),
                preview.currency,
            )
            for each in matched.findings[:FINDINGS_SHOWN]
        ],
        currency=preview.currency,
    )


async def findings_shown(tx: Tx, caller: Caller, found: Collection[Finding]) -> list[FindingShown]:
    """Write findings as they are answered, with what this caller can do."""
    actors = {actor for each in found for actor in (each.asked_by, each.approved_by) if actor}
    names = await names_of(tx, caller.tenant_id, actors)
    rates = {
        currency: await rate_of(tx, caller.tenant_id, currency)
        for currency in {each.currency for each in found}
    }
    return [_finding(caller, each, names, each.rate_e6 or rates[each.currency]) for each in found]


def _finding(
    caller: Caller, found: Finding, names: Mapping[str, str], rate_e6: int | None
) -> FindingShown:
    apart = {"kind", "row", "ours", "theirs", "difference", "listed_number", "can", "resolution"}
    apart |= {"resolution_state", "our_at", "listed_at", "asked_by_name", "approved_by_name"}
    apart |= {"in_ours"}
    ours_e4 = None if rate_e6 is None else exchanged(abs(found.difference_e4), rate_e6)
    same: dict[str, Any] = {
        name: getattr(found, name) for name in FindingShown.__struct_fields__ if name not in apart
    }
    state = found.resolution_state
    return FindingShown(
        kind=FindingKind(found.kind),
        row=found.row_number,
        listed_number=found.number,
        ours=format_amount(found.ours_e4),
        theirs=format_amount(found.theirs_e4),
        difference=format_amount(found.difference_e4),
        our_at=found.made_at,
        listed_at=found.ordered_at or found.completed_at,
        resolution=ResolutionKind(found.resolution) if found.resolution else None,
        resolution_state=ResolutionState(state) if state else None,
        asked_by_name=names.get(found.asked_by, found.asked_by) if found.asked_by else None,
        approved_by_name=names.get(found.approved_by or "", found.approved_by),
        can=_can(caller, found),
        in_ours=None if ours_e4 is None else format_amount(ours_e4),
        **same,
    )


def _can(caller: Caller, found: Finding) -> Sequence[str]:
    if found.resolution is None:
        return ("resolve",) if caller.may(Permission.PREPAID_WRITE) else ()
    waits = found.resolution_state == "asked" and found.asked_by != caller.actor
    return ("approve",) if waits and caller.may(Permission.PREPAID_APPROVE) else ()
