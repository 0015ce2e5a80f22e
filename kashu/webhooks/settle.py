"""Settle: write down how a try ended, where it is still ours to write."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, update

from kashu.core.db import Tx
from kashu.webhooks.kinds import DeliveryState
from kashu.webhooks.lease import Leased
from kashu.webhooks.tables import attempts, deliveries, endpoints


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended."""

    at: datetime
    took_ms: int
    status: int | None  # what was answered
    said: str  # why there was no answer: an error's code
    delivered: bool = False
    next_at: datetime | None = None  # when it is tried again, if it is
    resume_at: datetime | None = None  # until when nothing is sent there


async def settle(tx: Tx, tenant_id: int, endpoint_id: UUID, leased: Leased, ended: Ended) -> bool:
    """Write how a try ended. False: the lease was over, another has it, and it is left as it is.

    Locks: the address where it began or ceased to fail, then the message.
    """
    await _note_endpoint(tx, tenant_id, endpoint_id, ended)
    state = DeliveryState.DUE if ended.next_at is not None else DeliveryState.FAILED
    if ended.delivered:
        state = DeliveryState.DELIVERED
    values: dict[str, object] = {"state": state.value}
    values |= {"ended_at": ended.at} if ended.next_at is None else {"next_at": ended.next_at}
    moved = await tx.execute(
        update(deliveries)
        .where(deliveries.c.tenant_id == tenant_id, deliveries.c.id == leased.id)
        .where(deliveries.c.attempts == leased.attempts)
        .where(deliveries.c.state == DeliveryState.DUE)
        .values(values)
        .returning(deliveries.c.id)
    )
    if moved.one_or_none() is None:
        return False
    await tx.execute(
        insert(attempts).values(
            tenant_id=tenant_id,
            delivery_id=leased.id,
            number=leased.attempts,
            at=ended.at,
            took_ms=ended.took_ms,
            status=ended.status,
            said=ended.said,
        )
    )
    return True


async def _note_endpoint(tx: Tx, tenant_id: int, endpoint_id: UUID, ended: Ended) -> None:
    its_own = update(endpoints).where(
        endpoints.c.tenant_id == tenant_id, endpoints.c.id == endpoint_id
    )
    if ended.delivered:
        changed = its_own.where(endpoints.c.failing_since.is_not(None)).values(
            failing_since=None, resume_at=None
        )
    else:
        changed = its_own.values(
            failing_since=func.coalesce(endpoints.c.failing_since, ended.at),
            resume_at=func.greatest(endpoints.c.resume_at, ended.resume_at),
        )
    await tx.execute(changed)
