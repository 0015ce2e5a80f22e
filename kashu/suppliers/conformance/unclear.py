"""Promises about answers that tell nothing: it may have happened, and asking finds out."""

from typing import Final

from kashu.core.errors import OutsideError, Unavailable, Unclear
from kashu.suppliers.conformance.world import (
    NotConforming,
    Trouble,
    World,
    check,
    expect,
    made_of,
    offered_of,
    order_of,
    refused,
)
from kashu.suppliers.errors import AnswerLost, NoSuchPurchase
from kashu.suppliers.upstream import Can, Order, OrderState, Upstream


async def _ask(upstream: Upstream, world: World, order: Order) -> OutsideError | None:
    """Ask by our number only, as whoever never got an answer; None: an order is told."""
    await world.pass_time(upstream.rules.ask_after)
    try:
        standing = await upstream.ask(world.link, order)
    except (NoSuchPurchase, AnswerLost) as error:
        return error
    except Exception as error:
        raise NotConforming(f"asking ended in {type(error).__name__}") from error
    expect(standing.state is not OrderState.FAILED, "what was ordered is told as failed")
    return None


async def _is_bought_once(upstream: Upstream, world: World, order: Order, money: int) -> None:
    made = await made_of(world, order)
    expect(made.charged_e4 == order.total_max_e4, "its charge is another")
    expect(money - await world.money() == made.charged_e4, "our balance lost another sum")
    del upstream


@check(Can.PLACE)
async def an_order_without_an_answer_is_unclear(upstream: Upstream, world: World) -> None:
    """Neither refused nor to be tried again, though it was done: one order is there."""
    offered = await offered_of(upstream, world)
    for trouble in (Trouble.SILENT_AFTER, Trouble.ERROR_AFTER):
        order, money = order_of(world, offered), await world.money()
        await world.meet(trouble, placing=True)
        await refused(upstream.place(world.link, order), Unclear, said=trouble.value)
        await _is_bought_once(upstream, world, order, money)


@check(Can.PLACE, Can.ASK)
async def an_order_without_an_answer_is_found_by_asking(upstream: Upstream, world: World) -> None:
    """Once, by our number; AnswerLost where only people get its cards."""
    offered = await offered_of(upstream, world)
    for trouble in (Trouble.SILENT_AFTER, Trouble.ERROR_AFTER):
        order, money = order_of(world, offered), await world.money()
        await world.meet(trouble, placing=True)
        await refused(upstream.place(world.link, order), Unclear, said=trouble.value)
        for _ in range(2):
            answer = await _ask(upstream, world, order)
            expect(not isinstance(answer, NoSuchPurchase), "it is there, and not found")
        await _is_bought_once(upstream, world, order, money)


@check(Can.PLACE, Can.ASK)
async def an_order_that_never_arrived_is_not_found(upstream: Upstream, world: World) -> None:
    """It is unclear first. Asked for, it isn't there; or it is sent again, once, and is."""
    offered = await offered_of(upstream, world)
    for trouble in (Trouble.SILENT_BEFORE, Trouble.ERROR_BEFORE):
        order, money = order_of(world, offered), await world.money()
        made = len(await world.orders())
        await world.meet(trouble, placing=True)
        await refused(upstream.place(world.link, order), Unclear, said=trouble.value)
        expect(len(await world.orders()) == made, f"{trouble}: it was sent twice")
        answer = await _ask(upstream, world, order)
        expect(not isinstance(answer, AnswerLost), "nothing was bought, and it is told as lost")
        if answer is None:
            await _is_bought_once(upstream, world, order, money)
        else:
            expect(len(await world.orders()) == made, "it isn't found, and it is there")
            expect(await world.money() == money, "it isn't found, and was charged")


@check(Can.ASK)
async def an_order_that_nobody_made_is_not_made_up(upstream: Upstream, world: World) -> None:
    """Whatever asking says is so there: no such order, or one."""
    order, money = order_of(world, await offered_of(upstream, world)), await world.money()
    answer = await _ask(upstream, world, order)
    if answer is None:
        await _is_bought_once(upstream, world, order, money)
    else:
        expect(isinstance(answer, NoSuchPurchase), "it is told as lost")
        expect(not await world.orders(), "an order was made")


