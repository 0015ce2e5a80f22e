"""Listed: the purchases that some conditions leave, a page at a time, and what they come to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from kashu.core.db import Tx
from kashu.purchases.in_ours import in_ours
from kashu.purchases.kinds import LIVE, OPEN, AttemptState, Cause, PurchaseState
from kashu.purchases.reads import Purchase, purchase_row
from kashu.purchases.tables import attempts, purchases

COUNTED_MAX: Final = 10_000  # beyond this nobody waits for a number

_LIVE: Final = tuple(sorted(state.value for state in LIVE))
_UNCLEAR: Final = (AttemptState.MANUAL.value, AttemptState.UNCLEAR.value)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What purchases must be to be listed; None: anything."""

    states: Collection[PurchaseState] | None = None
    sku_id: UUID | None = None
    supplier_id: UUID | None = None  # only from this one, or an order was made there
    cause: Cause | None = None
    in_doubt: bool | None = None  # whether nobody knows what became of an order
    overdue: bool | None = None  # whether its time is over and it is still open


@dataclass(frozen=True, slots=True)
class Totals:
    """What the listed purchases come to. `more`: there are more than were counted."""

    count: int
    more: bool
    units: int
    received: int
    amount_e4: int  # of those of which it is known, what they may come to


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a purchase's orders at suppliers came to, so far."""

    supplier_id: UUID  # of the last of them
    in_doubt_e4: int
    unclear: bool
    cost_e4: int  # kept by suppliers for what succeeded


async def purchase_page(
    tx: Tx, tenant_id: int, wanted: Conditions, *, before: UUID | None = None, most: int
) -> list[Purchase]:
    """Read up to `most` purchases, the newest first, from the one made before `before` on."""
    asked = select(purchases).where(*_conditions(tenant_id, wanted))
    if before is not None:
        asked = asked.where(purchases.c.id < before)
    rows = await tx.execute(asked.order_by(purchases.c.id.desc()).limit(most))
    return [purchase_row(row) for row in rows]


async def purchase_totals(tx: Tx, tenant_id: int, wanted: Conditions) -> Totals:
    """Count them and add them up, as far as COUNTED_MAX."""
    counted = (
        select(purchases.c.quantity, purchases.c.received_count, purchases.c.amount_e4)
        .where(*_conditions(tenant_id, wanted))
        .order_by(purchases.c.id.desc())
        .limit(COUNTED_MAX)
        .subquery()
    )
    sums = (counted.c.quantity, counted.c.received_count, counted.c.amount_e4)
    row = (
        await tx.execute(
            select(func.count(), *(func.coalesce(func.sum(each), 0) for each in sums)).select_from(
                counted
            )
        )
    ).one()
    count, units, received, amount_e4 = (int(each) for each in row)
    return Totals(count, count >= COUNTED_MAX, units, received, amount_e4)


async def so_far(tx: Tx, tenant_id: int, ids: Sequence[UUID]) -> dict[UUID, SoFar]:
    """Say what became of some purchases' orders; those without any are left out."""
    ours = attempts.c
    live = ours.state.in_(_LIVE)
    kept = in_ours(func.coalesce(ours.charged_e4, ours.total_e4) - ours.refunded_e4)
    last = func.first_value(ours.supplier_id).over(
        partition_by=ours.purchase_id, order_by=(ours.made_at.desc(), ours.id.desc())
    )
    per_order = (
        select(
            ours.purchase_id,
            last.label("supplier_id"),
            live.label("live"),
            ours.state.in_(_UNCLEAR).label("unclear"),
            in_ours(ours.total_e4).label("total_e4"),
            (ours.state == AttemptState.SUCCEEDED.value).label("succeeded"),
            kept.label("kept_e4"),
        )
        .where(ours.tenant_id == tenant_id, ours.purchase_id.in_(set(ids)))
        .subquery()
    )
    each = per_order.c
    rows = await tx.execute(
        select(
            each.purchase_id,
            each.supplier_id,
            func.coalesce(func.sum(each.total_e4).filter(each.live), 0),
            func.bool_or(each.unclear),
            func.coalesce(func.sum(each.kept_e4).filter(each.succeeded), 0),
        ).group_by(each.purchase_id, each.supplier_id)
    )
    return {row[0]: SoFar(row[1], int(row[2]), row[3], int(row[4])) for row in rows}


def _conditions(tenant_id: int, wanted: Conditions) -> list[ColumnElement[bool]]:
    ours = purchases.c
    asked: list[ColumnElement[bool]] = [ours.tenant_id == tenant_id]
    if wanted.states is not None:
        asked.append(ours.state.in_([state.value for state in wanted.states]))
    if wanted.sku_id is not None:
        asked.append(ours.sku_id == wanted.sku_id)
    if wanted.cause is not None:
        asked.append(ours.cause == wanted.cause)
    if wanted.supplier_id is not None:
        there = _order(tenant_id, attempts.c.supplier_id == wanted.supplier_id)
        asked.append(or_(ours.supplier_id == wanted.supplier_id, there))
    if wanted.in_doubt is not None:
        doubtful = _order(tenant_id, attempts.c.state.in_(_UNCLEAR))
        asked.append(doubtful if wanted.in_doubt else ~doubtful)
    if wanted.overdue is not None:
        late = and_(ours.due_at < func.now(), ours.state.in_(sorted(state.value for state in OPEN)))
        asked.append(late if wanted.overdue else ~func.coalesce(late, False))
    return asked


def _order(tenant_id: int, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether such an order was made for the purchase."""
    return exists().where(
        attempts.c.tenant_id == tenant_id, attempts.c.purchase_id == purchases.c.id, condition
    )
