"""Matters of purchases: what is to be decided, what is in doubt, what differs in statements."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, or_, select

from kashu.core.matters import Matter, facts, matters
from kashu.purchases.choose import Bar
from kashu.purchases.in_ours import in_ours
from kashu.purchases.kinds import LIVE, OPEN, AttemptState, PurchaseState
from kashu.purchases.kinds_statements import ResolutionState
from kashu.purchases.tables import attempts, purchases
from kashu.purchases.tables_statements import findings, resolutions, statements
from kashu.suppliers.rates import rate_in_force

# Written into the statement: so that the partial indexes of these states serve it.
_OPEN: Final = tuple(literal(each.value, literal_execute=True) for each in sorted(OPEN))
_LIVE: Final = tuple(literal(each.value, literal_execute=True) for each in sorted(LIVE))


# What isn't known of an order is asked about five times in the first minute, and then a minute
# later (schedule.STEPS): what clears up before isn't a person's.
ASKING_TAKES: Final = timedelta(seconds=90)
# Why nobody is asked for a moment; with any other reason a purchase is held until a person, or a
# supplier, changes something.
_PASSES: Final = (Bar.TRIED.value, Bar.BEING_TRIED.value, "supplier_one_at_a_time")
HELD_FOR: Final = timedelta(minutes=1)


def purchase_states(tenant_id: int, at: datetime) -> Select[Any]:
    """How far purchases have come, by id: for the lines that they are made for.

    `doubt`: the Matter that its order at a supplier is; NULL where it isn't one. `is_asked`: it may
    become one, and is asked about. `is_held`: until something changes, and not for a moment.
    """
    held = purchases.c.state == PurchaseState.HELD.value
    return (
        select(
            purchases.c.id,
            purchases.c.state,
            purchases.c.said,
            _kind_of_attempt(at).label("doubt"),
            (attempts.c.state == AttemptState.UNCLEAR.value).label("is_asked"),
            and_(held, purchases.c.said.not_in(_PASSES)).label("is_held"),
        )
        .select_from(purchases)
        .join(attempts, _live_one(tenant_id), isouter=True)
        .where(purchases.c.tenant_id == tenant_id)
    )


def _live_one(tenant_id: int) -> ColumnElement[bool]:
    """Join a purchase to its order at a supplier that isn't over: one at most."""
    return and_(
        attempts.c.tenant_id == tenant_id,
        attempts.c.purchase_id == purchases.c.id,
        attempts.c.state.in_(_LIVE),
    )


def purchase_matters(tenant_id: int, at: datetime) -> Select[Any]:
    """Purchases that a person approves, decides on, or looks after because they are late.

    One that is late because nobody knows what became of its order is told as that, once. What is
    late costs what is ordered of it, and nothing before.
    """
    state = purchases.c.state
    overdue = purchases.c.due_at < at
    late = and_(overdue, _kind_of_attempt(at).is_(None))
    passes = and_(purchases.c.said.in_(_PASSES), purchases.c.created_at > at - HELD_FOR)
    held = and_(state == PurchaseState.HELD, or_(overdue, not_(passes)))
    kind = case(
        (state == PurchaseState.ASKED, Matter.PURCHASE_TO_APPROVE),
        (state == PurchaseState.DRAFT, Matter.PURCHASE_DRAFT),
        (held, Matter.PURCHASE_HELD),
        (late, Matter.PURCHASE_OVERDUE),
        else_=None,
    )
    to_come = state.in_([PurchaseState.WANTED, PurchaseState.PLACED])
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
            supplier_id=func.coalesce(attempts.c.supplier_id, purchases.c.supplier_id),
            amount_e4=case((to_come, in_ours(attempts.c.total_e4)), else_=purchases.c.amount_e4),
            quantity=purchases.c.quantity,
            asked_by=purchases.c.actor,
            facts=facts(
                cause=purchases.c.cause,
                line_id=purchases.c.subject_id,
                asked_by=purchases.c.asked_by,
                supplier_order=attempts.c.number,
            ),
        )
        .select_from(purchases)
        .join(attempts, _live_one(tenant_id), isouter=True)
        .where(purchases.c.tenant_id == tenant_id, state.in_(_OPEN))
        .where(kind.is_not(None))
    )


def _kind_of_attempt(at: datetime) -> ColumnElement[Any]:
    """Say what an order at a supplier, and its purchase, wait for a person for; NULL: for nobody.

    While it is asked about as it should be, and its purchase isn't late, nobody need look.
    """
    clears_up = and_(
        or_(attempts.c.answered_at.is_(None), attempts.c.answered_at > at - ASKING_TAKES),
        attempts.c.next_at > at - ASKING_TAKES,
        or_(purchases.c.due_at.is_(None), purchases.c.due_at >= at),
    )
    unclear = and_(attempts.c.state == AttemptState.UNCLEAR.value, not_(clears_up))
    return case(
        (attempts.c.state == AttemptState.MANUAL.value, Matter.PURCHASE_TO_DECIDE),
        (unclear, Matter.MONEY_IN_DOUBT),
        else_=None,
    )


def attempt_matters(tenant_id: int, at: datetime) -> Select[Any]:
    """Orders at suppliers whose outcome isn't known: our money is in doubt.

    The amount is in ours; `paid_in` says in what it was ordered, and what is typed of it is in.
    """
    kind = _kind_of_attempt(at)
    return (
        matters(
            kind,
            attempts.c.id,
            attempts.c.made_at,
            due_at=purchases.c.due_at,
            said=attempts.c.said,
            number=attempts.c.number,
            parent_id=attempts.c.purchase_id,
            store_id=purchases.c.store_id,
            customer_id=purchases.c.customer_id,
            sku_id=purchases.c.sku_id,
            supplier_id=attempts.c.supplier_id,
            amount_e4=in_ours(attempts.c.total_e4),
            quantity=attempts.c.quantity,
            facts=facts(
                their_number=attempts.c.their_number,
                asks=attempts.c.asks,
                paid_in=attempts.c.currency,
                cause=purchases.c.cause,
                line_id=purchases.c.subject_id,
            ),
        )
        .select_from(attempts)
        .join(
            purchases,
            and_(purchases.c.tenant_id == tenant_id, purchases.c.id == attempts.c.purchase_id),
        )
        .where(attempts.c.tenant_id == tenant_id, attempts.c.state.in_(_LIVE))
        .where(kind.is_not(None))
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
