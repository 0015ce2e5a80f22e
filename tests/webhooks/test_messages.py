"""What is in a message: the names of what it is about."""

from typing import Any

import pytest

from kashu.core.clock import now
from kashu.core.events import Event, Recorded
from kashu.core.ids import new_id
from kashu.webhooks.described import described
from kashu.webhooks.kinds import NEEDS, OF_EVENTS, MessageType
from kashu.webhooks.message import data_of
from tests.webhooks.conftest import Told
from tests.webhooks.receiver import Receiver


def schema_of(subject: str) -> dict[str, Any]:
    """What the API's document says of a message."""
    body = described()[subject]["post"]["requestBody"]["content"]["application/json"]
    properties: dict[str, Any] = body["schema"]["properties"]
    return properties


def test_every_type_is_described() -> None:
    told = [kind for each in described() for kind in schema_of(each)["type"]["enum"]]
    assert sorted(told) == sorted(MessageType)
    assert {each.partition(".")[0] for each in OF_EVENTS} == set(NEEDS)


@pytest.mark.parametrize(
    ("kind", "facts", "names"),
    [
        ("offer.price_moved", {"offer_id": None, "new": "1.00"}, {"sku_id"}),
        ("attempt.unclear", {"attempt_id": "a", "said": "x"}, {"purchase_id", "attempt_id"}),
        ("supplier.balance_low", {"supplier_id": "s", "balance": "1"}, {"supplier_id"}),
        ("alert.raised", {"sku_id": "k", "available": 3}, {"alert_id", "sku_id"}),
    ],
)
def test_a_message_names_what_it_is_about_as_it_is_described(
    kind: str, facts: dict[str, Any], names: set[str]
) -> None:
    data = data_of(Recorded(new_id(), kind, now(), "system", new_id(), facts), None)
    assert set(data) == names
    told = schema_of(kind.partition(".")[0])["data"]
    assert set(told["required"]) <= names <= set(told["properties"])


@pytest.mark.parametrize(
    ("kind", "under", "named"),
    [("offer.price_moved", "sku_id", "offer_id"), ("attempt.unclear", "purchase_id", "attempt_id")],
)
async def test_a_message_names_what_its_event_is_recorded_under(
    told: Told, receiver: Receiver, kind: str, under: str, named: str
) -> None:
    _, secret = await told.endpoint(receiver.url, types=[MessageType(kind)])
    await told.happens(event := Event(kind, new_id(), {named: "the other", "old": "1.00"}))
    await told.pass_on()
    [message] = receiver.verified(secret)
    assert message["data"] == {under: str(event.subject_id), named: "the other"}
