"""What people see of money in doubt, and decide about it."""

from dataclasses import replace
from uuid import UUID

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.purchases.ask import ask
from kashu.purchases.desk import Bought, in_doubt, verdicts_of, was_bought, was_not_bought
from kashu.purchases.errors import (
    AttemptNotYours,
    AttemptSettled,
    CardsUnreadable,
    EvidenceMissing,
    NothingToTake,
    SecondPersonNeeded,
)
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.reads import Attempt
from kashu.suppliers.upstream import BoughtCard, Can
from tests.conftest import Tenant
from tests.purchases.buying import CLERK, OTHER
from tests.purchases.counterpart import Fault
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with one supplier that can't be asked."""
    world = await make_world(database, tenant, keyrings, [])
    await world.add("mute", can=frozenset(Can) - {Can.ASK, Can.ASK_THEIRS}, stock=200)
    return world


async def _left_to_people(world: World, quantity: int = 1) -> Attempt:
    world.houses["mute"].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want(quantity)
    await world.place()
    await world.later(seconds=5)
    await world.ask()
    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.MANUAL
    return attempt


async def _not_bought(
    world: World,
    attempt_id: UUID,
    *,
    who: str = CLERK,
    reason: str = "客服说没有",
    evidence: str = "截图",
) -> Attempt:
    occasion = replace(world.buyer, actor=who).occasion(world.houses["mute"].rules)
    async with world.database.transaction(world.tenant.id) as tx:
        return await was_not_bought(tx, occasion, attempt_id, reason=reason, evidence=evidence)


async def _bought(world: World, attempt_id: UUID, bought: Bought) -> Attempt:
    occasion = replace(world.buyer, actor=CLERK).occasion(world.houses["mute"].rules)
    async with world.database.transaction(world.tenant.id) as tx:
        return await was_bought(tx, occasion, attempt_id, bought)


async def test_money_in_doubt_is_shown_by_supplier(world: World) -> None:
    attempt = await _left_to_people(world, 2)
    async with world.database.transaction(world.tenant.id) as tx:
        [doubt] = await in_doubt(tx, world.tenant.id)
    assert (doubt.amount_e4, doubt.attempts, doubt.left_to_people) == (2 * COST_E4, 1, 1)
    assert doubt.oldest_at == attempt.made_at


async def test_cards_that_came_by_mail_are_taken_and_paid_for(world: World) -> None:
    attempt = await _left_to_people(world, 2)
    cards = [BoughtCard("H1234567890123456", "PW1"), BoughtCard("H2234567890123456", "PW2")]
    await _bought(world, attempt.id, Bought(cards, "T-1", 199_999))

    after = await world.attempt(attempt.purchase_id)
    assert (after.state, after.their_number) == (AttemptState.SUCCEEDED, "T-1")
    assert await world.stock_count() == 2
    assert (await world.money("mute")).prepaid_e4 == DEPOSIT_E4 - 199_999
    await world.proved()


async def test_what_a_person_typed_wrongly_changes_nothing(world: World) -> None:
    attempt = await _left_to_people(world)
    books = await world.books()
    with pytest.raises(NothingToTake):
        await _bought(world, attempt.id, Bought())
    with pytest.raises(CardsUnreadable):
        await _bought(world, attempt.id, Bought([BoughtCard("=1+1")]))
    with pytest.raises(EvidenceMissing):
        await _not_bought(world, attempt.id, reason=" ")
    with pytest.raises(EvidenceMissing):
        await _not_bought(world, attempt.id, evidence="")
    assert await world.attempt(attempt.purchase_id) == attempt
    assert await world.books() == books


async def test_what_was_not_bought_gives_its_money_back_and_is_ordered_anew(world: World) -> None:
    attempt = await _left_to_people(world)
    await _not_bought(world, attempt.id)

    after = await world.attempt(attempt.purchase_id)
    assert (after.state, after.said) == (AttemptState.REFUSED, "said_by_people")
    assert (await world.purchase(attempt.purchase_id)).state is PurchaseState.WANTED
    assert (await world.money("mute")).prepaid_e4 == DEPOSIT_E4
    async with world.database.transaction(world.tenant.id) as tx:
        [said] = await verdicts_of(tx, world.tenant.id, attempt.id)
    assert (said.said_by, said.evidence) == (CLERK, "截图")
    with pytest.raises(AttemptSettled):
        await _not_bought(world, attempt.id)
    await world.proved()


async def test_above_the_limit_two_people_must_say_so(world: World) -> None:
    attempt = await _left_to_people(world, 60)  # 600 yuan
    books = await world.books()
    await _not_bought(world, attempt.id)
    assert await world.attempt(attempt.purchase_id) == attempt
    with pytest.raises(SecondPersonNeeded):
        await _not_bought(world, attempt.id)
    assert await world.books() == books
    await _not_bought(world, attempt.id, who=OTHER)
    assert (await world.attempt(attempt.purchase_id)).state is AttemptState.REFUSED
    await world.proved()


async def test_while_we_are_still_asking_nobody_says_that_it_was_not_bought(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, [])
    await world.add("mute")
    world.houses["mute"].faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want()
    await world.place()
    attempt = await world.attempt(purchase_id)
    with pytest.raises(AttemptNotYours):
        await _not_bought(world, attempt.id)
    assert await world.attempt(purchase_id) == attempt
    settled = await ask(world.buyer, attempt.id)
    assert settled.state is AttemptState.SUCCEEDED
    with pytest.raises(KashuError):
        await ask(world.buyer, attempt.id)


async def test_cards_that_come_after_it_was_given_up_are_kept(world: World) -> None:
    attempt = await _left_to_people(world)
    await _not_bought(world, attempt.id)
    await world.run(1)  # bought again: the mute one delivers at once now
    await _bought(world, attempt.id, Bought([BoughtCard("J1234567890123456", "PW1")]))

    late = next(each for each in await world.attempts(attempt.purchase_id) if each.id == attempt.id)
    assert (late.state, late.surplus) == (AttemptState.SUCCEEDED, True)
    assert await world.stock_count() == 2
    await world.proved()
