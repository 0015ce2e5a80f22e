"""Webhooks over HTTP: made, changed, tried, looked up, by who may."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from tests.api.calls import key_client, problem
from tests.conftest import Tenant

ERP = {"name": "ERP", "url": "https://erp.example/kashu"}


async def made(owner: httpx.AsyncClient, **more: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    answer = await owner.post("/v1/webhooks", json={**ERP, **more})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_it_is_made_changed_and_removed_and_that_is_on_record(
    owner: httpx.AsyncClient,
) -> None:
    first = await made(owner, types=["order.filled"])
    at = f"/v1/webhooks/{first['webhook']['id']}"
    assert first["secret"].startswith("whsec_")
    assert first["webhook"]["state"] == "open"
    second = (await owner.post(f"{at}/secret")).json()
    assert second["secret"] not in ("", first["secret"])
    assert second["webhook"]["earlier_until"] is not None
    changed = await owner.patch(at, json={"name": "ERP 2", "types": [], "enabled": False})
    assert changed.json()["said"] == "by_person"
    assert (changed.json()["name"], changed.json()["types"]) == ("ERP 2", [])
    problem(await owner.post(f"{at}/test"), 409, "webhook_disabled")
    assert (await owner.patch(at, json={"enabled": True})).json()["state"] == "open"
    [listed] = (await owner.get("/v1/webhooks")).json()["webhooks"]
    assert listed["id"] == first["webhook"]["id"]
    assert (await owner.delete(at)).status_code == 204
    assert (await owner.get("/v1/webhooks")).json() == {"webhooks": []}
    problem(await owner.delete(at), 404, "webhook_unknown")
    events = (await owner.get("/v1/events?limit=50")).json()["events"]
    told = [each for each in events if each["kind"].startswith("webhook.")]
    assert [each["kind"] for each in reversed(told)] == [
        "webhook.made",
        "webhook.secret_changed",
        "webhook.changed",
        "webhook.disabled",
        "webhook.changed",
        "webhook.removed",
    ]
    assert not any("whsec_" in str(each) or "/kashu" in str(each) for each in told)


async def test_what_was_sent_is_looked_up_a_page_at_a_time(owner: httpx.AsyncClient) -> None:
    webhook = (await made(owner))["webhook"]
    at = f"/v1/webhooks/{webhook['id']}"
    sent = [(await owner.post(f"{at}/test")).json() for _ in range(3)]
    page = (await owner.get(f"{at}/deliveries?limit=2")).json()
    assert [each["id"] for each in page["deliveries"]] == [sent[2]["id"], sent[1]["id"]]
    rest = (await owner.get(f"{at}/deliveries?limit=2&before={page['next_before']}")).json()
    assert [each["id"] for each in rest["deliveries"]] == [sent[0]["id"]]
    assert rest["next_before"] is None
    assert (await owner.get(f"{at}/deliveries?state=failed")).json()["deliveries"] == []
    whole = (await owner.get(f"/v1/webhook-deliveries/{sent[0]['id']}")).json()
    assert '"type":"webhook.test"' in whole["body"]
    assert whole["tries"] == []
    again = await owner.post(f"/v1/webhook-deliveries/{sent[0]['id']}/replay")
    problem(again, 409, "webhook_delivery_due")
    problem(await owner.get(f"/v1/webhook-deliveries/{uuid4()}"), 404, "webhook_delivery_unknown")
    since = {"since": "2026-01-01T00:00:00Z"}
    assert (await owner.post(f"{at}/replay", json=since)).json() == {"count": 0}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"url": "https://127.0.0.1/"}, "address_forbidden"),
        ({"url": "http://erp.example/"}, "address_forbidden"),
        ({"url": "https://u:p@erp.example/"}, "webhook_url_wrong"),
        ({"types": ["webhook.test"]}, "webhook_types_wrong"),
        ({"name": " "}, "naming_wrong"),
        ({"customer_id": str(uuid4())}, "key_bound_unknown"),
    ],
)
async def test_what_can_t_be_told_is_refused(
    owner: httpx.AsyncClient, wanted: dict[str, Any], code: str
) -> None:
    answer = await owner.post("/v1/webhooks", json={**ERP, **wanted})
    assert answer.json()["type"].endswith(code), answer.text
    assert (await owner.get("/v1/webhooks")).json() == {"webhooks": []}


async def test_a_key_hears_of_nothing_that_it_may_not_read(
    app: Litestar,
    database: Database,
    keyrings: Keyrings,
    tenant: Tenant,
    owner: httpx.AsyncClient,
) -> None:
    whole = f"/v1/webhooks/{(await made(owner))['webhook']['id']}"
    scopes = Permission.KEYS_MANAGE, Permission.ORDERS_READ
    program = await key_client(app, database, keyrings, tenant.id, *scopes)
    refused = await program.call("POST", "/v1/webhooks", ERP)
    problem(refused, 403, "more_than_you_have")
    taken = await program.call("POST", "/v1/webhooks", {**ERP, "types": ["order.filled"]})
    assert taken.status_code == 201, taken.text
    at = f"/v1/webhooks/{taken.json()['webhook']['id']}"
    problem(await program.call("PATCH", at, {"types": []}), 403, "more_than_you_have")
    elsewhere = {"url": "https://thief.example/"}
    problem(await program.call("PATCH", whole, elsewhere), 403, "more_than_you_have")
    assert (await program.call("PATCH", at, elsewhere)).status_code == 200
