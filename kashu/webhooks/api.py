"""HTTP of webhooks: addresses that are told what happens, their secrets, trying them."""

from typing import Final
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside
from kashu.core.db import Database
from kashu.core.naming import check_naming
from kashu.webhooks.endpoints import (
    BY_PERSON,
    change_endpoint,
    check_url,
    disable,
    endpoint_by_id,
    list_endpoints,
    make_endpoint,
    rotate_secret,
)
from kashu.webhooks.kinds import EndpointState
from kashu.webhooks.reads import delivery_by_id
from kashu.webhooks.replay import send_test
from kashu.webhooks.shapes import (
    DeliveryShown,
    NewWebhook,
    WebhookChange,
    WebhookList,
    WebhookMade,
    WebhookShown,
    delivery_shown,
    webhook_shown,
)


@get(
    "/v1/webhooks",
    operation_id="listWebhooks",
    guards=[requires(Permission.KEYS_MANAGE)],
)
async def get_webhooks(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> WebhookList:
    """List the addresses that are told what happens, without their secrets."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_endpoints(tx, caller.tenant_id)
    return WebhookList([webhook_shown(each) for each in found])


@post(
    "/v1/webhooks",
    operation_id="makeWebhook",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404, 409),
)
async def post_webhook(
    data: JSONBody[NewWebhook],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
    outside: NamedDependency[Outside],
) -> WebhookMade:
    """Have an address told what happens. Its secret is in this answer and never again."""
    check_naming(name=data.name)
    check_url(data.url)
    await outside.http.look_at(data.url)
    async with database.transaction(caller.tenant_id) as tx:
        made, secret = await make_endpoint(
            tx,
            caller,
            keyrings.masters,
            name=data.name,
            url=data.url,
            types=data.types,
            store_id=data.store_id,
            customer_id=data.customer_id,
        )
    return WebhookMade(webhook_shown(made), secret.clear)


@patch(
    "/v1/webhooks/{webhook_id:uuid}",
    operation_id="changeWebhook",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def patch_webhook(
    webhook_id: FromPath[UUID],
    data: JSONBody[WebhookChange],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> WebhookShown:
    """Change an address, what it is told, or whether it is told anything.

    Disabled, it isn't told of what happens meanwhile, either.
    """
    if data.name is not UNSET:
        check_naming(name=data.name)
    if data.url is not UNSET:
        check_url(data.url)
        await outside.http.look_at(data.url)
    state = None
    if data.enabled is not UNSET:
        state = EndpointState.OPEN if data.enabled else EndpointState.DISABLED
    async with database.transaction(caller.tenant_id) as tx:
        changed = await change_endpoint(
            tx,
            caller,
            webhook_id,
            name=None if data.name is UNSET else data.name,
            url=None if data.url is UNSET else data.url,
            types=None if data.types is UNSET else data.types,
            state=state,
        )
    return webhook_shown(changed)


@delete(
    "/v1/webhooks/{webhook_id:uuid}",
    operation_id="removeWebhook",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def delete_webhook(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Tell an address nothing more, for good."""
    async with database.transaction(caller.tenant_id) as tx:
        await endpoint_by_id(tx, caller.tenant_id, webhook_id)
        await disable(
            tx,
            caller.tenant_id,
            caller.actor,
            webhook_id,
            said=BY_PERSON,
            into=EndpointState.REMOVED,
        )


@post(
    "/v1/webhooks/{webhook_id:uuid}/secret",
    operation_id="changeWebhookSecret",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def post_secret(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
    outside: NamedDependency[Outside],
) -> WebhookMade:
    """Give an address a new secret. For 24 hours each message is signed with both."""
    async with database.transaction(caller.tenant_id) as tx:
        changed, secret = await rotate_secret(
            tx, caller, keyrings.masters, webhook_id, outside.now()
        )
    return WebhookMade(webhook_shown(changed), secret.clear)


@post(
    "/v1/webhooks/{webhook_id:uuid}/test",
    operation_id="testWebhook",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404, 409),
)
async def post_test(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> DeliveryShown:
    """Send a message of type webhook.test. Read the delivery to see how it went."""
    async with database.transaction(caller.tenant_id) as tx:
        delivery_id = await send_test(tx, caller.tenant_id, caller.actor, webhook_id, outside.now())
        sent, _ = await delivery_by_id(tx, caller.tenant_id, delivery_id)
    return delivery_shown(sent, None)


routes: Final = (
    get_webhooks,
    post_webhook,
    patch_webhook,
    delete_webhook,
    post_secret,
    post_test,
)
