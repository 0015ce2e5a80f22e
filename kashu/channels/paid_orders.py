"""Questions about platforms' orders that lock nothing: by number, and by the day of payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from kashu.channels.channel import ShopRefundState
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder, known_order
from kashu.channels.tables import shop_orders, shop_refunds
from kashu.core.db import Tx

AT_ONCE: Final = 5_000  # numbers in a question
OPEN: Final = (
    Step.DUE,
    Step.UNMAPPED,
    Step.HELD,
    Step.SHADOWED,
    Step.TAKEN,
    Step.SENT,
    Step.TROUBLE,
)


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """An order as we know it, and when the platform last changed it."""

    known: KnownOrder
    changed_at: datetime


async def orders_told_of(
    tx: Tx, tenant_id: int, store_id: UUID, numbers: Sequence[str]
) -> dict[str, ToldOrder]:
    """Some orders of a store by number; those we were never told of are left out."""
    found: dict[str, ToldOrder] = {}
    for begin in range(0, len(numbers), AT_ONCE):
        rows = await tx.execute(
            select(shop_orders).where(
                shop_orders.c.tenant_id == tenant_id,
                shop_orders.c.store_id == store_id,
                shop_orders.c.number.in_(numbers[begin : begin + AT_ONCE]),
            )
        )
        found |= {row.number: ToldOrder(known_order(row), row.changed_at) for row in rows}
    return found


async def orders_paid(
    tx: Tx, tenant_id: int, store_id: UUID, begin: datetime, end: datetime
) -> dict[str, ToldOrder]:
    """A store's orders that were paid in a time, by number."""
    rows = await tx.execute(
        select(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.store_id == store_id)
        .where(shop_orders.c.paid_at >= begin, shop_orders.c.paid_at < end)
        .order_by(shop_orders.c.paid_at, shop_orders.c.id)
    )
    return {row.number: ToldOrder(known_order(row), row.changed_at) for row in rows}


async def stores_of_numbers(
    tx: Tx, tenant_id: int, besides: UUID, numbers: Sequence[str]
) -> dict[str, UUID]:
    """In which other store orders of these numbers are, where they are in one."""
    found: dict[str, UUID] = {}
    for begin in range(0, len(numbers), AT_ONCE):
        rows = await tx.execute(
            select(shop_orders.c.number, shop_orders.c.store_id)
            .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.store_id != besides)
            .where(shop_orders.c.number.in_(numbers[begin : begin + AT_ONCE]))
        )
        found |= {row.number: row.store_id for row in rows}
    return found


async def numbers_refunded(
    tx: Tx, tenant_id: int, store_id: UUID, numbers: Sequence[str]
) -> set[str]:
    """Those of some orders of which money went back, or is asked back."""
    found: set[str] = set()
    for begin in range(0, len(numbers), AT_ONCE):
        rows = await tx.execute(
            select(shop_refunds.c.order_number)
            .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.store_id == store_id)
            .where(shop_refunds.c.order_number.in_(numbers[begin : begin + AT_ONCE]))
            .where(shop_refunds.c.shop_state != ShopRefundState.REFUSED)
        )
        found |= set(rows.scalars())
    return found


async def count_open(tx: Tx, tenant_id: int, store_id: UUID) -> dict[Step, int]:
    """How many of a store's orders wait at each step, for us or for somebody."""
    rows = await tx.execute(
        select(shop_orders.c.step, func.count())
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.store_id == store_id)
        .where(shop_orders.c.step.in_(OPEN))
        .group_by(shop_orders.c.step)
    )
    counts = {Step(step): count for step, count in rows}
    return {step: counts[step] for step in OPEN if step in counts}
