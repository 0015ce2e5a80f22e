"""Promises about answers that are of something else, or of no use: none of them ends an order."""

from dataclasses import replace
from functools import partial
from typing import Final

from kashu.core.errors import OutsideError, Refused, Unavailable, Unclear
from kashu.core.http import Answer, NotReached
from kashu.suppliers.conformance.line import SENTENCE, Line, heard_as, replayed
from kashu.suppliers.conformance.world import (
    NotConforming,
    World,
    check,
    ended,
    expect,
    goods_of,
    made_of,
    offered_of,
    order_of,
    refused,
    told_by,
)
from kashu.suppliers.errors import NoSuchPurchase, ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Can, Link, Order, OrderState, Standing, Upstream

DEPTH: Final = 200_000
STATUSES: Final = (204, 302, 403, 408, 409, 429, 502, 503)
AFTERWARDS: Final = (401, 403, 404, 429, 500, 0)  # 0: they aren't reached any more


@check(Can.PLACE)
async def what_fails_after_an_order_was_made_refuses_nothing(
    upstream: Upstream, world: World
) -> None:
    """An adapter may call again for its cards: that this fails says nothing of the order."""
    offered = await offered_of(upstream, world)
    for status in AFTERWARDS:
        order = order_of(world, offered)
        try:
            await upstream.place(_fails_afterwards(world, order, status), order)
        except Unclear:
            pass
        except Exception as error:
            raise NotConforming(f"{status} after: {type(error).__name__}") from error
        await made_of(world, order)


def _fails_afterwards(world: World, order: Order, status: int) -> Link:
    """A link on which all goes well until the order is there, and nothing does from then on."""

    async def reach() -> Answer | None:
        if all(made.number != order.number for made in await world.orders()):
            return None
        if not status:
            raise NotReached(host="gone")
        return Answer(status, {"retry-after": "5"}, SENTENCE)

    return replace(world.link, http=Line(world.link.http, reach=reach))


@check(Can.PLACE)
async def an_answer_of_another_order_is_not_taken(upstream: Upstream, world: World) -> None:
    """It is unclear, or told with the numbers that it has: whose it is shows in them."""
    if Can.ASK_THEIRS in upstream.can:
        return  # asked by their number, they tell none in the answer
    offered = await offered_of(upstream, world)
    ours, others = order_of(world, offered), order_of(world, offered)
    mine, theirs = await _both(upstream, world, ours), await _both(upstream, world, others)
    line = Line(world.link.http)
    await upstream.ask(replace(world.link, http=line), others, theirs.their_number)
    asking = replayed(world.link, line.told)
    for number in dict.fromkeys((mine.their_number, "")):
        try:
            told = await upstream.ask(asking, ours, number)
        except Unclear:
            continue
        except Exception as error:
            raise NotConforming(f"asked, another's is {type(error).__name__}") from error
        shows = told.number not in {"", ours.number} or told.their_number not in {"", number}
        expect(shows, "another's order is told as ours")
        expect(told.their_number in {"", theirs.their_number}, "it is told with a third number")


async def _both(upstream: Upstream, world: World, order: Order) -> Standing:
    standing = await ended(upstream, world, order)
    expect(standing.state is OrderState.SUCCEEDED, f"it is told as {standing.state}")
    return standing


@check(Can.READ_PRODUCT)
async def an_answer_of_another_product_is_not_taken(upstream: Upstream, world: World) -> None:
    """Its price isn't that of the one that was asked for."""
    goods = goods_of(upstream)
    first = await offered_of(upstream, world)
    other = await world.offer("会员年卡", first.unit_cost_e4 + 100 * world.step_e4, goods=goods)
    line = Line(world.link.http)
    await upstream.product(replace(world.link, http=line), other.ref)
    try:
        told = await upstream.product(replayed(world.link, line.told), first.ref)
    except (Unclear, ProductGone):
        return
    same = told.ref == first.ref and told.unit_cost_e4 == first.unit_cost_e4
    expect(told.ref == other.ref or same, "another's price is told")


