"""Four eyes: who approves what, and that nobody approves their own."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.events import Event, events_of, record
from kashu.purchases.approve import approve, refuse
from kashu.purchases.change import PurchaseChanges, change_purchase, submit_draft
from kashu.purchases.errors import UnknownPurchase
from kashu.purchases.errors_buying import ApproverNotAPerson, OwnPurchase, PurchaseMoved
from kashu.purchases.kinds import Cause, PurchaseState
from kashu.purchases.reads import Purchase, purchase_of
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import set_rule
from kashu.purchases.tables import purchases
from tests.conftest import Tenant
from tests.purchases.buying import (
    AT,
    CLERK,
    OTHER,
    Ground,
    later,
    make_ground,
    make_listing,
    wanted,
)

THIRD = "staff:00000000-0000-0000-0000-00000000000c"


async def ground_with(tx: Tx, tenant: Tenant, limits: Limits) -> Ground:
    ground = await make_ground(tx, tenant.id)
    await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    await set_rule(tx, tenant.id, OTHER, Scope(), limits, at=AT)
    return ground


@pytest.fixture
async def ground(tx: Tx, tenant: Tenant) -> Ground:
    return await ground_with(tx, tenant, Limits(approval_above_e4=1_000_000))


async def by_hand(
    tx: Tx,
    tenant: Tenant,
    ground: Ground,
    quantity: int,
    **more: Any,  # noqa: ANN401
) -> Purchase:
    said: dict[str, Any] = {"actor": CLERK, "unit_cost_max_e4": 100_000, "confirm": True}
    return await wanted(tx, tenant.id, ground, quantity, cause=Cause.HAND, **(said | more))


async def test_what_is_above_the_limit_waits_for_a_second_person(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    assert (await by_hand(tx, tenant, ground, 10)).state == PurchaseState.WANTED
    asked = await by_hand(tx, tenant, ground, 11)
    assert (asked.state, asked.said) == (PurchaseState.ASKED, "above_limit")
    assert asked.facts["ask"] == {"above_limit": {"amount_e4": 1_100_000, "limit_e4": 1_000_000}}
    approved = await approve(tx, tenant.id, OTHER, asked.id, at=later(minutes=1))
    assert (approved.state, approved.approved_by) == (PurchaseState.WANTED, OTHER)
    assert approved.next_at == later(minutes=1)
    kinds = [event.kind for event in await events_of(tx, tenant.id, asked.id)]
    assert kinds == ["purchase.asked", "purchase.approved"]


async def test_what_nobody_knows_the_price_of_is_above_every_limit(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    asked = await by_hand(tx, tenant, ground, 1, unit_cost_max_e4=None)
    assert (asked.state, asked.said) == (PurchaseState.ASKED, "amount_unknown")


async def test_what_is_bought_by_itself_is_approved_too(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    assert (await wanted(tx, tenant.id, ground, 7)).state == PurchaseState.ASKED
    assert (await wanted(tx, tenant.id, ground, 6)).state == PurchaseState.WANTED


async def test_the_purchases_of_a_day_are_counted_together(tx: Tx, tenant: Tenant) -> None:
    ground = await ground_with(tx, tenant, Limits(daily_max_e4=1_000_000))
    first = await by_hand(tx, tenant, ground, 6)
    second = await by_hand(tx, tenant, ground, 6)
    assert (first.state, second.state) == (PurchaseState.WANTED, PurchaseState.ASKED)
    assert second.facts["ask"]["above_daily"]["spent_e4"] == 600_000
    third = await by_hand(tx, tenant, ground, 6, at=later(days=1))
    assert third.state == PurchaseState.WANTED


async def test_nobody_approves_their_own(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    asked = await by_hand(tx, tenant, ground, 11)
    with pytest.raises(OwnPurchase):
        await approve(tx, tenant.id, CLERK, asked.id)
    with pytest.raises(ApproverNotAPerson):
        await approve(tx, tenant.id, f"key:{uuid4()}", asked.id)
    with pytest.raises(UnknownPurchase):
        await approve(tx, tenant.id, OTHER, uuid4())
    assert await purchase_of(tx, tenant.id, asked.id) == asked


async def test_nobody_approves_what_their_key_wanted(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    key_id = uuid4()
    await record(tx, tenant.id, CLERK, [Event("key.made", key_id)])
    asked = await by_hand(tx, tenant, ground, 11, actor=f"key:{key_id}")
    with pytest.raises(OwnPurchase):
        await approve(tx, tenant.id, CLERK, asked.id)
    assert (await approve(tx, tenant.id, OTHER, asked.id)).state == PurchaseState.WANTED


async def test_whoever_changes_what_is_wanted_has_a_hand_in_it(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    asked = await by_hand(tx, tenant, ground, 11)
    changes = PurchaseChanges(quantity=500)
    changed = await change_purchase(tx, tenant.id, OTHER, asked.id, changes, confirm=True, at=AT)
    assert (changed.state, changed.quantity) == (PurchaseState.ASKED, 500)
    for actor in (CLERK, OTHER):
        with pytest.raises(OwnPurchase):
            await approve(tx, tenant.id, actor, asked.id)
    assert (await approve(tx, tenant.id, THIRD, asked.id)).state == PurchaseState.WANTED


async def test_a_change_voids_an_approval(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    asked = await by_hand(tx, tenant, ground, 11)
    await approve(tx, tenant.id, OTHER, asked.id)
    changes = PurchaseChanges(quantity=5_000)
    changed = await change_purchase(tx, tenant.id, CLERK, asked.id, changes, confirm=True, at=AT)
    assert (changed.state, changed.approved_by) == (PurchaseState.ASKED, None)


async def test_whoever_submits_a_draft_wants_it(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    draft = await wanted(tx, tenant.id, ground, 20, cause=Cause.REORDER, draft=True)
    submitted = await submit_draft(tx, tenant.id, CLERK, draft.id, at=AT)
    assert submitted.state == PurchaseState.ASKED
    with pytest.raises(OwnPurchase):
        await approve(tx, tenant.id, CLERK, draft.id)
    assert (await approve(tx, tenant.id, OTHER, draft.id)).state == PurchaseState.WANTED


async def test_what_is_refused_ends(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    asked = await by_hand(tx, tenant, ground, 11)
    refused = await refuse(tx, tenant.id, OTHER, asked.id, because="too dear")
    assert (refused.state, refused.said) == (PurchaseState.CANCELLED, "not_approved")
    with pytest.raises(PurchaseMoved):
        await approve(tx, tenant.id, OTHER, asked.id)
    with pytest.raises(PurchaseMoved):
        await refuse(tx, tenant.id, OTHER, asked.id, because="again")


async def test_the_database_itself_refuses_one_pair_of_eyes(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await ground_with(tx, tenant, Limits(approval_above_e4=1_000_000))
        asked = await by_hand(tx, tenant, ground, 11)
    with pytest.raises(OwnPurchase):
        async with database.transaction(tenant.id) as tx:
            await tx.execute(
                update(purchases)
                .where(purchases.c.tenant_id == tenant.id, purchases.c.id == asked.id)
                .values(approved_by=CLERK, approved_at=AT)
            )
    async with database.transaction(tenant.id) as tx:
        assert await purchase_of(tx, tenant.id, asked.id) == asked


async def test_of_people_who_approve_at_once_one_does(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await ground_with(tx, tenant, Limits(approval_above_e4=1_000_000))
        asked = await by_hand(tx, tenant, ground, 11)

    async def try_it(actor: str) -> str:
        try:
            async with database.transaction(tenant.id) as tx:
                return (await approve(tx, tenant.id, actor, asked.id)).state
        except KashuError as error:
            return error.code

    told = await asyncio.gather(*(try_it(who) for who in (OTHER, OTHER, THIRD, CLERK)))
    assert sorted(told) == ["purchase_moved", "purchase_moved", "purchase_own", "wanted"]
    async with database.transaction(tenant.id) as tx:
        kinds = [event.kind for event in await events_of(tx, tenant.id, asked.id)]
    assert kinds == ["purchase.asked", "purchase.approved"]


async def test_two_at_once_do_not_slip_under_the_limit_of_a_day(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await ground_with(tx, tenant, Limits(daily_max_e4=1_000_000))

    async def one() -> UUID:
        async with database.transaction(tenant.id) as tx:
            return (await by_hand(tx, tenant, ground, 6)).id

    ids = await asyncio.gather(*(one() for _ in range(4)))
    async with database.transaction(tenant.id) as tx:
        states = sorted([(await purchase_of(tx, tenant.id, each)).state for each in ids])
    assert states == ["asked", "asked", "asked", "wanted"]
