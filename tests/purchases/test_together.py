"""Together: what is ordered and learnt in one transaction is each purchase's own all the same."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.purchases.errors import UnknownAttempt
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.place import AT_ONCE, CALLS, place_due
from kashu.purchases.reads import Attempt
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import Said, set_rule
from kashu.purchases.settle import Answer, Source
from kashu.purchases.settling import Settling
from kashu.suppliers.errors import SupplierUnclear
from kashu.suppliers.tables import suppliers
from kashu.suppliers.upstream import BoughtCard, OrderState, Standing
from tests.conftest import Tenant
from tests.purchases.counterpart import Fault
from tests.purchases.world import COST_E4, World, make_world


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with one supplier."""
    world = await make_world(database, tenant, keyrings, [])
    await world.add("fulu", stock=200)
    return world


async def _attempts(world: World, count: int) -> list[Attempt]:
    """Orders that were sent, and whose outcome nobody knows."""
    world.houses["fulu"].fault_of = lambda _: Fault.LOST_BEFORE
    wanted = await world.want_many(count)
    await world.place()
    attempts = [await world.attempt(each) for each in wanted]
    assert {each.state for each in attempts} == {AttemptState.UNCLEAR}
    return attempts


def _answer(world: World, attempt: Attempt, *numbers: str, theirs: str = "") -> Answer:
    told = Standing(
        OrderState.SUCCEEDED,
        attempt.number,
        theirs,
        "ok",
        charged_e4=attempt.total_e4,
        cards=tuple(BoughtCard(number) for number in numbers),
    )
    occasion = world.buyer.occasion(world.houses["fulu"].rules)
    return Answer(occasion, attempt.id, told, Source.ASKED)


async def _settle_all(world: World, attempts: list[Attempt], answers: list[Answer]) -> list[object]:
    settling = Settling(world.buyer)
    of = {attempt.id: attempt.purchase_id for attempt in attempts}
    return await asyncio.gather(
        *(settling.settle(each, of.get(each.attempt_id, each.attempt_id)) for each in answers),
        return_exceptions=True,
    )


async def test_answers_that_come_together_are_settled_each_for_itself(world: World) -> None:
    first, second, third, fourth = attempts = await _attempts(world, 4)
    unclear = SupplierUnclear(supplier="fulu", said="x")
    occasion = world.buyer.occasion(world.houses["fulu"].rules)
    settled = await _settle_all(
        world,
        attempts,
        [
            _answer(world, first, "A100000000000001", theirs="T1"),
            Answer(occasion, second.id, unclear, Source.ASKED),
            _answer(world, third, "A100000000000003", theirs="T3"),
            _answer(world, fourth, "A100000000000004", theirs="T4"),
        ],
    )
    assert [each.state for each in settled if isinstance(each, Attempt)] == [
        AttemptState.SUCCEEDED,
        AttemptState.UNCLEAR,
        AttemptState.SUCCEEDED,
        AttemptState.SUCCEEDED,
    ]
    assert await world.stock_count() == 3
    assert (await world.money("fulu")).in_doubt_e4 == COST_E4
    await world.proved()


async def test_an_answer_that_can_not_be_settled_takes_nothing_from_those_beside_it(
    world: World,
) -> None:
    attempts = await _attempts(world, 3)
    numbers = ["A100000000000001", "A100000000000002", "A100000000000003"]
    answers = [_answer(world, each, number) for each, number in zip(attempts, numbers, strict=True)]
    stranger = _answer(world, attempts[0], "A100000000000009")
    stranger = Answer(stranger.occasion, world.ground.sku_id, stranger.learnt, Source.ASKED)
    settled = await _settle_all(world, attempts, [*answers[:1], stranger, *answers[1:]])
    assert isinstance(settled[1], UnknownAttempt)
    assert [isinstance(each, KashuError) for each in settled] == [False, True, False, False]
    assert await world.stock_count() == 3
    await world.proved()


async def test_a_number_of_theirs_is_bound_to_the_first_of_two_that_come_together(
    world: World,
) -> None:
    first, second = attempts = await _attempts(world, 2)
    one = _answer(world, first, "A100000000000001", theirs="T1")
    two = _answer(world, second, "A100000000000002", theirs="T1")
    settled = await _settle_all(world, attempts, [one, two])
    states = [each.state for each in settled if isinstance(each, Attempt)]
    assert states == [AttemptState.SUCCEEDED, AttemptState.UNCLEAR]
    assert [each["said"] for each in await world.happened("attempt.answer_not_ours")] == [
        "their_number_of_another"
    ]
    assert await world.stock_count() == 1
    await world.proved()


