"""Outcomes that aren't known: never ordered again, always cleared up, the money never lost."""

import asyncio
import os
import random
from collections import Counter
from datetime import timedelta

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.purchases import breaker
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.suppliers.upstream import Can
from tests.conftest import Tenant
from tests.purchases.counterpart import RULES, Fault, ruled
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world

CASES = int(os.environ.get("KASHU_TEST_PURCHASES", "60"))  # the long run: 1000


@pytest.fixture
async def world(
    database: Database, tenant: Tenant, keyrings: Keyrings, monkeypatch: pytest.MonkeyPatch
) -> World:
    """A merchant with one supplier, and no breaker: it would spare the supplier most cases."""
    monkeypatch.setattr(breaker, "IN_A_ROW", 10 * CASES)
    monkeypatch.setattr(breaker, "FAILING_PERCENT", 101)
    monkeypatch.setattr(breaker, "SLOW_PERCENT", 101)
    world = await make_world(database, tenant, keyrings, [])
    await world.add("fulu", stock=2 * CASES, deposit_e4=3 * CASES * COST_E4)
    return world


async def _all_is_well(world: World, count: int) -> None:
    """As many were bought as wanted, each once; and the books say what the supplier took."""
    house = world.houses["fulu"]
    numbers = Counter(order.number for order in house.house.orders)
    assert set(numbers.values()) == {1}
    assert len(numbers) == count
    assert max(house.placed.values()) == 1, "no number was ever sent twice"
    assert await world.live() == []
    assert await world.stock_count() == count
    money = await world.money("fulu")
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, 0)
    assert money.prepaid_e4 == 3 * CASES * COST_E4 - house.taken_e4
    await world.proved()


async def test_a_thousand_times_out_after_success_and_nothing_is_bought_twice(
    world: World,
) -> None:
    house = world.houses["fulu"]
    house.fault_of = lambda _: Fault.LOST_AFTER
    chance = random.Random(16)  # noqa: S311  (so that asking fails now and then)
    house.ask_faults.extend(
        chance.choice([None, None, Fault.LOST_BEFORE, Fault.NOT_REACHED]) for _ in range(CASES)
    )
    await world.want_many(CASES)
    await world.place()

    assert {each.state for each in await world.live()} == {AttemptState.UNCLEAR}
    assert (await world.money("fulu")).in_doubt_e4 == CASES * COST_E4
    await world.run()
    await _all_is_well(world, CASES)


async def test_a_thousand_times_out_before_accepting_and_each_is_bought_once_in_the_end(
    world: World,
) -> None:
    house = world.houses["fulu"]
    lost: set[str] = set()

    def fault(order: object) -> Fault | None:
        if len(lost) == CASES:
            return None
        lost.add(order.number)  # type: ignore[attr-defined]
        return Fault.LOST_BEFORE

    house.fault_of = fault
    wanted = await world.want_many(CASES)
    await world.place()
    assert len(lost) == CASES
    assert house.house.orders == []
    await world.run()

    for purchase_id in wanted[:: max(CASES // 50, 1)]:
        first, second = await world.attempts(purchase_id)
        assert (first.state, first.said) == (AttemptState.REFUSED, "no_such_purchase")
        assert first.ended_at is not None
        assert first.ended_at - first.made_at >= RULES.settles_after
        assert house.asked[first.number] >= 2, "said twice"
        assert second.made_at >= first.ended_at
    await _all_is_well(world, CASES)


async def test_a_thousand_strange_answers_are_doubt_and_never_failure(world: World) -> None:
    house = world.houses["fulu"]
    chance = random.Random(18)  # noqa: S311  (which strange answer comes)
    strange = [Fault.TAKEN, Fault.STRANGE_CODE, Fault.STRANGE_WORD, Fault.BUG]
    house.fault_of = lambda _: chance.choice(strange)
    wanted = await world.want_many(CASES)
    await world.place()

    states = Counter(each.state for each in await world.live())
    assert set(states) == {AttemptState.UNCLEAR, AttemptState.PROCESSING}
    assert states.total() == CASES
    told = await world.happened("attempt.word_unknown")
    assert len(told) == states[AttemptState.PROCESSING]
    assert (await world.money("fulu")).in_doubt_e4 == CASES * COST_E4
    await world.run(1)  # words that nobody knows are still that
    live = await world.live()
    assert {each.state for each in live} == {AttemptState.PROCESSING}
    assert len(live) == states[AttemptState.PROCESSING]
    house.strange.clear()
    await world.run()
    await _all_is_well(world, CASES)
    assert (await world.purchase(wanted[0])).state is PurchaseState.DONE


async def test_what_is_not_cleared_up_in_three_days_is_left_to_people(world: World) -> None:
    house = world.houses["fulu"]
    house.instant = False
    purchase_id = await world.want()
    await world.run(100, exact=True)

    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.MANUAL
    assert (await world.money("fulu")).in_doubt_e4 == COST_E4, "its money stays in doubt"
    assert len(await world.happened("attempt.left_to_people")) == 1
    assert 66 <= attempt.asks <= 84  # each hour and up to a fifth more, and nine at first
    await world.proved()


async def test_no_such_order_proves_nothing_before_the_suppliers_window(world: World) -> None:
    house = world.houses["fulu"]
    house.faults.append(Fault.LOST_BEFORE)
    purchase_id = await world.want()
    await world.place()
    for _ in range(8):
        await world.later(minutes=3)
        await world.ask()

    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.UNCLEAR
    assert attempt.missing_count >= 2
    assert house.placed.total() == 1


async def test_two_looks_at_one_moment_are_one_look(world: World) -> None:
    house = world.houses["fulu"]
    house.faults.append(Fault.LOST_BEFORE)
    house.ask_faults.extend([Fault.LOST_BEFORE] * 10)  # nothing is told at first
    purchase_id = await world.want()
    await world.place()
    await world.later(hours=1)
    house.ask_faults.clear()
    await world.ask()
    await world.later(seconds=5)
    await world.ask()
    assert (await world.attempt(purchase_id)).state is AttemptState.UNCLEAR


async def test_who_cannot_be_asked_leaves_it_to_people_at_once(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    house = await world.add("mute", can=frozenset(Can) - {Can.ASK, Can.ASK_THEIRS})
    house.faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want()
    await world.place()
    await world.later(seconds=5)
    await world.ask()

    assert (await world.attempt(purchase_id)).state is AttemptState.MANUAL
    assert house.asked.total() == 0
    assert (await world.money("mute")).prepaid_e4 == DEPOSIT_E4 - COST_E4


async def test_an_order_whose_answer_nobody_waited_for_is_asked_about(world: World) -> None:
    house = world.houses["fulu"]

    def die() -> None:
        raise asyncio.CancelledError  # as when a worker is told to stop and won't wait

    house.before_answer = die
    purchase_id = await world.want()
    await world.place()
    house.before_answer = lambda: None
    assert (await world.attempt(purchase_id)).state is AttemptState.SENDING
    await world.run()
    await _all_is_well(world, 1)


async def test_a_supplier_asked_within_a_day_is_not_asked_later(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    house = await world.add("short", rules=ruled(asked_within=timedelta(hours=24)))
    house.instant = False
    purchase_id = await world.want()
    await world.run(100, exact=True)
    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.MANUAL
    assert attempt.asks < 40
