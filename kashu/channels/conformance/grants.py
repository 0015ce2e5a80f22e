"""Promises about what an adapter is, and about permission."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Final
from urllib.parse import urlsplit

from kashu.channels.channel import (
    Can,
    Channel,
    Grant,
    Link,
    Parcel,
    PushRequest,
    ShopRefund,
    ShopRefundState,
)
from kashu.channels.conformance.world import (
    NotConforming,
    World,
    check,
    expect,
    lately,
    refused,
)
from kashu.core.errors import Refused, Unclear

_BACK: Final = "https://merchant.example/back"
_STATE: Final = "Zm9vYmFyMTIz"


@check()
async def it_is_a_channel_and_says_what_it_can(channel: Channel, world: World) -> None:
    """Name, bounds and pace make sense, and what needs something else comes with it."""
    del world
    expect(isinstance(channel, Channel), "a method of the protocol is missing")
    expect(re.fullmatch(r"[a-z][a-z0-9_]{1,31}", channel.name), "its name is no simple word")
    expect(all(isinstance(each, Can) for each in channel.can), "it can what there is no word for")
    bounds = channel.bounds
    expect(timedelta() < bounds.window <= bounds.history, "its window is longer than its history")
    expect(timedelta() <= bounds.lag < bounds.window, "its lag is longer than its window")
    expect(min(channel.calls_per_s, channel.shop_calls_per_s) > 0, "it can never be called")
    expect(isinstance(channel.secret_options, frozenset), "it doesn't say which options are secret")
    for one, other in _COMES_WITH:
        expect(one not in channel.can or other in channel.can, f"{one} wants {other}")


_COMES_WITH: Final = (
    (Can.COLLECT, Can.READ_ORDER),
    (Can.SEND_CONFIRMS, Can.SEND_CARD),
    (Can.SEND_MAY_CONFIRM, Can.SEND_CARD),
    (Can.ANSWER_REFUND, Can.LIST_REFUNDS),
    (Can.CONFIRM, Can.READ_ORDER),
    (Can.SEND_CARD, Can.READ_ORDER),
)


@check()
async def what_it_lacks_is_a_mistake_to_call(channel: Channel, world: World) -> None:
    """It fails as an assertion: no answer that somebody could believe."""
    for can, call in _calls(channel, world.link).items():
        if can not in channel.can:
            await refused(call(), AssertionError, said=f"without {can}")
    if not channel.can & {Can.SEND_CARD, Can.SEND_MEMO}:
        parcel = Parcel("1", "1", ())
        await refused(channel.send(world.link, parcel), AssertionError, said="without sending")
    if Can.PUSH not in channel.can:
        request = PushRequest("POST", "/", "", {}, b"")
        try:
            channel.read_push(world.link.app, request)
        except AssertionError as error:
            if isinstance(error, NotConforming):
                raise
        else:
            raise NotConforming("without pushes it reads one")


def _calls(channel: Channel, link: Link) -> dict[Can, Callable[[], Awaitable[object]]]:
    at = link.now()
    refund = ShopRefund("1", "1", "", ShopRefundState.ASKED, 100, at)
    return {
        Can.REFRESH: lambda: channel.refresh(link),
        Can.LIST_LISTINGS: lambda: channel.listings(link),
        Can.PUBLISH_STOCK: lambda: channel.publish_stock(link, []),
        Can.PUBLISH_PRICE: lambda: channel.publish_price(link, "1", "", 100),
        Can.CONFIRM: lambda: channel.confirm(link, "1", []),
        Can.ANSWER_REFUND: lambda: channel.answer_refund(link, refund, agree=True),
    }


@check(Can.AUTHORIZE)
async def the_seller_comes_back_with_what_we_sent_along(channel: Channel, world: World) -> None:
    """The address where the seller permits us carries our state, and never the secret.

    Where it leads back to may be in it, or fixed in the platform's console.
    """
    app = world.link.app
    url = channel.authorize_url(app, redirect=_BACK, state=_STATE)
    expect(urlsplit(url).scheme in {"http", "https"}, "it is no address")
    expect(_STATE in url, "our state is lost")
    expect(app.secret.clear not in url, "it tells the secret")


@check(Can.AUTHORIZE, Can.COLLECT)
async def a_code_becomes_a_grant_that_works(channel: Channel, world: World) -> None:
    """The grant names the shop, tells in UTC until when it holds, and lets us in."""
    code = await world.permit()
    asking = replace(world.link, grant=None)
    grant = await channel.authorize(asking, code=code, redirect=_BACK)
    _expect_grant(world.link, grant)
    await channel.orders(replace(asking, grant=grant), lately(world))


@check(Can.REFRESH, Can.COLLECT)
async def a_refreshed_grant_works_and_is_of_the_same_shop(channel: Channel, world: World) -> None:
    """Shortly before the old one ends, which is when some platforms begin to allow it."""
    code = await world.permit()
    asking = replace(world.link, grant=None)
    first = await channel.authorize(asking, code=code, redirect=_BACK)
    if first.expires_at is not None:
        left = first.expires_at - world.link.now()
        await world.pass_time(max(left - timedelta(hours=1), timedelta()))
    grant = await channel.refresh(replace(asking, grant=first))
    _expect_grant(world.link, grant)
    await channel.orders(replace(asking, grant=grant), lately(world))


def _expect_grant(link: Link, grant: Grant) -> None:
    expect(link.grant is not None and grant.shop_id == link.grant.shop_id, "of another shop")
    expect(grant.access_token.clear, "there is no token")
    for until in (grant.expires_at, grant.refreshable_until):
        expect(until is None or until.utcoffset() == timedelta(), "its end isn't told in UTC")
        expect(until is None or until > link.now().astimezone(UTC), "it has ended already")
    expect(grant.access_token.clear not in repr(grant), "its repr tells the token")


@check(Can.AUTHORIZE)
async def a_code_that_nobody_gave_opens_no_other_shop(channel: Channel, world: World) -> None:
    """It gives no grant; only an application that is its shop's own may open that one anyway."""
    asking = replace(world.link, grant=None)
    try:
        grant = await channel.authorize(asking, code="nobodys-code", redirect=_BACK)
    except (Refused, Unclear):
        return
    _expect_grant(world.link, grant)


CHECKS: Final = (
    it_is_a_channel_and_says_what_it_can,
    what_it_lacks_is_a_mistake_to_call,
    the_seller_comes_back_with_what_we_sent_along,
    a_code_becomes_a_grant_that_works,
    a_refreshed_grant_works_and_is_of_the_same_shop,
    a_code_that_nobody_gave_opens_no_other_shop,
)
