"""Suppliers: added and changed."""

import pytest

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.naming import NamingWrong
from kashu.suppliers.add import add_supplier
from kashu.suppliers.change import SupplierChanges, change_supplier
from kashu.suppliers.errors import SupplierCodeTaken, TierWrong, UnknownSupplier
from kashu.suppliers.reads import (
    supplier_by_code,
    supplier_list,
    suppliers_by_code,
    suppliers_by_id,
)
from tests.conftest import Tenant


async def test_an_added_supplier_is_found_by_code_and_id(tx: Tx, tenant: Tenant) -> None:
    added = await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄")
    assert added.tier == 2
    assert await supplier_by_code(tx, tenant.id, "fulu") == added
    assert await suppliers_by_code(tx, tenant.id, ["fulu", "other", "\x00"]) == {"fulu": added}
    assert await suppliers_by_id(tx, tenant.id, [added.id]) == {added.id: added}


async def test_a_code_is_taken_once(tx: Tx, tenant: Tenant) -> None:
    added = await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄")
    with pytest.raises(SupplierCodeTaken):
        await add_supplier(tx, tenant.id, "cli", code="fulu", name="另一家")
    assert await supplier_list(tx, tenant.id) == [added]


@pytest.mark.parametrize("tier", [0, 4, -1, 10**30])
async def test_there_are_three_tiers(tx: Tx, tenant: Tenant, tier: int) -> None:
    with pytest.raises(TierWrong):
        await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄", tier=tier)
    assert await supplier_list(tx, tenant.id) == []
    added = await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄", tier=1)
    with pytest.raises(TierWrong):
        await change_supplier(tx, tenant.id, "cli", "fulu", SupplierChanges(tier=tier))
    assert await supplier_list(tx, tenant.id) == [added]


@pytest.mark.parametrize(
    ("code", "name", "at"), [("福禄", "福禄", "/code"), ("fulu", "福\u0000禄", "/name")]
)
async def test_what_is_no_code_or_name_is_refused(
    tx: Tx, tenant: Tenant, code: str, name: str, at: str
) -> None:
    with pytest.raises(NamingWrong) as refused:
        await add_supplier(tx, tenant.id, "cli", code=code, name=name)
    assert [problem.at for problem in refused.value.problems] == [at]
    assert await supplier_list(tx, tenant.id) == []


async def test_only_what_is_set_changes_and_a_repeat_is_no_event(tx: Tx, tenant: Tenant) -> None:
    added = await add_supplier(tx, tenant.id, "cli", code="fulu", name="福禄")
    nearer = SupplierChanges(tier=1)
    changed = await change_supplier(tx, tenant.id, "staff:x", "fulu", nearer)
    assert (changed.name, changed.tier) == ("福禄", 1)
    assert await change_supplier(tx, tenant.id, "staff:x", "fulu", nearer) == changed
    happened = await events_of(tx, tenant.id, added.id)
    assert [event.kind for event in happened] == ["supplier.added", "supplier.changed"]
    assert happened[1].facts == {"before": {"tier": 2}, "after": {"tier": 1}}


async def test_a_list_continues_after_its_last_code(tx: Tx, tenant: Tenant) -> None:
    for n in range(5):
        await add_supplier(tx, tenant.id, "cli", code=f"s-{n}", name="供应商")
    first = await supplier_list(tx, tenant.id, limit=2)
    rest = await supplier_list(tx, tenant.id, after=first[-1].code)
    assert [supplier.code for supplier in (*first, *rest)] == [f"s-{n}" for n in range(5)]


async def test_another_merchants_supplier_is_not_there(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(other_tenant.id) as tx:
        theirs = await add_supplier(tx, other_tenant.id, "cli", code="fulu", name="他们的")
    async with database.transaction(tenant.id) as tx:
        assert await suppliers_by_id(tx, tenant.id, [theirs.id]) == {}
        with pytest.raises(UnknownSupplier):
            await change_supplier(tx, tenant.id, "cli", "fulu", SupplierChanges(name="我的"))
    async with database.transaction(other_tenant.id) as tx:
        assert await supplier_by_code(tx, other_tenant.id, "fulu") == theirs
