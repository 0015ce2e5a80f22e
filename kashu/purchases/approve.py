"""Approve: a second person lets a purchase above a limit be ordered, or refuses it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update

from kashu.core.clock import now
from kashu.core.db import Tx, on_violation
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.purchases.errors_buying import ApproverNotAPerson, OwnPurchase, PurchaseMoved
from kashu.purchases.four_eyes import people_behind
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.reads import Purchase, purchase_of, purchase_row
from kashu.purchases.tables import purchases
from kashu.purchases.want import PURCHASES_DUE

on_violation("purchase_is_approved_by_another", OwnPurchase)


async def approve(
    tx: Tx, tenant_id: int, actor: str, purchase_id: UUID, *, at: datetime | None = None
) -> Purchase:
    """Let a purchase that was asked for be ordered.

    Never by who wanted it or said last what is wanted, nor by who made the key that did; nor by a
    key. Of two who approve at once one does.
    Raises: UnknownPurchase, ApproverNotAPerson, OwnPurchase, PurchaseMoved.
    """
    if actor.startswith("key:"):
        raise ApproverNotAPerson
    at = at or now()
    await _check_other(tx, tenant_id, actor, purchase_id)
    changed = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .where(purchases.c.state == PurchaseState.ASKED)
        # Who changed it since we looked doesn't approve it either.
        .where(purchases.c.actor != actor, purchases.c.asked_by != actor)
        .values(state=PurchaseState.WANTED, said="", approved_by=actor, approved_at=at, next_at=at)
        .returning(purchases)
    )
    row = changed.one_or_none()
    if row is None:
        await _check_other(tx, tenant_id, actor, purchase_id)
        raise await moved(tx, tenant_id, purchase_id, "审批", "approved")
    approved = purchase_row(row)
    facts = {"amount_e4": row.amount_e4, "asked_by": row.asked_by}
    await record(tx, tenant_id, actor, [Event("purchase.approved", purchase_id, facts)])
    await wake(tx, tenant_id, PURCHASES_DUE)
    return approved


async def refuse(
    tx: Tx, tenant_id: int, actor: str, purchase_id: UUID, *, because: str
) -> Purchase:
    """Don't let a purchase that was asked for be ordered: it ends.

    Raises: UnknownPurchase, PurchaseMoved.
    """
    changed = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .where(purchases.c.state == PurchaseState.ASKED)
        .values(state=PurchaseState.CANCELLED, said="not_approved", ended_at=func.now())
        .returning(purchases)
    )
    row = changed.one_or_none()
    if row is None:
        raise await moved(tx, tenant_id, purchase_id, "驳回", "refused")
    event = Event("purchase.not_approved", purchase_id, {"because": because})
    await record(tx, tenant_id, actor, [event])
    return purchase_row(row)


async def moved(tx: Tx, tenant_id: int, purchase_id: UUID, what_zh: str, what_en: str) -> Exception:
    """Say that a purchase is in another state. Raises: UnknownPurchase."""
    purchase = await purchase_of(tx, tenant_id, purchase_id)
    return PurchaseMoved(state=purchase.state.value, what=what_zh, done=what_en)


async def _check_other(tx: Tx, tenant_id: int, actor: str, purchase_id: UUID) -> None:
    """Refuse who has a hand in a purchase. Raises: UnknownPurchase, OwnPurchase."""
    asked = await hands_in(tx, tenant_id, purchase_id)
    for hand in asked:
        if actor in await people_behind(tx, tenant_id, hand):
            raise OwnPurchase


async def hands_in(tx: Tx, tenant_id: int, purchase_id: UUID) -> frozenset[str]:
    """Who wanted a purchase and who said last what is wanted. Raises: UnknownPurchase."""
    purchase = await purchase_of(tx, tenant_id, purchase_id)
    found: Any = await tx.execute(
        purchases.select()
        .with_only_columns(purchases.c.asked_by)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
    )
    asked_by = found.scalar_one()
    return frozenset(each for each in (purchase.actor, asked_by) if each)
