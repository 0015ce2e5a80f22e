"""HTTP of lines that are bought for: how it stands, another account, and once more."""

from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.catalog.tables import skus
from kashu.core.db import Database
from tests.api.calls import KeyClient, key_client, problem
from tests.api.snapshot import snapshot
from tests.conftest import Tenant
from tests.orders.builders import make_shop

PHONE, OTHER = "13812345678", "13987654321"
SCOPES = (Permission.ORDERS_READ, Permission.ORDERS_WRITE)


@pytest.fixture
async def program(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> KeyClient:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=0)
        await tx.execute(update(skus).values(fulfilment="topup", account_type="phone"))
    return await key_client(app, database, keyrings, tenant.id, *SCOPES)


async def _order(program: KeyClient) -> str:
    line = {"sku": "mgtv-month", "quantity": 1, "price": "20.00", "account": PHONE}
    body = {"orders": [{"external_id": "T1", "lines": [line]}], "deliver": "later"}
    key = {"Idempotency-Key": "one"}
    answer = await program.call("POST", "/v1/orders", body, **key)
    assert answer.status_code == 200, answer.text
    assert PHONE not in answer.text
    return f"/v1/orders/{answer.json()['orders'][0]['order_id']}"


async def test_an_order_tells_how_buying_stands_without_its_account(program: KeyClient) -> None:
    answer = await program.call("GET", await _order(program))
    told: dict[str, Any] = answer.json()["lines"][0]["buying"]
    assert (told["goods"], told["state"], told["purchase_id"]) == ("topup", "due", None)
    assert told["account"].endswith("678") or "*" in told["account"]
    assert PHONE not in answer.text


async def test_another_account_is_kept_masked(program: KeyClient) -> None:
    order = await _order(program)
    before = (await program.call("GET", order)).json()["lines"][0]["buying"]["account"]
    answer = await program.call("PUT", f"{order}/lines/1/account", {"account": OTHER})
    assert answer.status_code == 200, answer.text
    assert answer.json()["lines"][0]["buying"]["account"] != before
    story = await program.call("GET", f"{order}/timeline")
    assert "order.account_corrected" in story.text
    assert not any(each in answer.text + story.text for each in (PHONE, OTHER))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "lines/1/account", {"account": "12"}, 422, "line_account_wrong"),
        ("PUT", "lines/2/account", {"account": OTHER}, 404, "unknown_order_line"),
        ("POST", "lines/1/buy", None, 409, "line_is_bought_for"),
        ("POST", "lines/2/buy", None, 404, "unknown_order_line"),
    ],
)
async def test_what_cannot_be_put_right_changes_nothing(
    database: Database,
    tenant: Tenant,
    program: KeyClient,
    *,
    method: str,
    path: str,
    body: object,
    status: int,
    code: str,
) -> None:
    order = await _order(program)
    before = await snapshot(database, tenant.id)
    answer = await program.call(method, f"{order}/{path}", body)
    problem(answer, status, code)
    assert OTHER not in answer.text
    assert await snapshot(database, tenant.id) == before
