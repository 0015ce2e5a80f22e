"""How a shop at Youzan permits us, and how long that lasts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from kashu.channels.errors import AppRefused, ChannelRefused, ChannelUnclear, GrantLost
from tests.adapters.youzan_shop import CHANNEL, SHOP_ID, Street, street


@pytest.fixture
async def shop() -> AsyncIterator[Street]:
    async with street() as opened:
        yield opened


@pytest.fixture
async def tool() -> AsyncIterator[Street]:
    """A shop whose seller permits somebody else's application."""
    async with street(own=False) as opened:
        yield opened


async def test_a_shops_own_application_needs_nobody_to_sign_in(shop: Street) -> None:
    app = shop.link.app
    back = CHANNEL.authorize_url(app, redirect="https://kashu.test/back?x=1", state="s 1")
    asked = parse_qs(urlsplit(back).query)
    assert asked == {"x": ["1"], "code": [SHOP_ID], "state": ["s 1"]}
    grant = await CHANNEL.authorize(
        replace(shop.link, grant=None), code=asked["code"][0], redirect=""
    )
    assert grant.shop_id == SHOP_ID
    assert grant.expires_at is not None
    assert timedelta(days=6) < grant.expires_at - shop.shop.now() <= timedelta(days=7)
    assert grant.refreshable_until is None  # as often as we like
    renewed = await CHANNEL.refresh(replace(shop.link, grant=grant))
    assert renewed.access_token != grant.access_token
    page = await CHANNEL.orders(replace(shop.link, grant=renewed), shop.lately())
    assert page.members == []


async def test_another_shop_than_the_options_name_is_no_grant(shop: Street) -> None:
    shop.change = lambda told: told["data"].update(authority_id="77")
    with pytest.raises(ChannelUnclear, match="another shop"):
        await CHANNEL.authorize(replace(shop.link, grant=None), code=SHOP_ID, redirect="")


async def test_a_seller_permits_a_tool_with_a_code_that_works_once(tool: Street) -> None:
    at = "https://console.test/permit?back={redirect}&s={state}"
    url = CHANNEL.authorize_url(
        replace(tool.link.app, options={"authorize_at": at}), redirect="https://k.test/b", state="?"
    )
    assert url == "https://console.test/permit?back=https%3A%2F%2Fk.test%2Fb&s=%3F"
    asking, code = replace(tool.link, grant=None), tool.platform.permit(tool.shop)
    grant = await CHANNEL.authorize(asking, code=code, redirect="https://k.test/b")
    assert grant.refreshable_until is not None
    assert grant.refreshable_until - tool.shop.now() > timedelta(days=27)
    with pytest.raises(ChannelRefused, match="1005"):
        await CHANNEL.authorize(asking, code=code, redirect="https://k.test/b")
    renewed = await CHANNEL.refresh(replace(tool.link, grant=grant))
    assert (await CHANNEL.orders(replace(tool.link, grant=renewed), tool.lately())).members == []
    with pytest.raises(AppRefused, match="1103"):  # the earlier one went with its access token
        await CHANNEL.refresh(replace(tool.link, grant=grant))


async def test_a_tool_without_a_refresh_token_must_be_permitted_again(tool: Street) -> None:
    assert tool.link.grant is not None
    with pytest.raises(GrantLost):
        await CHANNEL.refresh(
            replace(tool.link, grant=replace(tool.link.grant, refresh_token=None))
        )
    assert tool.platform.calls == []


def test_an_application_without_options_says_which_are_missing(shop: Street) -> None:
    with pytest.raises(AppRefused, match="authorize_at"):
        CHANNEL.authorize_url(shop.options().app, redirect="https://kashu.test/back", state="")
