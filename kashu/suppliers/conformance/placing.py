"""Promises about ordering: one order, one charge, and a closed table of refusals."""

from dataclasses import replace
from typing import Final

from kashu.core.errors import OutsideError, Refused, Unavailable, Unclear
from kashu.suppliers.conformance.world import (
    Trouble,
    World,
    at_once,
    check,
    ended,
    expect,
    expect_nothing_bought,
    goods_of,
    made_of,
    offered_of,
    order_of,
    price,
    refused,
)
from kashu.suppliers.errors import BalanceShort, NumberTaken, PriceAbove, ProductGone, SoldOut
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Can, Guard, OrderState, Repeats, Upstream


@check(Can.PLACE)
async def an_order_is_made_and_charged_once(upstream: Upstream, world: World) -> None:
    """With its quantity, at its price; and what is told of it is so."""
    order = order_of(world, await offered_of(upstream, world), at_once(upstream, 2))
    before = await world.money()
    standing = await ended(upstream, world, order)
    made = await made_of(world, order)
    expect(len(await world.orders()) == 1, "there are others")
    expect(made.quantity == order.quantity, "its quantity is another")
    expect(made.charged_e4 == order.total_max_e4, "its charge is another")
    expect(before - await world.money() == order.total_max_e4, "our balance lost another sum")
    expect(standing.state is OrderState.SUCCEEDED, f"it is told as {standing.state}")
    expect(standing.known, "its state isn't known")
    expect(standing.number in {"", order.number}, "another number of ours is told")
    expect(standing.their_number in {"", made.their_number}, "another number of theirs is told")
    expect(standing.quantity in {None, order.quantity}, "another quantity is told")
    expect(standing.ref in {"", order.ref}, "another product is told")
    expect(standing.charged_e4 in {None, made.charged_e4}, "another charge is told")
    expect(type(standing.charged_e4) in {int, type(None)}, "money isn't a whole number")
    expect(standing.refunded_e4 == 0, "some of it is told as paid back")


@check(Can.PLACE)
async def our_number_reaches_them_unchanged(upstream: Upstream, world: World) -> None:
    """All nineteen characters of it."""
    offered = await offered_of(upstream, world)
    orders = [order_of(world, offered) for _ in range(3)]
    for order in orders:
        await ended(upstream, world, order)
    there = [made.number for made in await world.orders()]
    expect(there == [order.number for order in orders], "a number was changed")


@check(Can.PLACE)
async def the_answer_to_an_order_names_it(upstream: Upstream, world: World) -> None:
    """By their number, wherever asking needs it."""
    order = order_of(world, await offered_of(upstream, world))
    standing = await upstream.place(world.link, order)
    made = await made_of(world, order)
    if Can.ASK in upstream.can:
        expect(standing.their_number in {"", made.their_number}, "it names another order")
    else:
        expect(standing.their_number == made.their_number, "it doesn't name the order")


@check(Can.PLACE)
async def the_same_number_never_makes_a_second_order(upstream: Upstream, world: World) -> None:
    """It ends as Rules.repeats says."""
    repeats = upstream.rules.repeats
    if repeats is Repeats.UNKNOWN:
        return  # nobody sends it again
    order = order_of(world, await offered_of(upstream, world))
    first = await ended(upstream, world, order)
    money = await world.money()
    if repeats is Repeats.SAME:
        again = await upstream.place(world.link, order)
        expect(again.their_number == first.their_number, "it is another order")
    else:
        await refused(upstream.place(world.link, order), NumberTaken, said="the second time")
    await made_of(world, order)
    expect(await world.money() == money, "it was charged again")


@check(Can.PLACE)
async def a_documented_refusal_is_what_it_means_and_buys_nothing(
    upstream: Upstream, world: World
) -> None:
    """Each word of the supplier's ends as the table says."""
    offered = await offered_of(upstream, world)
    money = await world.money()
    for word, expected in world.refusals.items():
        await world.refuse(word)
        order = order_of(world, offered)
        error = await refused(upstream.place(world.link, order), expected, said=word)
        if isinstance(error, Refused | Unavailable):
            await expect_nothing_bought(world, money, word)


