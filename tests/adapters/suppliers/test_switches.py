"""Each simulator's switches do what they say, whatever protocol it speaks."""

from contextlib import suppress

import pytest

from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Fault
from kashu.simulators.suppliers.house import Trick
from kashu.suppliers.conformance.world import ended, offered_of, order_of
from kashu.suppliers.upstream import Can, Repeats, Upstream
from tests.adapters.suppliers.exchanges import UNHURRIED
from tests.adapters.suppliers.worlds import SimulatedWorld, all_proved, world_of

PROVED = {proved.upstream.name: proved for proved in all_proved()}
NOTICING = [name for name, proved in PROVED.items() if Can.NOTICE in proved.upstream.can]


async def told_price(upstream: Upstream, world: SimulatedWorld, ref: str) -> int | str | None:
    await world.pass_time(UNHURRIED)
    try:
        return (await upstream.product(world.link, ref)).unit_cost_e4
    except OutsideError as error:
        return error.code


@pytest.mark.parametrize("name", PROVED)
async def test_prices_are_told_wrong_until_the_trick_is_taken_off(name: str) -> None:
    upstream = PROVED[name].upstream
    async with world_of(PROVED[name]) as world:
        offered = await offered_of(upstream, world)
        right = offered.unit_cost_e4
        world.house.tricks = {Trick.PRICE_1000}
        assert await told_price(upstream, world, offered.ref) == 1000 * right
        for trick in (Trick.PRICE_ZERO, Trick.PRICE_NEGATIVE):
            world.house.tricks = {trick}
            told = await told_price(upstream, world, offered.ref)
            assert told == 0 or isinstance(told, str)
        world.house.tricks = set()
        assert await told_price(upstream, world, offered.ref) == right


@pytest.mark.parametrize("name", PROVED)
async def test_a_number_that_is_there_is_charged_twice_only_with_the_trick(name: str) -> None:
    upstream = PROVED[name].upstream
    async with world_of(PROVED[name]) as world:
        order = order_of(world, await offered_of(upstream, world))
        for count in (1, 2):
            await world.pass_time(UNHURRIED)
            with suppress(OutsideError):
                await upstream.place(world.link, order)
            kept = upstream.rules.repeats is not Repeats.UNKNOWN or name == "kayixin"
            assert len(world.house.orders) == (1 if kept else count)
        before = len(world.house.orders)
        world.house.tricks = {Trick.CHARGES_TWICE}
        await upstream.place(world.link, order)
        assert len(world.house.orders) == before + 1


@pytest.mark.parametrize("name", NOTICING)
async def test_a_notice_is_of_another_order_with_the_trick(name: str) -> None:
    upstream = PROVED[name].upstream
    async with world_of(PROVED[name]) as world:
        order = order_of(world, await offered_of(upstream, world))
        await ended(upstream, world, order)
        link = world.link
        own = upstream.read_notice(link.login, await world.notice(order.number), link.now())
        assert own.number == order.number
        world.house.tricks = {Trick.NOTICE_OF_ANOTHER}
        other = upstream.read_notice(link.login, await world.notice(order.number), link.now())
        assert other.number not in {"", order.number}


@pytest.mark.parametrize("name", PROVED)
async def test_an_answer_that_drips_comes_at_last_and_was_done(name: str) -> None:
    upstream = PROVED[name].upstream
    async with world_of(PROVED[name]) as world:
        world.side.app.faults.drip_s = 0.0
        order = order_of(world, await offered_of(upstream, world))
        world.side.app.faults.order(Fault.DRIP, placing=True)
        with suppress(Unclear):  # a fault tells no status: where that isn't 200 it is in doubt
            await upstream.place(world.link, order)
        assert [made.number for made in world.house.orders] == [order.number]
