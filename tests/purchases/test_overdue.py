"""The clock of a purchase: people are told once, and nothing is ordered twice for it."""

import pytest

from kashu.core.db import Tx
from kashu.core.events import events_of
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.overdue import tell_overdue
from kashu.purchases.reads import purchase_of
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import set_rule
from tests.conftest import Tenant
from tests.purchases.buying import (
    CLERK,
    Ground,
    attempted,
    later,
    make_ground,
    make_listing,
    make_offer,
    moved_to,
    wanted,
)


@pytest.fixture
async def ground(tx: Tx, tenant: Tenant) -> Ground:
    ground = await make_ground(tx, tenant.id)
    await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    return ground


async def test_what_takes_too_long_is_told_once_and_looked_at_again(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    purchase = await wanted(tx, tenant.id, ground)
    assert purchase.due_at == later(minutes=15)
    far = later(hours=3)
    await moved_to(tx, tenant.id, purchase, state=PurchaseState.HELD, said="stale", next_at=far)
    assert await tell_overdue(tx, tenant.id, later(minutes=14)) == 0
    assert await tell_overdue(tx, tenant.id, later(minutes=15)) == 1
    assert await tell_overdue(tx, tenant.id, later(minutes=16)) == 0
    told = (await events_of(tx, tenant.id, purchase.id))[-1]
    assert told.kind == "purchase.overdue"
    assert (told.facts["state"], told.facts["said"]) == ("held", "stale")
    after = await purchase_of(tx, tenant.id, purchase.id)
    assert (after.state, after.next_at) == (PurchaseState.HELD, later(minutes=15))


async def test_what_is_in_doubt_is_told_and_stays_where_it_is(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)
    purchase = await wanted(tx, tenant.id, ground)
    placed = await moved_to(
        tx, tenant.id, purchase, state=PurchaseState.PLACED, next_at=later(hours=3)
    )
    await attempted(tx, tenant.id, purchase, fulu, AttemptState.UNCLEAR)
    assert await tell_overdue(tx, tenant.id, later(minutes=15)) == 1
    told = (await events_of(tx, tenant.id, purchase.id))[-1]
    assert (told.facts["attempt"], told.facts["supplier_id"]) == ("unclear", str(fulu))
    assert await purchase_of(tx, tenant.id, purchase.id) == placed


async def test_rules_say_how_long_it_may_take(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    await set_rule(tx, tenant.id, CLERK, Scope(ground.sku_id), Limits(due_minutes=3), at=later())
    await wanted(tx, tenant.id, ground)
    assert await tell_overdue(tx, tenant.id, later(minutes=3)) == 1