@check(Can.PLACE)
async def a_refusal_that_nobody_documented_is_unclear(upstream: Upstream, world: World) -> None:
    """It may mean anything: never that nothing was bought."""
    if Trouble.UNKNOWN_CODE not in world.brings:
        return
    order = order_of(world, await offered_of(upstream, world))
    await world.meet(Trouble.UNKNOWN_CODE, placing=True)
    await refused(upstream.place(world.link, order), Unclear, said="an unknown refusal")


def _or_unclear(world: World, error: type[OutsideError]) -> tuple[type[OutsideError], ...]:
    """How such an order ends; unclear only where the supplier has no documented word for it."""
    told = any(issubclass(each, error) for each in world.refusals.values())
    return (error,) if told else (error, Unclear)


@check(Can.PLACE)
async def an_order_beyond_our_balance_buys_nothing(upstream: Upstream, world: World) -> None:
    """It is BalanceShort, so that people top it up."""
    offered = await offered_of(upstream, world)
    await world.set_money(offered.unit_cost_e4 - world.step_e4)
    money = await world.money()
    order = order_of(world, offered)
    ends = _or_unclear(world, BalanceShort)
    await refused(upstream.place(world.link, order), *ends, said="without money")
    await expect_nothing_bought(world, money, "without money")


@check(Can.PLACE)
async def more_than_there_is_buys_nothing(upstream: Upstream, world: World) -> None:
    """It is refused, in the supplier's words, and nothing is bought."""
    if goods_of(upstream) is Goods.TOPUP:
        return  # accounts to top up don't run out
    offered = await world.offer(
        "会员月卡", price(world, 100_000), goods=goods_of(upstream), stock=1
    )
    money = await world.money()
    order = order_of(world, offered, quantity=2)
    ends: tuple[type[OutsideError], ...] = (Refused, *_or_unclear(world, SoldOut))
    await refused(upstream.place(world.link, order), *ends, said="more than there is")
    await expect_nothing_bought(world, money, "more than there is")


@check(Can.PLACE)
async def what_is_gone_is_not_bought(upstream: Upstream, world: World) -> None:
    """A product that isn't sold any more is refused as such, where it is refused."""
    offered = await offered_of(upstream, world)
    await world.withdraw(offered)
    money = await world.money()
    order = order_of(world, offered)
    ends = _or_unclear(world, ProductGone)
    await refused(upstream.place(world.link, order), *ends, said="a product that is gone")
    await expect_nothing_bought(world, money, "a product that is gone")


@check(Can.PLACE)
async def what_costs_more_than_our_limit_is_not_bought(upstream: Upstream, world: World) -> None:
    """Where orders carry a limit: PriceAbove, and nothing is bought."""
    if upstream.rules.guard is Guard.NONE:
        return
    offered = await offered_of(upstream, world)
    money = await world.money()
    cheap = offered.unit_cost_e4 - world.step_e4
    order = replace(order_of(world, offered, 2), unit_cost_e4=cheap, total_max_e4=2 * cheap)
    await refused(upstream.place(world.link, order), PriceAbove, said="above our limit")
    await expect_nothing_bought(world, money, "above our limit")


CHECKS: Final = (
    an_order_is_made_and_charged_once,
    our_number_reaches_them_unchanged,
    the_answer_to_an_order_names_it,
    the_same_number_never_makes_a_second_order,
    a_documented_refusal_is_what_it_means_and_buys_nothing,
    a_refusal_that_nobody_documented_is_unclear,
    an_order_beyond_our_balance_buys_nothing,
    more_than_there_is_buys_nothing,
    what_is_gone_is_not_bought,
    what_costs_more_than_our_limit_is_not_bought,
)
