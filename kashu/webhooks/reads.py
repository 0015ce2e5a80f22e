"""Questions about what was sent."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from kashu.core.db import Tx
from kashu.webhooks.errors import DeliveryUnknown
from kashu.webhooks.kinds import DeliveryState
from kashu.webhooks.tables import attempts, deliveries


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one address, and how far it has come."""

    id: UUID
    endpoint_id: UUID
    message_id: UUID
    type: str
    body: str
    happened_at: datetime
    state: DeliveryState
    attempts: int
    next_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that has ended."""

    number: int
    at: datetime
    took_ms: int
    status: int | None
    said: str


async def list_deliveries(
    tx: Tx,
    tenant_id: int,
    endpoint_id: UUID,
    *,
    state: DeliveryState | None = None,
    before: UUID | None = None,
    most: int,
) -> list[Delivery]:
    """What an address was or is to be told, what happened last first, a page at a time.

    `before`: the last message of the page before.
    """
    wanted = _deliveries(tenant_id).where(deliveries.c.endpoint_id == endpoint_id)
    if state is not None:
        wanted = wanted.where(deliveries.c.state == state)
    if before is not None:
        wanted = wanted.where(deliveries.c.message_id < before)
    found = await tx.execute(wanted.order_by(deliveries.c.message_id.desc()).limit(most))
    return [_delivery(row) for row in found]


async def delivery_by_id(
    tx: Tx, tenant_id: int, delivery_id: UUID
) -> tuple[Delivery, list[Attempt]]:
    """Read one, with its tries in order. Raises: DeliveryUnknown."""
    found = await tx.execute(_deliveries(tenant_id).where(deliveries.c.id == delivery_id))
    row = found.one_or_none()
    if row is None:
        raise DeliveryUnknown
    tried = await tx.execute(
        _attempts(tenant_id)
        .where(attempts.c.delivery_id == delivery_id)
        .order_by(attempts.c.number)
    )
    return _delivery(row), [Attempt(*each) for each in tried]


async def last_tries(tx: Tx, tenant_id: int, delivery_ids: list[UUID]) -> dict[UUID, Attempt]:
    """The last try of each that was tried."""
    later = attempts.alias("later")
    its_last = (
        select(func.max(later.c.number))
        .where(later.c.tenant_id == tenant_id, later.c.delivery_id == attempts.c.delivery_id)
        .scalar_subquery()
    )
    found = await tx.execute(
        _attempts(tenant_id)
        .add_columns(attempts.c.delivery_id)
        .where(attempts.c.delivery_id.in_(delivery_ids), attempts.c.number == its_last)
    )
    return {row.delivery_id: Attempt(*row[:-1]) for row in found}


def _attempts(tenant_id: int) -> Select[Any]:
    return select(
        attempts.c.number,
        attempts.c.at,
        attempts.c.took_ms,
        attempts.c.status,
        attempts.c.said,
    ).where(attempts.c.tenant_id == tenant_id)


def _deliveries(tenant_id: int) -> Select[Any]:
    return select(
        deliveries.c.id,
        deliveries.c.endpoint_id,
        deliveries.c.message_id,
        deliveries.c.type,
        deliveries.c.body,
        deliveries.c.happened_at,
        deliveries.c.state,
        deliveries.c.attempts,
        deliveries.c.next_at,
        deliveries.c.ended_at,
    ).where(deliveries.c.tenant_id == tenant_id)


def _delivery(row: Any) -> Delivery:  # noqa: ANN401  (a row of _deliveries)
    delivery = Delivery(*row)
    return replace(delivery, state=DeliveryState(delivery.state))
