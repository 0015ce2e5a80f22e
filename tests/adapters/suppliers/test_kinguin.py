"""Kinguin: euros from text, nine at once, text keys only, and numbers that aren't unique there."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from kashu.adapters.suppliers.exact import Unreadable, code_of, e4_of, moment, number_of
from kashu.adapters.suppliers.kinguin import KinguinUpstream
from kashu.core.clock import now
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.faults import Fault
from kashu.simulators.suppliers.house import Trick
from kashu.simulators.suppliers.kinguin import (
    WEBHOOK_SECRET,
    Failure,
    KinguinSimulator,
    their_number,
)
from kashu.suppliers.conformance import Fate
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import (
    InputRefused,
    NoSuchPurchase,
    NoticeNotAuthentic,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Login, NoticeRequest, OrderState, Signal
from tests.adapters.suppliers.world_kinguin import PROVED
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

UPSTREAM = KinguinUpstream()


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as opened:
        yield opened


def _there(world: SimulatedWorld) -> KinguinSimulator:
    assert isinstance(world.side.app, KinguinSimulator)
    return world.side.app


@pytest.mark.parametrize(
    ("written", "amount_e4"),
    [
        (b"5.79", 57_900),
        (b"0.1", 1_000),
        (b'"5.29"', 52_900),
        (b"4.35", 43_500),  # 43499.999… through a float
        (b"5.789999999999999", 57_900),  # their own float's noise
        (b"1e2", 1_000_000),
        (b"9007199254.74", 90_071_992_547_400),
        (b"0", 0),
    ],
)
def test_an_amount_is_read_from_its_text(written: bytes, amount_e4: int) -> None:
    assert e4_of(msgspec.json.decode(written, type=Decimal)) == amount_e4


@pytest.mark.parametrize("written", ["-0.01", "1e999999", "10000000000.01", "NaN", "Infinity"])
def test_what_is_no_amount_is_unreadable_and_its_value_untold(written: str) -> None:
    with pytest.raises(Unreadable) as caught:
        e4_of(Decimal(written))
    assert written not in str(caught.value)


def test_a_price_is_rounded_against_us() -> None:
    assert e4_of(Decimal("1.00001"), up=True) == 10_001
    assert bytes(number_of(57_900)) == b"5.79"


def test_texts_that_are_no_codes_and_times_without_a_zone_are_not_believed() -> None:
    assert code_of("OrderFailed") == "OrderFailed"
    assert code_of("<b>" * 9) == code_of("x" * 41) == code_of("密") == "?"
    assert moment("2026-01-01 00:00:00") is moment(None) is moment("soon") is None


async def test_text_keys_are_asked_for_at_our_price_in_cents(world: SimulatedWorld) -> None:
    offered = await world.offer("Game", 57_900)
    order = replace(order_of(world, offered, 2), total_max_e4=2 * 57_900 + 199)
    await UPSTREAM.place(world.link, order)
    [_, path, body] = _there(world).asked[0]
    assert path == "/v2/order"
    line = {"productId": offered.ref, "qty": 2, "price": 5.79, "keyType": "text"}
    assert json.loads(body) == {"products": [line], "orderExternalId": order.number}
    assert b'"price":5.79,' in body


async def test_more_than_nine_at_once_are_not_sent(world: SimulatedWorld) -> None:
    offered = await world.offer("Game", 57_900)
    for wrong in (
        replace(order_of(world, offered), quantity=10),
        replace(order_of(world, offered), goods=Goods.TOPUP),
    ):
        with pytest.raises(InputRefused):
            await UPSTREAM.place(world.link, wrong)
    assert _there(world).asked == []


async def test_why_something_is_unavailable_is_looked_up(world: SimulatedWorld) -> None:
    dear, gone, few = [await world.offer(name, 57_900, stock=1) for name in "abc"]
    await world.withdraw(gone)
    cheap = replace(order_of(world, dear), total_max_e4=57_800)
    with pytest.raises(PriceAbove):
        await UPSTREAM.place(world.link, cheap)
    with pytest.raises(ProductGone):
        await UPSTREAM.place(world.link, order_of(world, gone))
    with pytest.raises(SoldOut):
        await UPSTREAM.place(world.link, order_of(world, few, 2))
    world.side.app.faults.placing.append(Fault.UNKNOWN_CODE)
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.place(world.link, order_of(world, few))
    assert world.house.orders == []


async def test_a_refusal_stays_one_though_the_reason_cannot_be_read(
    world: SimulatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = await world.offer("Game", 57_900)
    await world.refuse("ProductUnavailable")
    order = order_of(world, offered)
    faults = world.side.app.faults
    draw = faults.draw

    def reading_fails(now: datetime, *, places: bool) -> Fault | None:
        return draw(now, places=True) if places else Fault.ERROR_BEFORE

    monkeypatch.setattr(faults, "draw", reading_fails)
    with pytest.raises(SoldOut):
        await UPSTREAM.place(world.link, order)
    assert world.house.orders == []


async def test_pictures_are_no_cards_and_the_others_are_told(world: SimulatedWorld) -> None:
    offered = await world.offer("Game", 57_900)
    order = order_of(world, offered, 3)
    await UPSTREAM.place(world.link, order)
    await world.settle()
    _there(world).pictures = 1
    told = await UPSTREAM.ask(world.link, order)
    given = world.house.orders[0].given
    assert [card.password for card in told.cards or ()] == [card.text for card in given[1:]]
    assert told.said == "completed: 1 image"


async def test_keys_that_are_not_there_yet_are_asked_for_again(world: SimulatedWorld) -> None:
    offered = await world.offer("Game", 57_900)
    order = order_of(world, offered)
    await UPSTREAM.place(world.link, order)
    await world.settle()
    made = world.house.orders[0]
    cards, made.cards = made.cards, ()
    early = await UPSTREAM.ask(world.link, order)
    made.cards = cards
    later = await UPSTREAM.ask(world.link, order)
    assert (early.state, early.cards) == (OrderState.SUCCEEDED, None)
    assert later.cards


async def test_two_orders_of_one_number_are_for_people(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("Game", 57_900))
    placed = await UPSTREAM.place(world.link, order)
    await UPSTREAM.place(world.link, order)  # nobody does; there it makes a second one
    assert len(world.house.orders) == 2
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.ask(world.link, order)
    told = await UPSTREAM.ask(world.link, order, placed.their_number)
    assert told.their_number == their_number(world.house.orders[0])


async def test_another_orders_number_is_not_believed(world: SimulatedWorld) -> None:
    offered = await world.offer("Game", 57_900)
    mine, other = order_of(world, offered), order_of(world, offered)
    await UPSTREAM.place(world.link, mine)
    theirs = await UPSTREAM.place(world.link, other)
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.ask(world.link, mine, theirs.their_number)
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.ask(world.link, mine, "PH0/../../v1/balance")
    with pytest.raises(NoSuchPurchase):
        await UPSTREAM.ask(world.link, mine, "PH0")


async def test_a_lock_is_waited_for_when_reading_and_unclear_when_ordering(
    world: SimulatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = _there(world)

    def locked(*_: object) -> None:
        raise Failure("ResourceLock")

    offered = await world.offer("Game", 57_900)
    monkeypatch.setattr(there, "_answer", locked)
    with pytest.raises(SupplierBusy):
        await UPSTREAM.balance(world.link)
    with pytest.raises(SupplierUnclear):
        await UPSTREAM.place(world.link, order_of(world, offered))


async def test_a_refunded_order_is_two_rows_and_a_cancelled_one_none(
    world: SimulatedWorld,
) -> None:
    offered = await world.offer("Game", 57_900)
    for fate in (Fate.REFUND, Fate.FAIL, Fate.SUCCEED):
        await world.plan(fate)
        await UPSTREAM.place(world.link, order_of(world, offered))
    await world.settle()
    await world.settle()
    now = world.link.now()
    hour = timedelta(hours=1)
    page = await UPSTREAM.statement(world.link, now - hour, now + hour)
    assert sorted(row.amount_e4 for row in page.members) == [-57_900, 57_900, 57_900]
    assert {row.currency for row in page.members} == {"EUR"}
    assert (await UPSTREAM.statement(world.link, now + hour, now + 2 * hour)).members == []


def test_notices_of_products_and_of_what_we_do_not_know() -> None:
    login = _login({"webhook_secret": WEBHOOK_SECRET})
    headers = {"x-event-secret": WEBHOOK_SECRET, "x-event-name": "product.update"}
    request = NoticeRequest("POST", "/", "", headers, b'{"productId":"5c9b"}')
    told = UPSTREAM.read_notice(login, request, now())
    assert (told.signal, told.ref) == (Signal.PRODUCT, "5c9b")
    other = replace(request, headers={**headers, "x-event-name": "something.else"})
    assert UPSTREAM.read_notice(login, other, now()).signal is Signal.OTHER
    with pytest.raises(NoticeNotAuthentic):
        UPSTREAM.read_notice(_login({}), request, now())


def _login(options: dict[str, str]) -> Login:
    return Login("store", Secret("k"), "", options)


async def test_only_the_products_that_are_named_are_read(world: SimulatedWorld) -> None:
    offers = [await world.offer(f"Game {n}", 57_900) for n in range(30)]
    gone = offers[3]
    await world.withdraw(gone)
    wanted = [each.ref for each in offers[:27]]
    login = replace(world.link.login, options={"products": ", ".join(wanted)})
    link = replace(world.link, login=login)
    first = await UPSTREAM.products(link)
    second = await UPSTREAM.products(link, first.next)
    found = [each.ref for each in (*first.members, *second.members)]
    assert found == [ref for ref in wanted if ref != gone.ref]
    assert second.next is None


async def test_a_price_of_nothing_is_told_so_that_it_can_be_held(world: SimulatedWorld) -> None:
    offered = await world.offer("Game", 57_900)
    world.house.tricks.add(Trick.PRICE_ZERO)
    assert (await UPSTREAM.product(world.link, offered.ref)).unit_cost_e4 == 0
    world.house.tricks = {Trick.PRICE_NEGATIVE}
    page = await UPSTREAM.products(world.link)
    assert (page.members, page.wrong) == ([], 1)
