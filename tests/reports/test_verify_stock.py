"""Verify names the cards, lots and reservations that are broken by hand."""

from uuid import UUID

import pytest
from sqlalchemy import insert, text

from kashu.core.ids import new_id
from kashu.stock.tables import reservations
from tests.reports.sound import Sound


async def test_a_card_given_to_two_lines_is_named(sound: Sound) -> None:
    with sound.without("stock.allocations", "card_is_given_to_one_line"):
        sound.break_(
            "INSERT INTO stock.allocations SELECT tenant_id, gen_random_uuid(), card_id,"
            " use_number, %s, lot_id, choice_id FROM stock.allocations WHERE card_id = %s",
            sound.unseen_line,
            sound.lot.cards[0],
        )
        found = await sound.found()
    assert found["card_given_too_often"] == [str(sound.lot.cards[0])]
    assert found["line_was_not_delivered_its_cards"] == [str(sound.unseen_line)]
    assert found["line_cost_what_the_books_deny"] == [str(sound.unseen_line)]
    assert found["rule_is_missing"] == ["stock.allocations.card_is_given_to_one_line"]


async def test_a_use_of_a_shared_card_given_to_two_lines_is_named(sound: Sound) -> None:
    with sound.without("stock.allocations", "card_is_given_to_one_line"):
        sound.break_(
            "INSERT INTO stock.allocations SELECT tenant_id, gen_random_uuid(), card_id,"
            " use_number, line_id, lot_id, choice_id FROM stock.allocations WHERE card_id = %s",
            sound.shared.cards[0],
        )
        found = await sound.found()
    card = str(sound.shared.cards[0])
    assert found["card_given_too_often"] == [card]
    assert found["card_use_given_twice"] == [card, card]


async def test_a_use_that_a_card_does_not_have_is_named(sound: Sound) -> None:
    sound.break_(
        "UPDATE stock.allocations SET use_number = 4 WHERE card_id = %s AND use_number = 2",
        sound.shared.cards[0],
    )
    assert await sound.found() == {"card_use_unknown": [str(sound.shared.cards[0])]}


@pytest.mark.parametrize(
    "broken",
    [
        "DELETE FROM stock.free_uses WHERE card_id = %s",
        "UPDATE stock.free_uses SET first_use = 2, last_use = 2 WHERE card_id = %s",
        "UPDATE stock.free_uses SET last_use = 4 WHERE card_id = %s",
        (
            "INSERT INTO stock.free_uses SELECT tenant_id, gen_random_uuid(), card_id, 1, 1"
            " FROM stock.free_uses WHERE card_id = %s"
        ),
    ],
)
async def test_free_uses_that_are_not_what_is_left_are_named(sound: Sound, broken: str) -> None:
    sound.break_(broken, sound.shared.cards[0])
    assert await sound.found() == {"free_uses_are_not_what_is_left": [str(sound.shared.cards[0])]}


async def test_a_shared_card_before_the_head_of_its_lot_is_found(sound: Sound) -> None:
    sound.break_("UPDATE stock.lots SET head = 2 WHERE id = %s", sound.shared.id)
    assert await sound.found() == {"card_waits_before_its_lots_head": [str(sound.shared.id)]}


async def test_a_second_use_of_a_card_that_has_one_is_named(sound: Sound) -> None:
    sound.break_(
        "UPDATE stock.allocations SET use_number = 2 WHERE card_id = %s", sound.lot.cards[0]
    )
    assert await sound.found() == {"card_use_unknown": [str(sound.lot.cards[0])]}


async def test_a_given_card_without_a_line_is_named(sound: Sound) -> None:
    sound.break_(
        "UPDATE stock.allocations SET released_at = now(), released_because = 'x'"
        " WHERE card_id = %s",
        sound.lot.cards[1],
    )
    found = await sound.found()
    assert found["given_card_has_no_line"] == [str(sound.lot.cards[1])]
    assert found["line_was_not_delivered_its_cards"] == [str(sound.unseen_line)]


async def test_a_card_sold_and_available_again_is_named(sound: Sound) -> None:
    sound.break_("UPDATE stock.cards SET state = 'available' WHERE id = %s", sound.lot.cards[0])
    assert await sound.found() == {
        "kept_card_has_a_line": [str(sound.lot.cards[0])],
        "lot_counts_what_is_not_there": [str(sound.lot.id)],
    }


async def test_a_card_that_hides_that_it_was_seen_is_named(sound: Sound) -> None:
    sound.break_("UPDATE stock.cards SET state = 'allocated' WHERE id = %s", sound.lot.cards[0])
    assert await sound.found() == {
        "card_state_denies_its_reveal": [str(sound.lot.cards[0])],
        "lot_counts_what_is_not_there": [str(sound.lot.id)],
    }


async def test_a_state_that_nobody_knows_is_named(sound: Sound) -> None:
    with sound.without("stock.cards", "card_state_is_known"):
        sound.break_("UPDATE stock.cards SET state = 'lost' WHERE id = %s", sound.lot.cards[2])
        found = await sound.found(touched=False)  # nobody ever had it
    assert found["card_state_unknown"] == [str(sound.lot.cards[2])]


