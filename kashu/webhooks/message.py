"""Messages: what is sent, and how it is signed. Source: Standard Webhooks 1.0.

A message names what happened and to what; who wants to know more asks the API, which checks what
they may see. So nothing secret is ever in one, and one that comes late or twice does no harm.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from standardwebhooks import Webhook

from kashu.core.events import Recorded
from kashu.core.secrets import Secret
from kashu.orders.whose import Whose

# Names of things an event's facts may give. Nothing else of them is sent.
_NAMED: Final = (
    *("sku_id", "lot_id", "warehouse_id"),
    *("supplier_id", "offer_id", "purchase_id", "attempt_id"),
)
# What an event is recorded under, where that isn't what its kind begins with.
_UNDER: Final = {"offer.price_moved": "sku_id", "attempt.unclear": "purchase_id"}


def body_of(kind: str, happened_at: datetime, data: Mapping[str, Any]) -> str:
    """Write a message down, as it is signed and sent."""
    at = happened_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": kind, "timestamp": at, "data": data}).decode()


def data_of(event: Recorded, order: Whose | None) -> dict[str, Any]:
    """Name what an event is about. `order`: the one it is about, where it is about one."""
    if order is not None:
        return {
            "order_id": event.subject_id,
            "external_id": order.external_id,
            "store_id": order.store_id,
            "customer_id": order.customer_id,
        }
    subject = _UNDER.get(event.kind) or f"{event.kind.partition('.')[0]}_id"
    named = {name: event.facts[name] for name in _NAMED if isinstance(event.facts.get(name), str)}
    return {subject: event.subject_id, **named}


def message_name(message_id: UUID) -> str:
    """Say how a message is called: the same each time it is sent. It sorts by when it happened."""
    return f"msg_{message_id.hex}"


def headers_of(
    message_id: UUID, body: str, secrets: Iterable[Secret], at: datetime
) -> dict[str, str]:
    """Sign a message that leaves at `at`, with each of the secrets."""
    name = message_name(message_id)
    signatures = [Webhook(secret.clear).sign(name, at.astimezone(UTC), body) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
