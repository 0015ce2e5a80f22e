from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from kashu.channels.tables import stores
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.naming import NamingWrong
from kashu.customers.tables import customers
from kashu.stock.strategies import (
    SavedStrategy,
    UnknownServed,
    UnknownStrategy,
    Use,
    assign_strategy,
    save_strategy,
    saved_strategies,
    saved_strategy,
    strategies_for,
    unassign_strategy,
)
from kashu.stock.strategy import (
    FEFO,
    MinimumValidity,
    OnlySuppliers,
    OnlyWarehouses,
    Prefer,
    Step,
)
from kashu.stock.strategy_steps import StrategyWrong, read_steps
from kashu.stock.tables import strategies, strategy_uses
from tests.conftest import Tenant
from tests.stock.builders import make_sku, make_supplier, make_warehouse

CHEAPEST = Prefer("lowest_cost")


async def make_store(tx: Tx, tenant: Tenant, code: str = "tmall") -> UUID:
    made = new_id()
    await tx.execute(
        insert(stores).values(tenant_id=tenant.id, id=made, code=code, name=code, channel="taobao")
    )
    return made


async def make_customer(tx: Tx, tenant: Tenant, code: str = "acme") -> UUID:
    made = new_id()
    await tx.execute(insert(customers).values(tenant_id=tenant.id, id=made, code=code, name=code))
    return made


async def save(tx: Tx, tenant: Tenant, code: str, *steps: Step) -> SavedStrategy:
    return await save_strategy(
        tx, tenant.id, "staff:1", code=code, name=code.title(), steps=steps or (CHEAPEST,)
    )


async def test_without_a_strategy_the_earliest_expiry_goes_first(tx: Tx, tenant: Tenant) -> None:
    whom = [(new_id(), None, None), (new_id(), new_id(), new_id())]
    assert await strategies_for(tx, tenant.id, whom) == [FEFO, FEFO]


async def test_the_most_specific_use_wins(tx: Tx, tenant: Tenant) -> None:
    sku, store, customer = (
        await make_sku(tx, tenant.id),
        await make_store(tx, tenant),
        await make_customer(tx, tenant),
    )
    other_sku, other_store = (
        await make_sku(tx, tenant.id, "other"),
        await make_store(tx, tenant, "jd"),
    )
    uses = {
        "all": Use(),
        "sku": Use(sku_id=sku),
        "store": Use(store_id=store),
        "both": Use(sku_id=sku, store_id=store),
        "customer": Use(customer_id=customer),
        "customer-sku": Use(sku_id=sku, customer_id=customer),
    }
    for code, to in uses.items():
        await save(tx, tenant, code)
        await assign_strategy(tx, tenant.id, "s", code=code, to=to)

    chosen = await strategies_for(
        tx,
        tenant.id,
        [
            (other_sku, None, None),
            (sku, other_store, None),
            (other_sku, store, None),
            (sku, store, None),
            (other_sku, store, customer),
            (sku, store, customer),
        ],
    )

    assert [strategy.name for strategy in chosen] == [
        "All",
        "Sku",
        "Store",
        "Both",
        "Customer",
        "Customer-Sku",
    ]


async def test_a_strategy_comes_back_as_it_was_saved(tx: Tx, tenant: Tenant) -> None:
    warehouse_id, supplier_id = (
        await make_warehouse(tx, tenant.id),
        await make_supplier(tx, tenant.id),
    )
    steps: list[Step] = [
        MinimumValidity(30),
        OnlyWarehouses((warehouse_id,)),
        Prefer("suppliers_in_order", (supplier_id,)),
        OnlySuppliers((supplier_id,)),
        CHEAPEST,
    ]
    saved = await save(tx, tenant, "fresh", *steps)
    assert saved == SavedStrategy(saved.id, "fresh", "Fresh", steps, [])
    await assign_strategy(tx, tenant.id, "s", code="fresh", to=Use())
    [strategy] = await strategies_for(tx, tenant.id, [(new_id(), None, None)])
    assert strategy.id == saved.id
    assert strategy.keeps == (steps[0], steps[1], steps[3])
    assert strategy.prefers == (steps[2], steps[4])
    assert (await saved_strategies(tx, tenant.id))[0].uses == [Use()]


async def test_saving_again_changes_it_for_all_whom_it_serves(tx: Tx, tenant: Tenant) -> None:
    sku_id = await make_sku(tx, tenant.id)
    first = await save(tx, tenant, "mine")
    await assign_strategy(tx, tenant.id, "s", code="mine", to=Use(sku_id=sku_id))
    again = await save(tx, tenant, "mine", Prefer("oldest"))
    assert (again.id, again.uses) == (first.id, [Use(sku_id=sku_id)])
    [strategy] = await strategies_for(tx, tenant.id, [(sku_id, None, None)])
    assert strategy.prefers == (Prefer("oldest"),)


async def test_assigning_replaces_and_unassigning_falls_back(tx: Tx, tenant: Tenant) -> None:
    sku_id = await make_sku(tx, tenant.id)
    to = Use(sku_id=sku_id)
    for code in ("one", "two"):
        await save(tx, tenant, code)
        await assign_strategy(tx, tenant.id, "s", code=code, to=to)
    [strategy] = await strategies_for(tx, tenant.id, [(sku_id, None, None)])
    assert strategy.name == "Two"
    with pytest.raises(UnknownStrategy):
        await unassign_strategy(tx, tenant.id, "s", code="one", to=to)
    await unassign_strategy(tx, tenant.id, "s", code="two", to=to)
    assert await strategies_for(tx, tenant.id, [(sku_id, None, None)]) == [FEFO]


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [CHEAPEST] * 21,
        [MinimumValidity(-1)],
        [OnlyWarehouses(())],
        [OnlySuppliers((new_id(),))],
        [OnlyWarehouses((new_id(),))],
        [Prefer("suppliers_in_order")],
        [Prefer("lowest_cost", (new_id(),))],
    ],
)
async def test_steps_that_mean_nothing_are_not_saved(
    tx: Tx, tenant: Tenant, steps: list[Step]
) -> None:
    with pytest.raises(StrategyWrong) as refused:
        await save_strategy(tx, tenant.id, "s", code="wrong", name="Wrong", steps=steps)
    assert refused.value.problems
    assert (await tx.execute(select(func.count()).select_from(strategies))).scalar_one() == 0


@pytest.mark.parametrize(
    "step",
    [{}, 7, None, {"keep": "cheap"}, {"prefer": "nothing"}, {"keep": "minimum_validity"}],
)
def test_steps_that_cannot_be_read_are_named(step: object) -> None:
    with pytest.raises(StrategyWrong) as refused:
        read_steps([{"prefer": "lowest_cost"}, step])
    assert [problem.at for problem in refused.value.problems] == ["/steps/1"]


async def test_what_is_not_ours_is_neither_saved_nor_served(
    tx: Tx, tenant: Tenant, other_tenant: Tenant
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    with pytest.raises(NamingWrong):
        await save(tx, tenant, "Not A Code")
    await save(tx, tenant, "mine")
    for to in (Use(new_id()), Use(sku_id, new_id()), Use(sku_id, None, new_id())):
        with pytest.raises(UnknownServed):
            await assign_strategy(tx, tenant.id, "s", code="mine", to=to)
    with pytest.raises(UnknownStrategy):
        await assign_strategy(tx, tenant.id, "s", code="none", to=Use(sku_id))
    with pytest.raises(UnknownStrategy):
        await saved_strategy(tx, other_tenant.id, "mine")
    assert (await tx.execute(select(func.count()).select_from(strategy_uses))).scalar_one() == 0
