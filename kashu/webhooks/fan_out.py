"""Fan out: what happened becomes a message for each address that hears of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from kashu.core.db import Database, Tx
from kashu.core.events import Recorded
from kashu.core.ids import new_ids
from kashu.core.jobs import wake
from kashu.core.sql import Statement
from kashu.core.untold import take_untold
from kashu.orders.whose import Whose, whose_orders
from kashu.webhooks.endpoints import Endpoint, list_endpoints
from kashu.webhooks.kinds import EndpointState
from kashu.webhooks.message import body_of, data_of

AT_ONCE: Final = 500  # events in a transaction
MESSAGES_DUE: Final = "messages_due"  # calls who delivers


@dataclass(frozen=True, slots=True)
class Message:
    """What one address is to hear."""

    endpoint_id: UUID
    message_id: UUID
    type: str
    body: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_write = Statement(__file__, "fan_out_write.sql", _Nothing)


async def fan_out(database: Database, tenant_id: int, at: datetime) -> bool:
    """Pass on what happened, each once. True: there may be more."""
    async with database.transaction(tenant_id) as tx:
        happened = await take_untold(tx, tenant_id, AT_ONCE)
        if not happened:
            return False
        told = [
            each for each in await list_endpoints(tx, tenant_id) if each.state is EndpointState.OPEN
        ]
        orders = await whose_orders(
            tx, tenant_id, {each.subject_id for each in happened if _is_of_order(each)}
        )
        if messages := _messages(happened, told, orders):
            await write_messages(tx, tenant_id, messages, at)
    return len(happened) == AT_ONCE


def _messages(
    happened: Sequence[Recorded], told: Sequence[Endpoint], orders: Mapping[UUID, Whose]
) -> list[Message]:
    hears = {each.id: frozenset(each.told()) for each in told}
    found = []
    for event in happened:
        order = orders.get(event.subject_id)
        if order is None and _is_of_order(event):
            continue  # of a platform's order that we didn't accept
        body = body_of(event.kind, event.at, data_of(event, order))
        found += [
            Message(each.id, event.id, event.kind, body, event.at)
            for each in told
            if event.kind in hears[each.id] and _is_its_own(each, order)
        ]
    return found


async def write_messages(
    tx: Tx, tenant_id: int, messages: Sequence[Message], at: datetime
) -> list[UUID]:
    """Have messages sent from `at` on, to those addresses that are open; returns their deliveries.

    Locks: the addresses, in order of id.
    """
    ids = new_ids(len(messages))
    await _write(
        tx,
        tenant=tenant_id,
        at=at,
        ids=ids,
        endpoints=[each.endpoint_id for each in messages],
        messages=[each.message_id for each in messages],
        types=[each.type for each in messages],
        bodies=[each.body for each in messages],
        moments=[each.happened_at for each in messages],
    )
    await wake(tx, tenant_id, MESSAGES_DUE)
    return ids


def _is_of_order(event: Recorded) -> bool:
    return event.kind.startswith("order.")


def _is_its_own(endpoint: Endpoint, order: Whose | None) -> bool:
    """Whether an address may hear of an order: where it is bound, of its own only."""
    if endpoint.store_id is not None:
        return order is not None and order.store_id == endpoint.store_id
    if endpoint.customer_id is not None:
        return order is not None and order.customer_id == endpoint.customer_id
    return True
