"""One call to Pinduoduo's gateway: signed, sent, and its answer or error read from a closed table.

Source of the codes: the platform's error table as carried by pdd-node-sdk 404b78e.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.adapters.channels.pinduoduo_signing import sign
from kashu.channels.channel import Link
from kashu.channels.errors import (
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
)
from kashu.core.errors import OutsideError

NAME: Final = "pinduoduo"
GATEWAY: Final = "https://gw-api.pinduoduo.com"
INVALID_PARAMETER: Final = "isv.invalid-parameter:"  # a business error that stays one
WAIT_S: Final = 10  # limits are stated for 10 or 60 seconds

Params: TypeAlias = Mapping[str, str | int | bool]
Answered = TypeVar("Answered")

# What decoding raises: RecursionError for lists within lists without end.
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
BUSINESS: Final = 50001  # its sub_code decides


class BusinessRefused(ChannelRefused):
    """A parameter of the business is wrong, the platform says: it stays wrong."""


def _refused(meaning: str) -> Callable[..., OutsideError]:
    return partial(ChannelRefused, channel=NAME, meaning=meaning)


_LOST = partial(GrantLost, channel=NAME)
_APP = partial(AppRefused, channel=NAME)
_OFTEN = partial(CalledTooOften, channel=NAME, wait_s=WAIT_S)
_DOWN = partial(ChannelDown, channel=NAME)

# 50000 and the business errors "isv.<x>-service-error:…" are left out: they don't say that nothing
# was done.
TABLE: Final[Mapping[int, Callable[..., OutsideError]]] = {
    10000: _refused("参数错误 / wrong parameter"),
    10001: _APP,  # a common parameter: the time, for one
    10002: _refused("请求方法错误 / wrong HTTP method"),
    10010: _APP,
    10011: _APP,
    10013: _refused("授权码已过期，请重新授权 / the code has expired, authorize again"),
    10014: _LOST,  # the seller took the permission back
    10016: _APP,
    10019: _LOST,  # expired
    10035: _LOST,  # likewise
    20004: _APP,  # the signature
    20005: _APP,  # the address isn't on the application's white list
    20007: _refused("缺少必填参数 / a required parameter is missing"),
    20031: _APP,  # the call isn't in the application's rights
    20032: _LOST,  # the token, or client_id
    50012: _refused("此接口已下线 / this call was withdrawn"),
    52101: _OFTEN,
    52102: _DOWN,
    52103: _DOWN,
    70031: _OFTEN,
    70032: _OFTEN,
    70033: _DOWN,  # maintenance
    70034: _refused("当前用户存在风险，禁止调用 / the platform forbids calls: it sees a risk"),
}

_SAFE = re.compile(r"[^\w.:*-]", re.ASCII)


class _Failure(msgspec.Struct):
    error_code: int | str
    sub_code: int | str | None = None


async def call(
    link: Link,
    method: str,
    params: Params,
    answer: type[Answered],
    *,
    with_token: bool = True,
) -> Answered:
    """Call one method and read its answer.

    Objects and lists in `params` are JSON text already. Raises: what kashu/channels/errors.py has.
    """
    await link.http.turn(method)  # first: what is signed below grows old
    sent = {name: _text(value) for name, value in params.items()}
    sent |= {
        "type": method,
        "client_id": link.app.key,
        "timestamp": str(int(link.now().timestamp())),
        "data_type": "JSON",
        "version": "V1",
    }
    if with_token:
        assert link.grant is not None, "only authorizing does without a grant"
        sent["access_token"] = link.grant.access_token.clear
    sent = {name: value for name, value in sent.items() if value}
    sent["sign"] = sign(sent, link.app.secret)
    base_url = link.app.base_url or GATEWAY
    reply = await link.http.call(
        "POST",
        f"{base_url}/api/router",
        content=urlencode(sent).encode(),
        headers={"content-type": "application/x-www-form-urlencoded;charset=utf-8"},
    )
    if reply.status != 200:  # noqa: PLR2004  (errors of the API come with 200 too)
        raise unclear(f"HTTP {reply.status}")
    return _read(reply.body, answer)


def unclear(said: str) -> ChannelUnclear:
    """Say that an answer isn't in the table, or can't be read."""
    return ChannelUnclear(channel=NAME, said=said)


def _text(value: str | int | bool) -> str:  # noqa: FBT001  (it is a parameter's value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _read(body: bytes, answer: type[Answered]) -> Answered:
    try:
        parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except UNREADABLE as error:
        raise unclear("not JSON") from error
    if "error_response" in parts:
        raise _failure(parts["error_response"])
    named = [name for name in parts if name == "response" or name.endswith("_response")]
    if len(named) != 1:  # its name is one of a kind for each method
        raise unclear("no response")
    try:
        return msgspec.json.decode(parts[named[0]], type=answer)
    except UNREADABLE as error:
        raise unclear(f"{named[0]}: {error}") from error


def _failure(told: msgspec.Raw) -> OutsideError:
    """Find an error in the table. What isn't there may have happened."""
    try:
        failure = msgspec.json.decode(told, type=_Failure)
        code = int(failure.error_code)
    except (*UNREADABLE, ValueError):
        return unclear("error_response")
    sub_code = _SAFE.sub("", str(failure.sub_code or ""))[:60]
    said = f"{code} {sub_code}".rstrip()
    if code in TABLE:
        return TABLE[code](said=said)
    if code == BUSINESS and sub_code.startswith(INVALID_PARAMETER):
        meaning = "请求的内容不被接受 / the platform doesn't accept what was asked"
        return BusinessRefused(channel=NAME, said=said, meaning=meaning)
    return unclear(said)
