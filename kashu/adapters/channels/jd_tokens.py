"""Tokens of JD's shops: how they are asked for, and whose they are."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from kashu.adapters.channels.jd_answers import Shop, ShopAnswer, Token
from kashu.adapters.channels.jd_gateway import call, decode, meaning, unclear, whole
from kashu.channels.channel import App, Grant, Link
from kashu.core.secrets import Secret

OAUTH: Final = "https://open-oauth.jd.com"

_SUCCESS: Final = 200


def sign_in_at(app: App, *, redirect: str, state: str) -> str:
    """Say where the seller permits us to act for the shop."""
    asked = {
        "app_key": app.key,
        "response_type": "code",
        "redirect_uri": redirect,
        "state": state,
        "scope": "snsapi_base",
    }
    return f"{app.base_url or OAUTH}/oauth2/to_login?{urlencode(asked)}"


async def ask_token(link: Link, path: str, **asked: str) -> Token:
    """Ask for a token. JD documents this call with everything in its address, and no other way."""
    known = {"app_key": link.app.key, "app_secret": link.app.secret.clear}
    address = f"{link.app.base_url or OAUTH}/oauth2/{path}?{urlencode(known | asked)}"
    said = await link.http.call("GET", address)
    if said.status != _SUCCESS:
        raise unclear(f"HTTP {said.status}")
    token = decode(said.body, Token)
    if token.access_token is None:
        raise meaning("none" if token.code is None else str(token.code), acts=True)
    return token


async def shop_of(link: Link, token: Token) -> Shop:
    """Ask the gateway whose token it is."""
    asking = Link(link.app, grant_of(link, token, Shop("")), link.http, link.now)
    found = await call(asking, "jingdong.vender.shop.query", {}, ShopAnswer, acts=False)
    return found.shop


def grant_of(link: Link, token: Token, shop: Shop) -> Grant:
    """Make a grant of a token."""
    assert token.access_token is not None
    if token.expires_in is None:
        raise unclear("no expires_in")
    try:
        issued_at = link.now()
        if token.time is not None:
            issued_at = datetime.fromtimestamp(whole(token.time) / 1000, UTC)
        expires_at = issued_at + timedelta(seconds=whole(token.expires_in))
    except (OverflowError, ValueError, OSError) as error:
        raise unclear("no such time") from error
    return Grant(
        str(shop.shop_id),
        shop.shop_name,
        Secret(token.access_token),
        None if token.refresh_token is None else Secret(token.refresh_token),
        expires_at,
        refreshable_until=expires_at,  # JD renews nothing that has expired
    )
