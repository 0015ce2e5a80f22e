"""Promises about how an order stands, and about its cards."""

from typing import Final

from kashu.suppliers.conformance.world import (
    LOOKS_MAX,
    Fate,
    Offered,
    Trouble,
    World,
    asked,
    check,
    ended,
    expect,
    goods_of,
    made_of,
    offered_of,
    order_of,
    price,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Can, OrderState, Upstream

# What numbers, tables and forms spoil: zeros in front, many digits, exponents, signs, blanks.
CARDS: Final = (
    ("0000123456789012345678", "00000042"),
    ("9007199254740993", "1e5"),
    ("KX+8842/0199=37", "a&b=c%20+d"),
    ("123456789012345678901234567890", "0x1F"),
    ("ＫＸ-8842", "Pw_77.QZ-31"),
)


def _gives_cards(upstream: Upstream) -> bool:
    return goods_of(upstream) is not Goods.TOPUP


async def _cards(world: World, upstream: Upstream, cards: tuple[tuple[str, str], ...]) -> Offered:
    goods = goods_of(upstream)
    return await world.offer("会员月卡", price(world, 199_000), goods=goods, cards=cards)


@check(Can.PLACE)
async def an_order_that_succeeded_gives_its_cards(upstream: Upstream, world: World) -> None:
    """As many as were ordered, and those that are its own."""
    if not _gives_cards(upstream):
        return
    offered = await offered_of(upstream, world)
    given = set()
    for quantity in (1, 3):
        order = order_of(world, offered, quantity)
        standing = await ended(upstream, world, order)
        expect(standing.state is OrderState.SUCCEEDED, f"it is told as {standing.state}")
        made = await made_of(world, order)
        expect(standing.cards == made.cards, "its cards are others")
        expect(len(standing.cards or ()) == quantity, "there aren't as many as ordered")
        given |= set(standing.cards or ())
    expect(len(given) == 1 + 3, "one card was given twice")


@check(Can.PLACE)
async def cards_arrive_whole_and_in_order(upstream: Upstream, world: World) -> None:
    """Every character of each, and none of another's."""
    if not _gives_cards(upstream):
        return
    order = order_of(world, await _cards(world, upstream, CARDS), len(CARDS))
    standing = await ended(upstream, world, order)
    cards = standing.cards or ()
    expect(cards == (await made_of(world, order)).cards, "its cards are others")
    for card, (number, password) in zip(cards, CARDS, strict=True):
        told = f"{card.number}\n{card.password}\n{card.url}"
        expect(number in told and password in told, "a card was changed on its way")


@check(Can.PLACE)
async def fewer_cards_than_ordered_are_told_as_they_are(upstream: Upstream, world: World) -> None:
    """None is made up, and the rest isn't withheld."""
    if Fate.FEWER not in world.fates or not _gives_cards(upstream):
        return
    await world.plan(Fate.FEWER)
    order = order_of(world, await offered_of(upstream, world), 3)
    standing = await ended(upstream, world, order)
    expect(standing.state is OrderState.SUCCEEDED, f"it is told as {standing.state}")
    expect(standing.cards == (await made_of(world, order)).cards, "its cards are others")
    expect(len(standing.cards or ()) == order.quantity - 1, "it isn't told as it is")


@check(Can.PLACE)
async def a_card_that_is_given_twice_is_told_twice(upstream: Upstream, world: World) -> None:
    """An adapter decides nothing: whoever receives cards sees that one is there twice."""
    if Fate.TWICE not in world.fates or not _gives_cards(upstream):
        return
    await world.plan(Fate.TWICE)
    order = order_of(world, await offered_of(upstream, world), 3)
    standing = await ended(upstream, world, order)
    expect(standing.cards == (await made_of(world, order)).cards, "its cards are others")
    expect(len(standing.cards or ()) == order.quantity, "it isn't told as it is")


@check(Can.PLACE)
async def no_repr_tells_what_was_bought(upstream: Upstream, world: World) -> None:
    """Neither cards, nor the account that was topped up, nor our notice address."""
    cards = CARDS if _gives_cards(upstream) else ()
    order = order_of(world, await _cards(world, upstream, cards))
    standing = await ended(upstream, world, order)
    told = f"{standing!r} {order!r} {world.link!r}"
    hidden = [*CARDS[0], *order.inputs.values()]
    expect(not any(text in told for text in hidden), "it is told")
    expect(not order.notice_url or order.notice_url not in told, "our notice address is told")


@check(Can.PLACE)
async def asking_orders_nothing(upstream: Upstream, world: World) -> None:
    """However often; and each time the same is told."""
    order = order_of(world, await offered_of(upstream, world))
    first = await ended(upstream, world, order)
    money = await world.money()
    if not first.their_number and Can.ASK not in upstream.can:
        return
    for _ in range(3):
        again = await upstream.ask(world.link, order, first.their_number)
        expect(again.state is first.state, f"it is told as {again.state}")
        expect(again.cards == first.cards, "its cards are others now")
        expect(again.their_number in {"", first.their_number}, "it has another number now")
    expect(len(await world.orders()) == 1, "there are others")
    expect(await world.money() == money, "it was charged again")


@check(Can.PLACE)
async def an_order_under_way_is_told_as_under_way(upstream: Upstream, world: World) -> None:
    """Without cards; and it isn't failed however long it takes."""
    if Fate.WAIT not in world.fates:
        return
    await world.plan(Fate.WAIT)
    order = order_of(world, await offered_of(upstream, world))
    standing = await ended(upstream, world, order)
    expect(standing.state is OrderState.PROCESSING, f"it is told as {standing.state}")
    expect(standing.known, "its state isn't known")
    expect(not standing.cards, "it has cards")


@check(Can.PLACE)
async def an_order_that_failed_is_told_as_failed(upstream: Upstream, world: World) -> None:
    """Its money is back there, and it has no cards."""
    if Fate.FAIL not in world.fates:
        return
    await world.plan(Fate.FAIL)
    order = order_of(world, await offered_of(upstream, world))
    standing = await ended(upstream, world, order)
    states = {OrderState.FAILED, OrderState.REFUNDED}
    expect(standing.state in states, f"it is told as {standing.state}")
    expect(not standing.cards, "it has cards")


@check(Can.PLACE)
async def an_order_that_was_paid_back_is_told_so(upstream: Upstream, world: World) -> None:
    """With the sum, where the supplier tells it."""
    if Fate.REFUND not in world.fates:
        return
    await world.plan(Fate.REFUND)
    order = order_of(world, await offered_of(upstream, world))
    standing = await ended(upstream, world, order)
    for _ in range(LOOKS_MAX):
        if standing.state is not OrderState.SUCCEEDED:
            break
        await world.settle()
        await world.pass_time(upstream.rules.ask_after)
        standing = await upstream.ask(world.link, order, standing.their_number)
    made = await made_of(world, order)
    expect(standing.state is OrderState.REFUNDED, f"it is told as {standing.state}")
    expect(standing.refunded_e4 in {0, made.refunded_e4}, "another sum is told")


@check(Can.PLACE)
async def a_state_that_nobody_documented_is_under_way(upstream: Upstream, world: World) -> None:
    """Neither succeeded nor failed; and people are told that its word isn't known."""
    if Trouble.UNKNOWN_STATE not in world.brings:
        return
    order = order_of(world, await offered_of(upstream, world))
    placed = await upstream.place(world.link, order)
    await world.pass_time(upstream.rules.ask_after)
    await world.meet(Trouble.UNKNOWN_STATE)
    standing = await upstream.ask(world.link, order, placed.their_number)
    expect(standing.state is OrderState.PROCESSING, f"it is told as {standing.state}")
    expect(not standing.known, "its word is told as known")
    expect(standing.said, "its word isn't told")
    after = await asked(upstream, world, order, standing)
    expect(after.state is OrderState.SUCCEEDED, f"afterwards it is told as {after.state}")


@check(Can.PLACE)
async def an_account_is_topped_up(upstream: Upstream, world: World) -> None:
    """The one that was typed; no cards come of it."""
    if Goods.TOPUP not in upstream.rules.goods:
        return
    offered = await world.offer("话费充值", price(world, 300_000), goods=Goods.TOPUP)
    order = order_of(world, offered)
    standing = await ended(upstream, world, order)
    expect(standing.state is OrderState.SUCCEEDED, f"it is told as {standing.state}")
    expect(not standing.cards, "it has cards")
    expect(standing.account in {"", *order.inputs.values()}, "another account was topped up")
    expect((await made_of(world, order)).charged_e4 == order.total_max_e4, "its charge is another")


CHECKS: Final = (
    an_order_that_succeeded_gives_its_cards,
    cards_arrive_whole_and_in_order,
    fewer_cards_than_ordered_are_told_as_they_are,
    a_card_that_is_given_twice_is_told_twice,
    no_repr_tells_what_was_bought,
    asking_orders_nothing,
    an_order_under_way_is_told_as_under_way,
    an_order_that_failed_is_told_as_failed,
    an_order_that_was_paid_back_is_told_so,
    a_state_that_nobody_documented_is_under_way,
    an_account_is_topped_up,
)
