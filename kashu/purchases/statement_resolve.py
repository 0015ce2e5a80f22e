"""Resolve: what was found in a statement is settled by a transfer or in words, never by an edit."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from kashu.core.clock import Clock, now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import E4, ONE_TO_ONE, exchanged, format_amount
from kashu.ledger.exchange import in_both, is_exchanged
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post_each
from kashu.purchases.errors_statements import (
    FindingResolved,
    ResolutionNeedsAnother,
    ResolutionWrong,
)
from kashu.purchases.kinds_statements import ResolutionKind, ResolutionState
from kashu.purchases.statement_reads import Finding, finding_of, statement_of
from kashu.purchases.tables_statements import resolutions
from kashu.suppliers.exposure import Exposure, lock_exposure
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.rates import rate_of

LARGE_E4: Final = 100 * E4  # from here on, in ours, a second person decides
REASON_MAX: Final = 500
IN_DOUBT: Final = "in_doubt"  # a finding about an order that isn't settled yet


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a finding is settled, and by how much the books follow."""

    finding_id: UUID
    kind: ResolutionKind
    amount_e4: int
    reason: str
    state: ResolutionState
    asked_by: str
    approved_by: str | None
    transfer_id: UUID | None


async def resolve(
    tx: Tx,
    tenant_id: int,
    actor: str,
    finding_id: UUID,
    kind: ResolutionKind,
    *,
    reason: str,
    posted_on: date,
    clock: Clock = now,
) -> Resolution:
    """Settle a finding: small amounts at once, large ones when somebody else approves.

    Accepted: what they took more is our cost, what they took less our gain, in ours at the rate of
    its order, or as last entered. Asked back: what they took more they owe us. Explained: no money
    is wrong.
    Locks: the supplier. Raises: UnknownFinding, FindingResolved, ResolutionWrong.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX:
        raise ResolutionWrong(why="请写明原因", why_en="say why")
    finding = await finding_of(tx, tenant_id, finding_id)
    _check(finding, kind)
    amount_e4 = 0 if kind is ResolutionKind.EXPLAINED else finding.difference_e4
    rate_e6 = await rate_for(tx, tenant_id, finding)
    if rate_e6 is None and kind is ResolutionKind.ACCEPTED:
        raise _no_rate(finding)
    is_large = is_large_in_ours(amount_e4, rate_e6)
    asked = await tx.execute(
        insert(resolutions)
        .values(
            tenant_id=tenant_id,
            finding_id=finding_id,
            statement_id=finding.statement_id,
            kind=kind,
            amount_e4=amount_e4,
            reason=reason,
            asked_by=actor,
            is_large=is_large,
        )
        .on_conflict_do_nothing()
        .returning(resolutions.c.finding_id)
    )
    if asked.one_or_none() is None:
        raise FindingResolved
    facts = {"kind": kind.value, "amount": format_amount(amount_e4), "reason": reason}
    await record(tx, tenant_id, actor, [Event("finding.resolved", finding_id, facts)])
    if not is_large:
        await _settle(tx, tenant_id, finding, posted_on=posted_on, at=clock())
    return await resolution_of(tx, tenant_id, finding_id)


async def approve_resolution(
    tx: Tx, tenant_id: int, actor: str, finding_id: UUID, *, posted_on: date, clock: Clock = now
) -> Resolution:
    """Approve a large adjustment that somebody else asked for; it is posted.

    Locks: the resolution, the supplier. Raises: UnknownFinding, ResolutionNeedsAnother,
    FindingResolved.
    """
    finding = await finding_of(tx, tenant_id, finding_id)
    if finding.asked_by == actor:
        raise ResolutionNeedsAnother
    approved = await tx.execute(
        update(resolutions)
        .where(resolutions.c.tenant_id == tenant_id, resolutions.c.finding_id == finding_id)
        .where(resolutions.c.state == ResolutionState.ASKED, resolutions.c.approved_by.is_(None))
        .values(approved_by=actor)
    )
    if not approved.rowcount:
        raise FindingResolved
    await record(tx, tenant_id, actor, [Event("finding.approved", finding_id, {})])
    await _settle(tx, tenant_id, finding, posted_on=posted_on, at=clock())
    return await resolution_of(tx, tenant_id, finding_id)


async def rate_for(tx: Tx, tenant_id: int, finding: Finding) -> int | None:
    """At what rate a finding is in ours: that of its order, or as last entered; None: no one."""
    return finding.rate_e6 or await rate_of(tx, tenant_id, finding.currency)


def is_large_in_ours(amount_e4: int, rate_e6: int | None) -> bool:
    """Whether a second person decides; where nobody knows what it is in ours, one does."""
    if rate_e6 is None:
        return amount_e4 != 0
    return exchanged(abs(amount_e4), rate_e6) >= LARGE_E4


async def resolution_of(tx: Tx, tenant_id: int, finding_id: UUID) -> Resolution:
    """Read how a finding that somebody settled was settled."""
    names = Resolution.__dataclass_fields__
    found = await tx.execute(
        select(*(resolutions.c[name] for name in names)).where(
            resolutions.c.tenant_id == tenant_id, resolutions.c.finding_id == finding_id
        )
    )
    values = found.one()._asdict()
    values["kind"] = ResolutionKind(values["kind"])
    values["state"] = ResolutionState(values["state"])
    return Resolution(**values)


def _check(finding: Finding, kind: ResolutionKind) -> None:
    if kind is ResolutionKind.EXPLAINED:
        return
    if finding.what == IN_DOUBT:
        raise ResolutionWrong(
            why="订单结果还不确定，请先在存疑采购里处理",
            why_en="its order is in doubt: settle that first",
        )
    if finding.difference_e4 == 0:
        raise ResolutionWrong(why="金额没有差异，请选择说明", why_en="no money differs: explain it")
    if kind is ResolutionKind.ASKED_BACK and finding.difference_e4 < 0:
        raise ResolutionWrong(why="对方少扣，没有可索回的", why_en="they took less, not more")


def _no_rate(finding: Finding) -> ResolutionWrong:
    currency = finding.currency
    return ResolutionWrong(
        why=f"没有 {currency} 的汇率，请先登记", why_en=f"there is no rate of {currency}: enter one"
    )


async def _settle(
    tx: Tx, tenant_id: int, finding: Finding, *, posted_on: date, at: datetime
) -> None:
    """Post what was asked for, once: whoever comes second finds it done."""
    resolution = await resolution_of(tx, tenant_id, finding.id)
    transfer_id = rate_e6 = None
    if resolution.kind is not ResolutionKind.EXPLAINED:
        statement = await statement_of(tx, tenant_id, finding.statement_id)
        exposure = await lock_exposure(
            tx, tenant_id, statement.supplier_id, currency=statement.currency
        )
        transfer, currency = _transfer(finding, resolution, exposure), statement.currency
        if is_exchanged(transfer, currency):
            rate_e6 = await rate_for(tx, tenant_id, finding)
            if rate_e6 is None:
                raise _no_rate(finding)
        posting = in_both(transfer, exposure.supplier_id, currency, rate_e6 or ONE_TO_ONE)
        posted = await post_each(tx, tenant_id, posting, posted_on=posted_on)
        [transfer_id] = posted[currency]  # in the statement's
    done = await tx.execute(
        update(resolutions)
        .where(resolutions.c.tenant_id == tenant_id, resolutions.c.finding_id == finding.id)
        .where(resolutions.c.state == ResolutionState.ASKED)
        .values(state=ResolutionState.DONE, posted_at=at, transfer_id=transfer_id, rate_e6=rate_e6)
    )
    if not done.rowcount:
        raise FindingResolved


def _transfer(finding: Finding, resolution: Resolution, exposure: Exposure) -> Transfer:
    """What they took more leaves prepaid, or is owed; what they took less comes back there."""
    prepaid = exposure.settlement is Settlement.PREPAID
    kind = AccountKind.PREPAID if prepaid else AccountKind.PAYABLE
    money = Account(kind, exposure.supplier_id)
    other = Account(AccountKind.COST_OF_GOODS)
    if resolution.kind is ResolutionKind.ASKED_BACK:
        other = Account(AccountKind.RECOVERIES, exposure.supplier_id)
    more = resolution.amount_e4 > 0
    return Transfer(
        debit=other if more else money,
        credit=money if more else other,
        amount_e4=abs(resolution.amount_e4),
        quantity=0,
        reason=f"statement_{resolution.kind.value}",
        subject_id=finding.id,
        supplier_id=exposure.supplier_id,
    )
