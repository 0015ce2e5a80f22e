"""Cancel: a person doesn't want a purchase any more. What is under way at a supplier goes on."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, exists, func, select, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.sql import Statement
from kashu.purchases.approve import moved
from kashu.purchases.kinds import LIVE, PurchaseState
from kashu.purchases.reads import Purchase, purchase_row
from kashu.purchases.tables import attempts, purchases

CANCELLABLE = frozenset(
    {PurchaseState.DRAFT, PurchaseState.ASKED, PurchaseState.WANTED, PurchaseState.HELD}
)


@dataclass(frozen=True, slots=True)
class _Ended:
    id: UUID


_cancel_for = Statement(__file__, "cancel_for.sql", _Ended)


async def cancel(
    tx: Tx, tenant_id: int, actor: str, purchase_id: UUID, *, because: str
) -> Purchase:
    """End a purchase of which nothing is under way; what came of it stays, and it is a part.

    Locks: the purchase, as does who orders it: it is either cancelled or ordered, never both.
    Raises: UnknownPurchase, PurchaseMoved.
    """
    under_way = exists(
        select(attempts.c.id)
        .where(attempts.c.tenant_id == tenant_id, attempts.c.purchase_id == purchase_id)
        .where(attempts.c.state.in_(LIVE))
    )
    ended = case(
        (purchases.c.received_count > 0, PurchaseState.PART.value),
        else_=PurchaseState.CANCELLED.value,
    )
    changed = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .where(purchases.c.state.in_(CANCELLABLE), ~under_way)
        .values(
            state=ended,
            said="cancelled",
            ended_at=func.now(),
            sealed_inputs=None,
            key_version=None,
        )
        .returning(purchases)
    )
    row = changed.one_or_none()
    if row is None:
        raise await moved(tx, tenant_id, purchase_id, "取消", "cancelled")
    event = Event("purchase.cancelled", purchase_id, {"because": because})
    await record(tx, tenant_id, actor, [event])
    return purchase_row(row)


async def cancel_for(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> list[UUID]:
    """Nobody waits any more for what is bought for these lines: what isn't ordered isn't.

    Returns the purchases that were cancelled; what is under way stays.
    Locks: their purchases, in order of id.
    """
    if not line_ids:
        return []
    ended = await _cancel_for(
        tx,
        tenant=tenant_id,
        lines=list(line_ids),
        cancellable=[state.value for state in CANCELLABLE],
    )
    cancelled = [each.id for each in ended]
    facts = {"because": "not_wanted_any_more"}
    events = [Event("purchase.cancelled", id_, facts) for id_ in cancelled]
    await record(tx, tenant_id, "system", events)
    return cancelled
