"""Calls to Agiso's gateway, and the closed table of what its refusals mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.adapters.channels.agiso_signing import sign
from kashu.channels.channel import App, Link
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.core.errors import OutsideError, Refused

NAME: Final = "agiso"
GATEWAY: Final = "https://gw-api.agiso.com"
WAIT_S: Final = 10  # a limit doesn't say how long it lasts: our choice

PINDUODUO: Final = "pinduoduo"
TAOBAO: Final = "taobao"
JD: Final = "jd"

# Source: the table of codes in Agiso's documentation, as copied in 2025 and 2026.
GRANT_LOST: Final = frozenset({1, 8})
APP_REFUSED: Final = frozenset({4, 17, 18, 28})
TOO_OFTEN: Final = frozenset({2})
TIMED_OUT: Final = frozenset({13})
NO_ORDER: Final = frozenset({9})
BY_MEMBER: Final = frozenset({6, 7})  # partly or wholly failed: each member says why
REFUSED: Final[Mapping[int, str]] = {
    3: "业务不允许 / the business rules don't allow it",
    5: "参数有误 / a parameter is wrong",
    16: "阿奇索余额不足，请充值 / no balance at Agiso, top it up",
    20: "退款超过单笔上限 / above the limit of one refund",
    21: "退款超过上限 / above a limit of refunds",
    22: "退款超过每日总额 / above a day's limit of refunds",
}
REPEATED, RETRY, NOT_ALLOWED, NO_PERMISSION = -50, -85, -86, -90
# What the upstream platform said, not in which words: it may have happened. 24: the state that
# a call was to change didn't follow.
UPSTREAM: Final = frozenset({10, 23, 24, 26, 27, *range(30, 34), 35})

Told = TypeVar("Told")
_TRUE_OR_FALSE: Final = {b"true": True, b"false": False}
_CODE: Final = re.compile(rb"-?\d{1,6}")


class NotBridged(Refused):
    """The bridge documents no such call for this platform."""

    code = "not_bridged"
    zh = "阿奇索没有为 {platform} 提供「{what}」的接口：请直接接入该平台，或由人工处理。"
    en = (
        "Agiso offers no call for “{what}” at {platform}: connect that platform itself, or do it "
        "by hand."
    )


@dataclass(frozen=True, slots=True)
class Bridge:
    """One platform behind the bridge."""

    service: str  # in the address of calls
    site: str  # where its sellers permit
    names: frozenset[str]  # how tokens and pushes name it


BRIDGES: Final[Mapping[str, Bridge]] = {
    TAOBAO: Bridge("alds", "alds", frozenset({"TbAlds"})),
    PINDUODUO: Bridge("aldsPdd", "aldsPdd", frozenset({"PddAlds", "AldsPdd"})),
    JD: Bridge("aldsJd", "aldsJd", frozenset({"AldsJd"})),
    "youzan": Bridge("aldsYouzan", "aldsYouzan", frozenset({"AldsYouzan"})),
    "weidian": Bridge("aldsWeidian", "aldsWeidian", frozenset({"AldsWeidian"})),
}


class Nothing(msgspec.Struct):
    """An answer that says no more than that it was done."""


class _Member(msgspec.Struct):
    ErrorCode: int | None = None


class _Members(msgspec.Struct):
    ErrorInfos: list[_Member] | _Member


def platform_of(app: App) -> str:
    """Name the platform that an app is for. Raises: AppRefused where its option doesn't."""
    platform = app.options.get("platform", "")
    if platform not in BRIDGES:
        raise AppRefused(channel=NAME, said="platform")
    return platform


def bridge_of(app: App) -> Bridge:
    """Say how the platform of an app is reached. Raises: AppRefused."""
    return BRIDGES[platform_of(app)]


def site_of(app: App) -> str:
    """Where the sellers of the platform permit an app. Raises: AppRefused."""
    site = bridge_of(app).site
    return (app.base_url or f"https://{site}.agiso.com").rstrip("/")


