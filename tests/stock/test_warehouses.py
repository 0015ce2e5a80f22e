"""Warehouses: added once by code, listed by priority."""

import pytest

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.naming import NamingWrong
from kashu.stock.warehouses import (
    UnknownWarehouse,
    WarehouseExists,
    add_warehouse,
    list_warehouses,
    warehouse_by_code,
)
from tests.conftest import Tenant


async def test_a_warehouse_is_found_by_its_code(tx: Tx, tenant: Tenant) -> None:
    made = await add_warehouse(tx, tenant.id, "cli", code="main", name="主仓")
    assert await warehouse_by_code(tx, tenant.id, "main") == made
    (event,) = await events_of(tx, tenant.id, made.id)
    assert (event.kind, event.facts) == ("warehouse.added", {"code": "main"})


async def test_they_are_listed_by_priority_then_code(tx: Tx, tenant: Tenant) -> None:
    for code, priority in (("b", 100), ("a", 100), ("first", 1)):
        await add_warehouse(tx, tenant.id, "cli", code=code, name=code, priority=priority)
    listed = await list_warehouses(tx, tenant.id)
    assert [warehouse.code for warehouse in listed] == ["first", "a", "b"]


async def test_a_code_is_given_once(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        made = await add_warehouse(tx, tenant.id, "cli", code="main", name="主仓")
    with pytest.raises(WarehouseExists):
        async with database.transaction(tenant.id) as tx:
            await add_warehouse(tx, tenant.id, "cli", code="main", name="another")
    async with database.transaction(tenant.id) as tx:
        assert await list_warehouses(tx, tenant.id) == [made]


@pytest.mark.parametrize(("code", "name"), [("", "主仓"), ("主仓", "主仓"), ("main", " ")])
async def test_a_code_or_name_that_cannot_be_is_refused(
    tx: Tx, tenant: Tenant, code: str, name: str
) -> None:
    with pytest.raises(NamingWrong):
        await add_warehouse(tx, tenant.id, "cli", code=code, name=name)
    assert await list_warehouses(tx, tenant.id) == []


@pytest.mark.parametrize("code", ["nowhere", "", "x" * 100, "a\x00b"])
async def test_an_unknown_code_is_told(tx: Tx, tenant: Tenant, code: str) -> None:
    with pytest.raises(UnknownWarehouse):
        await warehouse_by_code(tx, tenant.id, code)


async def test_another_merchants_warehouse_is_not_there(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await add_warehouse(tx, tenant.id, "cli", code="main", name="主仓")
    async with database.transaction(other_tenant.id) as tx:
        assert await list_warehouses(tx, other_tenant.id) == []
        with pytest.raises(UnknownWarehouse):
            await warehouse_by_code(tx, other_tenant.id, "main")
