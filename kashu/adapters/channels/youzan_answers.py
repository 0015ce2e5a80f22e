"""Calls to Youzan, and what its answers mean: three shapes of them, and a closed table of codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.channels.channel import Link
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
)
from kashu.core.errors import OutsideError

CHANNEL: Final = "youzan"
BASE_URL: Final = "https://open.youzanyun.com"
WAIT_S: Final = 3  # what Youzan advises for the first repetition after a limit

Shape = TypeVar("Shape")

_PRINTABLE = re.compile(r"-?[\w.]{1,40}", re.ASCII)

_TOO_OFTEN: Final = frozenset({"4101", "500100004", "123000042", "141500203", "102010003"})
# The shop took its permission back, the token is old, or it is none: refreshing once may help.
_GRANT_LOST: Final = frozenset({"4201", "4202", "4203", "1004", "40002", "40009", "40011"})
_APP: Final = {
    "1000": "client_id, client_secret",
    "1103": "client_id / authorization mismatch",
    "1105": "app type",
    "4001": "path",
    "4004": "body",
    "4005": "API or version",
    "4007": "content type, or this server's address isn't on the white list",
    "4009": "request",
    "4010": "request",
    "4204": "no right to this API",
}
_OF_AN_ORDER: Final[Mapping[str, type[NoSuchShopOrder | AlreadyShipped]]] = {
    "5000": NoSuchShopOrder,
    "106000003": NoSuchShopOrder,
    "102570020": AlreadyShipped,  # nothing left to ship
    "102570007": AlreadyShipped,
}
_REFUSED: Final = {
    "5000": "没有找到 (not found)",
    "106000003": "没有找到 (not found)",
    "1005": "授权码无效或已用过，请重新授权 (the code is used up: authorize again)",
    "103011024": "退款单不存在 (no such refund)",
    "123005001": "商品不存在 (no such item)",
    "123004002": "规格不存在 (no such variant)",
    "103010039": "退款单已变化，请刷新后再决定 (the refund has changed: read it again)",
    "102010002": "退款状态已变化，请刷新后再决定 (the refund has changed: read it again)",
    "123003023": "店铺开启了库存同步，请在有赞后台关闭 (stock sync is on: turn it off there)",
}
# Known, and none of them says that nothing was done: 5001 to 5003 (their system), 106000001 and
# 106100118 (their orders timed out), 102510001 (somebody is shipping it at this moment).


class _GatewayFailure(msgspec.Struct):
    err_code: int | str


class _OldFailure(msgspec.Struct):
    code: int | str


class _Answer(msgspec.Struct):
    gw_err_resp: _GatewayFailure | None = None
    error_response: _OldFailure | None = None
    response: msgspec.Raw = msgspec.Raw()
    code: int | str | None = None
    success: bool | None = None
    data: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class Api:
    """One of Youzan's calls."""

    name: str
    version: str


class Done(msgspec.Struct):
    """What a write answers; some say nothing more than that they were taken."""

    is_success: bool = True


Answered: Any = Done | bool | None


def unclear(said: str) -> ChannelUnclear:
    """Make the error for an answer that says nothing certain."""
    return ChannelUnclear(channel=CHANNEL, said=said)


async def call(
    link: Link, api: Api, body: Mapping[str, Any], shape: type[Shape], *, order: str = ""
) -> Shape:
    """Call one API for the shop of the link's grant. `order`: the one it is about, for errors.

    The token is in the query: Youzan takes it nowhere else. No error of ours tells a URL.
    """
    assert link.grant is not None, "only authorizing does without a grant"
    query = urlencode({"access_token": link.grant.access_token.clear})
    return await _post(link, f"/api/{api.name}/{api.version}?{query}", body, shape, order)


async def call_for_token(link: Link, body: Mapping[str, Any], shape: type[Shape]) -> Shape:
    """Ask for a token, as our application."""
    signed = {
        "client_id": link.app.key,
        "client_secret": link.app.secret.clear,
        **body,
    }
    return await _post(link, "/auth/token", signed, shape, "")


async def done(link: Link, api: Api, body: Mapping[str, Any], *, order: str = "") -> None:
    """Have something done there. Raises: ChannelUnclear also where it says that it didn't."""
    answer = await call(link, api, body, Answered, order=order)
    if answer is False or (isinstance(answer, Done) and not answer.is_success):
        raise unclear("is_success: false")


async def _post(
    link: Link, path: str, body: Mapping[str, Any], shape: type[Shape], order: str
) -> Shape:
    answer = await link.http.call(
        "POST",
        (link.app.base_url or BASE_URL) + path,
        content=msgspec.json.encode(body),
        headers={"content-type": "application/json"},
    )
    if answer.status != 200:  # noqa: PLR2004  (theirs is always 200, also for a failure)
        raise unclear(f"HTTP {answer.status}")
    found = _payload(answer.body, order)
    try:
        return msgspec.json.decode(found, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unclear("shape") from error


def _payload(body: bytes, order: str) -> msgspec.Raw:
    """Find what was asked for in one of the three shapes of answers."""
    try:
        told = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unclear("not JSON") from error
    if told.gw_err_resp is not None:
        raise refusal(told.gw_err_resp.err_code, order)
    if told.error_response is not None:
        raise refusal(told.error_response.code, order)
    if told.success is None and told.code is None and bytes(told.response):
        return told.response
    if told.code is not None and str(told.code) != "200":
        raise refusal(told.code, order)
    if told.success is not True or told.code is None:
        raise unclear("no success")
    return told.data if bytes(told.data) else msgspec.Raw(b"null")


def refusal(told: int | str, order: str = "") -> OutsideError:
    """Say what a code means. What isn't in the table is unclear."""
    code = str(told) if _PRINTABLE.fullmatch(str(told)) else "?"
    if order and code in _OF_AN_ORDER:
        return _OF_AN_ORDER[code](channel=CHANNEL, order=order)
    if code in _TOO_OFTEN:
        return CalledTooOften(channel=CHANNEL, said=code, wait_s=WAIT_S)
    if code in _GRANT_LOST:
        return GrantLost(channel=CHANNEL, said=code)
    if code in _APP:
        return AppRefused(channel=CHANNEL, said=f"{code}: {_APP[code]}")
    if code in _REFUSED:
        return ChannelRefused(channel=CHANNEL, said=code, meaning=_REFUSED[code])
    return unclear(code)
