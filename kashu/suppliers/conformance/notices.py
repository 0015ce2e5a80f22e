"""Promises about notices: authentic ones are read, all others refused."""

from dataclasses import replace
from typing import Final

from kashu.suppliers.conformance.world import (
    NotConforming,
    World,
    asked,
    check,
    expect,
    made_of,
    offered_of,
    order_of,
    told_by,
)
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Can, Notice, NoticeRequest, Order, Signal, Upstream

STATUS_OK: Final = 200


def _expect_refused(upstream: Upstream, world: World, request: NoticeRequest, said: str) -> None:
    try:
        upstream.read_notice(world.link.login, request, world.link.now())
    except NoticeNotAuthentic as error:
        expect(world.link.login.secret.clear not in told_by(error), "an error tells the secret")
    except Exception as error:
        raise NotConforming(f"{said}: it ended in {type(error).__name__}") from error
    else:
        raise NotConforming(f"{said}: it was read")


async def _noticed(upstream: Upstream, world: World) -> tuple[Order, NoticeRequest, Notice]:
    order = order_of(world, await offered_of(upstream, world))
    standing = await upstream.place(world.link, order)
    await asked(upstream, world, order, standing)
    request = await world.notice(order.number)
    notice = upstream.read_notice(world.link.login, request, world.link.now())
    return order, request, notice


@check(Can.NOTICE, Can.PLACE)
async def a_notice_says_which_order_to_ask_for(upstream: Upstream, world: World) -> None:
    """By our number or theirs, and never another's."""
    order, _, notice = await _noticed(upstream, world)
    made = await made_of(world, order)
    expect(notice.signal is Signal.ORDER, f"it is told as {notice.signal}")
    expect(notice.number or notice.their_number, "it names no order")
    expect(notice.number in {"", order.number}, "it names another order of ours")
    expect(notice.their_number in {"", made.their_number}, "it names another order of theirs")


@check(Can.NOTICE, Can.PLACE)
async def a_notice_that_was_taken_is_answered(upstream: Upstream, world: World) -> None:
    """In the supplier's words; otherwise than one that wasn't."""
    _, _, notice = await _noticed(upstream, world)
    taken, not_taken = upstream.reply(notice), upstream.reply(None)
    expect(taken.status == STATUS_OK, "it isn't answered well")
    expect(isinstance(taken.body, bytes), "its body isn't bytes")
    expect(taken != not_taken, "what wasn't taken is answered as if it were")


@check(Can.NOTICE, Can.PLACE)
async def a_notice_repeated_reads_the_same(upstream: Upstream, world: World) -> None:
    """It is kept nowhere."""
    _, request, notice = await _noticed(upstream, world)
    again = upstream.read_notice(world.link.login, request, world.link.now())
    expect(again == notice, "it reads differently")


@check(Can.NOTICE, Can.PLACE)
async def a_notice_that_is_not_the_suppliers_is_refused(upstream: Upstream, world: World) -> None:
    """Forged, altered, another account's, or too old."""
    order, _, _ = await _noticed(upstream, world)
    forged = await world.forge(order.number)
    if not forged:
        return  # what isn't signed can't be told from what is forged, and is a hint at most
    for number, request in enumerate(forged):
        _expect_refused(upstream, world, request, f"forged notice {number}")
    stranger = world.stranger.login
    genuine = await world.notice(order.number)
    try:
        upstream.read_notice(stranger, genuine, world.link.now())
    except NoticeNotAuthentic:
        return
    raise NotConforming("a notice is read with a secret that isn't its own")


@check(Can.NOTICE, Can.PLACE)
async def what_is_no_notice_is_refused(upstream: Upstream, world: World) -> None:
    """Whatever is sent to the address, it ends in the same error."""
    _, request, _ = await _noticed(upstream, world)
    for body in (b"", b"{}", b"[]", b"null", b"<html>", b"\xff\xfe\x00", b"[" * 50_000, b"a=1&a=2"):
        for headers in ({}, request.headers):
            spoilt = replace(request, body=body, headers=headers, query="")
            _expect_refused(upstream, world, spoilt, f"{body[:9]!r} as a notice")


CHECKS: Final = (
    a_notice_says_which_order_to_ask_for,
    a_notice_that_was_taken_is_answered,
    a_notice_repeated_reads_the_same,
    a_notice_that_is_not_the_suppliers_is_refused,
    what_is_no_notice_is_refused,
)
