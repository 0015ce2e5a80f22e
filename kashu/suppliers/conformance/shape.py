"""Promises about what an adapter is."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from kashu.suppliers.conformance.world import (
    NotConforming,
    World,
    check,
    expect,
    offered_of,
    order_of,
    refused,
)
from kashu.suppliers.upstream import Can, Link, NoticeBy, NoticeRequest, Order, Upstream


@check()
async def it_is_an_upstream_and_says_what_it_can(upstream: Upstream, world: World) -> None:
    """Name and rules make sense, and what needs something else comes with it."""
    del world
    expect(isinstance(upstream, Upstream), "a method of the protocol is missing")
    expect(re.fullmatch(r"[a-z][a-z0-9_]{1,31}", upstream.name), "its name is no simple word")
    can, rules = upstream.can, upstream.rules
    expect(all(isinstance(each, Can) for each in can), "it can what there is no word for")
    expect(rules.goods, "it sells nothing")
    expect(min(rules.ask_after, rules.settles_after) >= timedelta(), "a time of it is negative")
    expect(rules.asked_within is None or rules.asked_within > rules.ask_after, "it is never asked")
    expect(rules.calls_per_s > 0, "it can never be called")
    expect(rules.place_deadline_s > 0, "nothing can be ordered in time")
    expect(rules.most_at_once is None or rules.most_at_once > 0, "nothing can be ordered")
    expect(re.fullmatch(r"[A-Z]{3}", rules.currency), "its currency is none")
    expect(isinstance(upstream.secret_options, frozenset), "it doesn't say what is secret")
    asks = can & {Can.ASK, Can.ASK_THEIRS}
    expect(Can.PLACE not in can or asks, "what it orders can't be asked for")
    expect(Can.CANCEL not in can or asks, "whether it was cancelled can't be asked for")
    expect(Can.NOTICE_PRODUCTS not in can or Can.NOTICE in can, "product notices want notices")
    tells = rules.notice_by is not NoticeBy.NONE
    expect(tells == (Can.NOTICE in can), "whether it tells us isn't said alike")


@check()
async def what_it_lacks_is_a_mistake_to_call(upstream: Upstream, world: World) -> None:
    """It fails as an assertion: no answer that somebody could believe."""
    order = order_of(world, await offered_of(upstream, world))
    for can, call in _calls(upstream, world.link, order).items():
        if not can & upstream.can:
            await refused(call(), AssertionError, said=f"without {min(can)}")
    if Can.NOTICE not in upstream.can:
        request = NoticeRequest("POST", "/", "", {}, b"")
        try:
            upstream.read_notice(world.link.login, request, world.link.now())
        except AssertionError:
            return
        raise NotConforming("without notices it reads one")


def _calls(
    upstream: Upstream, link: Link, order: Order
) -> dict[frozenset[Can], Callable[[], Awaitable[object]]]:
    at = link.now()
    return {
        frozenset({Can.LIST_PRODUCTS}): lambda: upstream.products(link),
        frozenset({Can.READ_PRODUCT}): lambda: upstream.product(link, order.ref),
        frozenset({Can.READ_INPUTS}): lambda: upstream.inputs(link, order.ref),
        frozenset({Can.PLACE}): lambda: upstream.place(link, order),
        frozenset({Can.ASK, Can.ASK_THEIRS}): lambda: upstream.ask(link, order, "1"),
        frozenset({Can.CANCEL}): lambda: upstream.cancel(link, order, "1", ""),
        frozenset({Can.BALANCE}): lambda: upstream.balance(link),
        frozenset({Can.STATEMENT}): lambda: upstream.statement(link, at - timedelta(days=1), at),
        frozenset({Can.CHECK_ACCOUNT}): lambda: upstream.check_account(link, order.ref, "1"),
    }


CHECKS: Final = (
    it_is_an_upstream_and_says_what_it_can,
    what_it_lacks_is_a_mistake_to_call,
)
