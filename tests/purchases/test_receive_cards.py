"""What comes is checked, costs exactly what was paid, and what is no good is kept as evidence."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.tables import receipts, rejected_cards
from kashu.simulators.suppliers.house import Fate
from kashu.stock.secret import decode
from kashu.stock.tables import lots
from kashu.suppliers.upstream import BoughtCard, OrderState, Standing
from tests.conftest import Tenant
from tests.purchases.world import COST_E4, DEPOSIT_E4, FACE_E4, World, make_world


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with one supplier."""
    return await make_world(database, tenant, keyrings, ["fulu"])


async def _rejected(world: World) -> list[tuple[str, int, str]]:
    """Reason, cost, and number of each card that wasn't taken."""
    tenant_id = world.tenant.id
    async with world.database.transaction(tenant_id) as tx:
        rows = await tx.execute(
            select(rejected_cards)
            .where(rejected_cards.c.tenant_id == tenant_id)
            .order_by(rejected_cards.c.place)
        )
        keyring = await world.buyer.upstreams.keyrings.of(tx, tenant_id)
        found = []
        for row in rows:
            clear = keyring.open(
                row.sealed, row.key_version, kind=world.ground.sku_id, owner=row.id
            )
            found.append((row.reason, row.cost_e4, decode(clear.clear).number))
        return found


async def _costs(world: World) -> list[tuple[int, int]]:
    """How many cards of each lot, and what one costs."""
    async with world.database.transaction(world.tenant.id) as tx:
        rows = await tx.execute(
            select(receipts.c.cards, lots.c.unit_cost_e4)
            .join(lots, (lots.c.id == receipts.c.lot_id) & (lots.c.tenant_id == world.tenant.id))
            .where(receipts.c.tenant_id == world.tenant.id)
            .order_by(lots.c.unit_cost_e4)
        )
        return [(row.cards, row.unit_cost_e4) for row in rows]


async def test_what_was_charged_is_split_over_the_cards_to_the_last_unit(world: World) -> None:
    house = world.houses["fulu"]
    house.told = lambda told: replace(told, charged_e4=299_999)
    await world.want(3)
    await world.place()

    assert await _costs(world) == [(1, 99_999), (2, 100_000)]
    assert (await world.money("fulu")).prepaid_e4 == DEPOSIT_E4 - 299_999
    await world.proved()


async def test_more_than_was_set_aside_is_booked_and_told(world: World) -> None:
    house = world.houses["fulu"]
    house.told = lambda told: replace(told, charged_e4=COST_E4 + 7)
    await world.want()
    await world.place()

    assert (await world.money("fulu")).prepaid_e4 == DEPOSIT_E4 - COST_E4 - 7
    assert [each["more"] for each in await world.happened("attempt.charged_more")] == ["0.0007"]
    await world.proved()


async def test_a_charge_beyond_all_sense_is_not_believed(world: World) -> None:
    house = world.houses["fulu"]
    for charged_e4 in (-1, 11 * COST_E4):
        house.told = lambda told, e4=charged_e4: replace(told, charged_e4=e4)  # type: ignore[misc]
        await world.want()
        await world.place()
    assert (await world.money("fulu")).prepaid_e4 == DEPOSIT_E4 - 2 * COST_E4
    assert len(await world.happened("attempt.charge_not_believed")) == 2
    await world.proved()


@pytest.mark.parametrize(
    ("fate", "taken", "reasons"),
    [
        (Fate.FEWER, 2, []),
        (Fate.TWICE, 2, ["duplicate_in_file"]),
        (Fate.WRONG_FACE, 0, ["wrong_face_value"] * 3),
    ],
)
async def test_what_is_not_as_ordered_is_asked_back(
    world: World, fate: Fate, taken: int, reasons: list[str]
) -> None:
    house = world.houses["fulu"].house
    house.fates.append(fate)
    purchase_id = await world.want(3)
    await world.place()

    first = (await world.attempts(purchase_id))[0]
    assert (first.state, first.received_count) == (AttemptState.SUCCEEDED, taken)
    assert first.turned_away_count == len(reasons)
    rejected = await _rejected(world)
    assert [each[0] for each in rejected] == reasons
    money = await world.money("fulu")
    assert money.recoveries_e4 == (3 - taken) * COST_E4
    assert sum(each[1] for each in rejected) <= money.recoveries_e4
    assert money.in_doubt_e4 == 0
    await world.proved()


async def test_a_card_that_we_ever_had_is_not_taken_again(world: World) -> None:
    house = world.houses["fulu"].house
    await world.want(2)
    await world.place()
    house.fates.append(Fate.SOLD_BEFORE)
    second = await world.want(2)
    await world.place()

    [attempt, *_] = await world.attempts(second)
    assert (attempt.received_count, attempt.turned_away_count) == (1, 1)
    [(reason, cost_e4, number)] = await _rejected(world)
    assert (reason, cost_e4) == ("duplicate_in_stock", COST_E4)
    assert number == house.orders[0].cards[0].number, "the evidence is kept"
    assert (await world.money("fulu")).recoveries_e4 == COST_E4
    await world.proved()


async def test_of_the_rest_only_the_rest_is_ordered(world: World) -> None:
    house = world.houses["fulu"].house
    house.fates.append(Fate.FEWER)
    purchase_id = await world.want(3)
    await world.run(2)  # the same supplier, after a pause: there is no other

    purchase = await world.purchase(purchase_id)
    assert (purchase.state, purchase.received_count) == (PurchaseState.DONE, 3)
    assert [each.quantity for each in await world.attempts(purchase_id)] == [3, 1]
    assert await world.stock_count() == 3
    await world.proved()


