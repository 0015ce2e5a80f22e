"""Use: accounts that were topped up for order lines, handed to whoever settles those lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from kashu.core.db import Tx
from kashu.core.money import exchanged
from kashu.ledger.post import Account, Transfer
from kashu.purchases.books import paid_from, spent
from kashu.purchases.kinds import AttemptState, Cause, PurchaseState
from kashu.purchases.reads import Attempt, attempt_row
from kashu.purchases.tables import attempts, purchases

_ENDED = (PurchaseState.DONE, PurchaseState.PART)


@dataclass(frozen=True, slots=True)
class Ready:
    """A line whose account was topped up, and isn't settled with it."""

    purchase_id: UUID
    line_id: UUID
    sku_id: UUID


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """What one supplier did for a line, and what it cost. Its money is still in doubt."""

    attempt_id: UUID
    line_id: UUID
    supplier_id: UUID
    units: int
    cost_e4: int  # in ours
    paid_from: Account
    currency: str  # of the supplier; `spent` of it is posted beside, where it isn't ours
    spent: Transfer
    receipt: str


async def topups_ready(tx: Tx, tenant_id: int, *, most: int) -> list[Ready]:
    """Lines to be settled, oldest first. Locks nothing: their SKUs come before."""
    rows = await tx.execute(
        select(purchases.c.id, purchases.c.subject_id, purchases.c.sku_id)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.used_at.is_(None))
        .where(purchases.c.cause == Cause.TOPUP, purchases.c.state.in_(_ENDED))
        .where(purchases.c.subject_id.is_not(None))
        .order_by(purchases.c.id)
        .limit(most)
    )
    return [Ready(*row) for row in rows]


async def use_topups(
    tx: Tx, tenant_id: int, purchase_ids: Sequence[UUID], at: datetime
) -> list[ToppedUp]:
    """Take top-ups for their lines, each once; whoever calls books their cost from `in_doubt`.

    Locks: the purchases, in order of id; under their SKUs' levels.
    """
    locked = await tx.execute(
        select(purchases.c.id)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id.in_(purchase_ids))
        .where(purchases.c.used_at.is_(None))
        .order_by(purchases.c.id)
        .with_for_update(key_share=True)
    )
    ours = list(locked.scalars())
    await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id.in_(ours))
        .values(used_at=at)
    )
    rows = await tx.execute(
        select(attempts, purchases.c.subject_id)
        .join(
            purchases,
            (purchases.c.tenant_id == tenant_id) & (purchases.c.id == attempts.c.purchase_id),
        )
        .where(attempts.c.tenant_id == tenant_id, attempts.c.purchase_id.in_(ours))
        .where(attempts.c.state == AttemptState.SUCCEEDED, ~attempts.c.surplus)
        .order_by(attempts.c.id)
    )
    return [_topped_up(attempt_row(row), row.subject_id) for row in rows]


def _topped_up(attempt: Attempt, line_id: UUID) -> ToppedUp:
    charged_e4 = attempt.total_e4 if attempt.charged_e4 is None else attempt.charged_e4
    kept_e4 = charged_e4 - attempt.refunded_e4
    return ToppedUp(
        attempt.id,
        line_id,
        attempt.supplier_id,
        attempt.received_count,
        exchanged(kept_e4, attempt.rate_e6),
        paid_from(attempt),
        attempt.currency,
        spent(attempt, kept_e4),
        attempt.receipt,
    )


async def attempts_of_lines(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The attempts whose top-ups were used for some lines: what each cost is booked under it."""
    rows = await tx.execute(
        select(attempts.c.id, purchases.c.subject_id)
        .join(
            purchases,
            (purchases.c.tenant_id == tenant_id) & (purchases.c.id == attempts.c.purchase_id),
        )
        .where(attempts.c.tenant_id == tenant_id, purchases.c.subject_id.in_(line_ids))
        .where(purchases.c.cause == Cause.TOPUP, purchases.c.used_at.is_not(None))
    )
    return {row.id: row.subject_id for row in rows}
