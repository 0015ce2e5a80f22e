"""A supplier's house: every order is charged once, and becomes what it is to become."""

from datetime import UTC, datetime, timedelta

import pytest

from kashu.simulators.shop import Clock
from kashu.simulators.suppliers.house import (
    Card,
    Fate,
    House,
    Kind,
    NotMade,
    Order,
    State,
    Trick,
    Why,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def house_at_noon() -> House:
    return House(Clock(lambda: NOON), balance_e4=1_000_000)


def test_an_order_is_charged_when_it_is_made_and_gives_when_it_succeeds() -> None:
    house = house_at_noon()
    order = house.make(house.offer("月卡", 141_250, stock=3), 2, "K1")
    assert house.balance_e4 == 1_000_000 - 282_500
    assert (order.state, order.given) == (State.UNDER_WAY, ())
    house.settle()
    assert (order.state, len(order.given), order.ended_at) == (State.SUCCEEDED, 2, NOON)
    assert order.good.stock == 1


def test_what_is_not_made_takes_nothing() -> None:
    house = house_at_noon()
    good = house.offer("月卡", 141_250, stock=3, most=4)
    gone = house.offer("季卡", 1)
    gone.on_sale = False
    refusals = [
        (None, 1, Why.NO_SUCH_GOOD),
        (gone, 1, Why.NOT_ON_SALE),
        (good, 0, Why.LIMITS),
        (good, 5, Why.LIMITS),
        (good, 4, Why.SOLD_OUT),
        (house.offer("年卡", 1_000_001), 1, Why.NO_MONEY),
    ]
    for wanted, quantity, why in refusals:
        with pytest.raises(NotMade) as raised:
            house.make(wanted, quantity, "K1")
        assert raised.value.why is why
    assert (house.balance_e4, house.orders, good.stock) == (1_000_000, [], 3)


@pytest.mark.parametrize(
    ("fate", "states", "back"),
    [
        (Fate.SUCCEED, [State.SUCCEEDED, State.SUCCEEDED], 0),
        (Fate.WAIT, [State.UNDER_WAY, State.UNDER_WAY], 0),
        (Fate.FAIL, [State.FAILED, State.FAILED], 100),
        (Fate.REFUND, [State.SUCCEEDED, State.REFUNDED], 100),
    ],
)
def test_an_order_meets_its_fate(fate: Fate, states: list[State], back: int) -> None:
    house = house_at_noon()
    house.fates.append(fate)
    order = house.make(house.offer("月卡", 100), 1, "K1")
    for state in states:
        house.settle()
        assert order.state is state
    house.settle()
    assert house.balance_e4 == 1_000_000 - 100 + back
    assert order.refunded_e4 == back


def test_cards_go_wrong_as_they_are_told_to() -> None:
    house = house_at_noon()
    cards = [Card(f"N{n}", f"P{n}") for n in range(12)]
    good = house.offer("月卡", 100, cards=cards)
    fates = [Fate.SUCCEED, Fate.FEWER, Fate.TWICE, Fate.SOLD_BEFORE, Fate.WRONG_FACE]
    house.fates.extend(fates)
    orders = {fate: house.make(good, 2, f"K{n}") for n, fate in enumerate(fates)}
    house.settle()
    given = {fate: [card.number for card in order.given] for fate, order in orders.items()}
    assert given == {
        Fate.SUCCEED: ["N0", "N1"],
        Fate.FEWER: ["N2"],
        Fate.TWICE: ["N4", "N4"],
        Fate.SOLD_BEFORE: ["N0", "N7"],
        Fate.WRONG_FACE: ["N8", "N9"],
    }
    assert orders[Fate.WRONG_FACE].face_value_e4 == 1_000
    assert orders[Fate.SUCCEED].face_value_e4 == 100


def test_an_order_ends_after_the_time_it_takes() -> None:
    house = house_at_noon()
    house.takes = timedelta(seconds=30)
    order = house.make(house.offer("话费", 100, kind=Kind.TOPUP), 1, "K1")
    states = []
    for seconds in (29, 1):
        house.now.advance(timedelta(seconds=seconds))
        house.tick()
        states.append(order.state)
    assert states == [State.UNDER_WAY, State.SUCCEEDED]


def test_only_what_is_under_way_is_cancelled() -> None:
    house = house_at_noon()
    good = house.offer("月卡", 100)
    order, done = house.make(good, 1, "K1"), house.make(good, 1, "K2")
    house.settle_one(done)
    assert (house.cancel(order), house.cancel(done), house.cancel(order)) == (True, False, False)
    assert (order.state, house.balance_e4) == (State.FAILED, 1_000_000 - 100)


def test_a_number_is_known_unless_it_is_to_be_charged_twice() -> None:
    house = house_at_noon()
    order = house.make(house.offer("月卡", 100), 1, "K1")
    assert house.known("K1") is order
    house.tricks.add(Trick.CHARGES_TWICE)
    assert house.known("K1") is None
    assert house.of_number("K1") is order


def test_prices_are_told_wrong_and_charged_right() -> None:
    house = house_at_noon()
    good = house.offer("月卡", 141_250)
    told = {}
    for trick in (Trick.PRICE_1000, Trick.PRICE_ZERO, Trick.PRICE_NEGATIVE):
        house.tricks = {trick}
        told[trick] = house.told_price_e4(good)
    assert list(told.values()) == [141_250_000, 0, -141_250]
    assert house.make(good, 1, "K1").charged_e4 == 141_250


def test_whoever_watches_is_told_of_each_end() -> None:
    house = house_at_noon()
    told: list[tuple[str, State]] = []

    def watch(order: Order) -> None:
        told.append((order.number, order.state))

    house.watchers.append(watch)
    house.fates.extend([Fate.REFUND, Fate.WAIT])
    good = house.offer("月卡", 100)
    house.make(good, 1, "K1")
    house.make(good, 1, "K2")
    for _ in range(3):
        house.settle()
    assert told == [("K1", State.SUCCEEDED), ("K1", State.REFUNDED)]
