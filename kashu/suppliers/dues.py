"""Dues: what we owe suppliers that are paid afterwards, and when it must be paid."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.ledger.supplier_money import supplier_days, supplier_money
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.tables import suppliers

LOOKED_BACK: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Due:
    """What is still owed for one day's goods."""

    posted_on: date
    due_on: date
    amount_e4: int


@dataclass(frozen=True, slots=True)
class Dues:
    """What is owed to a supplier in what it is paid in, oldest first."""

    supplier_id: UUID
    code: str
    name: str
    settle_days: int
    payable_e4: int
    overdue_e4: int
    open: list[Due]
    currency: str


async def dues(
    tx: Tx, tenant_id: int, today: date, supplier_ids: Collection[UUID] | None = None
) -> list[Dues]:
    """Read what is owed, by supplier; payments settle the oldest goods first. Today isn't overdue.

    Those paid afterwards that are owed something; of `supplier_ids`, or all. What is older than
    400 days counts as of its first day.
    """
    wanted = (
        select(
            suppliers.c.id,
            suppliers.c.code,
            suppliers.c.name,
            suppliers.c.settle_days,
            suppliers.c.currency,
        )
        .where(suppliers.c.tenant_id == tenant_id)
        .where(suppliers.c.settlement == Settlement.PAYABLE)
        .order_by(suppliers.c.code)
    )
    if supplier_ids is not None:
        wanted = wanted.where(suppliers.c.id.in_(supplier_ids))
    rows = (await tx.execute(wanted)).all()
    ids = [row.id for row in rows]
    paid_in = {row.id: row.currency for row in rows}
    money = await supplier_money(tx, tenant_id, ids, currency=paid_in)
    first = today - LOOKED_BACK
    days = await supplier_days(tx, tenant_id, ids, since=first, until=today, currency=paid_in)
    found = []
    for row in rows:
        payable_e4 = money[row.id].payable_e4
        if payable_e4 <= 0:
            continue
        credits_ = [(day.posted_on, day.payable_credit_e4) for day in days[row.id]]
        open_ = _open(credits_, payable_e4, first, timedelta(days=row.settle_days))
        overdue_e4 = sum(due.amount_e4 for due in open_ if due.due_on < today)
        found.append(
            Dues(
                row.id,
                row.code,
                row.name,
                row.settle_days,
                payable_e4,
                overdue_e4,
                open_,
                row.currency,
            )
        )
    return found


def _open(
    credits_: list[tuple[date, int]], payable_e4: int, first: date, after: timedelta
) -> list[Due]:
    """Say for which days something is left: the oldest were paid first, so the latest are open."""
    left_e4, open_ = payable_e4, []
    for posted_on, credit_e4 in reversed(credits_):
        part_e4 = min(left_e4, credit_e4)
        if part_e4 > 0:
            open_.append(Due(posted_on, posted_on + after, part_e4))
            left_e4 -= part_e4
    if left_e4 > 0:
        open_.append(Due(first, first + after, left_e4))
    return open_[::-1]
