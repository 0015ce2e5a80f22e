"""JD asks, over sockets, and gets its answer from the real application and its sweeps."""

import asyncio

import pytest

from tests.asked.conftest import Either


async def test_cards_in_stock_leave_with_the_answer(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(3)
    order = yard.sell(2)
    await yard.ask(order)
    assert (order.state, len(order.cards), order.told) == ("done", 2, [])
    assert await yard.step(order) == ("confirmed", "")
    assert (await yard.given(), await yard.seen()) == (2, 2)
    await yard.run()
    assert order.told == []
    await yard.assert_sound()


async def test_the_same_ask_twenty_times_has_one_effect(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(5)
    order = yard.sell(2)
    await yard.ask(order)
    cards = order.cards
    for _ in range(19):
        order.state = "open"  # it lost our answer
        await yard.ask(order)
        assert order.cards == cards
    assert (await yard.given(), await yard.seen()) == (2, 40)
    assert await yard.step(order) == ("confirmed", "")
    await yard.assert_sound()


async def test_the_same_ask_twenty_times_at_once_has_one_effect(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(5)
    order = yard.sell(2)
    await asyncio.gather(*(yard.platform.ask(order) for _ in range(20)))
    await yard.served.rests()
    await yard.run()
    assert (order.state, len(order.cards), await yard.given()) == ("done", 2, 2)
    assert await yard.step(order) == ("confirmed", "")
    await yard.assert_sound()


async def test_a_question_before_its_order_is_never_called_failed(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1)
    order = yard.sell()
    await yard.question(order)
    assert order.state in {"open", "paused"}
    await yard.ask(order)
    assert order.state == "done"


async def test_a_question_afterwards_gets_the_same_cards(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(3)
    order = yard.sell(2)
    await yard.ask(order)
    cards, order.state, order.cards = order.cards, "open", []
    await yard.question(order)
    assert (order.state, order.cards) == ("done", cards)
    assert (await yard.given(), await yard.seen()) == (2, 4)


async def test_an_unmapped_order_waits_and_is_told_once_it_is_mapped(yard: Either) -> None:
    await yard.stock(2)
    order = yard.sell(2)
    await yard.ask(order)
    assert (order.state, await yard.step(order)) == ("open", ("unmapped", "listing_not_mapped"))
    await yard.question(order)
    assert order.state == "open"
    await yard.map()
    await yard.run()
    assert (order.state, order.told, len(order.cards)) == ("done", [yard_done(yard)], 2)
    assert await yard.step(order) == ("confirmed", "")
    await yard.assert_sound()


async def test_a_short_order_waits_and_is_told_once_stock_arrives(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1)
    order = yard.sell(2)
    await yard.ask(order)
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("taken", "short"))
    assert await yard.given() == 0  # one of two would be of no use to anybody
    await yard.stock(1)
    await yard.run()
    assert (order.state, len(order.cards)) == ("done", 2)
    assert await yard.step(order) == ("confirmed", "")
    await yard.assert_sound()


async def test_a_short_order_is_answered_when_it_is_asked_for_again(yard: Either) -> None:
    await yard.learnt()
    order = yard.sell()
    await yard.ask(order)
    await yard.stock(1)
    await yard.question(order)
    assert order.state == "open"
    await yard.run(1)
    assert order.state == "done"


async def test_a_stopped_store_gives_nothing_and_says_in_progress(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1)
    await yard.mode("stopped")
    order = yard.sell()
    await yard.ask(order)
    await yard.question(order)
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("due", ""))
    assert await yard.given() == 0
    await yard.mode("automatic")
    await yard.run()
    assert order.state == "done"


@pytest.mark.parametrize("mode", ["shadow", "assisted"])
async def test_what_is_not_automatic_says_in_progress(yard: Either, mode: str) -> None:
    await yard.learnt()
    await yard.stock(1)
    await yard.mode(mode)
    order = yard.sell()
    await yard.ask(order)
    await yard.question(order)
    await yard.run()
    assert (order.state, await yard.given(), await yard.seen()) == ("open", 0, 0)


async def test_a_listing_whose_cards_leave_by_hand_waits_for_a_person(yard: Either) -> None:
    await yard.learnt(sends_card=False)
    await yard.stock(1)
    order = yard.sell()
    await yard.ask(order)
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("taken", "to_be_handed_over"))
    known = (await yard.row(order)).id
    answer = await yard.owner.post(f"/v1/shop-orders/{known}/handed-over")
    assert answer.status_code == 200, answer.text
    await yard.run()
    assert (order.state, len(order.cards)) == ("done", 1)


async def test_what_the_merchant_refuses_for_want_of_stock_has_failed(yard: Either) -> None:
    await yard.learnt()
    await yard.refuses_shortage()
    await yard.stock(1)
    order = yard.sell(2)
    await yard.ask(order)
    if order.state == "open":  # out of stock: JD comes again, and asks
        await yard.question(order)
    assert order.state == "refunded"
    assert await yard.step(order) == ("ended", "out_of_stock")
    assert (await yard.given(), await yard.seen()) == (0, 0)
    await yard.stock(5)
    await yard.run()
    await yard.question(order)
    await yard.ask(order)
    assert (await yard.given(), order.cards) == (0, [])
    assert await yard.refund_steps() == [("settled", "nothing_left_to_refund")]
    await yard.assert_sound()


async def test_a_failure_whose_answer_was_lost_is_told_later(yard: Either) -> None:
    await yard.learnt()
    await yard.refuses_shortage()
    order = yard.sell()
    yard.served.lose = 1
    await yard.ask(order)
    assert order.state == "open"
    await yard.run(1)  # the answer may still be on its way
    assert order.told == []
    await yard.run(2)
    if yard.is_game:  # a failure is believed once it is asked about
        await yard.question(order)
    assert (order.state, await yard.step(order)) == ("refunded", ("ended", "out_of_stock"))


async def test_after_a_crash_between_reveal_and_answer_the_same_cards_are_given(
    yard: Either,
) -> None:
    await yard.learnt()
    await yard.stock(5)
    order = yard.sell(2)
    yard.served.lose = 1
    await yard.ask(order)
    assert (order.state, await yard.given(), await yard.seen()) == ("open", 2, 2)
    row = await yard.row(order)
    assert (row.step, row.doubt) == ("taken", True)
    await yard.question(order)
    assert (order.state, len(order.cards), await yard.given()) == ("done", 2, 2)
    assert await yard.step(order) == ("confirmed", "")
    await yard.assert_sound()


async def test_after_a_crash_that_nobody_asks_about_the_same_cards_are_told(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(5)
    order = yard.sell(2)
    yard.served.lose = 1
    await yard.ask(order)
    await yard.run(3)
    assert (order.state, order.told, await yard.given()) == ("done", [yard_done(yard)], 2)
    assert await yard.step(order) == ("confirmed", "")


async def test_a_call_back_that_is_not_answered_is_made_again(yard: Either) -> None:
    await yard.learnt()
    order = yard.sell()
    await yard.ask(order)
    await yard.stock(1)
    yard.platform.says.extend([b"<html>", b"{}", b"\xff"])
    await yard.run(1)
    assert (order.state, (await yard.row(order)).doubt) == ("open", True)
    await yard.run(6)
    assert (order.state, await yard.given(), await yard.step(order)) == (
        "done",
        1,
        ("confirmed", ""),
    )


async def test_an_order_that_comes_again_as_another_goes_to_a_person(yard: Either) -> None:
    await yard.learnt()
    order = yard.sell(1)
    await yard.ask(order)
    order.quantity = 3
    await yard.stock(9)
    await yard.ask(order)
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "order_changed"))


async def test_a_listing_of_several_cards_goes_to_a_person(yard: Either) -> None:
    """JD wants as many cards as were bought: two for one can't be said."""
    await yard.learnt(units=2)
    await yard.stock(4)
    order = yard.sell(1)
    await yard.ask(order)
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "one_card_each"))
    assert await yard.given() == 0


def yard_done(yard: Either) -> str:
    """How the platform writes that an order is done."""
    return "0" if yard.is_game else "1"
