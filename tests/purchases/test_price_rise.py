"""A price that rises while an order waits: refused, bought elsewhere, or held; never at a loss."""

import asyncio

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.purchases.cancel import cancel
from kashu.purchases.kinds import AttemptState, Cause, PurchaseState
from kashu.purchases.place import place
from kashu.purchases.sweeps_buying import look_at_what_is_held
from kashu.suppliers.breaker import breaker_of
from kashu.suppliers.kinds import Goods, Told
from kashu.suppliers.see_offers import see_offers
from kashu.suppliers.tables import price_alerts
from kashu.suppliers.upstream import Product
from tests.conftest import Tenant
from tests.purchases.buying import ask_price, make_listing
from tests.purchases.counterpart import Fault
from tests.purchases.world import World, make_world

CEILING_E4 = 101_900  # of one, landed; the first asks 10.00, the second 10.01


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    world = await make_world(database, tenant, keyrings, ["fulu", "kayi"])
    async with database.transaction(tenant.id) as tx:
        await make_listing(tx, tenant.id, world.ground.sku_id, 150_000)
    return world


async def rise(world: World, code: str, cost_e4: int, *, told: bool = True) -> None:
    """A supplier asks more from now on; `told`: and we have heard of it."""
    world.goods[code].unit_cost_e4 = cost_e4
    if not told:
        return
    good = world.goods[code]
    product = Product(
        str(good.good_id), "芒果TV 月卡", Goods.CARD, cost_e4, in_stock=True, on_sale=True
    )
    async with world.database.transaction(world.tenant.id) as tx:
        await see_offers(
            tx,
            world.tenant.id,
            "system",
            world.suppliers[code],
            [product],
            how=Told.PUSHED,
            at=world.clock(),
        )


async def test_it_is_bought_from_the_next_who_is_within_the_limit(world: World) -> None:
    wanted = await world.want(cause=Cause.SHORT, unit_cost_max_e4=CEILING_E4)
    await world.later(seconds=5)
    await rise(world, "fulu", 102_000)
    await world.place()
    assert (await world.purchase(wanted)).state == PurchaseState.DONE
    attempt = await world.attempt(wanted)
    assert attempt.supplier_id == world.suppliers["kayi"]
    ranking = {each["supplier"]: each for each in attempt.choice["ranking"]}
    assert ranking["fulu"]["bars"] == ["above_ceiling"]
    assert ranking["kayi"]["taken"]
    await world.proved()


async def test_it_is_held_with_the_reason_until_somebody_sells_within_the_limit(
    world: World,
) -> None:
    await rise(world, "fulu", 99_900)
    wanted = await world.want(cause=Cause.SHORT, unit_cost_max_e4=CEILING_E4)
    for code in ("fulu", "kayi"):
        await rise(world, code, 103_000)
    async with world.database.transaction(world.tenant.id) as tx:
        [alert] = (await tx.execute(select(price_alerts))).all()
    assert alert.old_e4 < CEILING_E4 < alert.new_e4
    assert alert.margins
    await world.place()
    held = await world.purchase(wanted)
    assert (held.state, held.said) == (PurchaseState.HELD, "above_ceiling")
    assert await world.attempts(wanted) == []
    [why] = await world.happened("purchase.held")
    assert [each["bars"] for each in why["ranking"]] == [["above_ceiling"]] * 2
    await world.later(seconds=1)
    await rise(world, "kayi", 100_500)
    await world.place()
    assert (await world.purchase(wanted)).state == PurchaseState.HELD  # not its turn yet, but …
    await look_at_what_is_held(world.database, world.tenant.id, world.clock)
    await world.place()
    assert (await world.purchase(wanted)).state == PurchaseState.DONE


async def test_a_rise_that_we_had_not_heard_of_is_refused_there_and_costs_nothing(
    world: World,
) -> None:
    before = await world.money("fulu")
    wanted = await world.want(cause=Cause.SHORT, unit_cost_max_e4=CEILING_E4)
    await rise(world, "fulu", 102_000, told=False)
    await world.place()
    first, second = await world.attempts(wanted)
    assert (first.state, second.state) == (AttemptState.REFUSED, AttemptState.SUCCEEDED)
    assert second.supplier_id == world.suppliers["kayi"]
    assert await world.money("fulu") == before
    await world.proved()


async def test_failures_open_the_breaker_and_others_deliver_meanwhile(world: World) -> None:
    fulu = world.houses["fulu"]
    fulu.faults.extend([Fault.NOT_REACHED] * 5)
    ids = await world.want_many(6)
    for purchase_id in ids:
        await place(world.buyer, purchase_id)
    assert (await world.attempt(ids[-1])).supplier_id == world.suppliers["kayi"]
    await world.run(hours=0.01)
    assert {(await world.purchase(each)).state for each in ids} == {PurchaseState.DONE}
    async with world.database.transaction(world.tenant.id) as tx:
        opened = await breaker_of(tx, world.tenant.id, world.suppliers["fulu"])
    assert (opened.breaks, opened.because) == (1, "failures_in_a_row")
    assert not fulu.placed
    await world.later(minutes=1)
    tried = await world.want()
    await world.place()
    assert (await world.attempt(tried)).supplier_id == world.suppliers["fulu"]
    async with world.database.transaction(world.tenant.id) as tx:
        closed = await breaker_of(tx, world.tenant.id, world.suppliers["fulu"])
    assert closed.breaks == 0
    await world.proved()


async def test_a_purchase_is_cancelled_or_ordered_never_both(world: World) -> None:
    async def stop(purchase_id: object) -> str:
        try:
            async with world.database.transaction(world.tenant.id) as tx:
                ended = await cancel(tx, world.tenant.id, "cli", purchase_id, because="no")  # type: ignore[arg-type]
        except KashuError as error:
            return error.code
        return ended.state

    async def order(purchase_id: object) -> str:
        try:
            await place(world.buyer, purchase_id)  # type: ignore[arg-type]
        except KashuError as error:
            return error.code
        return "ordered"

    for n, purchase_id in enumerate(await world.want_many(12)):
        first, second = (stop, order) if n % 2 else (order, stop)
        await asyncio.gather(first(purchase_id), second(purchase_id))
        attempts = await world.attempts(purchase_id)
        state = (await world.purchase(purchase_id)).state
        assert (state, len(attempts)) in {
            (PurchaseState.CANCELLED, 0),
            (PurchaseState.DONE, 1),
        }
    await world.proved()


async def test_the_rule_of_the_moment_holds_not_that_of_the_day_before(world: World) -> None:
    wanted = await world.want(cause=Cause.SHORT, unit_cost_max_e4=None)
    async with world.database.transaction(world.tenant.id) as tx:
        for code in ("fulu", "kayi"):
            await ask_price(tx, world.tenant.id, world.suppliers[code], 149_990)
            world.goods[code].unit_cost_e4 = 149_990
    await world.place()
    held = await world.purchase(wanted)  # 14.9990, and what it costs beside: above 15.00
    assert (held.state, held.said) == (PurchaseState.HELD, "above_ceiling")
