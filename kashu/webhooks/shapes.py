"""What webhooks look like over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kashu.core.naming import Name, described
from kashu.webhooks.endpoints import Endpoint
from kashu.webhooks.kinds import (
    URL_CHARS_MAX,
    DeliveryState,
    EndpointState,
    MessageType,
)
from kashu.webhooks.message import message_name
from kashu.webhooks.reads import Attempt, Delivery

Url = Annotated[str, described(format="uri", max_length=URL_CHARS_MAX)]
Types = Annotated[list[MessageType], Meta(max_length=len(MessageType))]


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address that is to be told what happens.

    `types`: of what; none: of all. Bound to a store or a customer (one of them), it hears of the
    orders of that one only.
    """

    name: Name
    url: Url
    types: Types = []
    store_id: UUID | None = None
    customer_id: UUID | None = None


class WebhookChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed; what is left out stays. `enabled`: whether it is told anything."""

    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class WebhookShown(msgspec.Struct, frozen=True):
    """An address that is told what happens, without its secret.

    `types`: none: all that it can be told. `said`: why it is disabled: by_person, gone (it
    answered 410), failing (nothing arrived for five days). `failing_since`: since when every try
    was in vain. `earlier_until`: until when the secret before the last change signs, too.
    """

    id: UUID
    name: str
    url: str
    types: list[MessageType]
    store_id: UUID | None
    customer_id: UUID | None
    state: EndpointState
    said: str
    failing_since: datetime | None
    earlier_until: datetime | None
    made_at: datetime


class WebhookMade(msgspec.Struct, frozen=True):
    """An address with a new secret, which is told this once: whsec_ and Base64."""

    webhook: WebhookShown
    secret: str


class WebhookList(msgspec.Struct, frozen=True):
    """All addresses, the newest first."""

    webhooks: list[WebhookShown]


class TryShown(msgspec.Struct, frozen=True):
    """One try that has ended. `status`: what was answered; none: no answer, `said` tells why."""

    number: int
    at: datetime
    took_ms: int
    status: int | None
    said: str


class DeliveryShown(msgspec.Struct, frozen=True):
    """One message for one address. `message`: the id it is sent with, each time the same.

    `next_at`: when it is sent next, while it is due. `last`: its last try that has ended.
    """

    id: UUID
    webhook_id: UUID
    message: str
    type: MessageType
    happened_at: datetime
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    ended_at: datetime | None
    last: TryShown | None


class DeliveryList(msgspec.Struct, frozen=True):
    """Messages, what happened last first.

    Ask on with `before` = `next_before` where there are more.
    """

    deliveries: list[DeliveryShown]
    next_before: UUID | None


class DeliveryWhole(msgspec.Struct, frozen=True):
    """One message with its body, as it is sent, and all its tries in order."""

    delivery: DeliveryShown
    body: str
    tries: list[TryShown]


class ReplayWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Send again all that failed of what happened since then."""

    since: Annotated[datetime, Meta(tz=True)]


class Replayed(msgspec.Struct, frozen=True):
    """How many are sent again; where it is 10 000, ask once more."""

    count: int


def webhook_shown(endpoint: Endpoint) -> WebhookShown:
    """Show an address."""
    return WebhookShown(
        endpoint.id,
        endpoint.name,
        endpoint.url,
        list(endpoint.types),
        endpoint.store_id,
        endpoint.customer_id,
        endpoint.state,
        endpoint.said,
        endpoint.failing_since,
        endpoint.earlier_until,
        endpoint.made_at,
    )


def delivery_shown(delivery: Delivery, last: Attempt | None) -> DeliveryShown:
    """Show a message."""
    return DeliveryShown(
        delivery.id,
        delivery.endpoint_id,
        message_name(delivery.message_id),
        MessageType(delivery.type),
        delivery.happened_at,
        delivery.state,
        delivery.attempts,
        delivery.next_at if delivery.state is DeliveryState.DUE else None,
        delivery.ended_at,
        None if last is None else try_shown(last),
    )


def try_shown(attempt: Attempt) -> TryShown:
    """Show a try."""
    return TryShown(attempt.number, attempt.at, attempt.took_ms, attempt.status, attempt.said)
