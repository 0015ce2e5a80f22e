"""HTTP of what was sent: to look up, and to send again."""

from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside
from kashu.core.db import Database
from kashu.webhooks.endpoints import endpoint_by_id
from kashu.webhooks.kinds import DeliveryState
from kashu.webhooks.reads import delivery_by_id, last_tries, list_deliveries
from kashu.webhooks.replay import replay, replay_failed
from kashu.webhooks.shapes import (
    DeliveryList,
    DeliveryShown,
    DeliveryWhole,
    Replayed,
    ReplayWanted,
    delivery_shown,
    try_shown,
)

PAGE_MAX: Final = 200


@get(
    "/v1/webhooks/{webhook_id:uuid}/deliveries",
    operation_id="listWebhookDeliveries",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def get_deliveries(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    in_state: Annotated[DeliveryState | None, QueryParameter(name="state")] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
) -> DeliveryList:
    """List what an address was or is to be told, what happened last first."""
    async with database.transaction(caller.tenant_id) as tx:
        await endpoint_by_id(tx, caller.tenant_id, webhook_id)
        found = await list_deliveries(
            tx, caller.tenant_id, webhook_id, state=in_state, before=before, most=limit + 1
        )
        page = found[:limit]
        last = await last_tries(tx, caller.tenant_id, [each.id for each in page])
    more = page[-1].message_id if len(found) > limit else None
    return DeliveryList([delivery_shown(each, last.get(each.id)) for each in page], more)


@get(
    "/v1/webhook-deliveries/{delivery_id:uuid}",
    operation_id="readWebhookDelivery",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def get_delivery(
    delivery_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> DeliveryWhole:
    """Read one message with its body and all its tries."""
    async with database.transaction(caller.tenant_id) as tx:
        found, tries = await delivery_by_id(tx, caller.tenant_id, delivery_id)
    shown = delivery_shown(found, tries[-1] if tries else None)
    return DeliveryWhole(shown, found.body, [try_shown(each) for each in tries])


@post(
    "/v1/webhook-deliveries/{delivery_id:uuid}/replay",
    operation_id="replayWebhookDelivery",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404, 409),
)
async def post_replay(
    delivery_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> DeliveryShown:
    """Send one message again: the same body, the same id."""
    async with database.transaction(caller.tenant_id) as tx:
        await replay(tx, caller.tenant_id, caller.actor, delivery_id, outside.now())
        found, tries = await delivery_by_id(tx, caller.tenant_id, delivery_id)
    return delivery_shown(found, tries[-1] if tries else None)


@post(
    "/v1/webhooks/{webhook_id:uuid}/replay",
    operation_id="replayFailedDeliveries",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404, 409),
)
async def post_replay_failed(
    webhook_id: FromPath[UUID],
    data: JSONBody[ReplayWanted],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> Replayed:
    """Send all again that failed, of what happened since then."""
    async with database.transaction(caller.tenant_id) as tx:
        count = await replay_failed(
            tx, caller.tenant_id, caller.actor, webhook_id, since=data.since, at=outside.now()
        )
    return Replayed(count)


routes: Final = (get_deliveries, get_delivery, post_replay, post_replay_failed)
