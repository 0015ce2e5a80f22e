"""Customers: added and changed."""

import pytest

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.naming import NamingWrong
from kashu.customers.add import add_customer
from kashu.customers.change import CustomerChanges, change_customer
from kashu.customers.errors import CustomerCodeTaken, UnknownCustomer
from kashu.customers.reads import (
    customer_by_code,
    customer_list,
    customers_by_code,
    customers_by_id,
)
from tests.conftest import Tenant


async def test_an_added_customer_is_found_by_code_and_id(tx: Tx, tenant: Tenant) -> None:
    added = await add_customer(tx, tenant.id, "cli", code="acme", name="极致企业")
    assert added.partial_allowed is None
    assert await customer_by_code(tx, tenant.id, "acme") == added
    assert await customers_by_code(tx, tenant.id, ["acme", "other", "\x00"]) == {"acme": added}
    assert await customers_by_id(tx, tenant.id, [added.id]) == {added.id: added}


async def test_a_code_is_taken_once(tx: Tx, tenant: Tenant) -> None:
    added = await add_customer(tx, tenant.id, "cli", code="acme", name="极致企业")
    with pytest.raises(CustomerCodeTaken):
        await add_customer(tx, tenant.id, "cli", code="acme", name="另一家")
    assert await customer_list(tx, tenant.id) == [added]


@pytest.mark.parametrize(
    ("code", "name", "at"),
    [("ACME", "极致", ["/code"]), ("acme", "a\tb", ["/name"]), ("", "", ["/code", "/name"])],
)
async def test_what_is_no_code_or_name_is_refused(
    tx: Tx, tenant: Tenant, code: str, name: str, at: list[str]
) -> None:
    with pytest.raises(NamingWrong) as refused:
        await add_customer(tx, tenant.id, "cli", code=code, name=name)
    assert [problem.at for problem in refused.value.problems] == at
    assert await customer_list(tx, tenant.id) == []


async def test_only_what_is_set_changes_and_a_repeat_is_no_event(tx: Tx, tenant: Tenant) -> None:
    added = await add_customer(
        tx, tenant.id, "cli", code="acme", name="极致企业", partial_allowed=True
    )
    renamed = CustomerChanges(name="极致集团")
    changed = await change_customer(tx, tenant.id, "staff:x", "acme", renamed)
    assert (changed.name, changed.partial_allowed) == ("极致集团", True)
    assert await change_customer(tx, tenant.id, "staff:x", "acme", renamed) == changed
    cleared = CustomerChanges(partial_allowed=None)
    assert (await change_customer(tx, tenant.id, "cli", "acme", cleared)).partial_allowed is None
    happened = await events_of(tx, tenant.id, added.id)
    assert [event.kind for event in happened] == [
        "customer.added",
        "customer.changed",
        "customer.changed",
    ]
    assert happened[1].facts == {"before": {"name": "极致企业"}, "after": {"name": "极致集团"}}


async def test_a_list_continues_after_its_last_code(tx: Tx, tenant: Tenant) -> None:
    for n in range(5):
        await add_customer(tx, tenant.id, "cli", code=f"c-{n}", name="客户")
    first = await customer_list(tx, tenant.id, limit=2)
    rest = await customer_list(tx, tenant.id, after=first[-1].code)
    assert [customer.code for customer in (*first, *rest)] == [f"c-{n}" for n in range(5)]
    assert await customer_list(tx, tenant.id, only=[first[1].id]) == [first[1]]


async def test_another_merchants_customer_is_not_there(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(other_tenant.id) as tx:
        theirs = await add_customer(tx, other_tenant.id, "cli", code="acme", name="他们的")
    async with database.transaction(tenant.id) as tx:
        assert await customers_by_id(tx, tenant.id, [theirs.id]) == {}
        with pytest.raises(UnknownCustomer):
            await change_customer(tx, tenant.id, "cli", "acme", CustomerChanges(name="我的"))
    async with database.transaction(other_tenant.id) as tx:
        assert await customer_by_code(tx, other_tenant.id, "acme") == theirs
