"""Promises about our money there, and about what is asked around an order."""

from datetime import timedelta
from typing import Final

from kashu.suppliers.conformance.world import (
    PAGES_MAX,
    Fate,
    NotConforming,
    World,
    asked,
    at_once,
    check,
    ended,
    expect,
    goods_of,
    made_of,
    offered_of,
    order_of,
    price,
)
from kashu.suppliers.errors import NotCancelled
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Can, Charge, OrderState, Upstream

AWKWARD_E4: Final = (0, 100, 2_900, 141_250, 655_350_100, 90_071_992_547_400)


@check(Can.BALANCE)
async def our_balance_is_told_exactly(upstream: Upstream, world: World) -> None:
    """To the last decimal that the supplier has."""
    for amount_e4 in AWKWARD_E4:
        there = price(world, amount_e4)
        await world.set_money(there)
        told = await upstream.balance(world.link)
        expect(told.amount_e4 == there, f"{there} is told as {told.amount_e4}")
        expect(type(told.amount_e4) is int, "money isn't a whole number")
        expect(told.currency == upstream.rules.currency, "its currency is another")


@check(Can.BALANCE, Can.PLACE)
async def an_order_is_seen_in_our_balance(upstream: Upstream, world: World) -> None:
    """What it was charged is gone."""
    before = await upstream.balance(world.link)
    order = order_of(world, await offered_of(upstream, world), at_once(upstream, 2))
    await ended(upstream, world, order)
    after = await upstream.balance(world.link)
    expect(before.amount_e4 - after.amount_e4 == order.total_max_e4, "another sum is gone")


async def _charges(upstream: Upstream, world: World) -> list[Charge]:
    end = world.link.now() + timedelta(minutes=1)
    begin = end - timedelta(hours=23)
    page = await upstream.statement(world.link, begin, end)
    found = [*page.members]
    for _ in range(PAGES_MAX):
        if page.next is None:
            return found
        page = await upstream.statement(world.link, begin, end, page.next)
        found += page.members
    raise NotConforming("there is always another page")


@check(Can.STATEMENT, Can.PLACE)
async def a_statement_tells_each_charge_once(upstream: Upstream, world: World) -> None:
    """By our number or theirs, exactly, however many pages it takes."""
    cost, goods = price(world, 141_250), goods_of(upstream)
    offered = await world.offer("会员月卡", cost, goods=goods, stock=50)
    orders = [order_of(world, offered, 1 + n % 2) for n in range(25)]
    for order in orders:
        await ended(upstream, world, order)
    found = await _charges(upstream, world)
    for made in await world.orders():
        rows = [
            row
            for row in found
            if made.their_number == row.their_number or made.number == row.number
        ]
        expect(len(rows) == 1, f"an order is told {len(rows)} times")
        expect(rows[0].amount_e4 == made.charged_e4, "another sum is told")
        expect(rows[0].currency == upstream.rules.currency, "its currency is another")
        expect(rows[0].number in {"", made.number}, "another number of ours is told")
        expect(rows[0].quantity in {None, made.quantity}, "another quantity is told")
    expect(len(found) == len(orders), "there are others")


@check(Can.CANCEL, Can.PLACE)
async def a_cancelled_order_costs_nothing(upstream: Upstream, world: World) -> None:
    """That it was is learnt by asking; NotCancelled says that it goes on."""
    if Fate.WAIT not in world.fates:
        return
    money = await world.money()
    await world.plan(Fate.WAIT)
    order = order_of(world, await offered_of(upstream, world))
    standing = await upstream.place(world.link, order)
    await world.pass_time(upstream.rules.ask_after)
    try:
        await upstream.cancel(world.link, order, standing.their_number, "拍错了")
    except NotCancelled:
        made = await made_of(world, order)
        expect(made.state is OrderState.PROCESSING, f"it doesn't go on: {made.state}")
        return
    told = await asked(upstream, world, order, standing)
    states = {OrderState.FAILED, OrderState.REFUNDED}
    expect(told.state in states, f"it is told as {told.state}")
    expect(await world.money() == money, "its money isn't back")


@check(Can.CHECK_ACCOUNT)
async def an_account_that_cannot_be_topped_up_is_told(upstream: Upstream, world: World) -> None:
    """And one that can be, too."""
    offered = await world.offer("话费充值", price(world, 300_000), goods=Goods.TOPUP)
    inputs = await upstream.inputs(world.link, offered.ref) if _reads(upstream) else ()
    key = next((each.key for each in inputs if each.is_account), next(iter(offered.inputs)))
    good = await upstream.check_account(world.link, offered.ref, offered.inputs[key])
    bad = await upstream.check_account(world.link, offered.ref, world.bad_account)
    expect(good.ok, "a good account is refused")
    expect(not bad.ok, "a bad account is let through")
    told = f"{good!r} {bad!r}"
    expect(offered.inputs[key] not in told, "a repr tells the account")


def _reads(upstream: Upstream) -> bool:
    return Can.READ_INPUTS in upstream.can


CHECKS: Final = (
    our_balance_is_told_exactly,
    an_order_is_seen_in_our_balance,
    a_statement_tells_each_charge_once,
    a_cancelled_order_costs_nothing,
    an_account_that_cannot_be_topped_up_is_told,
)
