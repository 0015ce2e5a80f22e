"""Rules of buying: which hold, which win, and which are refused."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.customers.add import add_customer
from kashu.purchases.ceiling import reckon
from kashu.purchases.errors_buying import RuleOfNothing, RuleWrong, UnknownRule
from kashu.purchases.kinds import Reordering
from kashu.purchases.rules import Limits, Scope, rule_list, rules_in_force
from kashu.purchases.set_rule import LOSS_MAX, Said, drop_rule, set_rule
from tests.conftest import Tenant
from tests.purchases.buying import AT, CLERK, later, make_ground, make_listing
from tests.stock.builders import make_supplier


async def test_the_most_particular_rule_wins_limit_by_limit(tx: Tx, tenant: Tenant) -> None:
    ground = await make_ground(tx, tenant.id)
    store = await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    customer = (await add_customer(tx, tenant.id, "cli", code="acme", name="Acme")).id
    scopes = {
        Scope(): Limits(unit_cost_max_e4=1, margin_min_ppm=1, due_minutes=1, quality_min_ppm=1),
        Scope(ground.sku_id): Limits(unit_cost_max_e4=2, margin_min_ppm=2, due_minutes=2),
        Scope(store_id=store): Limits(unit_cost_max_e4=3, margin_min_ppm=3),
        Scope(customer_id=customer): Limits(unit_cost_max_e4=4),
    }
    for scope, limits in scopes.items():
        await set_rule(tx, tenant.id, CLERK, scope, limits, at=AT)
    found = await rules_in_force(tx, tenant.id, Scope(ground.sku_id, store, customer))
    assert found.limits == Limits(
        unit_cost_max_e4=4, margin_min_ppm=3, due_minutes=2, quality_min_ppm=1
    )
    other = await rules_in_force(tx, tenant.id, Scope(uuid4()))
    assert other.limits == scopes[Scope()]
    assert [rule.scope for rule in await rule_list(tx, tenant.id)] == list(scopes)


async def test_a_loss_counts_only_with_the_limit_it_was_set_with(tx: Tx, tenant: Tenant) -> None:
    ground = await make_ground(tx, tenant.id)
    loss = Limits(unit_cost_max_e4=200_000, loss_until_at=later(days=1))
    await set_rule(tx, tenant.id, CLERK, Scope(), loss, at=AT)
    assert (await rules_in_force(tx, tenant.id, Scope(ground.sku_id))).limits == loss
    own = Limits(unit_cost_max_e4=100_000)
    await set_rule(tx, tenant.id, CLERK, Scope(ground.sku_id), own, at=AT)
    assert (await rules_in_force(tx, tenant.id, Scope(ground.sku_id))).limits == own


async def test_each_list_of_suppliers_holds_and_whoever_is_denied_stays_so(
    tx: Tx, tenant: Tenant
) -> None:
    ground = await make_ground(tx, tenant.id)
    aa, bb, cc = [await make_supplier(tx, tenant.id, code) for code in ("aa", "bb", "cc")]
    sku = Scope(ground.sku_id)
    await set_rule(
        tx, tenant.id, CLERK, Scope(), Limits(), said=Said(allowed=[aa, bb], denied=[cc]), at=AT
    )
    await set_rule(tx, tenant.id, CLERK, sku, Limits(), said=Said(allowed=[bb, cc]), at=AT)
    found = await rules_in_force(tx, tenant.id, sku)
    assert (found.allowed, found.denied) == (frozenset({bb}), frozenset({cc}))
    assert (await rules_in_force(tx, tenant.id, Scope(uuid4()))).allowed == frozenset({aa, bb})


async def test_a_rule_is_set_whole_and_dropped(tx: Tx, tenant: Tenant) -> None:
    aa = await make_supplier(tx, tenant.id, "aa")
    first = await set_rule(
        tx, tenant.id, CLERK, Scope(), Limits(due_minutes=5), said=Said(shares={aa: 3}), at=AT
    )
    assert (first.shares, first.changed_by) == ({aa: 3}, CLERK)
    again = await set_rule(
        tx, tenant.id, "cli", Scope(), Limits(reorder=Reordering.DRAFT), at=later(minutes=1)
    )
    assert again.id == first.id
    assert (again.limits, again.shares) == (Limits(reorder=Reordering.DRAFT), {})
    await drop_rule(tx, tenant.id, CLERK, first.id)
    assert await rule_list(tx, tenant.id) == []
    with pytest.raises(UnknownRule):
        await drop_rule(tx, tenant.id, CLERK, first.id)
    kinds = [event.kind for event in await events_of(tx, tenant.id, first.id)]
    assert kinds == ["purchase_rule.set", "purchase_rule.set", "purchase_rule.dropped"]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(unit_cost_max_e4=0),
        Limits(margin_min_ppm=1_000_000),
        Limits(approval_above_e4=-1),
        Limits(cover_days=0),
        Limits(due_minutes=10**9),
        Limits(loss_until_at=later(days=1)),
        Limits(unit_cost_max_e4=1, loss_until_at=AT),
        Limits(unit_cost_max_e4=1, loss_until_at=AT + LOSS_MAX + timedelta(seconds=1)),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(tx: Tx, tenant: Tenant, limits: Limits) -> None:
    with pytest.raises(RuleWrong):
        await set_rule(tx, tenant.id, CLERK, Scope(), limits, at=AT)
    assert await rule_list(tx, tenant.id) == []


async def test_a_loss_is_allowed_by_a_person(tx: Tx, tenant: Tenant) -> None:
    loss = Limits(unit_cost_max_e4=200_000, loss_until_at=later(days=1))
    with pytest.raises(RuleWrong):
        await set_rule(tx, tenant.id, f"key:{uuid4()}", Scope(), loss, at=AT)
    assert await rule_list(tx, tenant.id) == []


async def test_the_day_is_limited_for_all_and_stock_is_nobody_s_in_particular(
    tx: Tx, tenant: Tenant
) -> None:
    ground = await make_ground(tx, tenant.id)
    store = await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    aa = await make_supplier(tx, tenant.id, "aa")
    refused: list[tuple[Scope, Limits, dict[str, Any]]] = [
        (Scope(ground.sku_id), Limits(daily_max_e4=1), {}),
        (Scope(store_id=store), Limits(reorder=Reordering.WANTED), {}),
        (Scope(), Limits(), {"said": Said(allowed=[aa], denied=[aa])}),
        (Scope(), Limits(), {"said": Said(shares={aa: 0})}),
    ]
    for scope, limits, more in refused:
        with pytest.raises(RuleWrong):
            await set_rule(tx, tenant.id, CLERK, scope, limits, at=AT, **more)
    assert await rule_list(tx, tenant.id) == []


async def test_a_rule_names_only_what_is_there(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(other_tenant.id) as tx:
        theirs = await make_supplier(tx, other_tenant.id, "theirs")
    for scope, said in ((Scope(uuid4()), Said()), (Scope(), Said(allowed=[theirs]))):
        with pytest.raises(RuleOfNothing):
            async with database.transaction(tenant.id) as tx:
                await set_rule(tx, tenant.id, CLERK, scope, Limits(), said=said, at=AT)
    async with database.transaction(tenant.id) as tx:
        assert await rule_list(tx, tenant.id) == []


def test_a_ceiling_is_the_lower_of_the_limit_and_what_leaves_the_margin() -> None:
    def most(selling_e4: int | None, **limits: Any) -> int | None:  # noqa: ANN401
        return reckon(Limits(**limits), selling_e4, AT).unit_cost_max_e4

    assert most(None) is None
    assert most(200_000) == 200_000
    assert most(199_999, margin_min_ppm=50_000) == 189_999  # 189 999.05: never above
    assert most(200_000, margin_min_ppm=50_000, unit_cost_max_e4=180_000) == 180_000
    assert most(200_000, margin_min_ppm=50_000, unit_cost_max_e4=195_000) == 190_000
    loss = {"unit_cost_max_e4": 300_000, "loss_until_at": later(seconds=1)}
    assert most(200_000, **loss) == 300_000
    assert most(200_000, **(loss | {"loss_until_at": AT})) == 200_000
