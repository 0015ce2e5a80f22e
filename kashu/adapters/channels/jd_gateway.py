"""Calls of JD's JOS gateway: how they are written, and what its answers mean.

The table of codes is closed: what isn't in it is unclear. Source of the codes: those that a
production ERP handles (2, 5, 12, 15, 19, 21, 24, 33, 65, 11100006), and a published copy of JD's
own table (2, 4, 5, 7, 8, 11, 12, 14, 15, 18, 19, 20, 21, 24; read 2026-11-22).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from kashu.adapters.channels.jd_signing import gateway_sign
from kashu.channels.channel import App, Link
from kashu.channels.errors import (
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
)
from kashu.core.clock import SHANGHAI
from kashu.core.money import AMOUNT_MAX_E4, E4

NAME: Final = "jd"
GATEWAY: Final = "https://api.jd.com"
BEIJING: Final = ZoneInfo(SHANGHAI)
FORM: Final = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}

APP_REFUSED: Final = frozenset({"4", "5", "7", "8", "11", "12", "14", "15", "18", "20", "21", "24"})
GRANT_LOST: Final = frozenset({"19", "11100006"})
CALLED_TOO_OFTEN: Final = frozenset({"2"})
WAIT_S: Final = 60  # JD names none; failing calls count on while we insist
TOO_SLOW: Final = frozenset({"33", "65"})  # its own server took too long: nobody knows
RULE_OF_BUSINESS: Final = frozenset({"10500001"})

_SUCCESS: Final = 200
_DIGITS: Final = 20  # more are no amount, and would be rounded
_CODE_MAX: Final = 20  # of a code that is repeated to a reader

Answer = TypeVar("Answer")
Number = str | int  # JD writes numbers as text in one place and as numbers in another


class _Error(msgspec.Struct):
    code: Number | None = None


async def call(
    link: Link, method: str, business: Mapping[str, object], answer: type[Answer], *, acts: bool
) -> Answer:
    """Call one method and read its answer as `answer`.

    `acts`: it changes something, so that a server that took too long leaves us in doubt.
    Raises: AppRefused, GrantLost, CalledTooOften, ChannelRefused, ChannelDown, ChannelUnclear, and
    those of Http.
    """
    assert link.grant is not None, "a shop's calls need its grant"
    parameters = {
        "method": method,
        "app_key": link.app.key,
        "access_token": link.grant.access_token.clear,
        "timestamp": link.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        "v": "2.0",
        "360buy_param_json": msgspec.json.encode(business).decode(),
    }
    parameters["sign"] = gateway_sign(parameters, link.app.secret)
    # All of it in the body: the address of a call is written into logs on its way.
    said = await link.http.call(
        "POST", f"{gateway(link.app)}/routerjson", content=form(parameters), headers=FORM
    )
    if said.status != _SUCCESS:
        raise unclear(f"HTTP {said.status}")
    outer = decode(said.body, dict[str, msgspec.Raw])
    _refuse_errors(outer, decode(said.body, _Error), acts=acts)
    spelled = method.replace(".", "_")
    inner = outer.get(f"{spelled}_responce", outer.get(f"{spelled}_response"))  # JD's spelling
    if inner is None:
        raise unclear("no answer of this method")
    code = decode(inner, _Error).code
    if code is not None and str(code) != "0":
        raise meaning(str(code), acts=acts)
    return decode(inner, answer)


def gateway(app: App) -> str:
    """The gateway's address, or a simulator's."""
    return app.base_url or GATEWAY


def form(parameters: Mapping[str, str]) -> bytes:
    """Write a form."""
    return urlencode(parameters).encode()


def _refuse_errors(outer: Mapping[str, msgspec.Raw], top: _Error, *, acts: bool) -> None:
    """Raise what the gateway, or the service behind it, says at the top of its answer."""
    if "error_response" in outer:
        code = decode(outer["error_response"], _Error).code
        raise meaning("none" if code is None else str(code), acts=acts)
    if top.code is not None and str(top.code) != "0":
        raise meaning(str(top.code), acts=acts)


def meaning(
    code: str, *, acts: bool
) -> AppRefused | GrantLost | CalledTooOften | ChannelRefused | ChannelDown | ChannelUnclear:
    """What a code means. What JD writes beside it isn't repeated: it may hold what we sent."""
    said = code[:_CODE_MAX]
    if code in GRANT_LOST:
        return GrantLost(channel=NAME, said=said)
    if code in APP_REFUSED:
        return AppRefused(channel=NAME, said=said)
    if code in CALLED_TOO_OFTEN:
        return CalledTooOften(channel=NAME, said=said, wait_s=WAIT_S)
    if code in RULE_OF_BUSINESS:
        return ChannelRefused(channel=NAME, said=said, meaning="a rule of JD's forbids it")
    if code in TOO_SLOW and not acts:
        return ChannelDown(channel=NAME, said=said)
    return unclear(said)


def unclear(said: str) -> ChannelUnclear:
    """An answer that can't be read, or isn't in the table."""
    return ChannelUnclear(channel=NAME, said=said)


def decode(body: bytes | msgspec.Raw, kind: type[Answer]) -> Answer:
    """Read JSON, exactly. Raises: ChannelUnclear, which names no value."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unclear("its answer can't be read") from error


def is_true(said: bool | str | None) -> bool:  # noqa: FBT001  (what is read, not a switch)
    """Tell whether a success field says yes: JD writes it as a word or as a text."""
    return said is True or said == "true"


def moment(written: str) -> datetime:
    """Read a time of Beijing. Raises: ValueError."""
    told = datetime.strptime(written, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  (the zone is next)
    return told.replace(tzinfo=BEIJING).astimezone(UTC)


def spell(at: datetime) -> str:
    """Write a time as JD does."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def amount_e4(yuan: Decimal) -> int:
    """Turn yuan into ten-thousandths, exactly. Raises: ValueError."""
    if not yuan.is_finite() or len(yuan.as_tuple().digits) > _DIGITS or yuan.adjusted() > _DIGITS:
        raise ValueError("not an amount")
    scaled = yuan * E4
    if scaled != scaled.to_integral_value() or not 0 <= scaled <= AMOUNT_MAX_E4:
        raise ValueError("not an amount")
    return int(scaled)


def whole(written: Number) -> int:
    """Read a count or a time. Raises: ChannelUnclear."""
    try:
        return int(written)
    except ValueError as error:
        raise unclear("a count can't be read") from error