async def _meets(upstream: Upstream, world: World, trouble: Trouble) -> None:
    """Order, ask and read while that happens, and again afterwards."""
    if trouble not in world.brings:
        return
    offered = await offered_of(upstream, world)
    order = order_of(world, offered)
    await world.meet(trouble, placing=True)
    await refused(upstream.place(world.link, order), Unclear, said=f"place, {trouble}")
    there = [made for made in await world.orders() if made.number == order.number]
    expect(len(there) <= 1, "it was sent twice")
    known = order_of(world, offered)
    standing = await upstream.place(world.link, known)
    errors = (Unclear, Unavailable)
    await world.pass_time(upstream.rules.ask_after)
    await world.meet(trouble)
    asking = upstream.ask(world.link, known, standing.their_number)
    await refused(asking, *errors, said=f"ask, {trouble}")
    if Can.LIST_PRODUCTS in upstream.can:
        await world.meet(trouble)
        await refused(upstream.products(world.link), *errors, said=f"products, {trouble}")
    if Can.BALANCE in upstream.can:
        await world.meet(trouble)
        await refused(upstream.balance(world.link), *errors, said=f"balance, {trouble}")
    told = await upstream.ask(world.link, known, standing.their_number)
    expect(told.state is not OrderState.FAILED, "afterwards it is told as failed")
    await made_of(world, known)


@check(Can.PLACE)
async def an_error_of_the_suppliers_is_unclear(upstream: Upstream, world: World) -> None:
    """A 500 doesn't say whether anything was done."""
    await _meets(upstream, world, Trouble.ERROR_BEFORE)


@check(Can.PLACE)
async def a_page_in_place_of_an_answer_is_unclear(upstream: Upstream, world: World) -> None:
    """HTML is no answer."""
    await _meets(upstream, world, Trouble.HTML)


@check(Can.PLACE)
async def a_redirect_is_not_followed(upstream: Upstream, world: World) -> None:
    """It could lead anywhere, with our signature."""
    await _meets(upstream, world, Trouble.REDIRECT)


@check(Can.PLACE)
async def an_empty_answer_is_unclear(upstream: Upstream, world: World) -> None:
    """Status 200 alone says nothing."""
    await _meets(upstream, world, Trouble.EMPTY)


@check(Can.PLACE)
async def half_an_answer_is_unclear(upstream: Upstream, world: World) -> None:
    """What was read of it isn't believed."""
    await _meets(upstream, world, Trouble.CUT)


@check(Can.PLACE)
async def an_answer_without_end_is_not_read(upstream: Upstream, world: World) -> None:
    """Nobody fills our memory."""
    await _meets(upstream, world, Trouble.HUGE)


@check(Can.PLACE)
async def an_answer_of_nulls_is_unclear(upstream: Upstream, world: World) -> None:
    """All its names are there, and nothing is said."""
    await _meets(upstream, world, Trouble.NULLS)


@check(Can.PLACE)
async def an_answer_of_wrong_types_is_unclear(upstream: Upstream, world: World) -> None:
    """And breaks nothing."""
    await _meets(upstream, world, Trouble.WRONG_TYPES)


CHECKS: Final = (
    an_order_without_an_answer_is_unclear,
    an_order_without_an_answer_is_found_by_asking,
    an_order_that_never_arrived_is_not_found,
    an_order_that_nobody_made_is_not_made_up,
    an_error_of_the_suppliers_is_unclear,
    a_page_in_place_of_an_answer_is_unclear,
    a_redirect_is_not_followed,
    an_empty_answer_is_unclear,
    half_an_answer_is_unclear,
    an_answer_without_end_is_not_read,
    an_answer_of_nulls_is_unclear,
    an_answer_of_wrong_types_is_unclear,
)