@check(Can.PLACE)
async def a_status_that_is_no_success_is_none(upstream: Upstream, world: World) -> None:
    """Whatever the body beside it says."""
    offered = await offered_of(upstream, world)
    for status in STATUSES:
        order = order_of(world, offered)
        link = heard_as(world.link, partial(_with_status, status))
        error = await refused(upstream.place(link, order), OutsideError, said=f"HTTP {status}")
        made = any(each.number == order.number for each in await world.orders())
        expect(not made or isinstance(error, Unclear), f"HTTP {status}: it was made, and refused")
        known = order_of(world, offered)
        standing = await upstream.place(world.link, known)
        await world.pass_time(upstream.rules.ask_after)
        asking = upstream.ask(link, known, standing.their_number)
        error = await refused(asking, OutsideError, said=f"asked, HTTP {status}")
        expect(not isinstance(error, NoSuchPurchase), f"HTTP {status}: it is told as not there")


@check(Can.PLACE)
async def an_answer_too_deep_is_unclear(upstream: Upstream, world: World) -> None:
    """What is nested without end breaks nothing, wherever it stands."""
    deep = b"[" * DEPTH

    def hear(answer: Answer) -> Answer:
        body = answer.body.rstrip()
        inside = b'{"deep":' + deep + b"," + body[1:] if body.startswith(b"{") else deep
        return replace(answer, body=inside)

    link, order = heard_as(world.link, hear), order_of(world, await offered_of(upstream, world))
    errors = (Unclear, Unavailable)
    await refused(upstream.place(link, order), *errors, said="place, too deep")
    sent = order_of(world, await offered_of(upstream, world))
    standing = await upstream.place(world.link, sent)
    await world.pass_time(upstream.rules.ask_after)
    asking = upstream.ask(link, sent, standing.their_number)
    await refused(asking, *errors, said="ask, too deep")
    if Can.LIST_PRODUCTS in upstream.can:
        await refused(upstream.products(link), *errors, said="products, too deep")
    if Can.BALANCE in upstream.can:
        await refused(upstream.balance(link), *errors, said="balance, too deep")


@check(Can.PLACE)
async def what_cannot_be_read_is_not_kept(upstream: Upstream, world: World) -> None:
    """An answer that breaks off in its cards, or isn't UTF-8: its error tells none of them."""
    if goods_of(upstream) is Goods.TOPUP:
        return
    order = order_of(world, await offered_of(upstream, world))
    standing = await ended(upstream, world, order)
    cards = (await made_of(world, order)).cards
    hidden = [text for card in cards for text in (card.number, card.password, card.url) if text]
    broken = (
        lambda answer: replace(answer, body=answer.body[:-2]),
        lambda answer: replace(answer, body=_with(answer.body, hidden, b"\xff")),
        lambda answer: replace(answer, body=_with(answer.body, hidden, b'",{')),
    )
    for hear in broken:
        try:
            await upstream.ask(heard_as(world.link, hear), order, standing.their_number)
        except OutsideError as error:
            expect(not isinstance(error, Refused), f"it is told as {type(error).__name__}")
            told = told_by(error)
            expect(not any(text in told for text in hidden), "its error tells a card")


def _with_status(status: int, answer: Answer) -> Answer:
    return replace(answer, status=status)


def _with(body: bytes, texts: list[str], more: bytes) -> bytes:
    """Put something behind each of some texts."""
    for text in texts:
        body = body.replace(text.encode(), text.encode() + more)
    return body


CHECKS: Final = (
    what_fails_after_an_order_was_made_refuses_nothing,
    an_answer_of_another_order_is_not_taken,
    an_answer_of_another_product_is_not_taken,
    a_status_that_is_no_success_is_none,
    an_answer_too_deep_is_unclear,
    what_cannot_be_read_is_not_kept,
)
