"""HTTP of orders: a key that is bound to a store or a customer has its own orders only."""

from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.customers.tables import customers
from tests.api.calls import key_client, problem
from tests.api.test_orders import SCOPES, Counter, an_order
from tests.conftest import Tenant
from tests.orders.builders import make_shop


@pytest.fixture
async def counter(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Counter:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=12)
    program = await key_client(app, database, keyrings, tenant.id, *SCOPES)
    return Counter(database, tenant, program)


async def test_a_key_of_a_customer_has_its_own_orders_only(
    counter: Counter, app: Litestar, keyrings: Keyrings
) -> None:
    clients = []
    for code in ("acme", "rose"):
        customer_id = await add_customer(counter, code)
        clients.append(
            await key_client(
                app,
                counter.database,
                keyrings,
                counter.tenant.id,
                *SCOPES,
                customer_id=customer_id,
            )
        )
    acme, rose = (Counter(counter.database, counter.tenant, client) for client in clients)
    ours = await acme.sold(an_order("1001"))
    theirs = await rose.sold(an_order("1001"))  # numbers of one aren't the other's
    assert (theirs["new"], ours["order_id"] != theirs["order_id"]) == (True, True)
    assert [order["customer"] for order in (await acme.get(""))["orders"]] == ["acme"]
    before = await counter.now()
    theirs_at = f"/v1/orders/{theirs['order_id']}"
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("POST", "/cancel", None),
        ("POST", "/reveal", {"reason": "asks", "recipient": "me"}),
    ):
        problem(await acme.program.call(method, theirs_at + path, body), 404, "unknown_order")
    card_id = theirs["lines"][0]["cards"][0]["card_id"]
    wanted = {"card_ids": [card_id], "reason": "asks"}
    answer = await acme.program.call("POST", "/v1/stock/cards/reveal", wanted)
    problem(answer, 403, "key_is_bound")
    assert await counter.now() == before


async def add_customer(counter: Counter, code: str) -> UUID:
    customer_id = new_id()
    values = {"tenant_id": counter.tenant.id, "id": customer_id, "code": code, "name": code}
    async with counter.database.transaction(counter.tenant.id) as tx:
        await tx.execute(insert(customers).values(**values))
    return customer_id


async def test_a_bound_key_sells_to_its_own_customer_only(
    counter: Counter, app: Litestar, keyrings: Keyrings
) -> None:
    customer_id = await add_customer(counter, "acme")
    await add_customer(counter, "rose")
    client = await key_client(
        app, counter.database, keyrings, counter.tenant.id, *SCOPES, customer_id=customer_id
    )
    acme = Counter(counter.database, counter.tenant, client)
    before = await counter.now()
    told = problem(await acme.sell(an_order("A1", customer="rose")), 422, "order_wrong")
    assert [one["code"] for one in told["problems"]] == ["unknown_customer"]
    assert await counter.now() == before


async def test_a_customers_key_cancels_what_nobody_saw_and_refunds_nothing(
    counter: Counter, app: Litestar, keyrings: Keyrings
) -> None:
    customer_id = await add_customer(counter, "acme")
    client = await key_client(
        app, counter.database, keyrings, counter.tenant.id, *SCOPES, customer_id=customer_id
    )
    acme = Counter(counter.database, counter.tenant, client)
    order = await acme.sold(an_order("1001"))  # its cards were in the answer: it has seen them
    before = await counter.now()
    path = f"/v1/orders/{order['order_id']}"
    refused = await acme.program.call("POST", f"{path}/refunds", {"refund_id": "R1"})
    problem(refused, 403, "refund_is_the_shops")
    assert await counter.now() == before
    cancelled = (await acme.program.call("POST", f"{path}/cancel")).json()
    assert (cancelled["amount"], [line["units"] for line in cancelled["lines"]]) == ("0.00", [0])