async def test_a_card_that_two_orders_bring_together_is_taken_once_and_asked_back_once(
    world: World,
) -> None:
    attempts = await _attempts(world, 2)
    settled = await _settle_all(
        world, attempts, [_answer(world, each, "A100000000000001") for each in attempts]
    )
    counts = [
        (each.received_count, each.turned_away_count)
        for each in settled
        if isinstance(each, Attempt)
    ]
    assert counts == [(1, 0), (0, 1)]
    assert await world.stock_count() == 1
    money = await world.money("fulu")
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, COST_E4)
    reasons = [each["reasons"] for each in await world.happened("attempt.cards_rejected")]
    assert reasons == [["duplicate_in_stock"]]
    await world.proved()


async def test_the_same_answer_twice_together_is_settled_once(world: World) -> None:
    attempts = [attempt] = await _attempts(world, 1)
    answer = _answer(world, attempt, "A100000000000001", theirs="T1")
    settled = await _settle_all(world, attempts, [answer, answer, answer])
    assert {each.state for each in settled if isinstance(each, Attempt)} == {AttemptState.SUCCEEDED}
    assert len(settled) == 3
    assert await world.stock_count() == 1
    await world.proved()


async def test_of_what_is_begun_together_no_more_is_sent_than_may_be_out(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        limit = update(suppliers).values(exposure_max_e4=3 * COST_E4)
        await tx.execute(limit)
    world.houses["fulu"].instant = False
    wanted = await world.want_many(8)
    await world.place()
    states = [(await world.purchase(each)).state for each in wanted]
    assert states.count(PurchaseState.PLACED) == 3
    assert states.count(PurchaseState.HELD) == 5
    assert (await world.money("fulu")).in_doubt_e4 == 3 * COST_E4
    await world.proved()


async def test_two_workers_together_send_no_more_than_may_be_out(world: World) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.execute(update(suppliers).values(exposure_max_e4=5 * COST_E4))
    world.houses["fulu"].instant = False
    wanted = await world.want_many(40)  # more than are begun at once
    await asyncio.gather(*(place_due(replace(world.buyer)) for _ in range(2)))
    states = [(await world.purchase(each)).state for each in wanted]
    assert states.count(PurchaseState.PLACED) == 5
    assert (await world.money("fulu")).in_doubt_e4 == 5 * COST_E4
    assert max(world.houses["fulu"].placed.values()) == 1
    await world.proved()


async def test_many_that_nobody_sells_keep_none_behind_them_from_being_ordered(
    world: World,
) -> None:
    cheap = [await world.want(unit_cost_max_e4=1) for _ in range(AT_ONCE)]
    mine = await world.want()
    await world.place()
    assert {(await world.purchase(each)).state for each in cheap} == {PurchaseState.HELD}
    assert (await world.purchase(mine)).state is PurchaseState.DONE
    assert world.houses["fulu"].placed.total() == 1


async def test_shares_hold_within_what_is_begun_together(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, ["fulu", "kasu"])
    async with database.transaction(tenant.id) as tx:
        shares = {world.suppliers["fulu"]: 70, world.suppliers["kasu"]: 30}
        limits = Limits(warehouse_id=world.ground.warehouse_id)
        await set_rule(tx, tenant.id, "test", Scope(), limits, said=Said(shares=shares))
    await world.want_many(10)
    await world.place()
    assert len(world.houses["fulu"].house.orders) == 7
    assert len(world.houses["kasu"].house.orders) == 3
    await world.proved()


async def test_a_supplier_that_is_silent_keeps_nobody_waiting_for_another(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    silent = await world.add("silent", stock=200)
    quick = await world.add("quick", stock=200)
    silent.hang = asyncio.Event()
    crowd = [await world.want(supplier_id=world.suppliers["silent"]) for _ in range(CALLS + 5)]
    mine = await world.want(supplier_id=world.suppliers["quick"])
    worker = asyncio.create_task(place_due(world.buyer))
    async with asyncio.timeout(20):
        while (await world.purchase(mine)).state is not PurchaseState.DONE:  # noqa: ASYNC110
            await asyncio.sleep(0)  # (no event tells)
    assert (silent.placed.total(), quick.placed.total()) == (CALLS, 1)
    waiting = [await world.purchase(each) for each in crowd]
    assert [each.said for each in waiting if each.state is PurchaseState.WANTED] == [
        "supplier_has_enough"
    ] * 5
    silent.hang.set()
    await worker
    await world.run(1)
    assert silent.placed.total() == CALLS + 5
    assert {(await world.purchase(each)).state for each in crowd} == {PurchaseState.DONE}
    await world.proved()