async def test_a_card_reserved_for_a_reservation_that_ended_is_named(sound: Sound) -> None:
    promise_id = await reserve(sound, "used")
    found = await sound.found()
    assert found["reserved_card_has_no_reservation"] == [str(sound.lot.cards[2])]
    sound.break_(
        "UPDATE stock.reservations SET state = 'held', ended_at = NULL, quantity = 1 WHERE id = %s",
        promise_id,
    )
    assert "reserved_card_has_no_reservation" not in await sound.found()


async def test_a_card_reserved_for_another_sku_is_named(sound: Sound) -> None:
    await reserve(sound, "held")
    sound.break_(
        "UPDATE stock.reservations SET sku_id ="
        " (SELECT id FROM catalog.skus WHERE code = 'mgtv-year')"
    )
    found = await sound.found()
    assert found["reserved_card_is_of_another_sku"] == [str(sound.lot.cards[2])]


async def test_a_reservation_that_keeps_too_many_cards_is_named(sound: Sound) -> None:
    promise_id = await reserve(sound, "held", sound.lot.cards[2], sound.lot.cards[3])
    assert (await sound.found())["reservation_keeps_too_many"] == [str(promise_id)]


@pytest.mark.parametrize("counter", ["available", "allocated", "revealed", "quarantined", "void"])
async def test_a_counter_that_is_off_by_one_names_its_lot(sound: Sound, counter: str) -> None:
    sound.break_(f"UPDATE stock.lots SET {counter} = {counter} + 1 WHERE id = %s", sound.lot.id)
    assert (await sound.found())["lot_counts_what_is_not_there"] == [str(sound.lot.id)]


@pytest.mark.parametrize("counter", ["available", "allocated", "revealed", "quarantined"])
async def test_a_shared_lots_counter_that_is_off_by_one_names_it(
    sound: Sound, counter: str
) -> None:
    sound.break_(f"UPDATE stock.lots SET {counter} = {counter} + 1 WHERE id = %s", sound.shared.id)
    assert (await sound.found())["lot_counts_what_is_not_there"] == [str(sound.shared.id)]


async def test_a_card_before_the_head_of_its_lot_is_found(sound: Sound) -> None:
    sound.break_("UPDATE stock.lots SET head = 4 WHERE id = %s", sound.lot.id)
    assert await sound.found() == {"card_waits_before_its_lots_head": [str(sound.lot.id)]}


async def test_a_shared_card_in_a_lot_that_is_not_shared_is_found(sound: Sound) -> None:
    sound.break_("UPDATE stock.cards SET max_uses = 2 WHERE id = %s", sound.lot.cards[2])
    assert await sound.found() == {"card_of_many_uses_is_not_shared": [str(sound.lot.id)]}


async def test_a_shared_card_without_a_free_use_is_found(sound: Sound) -> None:
    sound.break_("UPDATE stock.cards SET max_uses = 2 WHERE id = %s", sound.shared.cards[0])
    assert (await sound.found())["shared_card_offers_no_use"] == [str(sound.shared.id)]


async def test_a_reveal_without_a_record_is_named(sound: Sound) -> None:
    sound.break_("DELETE FROM stock.reveals WHERE card_id = %s", sound.lot.cards[0])
    assert await sound.found() == {
        "card_was_seen_without_a_record": [await allocation(sound, sound.lot.cards[0])]
    }


async def test_a_reveal_that_was_recorded_afterwards_is_named(sound: Sound) -> None:
    sound.break_(
        "UPDATE stock.reveals SET at = at + interval '1 second' WHERE card_id = %s",
        sound.lot.cards[0],
    )
    assert await sound.found() == {
        "card_was_seen_without_a_record": [await allocation(sound, sound.lot.cards[0])]
    }


async def reserve(sound: Sound, state: str, *cards: UUID) -> UUID:
    """Reserve cards, for one unit."""
    promise_id = new_id()
    async with sound.database.transaction(sound.tenant.id) as tx:
        sku_id = (
            await tx.execute(text("SELECT id FROM catalog.skus WHERE code = 'mgtv-month'"))
        ).scalar_one()
        await tx.execute(
            insert(reservations).values(
                tenant_id=sound.tenant.id,
                id=promise_id,
                sku_id=sku_id,
                quantity=1,
                reason="campaign",
                actor="cli",
                until_at=text("now() + interval '1 day'"),
                state=state,
                ended_at=None if state == "held" else text("now()"),
            )
        )
    sound.break_(
        "UPDATE stock.cards SET state = 'reserved', reservation_id = %s WHERE id = ANY (%s)",
        promise_id,
        list(cards or sound.lot.cards[2:3]),
    )
    return promise_id


async def allocation(sound: Sound, card: UUID) -> str:
    async with sound.database.transaction(sound.tenant.id) as tx:
        found = await tx.execute(
            text("SELECT id FROM stock.allocations WHERE card_id = :card"), {"card": card}
        )
        return str(found.scalar_one())
