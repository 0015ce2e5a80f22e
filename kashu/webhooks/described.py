"""Described: the messages, in the words of an OpenAPI 3.1 document."""

from typing import Any, Final

from kashu.webhooks.kinds import MessageType

_ID: Final = {"type": "string", "format": "uuid"}
_ID_OR_NONE: Final = {"type": ["string", "null"], "format": "uuid"}

# By the first word of a type: what a message names. See message.py.
_DATA: Final[dict[str, dict[str, Any]]] = {
    "order": {
        "order_id": _ID,
        "external_id": {"type": "string", "description": "What its source calls it"},
        "store_id": _ID_OR_NONE,
        "customer_id": _ID_OR_NONE,
    },
    "import": {"import_id": _ID},
    "alert": {"alert_id": _ID, "sku_id": _ID, "warehouse_id": _ID, "lot_id": _ID},
    "offer": {"offer_id": _ID, "sku_id": _ID, "supplier_id": _ID},
    "purchase": {"purchase_id": _ID, "sku_id": _ID, "supplier_id": _ID},
    "attempt": {"attempt_id": _ID, "purchase_id": _ID, "supplier_id": _ID},
    "supplier": {"supplier_id": _ID},
    "webhook": {"webhook_id": _ID, "name": {"type": "string"}},
}
# What each of them has; the others where they are known.
_REQUIRED: Final = {
    "order": list(_DATA["order"]),
    "offer": [],  # a price that moved is its SKU's, whoever asks it
    "attempt": ["attempt_id", "purchase_id"],
    "webhook": list(_DATA["webhook"]),
}
_HEADERS: Final = {
    "webhook-id": "The message's id: the same each time it is sent",
    "webhook-timestamp": "When it was sent, in Unix seconds: refuse what is older than 5 minutes",
    "webhook-signature": "v1, and Base64 of HMAC-SHA256 over id.timestamp.body; several by spaces",
}


def described() -> dict[str, Any]:
    """Describe what is sent to webhooks: one entry for each thing that messages are about."""
    return {subject: {"post": _message(subject)} for subject in _DATA}


def _message(subject: str) -> dict[str, Any]:
    types = [each.value for each in MessageType if each.partition(".")[0] == subject]
    data = {
        "type": "object",
        "properties": _DATA[subject],
        "required": _REQUIRED.get(subject, [f"{subject}_id"]),
    }
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": types},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
        "required": ["type", "timestamp", "data"],
    }
    return {
        "operationId": f"tell{subject.title()}",
        "summary": f"Something happened to: {subject}",
        "description": "Signed as Standard Webhooks 1.0 has it. It may come twice, or late.",
        "parameters": [
            {
                "in": "header",
                "name": name,
                "description": said,
                "required": True,
                "schema": {"type": "string"},
            }
            for name, said in _HEADERS.items()
        ],
        "requestBody": {"content": {"application/json": {"schema": schema}}, "required": True},
        "responses": {
            "2XX": {"description": "Heard; anything else is tried again"},
            "410": {"description": "Tell this address nothing more"},
        },
    }