async def call(
    link: Link,
    path: str,
    told: type[Told],
    business: Mapping[str, str],
    *,
    writes: bool = False,
    order: str = "",
) -> Told:
    """Call `path` of the platform's service and read its answer's data. Each call is billed.

    `order` is what the call is about, for the words of a refusal. Raises: errors of the table;
    ChannelUnclear for whatever isn't in it.
    """
    assert link.grant is not None, "only authorizing does without a grant"
    parameters = {**business, "timestamp": str(int(link.now().timestamp()))}
    parameters["sign"] = sign(parameters, link.app.secret)
    base_url = (link.app.base_url or GATEWAY).rstrip("/")
    answer = await link.http.call(
        "POST",
        f"{base_url}/{bridge_of(link.app).service}/{path}",
        content=urlencode(parameters).encode(),
        headers={
            "content-type": "application/x-www-form-urlencoded;charset=utf-8",
            "authorization": f"Bearer {link.grant.access_token.clear}",
            "apiversion": "1",
        },
    )
    return read(answer.status, answer.body, told, writes=writes, order=order)


def read(status: int, body: bytes, told: type[Told], *, writes: bool, order: str) -> Told:
    """Read an answer's data, or raise what it refuses."""
    if status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {status}")
    try:
        answer = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise unclear("unreadable answer") from error
    parts = {name.lower(): bytes(value) for name, value in answer.items()}  # IsSuccess, isSuccess
    good = _TRUE_OR_FALSE.get(parts.get("issuccess", b""))
    code = parts.get("error_code", b"0" if good else b"")
    if good is None or not _CODE.fullmatch(code) or (good and int(code)):
        raise unclear("neither done nor refused")
    if not good:
        raise _meaning(int(code), parts.get("data", b""), writes=writes, order=order)
    if told is Nothing:
        return told()
    try:
        return msgspec.json.decode(parts.get("data", b""), type=told)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise unclear("unreadable data") from error


def unclear(said: str) -> ChannelUnclear:
    """Make an error of an answer that can't be understood."""
    return ChannelUnclear(channel=NAME, said=said)


def _meaning(code: int, members: bytes, *, writes: bool, order: str) -> OutsideError:
    """Find a refusal in the table. What isn't there may have happened."""
    said = str(code)
    if code in GRANT_LOST:
        return GrantLost(channel=NAME, said=said)
    if code in APP_REFUSED:
        return AppRefused(channel=NAME, said=said)
    if code in TOO_OFTEN:
        return CalledTooOften(channel=NAME, said=said, wait_s=WAIT_S)
    if code in TIMED_OUT and not writes:
        return ChannelDown(channel=NAME, said=said)
    if code in BY_MEMBER:
        return _meaning_of_member(members, order)
    return _refusal_of_business(code, order)


def _refusal_of_business(code: int, order: str) -> OutsideError:
    said = str(code)
    if code in NO_ORDER and order:
        return NoSuchShopOrder(channel=NAME, order=order)
    if code in REFUSED:
        return ChannelRefused(channel=NAME, said=said, meaning=REFUSED[code])
    return unclear(said)


def _meaning_of_member(members: bytes, order: str) -> OutsideError:
    """Read why the one order of a call failed: we never ask about two at once."""
    try:
        told = msgspec.json.decode(members, type=_Members).ErrorInfos
    except (msgspec.MsgspecError, RecursionError):
        return unclear("7")
    infos = told if isinstance(told, list) else [told]
    code = infos[0].ErrorCode if len(infos) == 1 else None
    said = f"7 {code}"
    if code == REPEATED:
        return AlreadyShipped(channel=NAME, order=order)
    if code == RETRY:
        return ChannelDown(channel=NAME, said=said)
    if code == NOT_ALLOWED:
        return NotShippable(channel=NAME, order=order, said=said)
    if code == NO_PERMISSION:
        return GrantLost(channel=NAME, said=said)
    return unclear(said)