async def _given(world: World, *cards: BoughtCard, ref: str = "") -> None:
    """The supplier gives these, whatever was ordered."""

    def told(standing: Standing) -> Standing:
        if standing.state is not OrderState.SUCCEEDED:
            return standing
        return replace(standing, cards=cards, ref=ref or standing.ref)

    world.houses["fulu"].told = told


async def test_hostile_cards_are_kept_out(world: World) -> None:
    await _given(
        world,
        BoughtCard("A1234567890123456", "PW123456", face_value_e4=FACE_E4),
        BoughtCard("库存不足，请联系客服"),
        BoughtCard("=HYPERLINK(1)"),
        BoughtCard("B1234567890123456", "x", expires_on=date(2020, 1, 1)),
        BoughtCard("C\x1f\x00\ud800D"),
        BoughtCard(""),
        BoughtCard(url="http://user@evil/x"),
        BoughtCard("D" * 5_000),
        BoughtCard("E1234567890123456", "PW123457"),
    )
    purchase_id = await world.want(2)
    await world.place()

    [attempt, *_] = await world.attempts(purchase_id)
    assert attempt.received_count == 2
    assert attempt.turned_away_count == 7
    assert [each[1] for each in await _rejected(world)] == [0] * 7, "two of two came"
    assert (await world.money("fulu")).recoveries_e4 == 0
    await world.proved()


async def test_more_cards_than_ordered_are_evidence_not_stock(world: World) -> None:
    cards = [BoughtCard(f"F{n}234567890123456") for n in range(4)]
    await _given(world, *cards)
    await world.want(2)
    await world.place()

    assert await world.stock_count() == 2
    assert [each[0] for each in await _rejected(world)] == ["more_than_ordered"] * 2
    await world.proved()


async def test_cards_of_another_product_are_all_asked_back(world: World) -> None:
    await _given(world, BoughtCard("G1234567890123456"), ref="999")
    purchase_id = await world.want()
    await world.place()
    [attempt, *_] = await world.attempts(purchase_id)
    assert (attempt.received_count, attempt.turned_away_count) == (0, 1)
    assert [each[:2] for each in await _rejected(world)] == [("wrong_product", COST_E4)]
    await world.proved()


async def test_who_sends_what_is_no_good_is_not_paid_again_and_again(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    codes = ["fulu", "kasu", "kayi", "kaka", "dujiao"]
    world = await make_world(database, tenant, keyrings, codes)
    for counterpart in world.houses.values():
        counterpart.told = lambda told: replace(told, ref="999")
    purchase_id = await world.want()
    await world.run(4)

    made = await world.attempts(purchase_id)
    assert len(made) == 3, "then people look"
    assert len({each.supplier_id for each in made}) == 3
    purchase = await world.purchase(purchase_id)
    assert (purchase.state, purchase.said) == (PurchaseState.HELD, "not_as_ordered")
    await world.proved()


async def test_part_of_the_money_that_came_back_makes_the_cards_cheaper(world: World) -> None:
    house = world.houses["fulu"]
    house.told = lambda told: replace(
        told, state=OrderState.REFUNDED, refunded_e4=COST_E4, cards=told.cards
    )
    await world.want(3)
    await world.place()

    assert await _costs(world) == [(1, 66_666), (2, 66_667)]
    assert (await world.money("fulu")).prepaid_e4 == DEPOSIT_E4 - 2 * COST_E4
    await world.proved()


async def test_an_order_of_somebody_else_is_not_believed(world: World) -> None:
    house = world.houses["fulu"]
    house.instant = False
    purchase_id = await world.want()
    await world.place()
    before = await world.attempt(purchase_id)
    house.house.settle()
    for wrong in ({"number": "KSOMEBODYELSE"}, {"their_number": "1"}):
        house.told = lambda told, wrong=wrong: replace(told, **wrong)  # type: ignore[misc]
        await world.later(seconds=30)
        await world.ask()
        after = await world.attempt(purchase_id)
        assert after.state is AttemptState.PROCESSING
        assert after.their_number == before.their_number
    assert await world.stock_count() == 0
    assert {each["said"] for each in await world.happened("attempt.answer_not_ours")} == {
        "other_number",
        "other_their_number",
    }
    await world.proved()


async def test_cards_of_an_order_that_failed_are_a_persons_case(world: World) -> None:
    house = world.houses["fulu"]
    house.told = lambda told: replace(told, state=OrderState.FAILED)
    purchase_id = await world.want()
    await world.place()
    await world.later(hours=3)
    await world.run(3)

    [attempt] = await world.attempts(purchase_id)
    assert (attempt.state, attempt.said) == (AttemptState.MANUAL, "failed_with_cards")
    assert await world.stock_count() == 0
    money = await world.money("fulu")
    assert (money.prepaid_e4, money.in_doubt_e4) == (DEPOSIT_E4 - COST_E4, COST_E4)
    await world.proved()


@pytest.mark.parametrize("back_e4", [0, COST_E4 - 1])
async def test_a_refund_that_does_not_say_how_much_came_back_is_not_all_of_it(
    world: World, back_e4: int
) -> None:
    house = world.houses["fulu"]
    house.told = lambda told: replace(
        told, state=OrderState.REFUNDED, charged_e4=0, refunded_e4=back_e4, cards=None
    )
    purchase_id = await world.want()
    await world.place()

    [attempt] = await world.attempts(purchase_id)
    assert (attempt.state, attempt.said) == (AttemptState.MANUAL, "refunded_in_part")
    assert (await world.money("fulu")).in_doubt_e4 == COST_E4
    await world.proved()
