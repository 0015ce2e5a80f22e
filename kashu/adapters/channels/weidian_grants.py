"""Weidian's tokens: for a service app the seller signs in, for an app of the shop's own nobody."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import msgspec

from kashu.adapters.channels.weidian_calls import NAME, ask_for_token, permits, read, unclear
from kashu.channels.channel import App, Grant, Link
from kashu.channels.errors import AppRefused
from kashu.core.errors import Invalid
from kashu.core.secrets import Secret


class MarkNotPlain(Invalid):
    """The platform gives back letters and digits only."""

    code = "mark_not_plain"
    zh = "微店授权的 state 只能由英文字母和数字组成，请换一个再试。"
    en = "The state of an authorization at Weidian is of letters and digits only. Use another one."


class _Token(msgspec.Struct):
    access_token: str
    expire_in: int | str  # seconds
    refresh_token: str | None = None
    refreshExpireTime: int | str | None = None  # noqa: N815  (milliseconds; the platform's name)
    openid: int | str | None = None  # the shop


def authorize_url(app: App, *, redirect: str, state: str) -> str:
    """Say where the seller permits us; an app of the shop's own leads straight back.

    Raises: MarkNotPlain.
    """
    if not (state.isascii() and state.isalnum()):
        raise MarkNotPlain
    if is_own(app):
        return f"{redirect}?{urlencode({'code': 'self', 'state': state})}"
    query = {"appkey": app.key, "redirect_uri": redirect, "response_type": "code", "state": state}
    return f"{permits(app)}/oauth2/authorize?{urlencode(query)}"


def is_own(app: App) -> bool:
    """Tell whether key and secret alone give a token."""
    return app.options.get("app_type") == "self"


async def grant_of_own_app(link: Link) -> Grant:
    """Get a token for the shop whose app it is. Its answer doesn't say which: an option does.

    Raises: AppRefused without that option; as any call.
    """
    shop_id = link.app.options.get("shop_id", "")
    if not shop_id:
        raise AppRefused(channel=NAME, said="shop_id")
    query = {
        "grant_type": "client_credential",
        "appkey": link.app.key,
        "secret": link.app.secret.clear,
    }
    token = read(await ask_for_token(link, "/token", query), _Token)
    return _grant(link, token, shop_id, link.app.options.get("shop_name", ""))


async def grant_for_code(link: Link, code: str) -> Grant:
    """Turn a code into a grant. It is good once, for five minutes. Raises: as any call."""
    query = {
        "appkey": link.app.key,
        "secret": link.app.secret.clear,
        "code": code,
        "grant_type": "authorization_code",
    }
    token = read(await ask_for_token(link, "/oauth2/access_token", query), _Token)
    if token.openid is None:
        raise unclear("no openid")
    return _grant(link, token, str(token.openid), link.app.options.get("shop_name", ""))


async def renewed_grant(link: Link) -> Grant:
    """Renew a grant. Raises: GrantLost when the seller must sign in again; as any call."""
    before = link.grant
    assert before is not None, "only a grant can be renewed"
    assert before.refresh_token is not None, "a service app always gets one"
    query = {
        "appkey": link.app.key,
        "refresh_token": before.refresh_token.clear,
        "grant_type": "refresh_token",
    }
    token = read(await ask_for_token(link, "/oauth2/refresh_token", query), _Token)
    return _grant(link, token, before.shop_id, before.shop_name)


def _grant(link: Link, token: _Token, shop_id: str, shop_name: str) -> Grant:
    """Make a grant; what a renewal leaves out stays as it was."""
    before = link.grant
    until = before.refreshable_until if before else None
    renewal = Secret(token.refresh_token) if token.refresh_token else None
    try:
        expires_at = link.now() + timedelta(seconds=int(token.expire_in))
        if token.refreshExpireTime:
            until = datetime.fromtimestamp(int(token.refreshExpireTime) / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise unclear("unreadable token") from error
    return Grant(
        shop_id,
        shop_name,
        Secret(token.access_token),
        renewal or (before.refresh_token if before else None),
        expires_at,
        until,
    )
