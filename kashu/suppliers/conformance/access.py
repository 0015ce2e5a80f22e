"""Promises about who we are there, how often we may call, and what no error tells."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

from kashu.core.errors import OutsideError
from kashu.suppliers.conformance.world import (
    Trouble,
    World,
    check,
    expect,
    expect_nothing_bought,
    made_of,
    offered_of,
    order_of,
    refused,
    told_by,
)
from kashu.suppliers.errors import ClockRefused, LoginRefused, SupplierBusy
from kashu.suppliers.upstream import Can, Upstream

AT_ONCE: Final = 6
ENOUGH: Final = 8  # letters of a secret that nobody has by chance


@check(Can.PLACE)
async def a_login_that_is_not_ours_is_refused(upstream: Upstream, world: World) -> None:
    """As LoginRefused, whatever is called, and nothing is bought."""
    order = order_of(world, await offered_of(upstream, world))
    money = await world.money()
    link = world.stranger
    await refused(upstream.place(link, order), LoginRefused, said="a stranger's order")
    await expect_nothing_bought(world, money, "a stranger's order")
    if Can.BALANCE in upstream.can:
        await refused(upstream.balance(link), LoginRefused, said="a stranger's balance")
    if Can.LIST_PRODUCTS in upstream.can:
        await refused(upstream.products(link), LoginRefused, said="a stranger's products")


@check(Can.PLACE)
async def a_wrong_clock_is_told_as_such(upstream: Upstream, world: World) -> None:
    """And nothing is bought."""
    if not world.checks_clock:
        return
    order = order_of(world, await offered_of(upstream, world))
    money = await world.money()
    now = world.link.now
    late = replace(world.link, now=lambda: now() - timedelta(days=1))
    await refused(upstream.place(late, order), ClockRefused, said="yesterday's order")
    await expect_nothing_bought(world, money, "yesterday's order")


@check(Can.PLACE)
async def a_limit_of_calls_says_how_long_to_wait(upstream: Upstream, world: World) -> None:
    """Nothing was bought; we wait and come again, and no person is needed."""
    if Trouble.THROTTLED not in world.brings:
        return
    order = order_of(world, await offered_of(upstream, world))
    money = await world.money()
    await world.meet(Trouble.THROTTLED, placing=True)
    error = await refused(upstream.place(world.link, order), SupplierBusy, said="over a limit")
    wait_s = error.facts.get("wait_s")
    expect(isinstance(wait_s, int | float) and wait_s > 0, "it doesn't say how long to wait")
    await expect_nothing_bought(world, money, "over a limit")
    await upstream.place(world.link, order)
    await made_of(world, order)


@check(Can.PLACE)
async def no_error_tells_a_secret(upstream: Upstream, world: World) -> None:
    """Neither our secrets, nor an account that is topped up, nor our notice address."""
    order = order_of(world, await offered_of(upstream, world))
    link = world.link
    hidden = [link.login.secret.clear, *order.inputs.values()]
    hidden += [link.login.options.get(name, "") for name in upstream.secret_options]
    hidden = [text for text in [*hidden, order.notice_url] if len(text) >= ENOUGH]
    expect(not any(text in repr(link) for text in hidden), "a link's repr tells a secret")
    for trouble in sorted(world.brings - {Trouble.UNKNOWN_STATE, Trouble.HUGE}):
        sent = replace(order, number=f"K{trouble.value.replace('_', '')[:18]}")
        await world.meet(trouble, placing=True)
        error = await refused(upstream.place(link, sent), OutsideError, said=trouble.value)
        told = told_by(error)
        expect(not any(text in told for text in hidden), f"after {trouble} it tells a secret")
    for word in world.refusals:
        await world.refuse(word)
        sent = order_of(world, await offered_of(upstream, world))
        error = await refused(upstream.place(link, sent), OutsideError, said=word)
        expect(not any(text in told_by(error) for text in hidden), f"{word}: it tells a secret")


@check(Can.PLACE)
async def calls_at_once_do_not_mix(upstream: Upstream, world: World) -> None:
    """An adapter keeps nothing: a stranger's failing calls beside ours change nothing."""
    offered = await offered_of(upstream, world)
    orders = [order_of(world, offered) for _ in range(AT_ONCE)]
    if upstream.rules.one_at_a_time:
        orders = orders[:1]
    strange = [order_of(world, offered) for _ in range(AT_ONCE)]
    told = await asyncio.gather(
        *(upstream.place(world.link, order) for order in orders),
        *(upstream.place(world.stranger, order) for order in strange),
        return_exceptions=True,
    )
    ours, others = told[: len(orders)], told[len(orders) :]
    for order, standing in zip(orders, ours, strict=True):
        expect(not isinstance(standing, BaseException), f"ours ended in {type(standing).__name__}")
        made = await made_of(world, order)
        number = getattr(standing, "their_number", "")
        expect(number in {"", made.their_number}, "an order is another")
    expect(all(isinstance(error, LoginRefused) for error in others), "a stranger was let in")
    expect(len(await world.orders()) == len(orders), "there are others")


CHECKS: Final = (
    a_login_that_is_not_ours_is_refused,
    a_wrong_clock_is_told_as_such,
    a_limit_of_calls_says_how_long_to_wait,
    no_error_tells_a_secret,
    calls_at_once_do_not_mix,
)
