"""Once: "submit now", the worker and a double click are one purchase, and so are two answers."""

import asyncio
import os
from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, DatabaseBusy
from kashu.core.errors import Conflict, KashuError
from kashu.core.ids import new_id
from kashu.purchases.ask import ask
from kashu.purchases.desk import Bought, was_bought
from kashu.purchases.errors import LiveAttemptThere
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.numbers import new_number
from kashu.purchases.place import place, place_due
from kashu.purchases.reads import Attempt
from kashu.purchases.tables import attempts
from kashu.suppliers.upstream import BoughtCard
from tests.conftest import Tenant
from tests.purchases.world import World, make_world

CASES = int(os.environ.get("KASHU_TEST_PURCHASES", "60"))  # the long run: 1000


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with one supplier."""
    world = await make_world(database, tenant, keyrings, [])
    await world.add("fulu", stock=2 * CASES + 20)
    return world


async def _click(world: World, purchase_id: object) -> Attempt | str:
    try:
        begun = await place(replace(world.buyer), purchase_id)  # type: ignore[arg-type]
    except (Conflict, DatabaseBusy) as error:
        return error.code
    return begun if isinstance(begun, Attempt) else begun.said


async def test_a_thousand_times_submit_now_the_worker_and_a_double_click_are_one_purchase(
    world: World,
) -> None:
    house = world.houses["fulu"]
    wanted = await world.want_many(CASES)
    worker = asyncio.create_task(place_due(world.buyer))
    others = asyncio.create_task(place_due(replace(world.buyer)))
    for n in range(0, CASES, 4):
        some = wanted[n : n + 4]
        await asyncio.gather(*(_click(world, each) for each in [*some, *some]))
    await asyncio.gather(worker, others)
    await world.run(1)

    assert len(house.house.orders) == CASES
    assert max(house.placed.values()) == 1
    assert await world.stock_count() == CASES
    for purchase_id in wanted:
        attempt = await world.attempt(purchase_id)  # its only one
        assert attempt.state is AttemptState.SUCCEEDED
    await world.proved()


async def test_two_workers_place_one_purchase_once(world: World) -> None:
    house = world.houses["fulu"]
    house.hang = asyncio.Event()
    purchase_id = await world.want()
    both = [asyncio.create_task(_click(world, purchase_id)) for _ in range(6)]
    await asyncio.sleep(0)
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    house.hang.set()
    answers = await asyncio.gather(*both)

    assert len(house.house.orders) == 1
    assert [each for each in answers if isinstance(each, Attempt)]
    assert {each for each in answers if isinstance(each, str)} <= {
        "purchase_under_way",
        "purchase_not_ready",
    }
    await world.proved()


async def test_the_database_itself_allows_one_live_order_for_a_purchase(world: World) -> None:
    """Whatever a program forgets: the rule is the table's."""
    world.houses["fulu"].instant = False
    purchase_id = await world.want()
    await world.place()
    with pytest.raises(LiveAttemptThere):
        async with world.database.transaction(world.tenant.id) as tx:
            row = (
                await tx.execute(select(attempts).where(attempts.c.tenant_id == world.tenant.id))
            ).one()
            again = row._asdict() | {
                "id": new_id(),
                "number": new_number(),
                "their_number": None,
            }
            await tx.execute(insert(attempts).values(**again))
    assert len(await world.attempts(purchase_id)) == 1


async def test_ask_notice_and_a_person_at_once_take_the_cards_once(world: World) -> None:
    house = world.houses["fulu"]
    house.instant = False
    purchase_id = await world.want(3)
    await world.place()
    attempt = await world.attempt(purchase_id)
    house.house.settle()
    given = [BoughtCard(card.number, card.password) for card in house.house.orders[0].given]

    async def by_hand() -> None:
        occasion = world.buyer.occasion(house.rules)
        try:
            async with world.database.transaction(world.tenant.id) as tx:
                await was_bought(tx, occasion, attempt.id, Bought(given))
        except KashuError:
            return

    async def asked() -> None:
        try:
            await ask(world.buyer, attempt.id)
        except KashuError:
            return

    await asyncio.gather(*(each() for _ in range(3) for each in (by_hand, asked)))
    await world.run(1)

    assert await world.stock_count() == 3
    after = await world.attempt(purchase_id)
    assert (after.state, after.received_count) == (AttemptState.SUCCEEDED, 3)
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    money = await world.money("fulu")
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, 0)
    await world.proved()
