"""Calls to Weidian's gateway, and the closed table of what its refusals mean.

Nothing is signed: the access token is the only credential, and it goes in the body.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.channels.channel import App, Link
from kashu.channels.errors import (
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.core.errors import OutsideError

NAME: Final = "weidian"
GATEWAY: Final = "https://api.vdian.com"
PERMITS: Final = "https://oauth.open.weidian.com"
FORM: Final = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
BEIJING: Final = timezone(timedelta(hours=8))

# Source of the codes: the error table that MaxSihong/wd-service eed0860 repeats.
GRANT_LOST: Final = frozenset({10013, 10016, 10023, 10026})
OUT_OF_ORDER: Final = frozenset({10000, 10001, 10002})
TOO_OFTEN: Final = frozenset({10004, 10005})
APP_REFUSED: Final = frozenset({10027})  # an app under test serves five shops at most
WRONG_CALL: Final = frozenset(
    {10003, *range(10006, 10010), 10011, 10012, 10014, 10015, *range(10017, 10023)}
    | {10024, 10025, 10028, 10029}
)
SHIPPING_FAILED: Final = 20016  # ask for the order before anything else
NOT_WAITING: Final = 20017  # only what waits for shipment may be shipped: perhaps it was already
NO_ORDER: Final = frozenset({20018})
NOT_SHIPPABLE: Final = frozenset({20019, 20020, 20021})
REFUSED: Final[Mapping[int, str]] = {
    **dict.fromkeys(
        WRONG_CALL, "权限、参数或应用设置有误 / rights, parameters or the app's settings"
    ),
    **dict.fromkeys((20025, 20062), "商品或规格已不存在 / the item or its variant is gone"),
    **dict.fromkeys((20032, 20055), "日期格式或范围有误 / a date's form or range"),
    **dict.fromkeys(
        (20043, 20044, 20045, 20047, 20050), "退款或物流规则不允许 / rules of refunds and carriers"
    ),
}
WAIT_S: Final = 10  # the platform names no limit: our choice

Told = TypeVar("Told")


class _Status(msgspec.Struct):
    status_code: int


class _Envelope(msgspec.Struct):
    status: _Status
    result: msgspec.Raw = msgspec.Raw(b"")


class Done(msgspec.Struct):
    """An answer that says no more than that it was done."""


def write_time(moment: datetime) -> str:
    """Write a moment as the platform does: Beijing time, whole seconds."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def read_time(written: str) -> datetime:
    """Read a moment of Beijing time as UTC. Raises: ValueError."""
    read = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    return read.astimezone(UTC)


def encode_call(method: str, version: str, token: str | None, business: Mapping[str, Any]) -> bytes:
    """Write a call as a form of two JSON texts, in UTF-8: the platform refuses escaped letters."""
    public = {"method": method, "access_token": token, "format": "json", "version": version}
    if token is None:
        del public["access_token"]
    texts = {"public": public, "param": business}
    return urlencode({name: msgspec.json.encode(text) for name, text in texts.items()}).encode()


async def call(
    link: Link,
    method: str,
    version: str,
    told: type[Told],
    business: Mapping[str, Any],
    *,
    writes: bool = False,
    order: str = "",
) -> Told:
    """Call a method and read its result.

    `order` is what the call is about, for the words of a refusal. Raises: errors of the table;
    ChannelUnclear for whatever isn't in it.
    """
    result = await call_raw(link, method, version, business, writes=writes, order=order)
    return read(result, told)


async def call_raw(
    link: Link,
    method: str,
    version: str,
    business: Mapping[str, Any],
    *,
    writes: bool = False,
    order: str = "",
    with_token: bool = True,
) -> msgspec.Raw:
    """Call a method and return its result unread; it may be empty. Raises: as `call`."""
    token = link.grant.access_token.clear if link.grant is not None and with_token else None
    assert token is not None or not with_token, "only authorizing does without a grant"
    base_url = (link.app.base_url or GATEWAY).rstrip("/")
    answer = await link.http.call(
        "POST",
        f"{base_url}/api",
        content=encode_call(method, version, token, business),
        headers=FORM,
    )
    return _result(answer.status, answer.body, writes=writes, order=order)


async def ask_for_token(link: Link, path: str, query: Mapping[str, str]) -> msgspec.Raw:
    """Ask the platform's sign-in for a token; it takes its questions in the address only."""
    url = f"{permits(link.app)}{path}?{urlencode(query)}"
    answer = await link.http.call("GET", url)
    return _result(answer.status, answer.body, writes=False, order="")


def permits(app: App) -> str:
    """Where sellers permit an app, and tokens come from."""
    return (app.base_url or PERMITS).rstrip("/")


def read(result: msgspec.Raw, told: type[Told]) -> Told:
    """Read a result. Raises: ChannelUnclear."""
    if told is Done:
        return told()
    try:
        return msgspec.json.decode(result, type=told)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise unclear("unreadable result") from error


def unclear(said: str) -> ChannelUnclear:
    """Make an error of an answer that can't be understood."""
    return ChannelUnclear(channel=NAME, said=said)


def _result(status: int, body: bytes, *, writes: bool, order: str) -> msgspec.Raw:
    if status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {status}")
    try:  # the media type isn't looked at: it may say text/html
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise unclear("unreadable answer") from error
    if envelope.status.status_code:
        raise _meaning(envelope.status.status_code, writes=writes, order=order)
    return envelope.result


def _meaning(code: int, *, writes: bool, order: str) -> OutsideError:
    """Find a refusal in the table. What isn't there may have happened."""
    said = str(code)
    if code in GRANT_LOST:
        return GrantLost(channel=NAME, said=said)
    if code in TOO_OFTEN:
        return CalledTooOften(channel=NAME, said=said, wait_s=WAIT_S)
    if code in OUT_OF_ORDER and not writes:
        # It doesn't say whether a change was made before it broke: only a question is repeated.
        return ChannelDown(channel=NAME, said=said)
    if code in APP_REFUSED:
        return AppRefused(channel=NAME, said=said)
    return _refusal_of_business(code, order)


def _refusal_of_business(code: int, order: str) -> OutsideError:
    said = str(code)
    if code in NO_ORDER and order:
        return NoSuchShopOrder(channel=NAME, order=order)
    if code in NOT_SHIPPABLE and order:
        return NotShippable(channel=NAME, order=order, said=said)
    if code in REFUSED:
        return ChannelRefused(channel=NAME, said=said, meaning=REFUSED[code])
    return unclear(said)
