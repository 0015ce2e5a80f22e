"""Replay: send again what an address didn't hear, or lost; and try an address.

It is the same message with the same id: who has it already can tell.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.webhooks.endpoints import Endpoint, endpoint_by_id
from kashu.webhooks.errors import DeliveryDue, DeliveryUnknown, WebhookDisabled
from kashu.webhooks.fan_out import Message, write_messages
from kashu.webhooks.kinds import DeliveryState, EndpointState, MessageType
from kashu.webhooks.message import body_of
from kashu.webhooks.tables import deliveries, endpoints

AT_ONCE: Final = 10_000  # messages that failed, in a transaction


async def replay(tx: Tx, tenant_id: int, actor: str, delivery_id: UUID, at: datetime) -> Endpoint:
    """Send one message again, from the first try on; returns whose it is.

    Locks: the address, then the message.
    Raises: DeliveryUnknown, WebhookDisabled, DeliveryDue.
    """
    whose = await tx.execute(
        select(deliveries.c.endpoint_id).where(
            deliveries.c.tenant_id == tenant_id, deliveries.c.id == delivery_id
        )
    )
    endpoint_id = whose.scalar_one_or_none()
    if endpoint_id is None:
        raise DeliveryUnknown
    endpoint = await _open(tx, tenant_id, endpoint_id)
    if not await _send_again(tx, tenant_id, [delivery_id], at):
        raise DeliveryDue
    facts = {"delivery": str(delivery_id)}
    await record(tx, tenant_id, actor, [Event("webhook.replayed", endpoint_id, facts)])
    return endpoint


async def replay_failed(
    tx: Tx, tenant_id: int, actor: str, endpoint_id: UUID, *, since: datetime, at: datetime
) -> int:
    """Send all again that happened from `since` on and failed; returns how many, AT_ONCE at most.

    Locks: the address, then the messages. Raises: WebhookUnknown, WebhookDisabled.
    """
    await _open(tx, tenant_id, endpoint_id)
    failed = (
        select(deliveries.c.id)
        .where(deliveries.c.tenant_id == tenant_id, deliveries.c.endpoint_id == endpoint_id)
        .where(deliveries.c.state == DeliveryState.FAILED)
        .where(deliveries.c.happened_at >= since)
        .order_by(deliveries.c.id)
        .limit(AT_ONCE)
    )
    ids = (await tx.execute(failed)).scalars().all()
    count = await _send_again(tx, tenant_id, ids, at)
    if count:
        facts = {"count": count, "since": since.isoformat()}
        await record(tx, tenant_id, actor, [Event("webhook.replayed", endpoint_id, facts)])
    return count


async def send_test(tx: Tx, tenant_id: int, actor: str, endpoint_id: UUID, at: datetime) -> UUID:
    """Send a message that tells nothing, to try an address; returns its delivery.

    Raises: WebhookUnknown, WebhookDisabled.
    """
    endpoint = await _open(tx, tenant_id, endpoint_id)
    body = body_of(MessageType.TEST, at, {"webhook_id": endpoint_id, "name": endpoint.name})
    message = Message(endpoint_id, new_id(), MessageType.TEST, body, at)
    [delivery_id] = await write_messages(tx, tenant_id, [message], at)
    await record(tx, tenant_id, actor, [Event("webhook.tested", endpoint_id)])
    return delivery_id


async def _send_again(tx: Tx, tenant_id: int, ids: Collection[UUID], at: datetime) -> int:
    """Make those due that have ended; returns how many."""
    moved = await tx.execute(
        update(deliveries)
        .where(deliveries.c.tenant_id == tenant_id, deliveries.c.id.in_(ids))
        .where(deliveries.c.state != DeliveryState.DUE)
        .values(state=DeliveryState.DUE.value, tries=0, ended_at=None, next_at=at)
        .returning(deliveries.c.id)
    )
    return len(moved.all())


async def _open(tx: Tx, tenant_id: int, endpoint_id: UUID) -> Endpoint:
    """Read an address that is open, and keep it so until `tx` ends; it needs no more rest."""
    endpoint = await endpoint_by_id(tx, tenant_id, endpoint_id)
    opened = await tx.execute(
        update(endpoints)
        .where(endpoints.c.tenant_id == tenant_id, endpoints.c.id == endpoint_id)
        .where(endpoints.c.state == EndpointState.OPEN)
        .values(resume_at=None)
        .returning(endpoints.c.id)
    )
    if opened.one_or_none() is None:
        raise WebhookDisabled
    return endpoint
