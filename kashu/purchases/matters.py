"""Matters of purchases: what is to be decided, what is in doubt, what differs in statements."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select

from kashu.core.matters import Matter, facts, matters
from kashu.purchases.in_ours import in_ours
from kashu.purchases.kinds import LIVE, OPEN, AttemptState, PurchaseState
from kashu.purchases.kinds_statements import ResolutionState
from kashu.purchases.tables import attempts, purchases
from kashu.purchases.tables_statements import findings, resolutions, statements
from kashu.suppliers.rates import rate_in_force

# Written into the statement: so that the partial indexes of these states serve it.
_OPEN: Final = tuple(literal(each.value, literal_execute=True) for each in sorted(OPEN))
_LIVE: Final = tuple(literal(each.value, literal_execute=True) for each in sorted(LIVE))


def purchase_states(tenant_id: int) -> Select[Any]:
    """How far purchases have come, by id: for the lines that they are made for.

    `in_doubt`: what became of its order at a supplier isn't known.
    """
    in_doubt = exists().where(
        attempts.c.tenant_id == tenant_id,
        attempts.c.purchase_id == purchases.c.id,
        attempts.c.state.in_(_LIVE),
        attempts.c.state.in_([AttemptState.UNCLEAR.value, AttemptState.MANUAL.value]),
    )
    return select(
        purchases.c.id, purchases.c.state, purchases.c.said, in_doubt.label("in_doubt")
    ).where(purchases.c.tenant_id == tenant_id)


def purchase_matters(tenant_id: int, at: datetime) -> Select[Any]:
    """Purchases that a person approves, decides on, or looks after because they are late."""
    state = purchases.c.state
    kind = case(
        (state == PurchaseState.ASKED, Matter.PURCHASE_TO_APPROVE),
        (state == PurchaseState.DRAFT, Matter.PURCHASE_DRAFT),
        (state == PurchaseState.HELD, Matter.PURCHASE_HELD),
        (purchases.c.due_at < at, Matter.PURCHASE_OVERDUE),
        else_=None,
    )
    return (
        matters(
            kind,
            purchases.c.id,
            purchases.c.created_at,
            due_at=purchases.c.due_at,
            said=purchases.c.said,
            store_id=purchases.c.store_id,
            customer_id=purchases.c.customer_id,
            sku_id=purchases.c.sku_id,
            supplier_id=purchases.c.supplier_id,
            amount_e4=purchases.c.amount_e4,
            quantity=purchases.c.quantity,
            asked_by=purchases.c.actor,
            facts=facts(
                cause=purchases.c.cause,
                line_id=purchases.c.subject_id,
                asked_by=purchases.c.asked_by,
            ),
        )
        .where(purchases.c.tenant_id == tenant_id, state.in_(_OPEN))
        .where(kind.is_not(None))
    )


def attempt_matters(tenant_id: int) -> Select[Any]:
    """Orders at suppliers whose outcome isn't known: our money is in doubt.

    The amount is in ours; `paid_in` says in what it was ordered, and what is typed of it is in.
    """
    state = attempts.c.state
    by_people = state == AttemptState.MANUAL
    kind = case((by_people, Matter.PURCHASE_TO_DECIDE), else_=Matter.MONEY_IN_DOUBT)
    return (
        matters(
            kind,
            attempts.c.id,
            attempts.c.made_at,
            said=attempts.c.said,
            number=attempts.c.number,
            parent_id=attempts.c.purchase_id,
            store_id=purchases.c.store_id,
            sku_id=purchases.c.sku_id,
            supplier_id=attempts.c.supplier_id,
            amount_e4=in_ours(attempts.c.total_e4),
            quantity=attempts.c.quantity,
            facts=facts(
                their_number=attempts.c.their_number,
                asks=attempts.c.asks,
                paid_in=attempts.c.currency,
            ),
        )
        .select_from(attempts)
        .join(
            purchases,
            and_(purchases.c.tenant_id == tenant_id, purchases.c.id == attempts.c.purchase_id),
        )
        .where(attempts.c.tenant_id == tenant_id, state.in_(_LIVE))
        .where(or_(by_people, state == AttemptState.UNCLEAR))
    )


def finding_matters(tenant_id: int) -> Select[Any]:
    """What is wrong in statements and nobody settled, and settlements that wait for approval.

    The difference is in ours: at the rate of its order, or as last entered.
    """
    asked = resolutions.c.state == ResolutionState.ASKED
    kind = case((asked, Matter.RESOLUTION_TO_APPROVE), else_=Matter.STATEMENT_FINDING)
    settled = and_(resolutions.c.tenant_id == tenant_id, resolutions.c.finding_id == findings.c.id)
    of = and_(statements.c.tenant_id == tenant_id, statements.c.id == findings.c.statement_id)
    bought = and_(attempts.c.tenant_id == tenant_id, attempts.c.id == findings.c.attempt_id)
    difference_e4 = findings.c.theirs_e4 - findings.c.ours_e4
    rate_e6 = func.coalesce(attempts.c.rate_e6, rate_in_force(tenant_id, statements.c.currency))
    return (
        matters(
            kind,
            findings.c.id,
            case((asked, resolutions.c.asked_at), else_=statements.c.made_at),
            said=findings.c.kind,
            number=statements.c.file_name,
            parent_id=findings.c.statement_id,
            supplier_id=statements.c.supplier_id,
            amount_e4=in_ours(difference_e4, rate_e6),
            asked_by=resolutions.c.asked_by,
            facts=facts(
                what=findings.c.what, row=findings.c.row_number, attempt_id=findings.c.attempt_id
            ),
        )
        .select_from(findings)
        .join(resolutions, settled, isouter=True)
        .join(statements, of)
        .join(attempts, bought, isouter=True)
        .where(findings.c.tenant_id == tenant_id)
        .where(or_(resolutions.c.finding_id.is_(None), asked))
    )
